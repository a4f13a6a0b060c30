"""Text as the program reads it: folding for comparison, sentences, clauses, numbers with their units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import opencc

TERMINALS = "。！？!?"
_CLOSERS = "”’」』）)》"
_SENTENCE_END = re.compile(rf"[{TERMINALS}]+[{_CLOSERS}]*")
_CLAUSE_END = re.compile(r"(?<!\d)[，,]|[，,](?!\d{3})|[；;]|(?<!\d)[：:]|[：:](?!\d)")
_CLAUSE_MARKS = "，,；;：:"
_BRACKETED_MARK = re.compile(r"[\[【〔(（]\d{1,3}[\]】〕)）]|[*①-⑳]+")
_FOOTNOTE_MARK = re.compile(rf"{_BRACKETED_MARK.pattern}|\d{{1,3}}")
_SUBSCRIPT_MARKUP = "_{}"
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")
_QUOTATION = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂", '"') | dict.fromkeys("‘’＇", "'"))


def simplified(text: str) -> str:
    """Return ``text`` in simplified characters, of the same length."""
    if text.isascii():
        return text
    text = _HALF_A_CHARACTER.sub("\ufffd", text)  # which has no bytes for the converter
    converted: str = _TO_SIMPLIFIED.convert(text)
    if len(converted) == len(text):
        return converted
    singly = ((character, _TO_SIMPLIFIED.convert(character)) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in singly)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable, and for each of its characters the offset of the source character it comes from."""

    text: str
    offsets: list[int]


@cache
def _fold_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = simplified(unicodedata.normalize("NFKC", character)).translate(_QUOTATION).lower()
    return "".join(c for c in folded if not c.isspace() and c not in _SUBSCRIPT_MARKUP)


def fold_with_offsets(text: str) -> Folded:
    """Fold ``text`` for comparison: width, case, script, digits, quotation marks, white space and subscript markup aside."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(simplified(text)):
        folded = _fold_character(character)
        characters.append(folded)
        offsets.extend([offset] * len(folded))
    return Folded("".join(characters), offsets)


def fold(text: str) -> str:
    """Return the folded text alone."""
    return "".join(map(_fold_character, simplified(text)))


def _stripped(text: str, start: int, end: int, unwanted: str) -> tuple[int, int]:
    """Return the span less white space on both sides and ``unwanted`` characters at its end."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in unwanted):
        end -= 1
    return start, end


def _split(text: str, start: int, end: int, boundary: re.Pattern[str], unwanted: str) -> list[tuple[int, int]]:
    """Cut ``text[start:end]`` behind every boundary; leave out what is empty."""
    ends = [match.end() for match in boundary.finditer(text, start, end)]
    spans = (_stripped(text, first, last, unwanted) for first, last in pairwise([start, *ends, end]))
    return [(first, last) for first, last in spans if first < last]


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences of ``text[start:end]``, each with its final mark."""
    return _split(text, start, len(text) if end is None else end, _SENTENCE_END, "")


def clause_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the clauses of a sentence, each without its final mark."""
    return _split(text, start, len(text) if end is None else end, _CLAUSE_END, _CLAUSE_MARKS + TERMINALS)


def is_footnote_mark(raised: str, before: str) -> bool:
    """Whether raised characters behind ``before`` are a footnote's mark; those of m² and 10⁶ are not."""
    bare = before[-1:].isascii() and before[-1:].isalnum()
    return bool((_BRACKETED_MARK if bare else _FOOTNOTE_MARK).fullmatch(raised.strip()))


def run_around(clauses: Sequence[tuple[int, int]], first: int, last: int, longest: int) -> tuple[int, int]:
    """Return the longest run of whole clauses around ``first``–``last`` of ``longest`` characters at most.

    It grows by a clause before and one behind in turn; a clause that is longer itself is cut.
    """
    inside = [i for i, (a, b) in enumerate(clauses) if a < last and b > first]
    low, high = inside[0], inside[-1]
    while True:
        grown = False
        for before, behind in ((1, 0), (0, 1)):
            next_low, next_high = low - before, high + behind
            fits = next_low >= 0 and next_high < len(clauses)
            if fits and clauses[next_high][1] - clauses[next_low][0] <= longest:
                low, high, grown = next_low, next_high, True
        if not grown:
            return clauses[low][0], min(clauses[high][1], clauses[low][0] + longest)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a folded text with what follows it: 8.4 and %, 1300余万 and 剂次."""

    start: int
    end: int
    number: str
    unit: str


_CHINESE_NUMBER = "[一二两三四五六七八九十百千][一二三四五六七八九十百千万亿零]{0,15}+"
_FIGURE = re.compile(
    rf"(?<![\d.a-z])(\d+(?:,\d{{3}})*(?:\.\d+)?|{_CHINESE_NUMBER}(?=[余多]?(?:[个家项条座处名件场次位所届户人天年月日批]|大类)))"
    r"([余多]?[万亿千百]{0,2}[余多]?)"
    r"(个百分点|百分点|%|个?(?:多|余)?[\u4e00-\u9fff]{0,3})"
)


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str, instead: str = "") -> str:
    """Return text without the characters that no Word, Excel or XML file may hold."""
    return _UNPRINTABLE.sub(instead, text)


def figures(folded: str) -> list[Figure]:
    """Return the numbers of a folded text; ``unit`` is what follows, up to three characters, scale words aside."""
    return [Figure(m.start(), m.end(), m[1] + m[2], m[3]) for m in _FIGURE.finditer(folded)]
