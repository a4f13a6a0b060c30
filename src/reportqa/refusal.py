"""Whether the best sentence answers: a calibrated confidence, and what to say where it does not.

Near misses use the report's own words, so likeness says little.  What tells is whether the words hold just what is asked
for: its kind and unit, beside the thing asked about, in the period and place asked about, and anything the question has
not said itself.  Every sign is oriented so that more of it speaks for an answer, and no weight is negative.  ``held`` is told for kinds of answers that can be checked, ``unchecked`` stands for
the others (names, lists, means, reasons).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reportqa import retrieval
from reportqa.errata import searchable
from reportqa.fitted import fitted
from reportqa.index import Index
from reportqa.periods import TARGET, Period, mentions
from reportqa.questions import Asked, Measure, Question
from reportqa.retrieval import Hit
from reportqa.schema import Report
from reportqa.shelf import Group, Meant, Shelf
from reportqa.slots import held_beside, novelty, states_level
from reportqa.text import clause_spans, fold

SIGNS = ("score", "margin", "held", "unchecked", "period", "place", "level", "novelty", "terms")

_PERIOD = retrieval.SIGNS.index("period")
_DENSE = retrieval.SIGNS.index("dense_window")
_WORDS = retrieval.SIGNS.index("words_context")
_TERM = 4
"""A lexicon entry is an indicator or a thing, not an everyday verb, where one of its names has this many characters."""
_FAR, _RATHER_FAR = 0.6, 0.9
"""Below these no sentence is near: the sign dense_window, ten times what the cosine has over 0.8."""
_HARDLY = 0.05
"""Of a question's words."""
_LEVEL_WANTED = re.compile(r"到(?:了|底)?(?:百分之)?[多几]|总[量额数]|百分之[几多]|具体是|占.{0,8}(?:多少|几)")
_REACHED = re.compile(r"(?:增[长加]?|上?涨|下?降低?|提[高升]|减少?|缩小)[到至]")
"""降到多少 asks for what it is now, not by how much it fell."""
_CHANGE_WANTED = re.compile(r"增|涨|降|提高|提升|减|改善|快于|高出|高于|多了|缩小|目标|预期|倾斜|便宜")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the best sentence answers, and if not why not."""

    confidence: float
    reason: str = ""
    """Of a refusal: instruction, greeting, opinion, other_place, other_period, missing_kind, missing_figure, not_on_shelf or
    not_found."""
    missing: str = ""
    """What the report does not give, to be shown, or ""."""
    period: str = ""
    """The period asked for, to be shown, or ""."""

    @property
    def answers(self) -> bool:
        """Whether it is no refusal."""
        return not self.reason

    def without(self, figure: str, threshold: float) -> Verdict:
        """Return the verdict where the figure asked for is stated nowhere; a better reason of a refusal is kept."""
        if self.reason not in ("", "missing_kind", "not_found"):
            return self
        return replace(self, confidence=min(self.confidence, 0.9 * threshold), reason="missing_figure", missing=figure)


def _calibration() -> tuple[NDArray[np.float64], float, float]:
    """Return the weights, the intercept and the threshold, as fitted by benchmarks/fit.py."""
    data = fitted()["refusal"]
    return np.array([data["weights"][name] for name in SIGNS]), float(data["intercept"]), float(data["threshold"])


def default_threshold() -> float:
    """Return the confidence below which a question is refused unless a setting says otherwise."""
    return _calibration()[2]


def signs(
    question: Question, index: Index, hits: Sequence[Hit], places: frozenset[str], *, at_home: bool
) -> NDArray[np.float64]:
    """Return the signs that the first hit answers, in the order of SIGNS.

    ``places`` are the shelf's own names; ``at_home`` says that the question names one of them.
    """
    first = hits[0]
    report = index.reports[first.report]
    row = index.sentence_rows[first.sentence]
    sentence = fold(searchable(report, int(row[4]), int(row[5])))
    spans = clause_spans(report.text, first.start, first.end)
    clauses = [fold(report.text[start:end]) for start, end in spans]
    window = fold(report.text[first.start : first.end])
    margin = first.score - hits[1].score if len(hits) > 1 else 1.0
    return np.array(
        [
            min(first.score, 3.0) / 3 if not question.text.isascii() else 1.0,
            min(margin, 2.0) / 2,
            held_beside(question, clauses) if question.asked in _KINDS else 0.0,
            0.0 if question.asked in _KINDS else 1.0,
            min(0.0, float(first.signs[_PERIOD])),
            0.0 if at_home else -float(_is_elsewhere(question, sentence, places)),
            -1.0 if _wants_level(question) and not states_level(window) else 0.0,
            novelty(question, window),
            -_absent_terms(question, sentence),
        ]
    )


def judge(
    question: Question,
    index: Index,
    hits: Sequence[Hit],
    places: frozenset[str],
    threshold: float,
    asked: Mapping[int, Period],
    *,
    at_home: bool = False,
) -> Verdict:
    """Return how sure it is that the first hit answers, and else the reason of a refusal.

    ``asked``: the period that this part of the question asks for, by the year of a report.
    """
    if not hits:
        return Verdict(0.0, "not_found")
    values = signs(question, index, hits, places, at_home=at_home)
    weight, intercept, _ = _calibration()
    confidence = 1 / (1 + math.exp(-(float(values @ weight) + intercept)))
    period = _period_name(asked[index.reports[hits[0].report].year])
    if not at_home and _is_unknown(question, index.reports[hits[0].report], places):
        return Verdict(min(confidence, 0.9 * threshold), "other_place", question.place, period)
    if _is_foreign(question, hits):
        return Verdict(min(confidence, 0.9 * threshold), "not_found", period=period)
    if confidence >= threshold:
        return Verdict(confidence, period=period)
    told = dict(zip(SIGNS, values.tolist(), strict=True))
    first_words = float(hits[0].signs[_WORDS])
    if told["place"] < 0:
        return Verdict(confidence, "other_place", question.place, period)
    if told["period"] <= -1:
        return Verdict(confidence, "other_period", period, period)
    if told["held"] < 0.3 and first_words > 0.3 and question.asked in _KINDS:
        return Verdict(confidence, "missing_kind", _kind_name(question), period)
    return Verdict(confidence, "not_found", period=period)


def off_the_shelf(meant: Meant, groups: Sequence[Group], shelf: Shelf) -> Verdict | None:
    """Return the refusal of a question about another place or year than the shelf has; None to go on."""
    if meant.elsewhere and not meant.places and _is_subject(meant.elsewhere[0], meant.text):
        return Verdict(0.0, "not_on_shelf", f"{meant.elsewhere[0]}的报告（现有：{shelf.holdings()}）")
    if meant.year and all(group.reports == () for group in groups):
        place = "、".join(meant.places)
        return Verdict(0.0, "not_on_shelf", f"{place}{meant.year}年的报告（现有：{shelf.holdings()}）")
    return None


def _is_subject(place: str, question: str) -> bool:
    """Whether the question begins with the place, periods and the like aside."""
    lead = question[: question.find(place)]
    for start, end in reversed(mentions(lead)):
        lead = lead[:start] + lead[end:]
    return lead.strip(" ,，的在请问") == ""


def _is_elsewhere(question: Question, sentence: str, places: frozenset[str]) -> bool:
    """Whether the question's subject is a place that neither is the report's own nor stands in the sentence."""
    place = question.place
    if not place or any(place in own or own in place for own in places):
        return False
    if not _is_subject(place, question.folded):
        return False
    return place not in sentence and place[:2] not in sentence


def _is_foreign(question: Question, hits: Sequence[Hit]) -> bool:
    """Whether nothing that was found is near the question, or little, and none of it has its words: a recipe, a share price."""
    if not question.concepts or question.about_report or question.text.isascii():
        return False
    nearest = max(float(hit.signs[_DENSE]) for hit in hits)
    words = max(float(hit.signs[_WORDS]) for hit in hits)
    return nearest < _FAR or (nearest < _RATHER_FAR and words < _HARDLY)


def _is_unknown(question: Question, report: Report, places: frozenset[str]) -> bool:
    """Whether the question's subject is a place that the report does not know at all."""
    known = question.place in report.text or any(question.place in word for _, _, word in report.errata)
    return not known and _is_elsewhere(question, "", places)


def _absent_terms(question: Question, sentence: str) -> float:
    """Return the share of a question's indicators that the sentence has under none of their names, 0 unless a number is asked."""
    if question.asked is not Asked.NUMBER:
        return 0.0
    terms = [
        c
        for c in question.concepts
        if c.is_thing and any(len(name) >= _TERM for name in (c.word, *c.alternatives) if c.alternatives)
    ]
    return sum(not term.stands_in(sentence) for term in terms) / len(terms) if terms else 0.0


def _wants_level(question: Question) -> bool:
    """Whether a percentage is asked for as it stands, not as a change."""
    return (
        question.asked is Asked.NUMBER
        and question.measure in (Measure.PERCENT, Measure.ANY)
        and _LEVEL_WANTED.search(question.folded) is not None
        and _CHANGE_WANTED.search(_REACHED.sub("到", question.folded)) is None
    )


def _period_name(period: Period) -> str:
    """Return a period as people write it, or ""."""
    if not period.known:
        return ""
    years = f"{period.first}年" if period.first == period.last else f"{period.first}—{period.last}年"
    return years + ("目标" if period.aim == TARGET else "")


_KINDS = {
    Asked.NUMBER: "具体数字",
    Asked.DATE: "具体时间",
    Asked.DURATION: "时长",
    Asked.PERSON: "是谁",
    Asked.PLACE: "具体地点",
    Asked.RANK: "位次",
}
_MEASURES = {
    Measure.PERCENT: "百分比",
    Measure.CHANGE: "增减幅度",
    Measure.MONEY: "金额",
    Measure.LENGTH: "长度",
    Measure.AREA: "面积",
    Measure.WEIGHT: "重量",
    Measure.POWER: "容量",
    Measure.DENSITY: "浓度",
    Measure.TIME: "时间",
    Measure.PEOPLE: "人数",
    Measure.HOUSEHOLDS: "户数",
    Measure.COUNT: "数量",
}


def _kind_name(question: Question) -> str:
    if question.asked is Asked.NUMBER:
        return _MEASURES.get(question.measure, _KINDS[Asked.NUMBER])
    return _KINDS[question.asked]
