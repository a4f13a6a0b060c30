"""From a report's text to its structure: title, place, year, speaker; headings, paragraphs, sentences and topics.

The text that a Report stores is the speech with its opening lines: words of the file in their order, with nothing
but white space, page furniture and broken lines taken out, so that every quote is a slice of what the file says.
What a web page sets around the speech, and a licence behind it, are left out; glossaries and annexes stand apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from reportqa.ending import appendices_of, end_line, is_cut_off
from reportqa.headings import headings_of
from reportqa.joining import Joiner, begins_anew
from reportqa.lines import Line, lines_of, once
from reportqa.numbering import number_of_heading, section_number
from reportqa.opening import (
    ADDRESS,
    date_of,
    head_of,
    kind_of,
    meeting_of,
    opening_line,
    place_of,
    speaker_of,
    title_of,
    without_contents,
    year_of,
)
from reportqa.reading import Source
from reportqa.schema import Appendix, Paragraph, ReadingError, Report, Section, Sentence
from reportqa.text import TERMINALS, sentence_spans
from reportqa.topics import topics_of

_FIRST_PARAGRAPHS = 4
_SUMS_UP = re.compile(
    r"(?:过去(?:的)?[一五]年|[一五]年来|回顾过去|总结过去|[一五]年的?成绩|成绩来之)"
    r"|(?:同时|当然|但)?[,，]?我们(?:也|还|更)?(?:要)?(?:清醒|深知|认识|看到)"
    r"|(?:在)?(?:肯定|看到|总结|取得)(?:这些)?成绩"
    r"|与此同时[,，]其他|(?:面对)?新(?:形势|征程|使命|任务)[^。]{0,16}政府(?:工作|自身建设)"
)
_LEAST_SIBLINGS = 3
_MOST_HEADINGS, _MOST_PARAGRAPHS = 2_000, 20_000
_LONGEST_PARAGRAPH, _LONGEST_SENTENCE = 100_000, 5_000
"""Characters.  Far beyond those of any report; what is read from one afterwards may take the square of them."""


def parse(source: Source, place: str = "", year: int = 0) -> Report:
    """Parse a file's text into a Report; ``place`` and ``year`` override what the text says.

    Raises ReadingError where the text has no paragraph.
    """
    lines = without_contents(once(lines_of(source.text)))
    opening = opening_line(lines)
    end = end_line(lines, opening)
    body = Joiner(lines[opening:end]).joined()
    headings = headings_of(body)
    top = head_of(lines[:opening])
    head = [line.plain for line in top]
    date, meeting = date_of(head), meeting_of(head)
    speaker, before_office = speaker_of(head)
    first = [block.plain for block in body[:_FIRST_PARAGRAPHS]]
    place = place or place_of(head, first, before_office, meeting, source.name)
    parts = [block.plain for block, (level, _) in zip(body, headings, strict=True) if level == 1]
    year = year or year_of(head, date, source.name, parts, body)
    kind = kind_of(head, first)
    layout = _Layout(source.text)
    layout.lay_head(top)
    breaks_off = is_cut_off(source.text, body)
    layout.lay(body, headings, breaks_off)
    if not layout.paragraphs:
        raise ReadingError(f"“{source.name}”里没有找到报告正文。")
    appendices = [_appendix(heading, inside) for heading, inside in appendices_of(lines[end:])]
    _check_size(layout, appendices, source.name)
    return Report(
        report_id=f"{place or '未知地区'}-{year}",
        title=title_of(head, place, year, kind),
        place=place,
        year=year,
        date=date,
        meeting=meeting,
        speaker=speaker,
        text=layout.text,
        sections=layout.sections,
        paragraphs=layout.paragraphs,
        breaks_off=section_number([section.heading for section in layout.path]) if breaks_off else "",
        source=source.name,
        sha256=source.sha256,
        offset_map=layout.offset_map,
        kind=kind,
        appendices=appendices,
    )


def _check_size(layout: _Layout, appendices: Sequence[Appendix], name: str) -> None:
    """Raise ReadingError where a text has more parts, or longer ones, than any report."""
    paragraphs = [paragraph.end - paragraph.start for paragraph in layout.paragraphs]
    paragraphs += [end - start for appendix in appendices for start, end in appendix.paragraphs]
    sentence = max((s.end - s.start for p in layout.paragraphs for s in p.sentences), default=0)
    for found, most, said in (
        (len(layout.sections), _MOST_HEADINGS, "有 {} 个标题，超过 {} 个"),
        (len(paragraphs), _MOST_PARAGRAPHS, "有 {} 段，超过 {} 段"),
        (max(paragraphs), _LONGEST_PARAGRAPH, "有一段长 {} 字，超过 {} 字"),
        (sentence, _LONGEST_SENTENCE, "有一句长 {} 字，超过 {} 字"),
    ):
        if found > most:
            raise ReadingError(f"“{name}”{said.format(found, most)}的上限，不像一份报告，请检查文件。")


def _appendix(heading: str, lines: Sequence[Line]) -> Appendix:
    paragraphs = [block.text for block in Joiner(lines).joined()]
    ends = list(accumulate(len(text) + 1 for text in paragraphs))
    spans = [(end - len(text) - 1, end - 1) for text, end in zip(paragraphs, ends, strict=True)]
    return Appendix(heading, "\n".join(paragraphs), spans)


class _Sizes:
    """How many paragraphs each subsection of a part has had."""

    def __init__(self) -> None:
        self.count = 0
        self._others = 0
        """Subsections before the last that have had none or several."""
        self._last = 1

    def begin(self) -> None:
        """Begin a subsection."""
        self._others += self._last != 1
        self.count += 1
        self._last = 0

    def grow(self) -> None:
        """Count a paragraph to the last subsection."""
        self._last += self.count > 0

    @property
    def all_one(self) -> bool:
        """Whether each has had one."""
        return not self._others and self._last == 1


class _Layout:
    """Lays the blocks into the stored text, and notes headings, paragraphs and where each run comes from."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._length = 0
        self._ordinals: Counter[tuple[str, ...]] = Counter()
        self._topic = ""
        self.path: list[Section] = []
        self.sections: list[Section] = []
        self.paragraphs: list[Paragraph] = []
        self.offset_map: list[tuple[int, int]] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def lay_head(self, lines: Sequence[Line]) -> None:
        """Lay the lines before the speech, which none of them is about."""
        for line in lines:
            self.add(line, 0, 0)
            self._topic = ""

    def lay(self, blocks: Sequence[Line], headings: Sequence[tuple[int, int]], breaks_off: bool) -> None:
        """Lay the speech; what follows the last subsection of a part and speaks of the whole belongs to the part."""
        following = [0] * len(blocks)
        for number in range(len(blocks) - 2, -1, -1):
            following[number] = headings[number + 1][0] or following[number + 1]
        sizes = _Sizes()
        for number, (block, (level, length)) in enumerate(zip(blocks, headings, strict=True)):
            if level == 1:
                sizes = _Sizes()
            elif level == 2:
                sizes.begin()
            ends = following[number] == 1 or (following[number] == 0 and not breaks_off)
            sums_up = following[number] != 2 and _SUMS_UP.match(block.plain)
            if level == 0 and len(self.path) > 1 and (sums_up or (ends and self._leaves(block, sizes))):
                self.path = self.path[:1]
            self.add(block, level, length)
            if len(self.path) > 1 and length < len(block.text) - 1:
                sizes.grow()

    @staticmethod
    def _leaves(block: Line, sizes: _Sizes) -> bool:
        """Whether a paragraph leaves its subsection: it addresses the meeting, or each subsection has had one paragraph."""
        return bool(ADDRESS.match(block.plain)) or (sizes.count > _LEAST_SIBLINGS and sizes.all_one)

    def _place(self, block: Line) -> int:
        if self._pieces:
            self._pieces.append("\n")
            self._length += 1
        start = self._length
        for first, last in block.pieces:
            self.offset_map.append((self._length, first))
            self._pieces.append(self._source[first:last])
            self._length += last - first
        return start

    def add(self, block: Line, level: int, length: int) -> None:
        """Lay one block: a heading of ``level``, a paragraph (level 0), or a paragraph with a heading run into it."""
        start = self._place(block)
        line = block.text
        if level:
            self._topic = ""
            heading = line[:length].rstrip("：:，, 　\t")
            section = Section(heading, level, start, start + len(heading), number_of_heading(heading))
            self.path = [s for s in self.path if s.level < level] + [section]
            self.sections.append(section)
            while length < len(line) and (line[length] in TERMINALS or line[length].isspace()):
                length += 1
            if length == len(line):
                return
        path = tuple(section.heading for section in self.path)
        self._ordinals[path] += 1
        spans = sentence_spans(line, length)
        carried = "" if begins_anew(block) else self._topic
        topics, self._topic = topics_of(line, spans, level > 0, carried)
        sentences = [Sentence(start + a, start + b, topic) for (a, b), topic in zip(spans, topics, strict=True)]
        number = len(self.paragraphs) + 1
        self.paragraphs.append(Paragraph(number, self._ordinals[path], start, start + len(line), list(path), sentences))
