"""Which paragraphs are headings, or begin with one, and of which level."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from reportqa.joining import CLOSING_TITLE
from reportqa.lines import Line
from reportqa.numbering import OUTER, Mark, number_mark
from reportqa.text import TERMINALS

_DEEPEST_LIST = 5
_LEAST_WITHIN = 2
_LONGEST_BRIDGED = 100
_STATES = re.compile(r"[，,；;。]")
"""What a title of a part does not have, as those that state something within it do."""
_NUMBER = re.compile(r"^[(（]?第?[一二三四五六七八九十]+(?:部分|[章篇])?[)）、.．]?\s*")
_PART = re.compile(
    r"^(?:关于)?(?:(?:19|20)\d\d年|今年|去年|过去[一五]年|今后[一五]年|下一?年).*(?:回顾|总结|情况|成效|成绩|安排|建议|打算|要求|任务|目标|思路|重点)"
    r"|^(?:工作回顾|总体要求|目标任务|(?:切实|全面|大力)?加强(?:政府)?自身建设)"
)
"""What the title of a part says, as those of the subjects within it do not."""


class _Run:
    """The numbers of one kind of heading, told from those of lists within the text."""

    def __init__(self) -> None:
        self._value = 0
        self._lists: list[tuple[int, bool]] = []
        """Of each list begun and not left, outermost first: its last number, and whether its items stand alone."""

    def takes(self, mark: Mark, of_part: bool) -> bool:
        """Whether a numbered line is the next of the headings; ``of_part`` says that it reads as the title of a part."""
        slip = mark.alone and not self._lists and mark.value in (self._value, self._value + 2)
        follows = mark.length > 0 and (self._value in (0, mark.value - 1) or slip)
        while mark.value - 1 in [number for number, _ in self._lists[:-1]] and self._lists[-1][0] != mark.value - 1:
            self._lists.pop()
        if self._lists and self._lists[-1][0] == mark.value - 1:
            alone = self._lists[-1][1]
            if not (follows and mark.alone and (of_part or not alone)):
                self._lists[-1] = (mark.value, alone)
                return False
        if follows:
            self._value = mark.value
            self._lists.clear()
            return True
        if mark.value == 1:
            self._lists = [*self._lists[1 - _DEEPEST_LIST :], (1, mark.alone)]
        return False

    def leave_lists(self) -> None:
        """What follows is no longer within the text where a list was begun."""
        self._lists.clear()


def _marks(blocks: Sequence[Line]) -> list[Mark | None]:
    """Return what each block is by itself."""
    marks: list[Mark | None] = []
    for block in blocks:
        mark = Mark("title", 0, len(block.text), alone=True) if block.title else number_mark(block.plain)
        if mark and block.apart:
            mark = replace(mark, length=len(block.text), alone=True, apart=True)
        marks.append(mark)
    _bridge(blocks, marks)
    series = {(mark.kind, mark.value) for mark in marks if mark and mark.length}
    no_series = {kind for kind in ("ordinal", "item") if not {(kind, 1), (kind, 2)} <= series}
    return [None if mark and mark.kind in no_series else mark for mark in marks]


def _bridge(blocks: Sequence[Line], marks: list[Mark | None]) -> None:
    """Take a heading run into its paragraph for one though it is long, where the （一） before and behind it are."""
    brackets = [(number, mark) for number, mark in enumerate(marks) if mark and mark.kind == "bracket"]
    for (_, before), (number, mark), (_, after) in zip(brackets, brackets[1:], brackets[2:], strict=False):
        stop = next((at for at, character in enumerate(blocks[number].plain) if character in TERMINALS), 0)
        between = before.value + 1 == mark.value == after.value - 1 and before.length > 0 and after.length > 0
        if between and not mark.length and 0 < stop <= _LONGEST_BRIDGED:
            marks[number] = replace(mark, length=stop)


def _outer_kind(blocks: Sequence[Line], marks: Sequence[Mark | None]) -> str:
    """Return the kind of the report's outermost headings: the one that comes first and goes round the others."""
    headings = [mark for mark in marks if mark and mark.length and mark.kind in (*OUTER, "title")]
    numbered = [mark for mark in headings if mark.kind in OUTER]
    kinds = {mark.kind for mark in numbered}
    titles = sum(block.title and not CLOSING_TITLE.fullmatch(block.plain) for block in blocks)
    if "chapter" in kinds:
        return "chapter"
    if headings and headings[0].kind == "title" and (titles >= 2 or not kinds & {"comma", "bare"}):
        return "title"
    first = next((mark for mark in numbered if mark.value == 1), None)
    if "comma" not in kinds:
        return (first or numbered[0]).kind if numbered else "comma"
    if first is None or first.kind != "bracket":
        return first.kind if first else "comma"
    behind = numbered[next(n for n, mark in enumerate(numbered) if mark.kind == "comma") :]
    return "comma" if any(mark.kind == "bracket" and mark.value == 1 for mark in behind) else "bracket"


def headings_of(blocks: Sequence[Line]) -> list[tuple[int, int]]:
    """Return for each block the level of the heading it is or begins with (0: none) and that heading's length."""
    marks = _marks(blocks)
    outer = _outer_kind(blocks, marks)
    found = [(0, 0)] * len(blocks)
    parts = _Run()
    begins: list[int] = []
    for number, (block, mark) in enumerate(zip(blocks, marks, strict=True)):
        if mark is None:
            continue
        before_parts = block.title and block.apart and not begins
        if mark.kind == outer or before_parts or CLOSING_TITLE.fullmatch(block.plain):
            of_part = bool(_PART.search(_NUMBER.sub("", block.plain)))
            if block.title or parts.takes(mark, of_part):
                found[number] = (1, mark.length)
                begins.append(number)
        elif mark.kind == "bracket" and mark.length:
            parts.leave_lists()
    if outer == "title":
        numbered = any(mark and mark.length and mark.kind in OUTER for mark in marks)
        begins = _first_among(blocks, begins) if numbered else _parts_among(blocks, begins)
        kept = frozenset(begins)
        for number, (level, length) in enumerate(found):
            if level == 1 and number not in kept:
                found[number] = (2, length)
    for begin, end in pairwise([*begins, len(blocks)]):
        for number, mark in enumerate(_subheadings(marks[begin + 1 : end], outer), begin + 1):
            if mark:
                found[number] = (2, mark.length)
    return found


def _first_among(blocks: Sequence[Line], titles: list[int]) -> list[int]:
    """Return of unnumbered titles those that name a subject, where the first does and several others state something."""
    parts = [n for n in titles if not _STATES.search(blocks[n].plain)]
    return parts if titles[:1] == parts[:1] and len(titles) - len(parts) >= _LEAST_WITHIN else titles


def _parts_among(blocks: Sequence[Line], titles: list[int]) -> list[int]:
    """Return of the unnumbered titles those of parts, where at least two stand within the first of them."""
    parts = [n for n in titles if _PART.search(blocks[n].plain) or CLOSING_TITLE.fullmatch(blocks[n].plain)]
    nested = len(parts) >= 2 and parts[0] == titles[0] and titles.index(parts[1]) > _LEAST_WITHIN
    return parts if nested else _first_among(blocks, titles)


def _is_series_within(mark: Mark, after: Mark | None) -> bool:
    """Whether a number of the kind that parts have stands for a subject within a part: it is alone, over a paragraph."""
    return mark.kind != "title" and (mark.apart or (mark.alone and mark.length > 0 and after is None))


def _may_follow(mark: Mark, inner: str) -> bool:
    """Whether a heading may stand within a part beside those of the kind ``inner``: a series may follow titles."""
    return inner in ("", mark.kind) or (inner == "title" and mark.alone and mark.kind in OUTER)


def _subheadings(marks: Sequence[Mark | None], outer: str) -> list[Mark | None]:
    """Return of a part's marks those that are headings of its subsections: （一）, else the kind that comes first."""
    brackets = [mark for mark in marks if mark and mark.kind == "bracket" and not mark.alone]
    listed = 3 * sum(not mark.length for mark in brackets) >= max(1, len(brackets))
    chosen: list[Mark | None] = []
    run = _Run()
    bracketed = False
    inner = ""
    for mark, after in zip(marks, [*marks[1:], None], strict=False):
        taken = False
        if mark is None or (mark.kind == outer and not _is_series_within(mark, after)):
            pass
        elif mark.kind == "bracket":
            taken = bool(mark.length) and (mark.alone or not (listed or inner in ("ordinal", "item")))
            bracketed = bracketed or taken
        elif not bracketed and _may_follow(mark, inner) and (mark.kind == "title" or run.takes(mark, of_part=False)):
            taken, inner = True, mark.kind
        chosen.append(mark if taken else None)
    return chosen
