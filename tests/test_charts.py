"""Charts of an indicator: what is drawn over what, in which unit, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reportqa.charts import BAR, LINE, chart_of, in_unit, scripts
from reportqa.schema import IndicatorRow, Report
from scripted import quote_of


@pytest.fixture(scope="module")
def grown(sample_report: Report) -> IndicatorRow:
    quote = quote_of(sample_report, "全市生产总值增长8.4%")
    return IndicatorRow("地区生产总值增长", "聊城市", "2021", "actual", "8.4%", 8.4, None, "", "%", quote)


def lines(chart: dict[str, Any] | None) -> dict[str, list[tuple[str, float]]]:
    """Return the points of each trace by its name."""
    assert chart is not None
    return {trace["name"]: list(zip(trace["x"], trace["y"], strict=True)) for trace in chart["data"]}


def test_a_line_over_years_for_each_kind(grown: IndicatorRow) -> None:
    rows = [
        replace(grown, period="2022", kind="target", value="6%左右", number=6.0, bound="左右"),
        replace(grown, period="2022", number=3.5),
        grown,
        replace(grown, period="2021—2025", number=7.0),
    ]
    chart = chart_of(rows, LINE)
    assert chart is not None
    assert lines(chart) == {"实际": [("2022", 3.5), ("2021", 8.4)], "目标": [("2022", 6.0)]}
    assert [trace["line"]["dash"] for trace in chart["data"]] == ["solid", "dash"]
    assert {(trace["type"], trace["mode"]) for trace in chart["data"]} == {("scatter", "lines+markers")}
    assert chart["layout"]["xaxis"]["categoryarray"] == ["2021", "2022"]
    assert chart["layout"]["yaxis"]["title"]["text"] == "%"
    assert chart["layout"]["showlegend"] is True
    assert chart["missing"] == 0


def test_a_line_for_each_place_where_there_are_several(grown: IndicatorRow) -> None:
    rows = [grown, replace(grown, place="海川市", number=5.0)]
    assert lines(chart_of(rows, LINE)) == {"海川市 实际": [("2021", 5.0)], "聊城市 实际": [("2021", 8.4)]}


def test_bars_over_places_in_the_order_of_the_rows(grown: IndicatorRow) -> None:
    rows = [
        grown,
        replace(grown, place="海川市", number=5.0),
        replace(grown, place="海川市", period="2022", kind="target", number=6.0),
    ]
    chart = chart_of(rows, BAR)
    assert chart is not None
    assert lines(chart) == {"2021 实际": [("聊城", 8.4), ("海川", 5.0)], "2022 目标": [("海川", 6.0)]}
    assert {trace["type"] for trace in chart["data"]} == {"bar"}
    assert chart["layout"]["xaxis"]["categoryarray"] == ["聊城", "海川"]


def test_bars_of_one_place_stand_over_years(grown: IndicatorRow) -> None:
    chart = chart_of([replace(grown, period="2022", number=5.0), grown], BAR)
    assert chart is not None
    assert lines(chart) == {"实际": [("2022", 5.0), ("2021", 8.4)]}
    assert chart["layout"]["xaxis"]["categoryarray"] == ["2021", "2022"]
    assert chart["layout"]["showlegend"] is False


def test_a_point_leads_to_its_sentence_and_shows_the_value_as_written(grown: IndicatorRow) -> None:
    chart = chart_of([grown], BAR)
    assert chart is not None
    [point] = chart["data"][0]["customdata"]
    assert point == [grown.quote.citation.url.lstrip("/"), "8.4%", "聊城市", "2021"]


def test_what_has_no_number_or_another_unit_is_counted_as_missing(grown: IndicatorRow) -> None:
    rows = [
        grown,
        replace(grown, place="海川市", number=None, value="与经济增长同步", unit=""),
        replace(grown, place="平川市", number=300.0, unit="亿元"),
    ]
    chart = chart_of(rows, BAR)
    assert chart is not None
    assert chart["missing"] == 2
    assert lines(chart) == {"2021 实际": [("聊城", 8.4)]}


def test_values_are_drawn_in_the_unit_that_most_are_written_in(grown: IndicatorRow) -> None:
    rows = [
        replace(grown, unit="亿元", number=1.5),
        replace(grown, unit="亿元", number=2.0, place="海川市"),
        replace(grown, unit="万元", number=5000.0, place="平川市"),
    ]
    chart = chart_of(rows, BAR)
    assert chart is not None
    assert chart["layout"]["yaxis"]["title"]["text"] == "亿元"
    assert lines(chart) == {"2021 实际": [("聊城", 1.5), ("海川", 2.0), ("平川", 0.5)]}


@pytest.mark.parametrize("form", [BAR, LINE])
def test_nothing_to_draw(grown: IndicatorRow, form: str) -> None:
    assert chart_of([], form) is None
    assert chart_of([replace(grown, number=None)], form) is None


def test_no_line_without_a_year(grown: IndicatorRow) -> None:
    assert chart_of([replace(grown, period="2021—2025")], LINE) is None


@pytest.mark.parametrize(
    ("number", "unit", "wanted", "expected"),
    [
        (5.0, "万人", "人", 50_000.0),
        (2.0, "亿元", "万元", 20_000.0),
        (3.0, "元", "亿元", 3e-8),
        (8.4, "%", "%", 8.4),
        (8.4, "%", "个百分点", None),
        (1.0, "万人", "万户", None),
        (None, "%", "%", None),
    ],
)
def test_a_number_in_another_unit(
    grown: IndicatorRow, number: float | None, unit: str, wanted: str, expected: float | None
) -> None:
    found = in_unit(replace(grown, number=number, unit=unit), wanted)
    assert found == (None if expected is None else pytest.approx(expected))


def test_plotlys_script_comes_with_its_package() -> None:
    assert (scripts() / "plotly.min.js").is_file()
