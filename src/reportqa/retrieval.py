"""From a question to the sentences that may answer it, best first, each with the window of clauses that answers.

Candidates come from the vectors and from BM25.  Each candidate's windows (its clauses, pairs of neighbours, the whole
sentence) are scored by a weighted sum of a few signs, and a sentence is as good as its best window.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reportqa.errata import searchable
from reportqa.fitted import fitted
from reportqa.index import PARAGRAPH, Index
from reportqa.lexical import BM25
from reportqa.periods import Period, agreement, asked_of, may_tell
from reportqa.questions import About, Question
from reportqa.schema import Report
from reportqa.slots import holds_asked
from reportqa.text import fold

_DENSE_CANDIDATES = 160
_LEXICAL_CANDIDATES = 60
_SHORTLIST = 40
_FEW_REPORTS = 3
_OPENING_LINES = 6
LONGEST_MARK = 60
"""Characters of a marked answer."""
SIGNS = (
    "dense_window",
    "bm25_sentence",
    "words_window",
    "words_context",
    "period",
    "period_conflict",
    "asked",
    "no_announcement",
    "opening",
)
"""The signs that are weighed, in the order of a feature row."""

Floats = NDArray[np.float32]
_fold_cached = lru_cache(maxsize=100_000)(fold)


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence, by its number in the index, with its best window in the report's text."""

    report: int
    sentence: int
    start: int
    end: int
    score: float
    signs: Floats


@dataclass(frozen=True, slots=True)
class Candidates:
    """The windows of all candidate sentences: rows of the index's units, and their signs, (windows, signs)."""

    rows: NDArray[np.int64]
    signs: Floats


def weights() -> Floats:
    """Return the weight of each sign, as fitted by benchmarks/fit.py."""
    ranking = fitted()["ranking"]
    return np.array([ranking[name] for name in SIGNS], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Sought:
    """One part of a question: the period it asks for, by the year of a report, and the reports to look in."""

    asked: dict[int, Period]
    reports: tuple[int, ...] | None
    """None for all."""


def parts(question: Question, index: Index, reports: Sequence[int] | None = None) -> list[Sought]:
    """Return the parts of a question, one for each period that it asks for; most have one.

    ``reports`` narrows to those report numbers.  Of a single year those reports are looked in that should tell of it, all
    where none of them is there.
    """
    chosen = tuple(range(len(index.reports)) if reports is None else reports)
    years = [report.year for report in index.reports]
    found = []
    for asked in asked_of(question.folded, {years[n] for n in chosen}):
        telling = tuple(n for n in chosen if may_tell(years[n], asked[years[n]])) or chosen
        found.append(Sought(asked, telling if len(telling) < len(index.reports) else None))
    return found or [Sought({}, chosen)]


def search(question: Question, index: Index, vector: Floats, sought: Sought) -> list[Hit]:
    """Return the candidate sentences of one part of a question, best first, with their best windows."""
    return rank(candidates(question, index, vector, sought), index, weights())


def candidates(question: Question, index: Index, vector: Floats, sought: Sought) -> Candidates:
    """Gather the candidate sentences' windows and their signs; ``vector`` is the question's, of shape (dimension,)."""
    bm25 = _bm25_of(index, sought.reports)
    ideal = max(bm25.ideal(question.tokens), 1e-6)
    lexical = bm25.scores(question.tokens) / ideal
    numbers = _candidate_sentences(index, vector, lexical, sought.reports)
    rows = _windows(index, numbers)
    rows = rows[_shortlisted(index, rows, index.matrix[rows] @ vector, lexical)]
    if question.about_report:
        rows = np.union1d(rows, _openings(index, sought.reports))
    dense = index.matrix[rows] @ vector
    period = _period_sign(index, rows, sought.asked)
    return Candidates(rows, _signs(question, index, bm25, rows, dense, lexical, period))


def _bm25_of(index: Index, reports: Sequence[int] | None) -> BM25:
    """Return the lexical index; of few reports with words as rare as they are in these, as if they were alone."""
    if reports is None or len(reports) > _FEW_REPORTS:
        return index.bm25
    chosen = np.zeros(len(index.sentence_rows), dtype=bool)
    chosen[index.sentences_of(reports)] = True
    return index.bm25.within(chosen)


def rank(found: Candidates, index: Index, weight: NDArray[np.floating]) -> list[Hit]:
    """Order the sentences by their best window, and mark in each the best window short enough to be an answer."""
    scores = found.signs @ weight
    units = index.units[found.rows]
    short = units[:, 5] - units[:, 4] <= LONGEST_MARK
    best: dict[int, int] = {}
    marked: dict[int, int] = {}
    for at in np.argsort(-scores, kind="stable").tolist():
        sentence = int(units[at, 2])
        best.setdefault(sentence, at)
        if short[at]:
            marked.setdefault(sentence, at)
    hits = []
    for sentence, at in best.items():
        report, *_ = units[at]
        start, end = units[marked.get(sentence, at), 4:6]
        hits.append(Hit(int(report), sentence, int(start), int(end), float(scores[at]), found.signs[at]))
    return hits


def _candidate_sentences(
    index: Index, vector: Floats, lexical: Floats, reports: Sequence[int] | None
) -> NDArray[np.int64]:
    nearest = index.nearest(vector, _DENSE_CANDIDATES, reports)
    sentences = index.sentences_of(reports)
    near = index.units[nearest, 2]
    best = sentences[_largest(lexical[sentences], _LEXICAL_CANDIDATES)]
    return np.unique(np.concatenate([near[near >= 0], best[lexical[best] > 0]])).astype(np.int64)


def _largest(values: Floats, count: int) -> NDArray[np.int64]:
    """Return where the ``count`` largest values stand, in no order."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(-values, count)[:count]


def _openings(index: Index, reports: Sequence[int] | None) -> NDArray[np.int64]:
    """Return the rows of the reports' opening lines: title, date and congress, speaker."""
    sentences = index.sentences_of(reports)
    first = sentences[index.sentence_rows[sentences, 1] <= _OPENING_LINES]
    owners = index.sentence_rows[first, :2].tolist()
    opening = [not index.reports[report].paragraphs[number - 1].section for report, number in owners]
    return _windows(index, first[opening])


def _windows(index: Index, sentences: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of the sentences' windows, a sentence itself among them."""
    starts, ends = index.first_unit[sentences], index.first_unit[sentences + 1]
    lengths = ends - starts
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    rows = np.repeat(starts, lengths) + within
    return np.asarray(rows[index.units[rows, 3] != PARAGRAPH], dtype=np.int64)


def _shortlisted(index: Index, rows: NDArray[np.int64], dense: Floats, lexical: Floats) -> NDArray[np.bool_]:
    """Return which windows belong to the sentences that are best by vectors and BM25 alone."""
    sentences = index.units[rows, 2]
    rough = 10 * dense + 2.5 * lexical[sentences]
    ranked = sentences[np.argsort(-rough, kind="stable")]
    _, first = np.unique(ranked, return_index=True)
    return np.isin(sentences, ranked[np.sort(first)[:_SHORTLIST]])


_Spelling = tuple[str, float, tuple[str, ...]]
"""A spelling of a content word, what its presence is worth, and its pairs of characters where parts of it count."""
_Concepts = list[tuple[float, list[_Spelling]]]
"""The rarity of each content word, and its spellings."""


def _concepts_of(question: Question, bm25: BM25) -> _Concepts:
    found: _Concepts = []
    for concept in question.concepts:
        spellings = [(concept.word, 1.0), *((word, 0.95) for word in concept.alternatives)]
        rarity = min(bm25.rarity(concept.word), 6.0)
        found.append((rarity, [(word, worth, _pairs(word)) for word, worth in spellings]))
    return found


def _pairs(word: str) -> tuple[str, ...]:
    if len(word) < 3 or word.isascii():
        return ()
    return tuple(word[i : i + 2] for i in range(len(word) - 1))


def _match(concepts: _Concepts, folded: str) -> tuple[float, _Concepts]:
    """Return the rarity of the content words that a folded text has, and the spellings that it has something of.

    A spelling counts whole where it stands in the text, else by half for the share of its pairs that do.
    """
    total = 0.0
    present: _Concepts = []
    for rarity, spellings in concepts:
        best = 0.0
        here = []
        for spelling in spellings:
            word, worth, pairs = spelling
            if word in folded:
                value = worth
            elif pairs and (standing := [pair for pair in pairs if pair in folded]):
                value = 0.6 * worth * len(standing) / len(pairs)
            else:
                continue
            here.append(spelling)
            best = max(best, value)
        if here:
            total += rarity * best
            present.append((rarity, here))
    return total, present


@dataclass(frozen=True, slots=True)
class _SentenceSigns:
    context: float
    """The share of the question's words that the sentence has, with its topic, its paragraph's topic and its heading."""
    announces: bool
    """Whether it is a title or a topic sentence: it says what comes, not what is."""
    opening: float
    present: _Concepts
    """The question's words that it has something of."""


def _sentence_signs(
    question: Question, index: Index, sentence: int, concepts: _Concepts, total: float
) -> _SentenceSigns:
    row = index.sentence_rows[sentence]
    report = index.reports[int(row[0])]
    paragraph = report.paragraphs[int(row[1]) - 1]
    start, end = int(row[4]), int(row[5])
    folded = _fold_cached(searchable(report, start, end))
    inside = next(n for n, s in enumerate(paragraph.sentences) if s.start == start)
    topic = paragraph.sentences[inside].topic
    following = paragraph.sentences[inside + 1].topic if inside + 1 < len(paragraph.sentences) else ""
    lead = paragraph.sentences[1].topic if len(paragraph.sentences) > 1 else ""
    heading = paragraph.section[-1] if paragraph.section else ""
    _, present = _match(concepts, folded)
    context, _ = _match(concepts, "\n".join((folded, _fold_cached(topic), _fold_cached(lead), _fold_cached(heading))))
    announces = (bool(following) and report.text.startswith(following, start)) or folded.endswith("政府工作报告")
    if not paragraph.section and not question.about_report:
        announces |= not folded.endswith(("。", "!", "?"))  # a line of the title
    opening = 0.0 if paragraph.section else _opening_fact(question, report, report.text[start:end])
    return _SentenceSigns(context / total, announces, opening, present)


def _opening_fact(question: Question, report: Report, line: str) -> float:
    """Return 1 for the opening line that holds the fact asked about the report itself."""
    if question.about_report is About.DATE:
        return 1.0 if report.date and re.search(r"\d日", fold(line)) else 0.0
    value = getattr(report, question.about_report.value) if question.about_report else ""
    return 1.0 if value and fold(value) in fold(line) else 0.0


def _period_sign(index: Index, rows: NDArray[np.int64], asked: dict[int, Period]) -> Floats:
    """Return how well each window's period suits the one asked for."""
    years = [report.year for report in index.reports]
    known: dict[tuple[int, ...], float] = {}
    sign = np.zeros(len(rows), dtype=np.float32)
    for at, (report, first, last, aim) in enumerate(index.units[rows][:, [0, 6, 7, 8]].tolist()):
        key = (years[report], first, last, aim)
        if key not in known:
            known[key] = agreement(asked[years[report]], Period(first, last, aim))
        sign[at] = known[key]
    return sign


def _signs(
    question: Question,
    index: Index,
    bm25: BM25,
    rows: NDArray[np.int64],
    dense: Floats,
    lexical: Floats,
    period: Floats,
) -> Floats:
    units = index.units[rows]
    concepts = _concepts_of(question, bm25)
    total = sum(rarity for rarity, _ in concepts) or 1.0
    of_sentence: dict[int, _SentenceSigns] = {}
    read = []
    for number, _, sentence, _, start, end, *_ in units.tolist():
        if sentence not in of_sentence:
            of_sentence[sentence] = _sentence_signs(question, index, sentence, concepts, total)
        whole = of_sentence[sentence]
        folded = _fold_cached(searchable(index.reports[number], start, end))
        words, _ = _match(whole.present, folded)
        held = holds_asked(question, folded)
        read.append((words / total, whole.context, held, -1.0 if whole.announces else 0.0, whole.opening))
    words_window, words_context, asked, no_announcement, opening = np.array(read, dtype=np.float32).reshape(-1, 5).T
    columns = {
        "dense_window": 10 * (dense - 0.8),
        "bm25_sentence": lexical[units[:, 2]],
        "words_window": words_window,
        "words_context": words_context,
        "period": period,
        "period_conflict": np.where(period <= -1, -1.0, 0.0),
        "asked": asked,
        "no_announcement": no_announcement,
        "opening": opening,
    }
    return np.stack([columns[name] for name in SIGNS], axis=1).astype(np.float32)
