"""Draw the parts in docs/architecture.md from the modules' real imports and docstrings: python docs/draw.py.

The page's text is written by hand; what stands between its two marks is drawn here, and a test compares the two.
"""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from test_imports import FILES, FLOORS, IMPORTS, PACKAGE  # noqa: E402 - found by the line above

PAGE = ROOT / "docs" / "architecture.md"
MARKS = ("<!-- drawn by docs/draw.py -->", "<!-- end of what is drawn -->")
PRINCIPAL = [
    "schema",
    "text",
    "config",
    "reading",
    "parsing",
    "citation",
    "embedding",
    "lexical",
    "index",
    "questions",
    "retrieval",
    "refusal",
    "answering",
    "verification",
    "indicators",
    "assistant",
    "access",
    "evaluation",
    "chat",
    "api",
    "mcp",
    "widget",
    "doctor",
    "cli",
]
"""The modules that the diagram shows; an arrow may stand for a way through others."""


def reached(module: str) -> set[str]:
    """Return the principal modules that a module imports, itself or through modules that are none."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(IMPORTS[module])
    while pending:
        other = pending.pop()
        if other in PRINCIPAL:
            found.add(other)
        elif other not in seen:
            seen.add(other)
            pending += IMPORTS[other]
    return found


def arrows() -> list[tuple[str, str]]:
    """Return the arrows between principal modules, without those that longer ways already say."""
    direct = {module: reached(module) for module in PRINCIPAL}
    below: dict[str, set[str]] = {}
    for module in TopologicalSorter(direct).static_order():
        below[module] = direct[module].union(*(below[other] for other in direct[module]))
    return [
        (module, other)
        for module in PRINCIPAL
        for other in PRINCIPAL
        if other in direct[module] and not any(other in below[between] for between in direct[module])
    ]


def summary(module: str) -> str:
    """Return the first sentence of a module's docstring, as a cell of a table."""
    text = ast.get_docstring(ast.parse(FILES[module].read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def drawn() -> str:
    """Return the diagram and the table of floors, in Markdown."""
    diagram = ["```mermaid", "flowchart TD", *(f"    {upper} --> {lower}" for upper, lower in arrows()), "```"]
    table = ["| floor | module | what it does |", "|---|---|---|"]
    for floor, modules in reversed(tuple(enumerate(FLOORS))):
        for module in sorted(modules):
            path = FILES[module].relative_to(PACKAGE).as_posix()
            table.append(f"| {floor} | [{module}](../src/reportqa/{path}) | {summary(module)} |")
    return "\n".join([*diagram, "", *table])


def redrawn(page: str) -> str:
    """Return the page with what is drawn put between its marks."""
    before, rest = page.split(MARKS[0])
    return f"{before}{MARKS[0]}\n\n{drawn()}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}"


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
