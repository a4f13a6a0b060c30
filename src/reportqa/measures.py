"""What the figures of a sentence measure: the thing, whether its growth or its amount, and the value as it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reportqa.facts import Figure, figures
from reportqa.figure_names import deed_of, distributed
from reportqa.indicator_lexicon import GROWTH, LEVEL, Subject, bundled
from reportqa.measure_words import (
    ADDED,
    AND,
    BEHIND,
    CLAUSE_END,
    EACH,
    ELSEWHERE,
    FALL,
    FURTHER,
    JOINT,
    OWN_AREA,
    PREFIX,
    QUALITY,
    RANGE,
    VERB,
    VERBS,
    YEARLY,
)
from reportqa.periods import PART_OF_YEAR, mentions

FELL = "fell"
"""A growth rate that is stated as a fall."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure of a folded sentence, or the words that stand in place of one, and what it measures."""

    name: str
    """Of the subject, as it is written."""
    subject: Subject | None
    """The lexicon's; None of a thing that the lexicon does not know."""
    measure: str
    """GROWTH or LEVEL."""
    start: int
    """Where what is said begins: the subject's name, or the verb of a clause that shares an earlier subject."""
    figure_start: int
    end: int
    figures: tuple[Figure, ...]
    """The figure; of a range both its ends; none of words alone."""
    value: str
    """As it is written: 5.5%左右, 下降0.3%, 与经济增长同步."""
    bound: str
    """The bounding words of the value: 左右, 以上, 突破; words alone are a bound."""
    fell: bool = False
    yearly: bool = False
    """Whether it is an average of several years, 年均."""
    reached: bool = False
    """Whether it was arrived at, 达到, 增加到: of several years' the last one's."""
    deed: str = ""
    """What was done to the things that it counts, where that stands apart from their name: 新增."""


_UNEQUAL = re.compile(r"^[的(]?(?:目标|任务|预期目标|的增长目标|增长目标|的速度|的年均|的水平)|^的")
_STEP = re.compile("的?(?:新)?(?:台阶|大关|关口|阶段|水平线)")


def readings(folded: str, own: frozenset[str]) -> list[Reading]:
    """Return what the figures of a folded sentence measure, in order; ``own``: the names of the report's own place."""
    return list(_Sentence(folded, own).read())


@dataclass(frozen=True, slots=True)
class _Verb:
    """What the words between a name and its figure say."""

    measure: str = ""
    """GROWTH, FELL, LEVEL, or "" where they do not say."""
    yearly: bool = False
    total: bool = False
    """Whether they speak of the total of what went before: 总量达."""
    reached: bool = False
    base: bool = False
    """Whether the figure is where it came from: 由, 从."""


@dataclass(frozen=True, slots=True)
class _Lead:
    """The words before a figure: the subject's name, and what its verb says of the figure."""

    name: str
    subject: Subject | None
    start: int
    verb: _Verb
    deed: str = ""


class _Sentence:
    def __init__(self, folded: str, own: frozenset[str]) -> None:
        self.text = folded
        self.own = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True))) or "(?!)")
        self.periods = mentions(folded)
        self.figures = [
            f for f in figures(folded) if _counts(f) and not any(a <= f.number.start < b for a, b in self.periods)
        ]
        self.vocabulary = bundled()

    def read(self) -> list[Reading]:
        found: list[Reading] = []
        subject: _Lead | None = None
        at = 0
        boundary = 0
        while at < len(self.figures):
            group = self._group(at)
            first = group[0][0]
            begin = max([boundary, *(m.end() for m in CLAUSE_END.finditer(self.text, boundary, first.start))])
            lead = self._lead(begin, first.start, touching=begin == boundary and at > 0)
            if lead is not None and not lead.verb.measure and first.start < first.number.start:
                if not lead.name and not lead.verb.total and begin != boundary:
                    lead = None  # 超10亿元 after a comma is of what follows
                else:
                    lead = replace(lead, verb=replace(lead.verb, measure=LEVEL, reached=True))
            if lead is not None and not lead.name:
                lead = self._sharing(lead, subject, begin)
            if lead is not None:
                if begin == boundary and subject is not None and not lead.verb.measure and not lead.deed:
                    lead = replace(lead, deed=subject.deed or deed_of(subject.name))
                subject = lead
                found += self._of_group(lead, group)
            else:
                subject = None
            at += sum(len(pair) for pair in group)
            boundary = max(group[-1][-1].end, found[-1].end if found else 0)
            while at < len(self.figures) and self.figures[at].start < boundary:
                at += 1
            if more := BEHIND.match(self.text, boundary):
                boundary = more.end()
        return [*found, *self._qualities()]

    def _group(self, at: int) -> list[tuple[Figure, ...]]:
        """Return the figures from ``at`` that one verb governs, each alone or as the two ends of a range."""
        group: list[tuple[Figure, ...]] = []
        several = False
        while at < len(self.figures):
            one = self.figures[at]
            if group:
                gap = self.text[group[-1][-1].end : one.start]
                joint = JOINT.match(gap)
                if not several or joint is None or not VERBS.fullmatch(gap, joint.end()):
                    break
            else:
                before = self.text[max(0, one.start - 8) : one.start]
                several = bool(EACH.search(before))
            pair: tuple[Figure, ...] = (one,)
            if at + 1 < len(self.figures) and RANGE.fullmatch(self.text[one.end : self.figures[at + 1].start]):
                pair = (one, self.figures[at + 1])
            group.append(pair)
            at += len(pair)
        return group

    def _lead(self, begin: int, end: int, *, touching: bool) -> _Lead | None:
        """Read the words between ``begin`` and a figure; None where they are of no use."""
        text = self.text
        if touching and (cut := AND.search(text, begin, end)):
            begin = cut.end()
        for match in reversed(self.vocabulary.mentions(text[begin:end])):
            a, b = begin + match.start(), begin + match.end()
            verb = self._verb(b, end)
            if verb is None:
                continue
            if EACH.search(text, b, end) and not self._is_prefix(begin, a):
                first = self._skip_prefixes(begin, b)
                return _Lead(text[first:b], None, first, verb)
            if not self._is_prefix(begin, a):
                if self._names_other_place(begin, a):
                    return None
                break
            if self.vocabulary.only_grows(match[0]) and verb.measure not in (GROWTH, FELL):
                return None
            return _Lead(match[0], self.vocabulary.get(match[0]), a, verb, self._added(begin, a))
        return self._unknown(begin, end)

    def _unknown(self, begin: int, end: int) -> _Lead:
        """Read words before a figure that name a thing which the lexicon does not know, or nothing."""
        start = self._skip_prefixes(begin, end)
        if start > begin and self.text[start - 1] in "和与及同":
            start = begin  # 和美乡村 is a name
        if YEARLY.search(self.text, begin, start):
            start = begin
        stop, verb = next((a, v) for a in range(start, end + 1) if (v := self._verb(a, end)) is not None)
        return _Lead(self.text[start:stop], None, start, verb, self._added(begin, start))

    def _added(self, begin: int, end: int) -> str:
        return "新增" if ADDED.search(self.text, begin, end) else ""

    def _verb(self, start: int, end: int) -> _Verb | None:
        """Read the words from a name's end up to a figure; None where others than verbs stand there."""
        verb = _Verb()
        at = start
        while at < end:
            if period := self._period_at(at, end):
                at = period
                continue
            match = VERB.match(self.text, at, end)
            if match is None:
                return None
            at = match.end()
            if match.lastgroup == "yearly":
                verb = replace(verb, yearly=True)
            elif match.lastgroup == "total":
                verb = replace(verb, total=True)
            elif match.lastgroup == "base":
                verb = replace(verb, base=True)
            elif match.lastgroup == "to":
                verb = replace(verb, measure=verb.measure or LEVEL, reached=True)
            elif match.lastgroup == "up":
                verb = replace(verb, measure=GROWTH)
            elif match.lastgroup == "down":
                verb = replace(verb, measure=FELL)
            elif match.lastgroup == "at":
                verb = replace(verb, measure=verb.measure or LEVEL, reached=True)
        return verb

    def _period_at(self, at: int, end: int) -> int:
        return next((b for a, b in self.periods if a == at and b <= end), 0)

    def _skip_prefixes(self, begin: int, end: int) -> int:
        at = begin
        while at < end:
            period = self._period_at(at, end)
            match = (
                self.own.match(self.text, at, end)
                or OWN_AREA.match(self.text, at, end)
                or PREFIX.match(self.text, at, end)
                or ADDED.match(self.text, at, end)
                or PART_OF_YEAR.match(self.text, at, end)
            )
            if period:
                at = period + (self.text[period : period + 1] in ("底", "末"))
            elif match:
                at = match.end()
            else:
                break
        return at

    def _names_other_place(self, begin: int, end: int) -> bool:
        """Whether the words before a subject say that it is another place's than the report's."""
        words = self.own.sub("", self.text[begin:end])
        return ELSEWHERE.search(words) is not None

    def _is_prefix(self, begin: int, end: int) -> bool:
        return self._skip_prefixes(begin, end) >= end and not self._names_other_place(begin, end)

    def _sharing(self, lead: _Lead, subject: _Lead | None, begin: int) -> _Lead | None:
        """Return a lead without a name with the subject of the words before it, where it shares that."""
        if subject is None or not lead.verb.measure or self.text[begin - 1] in ";:。":
            return None
        if lead.verb.total and (subject.subject is None or not subject.subject.level.endswith("总量")):
            return None
        return replace(lead, name=subject.name, subject=subject.subject, deed=subject.deed)

    def _of_group(self, lead: _Lead, group: list[tuple[Figure, ...]]) -> list[Reading]:
        if lead.verb.base:
            return []
        if len(group) == 1:
            one = self._reading(lead, group[0], "")
            return [one] if one else []
        names = distributed(lead.name, len(group))
        if names is None:
            return []
        shared = re.match("以内|左右|以上|以下", self.text[group[-1][-1].number.end :])
        found = []
        for name, pair in zip(names, group, strict=True):
            known = self.vocabulary.get(name)
            verb = replace(lead.verb, measure=LEVEL) if known and known.unit == "%" else lead.verb
            one = self._reading(replace(lead, name=name, subject=known, verb=verb), pair, shared[0] if shared else "")
            found += [one] if one else []
        return found

    def _reading(self, lead: _Lead, pair: tuple[Figure, ...], shared: str) -> Reading | None:
        first, last = pair[0], pair[-1]
        text = self.text
        percent = first.number.percent
        fell = lead.verb.measure == FELL
        measure = GROWTH if fell else lead.verb.measure or LEVEL
        if measure == GROWTH and not percent:
            return None
        if _UNEQUAL.match(text, last.end) and not text.startswith("的新", last.end) and not _STEP.match(text, last.end):
            return None
        end = last.end
        value = text[first.start : last.end]
        before = text[first.start : first.number.start]
        after = BEHIND.match(text, _unit_end(text, last))
        bound = re.sub("了|达到?|为|到|是|有|出|在", "", before) + (after[0] if after else "")
        if not after and shared and shared not in value:
            value += shared
            bound += shared
        if further := FURTHER.match(text, end):
            nearest = next((f for f in self.figures if f.start >= further.end()), None)
            if nearest is not None and nearest.start == further.end():
                end = nearest.end
                value = text[first.start : end]
        if fell and not (lead.subject and lead.subject.falls):
            verb = FALL.search(text, lead.start, first.start)
            value = (verb[0] if verb and verb[0] not in ("降幅",) else "下降") + value
        return Reading(
            name=lead.name,
            subject=lead.subject,
            measure=measure,
            start=lead.start,
            figure_start=first.start,
            end=end,
            figures=pair,
            value=value,
            bound=bound,
            fell=fell,
            yearly=lead.verb.yearly,
            reached=lead.verb.reached,
            deed=lead.deed,
        )

    def _qualities(self) -> list[Reading]:
        """Return what stands in words where a figure might: 居民收入增长与经济增长同步."""
        said: list[Reading] = []
        for match in self.vocabulary.mentions(self.text):
            begin = max([0, *(m.end() for m in re.finditer("[,;:。、]", self.text[: match.start()]))])
            if not self._is_prefix(begin, match.start()):
                continue
            at = match.end()
            while (
                (verb := VERB.match(self.text, at))
                and verb.lastgroup in ("up", "modifier", "at")
                and verb[0] not in "、,:"
            ):
                at = verb.end()
            for place in range(match.end(), at + 1):
                quality = QUALITY.match(self.text, place)
                if quality and re.match("[,;。!?、:]|$", self.text[quality.end() :]):
                    break
            else:
                continue
            subject = self.vocabulary.get(match[0])
            measure = LEVEL if subject and subject.unit == "%" else GROWTH
            words = re.sub("^(?:力争|要|将)", "", quality[0])
            said.append(
                Reading(match[0], subject, measure, match.start(), quality.start(), quality.end(), (), words, words)
            )
        return said


def _counts(figure: Figure) -> bool:
    """Whether a figure is one that measures: no year, no rank, no numeral of a word."""
    number = figure.number
    if figure.ordinal or figure.is_year or number.idle:
        return False
    if figure.unit in ("位", "日", "月", "号", "届", "世纪", "五"):
        return False
    return not (number.chinese and not number.percent and not figure.unit)


def _unit_end(text: str, figure: Figure) -> int:
    """Return where a figure's number and unit end and its bound begins."""
    tail = re.search("(?:左右|上下|前后|以上|及以上|以下|以内|之内|有余|之上)$", text[figure.number.end : figure.end])
    return figure.end - len(tail[0]) if tail else figure.end
