"""What of a draft is to be held against the reports: its sentences, and what it quotes in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportqa import sources
from reportqa.alignment import Text
from reportqa.copies import Copies, is_like
from reportqa.sources import Source
from reportqa.text import clause_spans, sentence_spans

_SHORTEST = 4
"""Atoms of a sentence that is looked at at all."""
_QUOTED = re.compile(r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"\n]+)\"|《《([^》]+)》》")
_ITEM_MARK = re.compile(r"\s*(?:[-*•·●○■◆>#]+|\d{1,2}[.、．)）](?!\d)|[(（]\d{1,2}[)）]|[①-⑳])\s*")
_OPENING_MARKS = '“「『"‘《'
_SHORTEST_QUOTED = 12
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of the draft that are to be checked."""

    text: Text
    sure: bool
    """Whether it gets a finding even where nothing aligns and it holds no figure or name."""
    named: tuple[Source, ...] = ()
    """What the sentence it stands in names as its source."""

    @property
    def words(self) -> str:
        """The words, as the draft has them."""
        return self.text.source[self.text.start : self.text.end]


def claims(text: str, copies: Copies) -> Iterator[Claim]:
    """Yield the claims of a draft, in order.

    ``copies`` tells whether quotation marks are a report's own: such a sentence is one claim.
    """
    sentences = [
        span
        for line in re.finditer(r"[^\r\n]+", text)
        for start, end in sentence_spans(text, line.start(), line.end())
        for span in _shorter(text, start, end)
    ]
    whole = [Text(text, _behind_mark(text, start, end), end) for start, end in sentences]
    whole = [sentence for sentence in whole if len(sentence) >= _SHORTEST] or whole[:1]
    for sentence in whole:
        named = tuple(sources.sources(sentence.folded, copies.places))
        quoted = [
            Text(text, *match.span(group))
            for match in _QUOTED.finditer(text, sentence.start, sentence.end)
            for group in range(1, 6)
            if match[group]
        ]
        quoted = [piece for piece in quoted if len(piece) >= _SHORTEST_QUOTED]
        if not quoted or _are_own_marks(sentence, quoted, copies):
            yield Claim(sentence, len(whole) == 1, named)
            continue
        ends = [sentence.start, *(end for piece in quoted for end in (piece.start, piece.end)), sentence.end]
        around = [Text(text, *span) for span in zip(ends[::2], ends[1::2], strict=True)]
        around = [piece for piece in around if _is_claim(piece, copies.places)]
        pieces = [*(Claim(piece, False, named) for piece in around), *(Claim(piece, True, named) for piece in quoted)]
        yield from sorted(pieces, key=lambda claim: claim.text.start)


def _is_claim(piece: Text, places: frozenset[str]) -> bool:
    """Whether the words around a quotation claim something themselves."""
    shortest = _SHORTEST if piece.figures else _SHORTEST_QUOTED
    return len(piece) >= shortest and sources.before(piece.folded, places) is None


def _are_own_marks(sentence: Text, quoted: Sequence[Text], copies: Copies) -> bool:
    """Whether a sentence is a report's, and the quotation marks in it are the report's own."""
    found = next(iter(copies.near(sentence)), None)
    if not is_like(found):
        return False
    there = found.passage.text
    for piece in quoted:
        at = next(n for n in range(len(sentence)) if sentence.span(n, n + 1)[0] >= piece.start)
        other = next((r.there_first + at - r.first for r in found.runs if r.first <= at < r.last), None)
        if other is not None and there.source[there.span(other, other + 1)[0] - 1] in _OPENING_MARKS:
            return True
    return False


def _behind_mark(text: str, start: int, end: int) -> int:
    """Return where the words of a line begin, behind the number or the dot of an item of a list."""
    return mark.end() if (mark := _ITEM_MARK.match(text, start, end)) else start


def _shorter(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return a sentence, one that is very long in runs of whole clauses; a clause that is longer still is cut."""
    if end - start <= _LONGEST:
        return [(start, end)]
    runs: list[tuple[int, int]] = []
    clauses = (
        (at, min(at + _LONGEST, last))
        for first, last in clause_spans(text, start, end)
        for at in range(first, last, _LONGEST)
    )
    for first, last in clauses:
        if runs and last - runs[-1][0] <= _LONGEST:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs
