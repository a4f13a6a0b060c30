"""From a report's text to its structure: title, place, year, speaker; headings, paragraphs, sentences and topics.

The text that a Report stores is the speech with its opening lines: words of the file in their order, with nothing
but white space, page furniture and broken lines taken out, so that every quote is a slice of what the file says.
What a web page sets around the speech, and the licence, glossary or annexes behind it, are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reportqa.reading import Source
from reportqa.schema import Paragraph, ReadingError, Report, Section, Sentence
from reportqa.text import TERMINALS, sentence_spans, simplified

_NUMERAL = "一二三四五六七八九十百"
_FULL_WIDTH = str.maketrans({chr(c + 0xFEE0): chr(c) for c in range(ord("0"), ord("z") + 1) if chr(c).isalnum()})
_ADDRESS = re.compile(r"(?:大会)?(?:主席团?|执行主席)?[、,，]?\s*(?:各位|诸位|尊敬的|同志们)[^。！!]{0,16}?[:：,，!！]")
_REPORTS_TO = re.compile(r"[^。]{0,40}(?:代表|受|根据)[^。，]{0,24}(?:政府|国务院|委托|决定)")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line or a paragraph of the speech: pieces of the source, (start, end), to be joined without a gap."""

    pieces: list[tuple[int, int]]
    text: str
    plain: str
    """The text in simplified characters and with narrow letters and digits, for looking at; of the same length."""
    indent: int
    """Characters of white space before it."""
    turned: bool
    """Whether the page turned before it."""
    title: bool = False
    """Whether it is a heading without a number."""

    @property
    def indented(self) -> bool:
        return self.indent > 0

    @property
    def width(self) -> int:
        return self.indent + len(self.text)


# Lines: white space and page furniture.

_WRITTEN_OUT = re.compile(r"<U\+(?:00A0|2002|2003|200B|3000|FEFF)>")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xad"
_MASK = "\0"
_UNMASKED = re.compile(f"[^{_MASK}]+")
_CONTINUES = re.compile(r"[（(]\s*(?:下[转接]|未完)[^）)]{0,12}[）)]\s*$")
_CONTINUED = re.compile(r"#+\s+|[（(]\s*[上紧]接[^）)]{0,12}[）)]\s*")
_LONGEST_CHROME = 120
_NEXT_PAGE = re.compile("下一页")
_CHROME = re.compile(
    r"您?(?:当前|现在)?(?:的|所在)?位置\s*[:：].*"
    r"|[【\[(（]?\s*字\s*[体号]\s*[:：].*"
    r"|[【\[]?\s*(?:E-?mail推荐|打印(?:本[页文稿])?|关闭(?:本[页文]|窗口)?|收藏|分享(?:到.*)?|返回(?:顶部|首页|列表)|我要纠错|扫一扫.*)\s*[】\]]?"
    r"|[(（\[【]?\s*(?:责任)?编辑\s*[:：].*"
    r"|(?:信息|稿件|文章)?来源\s*[:：].*"
    r"|(?:发布|发文|更新|成文)(?:时间|日期|机构|单位)\s*[:：].*"
    r"|(?:浏览|点击|阅读)(?:次数|量|数)\s*[:：].*"
    r"|\S*(?:门户网站|新闻网|日报)\s.*来源\s*[:：].*"
    r"|新华社\S*\d日电.*|.*新华社(?:记者)?\s*\S{1,4}\s?\S{0,3}摄"
    r"|.*(?:上一页|下一页).*|第\s*\d+\s*页.*|(?P<page>[-—–·]+\s*\d{1,4}\s*[-—–·]+)"
    r"|https?://\S+|www\.\S+",
    re.IGNORECASE,
)
_CLOSERS = "”’」』）)》〉】]"
_ONLY_CLOSERS = re.compile(rf"[{re.escape(_CLOSERS)}\s]+")


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span less white space, invisible and masked characters on both sides."""
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE or text[start] == _MASK):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE or text[end - 1] == _MASK):
        end -= 1
    return start, end


def _whole(lines: Sequence[_Line]) -> _Line:
    """Join broken lines into one."""
    if len(lines) == 1:
        return lines[0]
    pieces = [piece for line in lines for piece in line.pieces]
    text, plain = "".join(line.text for line in lines), "".join(line.plain for line in lines)
    return _Line(pieces, text, plain, lines[0].indent, lines[0].turned)


def _masked(text: str) -> str:
    """Return the text with comments and written-out white space masked, of the same length."""
    pieces = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        pieces += [text[at:begin], re.sub(r"[^\r\n]", _MASK, text[begin : end + 3])]
        at = end + 3
    return _WRITTEN_OUT.sub(lambda found: _MASK * len(found[0]), "".join([*pieces, text[at:]]))


def _lines(text: str) -> list[_Line]:
    """Return the lines that say something, without furniture: (下转4版), a web page's navigation, a page's number."""
    masked = _masked(text)
    plain = simplified(masked).translate(_FULL_WIDTH)
    lines: list[_Line] = []
    at = 0
    turned = inside_chrome = False
    for raw in masked.splitlines(keepends=True):
        first, end = at, at + len(raw)
        at = end
        start, end = _bounds(masked, first, end)
        if continued := _CONTINUED.match(plain, start, end):
            start, turned = continued.end(), turned or plain[start] != "#"
        continues = _CONTINUES.search(plain, start, end)
        if continues:
            _, end = _bounds(masked, start, continues.start())
        if start >= end:
            turned = turned or bool(continues) or any(c in _INVISIBLE for c in raw)
            continue
        pieces = [found.span() for found in _UNMASKED.finditer(masked, start, end)]
        shown = "".join(plain[a:b] for a, b in pieces)
        chrome = _CHROME.fullmatch(shown) if len(shown) <= _LONGEST_CHROME else None
        inside_chrome = bool(chrome or (inside_chrome and _ONLY_CLOSERS.fullmatch(shown)))
        if chrome and chrome["page"]:
            turned = True
        if not inside_chrome:
            lines.append(_Line(pieces, "".join(text[a:b] for a, b in pieces), shown, start - first, turned))
            turned = bool(continues)
    return lines


def _once(lines: list[_Line]) -> list[_Line]:
    """Return the lines up to where the same text begins again."""
    long = [number for number, line in enumerate(lines) if len(line.text) >= 30]
    beginning = [lines[number].text for number in long[:3]]
    for k in range(3, len(long) - 2):
        if [lines[number].text for number in long[k : k + 3]] == beginning:
            again, first = long[k], long[0]
            while first > 0 and lines[again - 1].text == lines[first - 1].text:
                again, first = again - 1, first - 1
            return lines[:again]
    return lines


# Where the speech begins and ends.

_LONGEST_HEAD_LINE = 120
_HEAD_LINES = 40
_PAGE_NUMBER = re.compile(r"[\s.…·\d]+$")
_LEAST_CONTENTS = 3
_LICENCE = re.compile(r"[本此]作品")
_LICENCE_WORDS = re.compile(r"公有领域|著作权|版权|public domain", re.IGNORECASE)
_LICENCE_LINES = 30
_APPENDIX = re.compile(
    r"附\s*(?:件|录|表|注)\s*[\d一二三四五六七八九十]{0,3}\s*[.．、:：]?.{0,24}|附[:：].{0,24}"
    r"|[《（(]?.{0,16}(?:名词|用语|术语|词语|词汇|概念|缩略语).{0,6}(?:解释|注释|注解|释义|说明|简释)[）)]?[:：]?"
    r"|.{0,8}(?:注释|注解|脚注)[:：]?|注[:：]"
)
_GLOSSARY_ENTRY = re.compile(r"[\[【〔(（]?(\d{1,3})[\]】〕)）]?\s*[.．、]?\s*[^\d\s][^。]{0,40}?[:：]")
_LEAST_GLOSSARY = 5
_BEFORE_APPENDIX = 0.3
"""Of the text stands before its annexes, at the least."""


def _without_contents(lines: list[_Line]) -> list[_Line]:
    """Return the lines without a table of contents: headings one after another that all come again."""
    marks = [_number_mark(line.plain) for line in lines]
    names = [
        _PAGE_NUMBER.sub("", line.plain[: mark.length]) if mark else "" for line, mark in zip(lines, marks, strict=True)
    ]
    last = {name: number for number, name in enumerate(names)}
    for begin in range(min(len(lines), _HEAD_LINES)):
        end = begin
        while end < len(lines) and names[end] and last[names[end]] > end:
            end += 1
        if end - begin >= _LEAST_CONTENTS:
            title = begin > 0 and re.sub(r"\s", "", lines[begin - 1].plain) == "目录"
            return lines[: begin - title] + lines[end:]
    return lines


def _is_head_line(plain: str) -> bool:
    """Whether a line is of those before the speech: its title, the date and the meeting, who speaks."""
    if len(plain) > _LONGEST_HEAD_LINE:
        return False
    bare = re.sub(r"\s", "", plain)
    return bool(
        (_TITLE.search(bare) and len(bare) <= 40 and "，" not in bare)
        or (_MEETING.search(bare) and _DATE.search(plain))
        or (_SPEAKER_LAST.search(plain) and len(bare) <= 40)
        or (_DATE.search(plain) and len(bare) <= 20)
    )


def _opening(lines: list[_Line]) -> int:
    """Return the number of the line that the speech begins with."""
    for number, line in enumerate(lines[:_HEAD_LINES]):
        mark = _number_mark(line.plain)
        if (mark and mark.value == 1) or _ADDRESS.match(line.plain):
            return number
        if len(line.text) > _LONGEST_HEAD_LINE:
            break
        if number and not _is_head_line(line.plain) and _REPORTS_TO.match(line.plain):
            return number
    return next((n for n, line in enumerate(lines) if not _is_head_line(line.plain)), 0)


def _head(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines before the speech; a single character belongs to the line before it."""
    joined: list[_Line] = []
    for line in lines:
        if joined and len(line.text) == 1:
            joined.append(_whole([joined.pop(), line]))
        else:
            joined.append(line)
    return joined


def _end(lines: list[_Line], opening: int) -> int:
    """Return the number of the first line after the speech: of a licence, a glossary or an annex."""
    total = sum(len(line.text) for line in lines[opening:])
    before = 0
    for number in range(opening, len(lines)):
        plain = re.sub(r"\s", "", lines[number].plain)
        if before >= _BEFORE_APPENDIX * total and number > opening:
            behind = lines[number : number + _LICENCE_LINES]
            if _LICENCE.match(plain) and any(_LICENCE_WORDS.search(line.plain) for line in behind):
                return number
            if len(plain) <= 30 and _APPENDIX.fullmatch(plain) and _ending(lines[number - 1].plain) != "open":
                return number
        before += len(lines[number].text)
    return _glossary(lines, opening)


def _glossary(lines: list[_Line], opening: int) -> int:
    """Return where a glossary without a title begins: the last lines are entries, numbered from 1 on."""
    number = len(lines)
    expected = 0
    while number > opening and (entry := _GLOSSARY_ENTRY.match(lines[number - 1].plain)):
        if expected and int(entry[1]) != expected:
            break
        number, expected = number - 1, int(entry[1]) - 1
        if not expected:
            return number if len(lines) - number >= _LEAST_GLOSSARY else len(lines)
    return len(lines)


# Lines that begin with a number.

_NUMBERS = {
    "chapter": re.compile(rf"第([{_NUMERAL}]{{1,3}})(?:部分|[章篇])[\s:：、,，]*"),
    "comma": re.compile(rf"([{_NUMERAL}]{{1,3}})\s*[、.．]\s*[.．]?\s*(?![{_NUMERAL}]、)"),
    "bracket": re.compile(rf"[(（]\s*([{_NUMERAL}]{{1,3}})\s*[)）]\s*[、.．]?\s*"),
    "ordinal": re.compile(rf"第([{_NUMERAL}]{{1,3}})\s*[,，、:：]\s*"),
    "item": re.compile(rf"([{_NUMERAL}]{{1,3}})[是要]"),
    "bare": re.compile(rf"([{_NUMERAL}]{{1,3}})$"),
}
_OUTER = ("chapter", "comma", "bracket", "bare")
_LONGEST_HEADING = 60
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a line shows itself to be: the kind and value of its number ("title", 0 without one)."""

    kind: str
    value: int
    length: int
    """Of the heading that the line is, or that is run into its beginning; 0 where it is text."""
    alone: bool
    """Whether the line is the heading, without a final mark."""


def _number(numeral: str) -> int:
    """Read 24, 二十四, 十 or 一百二十."""
    if numeral.isdigit():
        return int(numeral)
    total = units = 0
    for character in numeral:
        if character in "十百":
            total, units = total + (units or 1) * (10 if character == "十" else 100), 0
        else:
            units = 10 * units + int(character.translate(_DIGITS))
    return total + units


def _number_mark(plain: str) -> _Mark | None:
    """Return what a numbered line is; a heading is short, and ends with the line or at its first final mark."""
    for kind, pattern in _NUMBERS.items():
        if not (found := pattern.match(plain)):
            continue
        begin = found.end()
        stop = next(
            (i for i in range(begin, min(len(plain), begin + _LONGEST_HEADING + 1)) if plain[i] in TERMINALS), 0
        )
        alone = not stop
        stop = stop or len(plain)
        if stop - begin > _LONGEST_HEADING or (stop == begin and kind != "bare") or plain[stop - 1] in "；;，,：:":
            stop = 0
        if kind in ("ordinal", "item") and not alone:
            stop = 0
        return _Mark(kind, _number(found[1]), stop, alone and stop > 0)
    return None


# Joining of broken lines.

_HARD_ENDS = TERMINALS + "；;：:…"
_NEVER_FIRST = "》〉，、。；：？！）”’」』】,;:?!)]%％"
_NEVER_LAST = "《〈“‘「『（(【[，,、"
_ITEM = re.compile(r"[—–-]{2,}|[●■◆▲★○·]|\d{1,3}\s*[.．、)）](?!\d)|[(（]\s*\d{1,3}\s*[)）]|[①-⑳]")
_LONE_NUMBER = re.compile(
    rf"[(（]\s*[{_NUMERAL}\d]{{1,3}}\s*[)）]|[{_NUMERAL}]{{1,3}}[是要]|[—–-]{{2,}}|\d{{1,2}}[.．、]"
)
_LONGEST_TITLE = 45
_LEAST_SPEAKING = 8
_NO_TITLE_BEGINS = re.compile(
    r"现在|我(?![国省市区县])|各位|同志|下面|最后|因此|所以|但|而|并|同时|其中|即|也|还|又|的|了|和|或|这|那|上(?!半|海)|\W"
)
_NO_TITLE_ENDS = re.compile(r"[的了是在和与及对把被为从向等以并而或将要即如由至于其这那个很使让给0-9A-Za-z]$")
_TITLE_ENDS = re.compile(
    r"(?:回顾|总结|安排|建议|任务|目标|要求|建设|工作|思路|打算|成效|成就|成绩|重点|部署|举措|措施|政策|体会|形势|问题|方针|情况|展望)$"
)
_CLOSING_TITLE = re.compile(r"结束语|结\s*语|引\s*言|前\s*言")


def _ending(plain: str) -> str:
    """Return how a line ends: "hard" with a final mark, "soft" with a closing bracket only, else "open"."""
    inner = plain.rstrip(_CLOSERS)
    if inner and inner[-1] in _HARD_ENDS:
        return "hard"
    return "open" if inner == plain else "soft"


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a text is laid out."""

    indents: bool
    """A paragraph's first line begins with white space, its other lines do not."""
    some_indent: bool
    width: int
    """Where lines are broken at a fixed width: that width, else 0."""
    broken: bool
    """Paragraphs are broken here and there, as at the end of a page."""


def _shape(lines: Sequence[_Line]) -> _Shape:
    lengths = sorted(line.width for line in lines)
    widest = lengths[len(lengths) * 19 // 20] if lengths else 0
    full = sum(widest - 2 <= length <= widest + 2 for length in lengths)
    width = widest if len(lines) >= 20 and 15 <= widest <= 60 and full >= 0.4 * len(lines) else 0
    indented = unindented = broken = 0
    for before, line in pairwise(lines):
        if _ending(before.plain) == "open":
            cut = len(before.text) > _LONGEST_TITLE and before.text[-1] not in _NEVER_LAST and not line.indented
            broken += line.turned or (cut and not _number_mark(before.plain))
        elif len(line.text) > 30:
            indented += line.indented
            unindented += not line.indented
    if width:
        share = sum(line.indented for line in lines) / len(lines)
        return _Shape(0.02 < share < 0.9, 0.02 < share < 0.9, width, broken=True)
    many = indented + unindented
    return _Shape(indented > 0.7 * many, indented > 0.2 * many, 0, broken >= 2)


def _titles(lines: Sequence[_Line], shape: _Shape) -> list[bool]:
    """Return for each line whether it is a heading without a number: short, on a line of its own, no final mark."""
    found = [False] * len(lines)
    for number, line in enumerate(lines):
        plain = line.plain
        if _CLOSING_TITLE.fullmatch(plain):
            found[number] = True
            continue
        before = lines[number - 1] if number else None
        after = lines[number + 1] if number + 1 < len(lines) else None
        if (
            after is None
            or not 3 <= len(plain) <= _LONGEST_TITLE
            or plain[0] in _NEVER_FIRST
            or plain[-1] in _NEVER_LAST
            or any(mark in plain for mark in TERMINALS)
            or _ending(plain) == "hard"
            or line.turned
            or after.turned
            or after.plain[0] in _NEVER_FIRST
            or _begins_anew(line)
            or _NO_TITLE_BEGINS.match(plain)
            or _NO_TITLE_ENDS.search(plain)
            or (before is not None and not found[number - 1] and not _closed(before, shape))
            or (shape.width and line.width >= shape.width - 2)
        ):
            continue
        speaks = (
            (_ending(after.plain) == "hard" and len(after.plain) >= _LEAST_SPEAKING)
            or (after.indented and len(after.plain) > _LONGEST_HEADING)
            or (shape.width > 0 and after.width >= shape.width - 2)
        )
        if not (speaks or _begins_anew(after) or (not shape.broken and len(after.plain) > 10)):
            continue
        if shape.indents and speaks and not after.indented and not _begins_anew(after) and line.indented:
            continue
        if shape.broken and not shape.indents and (not _TITLE_ENDS.search(plain) or "，" in plain):
            continue
        found[number] = True
    return found


def _closed(line: _Line, shape: _Shape) -> bool:
    """Whether a line is over: it ends in a mark, or is a heading."""
    if shape.width and line.width >= shape.width - 2 and _ending(line.plain) != "hard":
        return False
    mark = _number_mark(line.plain)
    return _ending(line.plain) in (("hard",) if shape.indents else ("hard", "soft")) or bool(mark and mark.length)


def _begins_anew(line: _Line) -> bool:
    """Whether a line begins a paragraph or a heading by what it begins with."""
    return bool(_ADDRESS.match(line.plain) or _ITEM.match(line.plain) or _number_mark(line.plain))


class _Joiner:
    """Joins the lines that were broken into paragraphs and headings again."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._shape = _shape(lines)
        self._titles = _titles(lines, self._shape)
        self._many_titles = sum(
            title and not (number and _number_mark(lines[number - 1].plain))
            for number, title in enumerate(self._titles)
        )

    def joined(self) -> list[_Line]:
        groups: list[list[int]] = []
        for number in range(len(self._lines)):
            if groups and self._goes_on(groups[-1], number):
                groups[-1].append(number)
            else:
                groups.append([number])
        titled = zip(self._lines, self._titles, strict=True)
        lines = [replace(line, title=True) if title else line for line, title in titled]
        return [_whole(lines[group[0] : group[-1] + 1]) for group in groups]

    def _is_heading(self, group: list[int]) -> bool:
        """Whether lines already joined are a whole heading: 三、关于《 纲要 》的说明."""
        first, last = self._lines[group[0]], self._lines[group[-1]]
        mark = _number_mark(first.plain) if 1 < len(group) <= 4 else None
        if mark is None or not mark.alone or mark.kind not in _OUTER or last.plain[-1] in _NEVER_LAST:
            return False
        whole = len(group) == 2 and first.plain[-1] not in _NEVER_LAST
        text = "".join(self._lines[number].plain for number in group)
        short = len(text) <= _LONGEST_TITLE and not any(stop in text for stop in TERMINALS)
        return short and (whole or last.plain[0] in _NEVER_FIRST)

    def _goes_on(self, group: list[int], number: int) -> bool:
        """Whether a line continues the paragraph of the lines before it."""
        shape, line, last = self._shape, self._lines[number], self._lines[number - 1]
        ending = _ending(last.plain)
        alone = len(group) == 1
        if line.plain[0] in _NEVER_FIRST:
            return True
        if self._is_heading(group):
            return False
        if last.plain[-1] in _NEVER_LAST or last.plain.endswith("——") or (alone and _LONE_NUMBER.fullmatch(last.plain)):
            return True
        anew = _begins_anew(line)
        mark = _number_mark(last.plain) if alone else None
        heading = bool(mark and mark.length)
        full = shape.width and last.width >= shape.width - 2
        if ending == "hard":
            return bool(full and shape.indents and not line.indented and not anew)
        if heading and not shape.width and not anew and self._finishes_heading(number):
            return True
        if anew or (shape.some_indent and line.indented) or self._titles[number]:
            return False
        if line.turned and not heading:
            return True
        if shape.width:
            return bool(full)
        if heading:
            return False
        if not alone or len(line.plain) <= 2:
            return True
        if alone and self._titles[group[0]]:
            return False
        return shape.indents or ending == "open"

    def _finishes_heading(self, number: int) -> bool:
        """Whether a line is the rest of the numbered heading before it: short, with a paragraph behind it."""
        line = self._lines[number]
        after = self._lines[number + 1].plain if number + 1 < len(self._lines) else ""
        paragraph = _ending(after) == "hard" and len(after) >= _LEAST_SPEAKING
        return not self._many_titles and len(line.plain) <= 25 and _ending(line.plain) == "open" and paragraph


# Headings.


_DEEPEST_LIST = 5


class _Run:
    """The numbers of one kind of heading, told from those of lists within the text."""

    def __init__(self) -> None:
        self._value = 0
        self._lists: list[tuple[int, bool]] = []
        """Of each list begun and not left, outermost first: its last number, and whether its items stand alone."""

    def takes(self, mark: _Mark) -> bool:
        """Whether a numbered line is the next of the headings."""
        slip = mark.alone and not self._lists and mark.value in (self._value, self._value + 2)
        follows = mark.length > 0 and (self._value in (0, mark.value - 1) or slip)
        while mark.value - 1 in [number for number, _ in self._lists[:-1]] and self._lists[-1][0] != mark.value - 1:
            self._lists.pop()
        if self._lists and self._lists[-1][0] == mark.value - 1:
            alone = self._lists[-1][1]
            if not (follows and mark.alone and not alone):
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


def _marks(blocks: Sequence[_Line]) -> list[_Mark | None]:
    """Return what each block is by itself."""
    marks: list[_Mark | None] = []
    for block in blocks:
        marks.append(_Mark("title", 0, len(block.text), alone=True) if block.title else _number_mark(block.plain))
    series = {(mark.kind, mark.value) for mark in marks if mark and mark.length}
    no_series = {kind for kind in ("ordinal", "item") if not {(kind, 1), (kind, 2)} <= series}
    return [None if mark and mark.kind in no_series else mark for mark in marks]


def _outer_kind(blocks: Sequence[_Line], marks: Sequence[_Mark | None]) -> str:
    """Return the kind of the report's outermost headings: the one that comes first and goes round the others."""
    headings = [mark for mark in marks if mark and mark.length and mark.kind in (*_OUTER, "title")]
    numbered = [mark for mark in headings if mark.kind in _OUTER]
    kinds = {mark.kind for mark in numbered}
    titles = sum(block.title and not _CLOSING_TITLE.fullmatch(block.plain) for block in blocks)
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


def _headings(blocks: Sequence[_Line]) -> list[tuple[int, int]]:
    """Return for each block the level of the heading it is or begins with (0: none) and that heading's length."""
    marks = _marks(blocks)
    outer = _outer_kind(blocks, marks)
    found = [(0, 0)] * len(blocks)
    parts = _Run()
    begins: list[int] = []
    for number, (block, mark) in enumerate(zip(blocks, marks, strict=True)):
        if mark is None:
            continue
        if mark.kind == outer or _CLOSING_TITLE.fullmatch(block.plain):
            if block.title or parts.takes(mark):
                found[number] = (1, mark.length)
                begins.append(number)
        elif mark.kind == "bracket" and mark.length:
            parts.leave_lists()
    for begin, end in pairwise([*begins, len(blocks)]):
        for number, mark in enumerate(_subheadings(marks[begin + 1 : end], outer), begin + 1):
            if mark:
                found[number] = (2, mark.length)
    return found


def _subheadings(marks: Sequence[_Mark | None], outer: str) -> list[_Mark | None]:
    """Return of a part's marks those that are headings of its subsections: （一）, else the kind that comes first."""
    brackets = [mark for mark in marks if mark and mark.kind == "bracket" and not mark.alone]
    listed = 3 * sum(not mark.length for mark in brackets) >= max(1, len(brackets))
    chosen: list[_Mark | None] = []
    run = _Run()
    bracketed = False
    inner = ""
    for mark in marks:
        taken = False
        if mark is None or mark.kind == outer:
            pass
        elif mark.kind == "bracket":
            taken = bool(mark.length) and (mark.alone or not (listed or inner in ("ordinal", "item")))
            bracketed = bracketed or taken
        elif not bracketed and inner in ("", mark.kind) and (mark.kind == "title" or run.takes(mark)):
            taken, inner = True, mark.kind
        chosen.append(mark if taken else None)
    return chosen


def section_number(path: list[str]) -> str:
    """Return the number of a heading path as people write it: 三（二）, or 篇首 for the opening lines."""
    numbers = []
    for heading in path:
        found = re.match(rf"[(（第]?\s*([{_NUMERAL}]+)\s*(?:[)）、.．,，:：是要章篇]|部分|$)", heading)
        numbers.append(found[1] if found else heading)
    return numbers[0] + "".join(f"（{n}）" for n in numbers[1:]) if numbers else "篇首"


# Topic sentences.

_FIGURE_OR_NEWS = re.compile(
    r"[0-9０-９“”\"《》]|获评|获批|荣获|入选|列入|开工|竣工|启用|挂牌|通车|完成|成立|举办|首[个家次]|上线"
)
_QUOTED = re.compile(r"“[^”]{0,12}”|\"[^\"]{0,12}\"")
_LONGEST_TOPIC = 16
_LONGEST_FIRST_TOPIC = 26
_LONGEST_ITEM_TOPIC = 45
_PAUSE = re.compile(r"[，,；;：:]")
_ITEM_BEGINS = re.compile(rf"[—–-]{{2,}}\s*|[{_NUMERAL}]{{1,3}}[是要]|第[{_NUMERAL}]{{1,3}}[,，、]")
_PLAN_TOPIC = re.compile(
    r"(着力|全力|奋力|大力|合力|聚力|加快|加强|加大|推动|推进|深化|扩大|提升|提高|促进|构建|建设|打造|做[强优大好实]|培育|突出|优化|完善|健全|"
    r"坚持|强化|实施|统筹|全面|持续|积极|扎实|深入|切实|严格|高效|明确|增强|保障|壮大|激发|拓展|守[牢住]|筑牢|抓好|发展|巩固|稳定|创新|引导|支持|鼓励|有效|落实|转变)"
)
_STATE_TOPIC = re.compile(
    r"(更[快优强高好足实大新美广深稳]|[有得]力|有[进效为序]|见效|加[快速]|[显持不日全稳扎纵加快优蓄健增].{1,3}|深[入化].{0,2}|"
    r"巩固|提升|增强|改善|化解|优化|健全|发展|推进|成长|衔接|稳固|彰显|突破|提高|向好|焕发.{0,2}|提速|提质|落实|凸显|释放|活跃|加强)[。！]$"
)
_TELLS = re.compile(
    r"[是我这]|今年|去年|明年|当前|目前|过去|刚刚|一年来|五年来|各位|同时|此外|现在|面对|根据|按照|工作[。！]|必须|需要|代表|以下|下面"
)


def _announces(sentence: str, first: bool) -> bool:
    """Whether a sentence only names what the sentences behind it are about; ``first`` of its paragraph, it may be longer."""
    plain = simplified(sentence)
    item = _ITEM_BEGINS.match(plain)
    if first and item:
        return len(plain) <= _LONGEST_ITEM_TOPIC and not re.search(r"\d", _QUOTED.sub("", plain))
    if _PAUSE.search(plain):
        return False
    if first and len(plain) <= _LONGEST_FIRST_TOPIC and not _TELLS.search(plain):
        return not _FIGURE_OR_NEWS.search(_QUOTED.sub("", plain))
    return (
        len(plain) <= _LONGEST_TOPIC
        and "、" not in plain
        and not _FIGURE_OR_NEWS.search(plain)
        and bool(_STATE_TOPIC.search(plain) or _PLAN_TOPIC.match(plain))
    )


def _topics(text: str, spans: list[tuple[int, int]], after_heading: bool, topic: str) -> tuple[list[str], str]:
    """Return for each sentence of a paragraph the topic sentence it stands under, or "".

    ``topic`` is a topic sentence that the paragraph before consists of; one that this consists of comes back with them.
    """
    topics = []
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        behind = text[slice(*spans[number + 1])] if number + 1 < len(spans) else ""
        if _announces(sentence, number == 0 and not after_heading) and (not number or _tells_more(behind, sentence)):
            named = sentence.rstrip(TERMINALS).lstrip("—–- ")
            if behind:
                topic = named
                topics.append("")
                continue
            if not number:
                return [""], named
        topics.append(topic)
    return topics, ""


def _tells_more(behind: str, sentence: str) -> bool:
    """Whether the sentence behind a short one goes into what it names, and is not the next of a list."""
    return bool(_PAUSE.search(behind) or "、" in behind or len(behind) > 2 * len(sentence))


# What the opening lines say.

_TITLE = re.compile(r"政府工作(?:的)?报告")
_DATE = re.compile(
    r"((?:19|20)\d\d|[一二][九〇○零][〇○零一二三四五六七八九]{2})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日"
)
_MEETING = re.compile(r"在(.{2,40}?(?:大会|会议).{0,12}?(?:会议)?)(?:上|的|[,，]|$)")
_OFFICE = r"(?:代理?|常务副|副)?(?:[省市州盟县区旗镇乡]长|主席|总理|专员|行政长官|管委会主任)"
_NAME = r"[\u4e00-\u9fff](?:[\s·•]*[\u4e00-\u9fff]){1,9}?"
_SPEAKER = re.compile(rf"{_OFFICE}\s*[:：]?\s*({_NAME})(?=\s*(?:同志|作|在|[（(]|$))")
_SPEAKER_LAST = re.compile(rf"{_OFFICE}\s*[:：]?\s*{_NAME}\s*$|{_OFFICE}\s*[:：]?\s*$")
_SPEAKER_FIRST = re.compile(rf"(?:日|[—-]{{2}}|^)\s*([\u4e00-\u9fff]{{2,4}}){_OFFICE}(?=在|作|所)")
_OFFICE_ALONE = re.compile(rf"{_OFFICE}\s*[:：]?\s*$")
_NAME_ALONE = re.compile(r"[\u4e00-\u9fff](?:\s*[\u4e00-\u9fff]){1,3}")
_BEFORE_UNIT = re.compile(rf"会议?上|大会上|[\d{_NUMERAL}]日|[,，:：—–-]")
_UNIT = re.compile(
    r"([\u4e00-\u9fff]{1,18}?(?:自治区|自治州|自治县|自治旗|特别行政区|省|市|地区|盟(?!市)|县|区|旗)|[\u4e00-\u9fff]{2,18}?州(?![市县区]))"
    r"(?![市县区旗](?:$|人民|政府|委|第|\d|[代副]))"
)
_TOWN = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:镇|乡|街道)(?=$|人民|政府|第|[党镇乡]委)")
_NO_UNIT = re.compile(r"(?:全|我|本|各|该)?(?:自治[区州县旗]|[省市县区州盟旗])$")
_STATE_COUNCIL = re.compile(r"国务院|全国人民代表大会|中央人民政府|总理|中华人民共和国政府")
_FOR_STATE_COUNCIL = re.compile(r"(?:代表|受|根据)[^。，,]{0,24}(?:国务院|中央人民政府)|^中华人民共和国国务院")
_NATIONAL_FILE = re.compile(r"national[-_ ]?\d{4}|国务院|全国", re.IGNORECASE)
_SHORT_NAME = re.compile(
    r"(?:(?:19|20)\d\d年(?:度)?)?([\u4e00-\u9fff]{2,8}?)(?:(?:19|20)\d\d年)?(?:人民)?政府工作(?:的)?报告"
)
_OWN_GOVERNMENT = re.compile(r"代表([\u4e00-\u9fff]{2,20}?)人民政府")
_YEAR = re.compile(r"((?:19|20)\d\d)(?=\s*年)")
_FIRST_PARAGRAPHS = 4


def _date(lines: list[str]) -> str:
    """Return the date of the meeting, else the first one."""
    for line in sorted(lines, key=lambda line: not re.search("大会|会议", line)):
        if match := _DATE.search(line):
            year, month, day = int(match[1].translate(_DIGITS)), _number(match[2]), _number(match[3])
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02d}-{day:02d}"
    return ""


def _meeting(lines: list[str]) -> str:
    for line in lines:
        if match := _MEETING.search(re.sub(r"\s", "", line)):
            return match[1]
    return ""


def _speaker(lines: list[str]) -> tuple[str, str]:
    """Return who speaks and what stands before the office, e.g. 李长萍 and 聊城市."""
    for number, line in enumerate(lines):
        name = ""
        if (match := _SPEAKER.search(line)) or (match := _SPEAKER_FIRST.search(line)):
            name = match[1]
        elif (match := _OFFICE_ALONE.search(line)) and number + 1 < len(lines):
            name = lines[number + 1] if _NAME_ALONE.fullmatch(lines[number + 1]) else ""
        if match and name:
            before = re.sub(r"\s", "", line[: match.start()])
            return re.sub(r"\s", "", name), _BEFORE_UNIT.split(before)[-1]
    alone = [line for line in lines[1:] if _NAME_ALONE.fullmatch(line)]
    return (re.sub(r"\s", "", alone[-1]), "") if alone else ("", "")


def _unit(words: str) -> str:
    """Return the innermost unit that ``words`` begin with: 海拉尔区 of 呼伦贝尔市海拉尔区人民政府."""
    at, unit = 0, ""
    while match := _UNIT.match(words, at):
        at, unit = match.end(), match[1]
    if town := _TOWN.match(words, at):
        return town[0]
    return "" if _NO_UNIT.fullmatch(unit) else unit


def _place(head: list[str], speech: list[str], before_office: str, meeting: str, name: str) -> str:
    """Return the unit's own name: from the speaker's office, the meeting, the title, the file's name or the speech."""
    if unit := _unit(before_office):
        return unit
    if any(_STATE_COUNCIL.search(line) for line in [*head, meeting]):
        return "全国"
    titles = [line for line in head if _TITLE.search(line)]
    for candidate in [meeting, *titles, name]:
        if unit := _unit(re.sub(r"^[^\u4e00-\u9fff]*年?度?", "", candidate)):
            return unit
    if _NATIONAL_FILE.search(name) or any(_FOR_STATE_COUNCIL.search(line) for line in speech):
        return "全国"
    for line in speech:
        if (match := _OWN_GOVERNMENT.search(line)) and (unit := _unit(match[1])):
            return unit
    return next((match[1] for line in [*titles, name] if (match := _SHORT_NAME.match(line))), "")


def _year(head: list[str], date: str, name: str, headings: list[str], speech: Sequence[_Line]) -> int:
    """Return the report's year: of its date, title or file name; after the one looked back on; the first named."""
    if date:
        return int(date[:4])
    for candidate in [*(line for line in head if _TITLE.search(line)), name]:
        if match := re.search(r"(?:19|20)\d\d", candidate):
            return int(match[0])
    for line in [*head, *headings]:
        if years := [int(year) for year in _YEAR.findall(re.sub(r"\s", "", line))]:
            return max(years) + ("回顾" in line)
    return next((int(match[1]) for line in speech if (match := _YEAR.search(line.plain))), 0)


def _heading_of_report(head: list[str], place: str, year: int) -> str:
    """Return the report's title with its place and year."""
    titles = [bare for line in head if len(bare := re.sub(r"\s", "", line)) <= 40 and _TITLE.search(bare)]
    titles = [title for title in titles if title.endswith("报告") and not _DATE.search(title)]
    title = titles[-1].strip("《》“”") if titles else "政府工作报告"
    if place and place != "全国" and place[:2] not in title:
        title = place + title
    return title if not year or str(year) in title else f"{year}年{title}"


# The report.

_SUMS_UP = re.compile(
    r"(?:过去(?:的)?[一五]年|[一五]年来|回顾过去|总结过去|[一五]年的?成绩|成绩来之)"
    r"|(?:同时|当然|但)?[,，]?我们(?:也|还|更)?(?:要)?(?:清醒|深知|认识|看到)"
    r"|(?:在)?(?:肯定|看到|总结|取得)(?:这些)?成绩"
    r"|与此同时[,，]其他|(?:面对)?新(?:形势|征程|使命|任务)[^。]{0,16}政府(?:工作|自身建设)"
)
_LEAST_SIBLINGS = 3


def parse(source: Source, place: str = "", year: int = 0) -> Report:
    """Parse a file's text into a Report; ``place`` and ``year`` override what the text says.

    Raises ReadingError where the text has no paragraph.
    """
    lines = _without_contents(_once(_lines(source.text)))
    opening = _opening(lines)
    body = _Joiner(lines[opening : _end(lines, opening)]).joined()
    headings = _headings(body)
    top = _head(lines[:opening])
    head = [line.plain for line in top]
    date, meeting = _date(head), _meeting(head)
    speaker, before_office = _speaker(head)
    first = [block.plain for block in body[:_FIRST_PARAGRAPHS]]
    place = place or _place(head, first, before_office, meeting, source.name)
    parts = [block.plain for block, (level, _) in zip(body, headings, strict=True) if level == 1]
    year = year or _year(head, date, source.name, parts, body)
    layout = _Layout(source.text)
    for line in top:
        layout.add(line, 0, 0)
    breaks_off = _breaks_off(source.text, body)
    layout.lay(body, headings, breaks_off)
    if not layout.paragraphs:
        raise ReadingError(f"“{source.name}”里没有找到报告正文。")
    return Report(
        report_id=f"{place or '未知地区'}-{year}",
        title=_heading_of_report(head, place, year),
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


def _breaks_off(text: str, body: Sequence[_Line]) -> bool:
    """Whether the speech goes on elsewhere: the file says so, ends in mid-sentence, or offers a page more."""
    close = "".join(block.plain for block in body[-2:])
    cut = bool(body) and _ending(close) == "open" and len(body[-1].plain) > _LONGEST_HEADING
    closed = close.endswith(("！", "!")) or "谢谢" in close
    return bool(_CONTINUES.search(text.rstrip())) or cut or (not closed and bool(_NEXT_PAGE.search(text)))


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

    def lay(self, blocks: Sequence[_Line], headings: Sequence[tuple[int, int]], breaks_off: bool) -> None:
        """Lay the speech; what follows the last subsection of a part and speaks of the whole belongs to the part."""
        following = [0] * len(blocks)
        for number in range(len(blocks) - 2, -1, -1):
            following[number] = headings[number + 1][0] or following[number + 1]
        sizes: list[int] = []
        for number, (block, (level, length)) in enumerate(zip(blocks, headings, strict=True)):
            if level == 1:
                sizes = []
            elif level == 2:
                sizes.append(0)
            ends = following[number] == 1 or (following[number] == 0 and not breaks_off)
            sums_up = following[number] != 2 and _SUMS_UP.match(block.plain)
            if level == 0 and len(self.path) > 1 and (sums_up or (ends and self._leaves(block, sizes))):
                self.path = self.path[:1]
            self.add(block, level, length)
            if sizes and len(self.path) > 1 and (level == 0 or length < len(block.text) - 1):
                sizes[-1] += 1

    @staticmethod
    def _leaves(block: _Line, sizes: list[int]) -> bool:
        """Whether a paragraph leaves its subsection: it addresses the meeting, or each subsection has had one paragraph."""
        return bool(_ADDRESS.match(block.plain)) or (len(sizes) > _LEAST_SIBLINGS and set(sizes) == {1})

    def _place(self, block: _Line) -> int:
        if self._pieces:
            self._pieces.append("\n")
            self._length += 1
        start = self._length
        for first, last in block.pieces:
            self.offset_map.append((self._length, first))
            self._pieces.append(self._source[first:last])
            self._length += last - first
        return start

    def add(self, block: _Line, level: int, length: int) -> None:
        """Lay one block: a heading of ``level``, a paragraph (level 0), or a paragraph with a heading run into it."""
        start = self._place(block)
        line = block.text
        if level:
            self._topic = ""
            heading = line[:length].rstrip("：:，,")
            section = Section(heading, level, start, start + len(heading))
            self.path = [s for s in self.path if s.level < level] + [section]
            self.sections.append(section)
            while length < len(line) and (line[length] in TERMINALS or line[length].isspace()):
                length += 1
            if length == len(line):
                return
        path = tuple(section.heading for section in self.path)
        self._ordinals[path] += 1
        spans = sentence_spans(line, length)
        carried = "" if _begins_anew(block) else self._topic
        topics, self._topic = _topics(line, spans, level > 0, carried)
        sentences = [Sentence(start + a, start + b, topic) for (a, b), topic in zip(spans, topics, strict=True)]
        number = len(self.paragraphs) + 1
        self.paragraphs.append(Paragraph(number, self._ordinals[path], start, start + len(line), list(path), sentences))
