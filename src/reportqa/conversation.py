"""A conversation as the browser keeps it: questions, and answers as places in the reports, checked whenever they are shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from reportqa.citation import cite
from reportqa.schema import Answer, Part, Quote, Report

LONGEST = 30
"""Exchanges that are kept."""
_MOST_QUOTES, _MOST_PARTS, _LONGEST_WORDS, _LONGEST_TEXT = 400, 400, 5_000, 50_000
"""Of an answer; one across all places has a part for each."""
Words = Annotated[str, Field(max_length=_LONGEST_WORDS)]


class _SavedQuote(BaseModel):
    """A quote as it is kept: where it stands, and its words, which must still stand there."""

    report_id: Words
    start: int
    end: int
    text: Words
    highlights: Annotated[list[tuple[int, int]], Field(max_length=50)] = []


_Quotes = Annotated[list[_SavedQuote], Field(max_length=_MOST_QUOTES)]


class _SavedPart(BaseModel):
    label: Words
    found: bool
    quotes: _Quotes = []


class _SavedAnswer(BaseModel):
    question: Words
    found: bool
    confidence: float = 0.0
    text: Annotated[str, Field(max_length=_LONGEST_TEXT)] = ""
    quotes: _Quotes = []
    parts: Annotated[list[_SavedPart], Field(max_length=_MOST_PARTS)] = []
    reason: Words = ""
    missing: Words = ""
    nearest: _Quotes = []
    searched: Annotated[list[Words], Field(max_length=1000)] = []


class _SavedTurn(BaseModel):
    asked: Words
    at: Words = ""
    place: Words = ""
    year: int = 0
    answer: _SavedAnswer | None = None
    failure: Words = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with what was said to it: an answer whose quotes were checked, or the sentence of a failure."""

    asked: str
    answer: Answer | None
    failure: str = ""
    place: str = ""
    """What the question was narrowed to, "" for all places."""
    year: int = 0
    at: str = ""
    """When it was asked, in ISO 8601."""

    @property
    def scope(self) -> str:
        """What the question was narrowed to, as it is shown: 聊城市 2022年, or ""."""
        return scope_named(self.place, self.year)


def scope_named(place: str, year: int) -> str:
    """Return a place and a year, either of which may be none, as they are shown."""
    return " ".join(filter(None, [place, f"{year}年" if year else ""]))


def now() -> str:
    """Return the local time to the second, with its zone, in ISO 8601."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def saved(turn: Turn) -> dict[str, Any]:
    """Return the turn as the browser keeps it: quotes as places and words, nothing that the reports can give again."""
    answer = turn.answer
    kept = None
    if answer is not None:
        kept = {
            "question": answer.question,
            "found": answer.found,
            "confidence": answer.confidence,
            "text": answer.text[:_LONGEST_TEXT],
            "quotes": _places(answer.quotes[:_MOST_QUOTES]),
            "parts": [
                {"label": p.label, "found": p.found, "quotes": _places(p.quotes)} for p in answer.parts[:_MOST_PARTS]
            ],
            "reason": answer.reason,
            "missing": answer.missing[:_LONGEST_WORDS],
            "nearest": _places(answer.nearest),
            "searched": answer.searched[:100],
        }
    return {
        "asked": turn.asked,
        "at": turn.at,
        "place": turn.place,
        "year": turn.year,
        "answer": kept,
        "failure": turn.failure,
    }


def restored(kept: object, reports: Mapping[str, Report]) -> list[Turn]:
    """Return the turns that a browser kept, less what no report says any more and what is of another shape."""
    turns = []
    for item in kept[-LONGEST:] if isinstance(kept, list) else []:
        try:
            data = _SavedTurn.model_validate(item)
        except ValidationError:
            continue
        answer = None
        if data.answer is not None:
            fields = data.answer
            parts = [Part(part.label, part.found, _quotes(part.quotes, reports)) for part in fields.parts]
            answer = Answer(
                question=fields.question,
                found=fields.found,
                confidence=fields.confidence,
                text=fields.text,
                quotes=_quotes(fields.quotes, reports),
                parts=parts,
                reason=fields.reason,
                missing=fields.missing,
                nearest=_quotes(fields.nearest, reports),
                searched=list(fields.searched),
            )
        turns.append(Turn(data.asked, answer, data.failure, data.place, data.year, data.at))
    return turns


def verified(answer: Answer, reports: Mapping[str, Report]) -> Answer:
    """Return the answer less every quote that is not, byte for byte, what its report says at its place; log those."""
    return replace(
        answer,
        quotes=_verbatim(answer.quotes, reports),
        parts=[replace(part, quotes=_verbatim(part.quotes, reports)) for part in answer.parts],
        nearest=_verbatim(answer.nearest, reports),
    )


def _verbatim(quotes: Sequence[Quote], reports: Mapping[str, Report]) -> list[Quote]:
    kept = []
    for quote in quotes:
        citation = quote.citation
        report = reports.get(citation.report_id)
        if report is not None and _stands_at(report, citation.start, citation.end, quote.text):
            kept.append(quote)
        else:
            place = f"{citation.report_id}[{citation.start}:{citation.end}]"
            logging.getLogger(__name__).error("a quote failed its byte check and is not shown: %s", place)
    return kept


def _stands_at(report: Report, start: int, end: int, words: str) -> bool:
    return 0 <= start < end <= len(report.text) and report.text[start:end] == words


def _places(quotes: Sequence[Quote]) -> list[dict[str, Any]]:
    return [
        {
            "report_id": quote.citation.report_id,
            "start": quote.citation.start,
            "end": quote.citation.end,
            "text": quote.text,
            "highlights": [list(mark) for mark in quote.highlights],
        }
        for quote in quotes
    ]


def _quotes(kept: Sequence[_SavedQuote], reports: Mapping[str, Report]) -> list[Quote]:
    """Build the quotes anew from the reports; leave out those whose words stand there no more."""
    quotes = []
    for place in kept:
        report = reports.get(place.report_id)
        if report is None or not _stands_at(report, place.start, place.end, place.text):
            continue
        paragraph = next((p for p in report.paragraphs if p.start <= place.start and place.end <= p.end), None)
        if paragraph is None:
            continue
        topic = next((s.topic for s in paragraph.sentences if s.start <= place.start < s.end), "")
        quotes.append(
            Quote(
                text=place.text,
                context=report.text[paragraph.start : paragraph.end],
                highlights=[(a, b) for a, b in place.highlights if 0 <= a < b <= len(place.text)],
                citation=cite(report, paragraph, place.start, place.end, topic),
            )
        )
    return quotes
