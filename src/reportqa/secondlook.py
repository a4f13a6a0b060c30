"""The first hits, read again by a reader: in a better order, and with the words that it takes for the answer marked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from reportqa.index import PARAGRAPH, Index
from reportqa.periods import Period
from reportqa.reader import Candidate, Reader, Reading, context_of
from reportqa.retrieval import LONGEST_MARK, Hit
from reportqa.text import clause_spans, run_around


def look(reader: Reader, question: str, index: Index, parts: Sequence[Sequence[Hit]]) -> list[list[Hit]]:
    """Return the hits of each part of a question as the reader would have them, or as they were.

    All parts are read in one pass: of each its share of the candidates that the reader takes; the others stay behind.
    """
    share = max(1, reader.most // max(1, len(parts)))
    shown = [list(hits[:share]) for hits in parts]
    placed = [_candidate(index, hit, reader.longest) for hits in shown for hit in hits]
    readings = reader.read(question, [candidate for candidate, _ in placed])
    if len(readings) != len(placed):
        return [list(hits) for hits in parts]
    looked = []
    at = 0
    for hits, first in zip(parts, shown, strict=True):
        span = slice(at, at + len(first))
        starts = [start for _, start in placed[span]]
        read = [
            _marked(index, hit, reading, start)
            for hit, reading, start in zip(first, readings[span], starts, strict=True)
        ]
        scores = [
            hit.score + reader.weight * reading.relevance for hit, reading in zip(read, readings[span], strict=True)
        ]
        order = np.argsort(-np.array(scores), kind="stable")
        looked.append([read[i] for i in order] + list(hits[share:]))
        at += len(first)
    return looked


def _candidate(index: Index, hit: Hit, longest: int) -> tuple[Candidate, int]:
    """Return the run of clauses around a hit's window as a candidate, and where it begins in the report's text."""
    report = index.reports[hit.report]
    row = index.sentence_rows[hit.sentence]
    paragraph = report.paragraphs[int(row[1]) - 1]
    start, end = int(row[4]), int(row[5])
    topic = next((sentence.topic for sentence in paragraph.sentences if sentence.start == start), "")
    heading = paragraph.section[-1] if paragraph.section else ""
    if end - start > longest:
        start, end = run_around(clause_spans(report.text, start, end), hit.start, hit.end, longest)
    units = index.units[index.first_unit[hit.sentence] : index.first_unit[hit.sentence + 1]]
    units = units[units[:, 3] != PARAGRAPH]
    at = units[int(np.abs(units[:, 4] - hit.start).argmin())]
    context = context_of(Period(int(at[6]), int(at[7]), int(at[8])), heading, topic)
    return Candidate(context, report.text[start:end], max(0, hit.start - start)), start


def _marked(index: Index, hit: Hit, reading: Reading, start: int) -> Hit:
    """Return a hit with the words that a reading takes for the answer: the clauses they stand in, if these are short."""
    if reading.end <= reading.start:
        return hit
    first, last = start + reading.start, start + reading.end
    text = index.reports[hit.report].text
    row = index.sentence_rows[hit.sentence]
    clauses = [(a, b) for a, b in clause_spans(text, int(row[4]), int(row[5])) if a < last and b > first]
    if clauses and clauses[-1][1] - clauses[0][0] <= LONGEST_MARK:
        first, last = clauses[0][0], clauses[-1][1]
    return dataclasses.replace(hit, start=first, end=min(last, first + LONGEST_MARK))
