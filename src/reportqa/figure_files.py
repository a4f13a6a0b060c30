"""Rows of indicators as files: CSV that Excel opens with its Chinese intact, and an Excel workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from reportqa.schema import IndicatorRow
from reportqa.text import printable

HEADINGS = ("指标", "地方", "时期", "实际或目标", "原文数值", "数字", "上限", "限定", "单位", "出处", "原文", "链接")
KINDS = {"actual": "实际", "target": "目标"}
CSV = "text/csv"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula."""
_WIDTHS = (26, 12, 12, 10, 18, 12, 8, 10, 8, 40, 60, 40)


def csv_of(rows: Iterable[IndicatorRow], address: str = "") -> bytes:
    """Return rows as CSV in UTF-8 with the mark by which Excel knows it; ``address``, of the chat, begins the links."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(_cells(rows, address))
    return text.getvalue().encode("utf-8-sig")


def excel_of(rows: Iterable[IndicatorRow], address: str = "") -> bytes:
    """Return rows as an Excel workbook; numbers are numbers, everything else is text and never a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "指标"
    sheet.append(list(HEADINGS))
    for cells in _cells(rows, address):
        sheet.append(list(cells))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        line[HEADINGS.index("原文")].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(rows: Iterable[IndicatorRow], address: str) -> Iterator[Sequence[str | float | None]]:
    for row in rows:
        quote = row.quote
        link = address.removesuffix("/") + quote.citation.url
        texts = (row.indicator, row.place, row.period, KINDS[row.kind], row.value)
        more = (row.bound, row.unit, quote.citation.label, quote.text, link)
        yield (*map(_harmless, texts), row.number, row.upper, *map(_harmless, more))


def _harmless(text: str) -> str:
    """Return a text that any spreadsheet can hold, and that none takes for a formula."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
