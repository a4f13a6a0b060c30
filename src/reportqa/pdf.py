"""From a PDF with a text layer to its text.

The file is read in a process of its own, whose time and memory are bounded: whatever a damaged or malicious file makes
the library do, it costs a refusal.  ``python -m reportqa.pdf SECONDS BYTES`` is that process: a file's bytes in, JSON
out.
"""

from __future__ import annotations

import ctypes
import json
import re
import resource
import statistics
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from reportqa.page_layout import PrintedLine, paragraphs
from reportqa.schema import ReadingError
from reportqa.text import is_footnote_mark

_SECONDS = 60
_MEMORY = 2_000_000_000
_MOST_PAGES = 1000
_LEAST_ON_PAGE = 30
"""Characters of a page that has a text."""
_MOST_UNREADABLE = 0.05
_REFUSALS = {
    "password": "“{name}”设有密码，请去掉密码后再试。",
    "damaged": "“{name}”不是完整的 PDF 文件，可能已损坏，请换一份再试。",
    "pages": "“{name}”有 {count} 页，超过 1000 页的上限，请检查文件。",
    "scanned": "“{name}”是扫描件，页面上只有图像没有文字，请先用 OCR 软件识别成文字后再试。",
    "image pages": "“{name}”有 {count} 页只有图像没有文字（第 {first} 页起），请先用 OCR 软件识别成文字后再试。",
    "unreadable": "“{name}”的文字无法还原（字体没有给出对应的汉字），请换一份文件，或用 OCR 软件识别后再试。",
}
_TOO_MUCH = "“{name}”在 {seconds} 秒和 {memory} GB 内存之内没有读完，可能已损坏，请换一份再试。"


def text_of(data: bytes, name: str) -> str:
    """Return the text of a PDF, a line for each paragraph, without headers, footers and page numbers.

    Raises ReadingError where it is scanned, locked, damaged, or takes too much time or memory.
    """
    command = [sys.executable, "-P", "-m", "reportqa.pdf", str(_SECONDS), str(_MEMORY)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * _SECONDS, check=False)  # noqa: S603
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "text" in answer:
        return re.sub(r"[\ud800-\udfff]", "\ufffd", answer["text"])  # halves of characters, which no encoding has
    if "refusal" in answer:
        raise ReadingError(_REFUSALS[answer["refusal"]].format(name=name, **answer["figures"]))
    raise ReadingError(_TOO_MUCH.format(name=name, seconds=_SECONDS, memory=round(_MEMORY / 1e9, 1)))


# In the process of its own.


class _RefusedError(Exception):
    def __init__(self, reason: str, **figures: int) -> None:
        self.reason = reason
        self.figures = figures


@dataclass(frozen=True, slots=True)
class _Glyph:
    character: str
    left: float
    right: float
    base: float
    size: float
    spaced: bool
    """Whether a space stands before it in the file."""


_RADICALS = dict(
    zip(
        "⺀⺁⺄⺆⺈⺋⺌⺍⺗⺘⺙⺝⺟⺠⺡⺣⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺱⺳⺶⺷⺻⺼⺽⺾⻀⻁⻂⻃⻄⻅⻆⻈⻉⻊⻋⻌⻐⻑⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻲⻳",
        "冫厂乙冂刀卩小小心扌攵月母民氵灬爪丬牛犭王疋罒示礻竹糸罒罒羊羊聿月臼艹艹虎衤覀西见角讠贝足车辶钅長长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙亀龟",
        strict=True,
    )
)
"""Radicals that fonts give for the characters they look like; those of Kangxi are folded by Unicode itself."""


def _character(code: int) -> str:
    character = chr(code)
    if 0x2F00 <= code <= 0x2FD5 or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", character)
    return _RADICALS.get(character, character)


def _glyphs(page: Any, raw: Any) -> Iterator[_Glyph]:
    """Yield what is printed on a page upright, in the file's order."""
    textpage = page.get_textpage()
    height = page.get_height()
    box = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    spaced = False
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, at)
        if code in (0xFFFE, 0xAD) or raw.FPDFText_IsGenerated(textpage, at) == 1:
            continue
        if chr(code).isspace():
            spaced = True
            continue
        if abs(raw.FPDFText_GetCharAngle(textpage, at)) % 6.2 > 0.1:
            continue
        if not raw.FPDFText_GetLooseCharBox(textpage, at, box) or not raw.FPDFText_GetCharOrigin(textpage, at, x, y):
            continue
        size = abs(box.top - box.bottom)
        if size > 0:
            yield _Glyph(_character(code), box.left, box.right, height - y.value, size, spaced)
            spaced = False
    textpage.close()


def _printed(glyphs: Sequence[_Glyph], page: int) -> Iterator[PrintedLine]:
    """Yield the lines of a page: glyphs that follow one another at one height."""
    line: list[_Glyph] = []
    for glyph in glyphs:
        if line and not _follows(line, glyph):
            yield _line(line, page)
            line = []
        line.append(glyph)
    if line:
        yield _line(line, page)


def _follows(line: Sequence[_Glyph], glyph: _Glyph) -> bool:
    last = line[-1]
    size = max(line[0].size, last.size, glyph.size)
    return abs(glyph.base - line[0].base) < 0.5 * size and glyph.left > last.right - 0.7 * size


def _line(glyphs: Sequence[_Glyph], page: int) -> PrintedLine:
    """Return a line of glyphs: with spaces where they stand apart, without raised footnote marks."""
    size = statistics.median_high(glyph.size for glyph in glyphs)
    wide = [glyph.right - glyph.left for glyph in glyphs if "\u4e00" <= glyph.character <= "\u9fff"]
    em = statistics.median(wide) if wide else 0.8 * size
    glyphs = [_widened(glyph, em) for glyph in glyphs]
    usual = max(0.0, statistics.median([b.left - a.right for a, b in pairwise(glyphs)] or [0.0]))
    pieces: list[str] = []
    raised = ""
    before: _Glyph | None = None
    for glyph in [*glyphs, None]:
        if glyph is not None and glyph.size < 0.8 * size and glyph.base < glyphs[0].base - 0.15 * size:
            raised += glyph.character
            before = glyph
            continue
        if raised:
            pieces.append("" if is_footnote_mark(raised, "".join(pieces)) else raised)
            raised = ""
        if glyph is None:
            break
        if before is not None:
            gap = glyph.left - before.right
            narrow = glyph.spaced or before.character.isascii() == glyph.character.isascii()
            least = usual + (0.15 if narrow else 0.35) * em
            pieces.append("\t" if gap > 3 * em else " " if gap > least else "")
        pieces.append(glyph.character)
        before = glyph
    text = "".join(pieces)
    return PrintedLine(
        page,
        text,
        glyphs[0].left,
        max(g.right for g in glyphs),
        statistics.median_low(glyph.base for glyph in glyphs),
        em,
    )


def _widened(glyph: _Glyph, em: float) -> _Glyph:
    """Return a Chinese character as wide as it is set, where the font tells only how wide its strokes are."""
    room = (em - (glyph.right - glyph.left)) / 2
    if room <= 0 or glyph.size < 0.8 * em or not "\u4e00" <= glyph.character <= "\u9fff":
        return glyph
    return replace(glyph, left=glyph.left - room, right=glyph.right + room)


def _read(data: bytes) -> str:
    """Return the text of a PDF, in the process of its own."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _RefusedError("password" if "assword" in str(error) else "damaged") from None
    if len(document) > _MOST_PAGES:
        raise _RefusedError("pages", count=len(document))
    lines: list[PrintedLine] = []
    heights: list[float] = []
    images: list[int] = []
    for number, page in enumerate(document):
        glyphs = list(_glyphs(page, raw))
        heights.append(page.get_height())
        lines += _printed(glyphs, number)
        if len(glyphs) < _LEAST_ON_PAGE and any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])):
            images.append(number + 1)
        page.close()
    _check(lines, images, len(heights))
    return "".join(f"{paragraph}\n" for paragraph in paragraphs(lines, heights))


def _check(lines: Sequence[PrintedLine], images: Sequence[int], pages: int) -> None:
    """Refuse what has no text, has it on some pages only (a cover aside), or has characters nobody can name."""
    text = "".join(line.text for line in lines)
    if len(images) > 0.5 * pages:
        raise _RefusedError("scanned")
    if within := [page for page in images if 1 < page < pages]:
        raise _RefusedError("image pages", count=len(within), first=within[0])
    strange = sum(c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc") for c in text if c != "\t")
    if strange > _MOST_UNREADABLE * max(1, len(text)):
        raise _RefusedError("unreadable")


def main() -> None:
    """Read a PDF from standard input, write {"text"} or {"refusal", "figures"} to standard output."""
    for limit, most in zip((resource.RLIMIT_CPU, resource.RLIMIT_AS), map(int, sys.argv[1:3]), strict=True):
        resource.setrlimit(limit, (most, most))
    try:
        answer: dict[str, Any] = {"text": _read(sys.stdin.buffer.read())}
    except _RefusedError as refused:
        answer = {"refusal": refused.reason, "figures": refused.figures}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
