"""Vectors that are put together from others instead of being embedded: half of what an index holds.

Two neighbouring clauses are nearly the mean of both with a little of their sentence (cosine 0.99 to the embedded one), a
paragraph is nearly the mean of its sentences (0.97).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reportqa.index import PARAGRAPH, SENTENCE, WINDOW

_OF_SENTENCE = 0.25
"""The share of the sentence in the vector of two of its clauses."""
_LENGTH = 0.996
"""Of a composed vector: where a composed and an embedded one are equally near, the embedded one is preferred."""

_AT_ONCE = 50_000
"""Vectors, so that those of a great shelf are not all held twice."""

Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


class Composed(NamedTuple):
    """Rows of units whose vectors are composed."""

    pairs: Rows
    """(pairs, 4): the row of a window of two clauses, those of its clauses, and that of its sentence."""
    paragraphs: Rows
    """The rows of paragraphs of several sentences."""
    sentences: Rows
    """(sentences of such paragraphs, 2): a place in ``paragraphs``, and the row of a sentence."""

    @property
    def rows(self) -> Rows:
        """All rows that are composed."""
        return np.concatenate([self.pairs[:, 0], self.paragraphs])


def composed(units: Ints) -> Composed:
    """Return which of the units, rows of units.npy, are put together from which others."""
    pairs: list[tuple[int, int, int, int]] = []
    paragraphs: list[int] = []
    sentences: list[tuple[int, int]] = []
    owner = (-1, -1)
    sentence = 0
    windows: list[tuple[int, int, int]] = []
    for row, (report, paragraph, _, grain, start, end, *_) in enumerate(units.tolist()):
        if grain != WINDOW:
            pairs += _pairs(windows, sentence)
            windows = []
        if grain == PARAGRAPH:
            owner = (report, paragraph)
            paragraphs.append(row)
        elif grain == SENTENCE:
            sentence = row
            if owner == (report, paragraph):
                sentences.append((len(paragraphs) - 1, row))
        else:
            windows.append((start, end, row))
    pairs += _pairs(windows, sentence)
    return Composed(
        np.array(pairs, dtype=np.int64).reshape(-1, 4),
        np.array(paragraphs, dtype=np.int64),
        np.array(sentences, dtype=np.int64).reshape(-1, 2),
    )


def _pairs(windows: list[tuple[int, int, int]], sentence: int) -> list[tuple[int, int, int, int]]:
    """Return the windows, (start, end, row), that consist of two others."""
    first_at: dict[int, tuple[int, int, int]] = {}
    last_at: dict[int, tuple[int, int, int]] = {}
    for window in sorted(windows, key=lambda window: window[1] - window[0]):
        first_at.setdefault(window[0], window)
        last_at.setdefault(window[1], window)
    return [
        (row, first_at[start][2], last_at[end][2], sentence)
        for start, end, row in windows
        if first_at[start][1] <= last_at[end][0]
    ]


def compose(vectors: Floats, units: Ints, plan: Composed) -> None:
    """Fill in the composed rows of ``vectors``, (units, dimension), from the embedded ones."""
    lengths = (units[:, 5] - units[:, 4]).astype(np.float32)[:, None]
    for start in range(0, len(plan.pairs), _AT_ONCE):
        pair, first, last, sentence = plan.pairs[start : start + _AT_ONCE].T
        clauses = lengths[first] * vectors[first] + lengths[last] * vectors[last]
        clauses /= lengths[first] + lengths[last]
        vectors[pair] = _LENGTH * _normalised((1 - _OF_SENTENCE) * clauses + _OF_SENTENCE * vectors[sentence])
    if len(plan.paragraphs):
        sums = np.zeros((len(plan.paragraphs), vectors.shape[1]), dtype=np.float32)
        place, row = plan.sentences.T
        for start in range(0, len(row), _AT_ONCE):
            here = slice(start, start + _AT_ONCE)
            np.add.at(sums, place[here], lengths[row[here]] * vectors[row[here]])
        vectors[plan.paragraphs] = _LENGTH * _normalised(sums)


def _normalised(vectors: Floats) -> Floats:
    """Return the vectors at length 1; one of nothing stays so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
