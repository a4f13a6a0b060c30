"""Sentences that Milvus found, as an index of excerpts: the ranking's own signs tell which reports to look in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportqa.index import SENTENCE, Index
from reportqa.indexing import units_of
from reportqa.lexical import BM25
from reportqa.periods import Period
from reportqa.questions import Question
from reportqa.retrieval import Sought, search
from reportqa.schema import Paragraph, Report, Sentence

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A sentence of a report, as Milvus keeps it to find the report by."""

    report_id: str
    version: str
    place: str
    year: int
    text: str
    vector: Floats
    """(dimension,)"""


def promising(question: Question, vector: Floats, part: Sought, found: Sequence[Excerpt]) -> list[str]:
    """Return the ids of the reports of some excerpts, that with the most promising sentence first.

    ``found``: in the order in which Milvus returns them, by which those reports go that are not ranked.
    """
    index = _index(found, len(vector))
    asked = {excerpt.year: part.asked.get(excerpt.year, Period()) for excerpt in found}
    hits = search(question, index, vector, Sought(asked, None)) if found else []
    ranked = (index.reports[hit.report].report_id for hit in hits)
    return list(dict.fromkeys((*ranked, *(excerpt.report_id for excerpt in found))))


def _index(found: Iterable[Excerpt], dimension: int) -> Index:
    """Return excerpts as an index, each of which is a paragraph of one sentence."""
    of_reports: dict[str, list[Excerpt]] = {}
    for excerpt in found:
        of_reports.setdefault(excerpt.report_id, []).append(excerpt)
    reports = [_report(own) for own in of_reports.values()]
    excerpts = [excerpt for own in of_reports.values() for excerpt in own]
    units: list[list[int]] = []
    for number, report in enumerate(reports):
        rows, _ = units_of(report, number, len(units))
        units += [row for row in rows if row[3] == SENTENCE]
    return Index(
        reports,
        np.array(units, dtype=np.int32).reshape(-1, 9),
        np.array([excerpt.vector for excerpt in excerpts], dtype=np.float32).reshape(-1, dimension),
        BM25.build([excerpt.text for excerpt in excerpts]),
        np.empty((0, 4), np.int32),
        np.empty((0, dimension), np.float32),
    )


def _report(excerpts: Sequence[Excerpt]) -> Report:
    paragraphs = []
    at = 0
    for number, excerpt in enumerate(excerpts, 1):
        end = at + len(excerpt.text)
        paragraphs.append(Paragraph(number, 1, at, end, [""], [Sentence(at, end)]))
        at = end + 1
    first = excerpts[0]
    return Report(
        report_id=first.report_id,
        title="",
        place=first.place,
        year=first.year,
        date="",
        meeting="",
        speaker="",
        text="\n".join(excerpt.text for excerpt in excerpts),
        sections=[],
        paragraphs=paragraphs,
        breaks_off="",
        source="",
        sha256="",
        offset_map=[(0, 0)],
    )
