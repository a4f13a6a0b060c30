"""The indicators that reports state figures of: how each is worded, and what a growth rate and an amount of it are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from reportqa.text import fold

GROWTH, LEVEL = "growth", "level"
"""What a figure measures of its subject: a rate of change, or the thing itself."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that figures are stated of; ``growth`` and ``level`` are the indicators' names."""

    name: str
    growth: str
    level: str
    unit: str
    """What amounts are converted to, "" where any will do; "%" of a rate."""
    falls: bool = False
    """Whether its growth is stated as a fall, which is positive then."""
    main: bool = False
    """Whether a table shows it before anybody has picked."""

    def indicator(self, measure: str) -> str:
        """Return the name of the indicator that a figure belongs to."""
        return self.growth if measure == GROWTH else self.level


class Vocabulary:
    """Subjects by all their wordings."""

    def __init__(self, entries: Iterable[tuple[Subject, list[str]]]) -> None:
        self.subjects: list[Subject] = []
        self._by_wording: dict[str, Subject] = {}
        self._growing: set[str] = set()
        for subject, wordings in entries:
            self.subjects.append(subject)
            for wording in wordings:
                word = fold(wording.lstrip("~"))
                self._by_wording[word] = subject
                if wording.startswith("~"):
                    self._growing.add(word)
        ordered = sorted(self._by_wording, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)) or "(?!)")
        self._names = {fold(name): name for s in self.subjects for name in (s.growth, s.level)}

    @classmethod
    def read(cls, text: str) -> Vocabulary:
        """Read a lexicon; its form is told in data/indicators.txt."""
        return cls(_entry(line) for line in text.splitlines() if line and not line.startswith("#"))

    def get(self, wording: str) -> Subject | None:
        """Return the subject that a folded wording means."""
        return self._by_wording.get(wording)

    def only_grows(self, wording: str) -> bool:
        """Whether a folded wording stands for its subject with a growth rate alone: 经济增长5%."""
        return wording in self._growing

    def mentions(self, folded: str) -> list[re.Match[str]]:
        """Return the wordings in a folded text, the longest at each place."""
        return list(self._pattern.finditer(folded))

    def names(self, asked: str) -> frozenset[str]:
        """Return the indicators that a user's words mean: a name of ours, or a wording of its subject; empty for neither."""
        word = fold(asked)
        if word in self._names:
            return frozenset((self._names[word],))
        for ending, measure in _ENDINGS:
            if word.endswith(ending) and (subject := self.get(word.removesuffix(ending))):
                return frozenset((subject.indicator(measure),))
        subject = self.get(word)
        return frozenset((subject.growth, subject.level)) if subject else frozenset()

    @property
    def main(self) -> list[str]:
        """The indicators that a table shows before anybody has picked, in the lexicon's order."""
        return [s.level if s.unit in ("%", "万人") else s.growth for s in self.subjects if s.main]

    @property
    def order(self) -> dict[str, int]:
        """The place of each indicator in the lexicon."""
        names = [name for s in self.subjects for name in (s.growth, s.level)]
        return {name: place for place, name in reversed(list(enumerate(names)))}


_ENDINGS = (
    *(
        (ending, GROWTH)
        for ending in ("增长率", "增长速度", "增长", "增速", "涨幅", "增幅", "上涨", "下降", "降低", "降幅")
    ),
    *((ending, LEVEL) for ending in ("总量", "总额", "规模")),
)


def _entry(line: str) -> tuple[Subject, list[str]]:
    worded, *settings = (part.strip() for part in line.split(";"))
    wordings = [word.strip() for word in worded.split("|")]
    given = {key.strip(): value.strip() for key, _, value in (setting.partition("=") for setting in settings)}
    name = wordings[0]
    level, _, unit = given.get("level", name).partition(" ")
    growth = given.get("fall") or given.get("growth") or f"{name}增长"
    return Subject(name, growth, level, unit, "fall" in given, "main" in given), wordings


@cache
def bundled() -> Vocabulary:
    """Return the lexicon that comes with the program."""
    return Vocabulary.read(resources.files("reportqa").joinpath("data/indicators.txt").read_text(encoding="utf-8"))
