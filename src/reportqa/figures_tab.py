"""The tab of figures: indicators, places and periods to pick; the figures as a table, a chart and files."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from reportqa.charts import BAR, chart_of
from reportqa.figure_files import CSV, EXCEL, KINDS, csv_of, excel_of
from reportqa.indicator_lexicon import bundled
from reportqa.language import CHINESE, Words, words_in
from reportqa.schema import IndicatorRow
from reportqa.tabs import Call
from reportqa.templating import render

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

MOST_CELLS = 3_000
_MOST_PICKED = 400
_FEW_REPORTS = 1

Pair = tuple[str, str]
"""A period and a kind."""


class Picked(BaseModel):
    """What the page sends: names of indicators and places, and periods as 2025|target."""

    language: str = CHINESE
    indicators: list[str] = Field([], max_length=_MOST_PICKED)
    places: list[str] = Field([], max_length=_MOST_PICKED)
    periods: list[str] = Field([], max_length=_MOST_PICKED)
    charted: str = ""
    """The indicator of the chart; the first where it is not among the picked."""
    form: str = BAR
    format: str = "csv"
    address: str = Field("", max_length=500, pattern=r"^(https?://[^\s<>\"]+)?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in the table, or the lack of one."""

    row: IndicatorRow | None

    @property
    def link(self) -> str:
        """The source page, relative to the chat's address."""
        return self.row.quote.citation.url.lstrip("/") if self.row else ""


class FiguresTab:
    """See tabs.Tab."""

    name = "figures"

    def __init__(self, qa: ReportQA) -> None:
        self._qa = qa
        threading.Thread(target=qa.indicators, daemon=True).start()  # so that nobody waits when the tab is opened first
        self.calls: Mapping[str, Call] = {
            "figure_choices": self._choices,
            "figure_table": self._table,
            "figure_file": self._file,
        }

    def panel(self, words: Words) -> str:
        """Return the panel's HTML; the choices come when it is opened, since reading all figures takes a while."""
        return render("figures.html", w=words)

    def _choices(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what there is to pick, as HTML, with the preset picked."""
        words = words_in(str(given.get("language", "")))
        rows = self._qa.indicators()
        names = _in_order({row.indicator for row in rows})
        places = list(dict.fromkeys(row.place for row in sorted(rows, key=lambda row: row.place)))
        pairs = sorted({(row.period, row.kind) for row in rows}, key=_latest_first)
        preset = preset_of(rows)
        html = render(
            "figure_choices.html",
            w=words,
            names=[(name, name) for name in names],
            places=[(place, place) for place in places],
            pairs=[(f"{period}|{kind}", _told((period, kind), words)) for period, kind in pairs],
            picked=preset,
        )
        return {"html": html, "picked": preset}

    def _table(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the picked figures as a table in HTML and as a chart, and what is announced."""
        picked = Picked.model_validate(given)
        words = words_in(picked.language)
        rows = self._rows(picked)
        shown = rows[:MOST_CELLS]
        places = list(dict.fromkeys(row.place for row in sorted(shown, key=lambda row: row.place)))
        names = [name for name in picked.indicators if any(row.indicator == name for row in shown)]
        pairs = sorted({(row.period, row.kind) for row in shown}, key=lambda pair: (pair[0], pair[1]))
        at = {(row.indicator, row.place, row.period, row.kind): row for row in shown}
        if len(places) == 1:
            columns = [("", _told(pair, words)) for pair in pairs]
            lines = [(name, [Cell(at.get((name, places[0], *pair))) for pair in pairs]) for name in names]
        else:
            columns = [(name, _told(pair, words)) for name in names for pair in pairs if _any(at, name, places, pair)]
            kept = [(name, pair) for name in names for pair in pairs if _any(at, name, places, pair)]
            lines = [(place, [Cell(at.get((name, place, *pair))) for name, pair in kept]) for place in places]
        charted = picked.charted if picked.charted in names else next(iter(names), "")
        said = words["figures_said"].format(len(shown))
        html = render(
            "figure_table.html",
            w=words,
            columns=columns,
            groups=_groups(columns),
            lines=lines,
            corner=words["figures_indicator"] if len(places) == 1 else words["place"],
            caption=places[0] if len(places) == 1 else "",
            names=names,
            charted=charted,
            cut=len(rows) > len(shown),
            said=said,
        )
        chart = chart_of([row for row in shown if row.indicator == charted], picked.form)
        return {"html": html, "chart": chart, "charted": charted, "said": said}

    def _file(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the picked figures as a file: its name, type and bytes in base64."""
        picked = Picked.model_validate(given)
        rows = self._rows(picked)
        excel = picked.format == "excel"
        data = excel_of(rows, picked.address) if excel else csv_of(rows, picked.address)
        name = f"{words_in(picked.language)['tab_figures']}.{'xlsx' if excel else 'csv'}"
        return {"name": name, "type": EXCEL if excel else CSV, "data": base64.b64encode(data).decode()}

    def _rows(self, picked: Picked) -> list[IndicatorRow]:
        names, places, periods = set(picked.indicators), set(picked.places), set(picked.periods)
        return [
            row
            for row in self._qa.indicators()
            if row.indicator in names and row.place in places and f"{row.period}|{row.kind}" in periods
        ]


def preset_of(rows: Sequence[IndicatorRow]) -> dict[str, list[str]]:
    """Return what is picked at first: the main indicators of the latest period everywhere; of one report all there is."""
    places = sorted({row.place for row in rows})
    reports = {row.quote.citation.report_id for row in rows}
    if len(reports) <= _FEW_REPORTS:
        pairs = {(row.period, row.kind) for row in rows}
        return {
            "indicators": _in_order({row.indicator for row in rows}),
            "places": places,
            "periods": [f"{period}|{kind}" for period, kind in sorted(pairs, key=_latest_first)],
        }
    main = [name for name in bundled().main if any(row.indicator == name for row in rows)]
    latest = max((row.quote.citation.year for row in rows), default=0)
    periods = (
        [f"{latest}|target"]
        if len(places) > 1
        else sorted({f"{row.period}|{row.kind}" for row in rows if "—" not in row.period})
    )
    there = {row.place for row in rows if len(places) == 1 or row.period == str(latest)}
    return {"indicators": main, "places": [place for place in places if place in there], "periods": periods}


def _in_order(names: set[str]) -> list[str]:
    order = bundled().order
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _latest_first(pair: Pair) -> tuple[int, int, str, str]:
    period, kind = pair
    return -int(period.split("—")[-1][:4]), len(period), period, kind


def _told(pair: Pair, words: Words) -> str:
    period, kind = pair
    return f"{period} {KINDS[kind] if words.language == CHINESE else kind}"


def _any(at: Mapping[tuple[str, str, str, str], IndicatorRow], name: str, places: Sequence[str], pair: Pair) -> bool:
    return any((name, place, *pair) in at for place in places)


def _groups(columns: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return the indicators over the columns, each with the number of columns it spans."""
    groups: list[tuple[str, int]] = []
    for name, _ in columns:
        if groups and groups[-1][0] == name:
            groups[-1] = (name, groups[-1][1] + 1)
        else:
            groups.append((name, 1))
    return groups
