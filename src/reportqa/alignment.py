"""Texts as atoms, and where a claim's atoms stand in a passage: what is equal, and what stands against what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reportqa.facts import Figure, Number, figure, numbers
from reportqa.text import fold_with_offsets

_ATOM = re.compile(r"[a-z]+\d*(?:\.\d+)*|\d+(?:\.\d+)?[a-z]+\d*|[^\W_]")
_CLAUSE_MARK = re.compile("[，,；;：:。！？!?…]")
_MATCH, _NUMBER_MATCH = 2.0, 4.0
_MISMATCH, _NUMBERS_DIFFER, _NUMBER_AND_WORD = -1.6, -0.5, -4.0
_OPEN, _UNMATCHED, _SKIPPED, _CROSSED = 3.0, 0.8, 0.15, 6.0
"""What a gap costs: to open, for each atom of the claim, for each atom of the passage, and for each end of a clause of
the passage that is skipped in the middle of one of the claim's."""
_LEAST_RUN = 2
"""Equal atoms between two gaps; a lone character there is chance."""

_FURTHEST = 6
CLAUSE, ITEM = 2, 1
"""What stands before an atom: a mark that ends a clause, another mark as in a list."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A character, a Latin word or a number of a folded text; marks are left out."""

    key: str
    start: int
    end: int
    number: Number | None = None


class Text:
    """A piece of a text made ready for comparison: ``source[start:end]`` folded and cut into atoms."""

    def __init__(self, source: str, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end
        folded = fold_with_offsets(source[start:end])
        self.folded = folded.text
        self._offsets = folded.offsets
        self.atoms = _atoms(self.folded)
        self.keys = [atom.key for atom in self.atoms]

    def __len__(self) -> int:
        return len(self.atoms)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where in ``source`` the atoms ``first`` to ``last`` (exclusive) stand."""
        return self.of_folded(self.atoms[first].start, self.atoms[last - 1].end)

    def of_folded(self, start: int, end: int) -> tuple[int, int]:
        """Return where in ``source`` the folded characters ``start`` to ``end`` (exclusive) come from."""
        return self.start + self._offsets[start], self.start + self._offsets[end - 1] + 1

    def words(self, first: int, last: int) -> str:
        """Return the folded words of the atoms ``first`` to ``last`` (exclusive), with the marks among them."""
        return self.folded[self.atoms[first].start : self.atoms[last - 1].end] if first < last else ""

    @cached_property
    def breaks(self) -> list[int]:
        """What stands before each atom, and behind the last: CLAUSE, ITEM or 0."""
        between = (self.folded[one.end : other.start] for one, other in pairwise(self.atoms))
        inner = [CLAUSE if _CLAUSE_MARK.search(marks) else ITEM if "、" in marks else 0 for marks in between]
        return [CLAUSE, *inner, CLAUSE] if self.atoms else [CLAUSE]

    @cached_property
    def figures(self) -> dict[int, Figure]:
        """The figure of every atom that is a number."""
        return {at: figure(self.folded, atom.number) for at, atom in enumerate(self.atoms) if atom.number}

    @cached_property
    def figures_alike(self) -> dict[tuple[str, bool, bool], list[Figure]]:
        """The figures by their kind, in order."""
        alike: dict[tuple[str, bool, bool], list[Figure]] = {}
        for one in self.figures.values():
            alike.setdefault(one.kind, []).append(one)
        return alike

    def clauses(self) -> list[tuple[int, int]]:
        """Return the clauses as runs of atoms, (first, last exclusive)."""
        ends = [at for at, mark in enumerate(self.breaks) if mark == CLAUSE]
        return list(pairwise(ends))


def _atoms(folded: str) -> list[Atom]:
    found: list[Atom] = []
    at = 0
    for number in numbers(folded):
        found += [Atom(m[0], m.start(), m.end()) for m in _ATOM.finditer(folded, at, number.start)]
        found.append(Atom(number.key, number.start, number.end, number))
        at = number.end
    return found + [Atom(m[0], m.start(), m.end()) for m in _ATOM.finditer(folded, at)]


@dataclass(frozen=True, slots=True)
class Run:
    """Atoms ``first`` to ``last`` (exclusive) of the claim against ``there_first`` to ``there_last`` of the passage."""

    first: int
    last: int
    there_first: int
    there_last: int


def align(one: Text, other: Text) -> list[Run]:
    """Return the equal runs of the best alignment of a whole claim to some part of a passage, in order.

    Gaps cost by length, affinely; what the passage has before and behind is free.
    """
    claim, passage = one.atoms, other.atoms
    if not claim or not passage:
        return []
    keys = {key: number for number, key in enumerate(dict.fromkeys(atom.key for atom in (*claim, *passage)))}
    here = np.array([keys[atom.key] for atom in claim])
    there = np.array([keys[atom.key] for atom in passage])
    here_numeric = np.array([atom.number is not None for atom in claim])
    there_numeric = np.array([atom.number is not None for atom in passage])
    n, m = len(here), len(there)
    equal = np.where(there_numeric, _NUMBER_MATCH, _MATCH).astype(np.float32)
    against_word = np.where(there_numeric, _NUMBER_AND_WORD, _MISMATCH).astype(np.float32)
    against_number = np.where(there_numeric, _NUMBERS_DIFFER, _NUMBER_AND_WORD).astype(np.float32)
    ends = np.cumsum(np.array(other.breaks) == CLAUSE)
    plain = _SKIPPED * np.arange(m + 1)
    between = (plain, plain)
    within = (plain + _CROSSED * np.concatenate([[0], ends[:-1]]), plain + _CROSSED * ends)
    best = np.zeros(m + 1, dtype=np.float32)
    unmatched = np.full(m + 1, -np.inf, dtype=np.float32)
    steps = np.zeros((n + 1, m + 1), dtype=np.int8)
    opened = np.zeros((n + 1, m + 1), dtype=bool)
    landed = np.zeros((n + 1, m + 1), dtype=np.int32)
    for i in range(1, n + 1):
        pair = np.where(there == here[i - 1], equal, against_number if here_numeric[i - 1] else against_word)
        opened[i] = best - _OPEN >= unmatched
        unmatched = np.maximum(best - _OPEN, unmatched) - np.float32(_UNMATCHED)
        row = unmatched.copy()
        diagonal = best[:-1] + pair
        steps[i, 1:] = np.where(diagonal >= row[1:], 0, 1)
        steps[i, 0] = 1
        row[1:] = np.maximum(diagonal, row[1:])
        from_here, to_here = between if one.breaks[i] == CLAUSE else within
        reach = row + from_here
        furthest = np.maximum.accumulate(reach)
        jump = np.empty_like(row)
        jump[0] = -np.inf
        jump[1:] = furthest[:-1] - to_here[1:] - _OPEN
        better = jump > row
        if better.any():
            new = reach >= np.concatenate([[-np.inf], furthest[:-1]])
            landed[i] = np.maximum.accumulate(np.where(new, np.arange(m + 1), 0))
            steps[i][better] = 2
            row = np.maximum(row, jump)
        best = row
    return _runs(steps, opened, landed, here, there, int(best.argmax()))


def _runs(
    steps: NDArray[np.int8],
    opened: NDArray[np.bool_],
    landed: NDArray[np.int32],
    here: NDArray[np.int_],
    there: NDArray[np.int_],
    j: int,
) -> list[Run]:
    """Walk back through an alignment's steps and return its equal runs."""
    i = len(here)
    pairs = []
    while i > 0:
        step = steps[i, j]
        if step == 2:
            j = int(landed[i, j - 1])
        elif step == 1:
            while not opened[i, j]:
                i -= 1
            i -= 1
        else:
            i, j = i - 1, j - 1
            if here[i] == there[j]:
                pairs.append((i, j))
    runs: list[Run] = []
    for a, b in reversed(pairs):
        if runs and (runs[-1].last, runs[-1].there_last) == (a, b):
            runs[-1] = Run(runs[-1].first, a + 1, runs[-1].there_first, b + 1)
        else:
            runs.append(Run(a, a + 1, b, b + 1))
    return runs


def settled_gaps(runs: Sequence[Run], claim: Text, passage: Text) -> list[Run]:
    """Return the runs with every gap in one text alone moved, where it may stand in several places, to begin at a mark.

    Of "10家、乙2家" against "10家" the alignment may leave out 家、乙2 as well as 、乙2家.
    """
    moved = list(runs)
    for number in range(len(moved) - 1):
        one, other = moved[number], moved[number + 1]
        skipped, put_in = other.there_first - one.there_last, other.first - one.last
        if bool(skipped) == bool(put_in):
            continue
        text = passage if skipped else claim
        first, last = (one.there_last, other.there_first) if skipped else (one.last, other.first)
        for step in range(-_FURTHEST, _FURTHEST + 1):
            if (
                _may_move(text, first, last, step, one, other)
                and text.breaks[first + step]
                and text.breaks[last + step]
            ):
                moved[number] = Run(one.first, one.last + step, one.there_first, one.there_last + step)
                moved[number + 1] = Run(other.first + step, other.last, other.there_first + step, other.there_last)
                break
    return moved


def _may_move(text: Text, first: int, last: int, step: int, one: Run, other: Run) -> bool:
    """Whether a gap of one text may as well stand ``step`` atoms further on."""
    if step > 0:
        return step < other.last - other.first and text.keys[first : first + step] == text.keys[last : last + step]
    return -step < one.last - one.first and text.keys[first + step : first] == text.keys[last + step : last]


def without_chance(runs: Sequence[Run], claim: Sequence[Atom]) -> list[Run]:
    """Return the runs but for lone characters that stand between two gaps of both texts."""
    kept: list[Run] = []
    for number, run in enumerate(runs):
        lone = run.last - run.first < _LEAST_RUN and claim[run.first].number is None
        before = (kept[-1].last, kept[-1].there_last) if kept else (0, -1)
        after = (runs[number + 1].first, runs[number + 1].there_first) if number + 1 < len(runs) else (len(claim), -1)
        apart = run.first != before[0] and run.last != after[0]
        there_apart = run.there_first != before[1] and run.there_last != after[1]
        if not (lone and apart and there_apart):
            kept.append(run)
    return kept
