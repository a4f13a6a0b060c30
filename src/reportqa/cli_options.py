"""What the commands share: their options, their exit codes, and how they open the index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reportqa import config
from reportqa.terminal import progress_bar

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

USERS_MISTAKE = 2
OUR_FAILURE = 1

index_option = click.option(
    "--index", "directory", type=click.Path(path_type=Path, file_okay=False), help="Directory of the index [index]."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
reader_option = click.option(
    "--reader", help="Second look at the first candidates: off, a CrossEncoder's name or path, openai:URL#model [off]."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(("plain", "official", "gbt7714", "markdown", "html")),
    help="Print each quote as a citation to be copied: in plain text, as in official documents, as a reference.",
)
top_k_option = click.option("-k", "--top-k", type=click.IntRange(1, 100), help="How many quotes.")


def narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that narrow a question to a place and a year."""
    command = click.option("--year", type=int, help="Only reports of this year.")(command)
    return click.option("--place", help="Only reports of this place, e.g. 聊城市.")(command)


def deciding(command: Callable[..., None]) -> Callable[..., None]:
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


def open_assistant(directory: Path | None, reader: str | None = None) -> ReportQA:
    """Open the index; the first time, where no index was named, build that of the sample report."""
    from reportqa.assistant import open_or_build_sample
    from reportqa.index import exists

    if directory is None and not exists(Path(str(config.get("INDEX")))):
        click.echo("首次使用：为自带的示例报告（2022年聊城市政府工作报告）建立索引。", err=True)
        with progress_bar("建立索引") as progress:
            return open_or_build_sample(None, progress=progress, reader=reader)
    return open_or_build_sample(directory, reader=reader)
