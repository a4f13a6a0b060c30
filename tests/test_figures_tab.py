"""What the tab of figures answers to its page: choices, table, chart and files."""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest
from pydantic import ValidationError

from reportqa import figures_tab, parsing, reading
from reportqa.assistant import ReportQA
from reportqa.figures_tab import FiguresTab, preset_of
from reportqa.language import CHINESE, words_in
from reportqa.schema import Report
from scripted import ScriptedQA

OTHER = Path(__file__).parent / "figures" / "2024年海川市政府工作报告.txt"
GROWTH, JOBS = "地区生产总值增长", "城镇新增就业"
BOTH = {"indicators": [GROWTH, JOBS], "places": ["聊城市", "海川市"], "periods": ["2022|target", "2024|target"]}


@pytest.fixture(scope="module")
def qa(sample_report: Report) -> ScriptedQA:
    qa = ScriptedQA(sample_report)
    qa.shelf.append(parsing.parse(reading.read(OTHER)))
    return qa


@pytest.fixture(scope="module")
def tab(qa: ScriptedQA) -> FiguresTab:
    return FiguresTab(cast(ReportQA, qa))


def cells(html: str) -> list[list[str]]:
    """Return the words of every row of the table's body."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def table(tab: FiguresTab, **picked: Any) -> dict[str, Any]:
    return tab.calls["figure_table"](picked)


def test_the_panel_is_in_the_visitors_language(tab: FiguresTab) -> None:
    for language, other in (("en", CHINESE), (CHINESE, "en")):
        panel = tab.panel(words_in(language))
        assert words_in(language)["figures_bars"] in panel
        assert words_in(other)["figures_bars"] not in panel


def test_the_choices_are_all_there_is_with_the_preset_picked(tab: FiguresTab, qa: ScriptedQA) -> None:
    told = tab.calls["figure_choices"]({})
    offered = set(re.findall(r'<input type="checkbox" name="(\w+)" value="([^"]+)"', told["html"]))
    rows = qa.indicators()
    assert offered == {
        *(("indicators", row.indicator) for row in rows),
        *(("places", row.place) for row in rows),
        *(("periods", f"{row.period}|{row.kind}") for row in rows),
    }
    ticked = re.findall(r'name="(\w+)" value="([^"]+)" checked', told["html"])
    assert set(ticked) == {(name, value) for name, values in told["picked"].items() for value in values}


def test_the_preset_of_several_reports_is_the_latest_years_targets(qa: ScriptedQA) -> None:
    preset = preset_of(qa.indicators())
    assert (preset["places"], preset["periods"]) == (["海川市"], ["2024|target"])
    assert preset["indicators"][0] == GROWTH


def test_the_preset_of_one_report_is_all_it_states(sample_report: Report) -> None:
    rows = ScriptedQA(sample_report).indicators()
    preset = preset_of(rows)
    assert preset["places"] == ["聊城市"]
    assert set(preset["indicators"]) == {row.indicator for row in rows}
    assert set(preset["periods"]) == {f"{row.period}|{row.kind}" for row in rows}
    years = [period.partition("|")[0] for period in preset["periods"] if period[:4].isdigit()]
    assert years == sorted(years, key=lambda period: (-int(period.split("—")[-1][:4]), len(period), period))


def test_the_preset_of_no_figures_is_nothing() -> None:
    assert preset_of([]) == {"indicators": [], "places": [], "periods": []}


def test_several_places_are_rows_and_a_figure_leads_to_its_sentence(tab: FiguresTab) -> None:
    told = table(tab, **BOTH)
    found = {row[0]: row[1:] for row in cells(told["html"])}
    assert set(found) == {"聊城市", "海川市"}
    assert "6%左右" in found["聊城市"]
    assert "—" in found["聊城市"]
    assert told["charted"] == GROWTH
    assert {trace["name"] for trace in told["chart"]["data"]} == {"2022 目标", "2024 目标"}
    assert re.search(r'href="report/%E8%81%8A[^"]+#p\d+"[^>]*>6%左右</a>', told["html"])
    assert f'colspan="2" scope="colgroup">{GROWTH}' in told["html"]


def test_one_place_has_its_indicators_as_rows(tab: FiguresTab) -> None:
    told = table(tab, **{**BOTH, "places": ["聊城市"], "periods": ["2022|target", "2021|actual"]})
    rows = cells(told["html"])
    assert [row[0] for row in rows] == [GROWTH, JOBS]
    assert rows[0][1:] == ["8.4%", "6%左右"]
    assert "2021 实际" in told["html"]


def test_the_table_in_english(tab: FiguresTab) -> None:
    told = table(tab, **BOTH, language="en")
    assert "2024 target" in told["html"]
    assert told["said"] == words_in("en")["figures_said"].format(
        sum(cell != "—" for row in cells(told["html"]) for cell in row[1:])
    )


def test_the_indicator_of_the_chart_is_one_of_those_shown(tab: FiguresTab) -> None:
    assert table(tab, **BOTH, charted=JOBS)["charted"] == JOBS
    assert table(tab, **BOTH, charted="粮食产量")["charted"] == GROWTH


def test_nothing_picked(tab: FiguresTab) -> None:
    told = table(tab)
    assert (told["chart"], told["charted"]) == (None, "")
    assert words_in(CHINESE)["figures_pick"] in told["html"]


def test_a_table_that_is_too_long_says_that_it_is_cut(tab: FiguresTab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert words_in(CHINESE)["figures_cut"] not in table(tab, **BOTH)["html"]
    monkeypatch.setattr(figures_tab, "MOST_CELLS", 1)
    told = table(tab, **BOTH)
    assert words_in(CHINESE)["figures_cut"] in told["html"]
    assert sum(cell != "—" for row in cells(told["html"]) for cell in row[1:]) == 1


def test_the_picked_figures_as_files(tab: FiguresTab) -> None:
    file = tab.calls["figure_file"]({**BOTH, "address": "https://qa.example/"})
    assert file["name"].endswith(".csv")
    lines = list(csv.reader(io.StringIO(base64.b64decode(file["data"]).decode("utf-8-sig"))))
    assert {line[0] for line in lines[1:]} <= {GROWTH, JOBS}
    assert [line[4] for line in lines[1:] if line[:3] == [GROWTH, "聊城市", "2022"]] == ["6%左右"]
    assert all(line[-1].startswith("https://qa.example/report/") for line in lines[1:])
    book = tab.calls["figure_file"]({**BOTH, "format": "excel", "language": "en"})
    assert book["name"] == f"{words_in('en')['tab_figures']}.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(book["data"]))).active
    assert sheet is not None
    assert sheet.max_row == len(lines)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a b", 'https://"', "https://" + "a" * 600])
def test_an_address_that_is_none_is_refused(tab: FiguresTab, address: str) -> None:
    with pytest.raises(ValidationError):
        tab.calls["figure_file"]({**BOTH, "address": address})
