"""How search keeps up as the shelf grows: latency, recall, memory, disk and opening; prints Markdown, or JSON (--json).

    python benchmarks/growth.py INDEX [--sizes 10000,100000,1000000] [--questions GOLD_DIR]

INDEX is an index of real reports.  Reports are made from its reports, every clause exchanged for another of the same
length, so that texts have the real lengths and words; the vectors are mixed from pairs of the real ones, with as much noise
as keeps the distance to the nearest neighbour what it is among the real ones.  Latencies are multiples of the median time of
embedding a question, taken in turns in the same process, a question's being the median of five; recall is that of the ten
nearest vectors against exact search, whose time beside that of the search used shows from which size on lists are faster;
memory is what opening and searching vectors and words adds to a process, mapped files included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from costs import QUESTIONS, seconds
from reportqa.assistant import ReportQA
from reportqa.composing import composed
from reportqa.index import Index, exists, open_index
from reportqa.indexing import write_index
from reportqa.lexical import bundled_lexicon
from reportqa.questions import understand
from reportqa.schema import Report
from reportqa.text import clause_spans

CHILDREN = 12
"""Vectors mixed from each real one, as many at every size, so that all sizes are equally crowded."""
SHARE = 0.7
"""Of the first of a pair."""
CANDIDATES = 160
"""As many as ranking takes."""
ROUNDS = 5
ASKED = 60
RECALLED = 30
"""Questions whose nearest vectors are searched exactly too."""

EQUAL = 1e-5
"""What is as near as the tenth nearest is one of the ten: equal texts have equal vectors."""

Floats = NDArray[np.float32]


class Mixing:
    """An embedder whose documents are mixed from pairs of real vectors, with noise."""

    def __init__(self, name: str, parents: Floats, noise: float) -> None:
        self.name = name
        self.dimension = parents.shape[1]
        self._parents = parents
        self._noise = noise
        self._chance = np.random.default_rng(1)

    def encode_query(self, _: str) -> Floats:
        """Return the vector of nothing in particular."""
        vector: Floats = self.encode_document([""])[0]
        return vector

    def encode_document(self, texts: Sequence[str], _: Callable[[int], None] | None = None) -> Floats:
        """Return mixed vectors, (number of texts, dimension), whatever the texts."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), 50_000):
            part = vectors[start : start + 50_000]
            first, second = self._chance.integers(0, len(self._parents), (2, len(part)))
            part[:] = SHARE * self._parents[first] + (1 - SHARE) * self._parents[second]
            noise = self._chance.standard_normal(part.shape, dtype=np.float32)
            part += noise * np.float32(self._noise / np.sqrt(self.dimension))
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        return vectors


def neighbour(vectors: Floats) -> float:
    """Return the median cosine of a vector to its nearest neighbour, which is not its twin."""
    rows = np.random.default_rng(2).integers(0, len(vectors), 200)
    cosines = vectors[rows] @ vectors.T
    cosines[cosines > 0.9999] = -1
    return float(np.median(cosines.max(axis=1)))


def noise_of(real: Floats) -> tuple[float, float, float]:
    """Return the noise at which mixed vectors are as near to each other as real ones, and both medians."""
    wanted = neighbour(real)
    parents = real[np.random.default_rng(3).permutation(len(real))[: len(real) // CHILDREN]]
    low, high = 0.0, 1.0
    for _ in range(7):
        noise = (low + high) / 2
        got = neighbour(Mixing("", parents, noise).encode_document([""] * len(real)))
        low, high = (noise, high) if got > wanted else (low, noise)
    return noise, wanted, got


def made_reports(index: Index, vectors: int) -> list[Report]:
    """Return reports made of the index's, as many as have about so many vectors."""
    chance = np.random.default_rng(4)
    spans = [
        [
            span
            for paragraph in report.paragraphs
            for sentence in paragraph.sentences
            for span in clause_spans(report.text, sentence.start, sentence.end)
        ]
        for report in index.reports
    ]
    of_length: dict[int, list[str]] = defaultdict(list)
    for report, own in zip(index.reports, spans, strict=True):
        for start, end in own:
            of_length[end - start].append(report.text[start:end])
    counts = np.bincount(index.units[:, 0], minlength=len(index.reports))
    made: list[Report] = []
    held = 0
    while held < vectors:
        number = int(chance.integers(len(index.reports)))
        report = index.reports[number]
        text = list(report.text)
        for start, end in spans[number]:
            others = of_length[end - start]
            text[start:end] = others[int(chance.integers(len(others)))]
        fields = {name: getattr(report, name) for name in Report.__dataclass_fields__}
        fields |= {
            "text": "".join(text),
            "errata": [],
            "appendices": [],
            "report_id": f"{report.report_id}-{len(made)}",
        }
        made.append(Report(**fields))
        held += int(counts[number])
    return made


def resident() -> dict[str, float]:
    """Return the megabytes of this process, its own and those of mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Rss")}


def searched(directory: Path, queries: Path) -> dict[str, float]:
    """Open an index and search its vectors and words, in a process that does nothing else."""
    vectors = np.load(queries.with_suffix(".npy"))
    tokens = json.loads(queries.read_text(encoding="utf-8"))
    before = resident()
    start = time.perf_counter()
    index = open_index(directory)
    opening = time.perf_counter() - start
    found: list[NDArray[np.int64]] = []
    dense, lexical = [], []
    for _ in range(ROUNDS):
        for vector, words in zip(vectors, tokens, strict=True):
            begun = time.perf_counter()
            found.append(index.nearest(vector, CANDIDATES))
            dense.append(time.perf_counter() - begun)
            lexical.append(seconds(partial(index.bm25.scores, words)))
    after = resident()
    exactly: list[float] = []
    exact: list[float] = []
    for vector in vectors[:RECALLED]:
        begun = time.perf_counter()
        cosines, _ = index.vectors.search(vector[None], CANDIDATES)
        exactly.append(time.perf_counter() - begun)
        exact.append(float(cosines[0, 9]))
    recall = statistics.mean(
        float((index.matrix[rows[:10]] @ vector >= tenth - EQUAL).mean())
        for rows, vector, tenth in zip(found[: len(exact)], vectors, exact, strict=False)
    )
    return {
        "opening, s": opening,
        "vectors, ms": statistics.median(dense) * 1e3,
        "all of them, exactly, ms": statistics.median(exactly) * 1e3,
        "words, ms": statistics.median(lexical) * 1e3,
        "recall@10": recall,
        "memory, MB": sum(after.values()) - sum(before.values()),
        "of it not mapped, MB": after["RssAnon"] - before["RssAnon"],
    }


def asked(directory: Path, questions: Sequence[str]) -> dict[str, float]:
    """Ask an index questions, embedding each in turn."""
    qa = ReportQA.open(directory, reader="off")
    for question in questions[:5]:
        qa.ask(question)
    embedding, first, again = [], [], []
    for question in questions:
        embedded, asked = [], []
        for _ in range(ROUNDS):
            embedded.append(seconds(partial(qa.embedder.encode_query, question)))
            asked.append(seconds(partial(qa.ask, question)))
        embedding.append(statistics.median(embedded))
        first.append(asked[0])
        again.append(statistics.median(asked))
    one = statistics.median(embedding)
    return {
        "embedding, ms": one * 1e3,
        "ask p50": statistics.median(again) / one,
        "ask p95": statistics.quantiles(again, n=20)[-1] / one,
        "ask for the first time, p50": statistics.median(first) / one,
        "ask for the first time, p95": statistics.quantiles(first, n=20)[-1] / one,
    }


def stage(name: str, directory: Path, queries: Path) -> dict[str, float]:
    """Do a stage in a process of its own."""
    command = [sys.executable, __file__, str(directory), "--stage", name, "--queries", str(queries)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def grown(source: Path, size: int, queries: Path, parent: Path) -> dict[str, float]:
    """Make an index of about ``size`` vectors, and measure it."""
    directory = parent / str(size)
    if not exists(directory):
        index = open_index(source)
        apart = np.ones(len(index.units), bool)
        apart[composed(index.units).rows] = False
        real = np.asarray(index.matrix[apart])
        noise, wanted, got = noise_of(real)
        print(f"neighbours: {wanted:.4f} among real ones, {got:.4f} among made ones", file=sys.stderr)
        few = real[np.random.default_rng(5).permutation(len(real))[: max(1, size // CHILDREN)]]
        write_index(directory, made_reports(index, size), Mixing(index.manifest["model"], few, noise))
    disk = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    counts = {name: manifest["counts"][name] for name in ("vectors", "sentences", "reports")}
    results = counts | {"disk, MB": disk}
    return results | stage("searched", directory, queries) | stage("asked", directory, queries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("index", type=Path)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--keep", type=Path, help="directory to keep the indexes in, and to find them in again")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--queries", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage == "searched":
        print(json.dumps(searched(options.index, options.queries)))
        return
    if options.stage == "asked":
        print(json.dumps(asked(options.index, json.loads(options.queries.with_suffix(".txt").read_text("utf-8")))))
        return
    path = options.questions / "questions.jsonl" if options.questions.is_dir() else options.questions
    questions = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    questions = questions[:: max(1, len(questions) // ASKED)]
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        queries = Path(temporary) / "queries.json"
        from reportqa import embedding

        embedder = embedding.load()
        np.save(queries.with_suffix(".npy"), np.stack([embedder.encode_query(question) for question in questions]))
        tokens = [list(understand(question, bundled_lexicon()).tokens) for question in questions]
        queries.write_text(json.dumps(tokens), encoding="utf-8")
        queries.with_suffix(".txt").write_text(json.dumps(questions), encoding="utf-8")
        for size in map(int, options.sizes.split(",")):
            results[f"{size:,}"] = grown(options.index, size, queries, options.keep or Path(temporary))
            print(json.dumps({size: results[f"{size:,}"]}), file=sys.stderr)
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return
    print(f"| | {' | '.join(results)} |\n|---|{'---:|' * len(results)}")
    for name in next(iter(results.values())):
        print(f"| {name} | {' | '.join(f'{figures[name]:,.2f}' for figures in results.values())} |")


if __name__ == "__main__":
    main()
