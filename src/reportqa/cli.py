"""The command line: every command prints its result to standard output and everything else to standard error."""

from __future__ import annotations

import os
from typing import Any

import click

from reportqa import __version__, cli_asking, cli_keeping
from reportqa.cli_options import OUR_FAILURE, USERS_MISTAKE
from reportqa.schema import ReportQAError


class _Group(click.Group):
    """Shows a user's mistake, and a failure of ours, as one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReportQAError as error:
            click.echo(f"错误：{error}", err=True)
            ctx.exit(USERS_MISTAKE)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            click.echo(
                f"程序出错（{type(error).__name__}: {error}），这是我们的问题；加 --debug 可看到详情。", err=True
            )
            ctx.exit(OUR_FAILURE)


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


for _command in (*cli_asking.COMMANDS, *cli_keeping.COMMANDS):
    main.add_command(_command)
