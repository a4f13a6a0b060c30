"""The tab of figures in Debian's Chromium: table, charts, downloads, and each figure's sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import openpyxl
import pytest

from browsing import Watched, chromium, served, violations
from reportqa import parsing, reading
from reportqa.api import create_app
from reportqa.schema import Report
from scripted import ScriptedQA

pytestmark = [
    pytest.mark.browser,
    # Gradio's and AnyIO's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning:gradio.queueing"),
]
OTHER = Path(__file__).parent / "figures" / "2024年海川市政府工作报告.txt"


@pytest.fixture(scope="module")
def address(sample_report: Report) -> Iterator[str]:
    qa = ScriptedQA(sample_report)
    qa.shelf.append(parsing.parse(reading.read(OTHER)))
    with served(create_app(cast(Any, qa))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    watch = Watched(context)
    watch.page.goto(f"{address}#figures")
    watch.page.locator(".figures table").wait_for()
    yield watch.page
    watch.check(urlsplit(address).netloc)
    context.close()


def only(page: Any, name: str, *values: str) -> None:
    """Leave nothing picked in a group but ``values``."""
    group = page.locator(f'details[data-name="{name}"]')
    group.locator("summary").click()
    group.locator('[data-all=""]').click()
    for value in values:
        group.locator(f'input[value="{value}"]').check()
    page.keyboard.press("Escape")
    page.locator('#panel-figures:not([aria-busy="true"])').wait_for()


def test_a_table_whose_figures_open_their_sentences(page: Any) -> None:
    assert page.locator(".figures tbody th").first.inner_text() == "地区生产总值增长"
    assert page.locator(".figures thead th").all_inner_texts()[0] == "海川市"  # which has the latest report
    only(page, "places", "海川市", "聊城市")
    only(page, "periods", "2022|target", "2024|target")
    page.locator('.figures tbody th:text-is("聊城市")').wait_for()
    cell = page.locator('.figures tbody tr:has-text("聊城市") a').first
    assert cell.inner_text() == "6%左右"
    cell.click()
    frame = page.frame_locator(".pane iframe")
    frame.locator("mark").first.wait_for()
    assert "生产总值增长6%左右" in frame.locator("mark").first.inner_text()
    assert violations(page) == []


def test_sorting_by_a_column(page: Any) -> None:
    only(page, "places", "海川市", "聊城市")
    only(page, "periods", "2021|actual", "2023|actual")
    only(page, "indicators", "地区生产总值增长", "城镇新增就业")
    page.locator('.figures thead:has-text("城镇新增就业")').wait_for()
    page.locator(".figures [data-sort]").first.click()
    assert page.locator(".figures tbody th").first.inner_text() == "聊城市"
    assert page.locator('[aria-sort="descending"]').count() == 1


@pytest.mark.parametrize(("form", "drawn"), [("bar", ".bars path"), ("line", ".scatterlayer path")])
def test_a_chart(page: Any, form: str, drawn: str) -> None:
    page.locator(f'[data-form="{form}"]').click()
    page.locator(f".chart {drawn}").first.wait_for(state="attached")
    assert page.locator(".figures table").is_visible()
    with page.expect_download() as started:
        page.locator("[data-picture]").click()
    assert started.value.suggested_filename.endswith(".png")


def test_downloads(page: Any, tmp_path: Path) -> None:
    read = {}
    for form in ("csv", "excel"):
        with page.expect_download() as started:
            page.locator(f'[data-file="{form}"]').click()
        path = tmp_path / started.value.suggested_filename
        started.value.save_as(path)
        read[path.suffix] = path.read_bytes()
    assert read[".csv"].startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(read[".csv"].decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(read[".xlsx"])).active
    assert sheet is not None
    assert sheet.max_row == len(lines)
    assert ["地区生产总值增长", "海川市", "2024", "目标", "6%左右"] in [line[:5] for line in lines]


def test_nothing_picked(page: Any) -> None:
    only(page, "places")
    page.locator(".figures .nothing").wait_for()
    assert "请在上面另选" in page.locator(".figures .nothing").inner_text()
    page.locator('[data-form="bar"]').click()
    page.locator(".chart-note").filter(has_text="没有可以画成图的数字").wait_for()
