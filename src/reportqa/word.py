"""From a Word document to its text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reportqa.schema import ReadingError
from reportqa.text import is_footnote_mark

if TYPE_CHECKING:
    from docx.document import Document

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_LARGEST_UNPACKED = 200_000_000


def text_of(data: bytes, name: str) -> str:
    """Return the text of a .docx file, a line for each paragraph and each row of a table."""
    if data.startswith(_OLD_OFFICE):
        raise ReadingError(f"“{name}”设有密码，或其实是旧的 .doc 格式，请打开它，另存为不带密码的 .docx 后再试。")
    damaged = ReadingError(f"“{name}”不是完整的 Word 文件，可能已损坏，请换一份再试。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except Exception:  # a damaged archive raises whatever its bytes happen to ask for
        raise damaged from None
    if unpacked > _LARGEST_UNPACKED:
        raise ReadingError(
            f"“{name}”解压后有 {unpacked / 1_000_000:.0f} MB，超过 {_LARGEST_UNPACKED // 1_000_000} MB 的上限，请检查文件。"
        )
    import docx  # takes 0.1 s, which no other kind of file needs

    try:
        document = docx.Document(io.BytesIO(data))
        return "".join(f"{line}\n" for line in _Word(document).lines(document.element.body))
    except Exception:  # and so does a damaged document within a whole archive
        raise damaged from None


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RUNS_WITHIN = {
    "ins",
    "hyperlink",
    "smartTag",
    "sdt",
    "sdtContent",
    "fldSimple",
    "customXml",
    "moveTo",
    "ruby",
    "rubyBase",
}
_BLOCKS_WITHIN = {"sdt", "sdtContent", "ins", "moveTo", "customXml"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_CHINESE_COUNTS = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand")
_DIGITS = "零一二三四五六七八九"


def _local(element: Any) -> str:
    """Return an element's name where it is one of Word's own, else ""."""
    tag = element.tag
    return tag.removeprefix(_WORD) if isinstance(tag, str) and tag.startswith(_WORD) else ""


def _value(element: Any, *path: str) -> str:
    """Return the ``w:val`` of the element at ``path`` below, or ""."""
    found = element.find("/".join(_WORD + step for step in path)) if element is not None else None
    return found.get(f"{_WORD}val", "") if found is not None else ""


def _counted(number: int, style: str) -> str:
    if style not in _CHINESE_COUNTS or not 0 < number < 100:
        return str(number)
    tens, units = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[units] if units else "")


class _Word:
    """Reads a Word document's text as it is seen: with the numbers that Word counts, without what was deleted."""

    def __init__(self, document: Document) -> None:
        self._styles = {style.style_id: style.element for style in document.styles}
        numbering = [r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")]
        root: Any = numbering[0].element if numbering else None
        abstract = {a.get(f"{_WORD}abstractNumId"): a for a in root.findall(f"{_WORD}abstractNum")} if numbering else {}
        instances = root.findall(f"{_WORD}num") if numbering else []
        self._lists = {n.get(f"{_WORD}numId"): abstract.get(_value(n, "abstractNumId")) for n in instances}
        self._counts: dict[tuple[str, int], int] = {}

    def lines(self, parent: Any) -> Iterator[str]:
        """Yield the lines of the paragraphs, tables and text boxes below ``parent``, in order."""
        for child in parent:
            name = _local(child)
            if name == "p":
                yield self._number(child) + self._text(child)
                for box in child.iter(f"{_WORD}txbxContent"):
                    if not any(ancestor.tag.endswith("}Fallback") for ancestor in box.iterancestors()):
                        yield from self.lines(box)
            elif name == "tbl":
                for row in child.iter(f"{_WORD}tr"):
                    cells = [cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(f"{_WORD}tr")) is row]
                    yield "\t".join(" ".join(self.lines(cell)) for cell in cells)
            elif name in _BLOCKS_WITHIN and not _value(child, "sdtPr", "docPartObj", "docPartGallery"):
                yield from self.lines(child)

    def _text(self, paragraph: Any) -> str:
        pieces: list[str] = []
        self._collect(paragraph, pieces)
        return "".join(pieces)

    def _collect(self, element: Any, pieces: list[str]) -> None:
        for child in element:
            name = _local(child)
            if name == "r":
                if child.find(f"{_WORD}rPr/{_WORD}vanish") is None:
                    run: list[str] = []
                    self._collect(child, run)
                    if not self._is_footnote_mark(child, "".join(run), "".join(pieces[-1:])):
                        pieces += run
            elif name == "t":
                pieces.append(child.text or "")
            elif name in _BREAKS:
                pieces.append(_BREAKS[name])
            elif name in _RUNS_WITHIN:
                self._collect(child, pieces)

    @staticmethod
    def _is_footnote_mark(run: Any, text: str, before: str) -> bool:
        """Whether a raised number is a footnote's; m² and km² are not."""
        raised = _value(run, "rPr", "vertAlign") == "superscript"
        return raised and is_footnote_mark(text, before)

    def _number(self, paragraph: Any) -> str:
        """Return the number that Word sets before a paragraph of a list, or ""."""
        properties = paragraph.find(f"{_WORD}pPr")
        instance, level = _value(properties, "numPr", "numId"), _value(properties, "numPr", "ilvl")
        style = self._styles.get(_value(properties, "pStyle"))
        if not instance and style is not None:
            instance, level = _value(style, "pPr", "numPr", "numId"), _value(style, "pPr", "numPr", "ilvl")
        definition = self._lists.get(instance)
        if definition is None:
            return ""
        depth = int(level or 0)
        levels = {int(one.get(f"{_WORD}ilvl", 0)): one for one in definition.findall(f"{_WORD}lvl")}
        self._counts = {key: n for key, n in self._counts.items() if key[0] != instance or key[1] <= depth}
        self._counts[instance, depth] = (
            self._counts.get((instance, depth), int(_value(levels.get(depth), "start") or 1) - 1) + 1
        )
        pattern = _value(levels.get(depth), "lvlText")
        if _value(levels.get(depth), "numFmt") not in ("decimal", *_CHINESE_COUNTS):
            return ""

        def counted(match: re.Match[str]) -> str:
            wanted = int(match[1]) - 1
            return _counted(self._counts.get((instance, wanted), 1), _value(levels.get(wanted), "numFmt"))

        return re.sub(r"%(\d)", counted, pattern)
