from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document

from reportqa import export
from reportqa.conversation import Turn
from reportqa.language import words_in
from reportqa.schema import Report
from scripted import BOTH, FOLLOW_UP, GDP, REFUSAL, TARGET, UNANSWERABLE, ScriptedQA

W = words_in("zh-CN")
ADDRESS = "http://portal.test/qa/"
HOSTILE = "# 1. <script>x</script> ![图](http://evil.test/a.png) **粗** `码` | a\n- 项\n3) 号 \x00\x0b\ud800"


@pytest.fixture
def turns(sample_report: Report) -> list[Turn]:
    qa = ScriptedQA(sample_report)
    asked = [Turn(question, qa.ask(question), at="2026-01-01T09:00:00+08:00") for question in (GDP, UNANSWERABLE, BOTH)]
    return [*asked, Turn(FOLLOW_UP, qa.ask(FOLLOW_UP), place="聊城市", year=2022), Turn(HOSTILE, None, HOSTILE)]


def test_markdown_holds_every_quote_with_its_citation(turns: list[Turn]) -> None:
    text = export.markdown(turns, W, ADDRESS)
    answer = turns[0].answer
    assert answer is not None
    assert f"## 1. {GDP}\n" in text
    assert "\n**全市生产总值增长8.4%**\n" in text
    for quote in answer.quotes:
        assert quote.citation.label in text
        assert f"(<http://portal.test/qa{quote.citation.url}>)" in text
        assert "> " + quote.text.replace(quote.marked, f"**{quote.marked}**") in text
    assert REFUSAL in text
    assert "### 最接近的原文（不是答案）" in text
    assert "### 2022年目标" in text
    assert f"理解为：{TARGET}　范围：聊城市 2022年" in text


def test_markdown_shows_what_users_wrote_as_text(turns: list[Turn]) -> None:
    text = export.markdown(turns[-1:], W, ADDRESS)
    assert "<script" not in text.replace("\\<script", "")
    assert "![" not in text.replace("\\!\\[", "")
    assert "\n\\- 项" in text
    assert "\n3\\) 号" in text
    assert "\x00" not in text


def test_word_holds_the_same_in_chinese_letters(turns: list[Turn]) -> None:
    document = Document(io.BytesIO(export.word(turns, W, ADDRESS)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    answer = turns[0].answer
    assert answer is not None
    assert texts[0] == "政府工作报告问答记录"
    assert f"1. {GDP}" in texts
    for quote in answer.quotes:
        assert quote.text in texts
        assert any(text.startswith(f"——{quote.citation.label}") for text in texts)
    links = {rel.target_ref for rel in document.part.rels.values() if rel.reltype.endswith("/hyperlink")}
    assert f"http://portal.test/qa{answer.quotes[0].citation.url}" in links
    marked = [run.text for p in document.paragraphs for run in p.runs if run.bold]
    assert "全市生产总值增长8.4%" in marked
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia") == "宋体"
    assert document.core_properties.author == ""


def test_without_an_address_nothing_is_linked(turns: list[Turn]) -> None:
    assert "](<" not in export.markdown(turns, W, "")
    assert not [rel for rel in Document(io.BytesIO(export.word(turns, W, ""))).part.rels.values() if rel.is_external]


def test_an_empty_conversation_is_a_title(turns: list[Turn]) -> None:
    assert export.markdown([], W, "").startswith("# 政府工作报告问答记录\n\n导出时间：20")


def test_an_answer_whose_quotes_no_longer_hold_says_so(turns: list[Turn]) -> None:
    answer = turns[0].answer
    assert answer is not None
    assert W["unverified"] in export.markdown([Turn("问", replace(answer, quotes=[]))], W, "")
