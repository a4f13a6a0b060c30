"""Rows of indicators through the doors: files, the command line, HTTP and the tools."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from reportqa.api import create_app
from reportqa.cli import main
from reportqa.figure_files import HEADINGS, csv_of, excel_of
from reportqa.indicators import rows_of
from reportqa.mcp import tools_of
from reportqa.schema import IndicatorRow, Report
from scripted import scripted

pytestmark = [
    # Gradio's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝HYPERLINK(1)", "\t=1"]


@pytest.fixture(scope="module")
def rows(sample_report: Report) -> list[IndicatorRow]:
    return rows_of(sample_report)


def table(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_csv_opens_in_excel(rows: list[IndicatorRow]) -> None:
    heading, *lines = table(csv_of(rows, "http://localhost:7860/"))
    assert tuple(heading) == HEADINGS
    assert len(lines) == len(rows)
    assert lines[0][:7] == ["地区生产总值增长", "聊城市", "2021", "实际", "8.4%", "8.4", ""]
    assert lines[0][-1].startswith("http://localhost:7860/report/")


def test_a_workbook_keeps_numbers_numbers(rows: list[IndicatorRow]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(excel_of(rows))).active
    assert sheet is not None
    heading, *lines = sheet.iter_rows(values_only=True)
    assert tuple(heading) == HEADINGS
    assert [line[5] for line in lines] == [row.number for row in rows]
    assert [line[10] for line in lines] == [row.quote.text for row in rows]


def test_characters_that_no_workbook_holds_are_left_out(rows: list[IndicatorRow]) -> None:
    damaged = dataclasses.replace(rows[0], indicator="地区\x07生产总值")
    sheet = openpyxl.load_workbook(io.BytesIO(excel_of([damaged]))).active
    assert sheet is not None
    assert sheet["A2"].value == "地区生产总值"
    hidden = dataclasses.replace(rows[0], indicator="\x07=1+\x071")
    sheet = openpyxl.load_workbook(io.BytesIO(excel_of([hidden]))).active
    assert sheet is not None
    assert sheet["A2"].value == "'=1+1"


@pytest.mark.parametrize("words", FORMULAS)
def test_no_cell_is_a_formula(rows: list[IndicatorRow], words: str) -> None:
    hostile = dataclasses.replace(rows[0], indicator=words, value=words, number=-1.5)
    [_, line] = table(csv_of([hostile]))
    assert line[0] == f"'{words}"
    assert line[5] == "-1.5"
    sheet = openpyxl.load_workbook(io.BytesIO(excel_of([hostile]))).active
    assert sheet is not None
    assert "f" not in {cell.data_type for cell in sheet[2]}
    assert sheet["A2"].value == f"'{words}"
    assert sheet["F2"].value == -1.5


@pytest.fixture
def client(sample_report: Report) -> Iterator[TestClient]:
    app = create_app(scripted(sample_report))
    with TestClient(app, base_url="http://localhost:7860", client=("127.0.0.1", 50000)) as client:
        yield client


def test_over_http(client: TestClient) -> None:
    found = client.get("/api/indicators", params={"indicator": "GDP增速", "period": "2021"}).json()
    assert [(row["place"], row["value"], row["kind"]) for row in found] == [("聊城市", "8.4%", "actual")]
    assert "8.4%" in found[0]["quote"]["text"]
    assert client.get(found[0]["quote"]["citation"]["url"]).status_code == 200
    assert len(client.get("/api/indicators").json()) > 30


def test_as_a_tool(sample_report: Report) -> None:
    server: Any = tools_of(scripted(sample_report))
    given = {"indicator": "城镇新增就业", "limit": 1}
    told = asyncio.run(server.call_tool("indicators", given)).structured_content
    assert told["total"] == 2
    [row] = told["rows"]
    assert row["value"] in row["source"]["quote"]


def test_on_the_command_line(sample_index: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["indicators", *arguments, "--index", str(sample_index)])

    done = run("GDP增速")
    assert done.exit_code == 0
    assert "聊城市  2021  实际  地区生产总值增长  8.4%" in done.output
    assert "聊城市  2022  目标  地区生产总值增长  6%左右" in done.output
    assert json.loads(run("GDP增速", "--period", "2022", "--json").stdout)[0]["number"] == 6.0
    assert "没有这样的数字" in run("没有的指标").stderr
    file = tmp_path / "figures.csv"
    assert run("-o", str(file)).exit_code == 0
    assert len(table(file.read_bytes())) > 30
    assert run("-o", str(tmp_path / "figures.pdf")).exit_code == 2
