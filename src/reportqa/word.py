"""From a Word document to its text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reportqa.numbering import numeral
from reportqa.schema import ReadingError
from reportqa.text import is_footnote_mark

if TYPE_CHECKING:
    from docx.document import Document

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_LARGEST_UNPACKED = 200_000_000
_LARGEST_XML = 10_000_000
"""Bytes of all parts that are XML; read, they take forty times as much memory."""
_MOST_PARTS = 5_000
_XML_BEGINS = (b"<", b"L")
"""In any encoding, what goes before white space aside; L is what EBCDIC has for it."""
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_DEEPEST_LEVEL = 8
_LONGEST_DESCENT = 20
"""Styles that one may be based on, one on the other."""
_PIECE = 1 << 20
_LONGEST_CELL = 60


def text_of(data: bytes, name: str) -> str:
    """Return the text of a .docx file, a line for each paragraph and each row of a table."""
    document = opened(data, name)
    try:
        return "".join(f"{line}\n" for line in _Word(document).lines(document.element.body))
    except Exception:  # a damaged document raises whatever its bytes happen to ask for
        raise _damaged(name) from None


def opened(data: bytes, name: str) -> Document:
    """Return a .docx file as python-docx reads it.

    Raises ReadingError where it is none, is damaged, or takes too much memory.
    """
    if data.startswith(_OLD_OFFICE):
        raise ReadingError(f"“{name}”设有密码，或其实是旧的 .doc 格式，请打开它，另存为不带密码的 .docx 后再试。")
    import docx  # takes 0.1 s, which no other kind of file needs

    try:
        return docx.Document(_packed_anew(data, name))
    except ReadingError:
        raise
    except Exception:  # a damaged archive, too, raises whatever its bytes happen to ask for
        raise _damaged(name) from None


def _damaged(name: str) -> ReadingError:
    return ReadingError(f"“{name}”不是完整的 Word 文件，可能已损坏，请换一份再试。")


def _packed_anew(data: bytes, name: str) -> io.BytesIO:
    """Return an archive with the same parts, each of the size that it says: read whole, one of another would fill the memory.

    Raises ReadingError where there are too many, or they are too large.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as anew:
        parts = {part.filename: part for part in archive.infolist()}
        if len(parts) > _MOST_PARTS:
            raise ReadingError(f"“{name}”里有 {len(parts)} 个部件，超过 {_MOST_PARTS} 个的上限，请检查文件。")
        _check_size(sum(part.file_size for part in archive.infolist()), _LARGEST_UNPACKED, name)
        markup = 0
        for part in parts.values():
            with archive.open(part) as file:
                words = b"".join(iter(lambda: file.read(_PIECE), b""))
            if words.lstrip(_BEFORE_XML).startswith(_XML_BEGINS):
                markup += len(words)
                _check_size(markup, _LARGEST_XML, name)
            anew.writestr(part.filename, words)
    packed.seek(0)
    return packed


def _check_size(unpacked: int, most: int, name: str) -> None:
    if unpacked > most:
        raise ReadingError(
            f"“{name}”解压后有 {unpacked / 1_000_000:.0f} MB，超过 {most // 1_000_000} MB 的上限，请检查文件。"
        )


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


def _local(element: Any) -> str:
    """Return an element's name where it is one of Word's own, else ""."""
    tag = element.tag
    return tag.removeprefix(_WORD) if isinstance(tag, str) and tag.startswith(_WORD) else ""


def _value(element: Any, *path: str) -> str:
    """Return the ``w:val`` of the element at ``path`` below, or ""."""
    found = element.find("/".join(_WORD + step for step in path)) if element is not None else None
    return found.get(f"{_WORD}val", "") if found is not None else ""


def _counted(number: int, style: str) -> str:
    return numeral(number) if style in _CHINESE_COUNTS else str(number)


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
        self._defined: dict[str, dict[int, Any]] = {}
        """Of each list the levels that it is defined with, once they were asked for."""
        self._counts: dict[str, dict[int, int]] = {}
        """Of each definition and level the last number."""
        self._begun: set[tuple[str, int]] = set()
        """Of each list and level whether an item has been seen: a list may start its definition's count anew."""

    def lines(self, parent: Any) -> Iterator[str]:
        """Yield the lines of the paragraphs, tables and text boxes below ``parent``, in order."""
        for child in parent:
            name = _local(child)
            if name == "p":
                yield self._number(child) + self._text(child)
                for box in child.iter(f"{_WORD}txbxContent"):
                    if next(box.iterancestors(f"{_WORD}p")) is child and not any(
                        ancestor.tag.endswith("}Fallback") for ancestor in box.iterancestors()
                    ):
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
        while not instance and name in self._styles and name not in passed and len(passed) < _LONGEST_DESCENT:
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
        if instance not in self._defined:
            definition = self._definitions.get(_value(self._lists.get(instance), "abstractNumId"))
            levels = definition.findall(f"{_WORD}lvl") if definition is not None else []
            numbered = {int(one.get(f"{_WORD}ilvl", 0)): one for one in levels}
            self._defined[instance] = {depth: one for depth, one in numbered.items() if 0 <= depth <= _DEEPEST_LEVEL}
        return self._defined[instance]

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
        depth = min(int(level or 0), _DEEPEST_LEVEL)
        counter = _value(self._lists[instance], "abstractNumId")
        counts = {other: n for other, n in self._counts.get(counter, {}).items() if other <= depth}
        self._counts[counter] = counts
        first = _value(levels.get(depth), "start") or "1"
        start = "" if (instance, depth) in self._begun else self._start(instance, depth)
        self._begun.add((instance, depth))
        counts[depth] = int(start) if start else counts.get(depth, int(first) - 1) + 1
        if _value(levels.get(depth), "numFmt") not in ("decimal", *_CHINESE_COUNTS):
            return ""

        def counted(match: re.Match[str]) -> str:
            wanted = int(match[1]) - 1
            return _counted(counts.get(wanted, 1), _value(levels.get(wanted), "numFmt"))

        return re.sub(r"%(\d)", counted, _value(levels.get(depth), "lvlText"))
