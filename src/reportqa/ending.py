"""Where the speech ends: before a licence, a glossary or annexes; and whether it goes on elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.lines import CONTINUES, NEXT_PAGE, Line, closing_of
from reportqa.numbering import LONGEST_HEADING

_LICENCE = re.compile(r"[本此]作品")
_LICENCE_WORDS = re.compile(r"公有领域|著作权|版权|public domain", re.IGNORECASE)
_LICENCE_LINES = 30
_APPENDIX = re.compile(
    r"附\s*(?:件|录|表|注)\s*[\d一二三四五六七八九十]{0,3}\s*[.．、:：]?.{0,24}|附[:：].{0,24}"
    r"|[《（(]?.{0,16}(?:名词|用语|术语|词语|词汇|概念|缩略语).{0,6}(?:解释|注释|注解|释义|说明|简释)[）)]?[:：]?"
    r"|.{0,8}(?:注释|注解|脚注)[:：]?|注[:：]"
)
_NOTES = re.compile(r"注[:：]?\s*+[(（\[]?[1①][)）\]]?\s*+[.．、:：]?\s*+\S")
_GLOSSARY_ENTRY = re.compile(r"[\[【〔(（]?(\d{1,3})[\]】〕)）]?\s*+[.．、]?\s*+[^\d\s][^。]{0,40}?[:：]")
_LEAST_GLOSSARY = 5
_GLOSSARY = "名词解释"
_NOTE = re.compile(r"注[:：]")
_ANNEX_NUMBER = re.compile(r"附\s*(?:件|录|表)?\s*[\d一二三四五六七八九十]{0,3}")
_FURTHER = re.compile(
    r"[【\[]?(?:相关|延伸|推荐|热门|更多)(?:报道|链接|新闻|阅读|文章|稿件|附件|信息|解读|推荐)[】\]]?[:：]?.{0,20}|附件(?:下载|列表)[:：]?|猜你喜欢|往期(?:回顾|推荐|精选)|上一[篇条][:：]?.*|下一[篇条][:：]?.*"
)
_LONGEST_LISTED = 80
_BEFORE_APPENDIX = 0.3
"""Of the text stands before its annexes, at the least."""


def end_line(lines: list[Line], opening: int) -> int:
    """Return the number of the first line after the speech: of a licence, a glossary, an annex, a list of other articles."""
    total = sum(len(line.text) for line in lines[opening:])
    last_long = _last_long(lines)
    before = 0
    for number in range(opening, len(lines)):
        if before >= _BEFORE_APPENDIX * total and number > opening:
            if _is_licence(lines, number) or _is_further(lines, number, last_long):
                return number
            if (_is_appendix(lines[number]) or _NOTES.match(lines[number].plain)) and closing_of(
                lines[number - 1].plain
            ) != "open":
                return number
        before += len(lines[number].text)
    return _glossary(lines, opening)


def appendices_of(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Return of the lines behind a speech the headings of its annexes and glossaries, each with the lines under it."""
    found: list[tuple[str, list[Line]]] = []
    last_long = _last_long(lines)
    for number, line in enumerate(lines):
        if _is_licence(lines, number) or _is_further(lines, number, last_long):
            break
        heading = re.sub(r"\s+", " ", line.text).rstrip("：: ")
        if _is_appendix(line) and not (found and _NOTE.match(line.plain)):
            found.append((heading, []))
        elif found and not found[-1][1] and _ANNEX_NUMBER.fullmatch(found[-1][0]) and _is_title(line):
            found[-1] = (f"{found[-1][0]} {heading}", [])
        elif found:
            found[-1][1].append(line)
        else:
            found.append((_GLOSSARY, [line]))
    return [(heading, inside) for heading, inside in found if inside]


def _is_appendix(line: Line) -> bool:
    plain = re.sub(r"\s", "", line.plain)
    return len(plain) <= 30 and bool(_APPENDIX.fullmatch(plain))


def _is_title(line: Line) -> bool:
    return len(line.text) <= LONGEST_HEADING and closing_of(line.plain) != "hard"


def _is_licence(lines: Sequence[Line], number: int) -> bool:
    behind = lines[number : number + _LICENCE_LINES]
    return bool(_LICENCE.match(lines[number].plain)) and any(_LICENCE_WORDS.search(line.plain) for line in behind)


def _last_long(lines: Sequence[Line]) -> int:
    """Return the number of the last line as long as a paragraph of a speech, -1 where there is none."""
    return next((n for n in range(len(lines) - 1, -1, -1) if len(lines[n].text) >= _LONGEST_LISTED), -1)


def _is_further(lines: Sequence[Line], number: int, last_long: int) -> bool:
    """Whether other articles are listed from a line on: nothing behind it is as long as a paragraph of a speech."""
    return number >= last_long and bool(_FURTHER.fullmatch(re.sub(r"\s", "", lines[number].plain)))


def _glossary(lines: list[Line], opening: int) -> int:
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


def is_cut_off(text: str, body: Sequence[Line]) -> bool:
    """Whether the speech goes on elsewhere: the file says so, ends in mid-sentence, or offers a page more."""
    close = "".join(block.plain for block in body[-2:])
    cut = bool(body) and closing_of(close) == "open" and len(body[-1].plain) > LONGEST_HEADING
    closed = close.endswith(("！", "!")) or "谢谢" in close
    return bool(CONTINUES.search(text.rstrip())) or cut or (not closed and bool(NEXT_PAGE.search(text)))
