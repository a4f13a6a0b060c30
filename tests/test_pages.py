from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from reportqa.language import words_in
from reportqa.pages import error_page, page_of, report_page
from reportqa.schema import Appendix, Report

W = words_in("zh-CN")
HOSTILE = '<img src=x onerror="window.hacked=1">{{7*7}}</script>'


def main_of(page: str) -> str:
    return page.rpartition("</header>")[2].partition("</main>")[0]


def text_of(page: str) -> str:
    body = re.sub(r'<a class="anchor".*?</a>', "", main_of(page))
    body = re.sub(r'<p class="soft end">.*?</p>', "", body)
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", body)))


def test_the_whole_text_is_on_the_page_once_and_in_order(sample_report: Report) -> None:
    assert text_of(report_page(sample_report, "", W)) == re.sub(r"\s", "", sample_report.text)
    assert text_of(report_page(sample_report, "90-700", W)) == re.sub(r"\s", "", sample_report.text)


def test_every_paragraph_has_its_address_and_every_heading_its_line_in_the_contents(sample_report: Report) -> None:
    page = report_page(sample_report, "", W)
    assert re.findall(r'<p id="p(\d+)"', page) == [str(p.number) for p in sample_report.paragraphs]
    assert page.count("<h2 id=") == 3
    assert page.count("<h3 id=") == 10
    for number, section in enumerate(sample_report.sections, 1):
        assert page.count(f'<a href="#s{number}">{section.heading}</a>') == 2  # for narrow and for wide windows


def test_the_cited_words_are_marked_without_javascript(sample_report: Report) -> None:
    at = sample_report.text.index("全市生产总值增长8.4%")
    page = report_page(sample_report, f"{at}-{at + 12}", W)
    assert re.findall(r'<mark class="cited">(.*?)</mark>', page) == ["全市生产总值增长8.4%"]
    first, second = sample_report.paragraphs[6:8]
    page = report_page(sample_report, f"{first.end - 5}-{second.start + 5}", W)
    assert len(re.findall(r'<mark class="cited">', page)) == 3, "the end of one, the heading, the start of the next"


@pytest.mark.parametrize(
    "at", ["", "x", "5-3", "5-5", "-1-3", "0-99999999", "1-2-3", "<b>", "９-１０", "1" * 40 + "-2"]
)
def test_a_place_that_is_none_marks_nothing(at: str, sample_report: Report) -> None:
    assert "<mark" not in report_page(sample_report, at, W)


def test_the_pane_has_no_bar_of_its_own(sample_report: Report) -> None:
    assert 'class="bar"' in report_page(sample_report, "", W)
    assert 'class="bar"' not in report_page(sample_report, "", W, pane=True)


def test_everything_in_a_report_is_escaped(sample_report: Report) -> None:
    sections = [replace(section, heading=HOSTILE) for section in sample_report.sections]
    text = (HOSTILE * 300)[: len(sample_report.text)]
    report = replace(sample_report, text=text, sections=sections, title=HOSTILE, meeting=HOSTILE, speaker=HOSTILE)
    report = replace(report, breaks_off=HOSTILE, date=HOSTILE)
    for page in (report_page(report, "50-400", W), error_page(HOSTILE, W)):
        assert "<img" not in page
        assert page.count("</script") == page.count("<script")
        assert "{{7*7}}" in page


def test_pages_name_no_other_host_and_link_relatively(sample_report: Report) -> None:
    for page in (report_page(sample_report, "", W), error_page("没有。", words_in("en"))):
        assert "//" not in re.sub(r"<!--.*?-->", "", page)
        assert not re.search(r'(?:href|src)="/', page)
    assert page_of("聊城市-2022?#/") == "report/%E8%81%8A%E5%9F%8E%E5%B8%82-2022%3F%23%2F"


def test_pages_speak_english_on_request(sample_report: Report) -> None:
    page = report_page(sample_report, "", words_in("en"))
    assert '<html lang="en">' in page
    assert '<main lang="zh-CN">' in page
    assert ">Contents<" in page


def test_damaged_words_are_named_and_appendices_follow_the_speech(sample_report: Report) -> None:
    at = sample_report.text.index("冠军")
    appendix = Appendix("附件2 名词解释", f"1.甲：乙。\n{HOSTILE}", [(0, 6), (7, 7 + len(HOSTILE))])
    report = replace(sample_report, errata=[(at, at + 2, "冠县")], appendices=[appendix])
    page = report_page(report, "", W)
    assert page.count("“冠军”：原文如此，疑为“冠县”") == 1
    speech, behind = page.split('<section id="a1">')
    assert "附：附件2 名词解释" in behind
    assert '<p class="body">1.甲：乙。</p>' in behind
    assert "<img" not in page
    assert "甲：乙" not in speech
