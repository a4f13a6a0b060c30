"""From a question to the sentences that may answer it, best first, each with the window of clauses that answers.

Candidates come from the vectors and from BM25.  Each candidate's windows (its clauses, pairs of neighbours, the whole
sentence) are scored by a weighted sum of a few signs, and a sentence is as good as its best window.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from reportqa.embedding import Embedder
from reportqa.index import PARAGRAPH, SENTENCE, Index
from reportqa.periods import Period, agreement, period_of
from reportqa.questions import Question, holds_asked
from reportqa.text import fold

_DENSE_CANDIDATES = 160
_LEXICAL_CANDIDATES = 60

SIGNS = (
    "dense_window",
    "dense_sentence",
    "bm25_sentence",
    "words_window",
    "words_sentence",
    "words_context",
    "period",
    "asked",
    "asked_with_words",
    "length",
    "opening",
)
"""The signs that are weighed, in the order of a feature row."""

Floats = NDArray[np.float32]
_fold_cached = lru_cache(maxsize=100_000)(fold)


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence, by its number in the index, with its best window in the report's text."""

    report: int
    sentence: int
    start: int
    end: int
    score: float
    signs: Floats


@dataclass(frozen=True, slots=True)
class Candidates:
    """The windows of all candidate sentences: rows of the index's units, and their signs, (windows, signs)."""

    rows: NDArray[np.int64]
    signs: Floats


@cache
def weights() -> Floats:
    """Return the weight of each sign, as fitted by benchmarks/fit.py."""
    data = json.loads(resources.files("reportqa").joinpath("data/weights.json").read_text(encoding="utf-8"))
    return np.array([data["ranking"][name] for name in SIGNS], dtype=np.float32)


def candidates(
    question: Question, index: Index, embedder: Embedder, reports: Sequence[int] | None = None
) -> Candidates:
    """Gather the candidate sentences' windows and their signs; ``reports`` narrows to those report numbers."""
    vector = embedder.encode_query(question.text)
    lexical = index.bm25.scores(question.tokens)
    numbers = _candidate_sentences(index, vector, lexical, reports)
    ranges = [np.arange(index.first_unit[n], index.first_unit[n + 1]) for n in numbers]
    rows = np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int64)
    rows = rows[index.units[rows, 3] != PARAGRAPH]
    dense = index.matrix[rows] @ vector
    ideal = max(index.bm25.ideal(question.tokens), 1e-6)
    return Candidates(rows, _signs(question, index, rows, dense, lexical / ideal))


def search(question: Question, index: Index, embedder: Embedder, reports: Sequence[int] | None = None) -> list[Hit]:
    """Return the candidate sentences, best first, each with its best window."""
    return rank(candidates(question, index, embedder, reports), index, weights())


def rank(found: Candidates, index: Index, weight: Floats) -> list[Hit]:
    """Score every window and keep the best of each sentence."""
    scores = found.signs @ weight
    best: dict[int, int] = {}
    for at in np.argsort(-scores, kind="stable"):
        best.setdefault(int(index.units[found.rows[at], 2]), int(at))
    hits = []
    for sentence, at in best.items():
        row = index.units[found.rows[at]]
        hits.append(Hit(int(row[0]), sentence, int(row[4]), int(row[5]), float(scores[at]), found.signs[at]))
    return hits


def _candidate_sentences(
    index: Index, vector: Floats, lexical: Floats, reports: Sequence[int] | None
) -> NDArray[np.int64]:
    total = index.vectors.ntotal
    _, nearest = index.vectors.search(vector[None], min(_DENSE_CANDIDATES, total))
    near = index.units[nearest[0], 2]
    best = np.argpartition(-lexical, min(_LEXICAL_CANDIDATES, len(lexical) - 1))[:_LEXICAL_CANDIDATES]
    numbers = np.unique(np.concatenate([near[near >= 0], best[lexical[best] > 0]]))
    if reports is not None:
        numbers = numbers[np.isin(index.sentence_rows[numbers, 0], list(reports))]
    return numbers.astype(np.int64)


def _signs(question: Question, index: Index, rows: NDArray[np.int64], dense: Floats, lexical: Floats) -> Floats:
    signs = np.zeros((len(rows), len(SIGNS)), dtype=np.float32)
    units = index.units[rows]
    concept_weights = [min(index.bm25.rarity(concept.word), 6.0) for concept in question.concepts]
    asked_periods: dict[int, Period] = {}
    of_sentence: dict[int, tuple[float, float, float, float]] = {}
    sentence_dense = {int(unit[2]): float(d) for unit, d in zip(units, dense, strict=True) if unit[3] == SENTENCE}
    for at, unit in enumerate(units.tolist()):
        number, paragraph_number, sentence, grain, start, end, first, last, aim = unit
        report = index.reports[number]
        if sentence not in of_sentence:
            of_sentence[sentence] = _sentence_signs(question, index, sentence, concept_weights)
        in_sentence, in_context, length, opening = of_sentence[sentence]
        folded = _fold_cached(report.text[start:end])
        if number not in asked_periods:
            asked_periods[number] = period_of(question.folded, report.year)
        held = holds_asked(question, folded)
        words = _coverage(question, folded, concept_weights)
        signs[at] = (
            10 * (float(dense[at]) - 0.8),
            10 * (sentence_dense.get(sentence, 0.8) - 0.8),
            float(lexical[sentence]),
            words,
            in_sentence,
            in_context,
            agreement(asked_periods[number], Period(first, last, aim)),
            held,
            held * words,
            length if grain == SENTENCE else 0.0,
            opening,
        )
    return signs


def _sentence_signs(
    question: Question, index: Index, sentence: int, concept_weights: list[float]
) -> tuple[float, float, float, float]:
    row = index.sentence_rows[sentence]
    report = index.reports[int(row[0])]
    paragraph = report.paragraphs[int(row[1]) - 1]
    start, end = int(row[4]), int(row[5])
    folded = _fold_cached(report.text[start:end])
    topic = next((s.topic for s in paragraph.sentences if s.start == start), "")
    heading = paragraph.section[-1] if paragraph.section else ""
    context = folded + "\n" + _fold_cached(topic + "\n" + heading)
    return (
        _coverage(question, folded, concept_weights),
        _coverage(question, context, concept_weights),
        min(1.0, len(folded) / 100),
        0.0 if paragraph.section else 1.0,
    )


def _coverage(question: Question, folded: str, concept_weights: list[float]) -> float:
    """Return the share, 0 to 1, of the question's content words that a folded text has, by their rarity."""
    total = sum(concept_weights)
    if not total:
        return 0.0
    found = 0.0
    for concept, weight in zip(question.concepts, concept_weights, strict=True):
        found += weight * max(
            _presence(concept.word, folded), *(0.95 * _presence(word, folded) for word in concept.alternatives), 0.0
        )
    return found / total


def _presence(word: str, folded: str) -> float:
    """Return 1 where the word stands in the text, else half the share of its pairs of characters that do."""
    if word in folded:
        return 1.0
    if len(word) < 3 or word.isascii():
        return 0.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return 0.6 * sum(pair in folded for pair in pairs) / len(pairs)
