"""Which years words speak of, and whether as an achievement or as a target: 去年, 五年来, 2022年目标, 今后五年."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reportqa.schema import Report
from reportqa.text import clause_spans

ACTUAL = 1
TARGET = 2

_UNITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}
_NUMERALS = frozenset("十两一二三四五六七八九")
_COUNT = r"(?<![\d一二三四五六七八九十])(\d{1,2}|十[一二三四五六七八九]?|[两二三四五六七八九])"
_AHEAD = re.compile(
    rf"(今后|未来|接下来|往后|下一?个?)的?{_COUNT}个?年|下(一|个)?五年|next five years|五年规划|“?十五五”?"
)
_BEHIND = re.compile(
    rf"(?:过去|近|最近|这|前|回首|上|已经)的?{_COUNT}个?年(?!前|规划)|{_COUNT}年(?:来|间|下来|里|以来|累计|加起来|合计|总共|历程)|(?:连续|持续){_COUNT}年|"
    rf"本届政府|上届政府|任期|past (five) years|last (five) years|over (five) years"
)
_FIVE_BARE = re.compile(r"(?<![一二三四五十今个])五年(?!规划|计划|突破|前)|(?<!\d)5年(?!前)")
_SINCE = re.compile(r"[较比](?:19|20)\d\d年")
_CUMULATIVE = re.compile(r"累计|合计|总共加起来")
_LAST_YEAR = re.compile(r"去年|上年|上一年|前一年|过去(?:的)?一年|过去这一年|一年来|last year|past year")
_YEAR_BEFORE_LAST = re.compile(r"(?<![以从\d])前年(?!度)")
_THIS_YEAR = re.compile(r"今年|本年度?|全年目标|this year")
_NEXT_YEAR = re.compile(r"明年|来年|下一年|next year")
_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?!\d|年?[-—–~至到]|[余多万亿%.]|[台家个项户人名座条处所件公里米亩吨元辆套])"
)
_YEAR_RANGE = re.compile(r"(?<!\d)((?:19|20)\d\d)年?[-—–~至到]((?:19|20)\d\d)(?!\d)")
_TARGET_WORDS = re.compile(
    r"目标|预期|计划|打算|力争|准备|拟|争取|规划|将要|要(?:求)?(?:达到|新增|建设|完成|实现|增长|控制|搞|建|抓|做)|定在[多几]|想让|怎么定|plan|target|aim|expected"
)
_ACTUAL_WORDS = re.compile(
    r"实际(?!使用|利用|到|外资)|完成了|实现了|增长了|达到了|到底|结果|实绩|最后|已经|新增了|建成了|做了|涨了|降了|下降了"
)
_PLAN_HEADING = re.compile(r"目标|任务|安排|部署|总体要求|工作建议|重点工作|工作重点|总体思路|预期")
_REVIEW_HEADING = re.compile(r"回顾|总结|成就|工作情况|过去|主要工作$|完成情况")


@dataclass(frozen=True, slots=True)
class Period:
    """Years from ``first`` to ``last`` (0, 0: not said), and ACTUAL, TARGET or 0 where that is not said."""

    first: int = 0
    last: int = 0
    aim: int = 0

    @property
    def known(self) -> bool:
        """Whether the years are said."""
        return self.first > 0


def _count(match: re.Match[str]) -> int:
    """Return the count of years in a match; without a number they are five, a term of office."""
    found = next((group for group in match.groups() if group and (group.isdigit() or group[0] in _NUMERALS)), "五")
    if found.isdigit():
        return int(found)
    return 10 + _UNITS.get(found[1:], 0) if found[0] == "十" else _UNITS[found]


def period_of(words: str, year: int) -> Period:
    """Return what ``words`` say of the period, read from a report of ``year``; the years are 0 where they say nothing."""
    aim = TARGET if _TARGET_WORDS.search(words) else ACTUAL if _ACTUAL_WORDS.search(words) else 0
    if match := _YEAR_RANGE.search(words):
        return Period(int(match[1]), int(match[2]), aim)
    if match := _AHEAD.search(words):
        return Period(year, year + _count(match) - 1, aim or TARGET)
    if match := _BEHIND.search(words):
        return Period(year - _count(match), year - 1, aim or ACTUAL)
    if _FIVE_BARE.search(words) or _SINCE.search(words):
        return Period(year - 5, year - 1, aim or ACTUAL)
    if _LAST_YEAR.search(words):
        return Period(year - 1, year - 1, aim or ACTUAL)
    if _THIS_YEAR.search(words):
        return Period(year, year, aim)
    if _NEXT_YEAR.search(words):
        return Period(year + 1, year + 1, aim)
    if _YEAR_BEFORE_LAST.search(words):
        return Period(year - 2, year - 2, aim)
    if years := [int(found) for found in _YEAR.findall(words)]:
        return Period(min(years), max(years), aim)
    if _CUMULATIVE.search(words):
        return Period(year - 5, year - 1, aim or ACTUAL)
    return Period(0, 0, aim)


_MENTION = re.compile(
    "|".join(
        f"(?:{re.sub(r'[(](?![?])', '(?:', pattern.pattern)})"
        for pattern in (
            _YEAR_RANGE,
            _AHEAD,
            _BEHIND,
            _SINCE,
            _CUMULATIVE,
            _FIVE_BARE,
            _LAST_YEAR,
            _THIS_YEAR,
            _NEXT_YEAR,
            _YEAR_BEFORE_LAST,
            _YEAR,
        )
    )
)
_DENIED = re.compile(r"(?:不要|别|不是|而非|而不是|不算|不含)[^,，。;；?？]*")


def mentions(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words that name a period: 去年, 五年来, 2022年."""
    return [
        (match.start(), match.end() + (text[match.end() : match.end() + 1] == "年"))
        for match in _MENTION.finditer(text)
    ]


_JOINED = re.compile(r"[\s、,，和与及跟到年的]*")
_EACH = re.compile(
    r"每(?:一)?年|各年|历年|逐年|历次|年年|分别|各(?:是|有|为|多少)|怎么变|如何变|变化|走势|趋势|each year|every year"
)
_BOTH_AIMS = re.compile(
    r"(目标|预期|计划|拟定?|原定).*?[,，、;；和与及跟?？还].*?(?:实际|完成|结果|后来|最后)"
    r"|(实际|完成).*?[,，、;；和与及跟?？还].*?(?:目标|预期|计划|拟定?|原定)"
)
_MOST_YEARS = 12


def asked_periods(question: str, year: int) -> list[Period]:
    """Return the periods that a folded question asks for, in its order, read from a report of ``year``.

    Most ask for one, which may be unknown; 去年多少、今年计划多少 asks for two, and so does 2021年的目标和实际.  What it says
    it does not want (不是问去年) is left out.
    """
    words = _DENIED.sub("", question)
    starts = [match.start() for match in _MENTION.finditer(words)]
    if len(starts) > 1:
        bounds = [0, *starts[1:], len(words)]
        pieces = [words[a:b] for a, b in pairwise(bounds)]
        said = [period_of(piece, year) for piece in pieces]
        for at in range(len(said) - 2, -1, -1):  # 2015年、2019年和2025年的目标: the aim is said once, for all
            if not said[at].aim and _JOINED.fullmatch(_MENTION.sub("", pieces[at])):
                said[at] = replace(said[at], aim=said[at + 1].aim)
        distinct = list({(period.first, period.last): period for period in reversed(said)}.values())[::-1]
        if len(distinct) > 1:
            return distinct
    period = period_of(words, year)
    if period.known and (both := _BOTH_AIMS.search(words)):
        aims = (TARGET, ACTUAL) if both[1] else (ACTUAL, TARGET)
        return [replace(period, aim=aim) for aim in aims]
    return [period]


def asked_of(question: str, years: Iterable[int]) -> list[dict[int, Period]]:
    """Return, for each part of a folded question, the period it asks for by the year of the report it is read from.

    Over reports of several years, 2021到2024年每年 and 近五年怎么变 have a part for every year.
    """
    own = sorted(set(years))
    if len(own) > 1 and _EACH.search(question) and (each := _each_year(question, own)):
        return [dict.fromkeys(own, period) for period in each]
    read = {year: asked_periods(question, year) for year in own}
    count = min(map(len, read.values()), default=0)
    return [{year: periods[part] for year, periods in read.items()} for part in range(count)]


def _each_year(question: str, years: Sequence[int]) -> list[Period]:
    """Return the years that a question wants one by one, [] where it does not; ``years``: of the reports, sorted."""
    periods = asked_periods(question, years[-1])
    if len(periods) > 1:
        return []
    [period] = periods
    if not period.known and re.search("历年|历次|每年|逐年|年年", question):
        return [Period(year, year, period.aim or TARGET) for year in years[-_MOST_YEARS:]]
    if period.first == period.last or period.last - period.first >= _MOST_YEARS:
        return []
    later = 1 if period.aim == TARGET and period.last == years[-1] - 1 and not _YEAR_RANGE.search(question) else 0
    return [Period(year, year, period.aim) for year in range(period.first + later, period.last + later + 1)]


def may_tell(report_year: int, period: Period) -> bool:
    """Whether a report of ``report_year`` is the one to tell of a single year: its targets, or what came of them a year later."""
    if not period.known or period.first != period.last:
        return True
    return report_year - period.first in {TARGET: (0,), ACTUAL: (1,)}.get(period.aim, (0, 1))


def _of_heading(section: Sequence[str], year: int) -> Period:
    """Return the period that a part of the report speaks of by its heading."""
    for heading in section[:1]:
        if _AHEAD.search(heading):
            return Period(year, year + 4, TARGET)
        if _REVIEW_HEADING.search(heading):
            return Period(year - 1, year - 1, ACTUAL)
        if _PLAN_HEADING.search(heading):
            return Period(year, year, TARGET)
        named = _YEAR.findall(heading)
        if str(year) in named or "今年" in heading:
            return Period(year, year, TARGET)
        if str(year - 1) in named or "去年" in heading:
            return Period(year - 1, year - 1, ACTUAL)
    return Period()


PART_OF_YEAR = re.compile(
    r"(?:第?[一二三四1234](?:季度|季)|(?:上|下)半年|前[两二三123]季度|前三季度|1?\d(?:[-—至]1?\d)?月份?|[一二三四五六七八九十]{1,3}月份)(?!末?以来)"
)
"""A quarter, a half, some months of a year."""
_LEADING = re.compile(
    r"^(?:各位代表[:：,，!！])?[^,，。]{0,12}?(五年来|过去五年|五年间|一年来|过去一年|今后五年|未来五年|今年|去年|(?:19|20)\d\d年)"
)


def leading_period(words: str) -> str:
    """Return the words for a period that a text begins with, or ""."""
    found = _LEADING.search(words)
    return found[1] if found else ""


def clause_periods(report: Report) -> dict[int, Period]:
    """Return for each clause of the report, by its start, the period it speaks of.

    Closest first: the clause's own words, the words before it in its sentence, the words its paragraph begins with,
    the heading of its part.
    """
    found: dict[int, Period] = {}
    text = report.text
    for paragraph in report.paragraphs:
        default = _of_heading(paragraph.section, report.year)
        if paragraph.sentences and (lead := leading_period(text[paragraph.sentences[0].start : paragraph.end])):
            said = period_of(lead, report.year)
            default = Period(said.first, said.last, said.aim or default.aim)
        for sentence in paragraph.sentences:
            running = default
            for start, end in clause_spans(text, sentence.start, sentence.end):
                said = period_of(text[start:end], report.year)
                if said.known:
                    aim = said.aim or default.aim
                    if said.first == report.year and not said.aim:
                        aim = default.aim or TARGET
                    own = Period(said.first, said.last, aim)
                    if leading_period(text[start:end]):
                        running = own
                    found[start] = own
                else:
                    found[start] = running
    return found


def agreement(asked: Period, spoken: Period) -> float:
    """Return how well a clause's period suits the asked one: 1 the same, 0 unknown, -1 another."""
    score = 0.0
    if asked.known and spoken.known:
        if (asked.first, asked.last) == (spoken.first, spoken.last):
            score = 1.0
        elif (spoken.first <= asked.first and asked.last <= spoken.last) or (
            asked.first <= spoken.first and spoken.last <= asked.last
        ):
            score = -0.6
        else:
            score = -1.0
    if asked.aim and spoken.aim:
        agree = asked.aim == spoken.aim
        if not asked.known:
            score = 0.6 if agree else -0.6
        elif not agree:
            score = min(score, -0.6)
    return score
