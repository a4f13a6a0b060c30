"""From the lines of printed pages to paragraphs: without headers, footers and page numbers, joined across pages."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_ZONE = 3
"""So many lines at the top and at the bottom of a page may be its header and footer."""
_EDGE_GAP = 1.3
"""Times the usual distance of lines, between a header or footer and the text."""
_LEAST_REPEATED = 0.4
"""Of the pages have a header, at the least."""
_SAME_HEIGHT = 3.0
"""Points: a header stands at the same height on every page."""
_NUMERAL = "一二三四五六七八九十百"
_PAGE_NUMBER = re.compile(
    rf"[-—–·•~\s]*(?:\d{{1,4}}|[{_NUMERAL}]{{1,4}}|[ivxIVX]{{1,6}})[-—–·•~\s]*|第[\d{_NUMERAL}\s]+页.*|[Pp]age\s*\d+.*|\d{{1,4}}\s*/\s*\d{{1,4}}"
)
_FOOTNOTE = re.compile(r"[①-⑳]|[\[【〔(（]?\d{1,3}[\]】〕)）]?\s*[^\d\s.,%]|注[:：]|[*＊]")
_ENDS = re.compile(r"[。！？：；.!?:;][”’」』）)》]*$")
_INDENTED = 0.8
"""Ems beyond the left margin."""
_SHORT = 1.2
"""Ems before the right margin, beside what the next line's first word would have taken."""
_CENTRED = 0.6
"""Ems by which the room before and behind a centred line may differ."""
_GAP = 1.3
"""Times the usual distance of lines."""
_NOTE_SIZE = 0.92
_OTHER_SIZE = 0.12
_UNIT = r"(?:[0-9A-Za-z.%％,+-]+|\S)[，。、；：？！）”’》」』】)]*"
_WORD = re.compile(rf"[“‘（《「『【(]*{_UNIT}(?:[“‘（《「『【(]+{_UNIT})*")
"""What is never broken between two lines."""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of a page; lengths are in points, from the page's left upper corner."""

    page: int
    text: str
    left: float
    right: float
    base: float
    """Of its letters, downwards."""
    size: float
    """Of its type."""


def paragraphs(lines: Sequence[PrintedLine], heights: Sequence[float]) -> list[str]:
    """Return the paragraphs and headings, and behind them the footnotes under a heading of their own.

    ``heights`` are the pages' heights in points.
    """
    body, notes = _apart(_without_furniture(lines, heights))
    return [*_joined(body), *(["注释：", *_joined(notes)] if notes else [])]


def _without_furniture(lines: Sequence[PrintedLine], heights: Sequence[float]) -> list[PrintedLine]:
    """Return the lines less the pages' numbers and what repeats at their edges."""
    pages: dict[int, list[PrintedLine]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges: list[PrintedLine] = []
    for page, inside in pages.items():
        ordered = sorted(inside, key=lambda line: line.base)
        steps = [below.base - above.base for above, below in pairwise(ordered)]
        wide = [n for n, step in enumerate(steps, 1) if step > _EDGE_GAP * statistics.median(steps)]
        top = max((n for n in wide if n <= _ZONE), default=0)
        bottom = min((n for n in wide if n >= len(ordered) - _ZONE), default=len(ordered))
        edges += [line for line in ordered[:top] if line.base < 0.15 * heights[page]]
        edges += [line for line in ordered[max(top, bottom) :] if line.base > 0.85 * heights[page]]
    counts = Counter((_pattern(line), round(line.base / _SAME_HEIGHT)) for line in edges)
    least = max(2, _LEAST_REPEATED * len(pages))

    def is_furniture(line: PrintedLine) -> bool:
        if _PAGE_NUMBER.fullmatch(line.text.strip()):
            return True
        height = round(line.base / _SAME_HEIGHT)
        repeated = sum(counts[_pattern(line), near] for near in (height - 1, height, height + 1))
        return repeated >= least and not _ENDS.search(line.text)

    furniture = {id(line) for line in edges if is_furniture(line)}
    return [line for line in lines if id(line) not in furniture]


def _pattern(line: PrintedLine) -> str:
    """Return a line's words with its numbers alike, so that a header with the page's number repeats."""
    return re.sub(r"\d+", "#", re.sub(r"\s", "", line.text))


def _apart(lines: Sequence[PrintedLine]) -> tuple[list[PrintedLine], list[PrintedLine]]:
    """Return the lines of the body, and the footnotes: smaller lines at the foot of a page that begin with a mark."""
    usual = _usual_size(lines)
    notes: set[int] = set()
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        last = number + 1 == len(lines) or lines[number + 1].page != line.page or id(lines[number + 1]) in notes
        if last and line.size < _NOTE_SIZE * usual:
            notes.add(id(line))
    below = [line for line in lines if id(line) in notes]
    begun = [n for n, line in enumerate(below) if _FOOTNOTE.match(line.text)]
    if not begun or len(below) > 0.5 * len(lines):
        return list(lines), []
    pages = {below[n].page for n in begun}
    kept = {id(line) for line in below if line.page in pages}
    return [line for line in lines if id(line) not in kept], [line for line in below if id(line) in kept]


def _usual_size(lines: Sequence[PrintedLine]) -> float:
    """Return the size of most of the text."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


@dataclass(frozen=True, slots=True)
class _Column:
    left: float
    right: float
    pitch: float
    """The usual distance of its lines."""


def _columns(lines: Sequence[PrintedLine]) -> list[_Column]:
    """Return for each line the column it stands in: lines that follow one another down a page."""
    groups: list[list[PrintedLine]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last is None or last.page != line.page or line.base < last.base - 0.5 * line.size:
            groups.append([])
        groups[-1].append(line)
    usual = _usual_size(lines)
    whole = _column([line for line in lines if abs(line.size - usual) <= _OTHER_SIZE * usual] or lines)
    columns = []
    for group in groups:
        column = _column(group)
        alike = abs(column.left - whole.left) < 2 * usual and abs(column.right - whole.right) < 2 * usual
        columns += [whole if len(group) < 5 or alike else column] * len(group)
    return columns


def _column(lines: Sequence[PrintedLine]) -> _Column:
    """Return the margins that most lines keep to."""
    starts = Counter(round(line.left) for line in lines)
    often = [left for left, count in starts.items() if count >= max(2, 0.05 * len(lines))]
    ends = sorted(line.right for line in lines)
    steps = [b.base - a.base for a, b in pairwise(lines) if a.page == b.page and b.base > a.base]
    return _Column(
        min(often or starts), ends[min(len(ends) - 1, len(ends) * 19 // 20)], statistics.median(steps or [0])
    )


def _joined(lines: Sequence[PrintedLine]) -> list[str]:
    """Join the lines of each paragraph."""
    columns = _columns(lines)
    joined: list[str] = []
    for number, line in enumerate(lines):
        if number and not _begins(lines[number - 1], columns[number - 1], line, columns[number]):
            before, after = joined[-1], line.text
            gap = (
                " "
                if before[-1:].isascii() and before[-1:].isalnum() and after[:1].isalpha() and after.isascii()
                else ""
            )
            joined[-1] = before + gap + after
        else:
            joined.append(line.text)
    return joined


def _begins(last: PrintedLine, column: _Column, line: PrintedLine, here: _Column) -> bool:
    """Whether a line begins a paragraph, by where it stands and where the one before it ended."""
    if abs(line.size - last.size) > _OTHER_SIZE * max(line.size, last.size):
        return True
    if "\t" in line.text or "\t" in last.text:
        return True
    if line.page == last.page and line.base > last.base and line.base - last.base > _GAP * max(here.pitch, line.size):
        return True
    word = _WORD.match(line.text)
    needed = sum(0.55 if c.isascii() else 1.0 for c in (word[0] if word else ""))
    before, behind = last.left - column.left, column.right - last.right
    at_margin = min(before / last.size, (line.left - here.left) / line.size) <= 0.2
    centred = not at_margin and abs(before - behind) < _CENTRED * last.size
    if (before + behind if centred else behind) > (_SHORT + needed - 1) * last.size:
        return True
    if centred or line.left - here.left <= _INDENTED * line.size:
        return False
    hanging = abs((line.left - here.left) - before) < 0.3 * line.size
    return not hanging or bool(_ENDS.search(last.text))
