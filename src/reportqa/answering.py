"""From ranked sentences to quotes with the answering words marked, and to the answer that is shown."""

from __future__ import annotations

import math
import re

from reportqa.citation import cite
from reportqa.index import Index
from reportqa.questions import Asked, Question
from reportqa.retrieval import LONGEST_MARK, Hit
from reportqa.schema import Quote
from reportqa.slots import holds_asked
from reportqa.text import clause_spans, fold

LONGEST_QUOTE = 240
_CONTINUATION = re.compile(
    "达|增|高于|低于|快于|慢于|提|下降|降|减|居|同比|占|比|较|其中|分别|累计|超|完成|惠及|带动|排名|位"
)
"""How a clause begins that has no subject of its own and goes on about the one before it."""


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
    first, last = _without_neighbour(question, report.text, hit.start, hit.end)
    mark = (first - start, min(last, first + LONGEST_MARK) - start)
    return Quote(
        text=report.text[start:end],
        context=report.text[paragraph.start : paragraph.end],
        highlights=[mark],
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
            fits = next_low >= 0 and next_high < len(clauses)
            if fits and clauses[next_high][1] - clauses[next_low][0] <= LONGEST_QUOTE:
                low, high, grown = next_low, next_high, True
        if not grown:
            return clauses[low][0], min(clauses[high][1], clauses[low][0] + LONGEST_QUOTE)


def _without_neighbour(question: Question, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the clause of a pair that answers a question for a number alone, where its neighbour is another matter."""
    clauses = clause_spans(text, start, end)
    if question.asked is not Asked.NUMBER or len(clauses) != 2:
        return start, end
    one, other = (fold(text[first:last]) for first, last in clauses)
    if _CONTINUATION.match(other):
        return start, end
    for kept, dropped, span in ((one, other, clauses[0]), (other, one, clauses[1])):
        if holds_asked(question, kept) >= 0.9 and not any(concept.stands_in(dropped) for concept in question.concepts):
            return span
    return start, end


def confidence_of(hits: list[Hit]) -> float:
    """Return, 0 to 1, how sure it is that the first hit answers."""
    if not hits:
        return 0.0
    return 1 / (1 + math.exp(-hits[0].score))


def shown(quotes: list[Quote]) -> str:
    """Return the answer as text: the marked words, then where they stand."""
    first = quotes[0]
    return f"{first.marked}\n——{first.citation.label}"
