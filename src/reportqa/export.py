"""A conversation as a document: Markdown and Word, every quote with its citation and address."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from reportqa.cards import Runs, marked_runs, place_of
from reportqa.conversation import Turn, now
from reportqa.formats import in_markdown
from reportqa.language import Words
from reportqa.schema import Quote
from reportqa.text import printable


@dataclass(frozen=True, slots=True)
class _Line:
    """One paragraph of the record, whatever it is written in."""

    kind: str
    """heading, direct, plain, quote, label or soft."""
    runs: Runs
    address: str = ""


def markdown(turns: Sequence[Turn], words: Words, address: str) -> str:
    """Return a conversation as Markdown; links begin with ``address``, where the program is served."""
    parts = [f"# {words['record']}", f"{words['exported']}：{now()}"]
    for number, turn in enumerate(turns, 1):
        for line in _lines(turn, words, address):
            text = "".join(f"**{in_markdown(piece)}**" if marked else in_markdown(piece) for piece, marked in line.runs)
            if line.kind == "heading":
                parts.append(f"## {number}. {text}")
            elif line.kind == "direct":
                parts.append(f"**{text}**")
            elif line.kind == "label":
                parts.append(f"### {text}")
            elif line.kind == "quote":
                quoted = text.replace("\n", "\n> ")
                parts.append(f"> {quoted}")
            elif line.address:
                parts.append(f"——[{text}](<{line.address}>)")
            else:
                parts.append(text)
    return "\n\n".join(parts) + "\n"


def word(turns: Sequence[Turn], words: Words, address: str) -> bytes:
    """Return a conversation as a Word document; links begin with ``address``, where the program is served."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.8)
    document.core_properties.title = words["record"]
    document.core_properties.author = ""
    document.core_properties.language = words.language
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3", "Quote", "Title"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        fonts.set(qn("w:eastAsia"), "宋体" if name in ("Normal", "Quote") else "黑体")
        fonts.set(qn("w:ascii"), "Times New Roman")
        fonts.set(qn("w:hAnsi"), "Times New Roman")
    document.styles["Normal"].font.size = Pt(12)
    document.styles["Quote"].font.italic = False
    document.styles["Quote"].font.color.rgb = RGBColor(0x20, 0x20, 0x20)
    document.add_paragraph(words["record"], style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(f"{words['exported']}：{now()}")
    styles = {"heading": "Heading 1", "label": "Heading 2", "quote": "Quote"}
    for number, turn in enumerate(turns, 1):
        for line in _lines(turn, words, address):
            paragraph = document.add_paragraph(style=styles.get(line.kind, "Normal"))
            if line.kind == "heading":
                paragraph.add_run(f"{number}. ")
            for piece, marked in line.runs:
                if line.address:
                    _add_link(paragraph, printable(f"——{piece}"), line.address)
                    continue
                run = paragraph.add_run(printable(piece))
                run.bold = True if marked or line.kind == "direct" else None
                if line.kind == "direct":
                    run.font.size = Pt(15)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _lines(turn: Turn, words: Words, address: str) -> Iterator[_Line]:
    """Yield the record of one exchange, line by line."""
    answer = turn.answer
    yield _Line("heading", [(turn.asked, False)])
    notes = [f"{words['within']}：{turn.scope}" if turn.scope else "", turn.at.replace("T", " ")]
    if answer is not None and answer.question.strip() != turn.asked:
        notes.insert(0, f"{words['understood']}：{answer.question}")
    if any(notes):
        yield _Line("soft", [("　".join(filter(None, notes)), False)])
    if answer is None:
        yield _Line("plain", [(turn.failure, False)])
    elif not answer.found:
        yield _Line("plain", [(answer.text, False)])
        if answer.nearest:
            yield _Line("label", [(words["nearest"], False)])
        for quote in answer.nearest:
            yield from _quoted(quote, words, address, marks=False)
    elif answer.parts:
        for part in answer.parts:
            yield _Line("label", [(part.label, False)])
            if not part.found or not part.quotes:
                yield _Line("plain", [(words["part_missing"], False)])
            for quote in part.quotes:
                yield from _quoted(quote, words, address, marks=True)
    else:
        for number, quote in enumerate(answer.quotes):
            if number == 0:
                yield _Line("direct", [(quote.marked or quote.text, False)])
            yield from _quoted(quote, words, address, marks=True)
        if not answer.quotes:
            yield _Line("plain", [(words["unverified"], False)])


def _quoted(quote: Quote, words: Words, address: str, *, marks: bool) -> Iterator[_Line]:
    yield _Line("quote", marked_runs(quote.text, quote.highlights if marks else []))
    label = f"{quote.citation.label}　{' › '.join(place_of(quote, words))}"
    yield _Line("soft", [(label, False)], address.rstrip("/") + quote.citation.url if address else "")


def _add_link(paragraph: Paragraph, text: str, address: str) -> None:
    """Add a hyperlink, for which python-docx has no call of its own."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(text)
    run.font.color.rgb = RGBColor(0x16, 0x50, 0x8F)
    run.font.size = Pt(10.5)
    link.append(run._r)
    paragraph._p.append(link)
