"""The commands that ask the index: ask, search, locate, verify, indicators, compare."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from reportqa.cli_options import (
    OUR_FAILURE,
    Place,
    format_option,
    index_option,
    json_option,
    narrowing,
    open_assistant,
    reader_option,
    top_k_option,
)
from reportqa.schema import ReportQAError, reason_of
from reportqa.terminal import (
    beginning,
    marked,
    print_answer,
    print_cited,
    print_finding,
    print_json,
    print_quote,
    progress_bar,
)


@click.command()
@click.argument("question")
@index_option
@narrowing
@top_k_option
@reader_option
@json_option
@format_option
def ask(
    question: str,
    kept_in: Place,
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
    qa = open_assistant(kept_in, reader)
    answer = qa.ask(question, top_k=top_k, place=place, year=year)
    if as_json:
        print_json(answer.to_dict())
    elif form and answer.found:
        print_cited(qa, answer.quotes, form)
    else:
        print_answer(answer)


@click.command()
@click.argument("query")
@index_option
@narrowing
@top_k_option
@json_option
@click.option("--appendix", is_flag=True, help="Search the glossaries and annexes instead of the speeches.")
@format_option
def search(
    query: str,
    kept_in: Place,
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
    qa = open_assistant(kept_in)
    quotes = qa.search(query, top_k=top_k or 10, place=place, year=year, appendices=appendix)
    if as_json:
        print_json([quote.to_dict() for quote in quotes])
    elif form:
        print_cited(qa, quotes, form)
    else:
        for number, quote in enumerate(quotes, 1):
            print_quote(quote, number)


@click.command()
@click.argument("citation")
@index_option
@click.option("--report", "reports", multiple=True, help="Only in this report, e.g. 聊城市-2022; may be repeated.")
@json_option
@format_option
def locate(citation: str, kept_in: Place, reports: tuple[str, ...], as_json: bool, form: str | None) -> None:
    """Show what a citation means: a section, a paragraph, a few words of a heading.

    \b
    Example:
      reportqa locate "三（一）第2段"
    """
    from reportqa.addresses import members

    qa = open_assistant(kept_in)
    quotes = qa.locate(citation, reports or None)
    if as_json:
        print_json([quote.to_dict() for quote in quotes])
        return
    if form:
        print_cited(qa, quotes, form)
        return
    several = len(members(citation)) > 1
    if len(quotes) > 1 and not several:
        click.echo(f"有 {len(quotes)} 处，请写明是哪一处：", err=True)
    for quote in quotes:
        click.echo(click.style(f"{quote.citation.label}  {' › '.join(quote.citation.section) or '篇首'}", bold=True))
        click.echo(quote.text if several or len(quotes) == 1 else beginning(quote.text))


@click.command()
@click.argument("draft", type=click.Path(path_type=Path, allow_dash=True))
@index_option
@json_option
@click.option("--check", is_flag=True, help="Exit with 1 where something is said against a quotation.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the draft with comments here (.docx)."
)
def verify(draft: Path, kept_in: Place, as_json: bool, check: bool, out: Path | None) -> None:
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
        data = reading.bytes_of(draft)
        text = drafts.text_of(draft.name, data)
    else:
        text = reading.read(draft).text
    qa = open_assistant(kept_in)
    with progress_bar("核验") as progress:
        found = qa.verify(text, progress)
    if out is not None:
        try:
            out.write_bytes(drafts.commented(text, found, draft.name, data))
        except OSError as error:
            raise ReportQAError(f"写不了“{out}”（{reason_of(error)}），请换一个 --out 路径。") from None
    if as_json:
        print_json([finding.to_dict() for finding in found])
    else:
        for finding in found:
            print_finding(finding)
        counts = Counter(finding.verdict for finding in found)
        listed = "，".join(
            f"{name} {counts[verdict]}" for verdict, name in findings.VERDICTS.items() if counts[verdict]
        )
        click.echo(f"共 {len(found)} 处：{listed}。" if found else "没有可与报告对照的内容。", err=True)
    if check and any(findings.questionable(finding) for finding in found):
        sys.exit(OUR_FAILURE)


@click.command()
@click.argument("indicator", required=False)
@index_option
@click.option("--place", help="A place or a group of them, e.g. 山东省, 东北三省.")
@click.option("--period", help="A period, e.g. 2025, 2021—2025.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a .csv or .xlsx file.")
@json_option
def indicators(
    indicator: str | None,
    kept_in: Place,
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
    rows = open_assistant(kept_in).indicators(place, indicator, period)
    if output is not None:
        try:
            output.write_bytes(writers[output.suffix.lower()](rows))
        except OSError as error:
            raise ReportQAError(f"写不进“{output}”（{reason_of(error)}），请换一个可写的位置。") from None
        click.echo(f"已把 {len(rows)} 个数字写进“{output}”。", err=True)
    elif as_json:
        print_json([row.to_dict() for row in rows])
    else:
        for row in rows:
            told = f"{row.place}  {row.period}  {figure_files.KINDS[row.kind]}  {row.indicator}  "
            click.echo(told + click.style(row.value, fg="green", bold=True))
            click.echo(click.style(f"   “{row.quote.marked}”——{row.quote.citation.label}", dim=True))
        if not rows:
            click.echo("所收报告里没有这样的数字；不加条件再运行一次，可看到全部指标。", err=True)


@click.command()
@click.argument("old")
@click.argument("new")
@index_option
@click.option("--section", help="Only this section of the newer report, as people cite it, e.g. 一（一）.")
@json_option
def compare(old: str, new: str, kept_in: Place, section: str | None, as_json: bool) -> None:
    """Show what changed in the wording from one report to another (their ids).

    \b
    Example:
      reportqa compare 全国-2024 全国-2025 --section 一
    """
    from reportqa.revisions import revisions

    qa = open_assistant(kept_in)
    found = revisions(qa.report(old), qa.report(new), section)
    if as_json:
        print_json([{"before": r.before and r.before.to_dict(), "after": r.after and r.after.to_dict()} for r in found])
        return
    for revision in found:
        for quote, name, colour in ((revision.before, "原", "red"), (revision.after, "新", "green")):
            if quote is not None and (revision.changed or quote is revision.after):
                click.echo(click.style(f"{name}  {quote.citation.label}", dim=True))
                click.echo(marked(quote, colour) if revision.before and revision.after else quote.text)
        told = "（新增）" if revision.before is None else "（删去）" if revision.after is None else ""
        click.echo(told if told else "（未变）" if not revision.changed else "")
    changed = sum(revision.changed for revision in found)
    click.echo(f"共 {len(found)} 段，其中 {changed} 段有改动；改动的字词以【】标出。", err=True)


COMMANDS = (ask, search, locate, verify, indicators, compare)
