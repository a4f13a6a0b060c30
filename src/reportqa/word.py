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
_LONGEST_CELL = 60


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
        self._definitions = (
            {a.get(f"{_WORD}abstractNumId"): a for a in root.findall(f"{_WORD}abstractNum")} if numbering else {}
        )
        self._lists = {n.get(f"{_WORD}numId"): n for n in root.findall(f"{_WORD}num")} if numbering else {}
        self._counts: dict[tuple[str, int], int] = {}
        self._begun: set[tuple[str, int]] = set()
        """Of each list and level whether an item has been seen: a list may start its definition's count anew."""

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
                    if next(row.iterancestors(f"{_WORD}tbl")) is child:
                        yield from self._row(row)
            elif name in _BLOCKS_WITHIN and not _value(child, "sdtPr", "docPartObj", "docPartGallery"):
                yield from self.lines(child)

    def _row(self, row: Any) -> Iterator[str]:
        """Yield a row's cells as one line, or, where they hold the page's layout and not words and figures, their lines."""
        cells = [cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(f"{_WORD}tr")) is row]
        held = [[line for line in self.lines(cell) if line.strip()] for cell in cells]
        if any(len(lines) > 1 and max(map(len, lines)) > _LONGEST_CELL for lines in held):
            yield from (line for lines in held for line in lines)
        else:
            yield "\t".join(" ".join(lines) for lines in held)

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

    def _list(self, paragraph: Any) -> tuple[str, str]:
        """Return the list that a paragraph is an item of, by itself or by its style, and the level; "" where there is none."""
        properties = paragraph.find(f"{_WORD}pPr")
        instance, level = _value(properties, "numPr", "numId"), _value(properties, "numPr", "ilvl")
        name = _value(properties, "pStyle")
        passed: set[str] = set()
        while not instance and name in self._styles and name not in passed:
            passed.add(name)
            style = self._styles[name]
            instance = _value(style, "pPr", "numPr", "numId")
            level = _value(style, "pPr", "numPr", "ilvl") or level
            for one in self._levels(instance).values():
                if not level and _value(one, "pStyle") in passed:
                    level = one.get(f"{_WORD}ilvl", "")
            name = _value(style, "basedOn")
        return instance, level

    def _levels(self, instance: str) -> dict[int, Any]:
        """Return the levels that a list is defined with."""
        definition = self._definitions.get(_value(self._lists.get(instance), "abstractNumId"))
        levels = definition.findall(f"{_WORD}lvl") if definition is not None else []
        return {int(one.get(f"{_WORD}ilvl", 0)): one for one in levels}

    def _start(self, instance: str, depth: int) -> str:
        """Return what a list starts the count of a level with, where it does not go on with its definition's."""
        for override in self._lists[instance].findall(f"{_WORD}lvlOverride"):
            if int(override.get(f"{_WORD}ilvl", 0)) == depth:
                return _value(override, "startOverride")
        return ""

    def _number(self, paragraph: Any) -> str:
        """Return the number that Word sets before a paragraph of a list, or ""."""
        instance, level = self._list(paragraph)
        levels = self._levels(instance)
        if not levels:
            return ""
        counter, depth = _value(self._lists[instance], "abstractNumId"), int(level or 0)
        self._counts = {key: n for key, n in self._counts.items() if key[0] != counter or key[1] <= depth}
        first = _value(levels.get(depth), "start") or "1"
        start = "" if (instance, depth) in self._begun else self._start(instance, depth)
        self._begun.add((instance, depth))
        self._counts[counter, depth] = int(start) if start else self._counts.get((counter, depth), int(first) - 1) + 1
        if _value(levels.get(depth), "numFmt") not in ("decimal", *_CHINESE_COUNTS):
            return ""

        def counted(match: re.Match[str]) -> str:
            wanted = int(match[1]) - 1
            return _counted(self._counts.get((counter, wanted), 1), _value(levels.get(wanted), "numFmt"))

        return re.sub(r"%(\d)", counted, _value(levels.get(depth), "lvlText"))
