"""The table of what was read, for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reportqa.schema import Report

_WIDTH = 200
"""Columns where standard output is no terminal."""


def print_reports(reports: Sequence[Report]) -> None:
    """Print a row for each report to standard output."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("编号", "文件", "地区"):
        table.add_column(name, overflow="fold")
    for name in ("年份", "种类"):
        table.add_column(name, no_wrap=True)
    for name in ("章节", "段落", "字数", "附录"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("止于", overflow="fold")
    for report in reports:
        counts = (len(report.sections), len(report.paragraphs), len(report.text), len(report.appendices))
        row = [report.report_id, report.source, report.place, str(report.year), report.kind]
        table.add_row(*map(Text, [*row, *map(str, counts), report.breaks_off and f"{report.breaks_off}（不全）"]))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)
