"""What changed from one report to another: paragraphs paired, and in each pair the words that differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reportqa.citation import cite, locate
from reportqa.errata import within
from reportqa.schema import Paragraph, Quote, Report
from reportqa.text import fold
from reportqa.wording import segmented

_GRAM = 2
_LEAST_ALIKE = 0.3
"""Share of a paragraph's pairs of characters that its counterpart has at least."""
_WORD = re.compile(r"\d+(?:\.\d+)?%?|[^\W_]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Revision:
    """A paragraph and its counterpart in the earlier report; one of them is None where it is new or gone.

    The words that differ are the quotes' highlights.
    """

    before: Quote | None
    after: Quote | None

    @property
    def changed(self) -> bool:
        """Whether any word differs."""
        return not (self.before and self.after) or bool(self.before.highlights or self.after.highlights)


def revisions(old: Report, new: Report, section: str | None = None) -> list[Revision]:
    """Return the paragraphs of ``new``, or of one of its sections as people cite it, against those of ``old``.

    Behind them follow the paragraphs that are gone from the section of ``old`` in which most counterparts stand.
    Raises NotFound where ``new`` has no such section.
    """
    wanted = _paragraphs(new, section)
    there = [paragraph for paragraph in old.paragraphs if paragraph.section]
    grams = {paragraph.number: _grams(_text(old, paragraph)) for paragraph in there}
    taken: set[int] = set()
    pairs: list[tuple[Paragraph | None, Paragraph | None]] = []
    for paragraph in wanted:
        mine = _grams(_text(new, paragraph))
        likest = max(there, key=lambda other: _alike(mine, grams[other.number]), default=None)
        if likest is None or likest.number in taken or _alike(mine, grams[likest.number]) < _LEAST_ALIKE:
            likest = None
        else:
            taken.add(likest.number)
        pairs.append((likest, paragraph))
    paths = Counter(tuple(before.section) for before, _ in pairs if before)
    homes = {path for path, _ in paths.most_common(None if section is None else 1)}
    gone = [p for p in there if tuple(p.section) in homes and p.number not in taken]
    pairs += [(paragraph, None) for paragraph in gone]
    return [_revision(old, new, before, after) for before, after in pairs]


def _paragraphs(report: Report, section: str | None) -> list[Paragraph]:
    if section is None:
        return [paragraph for paragraph in report.paragraphs if paragraph.section]
    path = locate([report], section)[0].citation.section
    return [paragraph for paragraph in report.paragraphs if paragraph.section[: len(path)] == path]


def _text(report: Report, paragraph: Paragraph) -> str:
    return report.text[paragraph.start : paragraph.end]


def _grams(text: str) -> frozenset[str]:
    plain = re.sub(r"[\W\d_]", "", fold(text))
    return frozenset(plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return Dice's coefficient."""
    return 2 * len(one & other) / max(1, len(one) + len(other))


def _revision(old: Report, new: Report, before: Paragraph | None, after: Paragraph | None) -> Revision:
    if before is None or after is None:
        return Revision(_quote(old, before, ()) if before else None, _quote(new, after, ()) if after else None)
    one, other = _text(old, before), _text(new, after)
    gone, come = _differing(_words(one), _words(other))
    return Revision(_quote(old, before, gone), _quote(new, after, come))


def _words(text: str) -> list[str]:
    """Return the words of a text, which joined give it back."""
    return [word for piece in _WORD.findall(text) for word in (segmented(piece) if len(piece) > 1 else (piece,))]


def _differing(one: Sequence[str], other: Sequence[str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the spans of characters of both that the other does not have."""
    gone: list[tuple[int, int]] = []
    come: list[tuple[int, int]] = []
    starts = [_offsets(words) for words in (one, other)]
    for what, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if what != "equal":
            gone += [(starts[0][a], starts[0][b])] if a < b else []
            come += [(starts[1][c], starts[1][d])] if c < d else []
    return gone, come


def _offsets(words: Iterable[str]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def _quote(report: Report, paragraph: Paragraph, marks: Iterable[tuple[int, int]]) -> Quote:
    text = _text(report, paragraph)
    citation = cite(report, paragraph, paragraph.start, paragraph.end)
    return Quote(text, text, list(marks), citation, errata=within(report, paragraph.start, paragraph.end))
