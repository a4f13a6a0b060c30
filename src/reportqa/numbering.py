"""Lines that begin with a number: 一、 （一） 第一部分 一是."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reportqa.text import TERMINALS

NUMERAL = "一二三四五六七八九十百"
_NUMBERS = {
    "chapter": re.compile(rf"第([{NUMERAL}]{{1,3}})(?:部分|[章篇])[\s:：、,，]*"),
    "comma": re.compile(rf"([{NUMERAL}]{{1,3}})\s*[、.．]\s*[.．]?\s*(?![{NUMERAL}]、)"),
    "bracket": re.compile(rf"[(（]\s*([{NUMERAL}]{{1,3}})\s*[)）]\s*[、.．]?\s*"),
    "ordinal": re.compile(rf"第([{NUMERAL}]{{1,3}})\s*[,，、:：]\s*"),
    "item": re.compile(rf"([{NUMERAL}]{{1,3}})[是要]"),
    "bare": re.compile(rf"([{NUMERAL}]{{1,3}})$"),
}
OUTER = ("chapter", "comma", "bracket", "bare")
LONGEST_HEADING = 60
DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line shows itself to be: the kind and value of its number ("title", 0 without one)."""

    kind: str
    value: int
    length: int
    """Of the heading that the line is, or that is run into its beginning; 0 where it is text."""
    alone: bool
    """Whether the line is the heading, without a final mark."""
    apart: bool = False
    """Whether it stands apart from the lines around it."""


def number_of(numeral: str) -> int:
    """Read 24, 二十四, 十 or 一百二十."""
    if numeral.isdigit():
        return int(numeral)
    total = units = 0
    for character in numeral:
        if character in "十百":
            total, units = total + (units or 1) * (10 if character == "十" else 100), 0
        else:
            units = 10 * units + int(character.translate(DIGITS))
    return total + units


def numeral(number: int) -> str:
    """Write 24 as 二十四; a number that is not between 1 and 99 in figures."""
    if not 0 < number < 100:
        return str(number)
    digits = " 一二三四五六七八九"
    tens, units = divmod(number, 10)
    return ((digits[tens] if tens > 1 else "") + "十" if tens else "") + (digits[units] if units else "")


def number_mark(plain: str) -> Mark | None:
    """Return what a numbered line is; a heading is short, and ends with the line or at its first final mark."""
    for kind, pattern in _NUMBERS.items():
        if not (found := pattern.match(plain)):
            continue
        begin = found.end()
        stop = next((i for i in range(begin, min(len(plain), begin + LONGEST_HEADING + 1)) if plain[i] in TERMINALS), 0)
        alone = not stop
        stop = stop or len(plain)
        if stop - begin > LONGEST_HEADING or (stop == begin and kind != "bare") or plain[stop - 1] in "；;，,：:":
            stop = 0
        if kind in ("ordinal", "item") and not alone:
            stop = 0
        return Mark(kind, number_of(found[1]), stop, alone and stop > 0)
    return None


def number_of_heading(heading: str) -> str:
    """Return the number that a heading is written with, 一 or （一）, or "" for one without."""
    found = re.match(rf"([(（]?)\s*第?\s*([{NUMERAL}]+)\s*(?:[)）、.．,，:：是要章篇]|部分|$)", heading)
    return (f"（{found[2]}）" if found[1] else found[2]) if found else ""


def section_number(path: list[str]) -> str:
    """Return the number of a heading path as people write it: 三（二）, or 篇首 for the opening lines."""
    numbers = []
    for heading in path:
        found = re.match(rf"[(（第]?\s*([{NUMERAL}]+)\s*(?:[)）、.．,，:：是要章篇]|部分|$)", heading)
        numbers.append(found[1] if found else heading)
    return numbers[0] + "".join(f"（{n}）" for n in numbers[1:]) if numbers else "篇首"
