"""From a report's text to its structure: title, place, year, speaker; headings, paragraphs, sentences and topics.

The text that a Report stores is the speech with its opening lines: words of the file in their order, with nothing
but white space, page furniture and broken lines taken out, so that every quote is a slice of what the file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reportqa.reading import Source
from reportqa.schema import Paragraph, ReadingError, Report, Section, Sentence
from reportqa.text import TERMINALS, sentence_spans, simplified

_NUMERAL = "一二三四五六七八九十百"
_LEVEL_1 = re.compile(rf"[{_NUMERAL}]{{1,3}}\s*、\s*")
_LEVEL_2 = re.compile(rf"[(（]\s*[{_NUMERAL}]{{1,3}}\s*[)）]\s*、?\s*")
_LONGEST_HEADING = 60
_ADDRESS = re.compile(r"(各位|同志们|尊敬的)(代表|委员|同志)?[^。！!]{0,12}[:：,，!！]|同志们[:：,，!！]")
_CONTINUES = re.compile(r"[（(]\s*下转[^）)]{0,12}[）)]\s*$")
_CONTINUED = re.compile(r"^\s*[（(]\s*[上紧]接[^）)]{0,12}[）)]\s*")
_ENDS = TERMINALS + "；;：:”』」）)…"
_BROKEN_LINE = 10
"""A line that ends in no mark is broken off from the next where it is at least as long as this."""

_TITLE = re.compile(r"政府工作(?:的)?报告")
_DATE = re.compile(
    r"((?:19|20)\d\d|[一二][九〇○零][〇○零一二三四五六七八九]{2})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日"
)
_MEETING = re.compile(r"在(.{2,40}?(?:大会|会议).{0,12}?(?:会议)?)上")
_OFFICE = r"(?:国务院总理|国务院代总理|自治区(?:人民政府)?(?:代)?主席|(?:代|副)?(?:省长|市长|州长|盟长|县长|区长|旗长|镇长|乡长|主席|总理))"
_SPEAKER = re.compile(rf"({_OFFICE})\s*[:：]?\s*([\u4e00-\u9fff·]{{1,10}}(?:\s[\u4e00-\u9fff])?)\s*$")
_PLACE = re.compile(
    r"([\u4e00-\u9fff]{1,9}?(?:自治区|自治州|自治县|自治旗|特别行政区|省|市|州(?!市|县|区)|盟(?!市)|县|区|旗))"
)
_NATIONAL = re.compile(r"国务院|全国人民代表大会|国政府工作报告|总理")
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")

_CONTENT_NOT_TOPIC = re.compile(
    r"[0-9０-９“”\"《》]|获评|获批|荣获|入选|列入|开工|竣工|启用|挂牌|通车|完成|成立|举办|首[个家次]|上线"
)
_LONGEST_TOPIC = 16
_PLAN_TOPIC = re.compile(
    r"(着力|全力|奋力|大力|合力|聚力|加快|加强|加大|推动|推进|深化|扩大|提升|提高|促进|构建|建设|打造|做[强优大好实]|培育|突出|优化|完善|健全|"
    r"坚持|强化|实施|统筹|全面|持续|积极|扎实|深入|切实|严格|高效|明确|增强|保障|壮大|激发|拓展|守[牢住]|筑牢|抓好|发展|巩固|稳定|创新|引导|支持|鼓励|有效|落实|转变)"
)
_STATE_TOPIC = re.compile(
    r"(更[快优强高好足实大新美广深稳]|[有得]力|有[进效为序]|见效|加[快速]|[显持不日全稳扎纵加快优蓄健增].{1,3}|深[入化].{0,2}|"
    r"巩固|提升|增强|改善|化解|优化|健全|发展|推进|成长|衔接|稳固|彰显|突破|提高|向好|焕发.{0,2}|提速|提质|落实|凸显|释放|活跃|加强)[。！]$"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A line of the speech as it is to stand: pieces of the source, (start, end), to be joined without a gap."""

    pieces: list[tuple[int, int]]
    text: str


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _lines(text: str) -> Iterable[_Block]:
    at = 0
    for line in text.splitlines(keepends=True):
        start, end = _trim(text, at, at + len(line))
        if start < end:
            yield _Block([(start, end)], text[start:end])
        at += len(line)


def _heading_length(line: str, pattern: re.Pattern[str]) -> int:
    """Return how many characters of ``line`` are a heading of that level: all of it, its run-in beginning, or 0."""
    numbered = pattern.match(line)
    if not numbered:
        return 0
    stop = next((i for i in range(numbered.end(), len(line)) if line[i] in TERMINALS), len(line))
    if stop - numbered.end() > _LONGEST_HEADING or stop == numbered.end():
        return 0
    if stop == len(line) and line[-1] in "；;，,：:":
        return 0
    return stop


def _is_heading(line: str) -> bool:
    return bool(_heading_length(line, _LEVEL_1) or _heading_length(line, _LEVEL_2))


def _join_broken_lines(lines: Iterable[_Block], first: int) -> list[_Block]:
    """Join each line that ends in no mark, from line number ``first`` on, with the one that follows it."""
    blocks: list[_Block] = []
    for number, line in enumerate(lines):
        last = blocks[-1] if blocks else None
        broken = (
            last is not None
            and number > first
            and len(last.text) >= _BROKEN_LINE
            and last.text[-1] not in _ENDS
            and (not _is_heading(last.text) or any(mark in last.text for mark in TERMINALS))
            and not _is_heading(line.text)
            and not _ADDRESS.match(line.text)
        )
        if last is not None and broken:
            blocks[-1] = _Block(last.pieces + line.pieces, last.text + line.text)
        else:
            blocks.append(line)
    return blocks


def _topics(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return for each sentence of a paragraph the topic sentence that it stands under, or ""."""
    topics = []
    topic = ""
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        short = len(sentence) <= _LONGEST_TOPIC and not re.search(r"[，,；;：:、]", sentence)
        last = number == len(spans) - 1
        if short and not last and not _CONTENT_NOT_TOPIC.search(sentence):
            plain = simplified(sentence)
            if _STATE_TOPIC.search(plain) or _PLAN_TOPIC.match(plain):
                topic = sentence.rstrip(TERMINALS)
                topics.append("")
                continue
        topics.append(topic)
    return topics


def _number(numeral: str) -> int:
    """Read 24, 二十四 or 十."""
    if numeral.isdigit():
        return int(numeral)
    tens, _, units = numeral.rpartition("十")
    if "十" in numeral:
        return 10 * (int(tens.translate(_DIGITS)) if tens else 1) + (int(units.translate(_DIGITS)) if units else 0)
    return int(numeral.translate(_DIGITS))


def _date(lines: list[str]) -> str:
    for line in lines:
        if match := _DATE.search(line):
            year = match[1].translate(_DIGITS)
            return f"{year}-{_number(match[2]):02d}-{_number(match[3]):02d}"
    return ""


def _meeting(lines: list[str]) -> str:
    for line in lines:
        if match := _MEETING.search(re.sub(r"\s", "", line)):
            return match[1]
    return ""


def _speaker(lines: list[str]) -> tuple[str, str]:
    """Return the speaker and the line's place, e.g. 李长萍 and 聊城市."""
    for line in lines:
        if match := _SPEAKER.search(line):
            return re.sub(r"\s", "", match[2]), line[: match.start()].strip("—-– 　")
    return "", ""


def _place(lines: list[str], speaker_line: str, meeting: str, name: str) -> str:
    """Return the unit's own name: from the speaker's office, the meeting, the title or the file's name."""
    candidates = [speaker_line, meeting, *(line for line in lines if _TITLE.search(line)), name]
    if any(_NATIONAL.search(line) for line in [*lines, meeting]) and not _PLACE.match(speaker_line):
        return "全国"
    for candidate in candidates:
        bare = re.sub(r"^[^\u4e00-\u9fff]*(?:(?:19|20)\d\d年)?", "", candidate)
        if match := _PLACE.match(bare):
            return match[1]
    return ""


def parse(source: Source, place: str = "", year: int = 0) -> Report:
    """Parse a file's text into a Report; ``place`` and ``year`` override what the text says.

    Raises ReadingError where the text has no paragraph.
    """
    lines = [_drop_furniture(source.text, block) for block in _lines(source.text)]
    lines = [block for block in lines if block.text]
    opening = next((i for i, b in enumerate(lines) if _ADDRESS.match(b.text) or _heading_length(b.text, _LEVEL_1)), 0)
    blocks = _join_broken_lines(lines, opening)
    head = [block.text for block in blocks[:opening]]
    date, meeting = _date(head), _meeting(head)
    speaker, speaker_line = _speaker(head)
    place = place or _place(head, speaker_line, meeting, source.name)
    year = year or _year(head, date, source.name, source.text)
    breaks_off = bool(_CONTINUES.search(source.text.rstrip()))
    layout = _Layout(source.text)
    headings = _headings(blocks, opening)
    for number, (block, (level, length)) in enumerate(zip(blocks, headings, strict=True)):
        if level == 0 and len(layout.path) > 1 and _ADDRESS.match(block.text):
            following = next((later for later, _ in headings[number:] if later), 0)
            if following == 1 or (following == 0 and not breaks_off):
                layout.leave_subsection()
        layout.add(block, level, length)
    if not layout.paragraphs:
        raise ReadingError(f"“{source.name}”里没有找到报告正文。")
    title = next((re.sub(r"\s", "", line) for line in head if _TITLE.search(line)), "政府工作报告")
    if place and place not in title and place != "全国":
        title = place + title
    if year and str(year) not in title:
        title = f"{year}年{title}"
    return Report(
        report_id=f"{place or '未知地区'}-{year}",
        title=title,
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
    )


def _drop_furniture(text: str, block: _Block) -> _Block:
    """Take the newspaper's (下转4版) and (上接1版) off a line."""
    [(start, end)] = block.pieces
    if match := _CONTINUES.search(block.text):
        end = start + match.start()
    if match := _CONTINUED.match(block.text):
        start = min(end, start + match.end())
    return _Block([(start, end)], text[start:end])


def _year(head: list[str], date: str, name: str, text: str) -> int:
    """Return the report's year: of its date, its title, its file name, or of the first year its text names."""
    if date:
        return int(date[:4])
    for candidate in [*(line for line in head if _TITLE.search(line)), name]:
        if match := re.search(r"(?:19|20)\d\d", candidate):
            return int(match[0])
    match = _YEAR.search(text)
    return int(match[1]) if match else 0


def _headings(blocks: list[_Block], opening: int) -> list[tuple[int, int]]:
    """Return for each block the level of the heading it is or begins with (0: none) and that heading's length."""
    found = []
    inside_part = False
    for number, block in enumerate(blocks):
        level = length = 0
        if number >= opening:
            for candidate, pattern in ((1, _LEVEL_1), (2, _LEVEL_2)):
                if candidate == 1 or inside_part:
                    length = _heading_length(block.text, pattern)
                if length:
                    level = candidate
                    inside_part = True
                    break
        found.append((level, length))
    return found


def section_number(path: list[str]) -> str:
    """Return the number of a heading path as people write it: 三（二）, or 篇首 for the opening lines."""
    numbers = []
    for heading in path:
        found = re.match(rf"[(（]?\s*([{_NUMERAL}]+)\s*[)）、]", heading)
        numbers.append(found[1] if found else heading)
    return numbers[0] + "".join(f"（{n}）" for n in numbers[1:]) if numbers else "篇首"


class _Layout:
    """Lays the blocks into the stored text, and notes headings, paragraphs and where each run comes from."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._length = 0
        self._ordinals: dict[tuple[str, ...], int] = {}
        self.path: list[Section] = []
        self.sections: list[Section] = []
        self.paragraphs: list[Paragraph] = []
        self.offset_map: list[tuple[int, int]] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def _place(self, block: _Block) -> int:
        if self._pieces:
            self._pieces.append("\n")
            self._length += 1
        start = self._length
        for first, last in block.pieces:
            self.offset_map.append((self._length, first))
            self._pieces.append(self._source[first:last])
            self._length += last - first
        return start

    def add(self, block: _Block, level: int, length: int) -> None:
        """Lay one block: a heading of ``level``, a paragraph (level 0), or a paragraph with a heading run into it."""
        start = self._place(block)
        line = block.text
        if level:
            heading = line[:length].rstrip("：:，,")
            section = Section(heading, level, start, start + len(heading))
            self.path = [s for s in self.path if s.level < level] + [section]
            self.sections.append(section)
            while length < len(line) and (line[length] in TERMINALS or line[length].isspace()):
                length += 1
            if length == len(line):
                return
        path = tuple(section.heading for section in self.path)
        self._ordinals[path] = self._ordinals.get(path, 0) + 1
        spans = sentence_spans(line, length)
        topics = _topics(line, spans)
        sentences = [Sentence(start + a, start + b, topic) for (a, b), topic in zip(spans, topics, strict=True)]
        number = len(self.paragraphs) + 1
        self.paragraphs.append(Paragraph(number, self._ordinals[path], start, start + len(line), list(path), sentences))

    def leave_subsection(self) -> None:
        """What follows belongs to the part again."""
        self.path = self.path[:1]
