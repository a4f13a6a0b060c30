"""What the commands print for people: answers, quotes and findings in colour, and progress bars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from reportqa import config
from reportqa.schema import Answer, Finding, Quote

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_SHOWN = 60
"""Characters of a candidate that are shown."""
_COLOURS = {
    "exact": "green",
    "paraphrase": "cyan",
    "number_changed": "red",
    "word_changed": "red",
    "absent": "yellow",
}


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error; yields the callback that moves it."""
    with progress_bars(label) as (move,):
        yield move


@contextmanager
def progress_bars(*labels: str) -> Iterator[list[Callable[[int, int], None]]]:
    """Show progress bars on standard error, each from its first step on; yields the callbacks that move them."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def moving(task: TaskID) -> Callable[[int, int], None]:
            return lambda done, total: bar.update(task, completed=done, total=total, visible=True)

        yield [moving(bar.add_task(label, total=None, visible=False)) for label in labels]


def print_json(value: Any) -> None:
    """Print what programs read."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def marked(quote: Quote, colour: str = "") -> str:
    """Return a quote with what it marks in colour; in a named ``colour`` also in 【】, to be seen where colours are not."""
    pieces = []
    at = 0
    for start, end in quote.highlights:
        words = quote.text[start:end]
        pieces += [
            quote.text[at:start],
            click.style(f"【{words}】" if colour else words, fg=colour or "yellow", bold=True),
        ]
        at = end
    return "".join([*pieces, quote.text[at:]])


def _print_errata(quote: Quote, indent: str = "") -> None:
    """Say which of a quote's words are damaged in the report."""
    for start, end, word in quote.errata:
        click.echo(click.style(f"{indent}“{quote.text[start:end]}”：原文如此，疑为“{word}”", fg="yellow"))


def print_quote(quote: Quote, number: int) -> None:
    """Print a numbered quote, what answers in colour, with its place below."""
    click.echo(f"{number}. {marked(quote)}")
    _print_errata(quote, "   ")
    headings = " › ".join(quote.citation.section) or "篇首"
    click.echo(click.style(f"   {quote.citation.label}  {headings}", dim=True))


def print_cited(qa: ReportQA, quotes: list[Quote], form: str) -> None:
    """Print quotes as citations to be copied, with links where the program has a public address."""
    from reportqa.formats import cited

    address = str(config.get("PUBLIC_URL"))
    click.echo("\n\n".join(cited(quote, form, qa.report(quote.citation.report_id), address) for quote in quotes))


def print_finding(finding: Finding) -> None:
    """Print what was found of a claim: the verdict, what is altered, and the report's own words."""
    from reportqa import findings

    name, colour = findings.VERDICTS[finding.verdict], _COLOURS[finding.verdict]
    click.echo(click.style(f"【{name}】", fg=colour, bold=True) + finding.claim)
    for line in findings.corrections(finding):
        click.echo(f"   {click.style(line, fg='red')}")
    for note in finding.notes:
        click.echo(f"   {findings.NOTES.get(note, note)}")
    if finding.quote is not None:
        click.echo(f"   原文：{marked(finding.quote)}")
        _print_errata(finding.quote, "   ")
        click.echo(click.style(f"   ——{finding.quote.citation.label}", dim=True))


def beginning(text: str) -> str:
    """Return a text's first words, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def print_answer(answer: Answer) -> None:
    """Print an answer with its evidence, or a refusal with the nearest passages."""
    if not answer.found:
        click.echo(answer.text)
        if answer.nearest:
            click.echo("\n最接近的原文（不是答案）：")
        for number, quote in enumerate(answer.nearest, 1):
            print_quote(quote, number)
        return
    if answer.parts:
        _print_parts(answer)
        return
    first, *others = answer.quotes
    click.echo(click.style(first.marked, fg="green", bold=True))
    click.echo("")
    click.echo(marked(first))
    _print_errata(first)
    click.echo(click.style(f"——{first.citation.label}  {' › '.join(first.citation.section) or '篇首'}", dim=True))
    if first.context != first.text:
        click.echo(f"\n所在段落：\n{first.context}")
    if others:
        click.echo("\n其他相关原文：")
    for number, quote in enumerate(others, 2):
        print_quote(quote, number)


def _print_parts(answer: Answer) -> None:
    for part in answer.parts:
        told = click.style(part.quotes[0].marked, fg="green", bold=True) if part.found else "所收文本中未见"
        click.echo(f"{part.label}：{told}")
    click.echo("\n原文依据：")
    for number, quote in enumerate((quote for part in answer.parts if part.found for quote in part.quotes), 1):
        print_quote(quote, number)
