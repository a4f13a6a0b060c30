"""A quotation as people put it into their own texts: plain, as in official documents, as a reference, Markdown, HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import escape
from urllib.parse import urlsplit

from reportqa.citation import section_label
from reportqa.schema import Quote, Report
from reportqa.text import printable

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&$!])")
_LINE_START = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)
_SINGLE = str.maketrans("“”", "‘’")


def cited(quote: Quote, form: str, report: Report | None = None, address: str = "", on: date | None = None) -> str:
    """Return a quotation in one of ``FORMATS``.

    ``report`` gives the speaker and the day, ``address`` (where the program is served, as others reach it) the link,
    ``on`` the day on which it was looked up, today where none is given.
    """
    link = _link(quote, address)
    return FORMATS[form](quote, report, link, on or date.today())


def in_markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _LINE_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", printable(text)))


def _link(quote: Quote, address: str) -> str:
    """Return the quote's full address, "" where the program has none that others can reach."""
    return address.rstrip("/") + quote.citation.url if urlsplit(address).scheme in ("http", "https") else ""


def _plain(quote: Quote, _report: Report | None, _link: str, _on: date) -> str:
    return f"{quote.text}\n——{quote.citation.label}"


def _official(quote: Quote, report: Report | None, _link: str, _on: date) -> str:
    """《报告》（日期）指出：“……”（一、（一）第1段）; quotation marks within become single ones, as GB/T 15834 has it."""
    day = _chinese_day(report.date) if report and report.date else ""
    said = quote.text.translate(_SINGLE)
    return f"《{quote.citation.title}》{f'（{day}）' if day else ''}指出：“{said}”（{_place(quote)}）"


def _reference(quote: Quote, report: Report | None, link: str, on: date) -> str:
    """A reference by GB/T 7714—2015: a report, [R], online [R/OL]; for pages, which there are none, the section."""
    citation = quote.citation
    author = report.speaker if report and report.speaker else _government(citation.place)
    day = report.date if report and report.date else str(citation.year)
    if link:
        return f"{author}. {citation.title}[R/OL]. ({day})[{on.isoformat()}]: {_place(quote)}. {link}."
    return f"{author}. {citation.title}[R]. [出版地不详]: [出版者不详], {day}: {_place(quote)}."


def _markdown(quote: Quote, _report: Report | None, link: str, _on: date) -> str:
    said = in_markdown(quote.text).replace("\n", "\n> ")
    label = in_markdown(quote.citation.label)
    return f"> {said}\n>\n> ——{f'[{label}](<{link}>)' if link else label}"


def _html(quote: Quote, _report: Report | None, link: str, _on: date) -> str:
    said = escape(quote.text).replace("\n", "<br>")
    label = escape(quote.citation.label)
    cite = f' cite="{escape(link)}"' if link else ""
    place = f'<a href="{escape(link)}">{label}</a>' if link else label
    return f"<blockquote{cite}><p>{said}</p><footer>——<cite>{place}</cite></footer></blockquote>"


FORMATS: dict[str, Callable[[Quote, Report | None, str, date], str]] = {
    "plain": _plain,
    "official": _official,
    "gbt7714": _reference,
    "markdown": _markdown,
    "html": _html,
}
"""By the name that a command takes."""


def _place(quote: Quote) -> str:
    """Return where a quote stands in its report, as its label says it: 一、（一）第1段."""
    _, _, behind = quote.citation.label.partition("》")
    return behind or section_label(quote.citation.section)


def _government(place: str) -> str:
    return "国务院" if place == "全国" else f"{place}人民政府"


def _chinese_day(iso: str) -> str:
    parts = [int(part) for part in iso.split("-")]
    return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
