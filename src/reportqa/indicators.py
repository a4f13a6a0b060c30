"""Figures as rows: from every report the indicators that it states, each with the sentence that holds the figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from reportqa.citation import cite
from reportqa.errata import within
from reportqa.facts import Figure
from reportqa.figure_names import is_deed, is_name
from reportqa.figure_periods import Periods, Stated, in_digits, part_of_year
from reportqa.indicator_lexicon import GROWTH, LEVEL, bundled
from reportqa.measures import Reading, readings
from reportqa.schema import IndicatorRow, Paragraph, Quote, Report, Sentence
from reportqa.text import Folded, clause_spans, fold, fold_with_offsets, run_around
from reportqa.wording import own_words

LONGEST_QUOTE = 240
_WORTH_READING = re.compile(r"[\d百千万亿]|同步|持平|平均水平|合理|快于|高于|低于|一致")
_SCALES = {"": 1, "万": 10**4, "亿": 10**8}
_SCALED = re.compile("(亿|万)?(.*)")
_WEIGHTS = {"斤": Fraction(1, 2000), "公斤": Fraction(1, 1000), "吨": Fraction(1)}
"""Of a ton."""
_PEOPLE = frozenset(("人", "人次", "名", ""))
_SUM = re.compile("累计|合计")
_BASE = re.compile(r"[比较](\d{4})年")
_CHANGE = re.compile("(?:增长|涨幅|降低|下降)$")

Key = tuple[str, str, str, str]
"""Place, indicator, period, kind."""


class Figures:
    """The rows of a shelf's reports, one a key."""

    def __init__(self, reports: Sequence[Report], before: Figures | None = None) -> None:
        """Read the reports; what ``before`` has read of the same texts is taken over."""
        self.reports = reports
        known = before._of_report if before else {}
        self._of_report: dict[tuple[str, str], list[IndicatorRow]] = {}
        best: dict[Key, tuple[int, IndicatorRow]] = {}
        for report in reports:
            name = (report.report_id, report.sha256)
            self._of_report[name] = known[name] if name in known else rows_of(report)
            for row in self._of_report[name]:
                distance = abs(report.year - _told_in(row))
                key = (row.place, row.indicator, row.period, row.kind)
                if key not in best or distance < best[key][0]:
                    best[key] = (distance, row)
        order = bundled().order
        self.rows = sorted(
            (row for _, row in best.values()),
            key=lambda row: (order.get(row.indicator, len(order)), row.indicator, row.place, row.period, row.kind),
        )

    def select(
        self, places: Iterable[str] | None = None, indicator: str | None = None, period: str | int | None = None
    ) -> list[IndicatorRow]:
        """Return the rows of places, of an indicator (by its name or any wording) and of a period; None is any."""
        wanted = None if places is None else set(places)
        names = self.names(indicator) if indicator else None
        years = None if period is None else fold(str(period)).removesuffix("年")
        return [
            row
            for row in self.rows
            if (wanted is None or row.place in wanted)
            and (names is None or row.indicator in names)
            and (years is None or row.period == years)
        ]

    def names(self, indicator: str) -> set[str]:
        """Return the names of the indicators that a user's words mean: the lexicon's, else those that hold the words."""
        if known := bundled().names(indicator):
            return set(known)
        words = fold(indicator)
        names = {row.indicator for row in self.rows}
        return {name for name in names if fold(name) == words} or {name for name in names if words in fold(name)}


def _told_in(row: IndicatorRow) -> int:
    """Return the year whose report first tells of a row's period."""
    return int(row.period.split("—")[-1][:4]) + (row.kind == "actual")


def rows_of(report: Report) -> list[IndicatorRow]:
    """Return the figures that a report states of indicators, in its order, one a key.

    Of several for one key the first with a number counts: reports sum up before they go into detail.
    """
    best: dict[tuple[str, str, str], IndicatorRow] = {}
    for row in _all(report):
        key = (row.indicator, row.period, row.kind)
        if key not in best or (best[key].number is None and row.number is not None):
            best[key] = row
    return sorted(best.values(), key=lambda row: row.quote.citation.start)


def _all(report: Report) -> Iterator[IndicatorRow]:
    periods = Periods(report)
    own = own_words(report.place)
    for paragraph in report.paragraphs:
        default = periods.default(paragraph)
        for sentence in paragraph.sentences:
            text = report.text[sentence.start : sentence.end]
            folded = fold_with_offsets(text)
            clauses = clause_spans(folded.text)
            default = periods.led_by(folded.text[slice(*clauses[0])] if clauses else "", default)
            if not _WORTH_READING.search(folded.text):
                continue
            read = readings(folded.text, own)
            running, part = default, ""
            for start, end in clauses:
                words = folded.text[start:end]
                before = running
                running = periods.after(words, before)
                own_part, part = part_of_year(words, part)
                for reading in read:
                    if start <= reading.figure_start < end:
                        stated = periods.stated(
                            words,
                            before,
                            part=own_part,
                            yearly=reading.yearly,
                            reached=reading.measure == LEVEL and reading.reached,
                        )
                        if row := _row(report, paragraph, sentence, folded, reading, stated, start):
                            yield row


def _row(
    report: Report,
    paragraph: Paragraph,
    sentence: Sentence,
    folded: Folded,
    reading: Reading,
    stated: Stated | None,
    clause: int,
) -> IndicatorRow | None:
    """Return the row of a reading; None where its name, its period or its unit is none."""
    measured = _measured(reading)
    if stated is None or measured is None or not (name := _name(reading)):
        return None
    if _of_other_years(reading, folded.text[clause : reading.figure_start], stated.period):
        return None
    number, upper, unit = measured
    first = sentence.start + folded.offsets[reading.start]
    last = sentence.start + folded.offsets[reading.end - 1] + 1
    return IndicatorRow(
        indicator=name,
        place=report.place,
        period=stated.period,
        kind=stated.kind,
        value=reading.value,
        number=number,
        upper=upper,
        bound=reading.bound,
        unit=unit,
        quote=_quote(report, paragraph, sentence, first, last),
    )


def _name(reading: Reading) -> str:
    """Return the name of the indicator that a reading is of, "" where its words name none."""
    subject = reading.subject
    if subject is None:
        figure = reading.figures[-1]
        deed = reading.measure == LEVEL and is_deed(reading.deed + reading.name, figure)
        if not deed and not is_name(reading.name, reading.measure, figure):
            return ""
        name = reading.name + ("增长" if reading.measure == GROWTH else "")
    else:
        name = subject.indicator(reading.measure)
    if reading.yearly:
        name = _CHANGE.sub(r"年均\g<0>", name) if reading.measure == GROWTH else f"年均{name}"
    if reading.deed:
        name = reading.deed + name if reading.measure == LEVEL else ""
    return name


def _of_other_years(reading: Reading, before: str, period: str) -> bool:
    """Whether a figure of one year sums up several, or compares with another year than the one before.

    ``before``: the words of its clause up to it.
    """
    if "—" in period:
        return False
    if _SUM.search(before) and not _SUM.search(reading.name):
        return True
    bases = [int(found) for found in _BASE.findall(in_digits(before))]
    return reading.measure == GROWTH and any(base != int(period[:4]) - 1 for base in bases)


def _measured(reading: Reading) -> tuple[float | None, float | None, str] | None:
    """Return number, upper end and unit of a reading; None where its figure cannot be of its subject."""
    unit = reading.subject.unit if reading.subject else ""
    if not reading.figures:
        return None, None, "%" if reading.measure == GROWTH else unit
    if reading.measure == GROWTH:
        falls = reading.subject is not None and reading.subject.falls
        sign = 1 if reading.fell == falls else -1
        found = [(_plain(f.number.value * sign), "%") if f.number.percent else None for f in reading.figures]
    else:
        found = [_converted(f, unit, reading.figures[-1].unit) for f in reading.figures]
    converted = [one for one in found if one is not None]
    if len(converted) != len(reading.figures):
        return None
    return converted[0][0], converted[1][0] if len(converted) > 1 else None, converted[0][1]


def _plain(value: Fraction) -> float:
    return round(float(value), 6)


def _converted(figure: Figure, wanted: str, unit: str) -> tuple[float, str] | None:
    """Return a figure's number in the unit ``wanted``, in its own where that is "" or another currency; else None."""
    value = figure.number.value
    if figure.number.percent or wanted == "%":
        return (_plain(value), "%") if figure.number.percent and wanted in ("", "%") else None
    if figure.number.points or unit == "百分点":
        return None
    if not wanted:
        scale = next((mark for mark in ("亿", "万") if value >= _SCALES[mark]), "")
        return _plain(value / _SCALES[scale]), f"{scale}{unit}"
    parts = _SCALED.fullmatch(wanted)
    scale, base = (parts[1] or "", parts[2]) if parts else ("", wanted)
    if unit in _WEIGHTS and base in _WEIGHTS:
        value *= _WEIGHTS[unit] / _WEIGHTS[base]
    elif unit.endswith("元") and base.endswith("元"):
        wanted = scale + unit
    elif unit != base and not {unit, base} <= _PEOPLE:
        return None
    return _plain(value / _SCALES[scale]), wanted


def _quote(report: Report, paragraph: Paragraph, sentence: Sentence, first: int, last: int) -> Quote:
    """Return the sentence as a quote, ``first`` to ``last`` marked; of a long one the run of clauses around the mark."""
    start, end = sentence.start, sentence.end
    if end - start > LONGEST_QUOTE:
        start, end = run_around(clause_spans(report.text, start, end), first, last, LONGEST_QUOTE)
        end = max(end, last)
    return Quote(
        text=report.text[start:end],
        context=report.text[paragraph.start : paragraph.end],
        highlights=[(first - start, last - start)],
        citation=cite(report, paragraph, start, end, sentence.topic),
        errata=within(report, start, end),
    )
