"""Lines that were broken, at a width or where a page ends, joined into paragraphs and headings again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reportqa.lines import Line, closing_of, whole
from reportqa.numbering import LONGEST_HEADING, NUMERAL, OUTER, number_mark
from reportqa.opening import ADDRESS
from reportqa.text import TERMINALS

_NEVER_FIRST = "》〉，、。；：？！）”’」』】,;:?!)]%％"
_NEVER_LAST = "《〈“‘「『（(【[，,、"
_ITEM = re.compile(r"[—–-]{2,}|[●■◆▲★○·]|\d{1,3}\s*[.．、)）](?!\d)|[(（]\s*\d{1,3}\s*[)）]|[①-⑳]")
_LONE_NUMBER = re.compile(
    rf"[(（]\s*[{NUMERAL}\d]{{1,3}}\s*[)）]|[{NUMERAL}]{{1,3}}[是要]|[—–-]{{2,}}|\d{{1,2}}[.．、]"
)
_SHORTEST_TITLE = 3
_LONGEST_TITLE = 45
_LEAST_SPEAKING = 8
_NO_TITLE_BEGINS = re.compile(
    r"现在|我(?![国省市区县])|各位|同志|下面|最后|因此|所以|但|而|并|同时|其中|即|也|还|又|的|了|和|或|这|那|上(?!半|海)|\W"
)
_NO_TITLE_ENDS = re.compile(r"[的了是在和与及对把被为从向等以并而或将要即如由至于其这那个很使让给0-9A-Za-z]$")
_TITLE_ENDS = re.compile(
    r"(?:回顾|总结|安排|建议|任务|目标|要求|建设|工作|思路|打算|成效|成就|成绩|重点|部署|举措|措施|政策|体会|形势|问题|方针|情况|展望)$"
)
CLOSING_TITLE = re.compile(r"结束语|结\s*语|引\s*言|前\s*言")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a text is laid out."""

    indents: bool
    """A paragraph's first line begins with white space, its other lines do not."""
    some_indent: bool
    width: int
    """Where lines are broken at a fixed width: that width, else 0."""
    narrow: bool
    """Whether a digit takes half the width of a character."""
    broken: bool
    """Paragraphs are broken here and there, as at the end of a page."""

    def fills(self, line: Line) -> bool:
        """Whether a line is as long as lines get where they are broken at a width."""
        return self.width > 0 and _width(line, self.narrow) >= self.width - 2


def _width(line: Line, narrow: bool) -> int:
    """Return the characters of a line and the white space before it; ``narrow`` ones count half."""
    if not narrow:
        return line.width
    halves = sum(character < "\u0100" for character in line.text)
    return len(line.text) - halves // 2 + min(line.indent, 2)


def _usual_width(lines: Sequence[Line], narrow: bool) -> tuple[int, int]:
    """Return the width of the longest lines but a few, and the number of lines as wide."""
    widths = sorted(_width(line, narrow) for line in lines)
    widest = widths[len(widths) * 19 // 20] if widths else 0
    return widest, sum(widest - 2 <= width <= widest + 2 for width in widths)


def _shape(lines: Sequence[Line]) -> _Shape:
    narrow = _usual_width(lines, narrow=True)[1] > _usual_width(lines, narrow=False)[1]
    widest, full = _usual_width(lines, narrow)
    width = widest if len(lines) >= 20 and 15 <= widest <= 60 and full >= 0.4 * len(lines) else 0
    indented = unindented = broken = 0
    for before, line in pairwise(lines):
        if closing_of(before.plain) == "open":
            cut = len(before.text) > _LONGEST_TITLE and before.text[-1] not in _NEVER_LAST and not line.indented
            broken += line.turned or (cut and not number_mark(before.plain))
        elif len(line.text) > 30:
            indented += line.indented
            unindented += not line.indented
    if width:
        share = sum(line.indented for line in lines) / len(lines)
        return _Shape(0.02 < share < 0.9, 0.02 < share < 0.9, width, narrow, broken=True)
    many = indented + unindented
    return _Shape(indented > 0.7 * many, indented > 0.2 * many, 0, narrow, broken >= 2)


def _titles(lines: Sequence[Line], shape: _Shape) -> list[bool]:
    """Return for each line whether it is a heading without a number: short, on a line of its own, no final mark."""
    found = [False] * len(lines)
    for number, line in enumerate(lines):
        plain = line.plain
        if CLOSING_TITLE.fullmatch(plain) or _is_title_apart(line):
            found[number] = True
            continue
        before = lines[number - 1] if number else None
        after = lines[number + 1] if number + 1 < len(lines) else None
        if (
            after is None
            or "\t" in plain
            or not _SHORTEST_TITLE <= len(plain) <= _LONGEST_TITLE
            or plain[0] in _NEVER_FIRST
            or plain[-1] in _NEVER_LAST
            or any(mark in plain for mark in TERMINALS)
            or closing_of(plain) == "hard"
            or line.turned
            or after.turned
            or after.plain[0] in _NEVER_FIRST
            or begins_anew(line)
            or _NO_TITLE_BEGINS.match(plain)
            or _NO_TITLE_ENDS.search(plain)
            or (before is not None and not found[number - 1] and not _closed(before, shape))
            or shape.fills(line)
        ):
            continue
        speaks = (
            (closing_of(after.plain) == "hard" and len(after.plain) >= _LEAST_SPEAKING)
            or (after.indented and len(after.plain) > LONGEST_HEADING)
            or shape.fills(after)
        )
        if not (speaks or begins_anew(after) or (not shape.broken and len(after.plain) > 10)):
            continue
        if shape.indents and speaks and not after.indented and not begins_anew(after) and line.indented:
            continue
        if shape.broken and not shape.indents and (not _TITLE_ENDS.search(plain) or "，" in plain):
            continue
        found[number] = True
    return found


def _is_title_apart(line: Line) -> bool:
    """Whether a line that stands apart is a heading without a number."""
    plain = line.plain
    broken = plain[0] in _NEVER_FIRST or plain[-1] in _NEVER_LAST or "\t" in plain or begins_anew(line)
    return line.apart and len(plain) >= _SHORTEST_TITLE and not broken


def _closed(line: Line, shape: _Shape) -> bool:
    """Whether a line is over: it ends in a mark, or is a heading."""
    if shape.fills(line) and closing_of(line.plain) != "hard":
        return False
    if line.apart:
        return True
    mark = number_mark(line.plain)
    return closing_of(line.plain) in (("hard",) if shape.indents else ("hard", "soft")) or bool(mark and mark.length)


def begins_anew(line: Line) -> bool:
    """Whether a line begins a paragraph or a heading by what it begins with."""
    return bool(ADDRESS.match(line.plain) or _ITEM.match(line.plain) or number_mark(line.plain))


class Joiner:
    """Joins the lines that were broken into paragraphs and headings again."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._shape = _shape(lines)
        self._titles = _titles(lines, self._shape)
        self._many_titles = sum(
            title and not (number and number_mark(lines[number - 1].plain)) for number, title in enumerate(self._titles)
        )

    def joined(self) -> list[Line]:
        """Return the paragraphs and headings, a line each."""
        groups: list[list[int]] = []
        for number in range(len(self._lines)):
            if groups and self._goes_on(groups[-1], number):
                groups[-1].append(number)
            else:
                groups.append([number])
        titled = zip(self._lines, self._titles, strict=True)
        lines = [replace(line, title=True) if title else line for line, title in titled]
        return [whole(lines[group[0] : group[-1] + 1]) for group in groups]

    def _is_heading(self, group: list[int], behind: Line) -> bool:
        """Whether lines already joined are a whole heading: 三、关于《 纲要 》的说明; ``behind`` is the line behind them."""
        first, last = self._lines[group[0]], self._lines[group[-1]]
        mark = number_mark(first.plain) if 1 < len(group) <= 4 else None
        begins = bool(_LONE_NUMBER.fullmatch(first.plain)) or first.plain[-1] in "，,、"
        if (
            mark is None
            or not (mark.alone or (begins and not self._shape.broken))
            or mark.kind not in OUTER
            or last.plain[-1] in _NEVER_LAST
        ):
            return False
        speaks = not self._shape.broken and closing_of(behind.plain) == "hard" and len(behind.plain) > len(last.plain)
        whole = len(group) == 2 and (first.plain[-1] not in _NEVER_LAST or (first.plain[-1] in "，,、" and speaks))
        text = "".join(self._lines[number].plain for number in group)
        short = len(text) <= _LONGEST_TITLE and not any(stop in text for stop in TERMINALS)
        return short and (whole or last.plain[0] in _NEVER_FIRST)

    def _goes_on(self, group: list[int], number: int) -> bool:
        """Whether a line continues the paragraph of the lines before it."""
        shape, line, last = self._shape, self._lines[number], self._lines[number - 1]
        ending = closing_of(last.plain)
        alone = len(group) == 1
        if "\t" in line.plain or "\t" in last.plain:
            return False
        if line.plain[0] in _NEVER_FIRST:
            return True
        if self._is_heading(group, line) or (alone and self._is_apart(number - 1)) or self._is_apart(number):
            return False
        if last.plain[-1] in _NEVER_LAST or last.plain.endswith("——") or (alone and _LONE_NUMBER.fullmatch(last.plain)):
            return True
        anew = begins_anew(line)
        mark = number_mark(last.plain) if alone else None
        heading = bool(mark and mark.length)
        full = shape.fills(last)
        if ending == "hard":
            return full and shape.indents and not line.indented and not anew
        if heading and not shape.width and not anew and self._finishes_heading(number):
            return True
        if anew or (shape.some_indent and line.indented) or self._titles[number]:
            return False
        if line.turned and not heading:
            return True
        if shape.width:
            return full
        if heading:
            return False
        if not alone or len(line.plain) <= 2:
            return True
        if alone and self._titles[group[0]]:
            return False
        return shape.indents or ending == "open"

    def _is_apart(self, number: int) -> bool:
        """Whether a line is a heading that stands apart."""
        line = self._lines[number]
        mark = number_mark(line.plain)
        return line.apart and (self._titles[number] or bool(mark and mark.kind != "item"))

    def _finishes_heading(self, number: int) -> bool:
        """Whether a line is the rest of the numbered heading before it: short, with a paragraph behind it."""
        line = self._lines[number]
        after = self._lines[number + 1].plain if number + 1 < len(self._lines) else ""
        paragraph = closing_of(after) == "hard" and len(after) >= _LEAST_SPEAKING
        return not self._many_titles and len(line.plain) <= 25 and closing_of(line.plain) == "open" and paragraph
