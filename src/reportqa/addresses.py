"""What people write to say where something stands in a report: 三（一）第2段, 第一部分第五节, Part 3 section 2, 一之八, p17."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reportqa.schema import QuestionError

_DIGIT = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_ENGLISH_WORDS = "one two three four five six seven eight nine ten"
_ENGLISH = _ENGLISH_WORDS.split()
_ORDINAL_WORDS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_ORDINAL = _ORDINAL_WORDS.split()
_ROMAN_WORDS = "i ii iii iv v vi vii viii ix x xi xii"
_ROMAN = _ROMAN_WORDS.split()
NUMBER = (
    rf"(?:\d{{1,3}}(?:st|nd|rd|th)?|[{''.join(_DIGIT)}十]{{1,3}}|(?:{'|'.join(_ENGLISH + _ORDINAL)})"
    rf"|(?:{'|'.join(sorted(_ROMAN, key=len, reverse=True))})(?![a-z]))"
)
_NTH = rf"(?:(?P<back>倒数)?第?(?P<number>{NUMBER})|(?P<last>最后一?|末|尾)|(?P<first>首|开头一?))"
_NTH_ENGLISH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_ORDINAL)})"
_LAST = -1
PART, SECTION, PARAGRAPH, SENTENCE, BARE, PAGE = "part", "section", "paragraph", "sentence", "bare", "page"
_TOKENS = (
    (SENTENCE, rf"{_NTH}(?:个)?句(?:话)?|sentence(?P<en_sentence>{NUMBER})"),
    (
        PARAGRAPH,
        rf"{_NTH}(?:个)?(?:自然)?段(?:落|文字|话)?|(?:paragraph|para|¶|段落?)\.?(?P<en_paragraph>{NUMBER})"
        rf"|(?P<th_paragraph>{_NTH_ENGLISH})\.?paragraph|#?(?<![a-z])p\.?(?P<page>\d{{1,4}})(?!\d)",
    ),
    (
        PART,
        rf"{_NTH}(?:个)?(?:大?部分|大块|板块|部(?!门)|章节?|篇|编|大点|大项|大条|大方面|大类|大节|大标题|一级标题)"
        rf"|(?:part|chapter)\.?(?P<en_part>{NUMBER})|(?P<th_part>{_NTH_ENGLISH})\.?(?:part|chapter)",
    ),
    (
        SECTION,
        rf"{_NTH}(?:个)?(?:小?节|小部分|小点|小项|小条|小块|小标题|二级标题|小类|点|条|项|款|目|方面)"
        rf"|(?:sub-?section|section|sec|item|point|§)\.?(?P<en_section>{NUMBER})(?!\.\d)"
        rf"|(?P<th_section>{_NTH_ENGLISH})\.?(?:sub-?section|section|item|point)|[(\[](?P<bracket>{NUMBER})[)\]][、.]?",
    ),
    (BARE, rf"(?P<bare>{NUMBER})(?=$|[、.\-/·—_,:;>›»→|(\[之的第])"),
)
_TOKEN = tuple((kind, re.compile(pattern)) for kind, pattern in _TOKENS)
_SEPARATORS = re.compile(r"(?:[\s、.\-/·—_,:;>›»→|#\"'之的中里下面内)\]]|section|§)+")
OPENING = re.compile("篇首|开头|开篇|引言|前言|导语|opening")
_FILLER = re.compile(
    r"^(?:请|查|看|找|一下|给我|报告|原文|标题|题目|小标题|题为|叫做?|名为|关于|有关|论|讲|谈|说|谈到|提到|涉及|的|在|里|中|那|这|个|及其?|in|of|the|about|on)+"
    r"|(?:的|那|这|一|个|部分|章节|小节|节|章|段|段落|内容|标题|小标题|方面|问题|情况|里|中|上|里面|部|讲|谈|说|是|了|什么|section|part)+$"
)
REPORT = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年?)?度?的?(?P<place>[\u4e00-\u9fff]{0,12}?)(?:人民)?(?:政府)?工作报告(?:全文|原文)?(?:中|里|的|之)*"
    r"|^(?P<only>(?:19|20)\d\d)年?的?报告(?:中|里|的|之)*"
)
ADDRESS = re.compile(r"(?:report/(?P<report>[^?#\s]+))?\?at=(?P<start>\d{1,9})-(?P<end>\d{1,9})(?!\d)(?:#p\d+)?")


_UNIT = "大?部分|小?节|自然段|段|句|条|点|章"
_TO, _AND = "至|到|-|–|—|~|～|to", "、|,|，|和|与|及|and"
_SEVERAL = (
    re.compile(rf"[（(](?P<one>{NUMBER})[）)]\s*(?:(?P<to>{_TO})|{_AND})\s*[（(](?P<other>{NUMBER})[）)]"),
    re.compile(
        rf"第(?P<one>{NUMBER})(?:{_UNIT})?\s*(?:(?P<to>{_TO})|{_AND})\s*第?(?P<other>{NUMBER})(?P<unit>{_UNIT})"
    ),
    re.compile(
        rf"(?P<english>part|section|paragraph)s?\s*(?P<one>{NUMBER})\s*(?:(?P<to>{_TO})|{_AND})\s*(?P<other>{NUMBER})",
        re.IGNORECASE,
    ),
)
_MOST_MEMBERS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One word of an address: 第三部分, （一）, 第2段; ``number`` counts from 1, from the end where it is negative."""

    kind: str
    number: int


def value_of(written: str) -> int:
    """Read 12, 十二, iv, three or third."""
    if written[0].isdigit():
        return int(re.match(r"\d+", written)[0])  # type: ignore[index]
    for words in (_ROMAN, _ENGLISH, _ORDINAL):
        if written in words:
            return words.index(written) + 1
    tens, ten, units = written.rpartition("十")
    if ten:
        return 10 * _DIGIT.get(tens, 1) + _DIGIT.get(units, 0)
    return _DIGIT.get(written, 0)


def members(citation: str) -> list[str]:
    """Return the citations that ranges and pairs stand for, 一（二）至（四） for three; one alone as it is.

    Raises QuestionError where they are too many.
    """
    found: list[str] = [citation]
    before: list[str] = []
    while found != before:
        before, found = found, [one for each in found for one in _members(each)]
        if len(found) > _MOST_MEMBERS:
            raise QuestionError(f"一次最多查 {_MOST_MEMBERS} 处，请分几次查。")
    return found


def _members(citation: str) -> list[str]:
    """Return the citations that the first range or pair of one stands for."""
    for pattern in _SEVERAL:
        if (found := pattern.search(citation)) is None:
            continue
        first, last = (value_of(found[name].lower()) for name in ("one", "other"))
        if not first < last < first + _MOST_MEMBERS:
            continue
        numbers = range(first, last + 1) if found["to"] else (first, last)
        said = found.groupdict()
        each = (
            f"{said['english']} {n}"
            if said.get("english")
            else f"第{n}{said['unit']}"
            if said.get("unit")
            else f"({n})"
            for n in numbers
        )
        return [citation[: found.start()] + one + citation[found.end() :] for one in each]
    return [citation]


def steps_of(address: str) -> tuple[list[Step], str]:
    """Return the steps of a folded address, and the words among them that are none."""
    steps: list[Step] = []
    words: list[str] = []
    at = 0
    fresh = True
    while at < len(address):
        if separator := _SEPARATORS.match(address, at):
            at, fresh = separator.end(), True
            words.append(" ")
            continue
        found = _token(address, at, fresh)
        if found is None:
            words.append(address[at])
            at, fresh = at + 1, False
            continue
        kind, match = found
        said = {name: value for name, value in match.groupdict().items() if value}
        if "last" in said:
            number = _LAST
        elif "first" in said:
            number = 1
        else:
            number = value_of(next(value for name, value in said.items() if name != "back"))
            number = -number if "back" in said else number
        steps.append(Step(PAGE if "page" in said else kind, number))
        words.append(" ")
        at, fresh = match.end(), True
    return steps, "".join(words)


def _token(address: str, at: int, fresh: bool) -> tuple[str, re.Match[str]] | None:
    """Return the word of an address that begins at an offset; in the middle of other words only one with 第 or brackets."""
    for kind, pattern in _TOKEN:
        match = pattern.match(address, at)
        if match and (fresh or match[0][0] in "第倒最(["):
            return kind, match
    return None


def content_of(words: str) -> str:
    """Return the words of an address that say what a section is about."""
    kept = []
    for piece in re.split(r"[\s、,.;:]+", OPENING.sub(" ", words)):
        before, bare = "", piece
        while bare != before:
            before, bare = bare, _FILLER.sub("", bare)
        kept.append(bare)
    return " ".join(piece for piece in kept if piece)
