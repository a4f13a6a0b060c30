"""The passages of the reports that have the most of some words, word for word: a copy of them, perhaps altered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

from reportqa.alignment import Text
from reportqa.comparison import FIGURE, SAME_TEXT, SWAPPED, Comparison, aligned
from reportqa.judgement import Judge
from reportqa.passages import Passage, Passages
from reportqa.sources import Source
from reportqa.wording import short_names

_LIKE_TEXT = 0.6
"""From this cover on words stand in the passage, if partly in other words."""


class Copies:
    """Looks for copies among the passages of some reports."""

    def __init__(self, passages: Passages) -> None:
        self._passages = passages
        self._reports = passages.index.reports
        self.places = frozenset(name for r in self._reports for name in (r.place, *short_names(r.place)))
        """The names of the reports' places, long and short."""

    def near(self, text: Text, named: Iterable[Source] = ()) -> list[Comparison]:
        """Return the passages that have the most of a claim word for word, judged; several where they are equal."""
        found = self.within(text, ())
        reports = self.named(text.folded, named)
        if reports and (own := self.within(text, reports)) and own[0].cover >= _LIKE_TEXT:
            return own
        return found

    def within(self, text: Text, reports: Sequence[int]) -> list[Comparison]:
        """Return the same of some reports, by their numbers; of all where there are none."""
        return self.best(text, self._passages.containing(text, reports))

    def best(self, text: Text, passages: Iterable[Passage]) -> list[Comparison]:
        """Return the same of some passages."""
        found = [comparison for passage in passages if (comparison := aligned(text, passage)).runs]
        if not found:
            return []
        most = max(comparison.cover for comparison in found)
        found = [comparison for comparison in found if comparison.cover >= most - 0.02]
        for comparison in found:
            Judge(comparison, self._passages).judge()
        least = min(map(_badness, found))
        return [comparison for comparison in found if _badness(comparison) == least]

    def named(self, folded: str, named: Iterable[Source]) -> list[int]:
        """Return the numbers of the reports of the place that a claim begins with, or that it is said to be from."""
        head, reports = folded[:12], self._reports
        said = {
            r.place for r in reports if r.place != "全国" and any(n in head for n in (r.place, *short_names(r.place)))
        }
        said |= {
            r.place for r in reports for s in named if s.places and s.places[-1] in (r.place, *short_names(r.place))
        }
        years = {source.year for source in named if source.year}
        if not said and not years:
            return []
        return [n for n, r in enumerate(reports) if (not said or r.place in said) and (not years or r.year in years)]


def is_like(found: Comparison | None) -> TypeGuard[Comparison]:
    """Whether a claim stands in a passage more or less word for word."""
    return found is not None and found.cover >= _LIKE_TEXT


def is_settled(found: Comparison) -> bool:
    """Whether the words alone decide: a copy, or one in which nothing was changed."""
    if found.cover >= SAME_TEXT or found.is_added_to:
        return True
    if found.extra:
        return found.cover >= _LIKE_TEXT
    if found.cover < _LIKE_TEXT or len(found.changes) > 1:
        return False
    return all(change.kind in (FIGURE, SWAPPED) for change in found.changes)


def _badness(found: Comparison) -> tuple[float, ...]:
    """Return what makes one of several passages with about as much of a claim the worse one."""
    changed = len(found.changes) + len(found.extra)
    return changed, not is_settled(found), not found.verbatim, -round(found.cover, 3)
