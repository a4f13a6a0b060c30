"""A question across the places of the shelf, 哪些省的GDP目标在6%以上: answered by the figures that their reports state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.asked_figure import wanted_measure
from reportqa.facts import numbers
from reportqa.indicator_lexicon import GROWTH, LEVEL, bundled
from reportqa.indicators import Figures
from reportqa.periods import TARGET, Period, asked_periods
from reportqa.questions import Question
from reportqa.schema import Answer, IndicatorRow, Part, Report
from reportqa.text import fold

_ACROSS = re.compile(
    r"(?:哪|各|所有|全部)(?:一?个|些|几个)?(?:省[市区]?|省份|直辖市|自治区|市|县|地区|地方|城市|地(?!方))|各地|谁(?:的|家)"
)
_HIGHEST = re.compile(r"最[高大多快]|第一|领先|排名|排序|由高到低|从高到低")
_LOWEST = re.compile(r"最[低小少慢]|由低到高|从低到高")
_BEHIND = r"\s*(?:[元人斤吨亩户家个套公里]{1,2})?(?:及|或)?"
_LIMITS = (
    # kind, what stands before the number, what stands behind it; those with 不 first
    ("least", r"不低于|不少于|不小于|至少|[高大]于等于|[高大]于或等于", "以上|起"),
    ("most", r"不超过?|没有?超过|不[高大多]于|至多|最多|[低小]于等于|[低小]于或等于", "以下|以内|之内"),
    ("above", r"超过?|[高大多]于|突破", "(?!)"),
    ("below", r"[低小少]于|不[到足满]|没有?到", "(?!)"),
)
_LIMITED = [
    (kind, re.compile(rf"(?:{before})\s*$"), re.compile(rf"{_BEHIND}(?:{behind})")) for kind, before, behind in _LIMITS
]
_COUNTRY = "全国"
_SCALES = {"": 1.0, "万": 1e4, "亿": 1e8, "万亿": 1e12}
_SHOWN_OF_EXTREME = 5
_CONFIDENCE = 0.9
"""The figures were right in 99 of 100 (``reportqa eval`` on tables of figures), the reading of the question is not measured."""


@dataclass(frozen=True, slots=True)
class _Limit:
    kind: str
    value: float
    """In units, without 万 or 亿."""
    is_rate: bool

    def holds(self, row: IndicatorRow) -> bool:
        """Whether a row's figure, or the lower end of its range, is within the limit."""
        value = _plain(row)
        tests = {
            "least": value >= self.value,
            "above": value > self.value or (value == self.value and row.bound.startswith(("超", "突破"))),
            "below": value < self.value,
            "most": value <= self.value,
        }
        return tests[self.kind]


def asks_across(question: Question) -> bool:
    """Whether a question asks about all places at once, by the figure of an indicator that the lexicon has."""
    return _ACROSS.search(question.folded) is not None and bool(_names(question))


def answer(asked: str, question: Question, figures: Figures, reports: Sequence[Report]) -> Answer | None:
    """Return the places' figures as the parts of an answer, or None where no two places state any.

    ``asked`` is the question as it was understood.  The whole country is no such place.  Places whose figure was not read
    are named: one of them may be the highest.
    """
    year = max(report.year for report in reports)
    searched = [report.report_id for report in reports]
    places = list(dict.fromkeys(report.place for report in reports if report.place != _COUNTRY))
    period = asked_periods(question.folded, year)[0]
    limit = _limit(question.folded)
    rows = _rows(question, figures, period, year, limit)
    if len({row.place for row in rows}) < 2:
        return None
    lowest = _LOWEST.search(question.folded) is not None
    rows.sort(key=_plain, reverse=not lowest)
    chosen = [row for row in rows if limit.holds(row)] if limit else rows
    what = f"{rows[0].period}年{rows[0].indicator}" + ("目标" if rows[0].kind == "target" else "")
    told = f"从 {len(rows)} 个地方的报告中读到{what}的数字"
    if not chosen:
        return Answer(asked, False, 0.0, f"{told}，没有符合条件的。", reason="not_found", searched=searched)
    if limit:
        told += f"，其中 {len(chosen)} 个符合条件"
    elif lowest or _HIGHEST.search(question.folded):
        edge = _plain(chosen[0])
        first = "、".join(f"{row.place}（{row.value}）" for row in chosen if _plain(row) == edge)
        told += f"，其中最{'低' if lowest else '高'}的是{first}"
        chosen = chosen[: max(_SHOWN_OF_EXTREME, sum(_plain(row) == edge for row in chosen))]
    lines = [f"{row.place}：{row.value}——{row.quote.citation.label}" for row in chosen]
    unread = [place for place in places if place not in {row.place for row in rows}]
    missing = f"另有 {len(unread)} 个地方的报告没有读到这个数字，不在其中：{'、'.join(unread)}。" if unread else ""
    quotes = [row.quote for row in chosen]
    parts = [Part(row.place, True, [row.quote]) for row in chosen]
    text = "\n".join(filter(None, [f"{told}：", *lines, missing]))
    return Answer(asked, True, _CONFIDENCE, text, quotes, parts, missing=missing, searched=searched)


def _names(question: Question) -> list[tuple[str, str]]:
    """Return the indicators that a question names, each as growth and as amount, the longest wording first."""
    lexicon = bundled()
    words = [match[0] for match in lexicon.mentions(question.folded) if len(match[0]) > 2]
    words += [fold(term) for alias in question.aliases if alias.is_thing for term in alias.terms]
    found = [lexicon.get(word) for word in sorted(words, key=len, reverse=True)]
    return list(dict.fromkeys((subject.growth, subject.level) for subject in found if subject))


def _rows(question: Question, figures: Figures, period: Period, year: int, limit: _Limit | None) -> list[IndicatorRow]:
    """Return the rows of the indicator asked for, of the places' own: one measure, one unit, with a number each."""
    aims = ["target"] if period.aim == TARGET or (period.first == year and not period.aim) else ["actual"]
    when = str(period.last if period.known else year if aims == ["target"] else year - 1)
    measure = LEVEL if limit and not limit.is_rate else wanted_measure(question)
    for growth, level in _names(question):
        for name in {GROWTH: [growth, level], LEVEL: [level]}.get(measure, [growth, level]):
            rows = [
                row
                for row in figures.select(indicator=name, period=when)
                if row.kind in aims and row.number is not None and row.place != _COUNTRY and row.indicator == name
            ]
            if limit:
                rows = [row for row in rows if (row.unit == "%") == limit.is_rate]
            if len(rows) > 1:
                unit, _ = Counter(row.unit for row in rows).most_common(1)[0]
                return [row for row in rows if row.unit == unit]
    return []


def _plain(row: IndicatorRow) -> float:
    scale = next((scale for scale in ("万亿", "亿", "万") if row.unit.startswith(scale)), "")
    return (row.number or 0.0) * _SCALES[scale]


def _limit(folded: str) -> _Limit | None:
    """Return the limit that a question sets to figures."""
    for number in numbers(folded):
        for kind, before, behind in _LIMITED:
            if before.search(folded[: number.start]) or behind.match(folded, number.end):
                return _Limit(kind, float(number.value), number.percent or number.points)
    return None
