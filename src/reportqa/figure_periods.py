"""The period that a figure of a report is of, and whether it was reached or is aimed at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.periods import ACTUAL, PART_OF_YEAR, TARGET, Period, leading_period, mentions, period_of
from reportqa.schema import Paragraph, Report
from reportqa.text import fold

_COUNT = r"(?:\d{1,4}|[两二三四五六七八九十]{1,3})"
_COMPARED = re.compile(
    rf"[比较](?:上年|去年|上一年|前一年|(?:19|20)\d\d年)(?:同期|底|末|实际)?|(?:连续|持续){_COUNT}个?[年月季]|累计|合计"
    rf"|{_COUNT}年[^,;、]{{0,6}}(?:计划|规划|行动|方案|纲要)|创?(?:近|最近){_COUNT}年来?(?:新高|新低|最|以来)"
    r"|(?:超过|高于|低于|比|占|为)(?:原定|预定|年度|全年)?(?:计划|目标)"
)
"""What a figure is compared with, and runs of years that each had it: neither is the figure's own period."""
_SEVERAL_YEARS = re.compile(r"五年|(?<!\d)[3-9]年|任期|届|\d{4}[-—]\d{4}")
_AIMS = re.compile(r"(?:今年|年|全省|全市|全区|我省|我区|我市|发展)[^,;。]{0,16}预期目标[^,;。]{0,4}[是为]?:")
"""A paragraph that sets out the year's targets."""
_LOOKS_BACK = re.compile("回顾|总结|过去|去年|上年|一年来|成就|成效|取得|完成情况|工作情况")
_LOOKS_AHEAD = re.compile("目标|任务|安排|部署|总体要求|建议|重点工作|工作重点|总体思路|预期|今年|计划|下一步")
_ONE_YEAR = re.compile(r"过去一年|去年|(?:19|20)\d\d年")


_CHINESE_YEAR = re.compile(r"([一二三四五六七八九零〇○]{4})(?=年)")
_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_GROUND = re.compile("在[^,;。]{0,24}基础上")
"""What a year's figures came on top of: 在1992年快速增长的基础上."""
_NO_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d|年|[-—–~至到])")
_PLAN = re.compile(r'"(?P<number>[一二三四五六七八九]|十[一二三四五]?)五"(?P<after>以来|末|规划|收官|纲要)?')
_PLAN_STARTS = dict(zip("一二三四五六七八九", (1953, 1958, 1966, 1971, 1976, 1981, 1986, 1991, 1996), strict=True))
_PLAN_STARTS |= {f"十{n}": 2001 + 5 * place for place, n in enumerate(["", *"一二三四五"])}
_LONGEST = 15
"""Years; a longer stretch is a misreading."""
_SURELY_PAST = re.compile("过去|[来间里]|以来|前")


@dataclass(frozen=True, slots=True)
class Stated:
    """Period "2025", "2021—2025" or "2024年一季度", and whether it is a target."""

    period: str
    target: bool

    @property
    def kind(self) -> str:
        """``target`` or ``actual``."""
        return "target" if self.target else "actual"


class Periods:
    """Reads the periods of one report's figures, in the report's order."""

    def __init__(self, report: Report) -> None:
        self._year = report.year
        self._text = report.text
        self._heading: list[str] | None = None
        self._part = Period()
        self._mixed = False

    def default(self, paragraph: Paragraph) -> Period:
        """Return what a paragraph's figures are of where nothing nearer says.

        Nearest first: the words it begins with, the heading of its part, the last paragraph there that said.
        """
        if paragraph.section[:1] != self._heading:
            self._heading = paragraph.section[:1]
            part = _of_part(self._heading, self._year)
            self._part, self._mixed = part or Period(), part is None
        words = _dated(fold(self._text[paragraph.start : paragraph.end]), self._year)
        said = leading_period(words)
        own = period_of(words[: words.index(said) + len(said)], self._year) if said else Period()
        if _AIMS.search(words):
            own = Period(self._year, self._year, TARGET)
        if not own.known:
            return self._part
        own = Period(own.first, own.last, _aim(own, self._part.aim, self._year))
        if self._mixed or not self._part.known:
            self._part = own
        return own

    def led_by(self, clause: str, default: Period) -> Period:
        """Return what the words from a folded clause on are of, where it is nothing but a period: 过去一年,我们….  Else ``default``."""
        words = _dated(clause, self._year)
        spans = mentions(words)
        if len(spans) != 1 or len(words) - (spans[0][1] - spans[0][0]) > 1:
            return default
        own = period_of(words, self._year)
        return Period(own.first, own.last, _aim(own, default.aim, self._year)) if own.known else default

    def after(self, clause: str, running: Period) -> Period:
        """Return what the words behind a folded clause are of, where those before it are of ``running``."""
        words, own = self._own(clause, running)
        return own if own is not None and (leading_period(words) or own.first != own.last) else running

    def stated(self, clause: str, running: Period, *, part: str, yearly: bool, reached: bool) -> Stated | None:
        """Return what a folded clause's figure is of; None where that is not known.

        ``part``: of the year; ``yearly``: it is an average of several years; ``reached``: it was arrived at, in the last of several.
        """
        _, own = self._own(clause, running)
        period = own or running
        if not period.known or not period.aim or period.last - period.first > _LONGEST:
            return None
        target = period.aim == TARGET
        if period.first == period.last:
            return None if yearly else Stated(f"{period.last}年{part}" if part else f"{period.last}", target)
        if reached and not yearly and "累计" not in clause:
            return Stated(f"{period.last}", target)
        return None if part else Stated(f"{period.first}—{period.last}", target)

    def _own(self, clause: str, running: Period) -> tuple[str, Period | None]:
        """Return a clause in digits, without what it compares with, and the period that it names, None where it names none.

        Five years without more are those past, and of a part about the future nobody knows which.
        """
        words = _COMPARED.sub("", _dated(clause, self._year))
        said = period_of(words, self._year)
        if not said.known:
            return words, None
        past = said.last == self._year - 1 > said.first
        if past and running.aim == TARGET and not _SURELY_PAST.search(words):
            return words, Period()
        return words, Period(said.first, said.last, _aim(said, running.aim, self._year))


def part_of_year(clause: str, running: str) -> tuple[str, str]:
    """Return the part of the year that a folded clause's figure is of, and that of the words after it; "" for all of it."""
    found = PART_OF_YEAR.search(clause)
    if found is None:
        running = "" if "全年" in clause else running
        return running, running
    leads = found.start() == 0 or clause[: found.start()].endswith("年") or found.end() == len(clause)
    return found[0], found[0] if leads else running


def _aim(said: Period, default: int, year: int) -> int:
    """Return whether a period's figures were reached or are aimed at, as told in a report of ``year``; 0 for unknown."""
    if said.last < year:
        return ACTUAL
    if said.first < year < said.last or (said.first < year == said.last):
        return 0
    if said.last > year or said.aim == TARGET:
        return TARGET
    return TARGET if default != ACTUAL else 0


def _dated(folded: str, year: int) -> str:
    """Return folded words with the years that are written out, and those of a five-year plan, in digits."""

    def of_plan(match: re.Match[str]) -> str:
        first = _PLAN_STARTS[match["number"]]
        after = match["after"] or ""
        if after == "末":
            return f"{first + 4}年"
        if after == "以来":
            return f"{first}—{year - 1}年"
        return after if after else f"{first}—{first + 4}年"

    return _PLAN.sub(of_plan, _NO_YEAR.sub("", in_digits(_GROUND.sub("", folded))))


def in_digits(folded: str) -> str:
    """Return folded words with the years that are written out, 一九八五年, in digits."""
    return _CHINESE_YEAR.sub(lambda match: "".join(_DIGITS[c] for c in match[0]), folded)


def _of_part(headings: Sequence[str], year: int) -> Period | None:
    """Return the period of a part by its heading; None of one that looks back and ahead, or at one year and several."""
    heading = _dated(fold("".join(headings[:1])), year)
    back = bool(_LOOKS_BACK.search(heading)) or str(year - 1) in heading
    ahead = bool(_LOOKS_AHEAD.search(heading)) or str(year) in heading
    several = period_of(heading, year) if _SEVERAL_YEARS.search(heading) else Period()
    if several.known and several.first != several.last:
        if _ONE_YEAR.search(heading):
            return None
        return Period(several.first, several.last, ACTUAL if several.last < year else TARGET)
    if back and ahead:
        return None
    if back:
        return Period(year - 1, year - 1, ACTUAL)
    return Period(year, year, TARGET) if ahead else Period()
