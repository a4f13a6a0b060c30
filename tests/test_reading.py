"""Files in every encoding that reports come in, and files that are no reports."""

from __future__ import annotations

import errno
import hashlib
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from lxml import etree

import reportqa.word
from conftest import is_one_chinese_sentence
from reportqa.reading import Source, files_under, read
from reportqa.schema import ReadingError, ReportQAError

TRADITIONAL = (
    "政府工作報告\n\n各位代表：\n\n現在，我代表市人民政府向大會報告工作，請予審議，並請各位委員提出意見。\n\n"
    "一、過去一年的工作\n\n全市生產總值增長8.4%，規模以上工業增加值增長11.7%，高於全省2.1個百分點。"
    "財政收入穩步提高，居民收入持續增長，就業形勢總體平穩，物價基本穩定，社會保障體系更加健全。\n"
)
SENTENCE = "各位代表：现在，我代表市人民政府向大会报告工作，请予审议。\n"
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with a mark": "utf-8-sig",
    "utf-16 with a mark, little end first": "utf-16",
    "utf-16, little end first": "utf-16-le",
    "utf-16, big end first": "utf-16-be",
    "gb18030": "gb18030",
}
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61")
ENGLISH = "Fellow deputies, on behalf of the people's government I now submit a report on the work of the government.\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    """Return the sentence that ``read`` refuses a file with, having checked that it can be shown as it is."""
    with pytest.raises(ReadingError) as caught:
        read(path)
    message = str(caught.value)
    assert is_one_chinese_sentence(message)
    assert "Error" not in message
    return message


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
@pytest.mark.parametrize("length", [None, 700, 60])
def test_the_sample_reads_the_same_in_every_encoding(
    tmp_path: Path, sample_source: Source, encoding: str, length: int | None
) -> None:
    text = sample_source.text[:length]
    data = text.encode(encoding)
    source = read(write(tmp_path / "报告.txt", data))
    assert source == Source("报告.txt", text, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_one_sentence_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert read(write(tmp_path / "a.txt", SENTENCE.encode(encoding))).text == SENTENCE


def test_utf_16_with_a_mark_and_the_big_end_first(tmp_path: Path, sample_source: Source) -> None:
    data = b"\xfe\xff" + sample_source.text.encode("utf-16-be")
    assert read(write(tmp_path / "a.txt", data)).text == sample_source.text


@pytest.mark.parametrize("encoding", ["big5", "utf-8", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("text", [TRADITIONAL, TRADITIONAL[:80], TRADITIONAL * 20], ids=["whole", "short", "long"])
def test_traditional_text_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(write(tmp_path / "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le"])
@pytest.mark.parametrize("before", ["", "a"])
def test_a_long_text_reads_whatever_character_its_first_100_000_bytes_end_in(
    tmp_path: Path, encoding: str, before: str
) -> None:
    text = before + TRADITIONAL * 400
    assert len(text.encode(encoding)) > 100_000
    assert read(write(tmp_path / "a.txt", text.encode(encoding))).text == text


def test_line_ends_are_kept(tmp_path: Path) -> None:
    text = SENTENCE.replace("\n", "\r\n") * 2
    assert read(write(tmp_path / "a.txt", text.encode())).text == text


MARKDOWN = """# 2024年云山县政府工作报告

**县长 李明远**

各位代表：
　　现在，我代表[县人民政府](https://example.org/)报告工作。

## 一、2023年工作回顾

**工业提质增效。** 完成地区生产总值**150亿元**，增长6.2%。

- 新建高标准农田3万亩。
2. 新增床位300张。

    缩进的一段。

| 指标 | 目标 |
| --- | --- |
| 地区生产总值 | 6%左右 |

---
"""


def test_markdown_is_read_without_its_marks(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.md", MARKDOWN.encode())).text.splitlines() == [
        "2024年云山县政府工作报告",
        "县长 李明远",
        "各位代表：",
        "　　现在，我代表县人民政府报告工作。",
        "一、2023年工作回顾",
        "工业提质增效。 完成地区生产总值150亿元，增长6.2%。",
        "新建高标准农田3万亩。",
        "2.新增床位300张。",
        "缩进的一段。",
        "指标\t目标",
        "地区生产总值\t6%左右",
    ]


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe", "\u3000\n".encode()])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    assert "空文件" in refusal(write(tmp_path / "a.txt", data))


@pytest.mark.parametrize(
    "data",
    [
        PNG + random.Random(0).randbytes(500),
        PNG,
        bytes(1000),
        bytes(1001),
        b"PK\x03\x04" + random.Random(1).randbytes(2000),
        b"\xff\xfe" + b"\x00\xd8" * 21,
        b"\xef\xbb\xbf" + b"\xff\x00" * 20,
        "政府工作报告".encode("utf-32"),
    ],
    ids=["PNG", "PNG header", "NULs", "odd NULs", "zip", "utf-16 mark", "utf-8 mark", "utf-32"],
)
def test_a_binary_file(tmp_path: Path, data: bytes) -> None:
    assert "a.txt" in refusal(write(tmp_path / "a.txt", data))


@pytest.mark.parametrize("size", [64, 256, 4096])
def test_random_bytes(tmp_path: Path, size: int) -> None:
    for seed in range(20):
        data = random.Random(seed).randbytes(size)
        assert "a.txt" in refusal(write(tmp_path / "a.txt", data)), seed


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_utf_8_text_cut_within_a_character_is_never_read_as_other_characters(
    tmp_path: Path, sample_source: Source, cut: int
) -> None:
    data = sample_source.text.strip().encode()[:-cut]
    try:
        text = read(write(tmp_path / "a.txt", data)).text
    except ReadingError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
    else:
        assert text.rstrip("\ufffd") == data.decode(errors="ignore")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("at", [101, 5000, -1])
def test_a_text_with_a_broken_byte_is_refused_with_the_place(
    tmp_path: Path, sample_source: Source, encoding: str, at: int
) -> None:
    data = bytearray(sample_source.text.strip().replace("(下转4版)", "").encode(encoding))
    if at < 0:
        del data[-1]
    else:
        while data[at] < 0x80:
            at += 1
        data[at] = 0xFF
    message = refusal(write(tmp_path / "a.txt", bytes(data)))
    assert encoding.upper() in message
    assert "残缺" in message


def test_a_broken_text_is_said_to_break_after_its_last_whole_words(tmp_path: Path) -> None:
    data = (SENTENCE * 3).encode()
    at = len(SENTENCE.encode()) + len("各位代表：现在，我代".encode())
    assert "我代" in refusal(write(tmp_path / "a.txt", data[:at] + b"\xff" + data[at + 1 :]))


@pytest.mark.parametrize(
    "data",
    [
        ENGLISH.encode(),
        ENGLISH.encode("utf-16"),
        ENGLISH.encode("utf-16-le"),
        ENGLISH.replace("'", "’").encode("cp1252"),
        ENGLISH.replace("'", "’").encode("cp1252") + b"\n",
        (ENGLISH * 20 + "Liaocheng (聊城)\n").encode(),
    ],
    ids=["ascii", "utf-16", "utf-16-le", "cp1252", "cp1252, one byte longer", "two Chinese characters"],
)
def test_english_text(tmp_path: Path, data: bytes) -> None:
    assert "中文" in refusal(write(tmp_path / "a.txt", data))


def test_another_suffix(tmp_path: Path) -> None:
    assert ".txt" in refusal(write(tmp_path / "a.xyz", SENTENCE.encode()))


def test_a_missing_file(tmp_path: Path) -> None:
    assert "没有.txt" in refusal(tmp_path / "没有.txt")


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    refusal(tmp_path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "没有读写的权限"),
        (errno.EISDIR, "目录"),
        (errno.ENOENT, "找不到"),
        (errno.ENAMETOOLONG, "过长"),
        (errno.ENOMEM, "系统错误"),
    ],
)
def test_what_the_system_refuses_is_said_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fail(self: Path) -> bytes:
        raise OSError(code, "in English")

    monkeypatch.setattr(Path, "read_bytes", fail)
    message = refusal(write(tmp_path / "a.txt", SENTENCE.encode()))
    assert words in message
    assert "English" not in message


def test_a_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "1")
    data = SENTENCE.encode() * 40_000
    within = write(tmp_path / "within.txt", data[:999_999].decode(errors="ignore").encode())
    assert read(within).text.startswith(SENTENCE)
    message = refusal(write(tmp_path / "over.txt", data))
    assert f"{len(data) / 1_000_000:.0f} MB" in message
    assert "REPORTQA_MAX_FILE_MB" in message


def test_a_file_just_over_the_limit_is_not_said_to_be_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "1")
    assert "有 1 MB，超过 1 MB" not in refusal(write(tmp_path / "a.txt", b"\n" * 1_200_000))


def test_a_limit_that_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "很大")
    with pytest.raises(ReportQAError, match="REPORTQA_MAX_FILE_MB") as caught:
        read(write(tmp_path / "a.txt", SENTENCE.encode()))
    assert is_one_chinese_sentence(str(caught.value))


def test_files_under_a_directory(tmp_path: Path) -> None:
    inner = tmp_path / "2022" / "市"
    inner.mkdir(parents=True)
    for path in (tmp_path / "b.txt", inner / "a.TXT", tmp_path / "c.md", tmp_path / "d.png"):
        write(path, b"")
    (tmp_path / "e.txt").mkdir()
    assert files_under([tmp_path]) == [inner / "a.TXT", tmp_path / "b.txt", tmp_path / "c.md"]


def test_files_under_gives_each_file_once_and_keeps_a_named_file_of_any_suffix(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a.txt", b""), write(tmp_path / "b.png", b"")
    assert sorted(files_under([one, tmp_path, one, other])) == [one, other]


def test_files_under_gives_a_file_once_that_is_named_in_two_ways(tmp_path: Path) -> None:
    one = write(tmp_path / "a.txt", b"")
    (tmp_path / "inner").mkdir()
    assert len(files_under([one, tmp_path / "inner" / ".." / "a.txt"])) == 1
    (tmp_path / "link.txt").symlink_to(one)
    assert len(files_under([tmp_path])) == 1


def test_files_under_sorts_whatever_the_order_named(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, b"") for name in ("c.txt", "a.txt", "b.docx")]
    assert files_under(paths) == sorted(paths)


def test_files_under_leaves_out_what_programs_put_beside_a_document(tmp_path: Path) -> None:
    one = write(tmp_path / "报告.docx", b"")
    for name in ("~$报告.docx", "._报告.docx", ".hidden.txt"):
        write(tmp_path / name, b"")
    assert files_under([tmp_path]) == [one]


@pytest.mark.parametrize(
    "name", ["没有", "没有.txt", "过长" * 200], ids=["a directory", "a file", "longer than names may be"]
)
def test_files_under_a_missing_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadingError) as caught:
        files_under([tmp_path, tmp_path / name])
    assert is_one_chinese_sentence(str(caught.value))
    assert name in str(caught.value)


def test_files_under_a_directory_without_reports(tmp_path: Path) -> None:
    write(tmp_path / "a.png", PNG)
    with pytest.raises(ReadingError, match=r"\.txt") as caught:
        files_under([tmp_path])
    assert is_one_chinese_sentence(str(caught.value))


def word(path: Path, build: Callable[[Document], None]) -> Path:
    document = docx.Document()
    build(document)
    document.save(str(path))
    return path


def element(inner: str) -> Any:
    """Return a Word element written with the prefix w:."""
    name = inner.split(maxsplit=1)[0].strip("<>/").split(">")[0]
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return parse_xml(inner.replace(f"<{name}", f"<{name} {space}", 1))


def test_a_word_document_gives_its_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        document.add_heading("2023年平川市政府工作报告", 0)
        document.add_paragraph("各位代表：")
        table = document.add_table(2, 2)
        for cell, words in zip(table._cells, ["指标", "增速", "生产总值", "5.1%"], strict=True):
            cell.text = words
        document.add_paragraph("一、回顾").add_run().add_break()
        document.add_paragraph("过去一年，全市生产总值增长5.1%。")

    path = word(tmp_path / "报告.docx", build)
    source = read(path)
    assert source.text.split("\n") == [
        "2023年平川市政府工作报告",
        "各位代表：",
        "指标\t增速",
        "生产总值\t5.1%",
        "一、回顾",
        "",
        "过去一年，全市生产总值增长5.1%。",
        "",
    ]
    assert source == Source("报告.docx", source.text, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_cell_that_spans_others_is_read_once(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        table = document.add_table(1, 3)
        merged = table.cell(0, 0).merge(table.cell(0, 1))
        merged.text, table.cell(0, 2).text = "主要指标", "增速"

    assert read(word(tmp_path / "a.docx", build)).text == "主要指标\t增速\n"


def test_footnote_marks_are_dropped_and_raised_units_kept(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        paragraph = document.add_paragraph("推进“两重”")
        for raised, words in [
            ("1", "建设，绿地"),
            ("[12]", "增加"),
            ("①", "，新增3万m"),
            ("2", "，居全省第一。"),
        ]:
            paragraph.add_run(raised).font.superscript = True
            paragraph.add_run(words)
        paragraph._p.append(element('<w:r><w:footnoteReference w:id="2"/></w:r>'))

    assert read(word(tmp_path / "a.docx", build)).text == "推进“两重”建设，绿地增加，新增3万m2，居全省第一。\n"


def test_a_word_document_reads_as_it_is_seen(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        paragraph = document.add_paragraph("生产总值")
        for inner in [
            "<w:ins><w:r><w:t>增长</w:t></w:r></w:ins>",
            "<w:del><w:r><w:delText>下降</w:delText></w:r></w:del>",
            "<w:hyperlink><w:r><w:t>5.1%</w:t></w:r></w:hyperlink>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>内部掌握</w:t></w:r>",
            "<w:sdt><w:sdtContent><w:r><w:t>左右。</w:t></w:r></w:sdtContent></w:sdt>",
        ]:
            paragraph._p.append(element(inner))
        body = document.element.body
        body.insert(
            0, element("<w:sdt><w:sdtContent><w:p><w:r><w:t>政府工作报告</w:t></w:r></w:p></w:sdtContent></w:sdt>")
        )
        contents = (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        )
        body.insert(1, element(f"{contents}<w:sdtContent><w:p><w:r><w:t>目录</w:t></w:r></w:p></w:sdtContent></w:sdt>"))

    assert read(word(tmp_path / "a.docx", build)).text == "政府工作报告\n生产总值增长5.1%左右。\n"


def test_numbers_that_word_counts_are_read(tmp_path: Path) -> None:
    levels = [("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3."), ("bullet", "")]
    defined = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate(levels)
    )

    def build(document: Document) -> None:
        numbering = document.part.numbering_part.element
        numbering.insert(0, element(f'<w:abstractNum w:abstractNumId="90">{defined}</w:abstractNum>'))
        numbering.append(element('<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
        for level, words in [(0, "回顾"), (1, "产业"), (1, "民生"), (2, "就业"), (0, "安排"), (1, "内需"), (3, "消费")]:
            paragraph = document.add_paragraph(words)
            properties = paragraph._p.get_or_add_pPr()
            properties.append(element(f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'))

    lines = read(word(tmp_path / "a.docx", build)).text.split()
    assert lines == ["一、回顾", "（一）产业", "（二）民生", "1.就业", "二、安排", "（一）内需", "消费"]


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def numbered(document: Document, words: str, number: str = "", level: str = "", style: str = "") -> None:
    properties = document.add_paragraph(words)._p.get_or_add_pPr()
    if style:
        properties.append(element(f'<w:pStyle w:val="{style}"/>'))
    if number:
        depth = f'<w:ilvl w:val="{level}"/>' if level else ""
        properties.append(element(f'<w:numPr>{depth}<w:numId w:val="{number}"/></w:numPr>'))


def test_lists_of_one_definition_count_on_unless_they_say_where_to_start(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        numbering = document.part.numbering_part.element
        level = (
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
        )
        numbering.insert(0, element(f'<w:abstractNum w:abstractNumId="90">{level}</w:abstractNum>'))
        again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
        for number, override in (("91", ""), ("92", ""), ("93", again)):
            numbering.append(element(f'<w:num w:numId="{number}"><w:abstractNumId w:val="90"/>{override}</w:num>'))
        for number, words in [("91", "甲"), ("91", "乙"), ("92", "丙"), ("93", "丁"), ("93", "戊"), ("0", "己")]:
            numbered(document, words, number)

    assert read(word(tmp_path / "a.docx", build)).text.split() == [
        "一、甲",
        "二、乙",
        "三、丙",
        "一、丁",
        "二、戊",
        "己",
    ]


def test_styles_based_on_a_numbered_style_are_numbered(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        numbering = document.part.numbering_part.element
        levels = "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>{linked}<w:lvlText w:val="{text}"/></w:lvl>'
            for n, text, linked in [(0, "%1、", ""), (1, "（%2）", '<w:pStyle w:val="Section"/>')]
        )
        numbering.insert(0, element(f'<w:abstractNum w:abstractNumId="90">{levels}</w:abstractNum>'))
        numbering.append(element('<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
        for name, inside in [
            ("Part", '<w:pPr><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr>'),
            ("Section", '<w:pPr><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr>'),
            ("Bold", '<w:basedOn w:val="Part"/>'),
            ("Round", '<w:basedOn w:val="Round"/>'),
        ]:
            style = f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>{inside}</w:style>'
            document.styles.element.append(element(style))
        for style, words in [
            ("Part", "回顾"),
            ("Section", "产业"),
            ("Section", "民生"),
            ("Bold", "安排"),
            ("Round", "完"),
        ]:
            numbered(document, words, style=style)

    lines = read(word(tmp_path / "a.docx", build)).text.split()
    assert lines == ["一、回顾", "（一）产业", "（二）民生", "二、安排", "完"]


def test_footnotes_stand_outside_the_paragraph(tmp_path: Path) -> None:
    def build(document: Document) -> None:
        document.add_paragraph("推进“两重”")._p.append(element('<w:r><w:footnoteReference w:id="2"/></w:r>'))
        document.paragraphs[0].add_run("建设，绿地增加。")
        note = '<w:footnotes><w:footnote w:id="2"><w:p><w:r><w:t>两重：国家重大战略。</w:t></w:r></w:p></w:footnote></w:footnotes>'
        root = element(note)
        part = Part(
            PackURI("/word/footnotes.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
            etree.tostring(root),
            document.part.package,
        )
        document.part.relate_to(part, f"{OFFICE}/footnotes")

    assert read(word(tmp_path / "a.docx", build)).text == "推进“两重”建设，绿地增加。\n"


def test_a_report_set_in_a_table_is_read_by_paragraphs(tmp_path: Path) -> None:
    speech = [
        "各位代表：",
        "一、回顾",
        "过去一年，全市生产总值增长5.1%，" + "城乡居民收入稳步提高，" * 5 + "民生改善。",
    ]

    def build(document: Document) -> None:
        cell = document.add_table(1, 1).cell(0, 0)
        cell.text = "\n".join(speech[:1])
        for words in speech[1:]:
            cell.add_paragraph(words)
        inner = cell.add_table(1, 2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "生产总值", "5.1%"

    assert read(word(tmp_path / "a.docx", build)).text.splitlines() == [*speech, "生产总值\t5.1%"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (99, "九十九"), (100, "100")],
)
def test_chinese_numbers(number: int, said: str) -> None:
    assert reportqa.word._counted(number, "chineseCounting") == said


def whole(tmp_path: Path) -> bytes:
    def build(document: Document) -> None:
        document.add_paragraph(SENTENCE)

    return word(tmp_path / "whole.docx", build).read_bytes()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_word_document_that_was_cut(tmp_path: Path, keep: float) -> None:
    data = whole(tmp_path)
    assert "a.docx" in refusal(write(tmp_path / "a.docx", data[: int(len(data) * keep)]))


def test_a_word_document_with_broken_bytes(tmp_path: Path) -> None:
    data = whole(tmp_path)
    for seed in range(30):
        broken = bytearray(data)
        for at in random.Random(seed).sample(range(len(broken)), 40):
            broken[at] ^= 0x55
        path = write(tmp_path / "a.docx", bytes(broken))
        try:
            assert read(path).text.strip() == SENTENCE.strip()
        except ReadingError as error:
            assert is_one_chinese_sentence(str(error))  # noqa: PT017


def zipped(**parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", SENTENCE.encode(), zipped(), zipped(a="政府工作报告"), b"\xd0\xcf\x11\xe0" + bytes(600)],
    ids=["empty", "header", "text", "empty archive", "another archive", "old format or password"],
)
def test_what_is_called_docx_and_is_none(tmp_path: Path, data: bytes) -> None:
    assert "a.docx" in refusal(write(tmp_path / "a.docx", data))


def test_a_word_document_without_words(tmp_path: Path) -> None:
    assert "空文件" in refusal(word(tmp_path / "a.docx", lambda _: None))


def test_a_word_document_that_unpacks_to_far_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reportqa.word, "_LARGEST_UNPACKED", 5_000_000)
    data = zipped(word__document="增" * 3_000_000)
    assert len(data) < 100_000
    assert "9 MB" in refusal(write(tmp_path / "a.docx", data))


@pytest.mark.parametrize("name", ["a.doc", "a.DOC", "a.wps", "a.rtf"])
def test_older_documents_are_to_be_saved_anew(tmp_path: Path, name: str) -> None:
    assert ".docx" in refusal(write(tmp_path / name, b"\xd0\xcf\x11\xe0" + bytes(600)))


def test_every_real_document_is_read_whole(reports_dir: Path) -> None:
    paths = sorted(reports_dir.rglob("*.docx"))
    assert paths
    for path in paths:
        expected = [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
        assert read(path).text.split() == "\n".join(expected).split()
