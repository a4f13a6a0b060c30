"""The lines of a file that say something: without white space, page furniture and what a web page sets around a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reportqa.text import TERMINALS, simplified

_FULL_WIDTH = str.maketrans({chr(c + 0xFEE0): chr(c) for c in range(ord("0"), ord("z") + 1) if chr(c).isalnum()})


@dataclass(frozen=True, slots=True)
class Line:
    """A line or a paragraph of the speech: pieces of the source, (start, end), to be joined without a gap."""

    pieces: list[tuple[int, int]]
    text: str
    plain: str
    """The text in simplified characters and with narrow letters and digits, for looking at; of the same length."""
    indent: int
    """Characters of white space before it."""
    turned: bool
    """Whether the page turned before it."""
    apart: bool = False
    """Whether it stands alone: more empty lines than are usual before it and behind it, and no final mark."""
    title: bool = False
    """Whether it is a heading without a number."""

    @property
    def indented(self) -> bool:
        """Whether white space stands before it."""
        return self.indent > 0

    @property
    def width(self) -> int:
        """Characters, with the white space before it."""
        return self.indent + len(self.text)


_WRITTEN_OUT = re.compile(r"<U\+(?:00A0|2002|2003|200B|3000|FEFF)>")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\xad"
_MASK = "\0"
_UNMASKED = re.compile(f"[^{_MASK}]+")
CONTINUES = re.compile(r"[（(]\s*(?:下[转接]|未完)[^）)]{0,12}[）)]\s*$")
_CONTINUED = re.compile(r"#+\s+|[（(]\s*[上紧]接[^）)]{0,12}[）)]\s*")
_LONGEST_CHROME = 120
_LONGEST_APART = 120
NEXT_PAGE = re.compile("下一页")
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
    r"|(?:索\s*引\s*号|主题(?:分类|词)|信息(?:分类|名称)|发文(?:机关|字号)|公开(?:日期|时间|方式|形式)|有\s*效\s*性|文\s*号|编\s*号|作\s*者|审\s*核)\s*[:：].{0,60}"
    r"|(?:主办|承办|技术支持|协办|地址|邮编|电话|联系电话|网站标识码)(?:单位)?\s*[:：].{0,80}|copyright.*|.*(?:版权所有|ICP备|公网安备).*"
    r"|(?:字号|字体)?\s*[【\[]?\s*大\s*中\s*小\s*[】\]]?|(?:微信|微博|QQ空间|[\s|｜/·、])+|[【\[].{0,8}(?:打印|关闭|纠错|收藏).{0,30}|责编\s*[:：].*|来源\s+\S{2,12}"
    r"|https?://\S+|www\.\S+|(?:网站|本站)?首页\s*[>＞»›/→].*"
    r"|扫(?:码|描).{0,16}|(?:图解|图读|视频|音频|H5)\s*[:：|｜].{0,40}|一(?:张)?图(?:读懂|看懂|速览|解读).{0,40}|友情链接.{0,40}|\S{1,60}\.(?:pdf|docx?|wps|xlsx?|zip|rar)"
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,2}[:：]\d\d.*|[（(【]?\s*(?:全文)?完\s*[】)）]?|阅读原文|点击.{0,10}(?:查看|阅读|下载).{0,20}"
    r"|\S{0,40}(?:秘书处|办公[厅室])\s*\S{4,12}日印发?"
    r"|(?=.*[a-z]{3}[ |]+[a-z]{3})[\x20-\x7e©]+",
    re.IGNORECASE,
)
CLOSERS = "”’」』）)》〉】]"
_HARD_ENDS = TERMINALS + "；;：:…"
_ONLY_CLOSERS = re.compile(rf"[{re.escape(CLOSERS)}\s]+")


def closing_of(plain: str) -> str:
    """Return how a line ends: "hard" with a final mark, "soft" with a closing bracket only, else "open"."""
    inner = plain.rstrip(CLOSERS)
    if inner and inner[-1] in _HARD_ENDS:
        return "hard"
    return "open" if inner == plain else "soft"


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span less white space, invisible and masked characters on both sides."""
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE or text[start] == _MASK):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE or text[end - 1] == _MASK):
        end -= 1
    return start, end


def whole(lines: Sequence[Line]) -> Line:
    """Join broken lines into one."""
    if len(lines) == 1:
        return lines[0]
    pieces = [piece for line in lines for piece in line.pieces]
    text, plain = "".join(line.text for line in lines), "".join(line.plain for line in lines)
    return Line(pieces, text, plain, lines[0].indent, lines[0].turned)


def _masked(text: str) -> str:
    """Return the text with comments and written-out white space masked, of the same length."""
    pieces = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        pieces += [text[at:begin], re.sub(r"[^\r\n]", _MASK, text[begin : end + 3])]
        at = end + 3
    return _WRITTEN_OUT.sub(lambda found: _MASK * len(found[0]), "".join([*pieces, text[at:]]))


def lines_of(text: str) -> list[Line]:
    """Return the lines that say something, without furniture: (下转4版), a web page's navigation, a page's number."""
    masked = _masked(text)
    plain = simplified(masked).translate(_FULL_WIDTH)
    lines: list[Line] = []
    gaps: list[int] = []
    at = empty = 0
    turned = inside_chrome = False
    for raw in masked.splitlines(keepends=True):
        first, end = at, at + len(raw)
        at = end
        start, end = _bounds(masked, first, end)
        if continued := _CONTINUED.match(plain, start, end):
            start, turned = continued.end(), turned or plain[start] != "#"
        continues = CONTINUES.search(plain, start, end)
        if continues:
            _, end = _bounds(masked, start, continues.start())
        if start >= end:
            turned = turned or bool(continues) or any(c in _INVISIBLE for c in raw)
            empty += 1
            continue
        pieces = [found.span() for found in _UNMASKED.finditer(masked, start, end)]
        shown = "".join(plain[a:b] for a, b in pieces)
        chrome = _CHROME.fullmatch(shown) if len(shown) <= _LONGEST_CHROME else None
        inside_chrome = bool(chrome or (inside_chrome and _ONLY_CLOSERS.fullmatch(shown)))
        if chrome and chrome["page"]:
            turned = True
        if not inside_chrome:
            lines.append(Line(pieces, "".join(text[a:b] for a, b in pieces), shown, start - first, turned))
            gaps.append(empty)
            turned = bool(continues)
        empty = 0
    return _standing_apart(lines, gaps)


def _standing_apart(lines: list[Line], gaps: list[int]) -> list[Line]:
    """Return the lines, those marked that stand apart; ``gaps`` are the empty lines before each."""
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0
    return [
        replace(line, apart=True)
        if before >= after > usual and len(line.text) <= _LONGEST_APART and closing_of(line.plain) != "hard"
        else line
        for line, before, after in zip(lines, gaps, [*gaps[1:], 0], strict=False)
    ]


def once(lines: list[Line]) -> list[Line]:
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
