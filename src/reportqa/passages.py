"""The source side of a verification: the reports' paragraphs and headings, and those in which a claim may stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from reportqa.alignment import Text
from reportqa.index import PARAGRAPH, Index
from reportqa.lexical import Lexicon, grams
from reportqa.periods import Period, clause_periods
from reportqa.schema import Paragraph, Report
from reportqa.text import fold
from reportqa.wording import said_periods, short_names

_GRAM = 3
_SHIFT = np.uint64(21)
_COMMON_SHARE = 0.05
"""A gram that more of the passages have is passed over."""
_KEPT = 8
_LEAST_VOTES = 0.5
"""Of the best passage's."""
_SENTENCES = 6
_WEIGHT_OF_WORDS = 0.3
"""Of the share of a claim's words that a sentence has, beside the cosine."""


@dataclass(frozen=True)
class Passage:
    """A paragraph of a report, or a heading (then ``paragraph`` is the one that follows it)."""

    number: int
    """Of the report in the index."""
    report: Report
    paragraph: Paragraph
    start: int
    end: int

    @cached_property
    def text(self) -> Text:
        """The passage, ready for comparison."""
        return Text(self.report.text, self.start, self.end)

    @property
    def is_heading(self) -> bool:
        """Whether the passage is a heading."""
        return self.end <= self.paragraph.start


@dataclass(frozen=True, slots=True)
class Likeness:
    """A sentence that may say what a claim says."""

    sentence: int
    offset: int
    """Where its likest words begin in the report's text."""
    cosine: float
    words: float
    """Share of the claim's words, by rarity, that the sentence has."""


class Passages:
    """All passages of an index, with a map from three neighbouring characters to the passages that have them."""

    def __init__(self, index: Index, lexicon: Lexicon) -> None:
        self.index = index
        self.lexicon = lexicon
        places = {name for report in index.reports for name in (report.place, *short_names(report.place))} - {"全国"}
        self._places = re.compile("|".join(sorted(map(re.escape, places), key=len, reverse=True)) or "(?!)")
        self.all = [passage for number, report in enumerate(index.reports) for passage in _of_report(number, report)]
        self._reports = np.array([passage.number for passage in self.all])
        self._of_paragraph = {
            (passage.number, passage.paragraph.number): passage for passage in self.all if not passage.is_heading
        }
        self._periods: dict[int, tuple[list[int], list[Period]]] = {}
        plain = [_plain(passage.report.text[passage.start : passage.end]) for passage in self.all]
        self._everything = "\0".join(plain)
        found = _grams(self._everything)
        owner = np.repeat(np.arange(len(plain)), [len(text) + 1 for text in plain])[: len(found)]
        pairs = np.unique(np.stack([found, owner.astype(np.uint64)], axis=1)[found != 0], axis=0)
        self._grams, self._owners = pairs[:, 0].copy(), pairs[:, 1].astype(np.int64)
        self._matching = index.units[:, 3] != PARAGRAPH

    def containing(self, claim: Text, reports: Sequence[int] = ()) -> list[Passage]:
        """Return the passages with the most and the rarest of a claim's threes of characters, best first.

        ``reports``: the numbers of the reports to look in; all, where there are none.
        """
        wanted = np.unique(_grams(_plain(_in_digits(claim))))
        low = np.searchsorted(self._grams, wanted, "left")
        high = np.searchsorted(self._grams, wanted, "right")
        having = high - low
        use = (having > 0) & (having <= max(50, _COMMON_SHARE * len(self.all)))
        if not use.any():
            use = having > 0
        if not use.any():
            return []
        owners = np.concatenate([self._owners[a:b] for a, b in zip(low[use], high[use], strict=True)])
        rarity = np.repeat(np.log(1 + len(self.all) / having[use]), having[use])
        votes = np.bincount(owners, weights=rarity, minlength=len(self.all))
        if len(reports):
            votes[~np.isin(self._reports, reports)] = 0
        best = np.argsort(-votes, kind="stable")[:_KEPT]
        return [self.all[i] for i in best if votes[i] > 0 and votes[i] >= _LEAST_VOTES * votes[best[0]]]

    def like(self, words: str, similar: NDArray[np.float32], reports: Sequence[int] = ()) -> list[Likeness]:
        """Return the sentences likest to a claim, best first; ``similar``: the cosine of every unit of the index.

        ``reports``: the numbers of the reports to look in; all, where there are none.
        """
        index = self.index
        cosines = np.full(len(index.sentence_rows), -1.0, dtype=np.float32)
        np.maximum.at(cosines, index.units[self._matching, 2], similar[self._matching])
        if len(reports):
            cosines[~np.isin(index.sentence_rows[:, 0], reports)] = -1
        tokens = grams(re.sub(r"[\d.,%]+", " ", words))
        shares = index.bm25.scores(tokens) / max(index.bm25.ideal(tokens), 1e-6)
        best = np.argsort(-(cosines + _WEIGHT_OF_WORDS * shares), kind="stable")[:_SENTENCES]
        found = []
        for i in best:
            units = np.arange(index.first_unit[i], index.first_unit[i + 1])
            units = units[self._matching[units]]
            offset = int(index.units[units[similar[units].argmax()], 4])
            found.append(Likeness(int(i), offset, float(cosines[i]), float(shares[i])))
        return found

    def know(self, word: str) -> bool:
        """Whether a folded word stands anywhere in the reports."""
        return word in self._everything

    def in_their_words(self, words: str) -> str:
        """Return a claim as a report would put it: without the names of places and periods that a report need not say.

        Abbreviations give way to the first of the reports' terms for them.
        """
        folded = fold(words)
        for alias in reversed(self.lexicon.find(folded)):
            if alias.said.isascii() and alias.terms:
                folded = folded[: alias.start] + alias.terms[0] + folded[alias.end :]
        bare = self._places.sub("", folded)
        for start, end in reversed(said_periods(bare)):
            bare = bare[:start] + bare[end:]
        return bare.lstrip("的,，") or folded

    def of_sentence(self, sentence: int) -> Passage:
        """Return the passage that a sentence of the index stands in."""
        row = self.index.sentence_rows[sentence]
        return self._of_paragraph[int(row[0]), int(row[1])]

    def period(self, passage: Passage, offset: int) -> Period:
        """Return the period that the clause at ``offset`` of the report's text speaks of."""
        if passage.number not in self._periods:
            spoken = sorted(clause_periods(passage.report).items())
            self._periods[passage.number] = ([start for start, _ in spoken], [period for _, period in spoken])
        starts, periods = self._periods[passage.number]
        at = bisect_right(starts, offset) - 1
        return periods[at] if at >= 0 and starts[at] >= passage.start else Period()


def _of_report(number: int, report: Report) -> list[Passage]:
    paragraphs = [Passage(number, report, p, p.start, p.end) for p in report.paragraphs]
    ends = [paragraph.end for paragraph in report.paragraphs]
    headings = []
    for section in report.sections:
        following = bisect_right(ends, section.start)
        if following < len(ends) and report.paragraphs[following].start >= section.end:
            headings.append(Passage(number, report, report.paragraphs[following], section.start, section.end))
    return [*paragraphs, *headings]


def _in_digits(claim: Text) -> str:
    """Return the folded words of a claim, its numbers in digits as reports write them."""
    words = claim.folded
    for figure in reversed(claim.figures.values()):
        number = figure.number
        if number.chinese and not number.idle and number.value.denominator in (1, 2, 5, 10) and number.value < 10_000:
            words = words[: number.start] + f"{float(number.value):g}" + words[number.end :]
    return words


@lru_cache(maxsize=4_096)
def _plain(words: str) -> str:
    """Return the folded letters and digits alone."""
    return re.sub(r"[\W_]", "", fold(words))


def _grams(plain: str) -> NDArray[np.uint64]:
    """Return each three neighbouring characters as one number; 0 across the end of a text."""
    codes = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < _GRAM:
        return np.zeros(0, dtype=np.uint64)
    one, two, three = codes[:-2], codes[1:-1], codes[2:]
    whole = (one != 0) & (two != 0) & (three != 0)
    return np.where(whole, (one << _SHIFT << _SHIFT) | (two << _SHIFT) | three, np.uint64(0))
