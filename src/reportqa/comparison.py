"""A claim held against the passage that it comes from: what was changed, and whether the rest is faithful."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from reportqa import sources
from reportqa.alignment import Run, Text, align, settled_gaps, without_chance
from reportqa.passages import Passage
from reportqa.periods import Period
from reportqa.text import fold
from reportqa.wording import short_names

NUMBER, WORD = "number_changed", "word_changed"
FIGURE, SWAPPED, PUT_IN, LEFT_OUT = "figure", "swapped", "put in", "left out"

SAME_TEXT = 0.85
"""From this cover on a claim is taken for a copy: every change in it counts."""
_LEAST_COPIED = 4
_MOST_STRAY = 2
"""Equal atoms of a clause that may be chance."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the claim has wrong; ``there``: where the right words stand in the report's text."""

    verdict: str
    wrong: str
    right: str
    there: tuple[int, int]
    kind: str = FIGURE
    core: str = ""
    """Of words put in or left out, those words alone."""


class Gap(NamedTuple):
    """Atoms ``first`` to ``last`` (exclusive) of the claim that stand against others of the passage."""

    first: int
    last: int
    there_first: int
    there_last: int


@dataclass
class Comparison:
    """A claim aligned to a passage, and what was found."""

    claim: Text
    passage: Passage
    runs: list[Run]
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    extra: list[tuple[int, int]] = field(default_factory=list)
    """Whole clauses of the claim that the passage does not have, as runs of atoms."""
    put_in: list[tuple[str, int]] = field(default_factory=list)
    """Words that stand only in the claim, within its clauses, and matter; with each the number of its atoms."""
    idle: int = 0
    """How many stand so and do not matter."""
    verbatim: bool = True

    @cached_property
    def _places(self) -> frozenset[str]:
        place = self.passage.report.place
        return frozenset((place, *short_names(place)))

    @cached_property
    def framed(self) -> int:
        """How many atoms before the first equal ones say where the claim comes from."""
        first = self.runs[0].first if self.runs else 0
        if not first:
            return 0
        end = sources.frame(self.claim.folded, self.claim.atoms[first].start, self._places)
        return sum(atom.end <= end for atom in self.claim.atoms[:first])

    @cached_property
    def sourced(self) -> int:
        """How many atoms behind the last equal ones say where the claim comes from."""
        last = self.runs[-1].last if self.runs else len(self.claim)
        tail = self.claim.folded[self.claim.atoms[last - 1].end :] if 0 < last < len(self.claim) else ""
        return len(self.claim) - last if tail and sources.behind(tail, self._places) else 0

    @cached_property
    def cover(self) -> float:
        """The share of the claim that the passage has word for word."""
        matched = sum(run.last - run.first for run in self.runs)
        return matched / max(1, len(self.claim) - self.framed - self.sourced)

    @property
    def is_added_to(self) -> bool:
        """Whether the claim is a copy to which words were added: but for those, the passage has nearly all of it."""
        matched = sum(run.last - run.first for run in self.runs)
        elsewhere = " ".join(fold(change.right) for change in self.changes if change.kind == SWAPPED)
        added = sum(atoms for words, atoms in self.put_in if words not in elsewhere)  # 高 of 比全省高 for 高于全省
        added += sum(last - first for first, last in self.extra)
        rest = len(self.claim) - self.framed - self.sourced - added - self.idle
        if not added or len(self.changes) - len(self.put_in) > 1:
            return False
        return matched >= max(_LEAST_COPIED, 0.3 * len(self.claim), SAME_TEXT * rest)

    @property
    def span(self) -> tuple[int, int]:
        """Where in the report's text the claim's counterpart stands."""
        text = self.passage.text
        return text.span(self.runs[0].there_first, self.runs[-1].there_last)


def aligned(claim: Text, passage: Passage) -> Comparison:
    """Align a claim to a passage; nothing is judged yet."""
    runs = without_chance(align(claim, passage.text), claim.atoms)
    return Comparison(claim, passage, _without_strays(settled_gaps(runs, claim, passage.text), claim))


def _without_strays(runs: list[Run], claim: Text) -> list[Run]:
    """Return the runs but for those of a clause that has next to nothing in common, beside one that is a copy.

    全省 of "…顺利完成，全省排名第一" stands in the passage by chance; the clause is to be judged as one put in.
    """
    clauses = claim.clauses()
    shares = [sum(max(0, min(run.last, b) - max(run.first, a)) for run in runs) for a, b in clauses]
    if not any(b - a == share >= _LEAST_COPIED for (a, b), share in zip(clauses, shares, strict=True)):
        return runs
    stray = [
        (a, b)
        for (a, b), share in zip(clauses, shares, strict=True)
        if 0 < share <= _MOST_STRAY and b - a >= 2 * share + 1
    ]
    return [run for run in runs if not any(a <= run.first and run.last <= b for a, b in stray)]


def conflict(said: Period, spoken: Period) -> bool:
    """Whether two periods, both known, are different years."""
    return said.known and spoken.known and (said.first, said.last) != (spoken.first, spoken.last)


def years(period: Period) -> str:
    """Return a period's years as they are written: 2021年, 2017—2021年."""
    return f"{period.first}年" if period.first == period.last else f"{period.first}—{period.last}年"
