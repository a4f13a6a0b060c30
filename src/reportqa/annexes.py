"""Searching what stands behind the speeches: glossaries, lists of projects; apart from the speeches, and only on request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote as percent_encode

import numpy as np
from numpy.typing import NDArray

from reportqa.index import Index
from reportqa.lexical import grams
from reportqa.schema import Citation, Quote, Report

_WEIGHT_OF_WORDS = 0.3
"""Of the share of the query's words that a paragraph has, beside the cosine."""
_NUMBER = re.compile(r"附\s*[件录表]?\s*[\d一二三四五六七八九十]{0,3}\s*[.．、:：]?\s*(?=\S)")


def search(
    query: str, vector: NDArray[np.float32], index: Index, reports: Sequence[int] | None, top_k: int
) -> list[Quote]:
    """Return the paragraphs of appendices nearest to a query, best first.

    ``vector`` is the query's, of shape (dimension,); ``reports`` narrows to those report numbers.
    """
    rows = np.arange(len(index.annexed))
    if reports is not None:
        rows = rows[np.isin(index.annexed[:, 0], reports)]
    words = set(grams(query))
    found = []
    for row, cosine in zip(rows.tolist(), (index.annexed_matrix[rows] @ vector).tolist(), strict=True):
        number, appendix, start, end = index.annexed[row].tolist()
        text = index.reports[number].appendices[appendix - 1].text[start:end]
        share = len(words & set(grams(text))) / max(1, len(words))
        found.append((cosine + _WEIGHT_OF_WORDS * share, number, appendix, start, end))
    found.sort(key=lambda one: -one[0])
    return [
        _quote(index.reports[number], appendix, start, end, score)
        for score, number, appendix, start, end in found[:top_k]
    ]


def _quote(report: Report, number: int, start: int, end: int, score: float) -> Quote:
    appendix = report.appendices[number - 1]
    text = appendix.text[start:end]
    citation = Citation(
        report_id=report.report_id,
        title=report.title,
        place=report.place,
        year=report.year,
        section=[appendix.heading],
        topic="",
        paragraph=appendix.paragraphs.index((start, end)) + 1,
        start=start,
        end=end,
        url=f"/report/{percent_encode(report.report_id)}#a{number}",
        label=f"《{report.title}》附：{_NUMBER.sub('', appendix.heading, count=1)}",
        appendix=number,
    )
    return Quote(text, text, [], citation, score)
