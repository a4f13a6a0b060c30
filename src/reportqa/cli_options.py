"""What the commands share: their options, their exit codes, and how they open the index."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reportqa import config
from reportqa.schema import ReportQAError
from reportqa.terminal import progress_bar

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

USERS_MISTAKE = 2
OUR_FAILURE = 1

DIRECTORY, MILVUS = "directory", "milvus"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reports are kept: in a directory, or at the address of a Milvus."""

    directory: Path
    named: bool
    """Whether the directory was named, or is the usual one."""
    uri: str = ""

    @classmethod
    def of(cls, directory: Path | None, store: str | None, uri: str | None) -> Place:
        """Return what options say, and settings where they do not.  Raises ReportQAError where it does not fit together."""
        place = cls(directory or Path(str(config.get("INDEX"))), directory is not None)
        store = store or (str(config.get("STORE")) if directory is None else DIRECTORY)
        if store == DIRECTORY:
            if uri:
                raise ReportQAError(f"--uri 是 Milvus 的地址，请同时写 --store milvus，现在的 --uri 是“{uri}”。")
            return place
        if store != MILVUS:
            raise ReportQAError(f"设置 REPORTQA_STORE 应是 directory 或 milvus，现在是“{store}”，请改正或删去。")
        if not (address := uri or str(config.get("URI"))):
            raise ReportQAError(
                "请用 --uri 或 REPORTQA_URI 给出要连接的 Milvus 地址，例如 http://10.0.0.5:19530 或 reports.db。"
            )
        return cls(place.directory, place.named, address)

    @property
    def where(self) -> str | Path:
        """The address or the directory, as an assistant of this kind opens it."""
        return self.uri or self.directory

    def __str__(self) -> str:
        return str(self.where)


def index_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where the reports are kept; the command takes them as ``kept_in``."""

    @functools.wraps(command)
    def placed(directory: Path | None, store: str | None, uri: str | None, **others: Any) -> None:
        command(kept_in=Place.of(directory, store, uri), **others)

    for option in (
        click.option("--uri", help="Address of the Milvus: http://host:19530, or a file of milvus-lite, reports.db."),
        click.option("--store", type=click.Choice((DIRECTORY, MILVUS)), help="What keeps the reports [directory]."),
        click.option(
            "--index",
            "directory",
            type=click.Path(path_type=Path, file_okay=False),
            help="Directory of the index [index].",
        ),
    ):
        placed = option(placed)
    return placed


def assistant_of(kept_in: Place) -> type[ReportQA]:
    """Return the kind of assistant that answers from there.  Raises ReportQAError where its libraries are missing."""
    if not kept_in.uri:
        from reportqa.assistant import ReportQA

        return ReportQA
    try:
        from reportqa.milvus import MilvusQA  # its library is installed where it is wanted
    except ImportError:
        raise ReportQAError("用 Milvus 要先安装它的客户端：pip install 'reportqa[milvus]'。") from None
    return MilvusQA


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


def open_assistant(kept_in: Place, reader: str | None = None) -> ReportQA:
    """Open the index; the first time, where no index was named, build that of the sample report."""
    kind = assistant_of(kept_in)
    if kept_in.uri:
        return kind.open(kept_in.uri, reader=reader)
    from reportqa.assistant import open_or_build_sample
    from reportqa.index import exists

    if not kept_in.named and not exists(kept_in.directory):
        click.echo("首次使用：为自带的示例报告（2022年聊城市政府工作报告）建立索引。", err=True)
        with progress_bar("建立索引") as progress:
            return open_or_build_sample(None, progress=progress, reader=reader)
    return open_or_build_sample(kept_in.directory, reader=reader)
