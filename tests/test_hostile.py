"""Hostile input: whatever the bytes and the words, nothing but ReportQAError, offsets that hold, and work in proportion."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import subprocess
import sys
import textwrap
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encode

import docx
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import HashingEmbedder, is_one_chinese_sentence
from reportqa import ReportQA, citation, decoding, drafts, facts, pdf, uploads, web
from reportqa.access import Policy
from reportqa.api import create_app
from reportqa.followups import interpret
from reportqa.index import open_index
from reportqa.indexing import write_index
from reportqa.indicators import rows_of
from reportqa.lexical import bundled_lexicon
from reportqa.parsing import parse
from reportqa.periods import asked_of
from reportqa.questions import tone_of, understand
from reportqa.reading import SUFFIXES, Source, read
from reportqa.schema import Finding, NotFound, QuestionError, ReadingError, Report, ReportQAError
from reportqa.text import clause_spans, figures, fold, fold_with_offsets, sentence_spans

pytestmark = [
    # Gradio's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
]
HERE: Any = {"base_url": "http://localhost:7860", "client": ("127.0.0.1", 50000)}
REPORT_WORDS = (
    "各位代表： 一、工作回顾 （一）民生 （二） 一是 第一部分 第2段 ——— 附件1 名词解释 本作品 （下转4版） <!-- --> <U+00A0> 目录 "
    "增长8.4% 百分之八点四 三分之一 三成半 一半 两千三百多亿元 近3000余 0.3个百分点 12,345.6 去年 今年目标 五年来 2021—2025年 十四五 二〇二一年 "
    "生产总值 粮食产量 报告指出 李长萍市长 聊城市 全国 政府工作报告 p17 ?at=1-2 report/聊城市-2022 倒数第二段 Part 3 section 2 多少 哪些 为什么"
)
STRANGE = "\u202e\u2066\u200f\u200b\u200d\ufeff\xad\x00\x07\x1b\x85\u2028\ud800\udfff٣８²①𝟗﷽\U000e0041🀄a\u0301\u0f3a"
PIECES = st.sampled_from(
    [*REPORT_WORDS.split(" "), *STRANGE, *"。！？；：，、“”‘’「」《》（）()[]\n\r\t \u3000%-~…", "9" * 50]
)
SAID = st.lists(PIECES, max_size=30).map("".join) | st.text(st.characters(), max_size=40)
"""What reports, questions and citations are made of, in any order, and any characters, halves of them too."""
FEW = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def qa(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> ReportQA:
    directory, embedder = tmp_path_factory.mktemp("hostile") / "index", HashingEmbedder()
    write_index(directory, [sample_report], embedder)
    return ReportQA(open_index(directory, embedder), embedder)


def refusal(work: Callable[[], object]) -> str:
    """Return the sentence that some work is refused with."""
    with pytest.raises(ReportQAError) as caught:
        work()
    assert is_one_chinese_sentence(str(caught.value)), str(caught.value)
    return str(caught.value)


# --- any text


def within(spans: list[tuple[int, int]], length: int) -> None:
    at = 0
    for start, end in spans:
        assert at <= start < end <= length
        at = end


@given(SAID)
def test_offsets_of_any_text_lie_in_it(text: str) -> None:
    folded = fold_with_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.offsets) == len(folded.text)
    assert folded.offsets == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)
    within(sentence_spans(text), len(text))
    within(clause_spans(text), len(text))
    within([(figure.start, figure.end) for figure in figures(folded.text)], len(folded.text))
    for figure in [*facts.figures(folded.text), *facts.figures(text)]:
        assert 0 <= figure.start < figure.end <= max(len(text), len(folded.text))


@given(SAID)
@FEW
def test_any_text_is_parsed_to_slices_or_refused(text: str) -> None:
    try:
        report = parse(Source("报告.txt", text, ""))
    except ReadingError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
        return
    within([(paragraph.start, paragraph.end) for paragraph in report.paragraphs], len(report.text))
    for paragraph in report.paragraphs:
        within([(s.start, s.end) for s in paragraph.sentences], paragraph.end)
    assert all(report.text[s.start : s.end] == s.heading for s in report.sections)
    for row in rows_of(report):
        assert row.quote.text == report.text[row.quote.citation.start : row.quote.citation.end]


@given(SAID, SAID)
@FEW
def test_any_question_is_read(question: str, before: str) -> None:
    places = frozenset(("聊城市", "聊城"))
    tone_of(question)
    whole = interpret(question[:500], [before], bundled_lexicon(), places, several=True)
    understood = understand(whole, bundled_lexicon(), places)
    asked_of(understood.folded, [2021, 2022])


@given(SAID)
@FEW
def test_any_question_is_answered_or_refused(qa: ReportQA, question: str) -> None:
    try:
        answer = qa.ask(question, history=[{"question": question, "answer": None}])
    except ReportQAError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
        return
    for quote in [*answer.quotes, *answer.nearest]:
        assert quote.text == qa.report(quote.citation.report_id).text[quote.citation.start : quote.citation.end]


@given(SAID)
@FEW
def test_any_citation_is_a_slice_or_not_found(sample_report: Report, said: str) -> None:
    try:
        found = citation.locate([sample_report], said)
    except (NotFound, QuestionError):
        return
    for quote in found:
        assert quote.text == sample_report.text[quote.citation.start : quote.citation.end]


def of_the_sample(report: Report) -> st.SearchStrategy[str]:
    """Pieces of the sample report, with other words among them."""
    cut = st.tuples(st.integers(0, len(report.text) - 1), st.integers(1, 80))
    return st.lists(cut.map(lambda span: report.text[span[0] : span[0] + span[1]]) | SAID, max_size=4).map("".join)


@given(st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_findings_of_any_draft_lie_in_it_and_quote_slices(qa: ReportQA, sample_report: Report, data: Any) -> None:
    text = data.draw(of_the_sample(sample_report))
    try:
        found = qa.verify(text)
    except QuestionError:
        return
    for finding in found:
        assert text[finding.start : finding.end] == finding.claim
        if finding.quote is not None:
            where = finding.quote.citation
            assert finding.quote.text == sample_report.text[where.start : where.end]
            assert all(0 <= a < b <= len(finding.quote.text) for a, b in finding.quote.highlights)


@pytest.mark.parametrize(
    "digits", ["9" * 5_000, "一" * 5_000, "٣", "９" * 41, "1.5" * 3_000, "9" * 4_000 + "点" + "一" * 4_000]
)
def test_numbers_that_nobody_states_are_none(qa: ReportQA, digits: str) -> None:
    qa.verify(f"全市生产总值增长{digits}%。")
    parse(Source("a.txt", f"各位代表：全市增长{digits[:4_000]}%。{digits[:4_000]}分之一。", ""))
    page = f"<ol start='{digits}'><li>全市生产总值增长百分之八，就业增加。</ol>"
    assert "全市生产总值" in web.text_of(page)
    refusal(lambda: qa.locate(f"?at={digits}-{digits}"[:300]))


def test_foreign_digits_say_what_they_say() -> None:
    assert [figure.number.key for figure in facts.figures(fold("增长٣%，８.５%"))] == ["#3%", "#17/2%"]


# --- any file


@given(
    suffix=st.sampled_from([suffix for suffix in SUFFIXES if suffix != ".pdf"]),
    data=st.binary(max_size=300) | SAID.map(lambda s: s.encode("utf-8", "surrogatepass")),
)
@FEW
def test_any_bytes_are_read_or_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    try:
        read(path).text.encode("utf-8")
    except ReadingError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017


@given(data=st.binary(max_size=200), text=SAID, name=st.sampled_from(["a.docx", "a.txt", "a.md", "a.exe", "", "\x00"]))
@FEW
def test_any_draft_is_read_or_refused(data: bytes, text: str, name: str) -> None:
    for work in (
        lambda: drafts.text_of(name, data),
        lambda: drafts.corrected(name, data, text.replace("\ud800", "").replace("\udfff", "")),
    ):
        try:
            work()
        except ReadingError as error:
            assert is_one_chinese_sentence(str(error))  # noqa: PT017
        except UnicodeEncodeError:
            assert name != "a.docx"
            assert any("\ud800" <= c <= "\udfff" for c in text)
    claims = [Finding(text[a:b], a, b, "exact") for a, b in ((0, 3), (1, 2), (5, 400))]
    drafts.text_of("b.docx", drafts.commented(text, claims))


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SOUND = "<w:p><w:r><w:t>各位代表：全市生产总值增长8.4%。</w:t></w:r></w:p>"


def word_file(body: str, before: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """Return a .docx file with a body; ``before``: a document type, ``more``: other parts."""
    file, made = io.BytesIO(), io.BytesIO()
    docx.Document().save(file)
    document = f'<?xml version="1.0"?>{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as anew:
        parts = {name: archive.read(name) for name in archive.namelist()} | (more or {})
        for name, part in (parts | {"word/document.xml": document.encode()}).items():
            anew.writestr(name, part)
    return made.getvalue()


def understated(size: int, real: int) -> bytes:
    """Return a .docx file whose document says that it is of ``size`` bytes and unpacks to ``real`` million."""
    head = f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body/></w:document>'.encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    million = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + million * real + packer.flush()
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file(""))) as archive, zipfile.ZipFile(made, "w") as anew:
        for name in archive.namelist():
            anew.writestr(name, packed if name == "word/document.xml" else archive.read(name))
        info = anew.getinfo("word/document.xml")
    checksum = zlib.crc32((head + b" " * size)[:size])
    data = bytearray(made.getvalue())
    for at in (info.header_offset + 8, data.index(b"word/document.xml", info.header_offset + 100 + len(packed)) - 36):
        assert data[at : at + 2] == b"\0\0"  # stored
        data[at] = 8  # deflated
        struct.pack_into("<LLL", data, at + 6, checksum, len(packed), size)
    return bytes(data)


LAUGHS = (
    "<!DOCTYPE d [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
)
OUTSIDE = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
BOXES = "<w:p><w:r><w:txbxContent>" * 60 + SOUND + "</w:txbxContent></w:r></w:p>" * 60
BOMBS: dict[str, Callable[[], bytes]] = {
    "far too much of it": lambda: word_file("<w:p/>" * 2_000_000),
    "a part larger than it says": lambda: understated(9_000_000, 2_000),
    "parts without number": lambda: word_file(SOUND, more={f"word/a{n}": b"" for n in range(6_000)}),
    "laughs": lambda: word_file(f"<w:p><w:r><w:t>{SOUND}&a11;</w:t></w:r></w:p>", LAUGHS),
    "laughs in an attribute": lambda: word_file(f'<w:p w:a="&a11;"/>{SOUND}', LAUGHS),
    "nested without end": lambda: word_file("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000),
    "tables in tables": lambda: word_file("<w:tbl><w:tr><w:tc>" * 200 + SOUND + "</w:tc></w:tr></w:tbl>" * 200),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_in_a_word_file_costs_a_sentence(kind: str, tmp_path: Path) -> None:
    data = BOMBS[kind]()
    assert len(data) < 20_000_000
    (tmp_path / "a.docx").write_bytes(data)
    script = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)
        from reportqa import drafts, reading
        from reportqa.schema import ReadingError
        path = Path(sys.argv[1])
        for work in (lambda: reading.read(path), lambda: drafts.text_of(path.name, path.read_bytes())):
            try:
                work()
            except ReadingError as error:
                print(error)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a.docx"], capture_output=True, text=True, check=True
    )
    said = done.stdout.splitlines()
    assert said
    assert all(map(is_one_chinese_sentence, said))


def test_nothing_outside_a_word_file_is_read_into_it(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word_file(f"{SOUND}<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", OUTSIDE))
    assert "root:" not in read(tmp_path / "a.docx").text


def test_text_boxes_within_text_boxes_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word_file(BOXES))
    assert read(tmp_path / "a.docx").text.count("各位代表") == 1


def test_numbers_of_levels_that_word_does_not_have_are_none(tmp_path: Path) -> None:
    numbered = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{n}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>全市增长{n}</w:t></w:r></w:p>'
        for n in (0, 8, 9, 10**8)
    )
    (tmp_path / "a.docx").write_bytes(word_file(SOUND + numbered))
    assert "全市增长100000000" in read(tmp_path / "a.docx").text


def pdf_file(*objects: bytes) -> bytes:
    """Return a PDF of numbered objects, without the table of where they stand, which readers make up for."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, words) for number, words in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def stream(words: bytes) -> bytes:
    packed = zlib.compress(words, 9)
    return b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PDF_BOMBS = {
    "pages that it does not have": lambda: pdf_file(CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", PAGE, stream(b"")),
    "pages within themselves": lambda: pdf_file(CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 900>>"),
    "arrays in arrays": lambda: pdf_file(b"<</Type/Catalog/Pages 2 0 R/A" + b"[" * 200_000 + b"]" * 200_000 + b">>", ONE_PAGE, PAGE, stream(b"")),
    "words without end": lambda: pdf_file(CATALOGUE, ONE_PAGE, PAGE, stream(b"BT/F 9 Tf 9 9 Td " + b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)Tj " * 1_000_000 + b"ET")),
    "packed ten times": lambda: pdf_file(CATALOGUE, ONE_PAGE, PAGE, stream(zlib.compress(b"\x00" * 50_000_000, 9)).replace(b"/FlateDecode", b"[/FlateDecode/FlateDecode]")),
}  # fmt: skip


@pytest.mark.parametrize("kind", PDF_BOMBS)
def test_a_bomb_in_a_pdf_costs_a_sentence(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_SECONDS", 1)
    (tmp_path / "a.pdf").write_bytes(PDF_BOMBS[kind]())
    refusal(lambda: read(tmp_path / "a.pdf"))


@given(
    name=st.lists(
        st.sampled_from(
            [
                *'./\\\x00\n<>:"|?*~$% 长𠮷\u202e\ud800',
                "..",
                "/etc/passwd",
                "C:\\",
                "CON",
                "NUL.txt",
                "长" * 300,
                "𠮷" * 300,
                ".txt",
                ".docx",
            ]
        ),
        max_size=6,
    ).map("".join)
)
@FEW
def test_any_name_of_an_upload_is_a_plain_one(name: str, tmp_path: Path) -> None:
    safe = uploads._safe(name)
    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\\x00\n<>:"|?*\u202e')
    assert len(safe.encode()) <= 255
    (tmp_path / safe).write_bytes(b"")
    assert (tmp_path / safe).parent == tmp_path


# --- too much of it


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("各位代表：\n" + "全市增长" * 200_000, "有一段长 800000 字"),
        ("各位代表：\n" + "增长1%，" * 1_500, "有一句长 7500 字"),
        ("各位代表：\n" + "".join(f"{n}，增长。\n" for n in range(20_001)), "有 20002 段"),
        ("各位代表：\n" + "".join(f"{'一二三四五六七八九十'[n % 10]}、增长\n增长。\n" for n in range(4_000)), ""),
        ("各位代表：\n" + "".join(f"工作总体要求和重点任务安排\n\n{n}年全市生产总值增长，各项事业发展取得新的成绩，人民生活进一步改善。\n\n" for n in range(2_100)), "个标题"),
    ],
    ids=["a line", "clauses", "paragraphs", "numbers", "headings"],
)  # fmt: skip
def test_more_than_any_report_has_is_refused(text: str, said: str) -> None:
    if said:
        assert said in refusal(lambda: parse(Source("a.txt", text, "")))
    else:
        parse(Source("a.txt", text, ""))


def test_a_draft_without_any_mark_is_checked_in_pieces(qa: ReportQA) -> None:
    text = "全市生产总值增长百分之八点四" * 200
    assert all(finding.end - finding.start <= 600 for finding in qa.verify(text))


def test_ranges_of_ranges_are_refused(sample_report: Report) -> None:
    assert "30 处" in refusal(lambda: citation.locate([sample_report], "(1)-(30)" * 30))
    assert "300 字" in refusal(lambda: citation.locate([sample_report], "一" * 301))
    assert len(citation.locate([sample_report], "一（一）至（三）")) == 3


# --- work in proportion to length


def cpu(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(ReportQAError):
            work(text)
    return time.process_time() - began


TO_PARSE = {
    "spaces after a number": lambda n: "各位代表：增长。\n一、" + " " * n + "总体",
    "spaces in a glossary": lambda n: "各位代表：增长。\n1" + " " * n + "总体",
    "other articles": lambda n: "各位代表：增长。\n" + "相关新闻\n" * (n // 8) + "增长" * 50,
    "sections, then paragraphs": lambda n: "各位代表：\n一、增长\n" + "（一）增长。增长。\n" * (n // 16) + "增长增长增长。\n" * (n // 16),
    "titles": lambda n: "各位代表：\n" + "总体要求和任务\n\n全市生产总值增长，各项事业取得新的成绩。\n\n" * (n // 32),
    "marks": lambda n: "各位代表：\n" + "（" * n,
    "comments": lambda n: "各位代表：增长。\n" + "<!--" * n,
}  # fmt: skip
TO_COUNT = {
    "digits before a letter": lambda n: "1" * n + "a",
    "numerals": lambda n: "百" * n,
    "points": lambda n: "1." * n + "a",
    "commas": lambda n: "1,111" * n + "a",
    "halves": lambda n: "一半1" * n,
    "fractions": lambda n: "三" * n + "分",
}
PROSE = "全市生产总值增长百分之八，就业增加。"
TO_SHOW = {
    "characters": lambda n: "<p>" + "增" * n + f"<p>{PROSE}",
    "spaces": lambda n: f"<p>{PROSE}" + " " * n + "a",
    "line ends": lambda n: f"<p>{PROSE}" + "\n" * n + "a",
    "a title of spaces": lambda n: f"<meta name=title content='{' ' * n}a'><p>{PROSE}",
    "headings": lambda n: f"<p>{PROSE}" + "<h1>a" * (n // 4),
    "links": lambda n: f"<p>{PROSE}" + "<div><a>a</a>" * (n // 16),
}


def check(work: Callable[[str], object], make: Callable[[int], str], size: int) -> None:
    """Check that eight times the length takes no more than some eight times the work, where the square takes 64."""
    ratio = 0.0
    for _ in range(3):  # another program may have had the processor's cache
        ratio = cpu(work, make(8 * size)) / max(0.001, cpu(work, make(size)))
        if ratio < 28:
            return
    raise AssertionError(f"{ratio:.0f} times the work for 8 times the length")


@pytest.mark.parametrize("kind", TO_PARSE)
def test_parsing_takes_work_in_proportion(kind: str) -> None:
    check(lambda text: parse(Source("a.txt", text, "")), TO_PARSE[kind], 4_000)


@pytest.mark.parametrize("kind", TO_COUNT)
def test_reading_figures_takes_work_in_proportion(kind: str) -> None:
    check(lambda text: (facts.figures(text), figures(text)), TO_COUNT[kind], 1_000)


@pytest.mark.parametrize("kind", TO_SHOW)
def test_reading_pages_takes_work_in_proportion(kind: str) -> None:
    check(web.text_of, TO_SHOW[kind], 6_000)


def test_guessing_an_encoding_takes_work_in_proportion() -> None:
    check(lambda text: decoding.decode(text.encode("gb18030"), "a"), lambda n: "增长" + "<script " * n, 2_000)


@pytest.mark.parametrize(
    "make",
    [lambda n: "1" * n + "a", lambda n: "“" * n, lambda n: "报告指出" * n, lambda n: "《" * n],
    ids=["digits", "quotes", "sources", "titles"],
)
def test_checking_a_draft_takes_work_in_proportion(qa: ReportQA, make: Callable[[int], str]) -> None:
    check(qa.verify, lambda n: "全市增长" + make(n), 700)


# --- the API


@pytest.fixture(scope="module")
def client(qa: ReportQA) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTQA_RATE", "1000000")
        with TestClient(create_app(qa, Policy(public=True)), raise_server_exceptions=False, **HERE) as client:
            yield client


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | SAID | st.sampled_from([10**400, "9" * 5_000])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAID, inner, max_size=3), max_leaves=6
)
ASKED = st.dictionaries(
    st.sampled_from(["question", "text", "history", "top_k", "reports", "place", "year", "token", "key", "cookie", "fn_name", "component_id", "data", "session_hash", "jsonrpc", "method", "params", "id"]),
    VALUES,
    max_size=6,
)  # fmt: skip
CHAT_CALLS = [
    "ask",
    "restore",
    "rate",
    "export",
    "read_draft",
    "check_draft",
    "save_draft",
    "figure_choices",
    "figure_table",
    "figure_file",
    "nothing",
]
GIVEN = st.dictionaries(
    st.sampled_from(["language", "turns", "question", "place", "year", "helpful", "format", "address", "text", "first", "name", "data", "pieces"]),
    VALUES,
    max_size=5,
)  # fmt: skip


def is_told(answer: Any, sent: object) -> None:
    """Whether an answer is one, or an error in its shape; never a failure of ours."""
    assert answer.status_code < 500, (answer.status_code, sent, answer.text[:200])
    if answer.status_code >= 400 and "jsonrpc" not in answer.text:
        assert answer.json()["error"]["message"].endswith("。"), (sent, answer.text[:200])


@given(
    path=st.sampled_from(["/api/ask", "/api/verify", "/api/session", "/gradio_api/component_server/"]),
    body=ASKED | VALUES,
)
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
def test_no_body_is_a_failure_of_ours(client: TestClient, path: str, body: Any) -> None:
    is_told(client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"}), (path, body))


@given(call=st.sampled_from(CHAT_CALLS), given=GIVEN | VALUES)
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
def test_no_call_of_the_chat_is_a_failure_of_ours(client: TestClient, call: str, given: Any) -> None:
    [component] = [c["id"] for c in client.get("/config").json()["components"] if c["type"] == "html"]
    body = {"component_id": component, "fn_name": call, "data": given, "session_hash": "x"}
    is_told(client.post("/gradio_api/component_server/", content=json.dumps(body)), body)


@pytest.mark.parametrize("path", ["/api/ask", "/api/verify", "/api/session", "/mcp", "/gradio_api/component_server/"])
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"question": ' + b"9" * 5_000 + b"}",
        b'{"text": "\\ud800"}',
        b'{"key": "\\udfff"}',
        b"\xff\xfe",
        b"NaN",
        b'{"year": 1e999}',
        b"",
    ],
)
def test_no_bytes_are_a_failure_of_ours(client: TestClient, path: str, body: bytes) -> None:
    is_told(client.post(path, content=body, headers={"Content-Type": "application/json"}), (path, body[:40]))


@given(
    route=st.sampled_from(
        ["search", "locate", "indicators", "reports/{}", "reports/{}/paragraphs", "reports/{}/paragraphs/{}"]
    ),
    words=SAID,
    number=st.integers() | SAID,
)
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
def test_no_query_is_a_failure_of_ours(client: TestClient, route: str, words: str, number: object) -> None:
    words = words.encode(errors="replace").decode()
    asked = {
        "query": words,
        "citation": words,
        "place": words,
        "indicator": words,
        "period": words,
        "report": words,
        "top_k": str(number).encode(errors="replace").decode(),
        "year": "x",
    }
    kept = (
        {name: value for name, value in asked.items() if name in ("query", "citation", "indicator")}
        if len(words) % 2
        else asked
    )
    path = "/api/" + route.format(*(percent_encode(words, safe="") or "x",) * 2)
    is_told(client.get(path, params=kept), (path, kept))


def test_a_length_that_no_body_has_is_refused(client: TestClient) -> None:
    for length in ("9" * 5_000, "²", "-1", "1e3", "٣"):
        answer = client.post("/api/ask", content=b"{}", headers=[(b"Content-Length", length.encode())])
        assert answer.status_code in (400, 413), length
