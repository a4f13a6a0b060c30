"""From ranked sentences to quotes with the answering words marked, and to the answer that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from reportqa.citation import cite
from reportqa.index import Index
from reportqa.questions import Asked, Question
from reportqa.refusal import Verdict
from reportqa.retrieval import LONGEST_MARK, Hit
from reportqa.schema import Answer, Part, Quote, Report
from reportqa.slots import continues, holds_asked
from reportqa.text import clause_spans, fold

LONGEST_QUOTE = 240


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
    if continues(other):
        return start, end
    for kept, dropped, span in ((one, other, clauses[0]), (other, one, clauses[1])):
        if holds_asked(question, kept) >= 0.9 and not any(concept.stands_in(dropped) for concept in question.concepts):
            return span
    return start, end


def answer(
    question: Question,
    index: Index,
    parts: Sequence[Sequence[Hit]],
    verdicts: Sequence[Verdict],
    threshold: float,
    searched: Sequence[Report],
    top_k: int,
) -> Answer:
    """Return the answer: of every period asked for the best sentence, then the next best; or a refusal.

    ``parts`` and ``verdicts`` stand for the periods that the question asks for, one for most questions.
    """
    found = [verdict.confidence >= threshold and not verdict.reason for verdict in verdicts]
    firsts = [hits[0] for hits, is_found in zip(parts, found, strict=True) if is_found]
    order = list({hit.sentence: hit for hit in [*firsts, *(hit for hits in parts for hit in hits)]}.values())
    quotes = [quote_of(question, index, hit) for hit in order[:top_k]]
    confidence = max(verdict.confidence for verdict in verdicts)
    ids = [report.report_id for report in searched]
    if not any(found):
        verdict = max(verdicts, key=lambda verdict: verdict.confidence)
        nearest = quotes if verdict.reason not in _NOT_A_QUESTION else []
        text = _refusal(verdict, nearest, searched)
        return Answer(question.text, False, confidence, text, [], [], verdict.reason, verdict.missing, nearest, ids)
    if len(parts) == 1:
        return Answer(question.text, True, confidence, _shown(quotes[0]), quotes, searched=ids)
    labelled = _labelled(question, index, parts, verdicts, found)
    lines = [f"{part.label}：{_shown(part.quotes[0]) if part.found else '所收文本中未见'}" for part in labelled]
    return Answer(question.text, True, confidence, "\n".join(lines), quotes, labelled, searched=ids)


def _labelled(
    question: Question,
    index: Index,
    parts: Sequence[Sequence[Hit]],
    verdicts: Sequence[Verdict],
    found: Sequence[bool],
) -> list[Part]:
    labelled = []
    for hits, verdict, is_found in zip(parts, verdicts, found, strict=True):
        quotes = [quote_of(question, index, hits[0])] if is_found else []
        labelled.append(Part(verdict.period, is_found, quotes))
    return labelled


def _shown(quote: Quote) -> str:
    return f"{quote.marked}\n——{quote.citation.label}"


_NOT_A_QUESTION = {
    "greeting": "您好！请就政府工作报告的内容提问，我会用报告原文回答并注明出处。",
    "opinion": "我只引用报告原文，不作评价；请就报告的内容提问。",
    "instruction": "我只用报告原文回答问题，不执行其他指令。",
}


def _refusal(verdict: Verdict, nearest: Sequence[Quote], searched: Sequence[Report]) -> str:
    """Return what a refusal says: what was searched, and which part of the question the text does not give."""
    if verdict.reason in _NOT_A_QUESTION:
        return _NOT_A_QUESTION[verdict.reason]
    where = _searched(searched)
    if not nearest:
        return f"{where}中没有找到答案。"
    near = f"最接近的原文是“{nearest[0].marked}”"
    if verdict.reason == "other_place":
        return f"{where}中未见{verdict.missing}的这项内容；{near}。"
    if verdict.reason == "other_period":
        return f"{where}中未见{verdict.missing or '所问时期'}的这项内容；{near}。"
    if verdict.reason == "missing_kind":
        return f"报告提到“{nearest[0].marked}”，但{where}中未见{verdict.missing}。"
    return f"{where}中未见这个问题的答案；{near}。"


def _searched(reports: Sequence[Report]) -> str:
    if len(reports) != 1:
        return f"所收 {len(reports)} 份报告"
    [report] = reports
    ending = f"（文本到{report.breaks_off}为止）" if report.breaks_off else ""
    return f"所收《{report.title}》{ending}"
