"""The tab 引文核验 in Debian's Chromium, on the sample report's own index."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest

from browsing import Watched, chromium, served, violations
from conftest import is_one_chinese_sentence
from reportqa.api import create_app
from reportqa.checking import Checking
from reportqa.language import words_in

if TYPE_CHECKING:
    from reportqa import ReportQA

DRAFT = (
    "各位同事，大家好！\n2021年，全市生产总值增长8.5%。<b>粮食总产超113亿斤</b>，实现“十九连丰”。\n"
    "全市生产总值增长8.4%，位居榜首。\n2020年政府工作报告提出，新建农村公路750公里。\n谢谢大家！"
)


@pytest.fixture(scope="module")
def pages(sample_qa: ReportQA) -> Iterator[tuple[Any, str]]:
    with chromium() as browser, served(create_app(sample_qa)) as address:
        yield browser, address


@pytest.fixture
def opened(pages: tuple[Any, str]) -> Iterator[Any]:
    browser, address = pages
    watch = Watched(browser.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True))
    watch.page.goto(address)
    watch.page.get_by_role("tab", name="引文核验").wait_for()
    yield watch.page
    watch.check(address.split("/")[2])
    watch.context.close()


def check(page: Any, text: str) -> None:
    page.get_by_role("tab", name="引文核验").click()
    page.locator("#check-text").fill(text)
    page.get_by_role("button", name="开始核验").click()
    page.locator(".check-summary:not(:empty)").wait_for()


def the_draft(page: Any) -> str:
    return str(page.locator(".check-draft").evaluate("element => element.textContent"))


@pytest.mark.browser
def test_a_draft_with_its_marks_and_findings(opened: Any) -> None:
    check(opened, DRAFT)
    assert the_draft(opened) == DRAFT
    assert opened.locator(".check-draft b").count() == 0
    wrong = opened.locator(".claim.wrong")
    assert wrong.first.get_attribute("data-label") == "数字有异"
    assert wrong.first.locator(".wrong").inner_text() == "8.5%"
    first = opened.locator(".finding.wrong").first
    assert "“8.5%”应为“8.4%”" in first.inner_text()
    assert first.locator("del").inner_text() == "8.5%"
    assert first.locator("ins").inner_text() == "8.4%"
    assert opened.locator(".finding.misattributed").count() == 1
    assert violations(opened) == []
    first.get_by_role("link", name="查看原文").click()
    mark = opened.frame_locator("aside iframe").locator("mark.cited").first
    mark.wait_for()
    assert "全市生产总值增长8.4%" in mark.inner_text()


@pytest.mark.browser
def test_corrections_are_taken_and_taken_back(opened: Any) -> None:
    check(opened, DRAFT)
    button = opened.get_by_role("button", name="改正 1")
    button.focus()
    opened.keyboard.press("Enter")
    assert "增长8.4%。<b>" in the_draft(opened)
    opened.get_by_role("button", name="撤销改正 1").click()
    assert the_draft(opened) == DRAFT
    opened.get_by_role("button", name="全部改正").click()
    mended = the_draft(opened)
    assert "生产总值增长8.4%。\n2020" in mended
    with opened.expect_download() as download:
        opened.get_by_role("button", name="下载改正稿").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == mended
    opened.get_by_role("button", name="修改稿件").click()
    assert opened.locator("#check-text").input_value() == mended


@pytest.mark.browser
def test_a_word_draft_comes_back_corrected_and_commented(opened: Any, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("全市生产总值").add_run("增长8.5%。").bold = True
    document.save(str(tmp_path / "讲话稿.docx"))
    opened.get_by_role("tab", name="引文核验").click()
    opened.locator("#panel-check[data-ready]").wait_for()
    opened.locator("#check-file").set_input_files(tmp_path / "讲话稿.docx")
    opened.get_by_text("已打开“讲话稿.docx”").wait_for()
    opened.get_by_role("button", name="开始核验").click()
    opened.get_by_role("button", name="改正 1").click()
    with opened.expect_download() as download:
        opened.get_by_role("button", name="下载改正稿").click()
    assert download.value.suggested_filename == "讲话稿-改正.docx"
    paragraph = docx.Document(download.value.path()).paragraphs[0]
    assert paragraph.text == "全市生产总值增长8.4%。"
    assert {run.bold for run in paragraph.runs if "增长" in run.text} == {True}
    with opened.expect_download() as download:
        opened.get_by_role("button", name="下载批注稿").click()
    assert ["8.4%" in comment.text for comment in docx.Document(download.value.path()).comments] == [True]


@pytest.mark.browser
def test_what_cannot_be_checked_is_said(opened: Any, tmp_path: Path) -> None:
    opened.get_by_role("tab", name="引文核验").click()
    opened.locator("#panel-check[data-ready]").wait_for()
    opened.get_by_role("button", name="开始核验").click()
    assert opened.locator(".check .note").inner_text() == "请先粘贴文字或打开稿件。"
    (tmp_path / "坏.docx").write_bytes(b"no document")
    opened.locator("#check-file").set_input_files(tmp_path / "坏.docx")
    opened.get_by_text("不是完整的 Word 文件").wait_for()


@pytest.mark.browser
def test_tabs_by_keyboard(opened: Any) -> None:
    opened.get_by_role("tab", name="问答").focus()
    opened.keyboard.press("ArrowRight")
    assert opened.locator("#panel-ask").is_hidden()
    opened.locator("#check-text").wait_for()
    assert opened.evaluate("document.activeElement.id") in ("tab-check", "check-text")
    opened.reload()
    opened.locator("#check-text").wait_for()
    opened.get_by_role("tab", name="问答").click()
    assert opened.locator("#question").is_visible()


@pytest.mark.browser
def test_on_a_telephone_nothing_is_cut_off(pages: tuple[Any, str]) -> None:
    browser, address = pages
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page.goto(address + "#check")
    page.locator("#check-text").wait_for()
    check(page, DRAFT)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert page.locator("#panel-check").evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    assert violations(page) == []
    page.close()


def test_what_the_page_sends_is_checked(sample_qa: ReportQA) -> None:
    tab = Checking(sample_qa)
    for given in (
        {"name": "a.docx", "data": "not base64!"},
        {"name": "../../x.exe", "data": "AAAA"},
        {"name": "a.docx", "data": "AAAA"},
    ):
        assert is_one_chinese_sentence(tab.calls["read_draft"](given)["error"])
    assert is_one_chinese_sentence(tab.calls["check_draft"]({"text": "粮" * 30_000})["error"])
    broken = {"format": "word", "pieces": [{"text": "全市", "findings": [{"claim": "全市"}]}]}
    assert is_one_chinese_sentence(tab.calls["save_draft"](broken)["error"])


def test_pieces_make_one_commented_draft(sample_qa: ReportQA) -> None:
    tab = Checking(sample_qa)
    pieces = []
    for text in ("全市生产总值增长8.5%。\n", "粮食总产超131亿斤。\n"):
        told = tab.calls["check_draft"]({"text": text})
        pieces.append({"text": text, "findings": told["findings"]})
    file = tab.calls["save_draft"]({"format": "word", "pieces": pieces})
    document = docx.Document(io.BytesIO(base64.b64decode(file["data"])))
    assert [comment.text.splitlines()[1] for comment in document.comments] == [
        "“8.5%”应为“8.4%”",
        "“超131亿斤”应为“超113亿斤”",
    ]
    assert words_in("en")["tab_check"] == "Check quotes"
