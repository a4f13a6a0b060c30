"""The commands that keep and serve the index: index, remove, eval, serve, token, doctor, mcp."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reportqa import config
from reportqa.cli_options import (
    OUR_FAILURE,
    Place,
    assistant_of,
    deciding,
    index_option,
    json_option,
    open_assistant,
    reader_option,
)
from reportqa.schema import ReportQAError
from reportqa.terminal import print_json, progress_bars

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@index_option
@click.option("--model", help="Embedding model: a sentence-transformers name or path [the bundled one].")
@click.option("--fresh", is_flag=True, help="Start over instead of adding to the index.")
@click.option("--place", default="", help="Whose reports these are, where their text does not say, e.g. 聊城市.")
@click.option("--year", default=0, help="Of which year these reports are, where their text does not say.")
def index(paths: tuple[Path, ...], kept_in: Place, model: str | None, fresh: bool, place: str, year: int) -> None:
    """Index reports (files or directories), adding to the index or replacing the same reports in it.

    \b
    Example:
      reportqa index 2022年聊城市政府工作报告.txt reports/
    """
    from reportqa import listing

    kind = assistant_of(kept_in)
    where = kept_in.where
    with progress_bars("读取文件", "建立索引") as (reading, progress):
        if kind.exists(where) and not fresh:
            qa = kind.open(where, model=model)
            new = qa.add(paths, place=place, year=year, progress=progress, reading=reading)
        else:
            qa = kind.build(paths, where, model=model, place=place, year=year, progress=progress, reading=reading)
            new = qa.reports()
    listing.print_reports(new)
    for sentence in qa.passed_over:
        click.echo(f"未收：{sentence}", err=True)
    _print_counts(qa, kept_in)


def _print_counts(qa: ReportQA, kept_in: Place) -> None:
    counts = qa.counts
    click.echo(f"索引“{kept_in}”：{counts.reports} 份报告，{counts.sentences} 个句子，{counts.vectors} 个向量。")


@click.command()
@click.argument("report_id")
@index_option
def remove(report_id: str, kept_in: Place) -> None:
    """Remove a report from the index.

    \b
    Example:
      reportqa remove 聊城市-2022
    """
    qa = assistant_of(kept_in).open(kept_in.where)
    qa.remove(report_id)
    _print_counts(qa, kept_in)


@click.command()
@click.argument("gold", type=click.Path(path_type=Path, file_okay=False))
@index_option
@click.option("--predictions", type=click.Path(path_type=Path, file_okay=False), help="Write the predictions here.")
@click.option("--floor", type=click.Path(path_type=Path, dir_okay=False), help="Fail below the figures in this file.")
@reader_option
@json_option
def eval(  # noqa: A001 - the command's name
    gold: Path,
    kept_in: Place,
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

    qa = open_assistant(kept_in, reader)
    results = evaluation.evaluate(qa, gold, predictions)
    if as_json:
        print_json(results)
    else:
        click.echo(evaluation.render(results))
    if floor and (missed := evaluation.below_floor(results, floor)):
        for sentence in missed:
            click.echo(sentence, err=True)
        sys.exit(OUR_FAILURE)


@click.command()
@index_option
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on [7860].")
@deciding
@reader_option
def serve(
    kept_in: Place,
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

    qa = open_assistant(kept_in, reader)
    api.serve(qa, host, int(config.get("PORT")) if port is None else port, policy)


@click.command()
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


@click.command()
@index_option
@deciding
@click.option("--portal", default="", help="Say what this portal would be allowed, e.g. https://portal.example.")
def doctor(
    kept_in: Place,
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
    policy = Policy.from_settings(origins=allow_origin, proxies=trusted_proxy, public=public)
    for finding in examination.examine(kept_in.where, policy, host or str(config.get("HOST")), portal):
        colour = {examination.GOOD: "green", examination.WATCH: "yellow", examination.BAD: "red"}.get(finding.state)
        click.echo(f"{click.style(finding.state, fg=colour)} {finding.about}\t{finding.sentence}")
        bad = bad or finding.state == examination.BAD
    if bad:
        sys.exit(OUR_FAILURE)


@click.command()
@index_option
def mcp(kept_in: Place) -> None:
    """Offer ask, search, locate, verify and indicators as tools (Model Context Protocol) over standard input and output.

    \b
    Example:
      reportqa mcp --index index
    """
    from reportqa.access import address_of
    from reportqa.following import Follower
    from reportqa.mcp import tools_of
    from reportqa.observing import log_to_stderr

    log_to_stderr(str(config.get("LOG_LEVEL")))
    qa = open_assistant(kept_in)
    with Follower(qa).following():
        tools_of(qa, address_of(str(config.get("PUBLIC_URL")))).run("stdio")


COMMANDS = (index, remove, eval, serve, token, doctor, mcp)
