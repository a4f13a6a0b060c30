"""A claim told in its own words, held against a sentence fact by fact: figures, directions, names, ranks, periods."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from reportqa.alignment import Text
from reportqa.comparison import NUMBER, WORD, Change, conflict, years
from reportqa.facts import MEASURES, PEOPLE, Figure
from reportqa.passages import Passage, Passages
from reportqa.periods import period_of
from reportqa.text import fold
from reportqa.wording import (
    LEVELS,
    RANKS,
    SCOPES,
    direction_word,
    directions,
    is_function,
    names,
    own_words,
    said_periods,
    short_names,
    stands_for,
    way,
)

_CLAUSE = re.compile("[,;:。!?]")
_LIST = re.compile("[,;:。!?、]")
_BY_LABEL = 0.34
"""By how much more another figure's label must be like the claim's, for the two to count as exchanged."""
_LIKE = 0.3
_ROUNDED = Fraction(3, 100)
_LARGEST_IDLE = 10
_SAME_RANK = {"榜首": "首位", "第一": "首位", "第1": "首位"}


class Facts:
    """Compares a claim with a sentence that seems to say the same in other words."""

    def __init__(self, claim: Text, passage: Passage, start: int, end: int, passages: Passages) -> None:
        self.claim = claim
        self.passage = passage
        self.report = passage.report
        self.there = Text(passage.report.text, start, end)
        self.passages = passages

    def changes(self) -> list[Change]:
        """Return what the claim states otherwise than the sentence; empty for a faithful one."""
        found = [*self._figures(), *self._periods()]
        found += [change for change in self._categories() if not any(change.wrong in other.wrong for other in found)]
        return found + [change for change in self._names() if not any(change.wrong in other.wrong for other in found)]

    def _change(self, verdict: str, wrong: tuple[int, int], right: tuple[int, int] | None) -> Change:
        first, last = self.claim.of_folded(*wrong)
        where = (self.there.start, self.there.end) if right is None else self.there.of_folded(*right)
        return Change(verdict, self.claim.source[first:last], self.there.source[slice(*where)] if right else "", where)

    # Figures.

    def _figures(self) -> Iterator[Change]:
        periods = said_periods(self.claim.folded)
        theirs = list(self.there.figures.values())
        for mine in self.claim.figures.values():
            in_period = any(a <= mine.number.start and mine.number.end <= b for a, b in periods)
            year = mine.unit in ("年", "") and 1900 <= mine.number.value <= 2100
            if mine.number.idle or (in_period and (year or mine.number.chinese)):
                continue
            label = _characters(self.passages.in_their_words(_label_words(self.claim, mine)))
            likeness = {id(other): _overlap(label, _label(self.there, other)) for other in theirs}
            same = [other for other in theirs if _agree(mine, other)]
            rivals = [f for f in theirs if not _agree(mine, f) and _comparable(mine, f) and (f.unit or not _small(f))]
            best = max(same, key=lambda other: likeness[id(other)], default=None)
            rival = max(rivals, key=lambda other: likeness[id(other)], default=None)
            if best is None:
                yield from self._unmatched(mine, rival, likeness[id(rival)] if rival else 0.0)
            elif crossed := self._crossed(mine, best, label):
                yield self._change(NUMBER, (mine.start, mine.end), (crossed.start, crossed.end))
            elif rival and likeness[id(rival)] >= max(2 * _LIKE, likeness[id(best)] + _BY_LABEL):
                yield self._change(NUMBER, (mine.start, mine.end), (rival.start, rival.end))
            else:
                yield from self._direction(mine, best)

    def _crossed(self, mine: Figure, best: Figure, label: frozenset[str]) -> Figure | None:
        """Return the figure that stands in the sentence where ``mine`` stands in the claim, if two are exchanged.

        Figures may change places only together with the words that say what they are of.
        """
        if _overlap(label, _label(self.there, best)) >= _LIKE:
            return None
        for other in self.claim.figures.values():
            for there in self.there.figures.values():
                exchanged = (other.start < mine.start) != (there.start < best.start)
                if exchanged and there is not best and other.alike(mine) and there.alike(best) and _agree(other, there):
                    return there
        return None

    def _unmatched(self, mine: Figure, rival: Figure | None, likeness: float) -> Iterator[Change]:
        """A figure that the sentence does not have: another one in its place, one of its paragraph, or none."""
        small = _small(mine)
        if small and (rival is None or likeness < _LIKE or mine.unit != rival.unit):
            return
        label, text = _label(self.claim, mine), self.passage.text
        beside = [other for other in text.figures.values() if _agree(mine, other)]
        if any(_overlap(label, _label(text, other)) >= 2 * _LIKE for other in beside):
            return
        near = next((o for o in self.there.figures.values() if o.number.value == mine.number.value), None)
        counterpart = near or rival
        yield self._change(
            NUMBER, (mine.start, mine.end), (counterpart.start, counterpart.end) if counterpart else None
        )

    def _direction(self, mine: Figure, other: Figure) -> Iterator[Change]:
        here, there = self._lead(self.claim, mine), self._lead(self.there, other)
        word, its = direction_word(here), direction_word(there)
        if (
            word
            and not its
            and way(word[0]) < 0
            and word[0][0] not in there
            and -1 not in directions(self.there.folded)
        ):
            first = mine.start - len(here) + word.start()
            yield self._change(WORD, (first, first + len(word[0])), (max(0, other.start - 2), other.start))
        if word and its and way(word[0]) != way(its[0]):
            first = mine.start - len(here) + word.start()
            second = other.start - len(there) + its.start()
            yield self._change(WORD, (first, first + len(word[0])), (second, second + len(its[0])))

    @staticmethod
    def _lead(text: Text, figure: Figure) -> str:
        """Return the words of its clause before a figure."""
        before = text.folded[: figure.start]
        return before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :]

    # Directions, scopes, levels, ranks.

    def _region(self) -> tuple[int, int]:
        """Return the folded clauses of the sentence that have to do with the claim."""
        wanted = _characters(self.claim.folded)
        ends = [0, *(m.end() for m in _CLAUSE.finditer(self.there.folded)), len(self.there.folded)]
        spans = [(a, b) for a, b in pairwise(ends) if a < b]
        shares = [len(wanted & _characters(self.there.folded[a:b])) for a, b in spans]
        if not spans:
            return 0, len(self.there.folded)
        inside = [span for span, share in zip(spans, shares, strict=True) if share >= 0.6 * max(shares)]
        return inside[0][0], inside[-1][1]

    def _categories(self) -> Iterator[Change]:
        start, end = self._region()
        region = self.there.folded[start:end]
        own = own_words(self.report.place)
        for pattern in (SCOPES, LEVELS, RANKS):
            mine = [m for m in pattern.finditer(self.claim.folded) if m[0] not in own]
            theirs = [m for m in pattern.finditer(region) if m[0] not in own]
            said = {_SAME_RANK.get(m[0], m[0]) for m in mine}
            written = {_SAME_RANK.get(m[0], m[0]) for m in pattern.finditer(self.there.folded)}
            if mine and theirs and not said & written:
                yield self._change(WORD, mine[0].span(), (start + theirs[0].start(), start + theirs[0].end()))
        if not any(mine.number.value > _LARGEST_IDLE or mine.number.percent for mine in self.claim.figures.values()):
            here, there = directions(self.claim.folded), directions(region)
            if len(here) == 1 and len(there) == 1 and here != there:
                word, its = direction_word(self.claim.folded), direction_word(region)
                if word and its:
                    yield self._change(WORD, word.span(), (start + its.start(), start + its.end()))

    # Names and periods.

    def _names(self) -> Iterator[Change]:
        report = self.report
        own = own_words(report.place) | short_names(report.place)
        known = "".join((self.passage.text.folded, *map(fold, self.passage.paragraph.section), fold(report.title)))
        known += fold(report.speaker)
        claimed = self.claim.folded
        for word in sorted(own, key=len, reverse=True):
            claimed = claimed.replace(word, " " * len(word))
        for name in dict.fromkeys(names(claimed, self.passages.know)):
            stem = name[:-1] if len(name) > 2 and name[-1] in "省市县区镇乡州" else name
            at = claimed.find(name)
            if stands_for(stem, known):
                continue
            if at < 0:
                continue
            yield self._change(WORD, (at, at + len(name)), self._in_its_place(at, at + len(name)))

    def _in_its_place(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the name of the sentence that stands among the same words as the claim's name at a span."""
        around = _characters(self.claim.folded[max(0, start - 6) : start] + self.claim.folded[end : end + 6])
        best, share = None, 0
        for name in dict.fromkeys(names(self.there.folded, self.passages.know)):
            if name in self.claim.folded:
                continue
            at = self.there.folded.find(name)
            beside = self.there.folded[max(0, at - 6) : at] + self.there.folded[at + len(name) : at + len(name) + 6]
            if len(around & _characters(beside)) > share:
                best, share = (at, at + len(name)), len(around & _characters(beside))
        return best

    def _periods(self) -> Iterator[Change]:
        start, _ = self._region()
        spoken = self.passages.period(self.passage, self.there.of_folded(start, start + 1)[0])
        for first, last in said_periods(self.claim.folded):
            words = self.claim.folded[first:last]
            if words in self.there.folded:
                continue
            said = period_of(words, self.report.year)
            if conflict(said, spoken):
                yield self._of_period(first, last, years(spoken))

    def _of_period(self, first: int, last: int, spoken: str) -> Change:
        """Return the change of a period: to the year or the number of years that the sentence gives, or what it speaks of."""
        wrong = self.claim.source[slice(*self.claim.of_folded(first, last))]
        mine = next((f for f in self.claim.figures.values() if first <= f.number.start < last), None)
        for other in self.there.figures.values():
            if mine and other.unit == "年" and other.is_year == mine.is_year:
                start, end = self.there.of_folded(other.start, other.end)
                return Change(NUMBER, wrong, self.there.source[start:end], (start, end))
        return Change(NUMBER, wrong, spoken, (self.there.start, self.there.end))


def _label_words(text: Text, figure: Figure) -> str:
    """Return the words that say what a figure is of: those of its clause between its neighbours of the same kind."""
    alike = text.figures_alike[figure.kind]
    at = bisect_left(alike, figure.start, key=lambda other: other.start)
    first = next((alike[n].end for n in range(at - 1, -1, -1) if alike[n].end <= figure.start), 0)
    following = (alike[n].start for n in range(at, len(alike)) if alike[n].start >= figure.end)
    last = next(following, len(text.folded))
    before = _LIST.split(text.folded[first : figure.start])[-1]
    after = _LIST.split(text.folded[figure.end : last])[0]
    return f"{before} {after}"


def _label(text: Text, figure: Figure) -> frozenset[str]:
    """Return the characters of a figure's label."""
    return _characters(_label_words(text, figure))


def _small(figure: Figure) -> bool:
    """Whether a figure is a small number in Chinese numerals that may count nothing of the report's: 这两块牌子."""
    small = figure.number.chinese and figure.number.value <= _LARGEST_IDLE and not figure.number.percent
    return small and figure.unit not in MEASURES


def _of_name(figure: Figure) -> bool:
    """Whether a figure is the length of something's name: 三年行动."""
    return figure.unit == "年" and figure.number.chinese and figure.number.value <= _LARGEST_IDLE


def _characters(words: str) -> frozenset[str]:
    return frozenset(c for c in words if c.isalpha() and not is_function(c))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _comparable(one: Figure, other: Figure) -> bool:
    """Whether two figures count the same kind of thing."""
    if one.number.percent != other.number.percent:
        return False
    if one.unit == other.unit and one.ordinal == other.ordinal:
        return True
    if one.ordinal or other.ordinal:
        return all(figure.ordinal or figure.unit not in MEASURES for figure in (one, other))
    if not one.unit or not other.unit:
        return True
    if one.unit in PEOPLE or other.unit in PEOPLE:
        return one.unit in PEOPLE and other.unit in PEOPLE
    return one.unit not in MEASURES and other.unit not in MEASURES


def _agree(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same, the claim's perhaps rounded."""
    if not _comparable(one, other):
        return False
    if one.number.value == other.number.value:
        return one.bound == other.bound
    if other.bound or one.bound not in ("near", "about"):
        return False
    gap = one.number.value - other.number.value
    return abs(gap) <= _ROUNDED * abs(one.number.value) and (one.bound == "about" or gap > 0)


def agreement(claim: Text, sentence: Text, passages: Passages) -> float:
    """Return how far the figures of a claim speak for a sentence: 2 for each that stands in it, 1 for a label alike.

    A figure that stands there of something else speaks for nothing: 1700亿元 of trade is not 1700亿元 of investment.
    """
    periods = said_periods(claim.folded)
    telling = [
        figure
        for figure in claim.figures.values()
        if not (_small(figure) or figure.number.idle or _of_name(figure))
        and not any(a <= figure.number.start < b for a, b in periods)
    ]
    theirs = list(sentence.figures.values())
    total = 0.0
    for mine in telling:
        label = passages.in_their_words(_label_words(claim, mine))
        comparable = [other for other in theirs if _comparable(mine, other)]
        said = (_overlap(_characters(label), _label(sentence, other)) for other in comparable if _same(mine, other))
        alike = (_pairs_in_common(label, _label_words(sentence, other)) for other in comparable)
        total += 2 if max(said, default=0.0) >= _LIKE else max(alike, default=0.0) >= 0.5
    return total / max(1, len(telling))


def _same(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same of things counted alike: 8条 is not 8座."""
    return _agree(one, other) and (one.unit == other.unit or not (one.unit and other.unit) or one.unit in PEOPLE)


def _pairs_in_common(one: str, other: str) -> float:
    """Return the share of the pairs of characters of the shorter of two texts that the other has too."""
    pairs, others = ({a + b for a, b in pairwise(words)} for words in (one, other))
    return len(pairs & others) / max(2, min(len(pairs), len(others)))
