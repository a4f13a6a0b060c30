"""Drafts that are checked: read from a file, given back corrected in the same format, or in Word with comments."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from reportqa import word
from reportqa.decoding import decode
from reportqa.findings import comment
from reportqa.schema import Finding, ReadingError
from reportqa.text import printable

if TYPE_CHECKING:
    from docx.document import Document

SUFFIXES = (".txt", ".md", ".docx")
_MOST_COMPARED = 4_000_000
"""Pairs of characters of two texts that are compared one by one: that takes the square of their length."""
_COMMENTER = "引文核验"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_REMOVED = tuple(_W + name for name in ("del", "moveFrom"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def is_word(name: str) -> bool:
    """Whether a file's name says that it is a Word document."""
    return name.lower().endswith(".docx")


def text_of(name: str, data: bytes) -> str:
    """Return the text of a draft, its lines ended by \\n; raises ReadingError where it is none or cannot be read."""
    if not name.lower().endswith(SUFFIXES):
        raise ReadingError(f"“{name}”不是能核验的文件，请用 {'、'.join(SUFFIXES)}，或直接粘贴文字。")
    if not is_word(name):
        return _lines_ended(decode(data, name))
    return "\n".join(_text(paragraph) for paragraph in _paragraphs(word.opened(data, name)))


def corrected(name: str, data: bytes, text: str) -> bytes:
    """Return a draft's file with its words as in ``text``, which has as many lines; all formatting stays.

    Raises ReadingError where ``text`` is not of that draft.
    """
    if not is_word(name):
        return text.encode("utf-8")
    document = word.opened(data, name)
    paragraphs = list(_paragraphs(document))
    lines = text.split("\n")
    if len(lines) != sum(_text(paragraph).count("\n") + 1 for paragraph in paragraphs):
        raise ReadingError("改过的文字与原来的 Word 文件对不上，请重新上传文件再核验。")
    for paragraph in paragraphs:
        before = _text(paragraph)
        count = before.count("\n") + 1
        after, lines = "\n".join(lines[:count]), lines[count:]
        if after != before:
            _rewrite(paragraph, before, after)
    return _saved(document)


def commented(text: str, findings: Iterable[Finding], name: str = "", data: bytes | None = None) -> bytes:
    """Return a draft as a Word document with a comment on every claim; one that was a Word document keeps its formatting.

    ``findings`` are of ``text``, which is the draft's text as ``text_of`` gives it.
    """
    import docx

    document = word.opened(data, name) if data is not None and is_word(name) else docx.Document()
    if data is None or not is_word(name):
        for line in text.split("\n"):
            document.add_paragraph(printable(line, " "))
    waiting = deque(sorted(findings, key=lambda finding: finding.start))
    at = 0
    for paragraph in list(_paragraphs(document)):
        end = at + len(_text(paragraph))
        while waiting and waiting[0].start < at:
            waiting.popleft()
        for finding in list(takewhile(lambda finding: finding.start < end, waiting)):  # noqa: B023 - taken here
            runs = _cut(paragraph, finding.start - at, min(finding.end, end) - at)
            if runs:
                from docx.text.run import Run

                ends = [Run(run, document._body) for run in (runs[0], runs[-1])]
                document.add_comment(ends, printable(comment(finding), " "), author=_COMMENTER, initials="核")
        at = end + 1
    return _saved(document)


def _lines_ended(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


# Word paragraphs as elements: their own runs, each with its words.


def _paragraphs(document: Document) -> Iterator[Any]:
    for paragraph in document.element.body.iter(_W + "p"):
        if not any(above.tag == _FALLBACK for above in paragraph.iterancestors()):
            yield paragraph


def _runs(paragraph: Any) -> list[Any]:
    """Return the runs of a paragraph in order, without deleted ones and those of text boxes within."""

    def own(run: Any) -> bool:
        for above in run.iterancestors():
            if above is paragraph:
                return True
            if above.tag in _REMOVED or above.tag == _W + "p":
                return False
        return False

    return [run for run in paragraph.iter(_W + "r") if own(run)]


def _said(child: Any) -> str:
    """Return the words of a part of a run."""
    tag = child.tag
    if tag == _W + "t":
        return child.text or ""
    if tag == _W + "br" and child.get(_W + "type") in ("page", "column"):
        return ""
    return _SIGNS.get(tag.removeprefix(_W), "") if isinstance(tag, str) and tag.startswith(_W) else ""


def _run_text(run: Any) -> str:
    return "".join(map(_said, run))


def _text(paragraph: Any) -> str:
    return "".join(map(_run_text, _runs(paragraph)))


def _split(run: Any, at: int) -> None:
    """Split a run in two behind ``at`` of its characters; both keep its formatting."""
    rest = deepcopy(run)
    for part, first in ((run, True), (rest, False)):
        offset = 0
        for child in list(part):
            if child.tag == _W + "rPr":
                continue
            length = len(_said(child))
            if child.tag == _W + "t" and offset < at < offset + length:
                child.text = child.text[: at - offset] if first else child.text[at - offset :]
                child.set(_XML_SPACE, "preserve")
            elif (offset + length <= at) is not first:
                part.remove(child)
            offset += length
    run.addnext(rest)


def _cut(paragraph: Any, start: int, end: int) -> list[Any]:
    """Return the runs that hold just the characters ``start`` to ``end`` of a paragraph, split where they must be."""
    for at in (start, end):
        offset = 0
        for run in _runs(paragraph):
            length = len(_run_text(run))
            if offset < at < offset + length:
                _split(run, at - offset)
                break
            offset += length
    found, offset = [], 0
    for run in _runs(paragraph):
        length = len(_run_text(run))
        if length and start <= offset and offset + length <= end:
            found.append(run)
        offset += length
    return found


def _rewrite(paragraph: Any, before: str, after: str) -> None:
    """Give a paragraph other words; those that stay keep their runs, others take the formatting of what they replace."""
    for start, end, first, last in reversed(_changes(before, after)):
        new = after[first:last]
        if start < end:
            _replace(_cut(paragraph, start, end), new)
        elif start > 0:  # put in: together with the character before
            _replace(_cut(paragraph, start - 1, start), before[start - 1] + new)
        else:
            _replace(_cut(paragraph, 0, 1), new + before[:1])


def _changes(before: str, after: str) -> list[tuple[int, int, int, int]]:
    """Return the stretches that differ, (start, end) before and (first, last) after; of long texts one, from first to last."""
    if len(before) * len(after) <= _MOST_COMPARED:
        codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return [code[1:] for code in codes if code[0] != "equal"]
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    return [(head, len(before) - tail, head, len(after) - tail)]


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _replace(runs: Sequence[Any], words: str) -> None:
    for number, run in enumerate(runs):
        for child in list(run):
            if _said(child):
                run.remove(child)
        if number == 0 and words:
            text = run.makeelement(_W + "t", {_XML_SPACE: "preserve"})
            text.text = printable(words)
            run.append(text)
