"""PDF as a browser prints it, and PDF that cannot be read."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from browsing import chromium
from conftest import is_one_chinese_sentence
from reportqa import pdf
from reportqa.page_layout import PrintedLine, paragraphs
from reportqa.parsing import parse
from reportqa.reading import read
from reportqa.schema import ReadingError

HEAD = ["平川市政府工作报告", "（2025年1月8日在平川市第五届人民代表大会第四次会议上）", "平川市人民政府市长 王小明"]
LONG = [
    f"全市第{n}产业完成投资{n}35.{n}亿元，增长{n}.4%，高于全省平均水平，“放管服”改革深入推进，长三角、风电、民生等项目开工建设，"
    f"PM2.5平均浓度下降{n}.1%，群众满意度达到9{n}.3%，位居全省第{n}位，{'办好民生实事，' * (n % 4)}各项工作取得新的成效。"
    for n in range(1, 10)
]
BODY = ["各位代表：", "一、2024年工作回顾", *LONG, "二、2025年工作安排", *LONG[:5], "让我们一起努力！"]
HEADER = "<div style='font-size:9px;width:100%;text-align:center'>政府工作报告</div>"
FOOTER = "<div style='font-size:9px;width:100%;text-align:center'>- <span class=pageNumber></span> -</div>"
STYLES = {
    "indented": "p { text-indent: 2em; margin: 0; text-align: justify }",
    "apart": "p { margin: 0 0 1em }",
    "ragged": "p { text-indent: 2em; margin: 0; text-align: left; line-height: 1.5 }",
}

Print = Callable[[str], bytes]


@pytest.fixture(scope="module")
def print_page() -> Iterator[Print]:
    with chromium() as browser:
        page = browser.new_page()

        def printed(body: str) -> bytes:
            page.set_content(f"<meta charset=utf-8><body style=\"font: 16pt/2 'Noto Serif CJK SC'\">{body}")
            margin = dict.fromkeys(("top", "bottom", "left", "right"), "2.5cm")
            options = {"display_header_footer": True, "header_template": HEADER, "footer_template": FOOTER}
            data: bytes = page.pdf(format="A5", margin=margin, **options)
            return data

        yield printed


def marked_up(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def refusal(path: Path) -> str:
    with pytest.raises(ReadingError) as refused:
        read(path)
    assert is_one_chinese_sentence(str(refused.value))
    return str(refused.value)


@pytest.mark.browser
@pytest.mark.parametrize("style", STYLES)
def test_paragraphs_are_rebuilt_across_pages(tmp_path: Path, print_page: Print, style: str) -> None:
    head = "".join(f"<p style='text-align:center;text-indent:0'>{line}</p>" for line in HEAD)
    path = tmp_path / "a.pdf"
    path.write_bytes(print_page(f"<style>{STYLES[style]}</style>{head}{marked_up(BODY)}"))
    assert read(path).text.splitlines() == [*HEAD, *BODY]
    report = parse(read(path))
    assert (report.place, report.year, report.speaker) == ("平川市", 2025, "王小明")
    assert [section.heading for section in report.sections] == ["一、2024年工作回顾", "二、2025年工作安排"]


@pytest.mark.browser
def test_footnotes_and_their_marks_are_no_part_of_the_text(tmp_path: Path, print_page: Print) -> None:
    noted = "推进“三进”<sup style='font-size:9pt'>[1]</sup>工作，造林3万m<sup style='font-size:9pt'>2</sup>，成效很好。"
    note = "<p style='position:absolute;top:15cm;font-size:9pt;text-indent:0'>[1] “三进”：进园区、进企业、进社区。</p>"
    path = tmp_path / "a.pdf"
    path.write_bytes(print_page(f"<style>{STYLES['indented']}</style>{note}{marked_up([BODY[0], noted, *LONG])}"))
    assert read(path).text.splitlines() == [
        BODY[0],
        "推进“三进”工作，造林3万m2，成效很好。",
        *LONG,
        "注释：",
        "[1]“三进”：进园区、进企业、进社区。",
    ]


@pytest.mark.browser
def test_a_scan_is_refused_in_a_sentence(tmp_path: Path, print_page: Print) -> None:
    picture = io.BytesIO()
    Image.effect_noise((60, 80), 50).save(picture, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
    image = f"<img style='display:block;width:9cm;height:12cm;break-after:page' src='{source}'>"
    path = tmp_path / "扫描.pdf"
    path.write_bytes(_without_margins(print_page, image * 3))
    assert "扫描件" in refusal(path)
    path.write_bytes(
        _without_margins(
            print_page, marked_up(LONG) + "<div style='break-before:page'></div>" + image + marked_up(LONG)
        )
    )
    assert "只有图像" in refusal(path)


def _without_margins(print_page: Print, body: str) -> bytes:
    """Print without header and footer, as a scanner does."""
    return print_page(f"<style>@page {{ margin: 0 }} p {{ margin: 1cm }}</style>{body}")


@pytest.mark.browser
@pytest.mark.parametrize("keep", [0.02, 0.5])
def test_a_pdf_that_was_cut(tmp_path: Path, print_page: Print, keep: float) -> None:
    data = print_page(marked_up(LONG))
    (tmp_path / "a.pdf").write_bytes(data[: int(len(data) * keep)])
    refusal(tmp_path / "a.pdf")


def made(content: bytes, pages: int = 1) -> bytes:
    """Return a PDF whose pages all show the content, compressed."""
    packed = zlib.compress(content)
    kids = " ".join("3 0 R" for _ in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
    ]
    body = b"".join(b"%d 0 obj %b endobj\n" % (n, o) for n, o in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


def test_more_pages_than_a_report_has(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(made(b"", 1001))
    assert "1001 页" in refusal(tmp_path / "a.pdf")


def test_a_pdf_that_takes_too_much_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_SECONDS", 1)
    (tmp_path / "a.pdf").write_bytes(made(b"BT /F 1 Tf (a) Tj 0 1 Td ET " * 2_000_000))
    assert "没有读完" in refusal(tmp_path / "a.pdf")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04", "政府工作报告".encode()])
def test_what_is_called_pdf_and_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    assert "a.pdf" in refusal(tmp_path / "a.pdf")


def test_every_radical_has_its_character() -> None:
    assert all(pdf._character(ord(radical)) not in pdf._RADICALS for radical in pdf._RADICALS)
    assert "".join(pdf._character(ord(c)) for c in "⼀⻓⺠⻛⽣长") == "一长民风生长"


def printed_page(page: int, *rows: tuple[str, float, float]) -> list[PrintedLine]:
    """Return the lines of a page of 800 points, ten points a character, from (text, left, base)."""
    return [PrintedLine(page, text, left, left + 10 * len(text), base, 10) for text, left, base in rows]


def test_what_repeats_at_the_edges_is_dropped_and_what_repeats_within_stays() -> None:
    lines = [
        line
        for page in range(4)
        for line in printed_page(
            page,
            ("平川年鉴", 100, 40),
            (f"第{page}段的话还没有说完，", 100, 300),
            ("这才说完。", 100, 315),
            ("各位代表！", 100, 330),
            (f"— {page + 1} —", 150, 760),
        )
    ]
    kept = paragraphs(lines, [800.0] * 4)
    assert kept == [words for page in range(4) for words in (f"第{page}段的话还没有说完，这才说完。", "各位代表！")]


def test_columns_are_read_one_after_the_other() -> None:
    left = [("甲" * (20 if n else 18), 50 if n else 70, 100 + 15 * n) for n in range(6)]
    right = [("乙" * (20 if n else 18), 300 if n else 320, 100 + 15 * n) for n in range(6)]
    assert paragraphs(printed_page(0, *left, *right), [800.0]) == ["甲" * 118, "乙" * 118]
