"""How a place in a report is written: labels as people cite them, and addresses that open the page there."""

from __future__ import annotations

from urllib.parse import quote as percent_encode

from reportqa.parsing import section_number
from reportqa.schema import Citation, Paragraph, Report


def section_label(path: list[str]) -> str:
    """Return 一、（一） for a heading path, 一、 for a part, 篇首 for the opening lines."""
    part, bracket, rest = section_number(path).partition("（")
    return f"{part}、{bracket}{rest}" if path else part


def cite(report: Report, paragraph: Paragraph, start: int, end: int, topic: str = "") -> Citation:
    """Return the citation of ``report.text[start:end]``, which lies in ``paragraph``."""
    address = f"/report/{percent_encode(report.report_id)}?at={start}-{end}#p{paragraph.number}"
    label = f"《{report.title}》{section_label(paragraph.section)}第{paragraph.ordinal}段"
    return Citation(
        report_id=report.report_id,
        title=report.title,
        place=report.place,
        year=report.year,
        section=list(paragraph.section),
        topic=topic,
        paragraph=paragraph.number,
        start=start,
        end=end,
        url=address,
        label=label,
    )
