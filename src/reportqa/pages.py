"""The source page: a whole report as it is read, every paragraph with its address, the cited words marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote as percent_encode

from reportqa import __version__
from reportqa.cards import Runs, marked_runs
from reportqa.language import Words
from reportqa.schema import Paragraph, Report, Section
from reportqa.templating import dark_when, render

_SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_SHORT = 60
_FINAL = "。！？!?，,；;：:"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or a paragraph of the page."""

    heading: Section | None
    paragraph: Paragraph | None
    runs: Runs
    anchor: str
    centred: bool = False
    """A line of the opening, as it stands under a title."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents, with those below it."""

    heading: str
    anchor: str
    below: list[Entry]


def report_page(report: Report, at: str, words: Words, *, pane: bool = False, theme: str = "") -> str:
    """Return a report as a page; ``at``, "START-END", is marked where it lies within the text.

    ``pane``: without the bar that leads back to the chat, for the pane beside the conversation.  ``theme``: light, dark,
    or by default the visitor's own.
    """
    mark = _span(at, len(report.text))
    return render(
        "report.html",
        w=words,
        version=__version__,
        report=report,
        blocks=_blocks(report, mark),
        contents=_contents(report),
        pane=pane,
        dark=dark_when(theme),
        marked=mark is not None,
    )


def error_page(sentence: str, words: Words, up: str = "../") -> str:
    """Return a page that says, in one sentence, what is wrong; ``up`` leads from its address to the chat's."""
    return render("error.html", w=words, version=__version__, sentence=sentence, up=up)


def page_of(report_id: str) -> str:
    """Return the address of a report's page, relative to the chat's, so that it holds under any prefix."""
    return "report/" + percent_encode(report_id, safe="")


def _span(at: str, length: int) -> tuple[int, int] | None:
    found = _SPAN.fullmatch(at)
    if not found:
        return None
    start, end = int(found[1]), int(found[2])
    return (start, end) if start < end <= length else None


def _blocks(report: Report, mark: tuple[int, int] | None) -> list[Block]:
    """Return the report in the order of its text: every character but the line breaks, once."""
    headings = list(enumerate(report.sections, 1))
    blocks: list[Block] = []

    def runs(start: int, end: int) -> Runs:
        marks = [(mark[0] - start, mark[1] - start)] if mark else []
        return marked_runs(report.text[start:end], marks)

    def put_headings(before: int) -> int:
        """Put the headings that begin before an offset; return where the last of them ends, with its final mark."""
        reached = 0
        while headings and headings[0][1].start < before:
            number, section = headings.pop(0)
            reached = section.end + (report.text[section.end : section.end + 1] == "。")
            blocks.append(Block(section, None, runs(section.start, reached), f"s{number}"))
        return reached

    for paragraph in report.paragraphs:
        start = max(paragraph.start, put_headings(max(paragraph.start + 1, _first_sentence(paragraph))))
        text = report.text[start : paragraph.end]
        centred = not paragraph.section and len(text) < _SHORT and text[-1:] not in _FINAL
        blocks.append(Block(None, paragraph, runs(start, paragraph.end), f"p{paragraph.number}", centred))
    put_headings(len(report.text))
    return blocks


def _first_sentence(paragraph: Paragraph) -> int:
    return paragraph.sentences[0].start if paragraph.sentences else paragraph.end


def _contents(report: Report) -> list[Entry]:
    tree: list[Entry] = []
    for number, section in enumerate(report.sections, 1):
        entry = Entry(section.heading, f"s{number}", [])
        (tree if section.level == 1 or not tree else tree[-1].below).append(entry)
    return tree
