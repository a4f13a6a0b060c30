"""A question for the figure of a known indicator: which of the first sentences state it, and in which clause."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from reportqa.index import Index
from reportqa.indicator_lexicon import GROWTH, LEVEL, Subject, bundled
from reportqa.measures import readings
from reportqa.questions import Asked, Measure, Question
from reportqa.retrieval import LONGEST_MARK, SIGNS, Hit
from reportqa.text import clause_spans, fold, fold_with_offsets
from reportqa.wording import own_words

_PERIOD = SIGNS.index("period")
_OTHER_AIM = -0.6
"""The agreement of a target with what was achieved, of the same year."""
_LOOKED_AT = 8
_BEHIND = 1.0
"""How much lower than the first a sentence may score that states the figure."""
_ASKED_OF = re.compile(
    r"的?(?:年均|全年|总的?)?(?:预期|实际|增长)?(?:目标|指标|增[长速幅量]|涨幅|降幅|总[量额]|规模|水平|数[字值额]|多少|情况|变化|占比|比重)"
    r"|的?(?:年均|全年|实际)?(?:增|涨|降|下降|减|提高|提升|上升|改善|完成|达|实现|突破|控制|稳定|保持|安排|是|为|有|超|分别|各|比上年|同比|多|几|第|定|要|将|"
    r"计划|打算|预计|预期|拟|去年|今年|约|大[约概]|怎|如何)|应|会|能|到|又|都|占|变|[\d,，、;；?？。(]|和|与|及|$"
)
"""What follows an indicator that something is asked of, and not of a part or a cost of it."""
_SHORTEST = 3
"""Characters of a wording that names an indicator by itself."""


def subjects_of(question: Question) -> tuple[Subject, ...]:
    """Return the indicators' subjects that a question for a number names."""
    if question.asked is not Asked.NUMBER:
        return ()
    lexicon = bundled()
    found = []
    for match in lexicon.mentions(question.folded):
        if not _ASKED_OF.match(question.folded, match.end()):
            continue
        grows = lexicon.only_grows(match[0])
        if wanted_measure(question) == GROWTH if grows else len(match[0]) >= _SHORTEST:
            found.append(lexicon.get(match[0]))
    for alias in question.aliases:
        at = question.folded.find(fold(alias.said))
        if alias.is_thing and at >= 0 and _ASKED_OF.match(question.folded, at + len(alias.said)):
            found += [lexicon.get(fold(term)) for term in alias.terms]
    return tuple(dict.fromkeys(subject for subject in found if subject))


def stating_first(question: Question, index: Index, hits: Sequence[Hit]) -> tuple[list[Hit], str]:
    """Return the hits, those first that state the figure asked for, and the indicator's name where none does.

    The name is "" where the question names no indicator of the lexicon, and where the first hit speaks of it in other words.
    """
    subjects = subjects_of(question)
    if not subjects or not hits:
        return list(hits), ""
    near = [hit for hit in hits[:_LOOKED_AT] if hit.score >= hits[0].score - _BEHIND]
    suiting = [hit for hit in near if hit.signs[_PERIOD] > _OTHER_AIM]
    told = {hit.sentence: found for hit in suiting if (found := _stated(question, index, hit, subjects)) is not None}
    if told:
        others = [hit for hit in hits if hit.sentence not in told]
        return [*told.values(), *others], ""
    first = fold(index.reports[hits[0].report].text[hits[0].start : hits[0].end])
    lexicon = bundled()
    spoken = any(lexicon.get(match[0]) in subjects for match in lexicon.mentions(first))
    other = any(
        concept.stands_in(first)
        for concept in question.concepts
        if any(lexicon.get(name) in subjects for name in (concept.word, *concept.alternatives))
    )
    return list(hits), "" if spoken or other else subjects[0].name


def wanted_measure(question: Question) -> str:
    """Return whether a rate of change or an amount is asked for, "" where the question leaves it open."""
    if question.measure in (Measure.CHANGE, Measure.PERCENT):
        return GROWTH
    return "" if question.measure is Measure.ANY else LEVEL


def _stated(question: Question, index: Index, hit: Hit, subjects: Sequence[Subject]) -> Hit | None:
    """Return a hit with the clause marked that states a figure of one of the subjects; None where its sentence has none."""
    report = index.reports[hit.report]
    row = index.sentence_rows[hit.sentence]
    start, end = int(row[4]), int(row[5])
    folded = fold_with_offsets(report.text[start:end])
    measure = wanted_measure(question)
    asked = [match[0] for match in bundled().mentions(question.folded)]
    spans = []
    for reading in readings(folded.text, own_words(report.place)):
        if not (
            reading.subject in subjects or (reading.subject is None and _is_short_for(reading.name, asked, folded.text))
        ):
            continue
        if measure in ("", reading.measure) or (reading.subject and reading.subject.unit == "%"):
            spans.append((start + folded.offsets[reading.figure_start], start + folded.offsets[reading.end - 1] + 1))
    if not spans:
        return None
    if any(hit.start <= first and last <= hit.end for first, last in spans):
        return hit
    first, last = min(spans, key=lambda span: abs(span[0] - hit.start))
    around = [(a, b) for a, b in clause_spans(report.text, start, end) if a < last and first < b]
    first, last = around[0][0], around[-1][1]
    return dataclasses.replace(hit, start=first, end=min(last, first + LONGEST_MARK))


def _is_short_for(name: str, asked: Sequence[str], sentence: str) -> bool:
    """Whether a figure's name is the end of an asked indicator's, whose rest the sentence has: 技改项目…，投资增长."""
    return len(name) > 1 and any(
        wording.endswith(name) and wording != name and wording.removesuffix(name) in sentence for wording in asked
    )
