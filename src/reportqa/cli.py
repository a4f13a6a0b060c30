"""The command line: every command prints its result to standard output and everything else to standard error."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reportqa import __version__, config
from reportqa.schema import Answer, Finding, Quote, ReportQAError

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_USERS_MISTAKE = 2
_OUR_FAILURE = 1
_SHOWN = 60
"""Characters of a candidate that are shown."""


class _Group(click.Group):
    """Shows a user's mistake, and a failure of ours, as one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReportQAError as error:
            click.echo(f"错误：{error}", err=True)
            ctx.exit(_USERS_MISTAKE)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            click.echo(
                f"程序出错（{type(error).__name__}: {error}），这是我们的问题；加 --debug 可看到详情。", err=True
            )
            ctx.exit(_OUR_FAILURE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version")
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
def main(debug: bool) -> None:  # noqa: ARG001 - what fails reads it
    """Ask Chinese government work reports a question; get the sentence that answers, word for word.

    \b
    Example:
      reportqa ask "2021年全市生产总值增长多少？"
    """
    if os.environ.get("NO_COLOR"):
        click.get_current_context().color = False


_index_option = click.option(
    "--index", "directory", type=click.Path(path_type=Path, file_okay=False), help="Directory of the index [index]."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_reader_option = click.option(
    "--reader", help="Second look at the first candidates: off, a CrossEncoder's name or path, openai:URL#model [off]."
)
_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(("plain", "official", "gbt7714", "markdown", "html")),
    help="Print each quote as a citation to be copied: in plain text, as in official documents, as a reference.",
)
_top_k_option = click.option("-k", "--top-k", type=click.IntRange(1, 100), help="How many quotes.")


def _narrowing(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--year", type=int, help="Only reports of this year.")(command)
    return click.option("--place", help="Only reports of this place, e.g. 聊城市.")(command)


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which an administrator decides who may come in; the settings say the rest."""
    for option in (
        click.option("--public", is_flag=True, help="Everyone who reaches the address may ask."),
        click.option(
            "--trusted-proxy", multiple=True, help="Address of a reverse proxy that says who asks; may be repeated."
        ),
        click.option(
            "--allow-origin", multiple=True, help="A portal that may frame the chat and call the API; may be repeated."
        ),
        click.option("--host", help="Address to listen on [127.0.0.1]."),
    ):
        command = option(command)
    return command


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error; yields the callback that moves it."""
    with _bars(label) as (move,):
        yield move


@contextmanager
def _bars(*labels: str) -> Iterator[list[Callable[[int, int], None]]]:
    """Show progress bars on standard error, each from its first step on; yields the callbacks that move them."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def moving(task: TaskID) -> Callable[[int, int], None]:
            return lambda done, total: bar.update(task, completed=done, total=total, visible=True)

        yield [moving(bar.add_task(label, total=None, visible=False)) for label in labels]


def _open(directory: Path | None, reader: str | None = None) -> ReportQA:
    """Open the index; the first time, where no index was named, build that of the sample report."""
    assistant = importlib.import_module("reportqa.assistant")
    from reportqa.index import exists

    if directory is None and not exists(Path(str(config.get("INDEX")))):
        click.echo("首次使用：为自带的示例报告（2022年聊城市政府工作报告）建立索引。", err=True)
        with _progress("建立索引") as progress:
            qa: ReportQA = assistant.open_or_build_sample(None, progress=progress, reader=reader)
    else:
        qa = assistant.open_or_build_sample(directory, reader=reader)
    return qa


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_index_option
@click.option("--model", help="Embedding model: a sentence-transformers name or path [the bundled one].")
@click.option("--fresh", is_flag=True, help="Start over instead of adding to the index.")
@click.option("--place", default="", help="Whose reports these are, where their text does not say, e.g. 聊城市.")
@click.option("--year", default=0, help="Of which year these reports are, where their text does not say.")
def index(
    paths: tuple[Path, ...], directory: Path | None, model: str | None, fresh: bool, place: str, year: int
) -> None:
    """Index reports (files or directories), adding to the index or replacing the same reports in it.

    \b
    Example:
      reportqa index 2022年聊城市政府工作报告.txt reports/
    """
    from reportqa import listing
    from reportqa.assistant import ReportQA
    from reportqa.index import exists

    directory = directory or Path(str(config.get("INDEX")))
    with _bars("读取文件", "建立索引") as (reading, progress):
        if exists(directory) and not fresh:
            qa = ReportQA.open(directory, model=model)
            new = qa.add(paths, place=place, year=year, progress=progress, reading=reading)
        else:
            qa = ReportQA.build(
                paths, directory, model=model, place=place, year=year, progress=progress, reading=reading
            )
            new = qa.reports()
    listing.print_reports(new)
    for sentence in qa.passed_over:
        click.echo(f"未收：{sentence}", err=True)
    _print_counts(qa, directory)


def _print_counts(qa: ReportQA, directory: Path) -> None:
    counts = qa.counts
    click.echo(f"索引“{directory}”：{counts.reports} 份报告，{counts.sentences} 个句子，{counts.vectors} 个向量。")


@main.command()
@click.argument("report_id")
@_index_option
def remove(report_id: str, directory: Path | None) -> None:
    """Remove a report from the index.

    \b
    Example:
      reportqa remove 聊城市-2022
    """
    from reportqa.assistant import ReportQA

    directory = directory or Path(str(config.get("INDEX")))
    qa = ReportQA.open(directory)
    qa.remove(report_id)
    _print_counts(qa, directory)


@main.command()
@click.argument("question")
@_index_option
@_narrowing
@_top_k_option
@_reader_option
@_json_option
@_format_option
def ask(
    question: str,
    directory: Path | None,
    place: str | None,
    year: int | None,
    top_k: int | None,
    reader: str | None,
    as_json: bool,
    form: str | None,
) -> None:
    """Answer a question in the report's own words.

    \b
    Example:
      reportqa ask "2021年全市生产总值增长多少？"
    """
    qa = _open(directory, reader)
    answer = qa.ask(question, top_k=top_k, place=place, year=year)
    if as_json:
        _print_json(answer.to_dict())
    elif form and answer.found:
        _print_cited(qa, answer.quotes, form)
    else:
        _print_answer(answer)


@main.command()
@click.argument("query")
@_index_option
@_narrowing
@_top_k_option
@_json_option
@click.option("--appendix", is_flag=True, help="Search the glossaries and annexes instead of the speeches.")
@_format_option
def search(
    query: str,
    directory: Path | None,
    place: str | None,
    year: int | None,
    top_k: int | None,
    as_json: bool,
    appendix: bool,
    form: str | None,
) -> None:
    """List the sentences nearest to some words.

    \b
    Example:
      reportqa search 高铁 -k 3
    """
    qa = _open(directory)
    quotes = qa.search(query, top_k=top_k or 10, place=place, year=year, appendices=appendix)
    if as_json:
        _print_json([quote.to_dict() for quote in quotes])
    elif form:
        _print_cited(qa, quotes, form)
    else:
        for number, quote in enumerate(quotes, 1):
            _print_quote(quote, number)


@main.command()
@click.argument("citation")
@_index_option
@click.option("--report", "reports", multiple=True, help="Only in this report, e.g. 聊城市-2022; may be repeated.")
@_json_option
@_format_option
def locate(citation: str, directory: Path | None, reports: tuple[str, ...], as_json: bool, form: str | None) -> None:
    """Show what a citation means: a section, a paragraph, a few words of a heading.

    \b
    Example:
      reportqa locate "三（一）第2段"
    """
    from reportqa.addresses import members

    qa = _open(directory)
    quotes = qa.locate(citation, reports or None)
    if as_json:
        _print_json([quote.to_dict() for quote in quotes])
        return
    if form:
        _print_cited(qa, quotes, form)
        return
    several = len(members(citation)) > 1
    if len(quotes) > 1 and not several:
        click.echo(f"有 {len(quotes)} 处，请写明是哪一处：", err=True)
    for quote in quotes:
        click.echo(click.style(f"{quote.citation.label}  {' › '.join(quote.citation.section) or '篇首'}", bold=True))
        click.echo(quote.text if several or len(quotes) == 1 else _beginning(quote.text))


@main.command()
@click.argument("draft", type=click.Path(path_type=Path, allow_dash=True))
@_index_option
@_json_option
@click.option("--check", is_flag=True, help="Exit with 1 where something is said against a quotation.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the draft with comments here (.docx)."
)
def verify(draft: Path, directory: Path | None, as_json: bool, check: bool, out: Path | None) -> None:
    """Check the quotations in a draft (.txt, .md, .docx, …, or - for standard input) against the reports.

    \b
    Examples:
      echo "全市生产总值增长8.5%" | reportqa verify -
      reportqa verify 讲话稿.docx --out 讲话稿-核验.docx
    """
    from reportqa import drafts, findings, reading
    from reportqa.decoding import decode

    if out is not None and not drafts.is_word(out.name):
        raise ReportQAError(f"核验稿只写成 Word 文件，请把 --out 写成 .docx 文件名，现在是“{out}”。")
    data = None
    if str(draft) == "-":
        text = decode(sys.stdin.buffer.read(), "标准输入")
    elif drafts.is_word(draft.name) and draft.is_file():
        data = draft.read_bytes()
        text = drafts.text_of(draft.name, data)
    else:
        text = reading.read(draft).text
    qa = _open(directory)
    with _progress("核验") as progress:
        found = qa.verify(text, progress)
    if out is not None:
        out.write_bytes(drafts.commented(text, found, draft.name, data))
    if as_json:
        _print_json([finding.to_dict() for finding in found])
    else:
        for finding in found:
            _print_finding(finding)
        counts = Counter(finding.verdict for finding in found)
        listed = "，".join(
            f"{name} {counts[verdict]}" for verdict, name in findings.VERDICTS.items() if counts[verdict]
        )
        click.echo(f"共 {len(found)} 处：{listed}。" if found else "没有可与报告对照的内容。", err=True)
    if check and any(findings.questionable(finding) for finding in found):
        sys.exit(_OUR_FAILURE)


@main.command()
@click.argument("indicator", required=False)
@_index_option
@click.option("--place", help="A place or a group of them, e.g. 山东省, 东北三省.")
@click.option("--period", help="A period, e.g. 2025, 2021—2025.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a .csv or .xlsx file.")
@_json_option
def indicators(
    indicator: str | None,
    directory: Path | None,
    place: str | None,
    period: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """List the figures that the reports state, each with its place in the report.

    \b
    Example:
      reportqa indicators 地区生产总值增长 --period 2022
    """
    from reportqa import figure_files

    writers = {".csv": figure_files.csv_of, ".xlsx": figure_files.excel_of}
    if output is not None and output.suffix.lower() not in writers:
        raise ReportQAError(f"不能写“{output.name}”，文件名应以 .csv 或 .xlsx 结尾。")
    rows = _open(directory).indicators(place, indicator, period)
    if output is not None:
        try:
            output.write_bytes(writers[output.suffix.lower()](rows))
        except OSError as error:
            raise ReportQAError(f"写不进“{output}”（{error.strerror}），请换一个可写的位置。") from None
        click.echo(f"已把 {len(rows)} 个数字写进“{output}”。", err=True)
    elif as_json:
        _print_json([row.to_dict() for row in rows])
    else:
        for row in rows:
            told = f"{row.place}  {row.period}  {figure_files.KINDS[row.kind]}  {row.indicator}  "
            click.echo(told + click.style(row.value, fg="green", bold=True))
            click.echo(click.style(f"   “{row.quote.marked}”——{row.quote.citation.label}", dim=True))
        if not rows:
            click.echo("所收报告里没有这样的数字；不加条件再运行一次，可看到全部指标。", err=True)


@main.command()
@click.argument("old")
@click.argument("new")
@_index_option
@click.option("--section", help="Only this section of the newer report, as people cite it, e.g. 一（一）.")
@_json_option
def compare(old: str, new: str, directory: Path | None, section: str | None, as_json: bool) -> None:
    """Show what changed in the wording from one report to another (their ids).

    \b
    Example:
      reportqa compare 全国-2024 全国-2025 --section 一
    """
    from reportqa.revisions import revisions

    qa = _open(directory)
    found = revisions(qa.report(old), qa.report(new), section)
    if as_json:
        _print_json(
            [{"before": r.before and r.before.to_dict(), "after": r.after and r.after.to_dict()} for r in found]
        )
        return
    for revision in found:
        for quote, name, colour in ((revision.before, "原", "red"), (revision.after, "新", "green")):
            if quote is not None and (revision.changed or quote is revision.after):
                click.echo(click.style(f"{name}  {quote.citation.label}", dim=True))
                click.echo(_marked(quote, colour) if revision.before and revision.after else quote.text)
        told = "（新增）" if revision.before is None else "（删去）" if revision.after is None else ""
        click.echo(told if told else "（未变）" if not revision.changed else "")
    changed = sum(revision.changed for revision in found)
    click.echo(f"共 {len(found)} 段，其中 {changed} 段有改动；改动的字词以【】标出。", err=True)


@main.command()
@click.argument("gold", type=click.Path(path_type=Path, file_okay=False))
@_index_option
@click.option("--predictions", type=click.Path(path_type=Path, file_okay=False), help="Write the predictions here.")
@click.option("--floor", type=click.Path(path_type=Path, dir_okay=False), help="Fail below the figures in this file.")
@_reader_option
@_json_option
def eval(  # noqa: A001 - the command's name
    gold: Path,
    directory: Path | None,
    predictions: Path | None,
    floor: Path | None,
    reader: str | None,
    as_json: bool,
) -> None:
    """Measure the answers to a directory of gold questions.

    \b
    Example:
      reportqa eval tests/gold
    """
    from reportqa import evaluation

    qa = _open(directory, reader)
    results = evaluation.evaluate(qa, gold, predictions)
    if as_json:
        _print_json(results)
    else:
        click.echo(evaluation.render(results))
    if floor and (missed := evaluation.below_floor(results, floor)):
        for sentence in missed:
            click.echo(sentence, err=True)
        sys.exit(_OUR_FAILURE)


@main.command()
@_index_option
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [7860].")
@_deciding
@_reader_option
def serve(
    directory: Path | None,
    host: str | None,
    port: int | None,
    allow_origin: tuple[str, ...],
    trusted_proxy: tuple[str, ...],
    public: bool,
    reader: str | None,
) -> None:
    """Serve the chat, the API and the tools for agents; by default to people at this machine only.

    \b
    Example:
      reportqa serve --port 8000
    """
    from reportqa.access import Policy

    policy = Policy.from_settings(origins=allow_origin, proxies=trusted_proxy, public=public)
    policy.check_address(host := host or str(config.get("HOST")))
    from reportqa import api

    qa = _open(directory, reader)
    api.serve(qa, host, int(config.get("PORT")) if port is None else port, policy)


@main.command()
@click.option("--name", default="", help="The portal's own name for the visitor, to count their questions by.")
@click.option("--new-secret", is_flag=True, help="Print a secret for REPORTQA_SECRET instead.")
@click.option("--key", help="Add an API key of this name to the file REPORTQA_KEYS and print it instead.")
@click.option("--administrator", is_flag=True, help="With --key: the administrator's.")
def token(name: str, new_secret: bool, key: str | None, administrator: bool) -> None:
    """Print what lets someone in: a visitor's token for the next 15 minutes, signed with REPORTQA_SECRET.

    \b
    Example:
      reportqa token --key portal-search
    """
    if new_secret:
        click.echo(secrets.token_urlsafe(32))
    elif key is not None:
        from reportqa.access import add_key

        path = str(config.get("KEYS"))
        if not path:
            raise ReportQAError("请先用 REPORTQA_KEYS 指定密钥文件，例如 REPORTQA_KEYS=keys.txt。")
        click.echo(add_key(Path(path), key, administrator=administrator))
        click.echo(f"已写入“{path}”（只存摘要，请现在抄下密钥）；重新启动服务后生效。", err=True)
    else:
        from reportqa.sessions import mint

        click.echo(mint(str(config.get("SECRET")), name))


@main.command()
@_index_option
@_deciding
@click.option("--portal", default="", help="Say what this portal would be allowed, e.g. https://portal.example.")
def doctor(
    directory: Path | None,
    host: str | None,
    allow_origin: tuple[str, ...],
    trusted_proxy: tuple[str, ...],
    public: bool,
    portal: str,
) -> None:
    """Examine models, index, addresses contacted, ways in and portals, as `serve` would have them with these options.

    Exits with 1 where something is bad.

    \b
    Example:
      reportqa doctor --portal https://portal.example
    """
    from reportqa import doctor as examination
    from reportqa.access import Policy

    bad = False
    where = directory or Path(str(config.get("INDEX")))
    policy = Policy.from_settings(origins=allow_origin, proxies=trusted_proxy, public=public)
    for finding in examination.examine(where, policy, host or str(config.get("HOST")), portal):
        colour = {examination.GOOD: "green", examination.WATCH: "yellow", examination.BAD: "red"}.get(finding.state)
        click.echo(f"{click.style(finding.state, fg=colour)} {finding.about}\t{finding.sentence}")
        bad = bad or finding.state == examination.BAD
    if bad:
        sys.exit(_OUR_FAILURE)


@main.command()
@_index_option
def mcp(directory: Path | None) -> None:
    """Offer ask, search, locate and verify as tools (Model Context Protocol) over standard input and output.

    \b
    Example:
      reportqa mcp --index index
    """
    from reportqa.access import address_of
    from reportqa.mcp import tools_of
    from reportqa.observing import log_to_stderr

    log_to_stderr(str(config.get("LOG_LEVEL")))
    tools_of(_open(directory), address_of(str(config.get("PUBLIC_URL")))).run("stdio")


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _marked(quote: Quote, colour: str = "") -> str:
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


def _print_quote(quote: Quote, number: int) -> None:
    click.echo(f"{number}. {_marked(quote)}")
    _print_errata(quote, "   ")
    headings = " › ".join(quote.citation.section) or "篇首"
    click.echo(click.style(f"   {quote.citation.label}  {headings}", dim=True))


def _print_cited(qa: ReportQA, quotes: list[Quote], form: str) -> None:
    """Print quotes as citations to be copied, with links where the program has a public address."""
    from reportqa.formats import cited

    address = str(config.get("PUBLIC_URL"))
    click.echo("\n\n".join(cited(quote, form, qa.report(quote.citation.report_id), address) for quote in quotes))


_COLOURS = {
    "exact": "green",
    "paraphrase": "cyan",
    "number_changed": "red",
    "word_changed": "red",
    "absent": "yellow",
}


def _print_finding(finding: Finding) -> None:
    from reportqa import findings

    name, colour = findings.VERDICTS[finding.verdict], _COLOURS[finding.verdict]
    click.echo(click.style(f"【{name}】", fg=colour, bold=True) + finding.claim)
    for line in findings.corrections(finding):
        click.echo(f"   {click.style(line, fg='red')}")
    for note in finding.notes:
        click.echo(f"   {findings.NOTES.get(note, note)}")
    if finding.quote is not None:
        click.echo(f"   原文：{_marked(finding.quote)}")
        _print_errata(finding.quote, "   ")
        click.echo(click.style(f"   ——{finding.quote.citation.label}", dim=True))


def _beginning(text: str) -> str:
    """Return a text's first words, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def _print_answer(answer: Answer) -> None:
    if not answer.found:
        click.echo(answer.text)
        if answer.nearest:
            click.echo("\n最接近的原文（不是答案）：")
        for number, quote in enumerate(answer.nearest, 1):
            _print_quote(quote, number)
        return
    if answer.parts:
        _print_parts(answer)
        return
    first, *others = answer.quotes
    click.echo(click.style(first.marked, fg="green", bold=True))
    click.echo("")
    click.echo(_marked(first))
    _print_errata(first)
    click.echo(click.style(f"——{first.citation.label}  {' › '.join(first.citation.section) or '篇首'}", dim=True))
    if first.context != first.text:
        click.echo(f"\n所在段落：\n{first.context}")
    if others:
        click.echo("\n其他相关原文：")
    for number, quote in enumerate(others, 2):
        _print_quote(quote, number)


def _print_parts(answer: Answer) -> None:
    for part in answer.parts:
        told = click.style(part.quotes[0].marked, fg="green", bold=True) if part.found else "所收文本中未见"
        click.echo(f"{part.label}：{told}")
    click.echo("\n原文依据：")
    for number, quote in enumerate((quote for part in answer.parts if part.found for quote in part.quotes), 1):
        _print_quote(quote, number)
