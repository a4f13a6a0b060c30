"""From a web page to the text of its article: without navigation, pagers, scripts and lists of links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Any, NamedTuple

from reportqa.text import is_footnote_mark

_NEVER_SHOWN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "canvas",
        "video",
        "audio",
        "map",
        "head",
        "nav",
        "footer",
        "aside",
        "button",
        "select",
        "textarea",
        "rt",
        "rp",
    ]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "o:p",
        "q",
        "ruby",
        "rb",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "st1:chsdate",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_APART = re.compile(
    r"(?:^|[\s_-])(?:share|bdshare\w*|bshare\w*|fenxiang|pager|pages|pagination|page-?nav|related|recommend|xgbd|xgxw|xgyd|crumbs?|breadcrumbs?"
    r"|position|location|dqwz|copyright|foot|footer|nav|navbar|menu|side|sidebar|toolbar|tools|print|comments?|qrcode|ewm|hot|rank)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_APART = 0.3
"""Of a page's prose may stand in what its name calls a pager, a sidebar and so on: one with more is the text itself."""
_WORDS, _MARK = re.compile(r"[\u4e00-\u9fff]{6}"), re.compile("[，。；！？,;]")
"""What prose has both of."""
_MAIN_SHARE = 0.9
_LEAST_LINKS = 3
_LINKED_SHARE = 0.6
_TITLE = re.compile(r"报告")
_LONGEST_TITLE = 60
_LONGEST_CELL = 100
_LONGEST_NUMBER = 6
"""Digits that a list may start to count from."""
_HEAD_LINES = 12
_CHINESE = re.compile(r"[\u2018-\u201f\u3000-\u9fff\uff00-\uffef]")
_LINE_END = re.compile(r"(?<![ \t\f])[ \t\f]*+[\r\n]\s*+")
_SPACES = re.compile(r"[ \t\r\n\f]+")


def text_of(page: str) -> str:
    """Return the text of the page's article, a line for each paragraph, heading and row of a table.

    The article is the innermost element that holds nearly all of the page's prose; where its title stands outside it,
    that comes first.  A page without prose gives "".
    """
    from lxml import etree, html  # 0.1 s, which plain text does not need

    try:
        root = html.document_fromstring(page.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except etree.ParserError:  # there is nothing in it
        return ""
    title = _named_title(root)
    etree.strip_elements(root, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for element in [element for element in root.iter() if _is_never_shown(element)]:
        if element.getparent() is not None:
            element.drop_tree()
    prose = _prose(root)
    total = prose.get(root, 0)
    sizes = _sizes(root)
    for element in [e for e in root.iter() if _is_apart(e, sizes[e]) and prose.get(e, 0) < _MOST_APART * total]:
        if element.getparent() is not None:
            element.drop_tree()
    main = root
    while total and (inner := [child for child in main if prose.get(child, 0) > _MAIN_SHARE * total]):
        main = inner[0]
    lines = [line for line in _lines(main) if line.strip()] if total else []
    if not any(_TITLE.search(_bare(line)) for line in lines[:_HEAD_LINES]):
        around, sizes = frozenset(main.iterancestors()), _sizes(root)
        headings = (e for e in root.iter("h1", "h2", "h3") if e not in around and sizes[e].all <= _LONGEST_TITLE)
        title = next((line for line in map(_shown, headings) if _is_title(line)), title)
        lines = [title, *lines] if title and lines else lines
    return "".join(f"{line}\n" for line in lines)


def _bare(line: str) -> str:
    return re.sub(r"\s", "", line)


def _is_title(line: str) -> bool:
    return bool(_TITLE.search(_bare(line))) and len(_bare(line)) <= _LONGEST_TITLE


def _named_title(root: Any) -> str:
    """Return the title that the page's head names, without the site's name behind it, or ""."""
    named = [m.get("content", "") for m in root.iter("meta") if m.get("name", "").lower() in ("articletitle", "title")]
    named += [_SPACES.sub(" ", t.text or "").strip() for t in root.iter("title")]
    for words in named:
        for part in re.split("[-_|—–]+", words):
            if _is_title(part):
                return str(part).strip()
    return ""


def _is_never_shown(element: Any) -> bool:
    if element.tag in _NEVER_SHOWN or "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
        return True
    if element.tag == "sup":
        before = element.getprevious().tail if element.getprevious() is not None else element.getparent().text
        return is_footnote_mark("".join(element.itertext()), before or "")
    return False


class _Size(NamedTuple):
    """Characters of an element, white space aside, and those of the links in it; the number of these."""

    all: int
    linked: int
    links: int


def _sizes(root: Any) -> dict[Any, _Size]:
    """Return for each element its size, with all that stands in it."""
    found: dict[Any, _Size] = {}
    for element in reversed(list(root.iter())):
        inside = [(found[child], child.tag == "a") for child in element]
        own = len(_bare(element.text or "")) + sum(len(_bare(child.tail or "")) for child in element)
        found[element] = _Size(
            own + sum(size.all for size, _ in inside),
            sum(size.linked + size.all * is_link for size, is_link in inside),
            sum(size.links + is_link for size, is_link in inside),
        )
    return found


def _is_apart(element: Any, size: _Size) -> bool:
    """Whether an element is set apart from the article: by its name, or as a list of links."""
    if element.tag in ("html", "body") or element.tag in _INLINE:
        return False
    if _APART.search(f"{element.get('class', '')} {element.get('id', '')}"):
        return True
    return size.links >= _LEAST_LINKS and size.linked > _LINKED_SHARE * size.all


def _runs(element: Any, holding: Set[Any]) -> Iterator[str]:
    """Yield the runs of text that stand in an element itself, or in what is inline in it, between its blocks."""
    run = [element.text or ""]
    for child in element:
        if child.tag in _INLINE and child not in holding:
            run += ["" if child.tag == "a" else text for text in child.itertext()]
        else:
            yield "".join(run)
            run = []
        run.append(child.tail or "")
    yield "".join(run)


def _holding_blocks(root: Any) -> set[Any]:
    """Return the inline elements that hold blocks, and so are blocks themselves."""
    holding: set[Any] = set()
    for element in reversed(list(root.iter())):
        parent = element.getparent()
        if parent is not None and parent.tag in _INLINE and (element.tag not in _INLINE or element in holding):
            holding.add(parent)
    return holding


def _prose(root: Any) -> dict[Any, int]:
    """Return for each block how many characters of prose stand in it and below."""
    found: dict[Any, int] = {}
    holding = _holding_blocks(root)
    for element in reversed(list(root.iter())):
        if element.tag == "a" or (element.tag in _INLINE and element not in holding):
            continue
        bare = map(_bare, _runs(element, holding))
        own = sum(len(run) for run in bare if _WORDS.search(run) and _MARK.search(run))
        found[element] = own + sum(found.get(child, 0) for child in element)
    return found


def _lines(main: Any) -> list[str]:
    """Return the lines of an element as a browser would break them, less those of width."""
    from lxml import etree

    pieces: list[str] = []
    numbers: dict[Any, int] = {}
    walk = etree.iterwalk(main, events=("start", "end"))
    for event, element in walk:
        block = element.tag not in _INLINE
        if event == "start":
            pieces.append("\n" if block else "")
            if element.tag == "tr" and (row := _row(element)):
                pieces.append(row)
                walk.skip_subtree()
                continue
            listed = element.getparent()
            if element.tag == "li" and listed is not None and listed.tag == "ol":
                numbers[listed] = numbers.get(listed, _start(listed) - 1) + 1
                pieces.append(f"{numbers[listed]}. ")
            pieces.append(_collapsed(element.text or ""))
        else:
            pieces.append("\n" if block and element.tag != "br" else "")
            pieces.append(_collapsed(element.tail or "") if element is not main else "")
    return [line.strip(" \t") for line in "".join(pieces).split("\n")]


def _row(row: Any) -> str:
    """Return a table's row as one line; "" where its cells hold the page's layout rather than words and figures."""
    cells = [_shown(cell) for cell in row if cell.tag in ("td", "th")]
    return "\t".join(cells) if len(cells) > 1 and max(map(len, cells)) <= _LONGEST_CELL else ""


def _start(numbered: Any) -> int:
    start = numbered.get("start", "1")
    return int(start) if start.isdecimal() and len(start) <= _LONGEST_NUMBER else 1


def _collapsed(text: str) -> str:
    """Return a text without runs of white space; a line's end within Chinese, shown as a space, is not meant as one."""

    def joined(found: re.Match[str]) -> str:
        beside = text[found.start() - 1 : found.start()] + text[found.end() : found.end() + 1]
        return "" if _CHINESE.search(beside) else found[0]

    return _SPACES.sub(" ", _LINE_END.sub(joined, text))


def _shown(element: Any) -> str:
    return _collapsed("".join(element.itertext())).strip()
