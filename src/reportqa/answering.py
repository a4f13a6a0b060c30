"""From ranked sentences to quotes with the answering words marked, and to the answer that is shown."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reportqa.citation import cite
from reportqa.errata import within
from reportqa.index import Index
from reportqa.questions import Asked as AskedKind
from reportqa.questions import Question
from reportqa.refusal import Verdict
from reportqa.retrieval import LONGEST_MARK, Hit
from reportqa.schema import Answer, Part, Quote, Report
from reportqa.slots import continues, holds_asked
from reportqa.text import clause_spans, fold, run_around

LONGEST_QUOTE = 240
_NAMED = 3
"""So many reports are named in a refusal."""


def quote_of(question: Question, index: Index, hit: Hit) -> Quote:
    """Return the hit's sentence as a quote; of a sentence over 240 characters, the run of clauses around the window."""
    report = index.reports[hit.report]
    row = index.sentence_rows[hit.sentence]
    paragraph = report.paragraphs[int(row[1]) - 1]
    start, end = int(row[4]), int(row[5])
    topic = next((s.topic for s in paragraph.sentences if s.start == start), "")
    clauses = clause_spans(report.text, start, end)
    if end - start > LONGEST_QUOTE:
        start, end = run_around(clauses, hit.start, hit.end, LONGEST_QUOTE)
    first, last = _without_neighbour(question, report.text, hit.start, hit.end)
    first = min(max(first, start), end - 1)
    mark = (first - start, min(last, first + LONGEST_MARK, end) - start)
    return Quote(
        text=report.text[start:end],
        context=report.text[paragraph.start : paragraph.end],
        highlights=[mark],
        citation=cite(report, paragraph, start, end, topic),
        score=round(hit.score, 4),
        errata=within(report, start, end),
    )


def _without_neighbour(question: Question, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the clause of a pair that answers a question for a number alone, where its neighbour is another matter."""
    clauses = clause_spans(text, start, end)
    if question.asked is not AskedKind.NUMBER or len(clauses) != 2:
        return start, end
    one, other = (fold(text[first:last]) for first, last in clauses)
    if continues(other):
        return start, end
    for kept, dropped, span in ((one, other, clauses[0]), (other, one, clauses[1])):
        if holds_asked(question, kept) >= 0.9 and not any(
            c.stands_in(dropped) for c in question.concepts if c.is_thing
        ):
            return span
    return start, end


@dataclass(frozen=True, slots=True)
class Asked:
    """One part of a question, of a place and a period: its sentences, best first, and whether the first answers."""

    place: str
    hits: Sequence[Hit]
    verdict: Verdict

    @property
    def label(self) -> str:
        """The place and period, as people write them."""
        return self.place + self.verdict.period or "这一问"


def answer(
    asked: str, question: Question, index: Index, parts: Sequence[Asked], searched: Sequence[Report], top_k: int
) -> Answer:
    """Return the answer: of every part of the question the best sentence, then the next best; or a refusal.

    ``asked`` is the whole question as it was understood; most questions have one part.
    """
    firsts = [part.hits[0] for part in parts if part.verdict.answers]
    ranked = [_of_each_report(part.hits)[:top_k] for part in parts]
    others = [hit for rank in itertools.zip_longest(*ranked) for hit in rank if hit]
    order: dict[int, Hit] = {}
    for hit in [*firsts, *others]:
        order.setdefault(hit.sentence, hit)
    quotes = [quote_of(question, index, hit) for hit in list(order.values())[: max(top_k, len(firsts))]]
    best = max((part.verdict for part in parts), key=lambda verdict: verdict.confidence)
    if not firsts:
        return refusal(asked, best, quotes, searched)
    ids = [report.report_id for report in searched]
    if len(parts) == 1:
        return Answer(asked, True, best.confidence, _shown(quotes[0], name_first=len(ids) > 1), quotes, searched=ids)
    labelled = [
        Part(
            part.label, part.verdict.answers, [quote_of(question, index, part.hits[0])] if part.verdict.answers else []
        )
        for part in parts
    ]
    lines = [f"{part.label}：{_shown(part.quotes[0]) if part.found else '所收文本中未见'}" for part in labelled]
    return Answer(asked, True, best.confidence, "\n".join(lines), quotes, labelled, searched=ids)


def refusal(asked: str, verdict: Verdict, nearest: list[Quote], searched: Sequence[Report]) -> Answer:
    """Return the answer that says what was searched, what is missing, and what is nearest."""
    ids = [report.report_id for report in searched]
    text = _refusal(verdict, nearest, searched)
    return Answer(asked, False, verdict.confidence, text, [], [], verdict.reason, verdict.missing, nearest, ids)


def _of_each_report(hits: Sequence[Hit]) -> list[Hit]:
    """Order hits so that the best of every report come before the second best: other reports may be the ones meant."""
    turn: Counter[int] = Counter()
    turns = []
    for hit in hits:
        turns.append(turn[hit.report])
        turn[hit.report] += 1
    return [hits[at] for at in sorted(range(len(hits)), key=lambda at: turns[at])]


def _shown(quote: Quote, *, name_first: bool = False) -> str:
    """Return the words that answer and where they stand, which comes first where several reports were looked in."""
    if name_first:
        return f"{quote.citation.label}：\n{quote.marked}"
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
    if verdict.reason == "not_on_shelf":
        return f"没有收入{verdict.missing}。"
    where = _searched(searched)
    if not nearest:
        return f"{where}中没有找到答案。"
    words = _quoted(nearest[0].marked)
    near = f"最接近的原文是{words}"
    if verdict.reason == "other_place":
        return f"{where}中未见{verdict.missing}的这项内容；{near}。"
    if verdict.reason == "other_period":
        return f"{where}中未见{verdict.missing or '所问时期'}的这项内容；{near}。"
    if verdict.reason == "missing_figure":
        return f"{where}中未见{verdict.period}{verdict.missing}的这个数字；{near}。"
    if verdict.reason == "missing_kind":
        return f"报告提到{words}，但{where}中未见{verdict.missing}。"
    return f"{where}中未见这个问题的答案；{near}。"


def _quoted(words: str) -> str:
    """Put words of a report in quotation marks, in 「」 where they have marks of their own."""
    return f"「{words}」" if "“" in words or "”" in words else f"“{words}”"


def _searched(reports: Sequence[Report]) -> str:
    """Name the reports looked in where they are few, and say where a text breaks off."""
    if not 0 < len(reports) <= _NAMED:
        return f"所收 {len(reports)} 份报告"
    return "所收" + "".join(
        f"《{report.title}》" + (f"（文本到{report.breaks_off}为止）" if report.breaks_off else "")
        for report in reports
    )
