"""A report as the rules see it: folded clauses with what they stand under, and the candidates that they are cut into."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from reportqa import parsing, periods, reading
from reportqa.periods import Period
from reportqa.reader import context_of
from reportqa.text import clause_spans, fold
from training.examples import Candidate, grams, pieces_of


@dataclass(frozen=True)
class Clause:
    """A folded clause, where it stands in its folded sentence, and what it stands under."""

    words: str
    start: int
    sentence: str
    period: Period
    context: str


@dataclass
class Source:
    """A report's clauses and candidates."""

    year: int
    clauses: list[Clause]
    pieces: list[Candidate]
    spoken: list[Period]
    bags: list[set[str]]


def source_of(path: Path, chance: random.Random) -> Source:
    """Read a report."""
    report = parsing.parse(reading.read(path))
    spoken = periods.clause_periods(report)
    clauses: list[Clause] = []
    pieces: list[Candidate] = []
    of_piece: list[Period] = []
    for paragraph in report.paragraphs:
        heading = paragraph.section[-1] if paragraph.section else ""
        for sentence in paragraph.sentences:
            whole = fold(report.text[sentence.start : sentence.end]).rstrip("。;")
            if len(whole) < 6:
                continue
            at = 0
            for start, end in clause_spans(report.text, sentence.start, sentence.end):
                words = fold(report.text[start:end])
                at = whole.find(words, at)
                if at < 0:
                    break
                period = spoken.get(start, Period())
                clauses.append(Clause(words, at, whole, period, context_of(period, heading, sentence.topic)))
                at += len(words)
            mine = [clause for clause in clauses[-40:] if clause.sentence == whole]
            for piece in pieces_of(whole, chance):
                where = whole.find(piece)
                first = next((c for c in mine if c.start + len(c.words) > where), mine[0] if mine else None)
                if first:
                    pieces.append(Candidate(first.context, piece))
                    of_piece.append(first.period)
    return Source(report.year, clauses, pieces, of_piece, [grams(piece.words) for piece in pieces])
