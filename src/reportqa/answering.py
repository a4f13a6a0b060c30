"""From ranked sentences to quotes with the answering words marked, and to the answer that is shown."""

from __future__ import annotations

import math

from reportqa.citation import cite
from reportqa.index import Index
from reportqa.questions import Question, holds_asked
from reportqa.retrieval import Hit
from reportqa.schema import Quote
from reportqa.text import clause_spans, fold

LONGEST_QUOTE = 240
LONGEST_MARK = 60


def quote_of(question: Question, index: Index, hit: Hit) -> Quote:
    """Return the hit's sentence as a quote; of a sentence over 240 characters, the run of clauses around the window."""
    report = index.reports[hit.report]
    row = index.sentence_rows[hit.sentence]
    paragraph = report.paragraphs[int(row[1]) - 1]
    start, end = int(row[4]), int(row[5])
    topic = next((s.topic for s in paragraph.sentences if s.start == start), "")
    clauses = clause_spans(report.text, start, end)
    if end - start > LONGEST_QUOTE:
        start, end = _run_around(clauses, hit.start, hit.end)
    marks = _marks(question, report.text, clauses, hit)
    return Quote(
        text=report.text[start:end],
        context=report.text[paragraph.start : paragraph.end],
        highlights=[(first - start, last - start) for first, last in marks],
        citation=cite(report, paragraph, start, end, topic),
        score=round(hit.score, 4),
    )


def _run_around(clauses: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """Return the longest run of whole clauses around ``first``–``last`` that fits a quote, growing on both sides."""
    inside = [i for i, (a, b) in enumerate(clauses) if a < last and b > first]
    low, high = inside[0], inside[-1]
    while True:
        grown = False
        for next_low, next_high in ((low - 1, high), (low, high + 1)):
            if next_low >= 0 and next_high < len(clauses):
                if clauses[next_high][1] - clauses[next_low][0] <= LONGEST_QUOTE:
                    low, high, grown = next_low, next_high, True
        if not grown:
            return clauses[low][0], min(clauses[high][1], clauses[low][0] + LONGEST_QUOTE)


def _marks(question: Question, text: str, clauses: list[tuple[int, int]], hit: Hit) -> list[tuple[int, int]]:
    """Return the spans to mark: the window, or where that is too long its clause that holds what is asked for."""
    if hit.end - hit.start <= LONGEST_MARK:
        return [(hit.start, hit.end)]
    inside = [(a, b) for a, b in clauses if a < hit.end and b > hit.start]
    first, last = max(inside, key=lambda span: holds_asked(question, fold(text[span[0] : span[1]])))
    return [(first, min(last, first + LONGEST_MARK))]


def confidence_of(hits: list[Hit]) -> float:
    """Return, 0 to 1, how sure it is that the first hit answers."""
    if not hits:
        return 0.0
    return 1 / (1 + math.exp(-hits[0].score))


def shown(quotes: list[Quote]) -> str:
    """Return the answer as text: the marked words, then where they stand."""
    first = quotes[0]
    return f"{first.marked}\n——{first.citation.label}"
