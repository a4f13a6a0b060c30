"""A second look at the first candidates: a model that reads question and candidate together.

A reader tells how well a candidate answers and by which words.  It never writes: its words are a span of the candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reportqa.periods import TARGET, Period
from reportqa.text import fold

_CONTEXT = 16


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words of a report that may answer, and what they stand under."""

    context: str
    words: str
    likely: int = 0
    """Where in the words the program itself would mark the answer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a candidate."""

    relevance: float
    """To be compared with that of the same question's other candidates."""
    answers: float = 0.0
    """Log-odds that the candidate answers; 0 where the reader does not tell."""
    start: int = 0
    end: int = 0
    """The answer is ``candidate.words[start:end]``; 0, 0 where the reader does not tell."""


class Reader(Protocol):
    """What the assistant needs of a reader."""

    name: str
    orders_only: bool
    """Whether it may change the order of quotes only, and not whether a question is answered."""
    most: int
    """Candidates that it is shown."""
    longest: int
    """Characters of a candidate."""
    weight: float
    """Of its relevance, beside the score of the ranking."""

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return a reading for each candidate, or none, where it has nothing to say."""


def context_of(period: Period, heading: str, topic: str) -> str:
    """Return what a candidate stands under, as a reader is told it: its period, its topic sentence or else its heading."""
    years = ""
    if period.known:
        years = f"{period.first}年" if period.first == period.last else f"{period.first}-{period.last}年"
        years += "目标" if period.aim == TARGET else ""
    return years + " " * bool(years) + fold(topic or heading)[:_CONTEXT]
