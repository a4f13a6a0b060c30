"""A gold table of indicators against the rows that the product gives: precision and recall by key."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from reportqa.facts import figures
from reportqa.schema import IndicatorRow, ReportQAError
from reportqa.text import fold

NAME = "indicators.csv"
_COLUMNS = ("place", "indicator", "period", "kind", "value", "unit")
_KINDS = ("actual", "target")
_SCALES = {"亿": 10**8, "万": 10**4}
_FALLS = ("下降", "降低", "减少", "负增长", "回落")


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell says: its number in single units, the bound and whether it fell; or its words alone."""

    number: Fraction | None
    bound: str
    words: str = ""


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a gold table.  Raises ReportQAError, naming the line, where it is no such table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ReportQAError(f"读不了评测文件“{path}”，应是 UTF-8 编码的 CSV 文件。") from None
    if not records:
        raise ReportQAError(f"评测文件“{path}”是空的，应每行一个指标。")
    for number, record in enumerate(records, 2):
        missing = [column for column in _COLUMNS if not record.get(column)]
        if missing or record["kind"] not in _KINDS:
            column = missing[0] if missing else "kind"
            raise ReportQAError(
                f"评测文件“{path}”第 {number} 行的“{column}”缺少或不合格式，kind 应是 actual 或 target。"
            )
    return records


def measure_table(gold: Sequence[Mapping[str, str]], rows: Iterable[IndicatorRow]) -> dict[str, float | str | None]:
    """Return precision over the keys that the gold has, recall, and whether every quote holds its number.

    A key is place, indicator, period and kind; a second, different value for it is wrong.
    """
    given: dict[tuple[str, str, str, str], set[Value]] = {}
    held = []
    for row in rows:
        given.setdefault((row.place[:2], row.indicator, row.period, row.kind), set()).add(value_of(row.value, row.unit))
        held.append(all(number in fold(row.quote.marked) for number in _numbers(row.value)))
    wanted: dict[tuple[str, str, str, str], Value] = {}
    for record in gold:
        place, indicator, period, kind, value, unit = (record[column] for column in _COLUMNS)
        wanted[place[:2], indicator, period, kind] = value_of(value, unit)
    said = sum(len(given.get(key, ())) for key in wanted)
    right = sum(value in given.get(key, ()) for key, value in wanted.items())
    return {
        "precision": round(right / said, 4) if said else None,
        "recall": round(right / len(wanted), 4),
        "number_in_quote": round(sum(held) / len(held), 4) if held else None,
        "n": len(wanted),
    }


def value_of(value: str, unit: str) -> Value:
    """Return what a cell says; ``unit`` is that of a number without one."""
    words = fold(value)
    found = figures(words)
    if not found:
        return Value(None, "", words)
    first = found[0]
    number = first.number.value
    if not first.unit and not first.number.percent and unit != "%":
        number *= _SCALES.get(unit[:1], 1)
    if any(fall in words for fall in _FALLS):
        number = -number
    return Value(number, first.bound)


def write_table(path: Path, rows: Iterable[IndicatorRow]) -> None:
    """Write rows as a table of the gold's columns, and the words that hold them as evidence."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_COLUMNS, "evidence"])
        writer.writerows(
            [row.place, row.indicator, row.period, row.kind, row.value, row.unit, row.quote.marked] for row in rows
        )


def _numbers(value: str) -> list[str]:
    folded = fold(value)
    return [folded[figure.number.start : figure.number.end] for figure in figures(folded)]
