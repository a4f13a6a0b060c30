"""Answers as cards: the words that answer, large; under them the sentences they stand in, each with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportqa.conversation import Turn
from reportqa.formats import FORMATS, cited
from reportqa.language import Words
from reportqa.schema import Answer, Quote, Report
from reportqa.templating import render

OPEN_QUOTES = 3
NO_QUESTION = ("greeting", "opinion", "instruction")
"""Reasons of a refusal that is no finding about the reports."""
_SHOWN_SEARCHED = 3

Runs = list[tuple[str, bool]]
"""A text in pieces, each marked or not."""


@dataclass(frozen=True, slots=True)
class Card:
    """A quote as a card shows it."""

    quote: Quote
    runs: Runs
    context: Runs
    """Its paragraph, the sentence marked; empty where the sentence is all of it."""
    path: list[str]
    link: str
    """Relative to the chat's own address, so that it holds under any prefix."""
    copies: dict[str, str]
    """What is put on the clipboard, by the name of its format; 复制引文 is the plain one."""


def exchange_html(
    turn: Turn,
    words: Words,
    *,
    rewordings: Sequence[str] = (),
    examples: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
    reports: Mapping[str, Report] | None = None,
    address: str = "",
    rating: bool = False,
) -> str:
    """Return a question and what is said to it as HTML in which everything is escaped.

    A refusal offers ``rewordings``, or where there are none ``examples``, and names what was searched by its ``titles``.
    Quotes are copied with what their ``reports`` say of themselves, and linked to at the chat's ``address``.
    """

    def cards(quotes: Sequence[Quote], *, marks: bool = True) -> list[Card]:
        known = reports or {}
        return [_card(quote, words, known.get(quote.citation.report_id), address, marks=marks) for quote in quotes]

    answer = turn.answer
    parts = [(part, cards(part.quotes)) for part in answer.parts] if answer else []
    return render(
        "exchange.html",
        w=words,
        turn=turn,
        answer=answer,
        understood=answer.question if answer and answer.question.strip() != turn.asked else "",
        quotes=cards(answer.quotes) if answer else [],
        parts=parts,
        lead=answer.text.partition("\n")[0]
        if answer and parts and answer.text.partition("\n")[0].endswith("：")
        else "",
        part_quotes=[card for part, those in parts if part.found for card in those],
        nearest=cards(answer.nearest, marks=False) if answer else [],
        searched=_searched(answer, words, titles or {}) if answer else "",
        no_question=bool(answer and answer.reason in NO_QUESTION),
        rewordings=rewordings or examples,
        rewordings_are=words["rewordings"] if rewordings else words["try"],
        rating=rating,
        open_quotes=OPEN_QUOTES,
    )


def said(turn: Turn, words: Words) -> str:
    """Return what a screen reader announces of the answer: the direct answer and its place, or the refusal."""
    answer = turn.answer
    if answer is None:
        return turn.failure
    if not answer.found:
        return answer.text
    if answer.parts:
        given = [(part.label, part.quotes[0].marked if part.quotes else words["part_missing"]) for part in answer.parts]
        return "；".join(f"{label}：{told}" for label, told in given)
    if not answer.quotes:
        return words["unverified"]
    first = answer.quotes[0]
    return f"{words['answer']}：{first.marked or first.text}。{first.citation.label}"


def marked_runs(text: str, marks: Sequence[tuple[int, int]]) -> Runs:
    """Return ``text`` in pieces, those within ``marks`` marked; marks that overlap or lie outside are cut."""
    runs: Runs = []
    at = 0
    for start, end in sorted(marks):
        first, last = max(start, at), min(end, len(text))
        if first < last:
            runs += [(text[at:first], False), (text[first:last], True)]
            at = last
    return [(piece, is_marked) for piece, is_marked in [*runs, (text[at:], False)] if piece]


def place_of(quote: Quote, words: Words) -> list[str]:
    """Return the headings that a quote stands under, its topic sentence last."""
    citation = quote.citation
    return [*(citation.section or [words["opening"]]), *([citation.topic] if citation.topic else [])]


def report_named(report: Report, words: Words) -> str:
    """Return a report's title, and where its text breaks off."""
    ending = words["until"].format(report.breaks_off) if report.breaks_off else ""
    return f"《{report.title}》" + (f"（{ending}）" if ending else "")


def _card(quote: Quote, words: Words, report: Report | None, address: str, *, marks: bool) -> Card:
    at = quote.context.find(quote.text)
    within = [(at, at + len(quote.text))] if at >= 0 else []
    return Card(
        quote=quote,
        runs=marked_runs(quote.text, quote.highlights if marks else []),
        context=marked_runs(quote.context, within) if quote.context != quote.text else [],
        path=place_of(quote, words),
        link=quote.citation.url.lstrip("/"),
        copies={form: cited(quote, form, report, address) for form in FORMATS},
    )


def _searched(answer: Answer, words: Words, titles: Mapping[str, str]) -> str:
    """Return the names of the first reports that were searched in vain; of one alone the refusal itself speaks."""
    many = len(answer.searched)
    if many < 2 or answer.reason in NO_QUESTION:
        return ""
    named = "".join(f"《{titles.get(report_id, report_id)}》" for report_id in answer.searched[:_SHOWN_SEARCHED])
    return named + (words["searched_more"].format(many) if many > _SHOWN_SEARCHED else "")
