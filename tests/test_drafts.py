"""Drafts: their text, corrected in their own format, and in Word with comments."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.shared import RGBColor

from conftest import is_one_chinese_sentence
from reportqa import drafts
from reportqa.schema import Finding, ReadingError


def a_document() -> bytes:
    document = docx.Document()
    document.add_heading("讲话稿", 1)
    paragraph = document.add_paragraph("全市生产总值")
    paragraph.add_run("增长8.").bold = True
    number = paragraph.add_run("5%，")
    number.font.color.rgb = RGBColor(200, 0, 0)
    paragraph.add_run("来之不易。\n第二行\t完。")
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "粮食总产"
    table.cell(0, 1).text = "超131亿斤"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


TEXT = "讲话稿\n全市生产总值增长8.5%，来之不易。\n第二行\t完。\n粮食总产\n超131亿斤"


def test_the_text_of_each_kind() -> None:
    assert drafts.text_of("稿.docx", a_document()) == TEXT
    assert drafts.text_of("稿.txt", "一\r\n二\r三".encode("gb18030")) == "一\n二\n三"
    assert drafts.text_of("稿.MD", "\ufeff# 一".encode()) == "# 一"


@pytest.mark.parametrize("name", ["稿.pdf", "稿", "稿.docx"])
def test_what_cannot_be_read_is_said(name: str) -> None:
    with pytest.raises(ReadingError) as raised:
        drafts.text_of(name, b"not a document")
    assert is_one_chinese_sentence(str(raised.value))


def test_a_corrected_document_keeps_its_formatting() -> None:
    text = TEXT.replace("8.5%", "8.4%").replace("超131", "超113").replace("，来之不易", "").replace("完。", "完了。")
    data = drafts.corrected("稿.docx", a_document(), text)
    assert drafts.text_of("稿.docx", data) == text
    runs = docx.Document(io.BytesIO(data)).paragraphs[1].runs
    assert ("增长8.", True) in [(run.text, run.bold) for run in runs]
    [red] = [run for run in runs if run.font.color.rgb == RGBColor(200, 0, 0) and "4" in run.text]
    assert red.text.startswith("4")
    assert docx.Document(io.BytesIO(data)).tables[0].cell(0, 1).text == "超113亿斤"


def test_a_correction_of_another_draft_is_refused() -> None:
    with pytest.raises(ReadingError) as raised:
        drafts.corrected("稿.docx", a_document(), "一行")
    assert is_one_chinese_sentence(str(raised.value))


@pytest.mark.parametrize("name", ["稿.docx", "稿.txt"])
def test_comments_stand_on_their_claims(name: str) -> None:
    wrong = Finding("增长8.5%", TEXT.index("增长"), TEXT.index("，来"), "number_changed", [("8.5%", "8.4%")])
    other = Finding("超131亿斤", TEXT.index("超131"), len(TEXT), "number_changed", [("131", "113")], ["stitched"])
    data = a_document() if name.endswith("docx") else None
    document = docx.Document(io.BytesIO(drafts.commented(TEXT, [other, wrong], name, data)))
    comments = list(document.comments)
    assert [comment.text for comment in comments] == [
        "【数字有异】\n“8.5%”应为“8.4%”",
        "【数字有异】\n“131”应为“113”\n由不在一处的几句拼成",
    ]
    file = io.BytesIO()
    document.save(file)
    assert drafts.text_of("稿.docx", file.getvalue()) == TEXT
    xml = document.element.xml
    first = xml.index(f'w:commentRangeStart w:id="{comments[0].comment_id}"')
    assert "增长8." in xml[first : xml.index(f'w:commentRangeEnd w:id="{comments[0].comment_id}"')]
    assert "来之不易" not in xml[first : xml.index(f'w:commentRangeEnd w:id="{comments[0].comment_id}"')]


def test_what_word_cannot_hold_is_left_out(tmp_path: Path) -> None:
    text = "全市\x00生产\ud800总值增长8.5%"
    finding = Finding(text, 0, len(text), "absent")
    document = docx.Document(io.BytesIO(drafts.commented(text, [finding])))
    assert len(list(document.comments)) == 1
