"""Quotations as people put them into their own texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reportqa.formats import FORMATS, cited
from reportqa.schema import Quote, Report
from scripted import quote_of

ON = date(2026, 1, 2)
ADDRESS = "https://portal.test/qa/"


@pytest.fixture
def quote(sample_report: Report) -> Quote:
    return quote_of(sample_report, "全市生产总值增长8.4%")


def test_plain(quote: Quote, sample_report: Report) -> None:
    assert cited(quote, "plain", sample_report) == f"{quote.text}\n——《2022年聊城市政府工作报告》一、（一）第1段"


def test_as_official_documents_cite(quote: Quote, sample_report: Report) -> None:
    said = replace(quote, text="实现“十九连丰”")
    expected = "《2022年聊城市政府工作报告》（2022年2月24日）指出：“实现‘十九连丰’”（一、（一）第1段）"
    assert cited(said, "official", sample_report) == expected
    assert cited(said, "official") == expected.replace("（2022年2月24日）", "")


def test_a_reference_by_the_standard(quote: Quote, sample_report: Report) -> None:
    assert cited(quote, "gbt7714", sample_report, on=ON) == (
        "李长萍. 2022年聊城市政府工作报告[R]. [出版地不详]: [出版者不详], 2022-02-24: 一、（一）第1段."
    )
    assert cited(quote, "gbt7714", sample_report, ADDRESS, ON) == (
        "李长萍. 2022年聊城市政府工作报告[R/OL]. (2022-02-24)[2026-01-02]: 一、（一）第1段. "
        f"https://portal.test/qa{quote.citation.url}."
    )


def test_what_a_report_does_not_say_is_not_invented(quote: Quote, sample_report: Report) -> None:
    bare = replace(sample_report, speaker="", date="")
    assert cited(quote, "gbt7714", bare, on=ON).startswith("聊城市人民政府. 2022年聊城市政府工作报告[R]. [出版地不详]")
    nation = replace(quote, citation=replace(quote.citation, place="全国"))
    assert cited(nation, "gbt7714").startswith("国务院. ")


def test_words_of_a_report_stay_words(quote: Quote, sample_report: Report) -> None:
    hostile = replace(quote, text="<script>x</script> [a](b) *c*\n第二行")
    html = cited(hostile, "html", sample_report, ADDRESS)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert f'href="https://portal.test/qa{quote.citation.url.replace("&", "&amp;")}"' in html
    markdown = cited(hostile, "markdown", sample_report, ADDRESS)
    assert "\\<script\\>" in markdown
    assert "\\[a\\]" in markdown
    assert f"(<https://portal.test/qa{quote.citation.url}>)" in markdown
    assert all(line.startswith(">") for line in markdown.splitlines())
    listed = cited(replace(quote, text="1. 粮食\n- 工业"), "markdown", sample_report)
    assert listed.startswith("> 1\\. 粮食\n> \\- 工业")


@pytest.mark.parametrize("address", ["", "javascript:alert(1)//", "portal"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_link_where_the_program_has_no_address(quote: Quote, form: str, address: str) -> None:
    text = cited(quote, form, address=address)
    assert "href" not in text
    assert "report/" not in text
    assert "javascript" not in text
