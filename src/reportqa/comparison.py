"""A claim held against the passage that it comes from: what was changed, and whether the rest is faithful."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from reportqa.alignment import Run, Text, align, settled_gaps, without_chance
from reportqa.passages import Passage
from reportqa.periods import Period

NUMBER, WORD = "number_changed", "word_changed"
FRAME = re.compile(
    r"(?:(?:据|根据|按照|正如|如同|在|从|对照)?[^,;。:]{0,24}(?:工作)?报告[^,;。:]{0,4}?(?:中|里|上)?(?:还|也|曾|明确|特别|再次)*"
    r"(?:显示|指出|提出|强调|提到|说|称|写道|介绍|要求|认为|披露|宣布|表示|回顾|明确|写明|可知|所述|所说|所言)?(?:过|道|了|到)?"
    r"|[^,;。:]{0,16}(?:市长|省长|主席|县长|区长|州长|总理)[^,;。:]{0,8}(?:指出|提出|强调|表示|说|称|介绍|提到)(?:过|道|到)?"
    r'|(?:报告)?原文(?:是|为|说)?|其中|同时|此外|另外|目前|截至目前|一是|二是|三是|首先|其次|最后)[,:"—]*'
)
"""Words before a quotation that say where it comes from."""
_SOURCE = re.compile(
    r"[,;。(\-—\s]*(?:(?:摘自|引自|参见|见|出自|来自|载于|根据|据)[<《\"]?|[(\-—《])"
    r"(?:(?:19|20)\d\d年)?(?:[\u4e00-\u9fff]{1,8}(?:省|市|县|区|州|盟|旗)|国务院)?(?:(?:19|20)\d\d年)?(?:人民)?(?:政府)?工作报告"
    r"[>》\"]*(?:第?[一二三四五六七八九十\d]+(?:部分|节|段|、)?|\([一二三四五六七八九十]+\))*[)\"。]*"
)
"""Words behind a quotation that say so: nothing else may stand among them, since they are not compared."""

FIGURE, SWAPPED, PUT_IN, LEFT_OUT = "figure", "swapped", "put in", "left out"


@dataclass(frozen=True, slots=True)
class Change:
    """What the claim has wrong; ``there``: where the right words stand in the report's text."""

    verdict: str
    wrong: str
    right: str
    there: tuple[int, int]
    kind: str = FIGURE
    core: str = ""
    """Of words put in or left out, those words alone."""


class Gap(NamedTuple):
    """Atoms ``first`` to ``last`` (exclusive) of the claim that stand against others of the passage."""

    first: int
    last: int
    there_first: int
    there_last: int


@dataclass
class Comparison:
    """A claim aligned to a passage, and what was found."""

    claim: Text
    passage: Passage
    runs: list[Run]
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    extra: list[tuple[int, int]] = field(default_factory=list)
    """Whole clauses of the claim that the passage does not have, as runs of atoms."""
    verbatim: bool = True

    @cached_property
    def framed(self) -> int:
        """How many atoms before the first equal ones say where the claim comes from."""
        first = self.runs[0].first if self.runs else 0
        lead = self.claim.folded[: self.claim.atoms[first].start] if first else ""
        return first if lead and FRAME.fullmatch(lead) else 0

    @cached_property
    def sourced(self) -> int:
        """How many atoms behind the last equal ones say where the claim comes from."""
        last = self.runs[-1].last if self.runs else len(self.claim)
        tail = self.claim.words(last, len(self.claim))
        return len(self.claim) - last if tail and _SOURCE.fullmatch(tail) else 0

    @cached_property
    def cover(self) -> float:
        """The share of the claim that the passage has word for word."""
        matched = sum(run.last - run.first for run in self.runs)
        return matched / max(1, len(self.claim) - self.framed - self.sourced)

    @property
    def span(self) -> tuple[int, int]:
        """Where in the report's text the claim's counterpart stands."""
        text = self.passage.text
        return text.span(self.runs[0].there_first, self.runs[-1].there_last)


def aligned(claim: Text, passage: Passage) -> Comparison:
    """Align a claim to a passage; nothing is judged yet."""
    runs = without_chance(align(claim, passage.text), claim.atoms)
    return Comparison(claim, passage, settled_gaps(runs, claim, passage.text))


def conflict(said: Period, spoken: Period) -> bool:
    """Whether two periods, both known, are different years."""
    return said.known and spoken.known and (said.first, said.last) != (spoken.first, spoken.last)


def years(period: Period) -> str:
    """Return a period's years as they are written: 2021年, 2017—2021年."""
    return f"{period.first}年" if period.first == period.last else f"{period.first}—{period.last}年"
