"""What to embed: quality and cost of indexing with fewer grains, or with some vectors composed from others; prints Markdown.

    python benchmarks/grains.py GOLD_DIR [GOLD_DIR …] [--json]

Every gold directory holds questions about the sample report.  Paragraphs always have a vector.  hit@1: the first quote
holds the evidence; marked: its marked words hold an answer.  Times are those of embedding and indexing, of all in one run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from reportqa import composing, embedding, indexing, reading
from reportqa.assistant import ReportQA
from reportqa.composing import Composed
from reportqa.embedding import Vectors
from reportqa.index import SENTENCE, WINDOW, open_index
from reportqa.parsing import parse
from reportqa.schema import Report
from reportqa.text import fold

NOTHING = Composed(np.empty((0, 4), np.int64), np.empty(0, np.int64), np.empty((0, 2), np.int64))


class Counting:
    """The bundled embedder, counting what it is given."""

    def __init__(self) -> None:
        self._embedder = embedding.load()
        self.name = self._embedder.name
        self.dimension = self._embedder.dimension
        self.texts = self.characters = 0

    def encode_query(self, text: str) -> Vectors:
        """Return the vector of a question."""
        return self._embedder.encode_query(text)

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return the vectors of passages."""
        self.texts += len(set(texts))
        self.characters += sum(map(len, set(texts)))
        return self._embedder.encode_document(texts, progress)


class WithSentences(Composed):
    """The shipped plan, with sentences of three clauses or more among the rows that are composed."""

    @property
    def rows(self) -> composing.Rows:
        """All rows that are composed."""
        return np.concatenate([super().rows, np.unique(self.pairs[:, 3])])


def composing_sentences(vectors: Vectors, units: composing.Ints, plan: Composed) -> None:
    """Fill in sentences from their clauses, then the rest."""
    pairs = set(plan.pairs[:, 0].tolist())
    clauses: dict[int, list[int]] = {}
    sentence_rows = {int(units[row, 2]): row for row in np.flatnonzero(units[:, 3] == SENTENCE).tolist()}
    for row in np.flatnonzero(units[:, 3] == WINDOW).tolist():
        if row not in pairs:
            clauses.setdefault(sentence_rows[int(units[row, 2])], []).append(row)
    for sentence in np.unique(plan.pairs[:, 3]).tolist():
        own = clauses[sentence]
        mean = (units[own, 5] - units[own, 4]).astype(np.float32) @ vectors[own]
        vectors[sentence] = mean / np.linalg.norm(mean)
    composing.compose(vectors, units, plan)


@contextmanager
def grains(widest: int, composed: Callable[..., Composed], compose: Callable[..., None]) -> Iterator[None]:
    """Have indexing take windows of up to ``widest`` clauses, and compose vectors so."""
    changed = {"_WIDEST_WINDOW": widest, "composed": composed, "compose": compose}
    with ExitStack() as stack:
        for name, value in changed.items():
            stack.enter_context(patch.object(indexing, name, value))
        yield


VARIANTS: dict[str, tuple[int, Callable[..., Composed], Callable[..., None]]] = {
    "all embedded": (2, lambda _: NOTHING, composing.compose),
    "pairs and paragraphs composed (shipped)": (2, composing.composed, composing.compose),
    "sentences of three clauses or more composed too": (
        2,
        lambda units: WithSentences(*composing.composed(units)),
        composing_sentences,
    ),
    "without pairs": (1, composing.composed, composing.compose),
    "without windows": (0, composing.composed, composing.compose),
}


def quality(qa: ReportQA, records: list[dict[str, Any]]) -> dict[str, float]:
    """Ask the gold questions."""
    right, marked = [], []
    for record in records:
        first = next(iter(qa.search(record["question"], 1)))
        text = fold(first.text)
        holds = any(fold(clause) in text for clause in record["evidence"])
        right.append(holds)
        marked.append(holds and any(fold(answer) in fold(first.marked) for answer in record["answers"]))
    return {"hit@1": statistics.mean(right), "marked": statistics.mean(marked)}


def measure(report: Report, records: list[dict[str, Any]], embedder: Counting) -> dict[str, float]:
    """Index the report as the grains are now, and ask."""
    embedder.texts = embedder.characters = 0
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        indexing.write_index(Path(name), [report], embedder)
        taken = time.perf_counter() - start
        index = open_index(Path(name), embedder)
        return {
            "vectors per 1,000 characters": 1_000 * len(index.units) / len(report.text),
            "embedded per 1,000": 1_000 * embedder.texts / len(report.text),
            "characters embedded": embedder.characters,
            "indexing, s": taken,
        } | quality(ReportQA(index, embedder), records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lines = [line for gold in options.gold for line in (gold / "questions.jsonl").read_text("utf-8").splitlines()]
    records = [json.loads(line) for line in lines if line.strip()]
    with resources.as_file(resources.files("reportqa").joinpath("data", "liaocheng-2022.txt")) as path:
        report = parse(reading.read(path))
    embedder = Counting()
    embedder.encode_document([report.text[:200]] * 8)
    results = {}
    for name, variant in VARIANTS.items():
        with grains(*variant):
            results[name] = measure(report, records, embedder)
    whole = results["all embedded"]
    for figures in results.values():
        figures["characters, relative"] = figures["characters embedded"] / whole["characters embedded"]
        figures["time, relative"] = figures["indexing, s"] / whole["indexing, s"]
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return
    columns = list(whole)
    print(f"| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, figures in results.items():
        print(f"| {name} | {' | '.join(f'{figures[column]:,.2f}' for column in columns)} |")


if __name__ == "__main__":
    main()
