"""From a Markdown file to its text: the words as they are seen, a line for each of the file's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = ("softbreak", "hardbreak")


def text_of(source: str) -> str:
    """Return the text of a Markdown file without its marks: a line for each line of a paragraph and each row of a table.

    Numbers of lists are kept; bullets, emphasis, addresses of links, pictures and HTML are not.
    """
    from markdown_it import MarkdownIt  # 0.1 s, which no other kind of file needs

    parser = MarkdownIt("commonmark").enable("table").disable(["code", "lheading", "entity", "html_inline"])
    return "".join(f"{line}\n" for line in _lines(parser.parse(source)))


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    number = ""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "list_item_open":
            number = f"{token.info}{token.markup}" if token.info else ""
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield "\t".join(row)
            row = None
        elif token.type == "inline":
            words = _words(token.children or [])
            if row is None:
                yield from f"{number}{words}".split("\n")
                number = ""
            else:
                row.append(words)
        elif token.type == "fence":
            yield from token.content.splitlines()


def _words(tokens: Sequence[Token]) -> str:
    """Return the words of a paragraph, lines of it broken as the file's are."""
    pieces = ("\n" if token.type in _BREAKS else token.content if token.type != "image" else "" for token in tokens)
    return "".join(pieces)
