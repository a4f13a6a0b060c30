"""Rows of an indicator as a chart that plotly.js draws: bars over places, or lines over years.

The colours are the page's; the table beside a chart says the same in words.
"""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportqa.figure_files import KINDS
from reportqa.schema import IndicatorRow
from reportqa.wording import short_names

BAR, LINE = "bar", "line"
_SCALES = {"": 1, "万": 10**4, "亿": 10**8}
_UNIT = re.compile("(亿|万)?(.*)")
_LEGEND_OVER = 1
"""Series without a legend."""


def scripts() -> Path:
    """Return the directory of plotly.min.js, which comes with the package plotly, without importing that."""
    found = importlib.util.find_spec("plotly")
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0], "package_data")


def chart_of(rows: Sequence[IndicatorRow], form: str) -> dict[str, Any] | None:
    """Return the traces and the layout of a chart of one indicator's ``rows``; None where nothing can be drawn.

    ``form``: BAR or LINE.  Every point carries as ``customdata`` the address of its quote and its value as written.
    """
    if form == LINE:
        rows = [row for row in rows if row.period.isdigit()]
    unit = Counter(row.unit for row in rows if row.number is not None).most_common(1)
    drawn = [(row, number) for row in rows if unit and (number := in_unit(row, unit[0][0])) is not None]
    if not drawn:
        return None
    series: dict[str, list[tuple[IndicatorRow, float]]] = {}
    several = len({row.place for row in rows}) > 1
    for row, number in drawn:
        pair = f"{row.period} {KINDS[row.kind]}"
        line = f"{row.place} {KINDS[row.kind]}" if several else KINDS[row.kind]
        series.setdefault(pair if form == BAR and several else line, []).append((row, number))
    across = [_at(row, form, several=several) for row, _ in drawn]
    traces = [_trace(name, points, form, several=several) for name, points in sorted(series.items())]
    order = list(dict.fromkeys(across)) if form == BAR and several else sorted(set(across))
    layout = {
        "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": order, "automargin": True},
        "yaxis": {"title": {"text": unit[0][0]}, "automargin": True, "zeroline": True},
        "showlegend": len(traces) > _LEGEND_OVER,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "margin": {"l": 56, "r": 16, "t": 24, "b": 48},
        "hovermode": "closest",
        "barmode": "group",
    }
    return {"data": traces, "layout": layout, "missing": len(rows) - len(drawn)}


def in_unit(row: IndicatorRow, unit: str) -> float | None:
    """Return a row's number in a unit of the same measure; None where it has none."""
    scale, base = _parts(row.unit)
    wanted, wanted_base = _parts(unit)
    if row.number is None or base != wanted_base:
        return None
    return row.number * scale / wanted


def _parts(unit: str) -> tuple[int, str]:
    found = _UNIT.fullmatch(unit)
    return (_SCALES[found[1] or ""], found[2]) if found else (1, unit)


def _at(row: IndicatorRow, form: str, *, several: bool) -> str:
    return next(iter(short_names(row.place)), row.place) if form == BAR and several else row.period


def _trace(name: str, points: Sequence[tuple[IndicatorRow, float]], form: str, *, several: bool) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "name": name,
        "type": "bar" if form == BAR else "scatter",
        "x": [_at(row, form, several=several) for row, _ in points],
        "y": [number for _, number in points],
        "customdata": [[row.quote.citation.url.lstrip("/"), row.value, row.place, row.period] for row, _ in points],
        "hovertemplate": "%{customdata[2]} %{customdata[3]}<br><b>%{customdata[1]}</b><extra></extra>",
    }
    if form == LINE:
        trace["mode"] = "lines+markers"
        trace["line"] = {"dash": "dash" if points[0][0].kind == "target" else "solid"}
    return trace
