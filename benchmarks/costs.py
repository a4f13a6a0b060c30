"""What indexing, asking and starting cost, as multiples of the embedding they need; prints Markdown, or JSON (--json).

    python benchmarks/costs.py

All figures of a table come from one run; only the ratios carry over to other machines.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path

from reportqa import embedding, reading
from reportqa.assistant import ReportQA
from reportqa.indexing import units_of, write_index
from reportqa.indicators import rows_of
from reportqa.parsing import parse

QUESTIONS = Path(__file__).parent.parent / "tests" / "gold" / "questions.jsonl"


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def warm_ask(qa: ReportQA) -> dict[str, float]:
    """Median times of embedding a question and of asking it, alternating."""
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    for question in questions[:10]:
        qa.ask(question)
    embed, ask = [], []
    for _ in range(5):
        for question in questions:
            embed.append(seconds(partial(qa.embedder.encode_query, question)))
            ask.append(seconds(partial(qa.ask, question)))
    one, whole = statistics.median(embed), statistics.median(ask)
    return {"embedding a question, ms": one * 1e3, "ask, ms": whole * 1e3, "ratio": whole / one}


def indexing(directory: Path) -> dict[str, float]:
    """Time of indexing the sample, and of embedding its texts alone."""
    embedder = embedding.load()
    with resources.as_file(resources.files("reportqa").joinpath("data", "liaocheng-2022.txt")) as path:
        report = parse(reading.read(path))
        _, texts = units_of(report, 0, 0)
        embedder.encode_document(texts[:64])
        alone = statistics.median(seconds(lambda: embedder.encode_document(texts)) for _ in range(3))
        whole = statistics.median(
            seconds(lambda: write_index(directory, [parse(reading.read(path))], embedder)) for _ in range(3)
        )
        figures = statistics.median(seconds(lambda: rows_of(report)) for _ in range(3))
    return {
        "reading its figures, s": figures,
        "figures / embedding": figures / alone,
        "vectors per 1,000 characters": 1000 * len(texts) / len(report.text),
        "embedding, s": alone,
        "indexing, s": whole,
        "ratio": whole / alone,
    }


def memory(directory: Path) -> dict[str, float]:
    """Resident memory of a process that has answered a few questions."""
    code = (
        "import sys; from reportqa import ReportQA; qa = ReportQA.open(sys.argv[1]);"
        "[qa.ask(q) for q in ('2021年全市生产总值增长多少', '社零呢', '谁作的报告')];"
        "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"
    )
    command = [sys.executable, "-c", code, str(directory)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"resident, MB": int(out) / 1024}


def cold(directory: Path) -> dict[str, float]:
    """Times of whole processes, alternating."""
    commands = {
        "import sentence_transformers, s": [sys.executable, "-c", "import sentence_transformers"],
        "reportqa ask, s": [sys.executable, "-m", "reportqa", "ask", "--index", str(directory), "减税降费多少？"],
        "reportqa --help, s": [sys.executable, "-m", "reportqa", "--help"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(5):
        for name, command in commands.items():
            times[name].append(seconds(partial(subprocess.run, command, check=True, capture_output=True)))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base, ask, help_ = medians.values()
    return {**medians, "ask / import": ask / base, "help / import": help_ / base}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        results = {"Indexing the sample": indexing(directory), "Warm ask": warm_ask(ReportQA.open(directory))}
        results |= {"Memory of a warm process": memory(directory), "Cold start": cold(directory)}
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
        return
    for title, figures in results.items():
        print(f"\n| {title} | |\n|---|---|")
        for name, value in figures.items():
            print(f"| {name} | {value:.2f} |")


if __name__ == "__main__":
    main()
