"""What each mechanism is worth: gold questions with one of them switched off, and with a typing slip in each question.

    python benchmarks/ablation.py GOLD_DIR [GOLD_DIR …]

Prints a Markdown table.  Weights are not fitted again, so a small loss can also mean that another sign stands in.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from reportqa import retrieval
from reportqa.assistant import ReportQA
from reportqa.lexical import Lexicon, bundled_lexicon
from reportqa.questions import understand
from reportqa.text import fold


def without(name: str, weights: dict[str, float]) -> dict[str, float]:
    """Return the weights with one of them 0."""
    return {**weights, name: 0.0}


SWITCHES: dict[str, Callable[[dict[str, float]], dict[str, float]]] = {
    "all on": lambda w: w,
    **{f"without {name}": partial(without, name) for name in retrieval.SIGNS},
    "without BM25 and words": lambda w: {k: 0.0 if k.startswith(("bm25", "words")) else v for k, v in w.items()},
    "without vectors": lambda w: {k: 0.0 if k.startswith("dense") else v for k, v in w.items()},
    "without periods": lambda w: {k: 0.0 if k.startswith("period") else v for k, v in w.items()},
    "without what is asked": lambda w: {k: 0.0 if k.startswith("asked") else v for k, v in w.items()},
}


def slip(question: str, rng: random.Random) -> str:
    """Drop, double or swap one character of the question."""
    places = [i for i in range(len(question) - 1) if "\u4e00" <= question[i] <= "\u9fff"]
    if not places:
        return question
    at = rng.choice(places)
    kind = rng.choice(("drop", "double", "swap"))
    if kind == "drop":
        return question[:at] + question[at + 1 :]
    if kind == "double":
        return question[:at] + question[at] + question[at:]
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def measure(
    qa: ReportQA, records: list[dict[str, Any]], weights: dict[str, float], lexicon: Lexicon
) -> tuple[float, float]:
    """Return hit@1 and hit@3."""
    weight = np.array([weights[name] for name in retrieval.SIGNS])
    text = qa.reports()[0].text
    ranks = []
    for record in records:
        meant = qa.shelf.read(record["question"])
        question = understand(meant.rest, lexicon, qa.shelf.names)
        first = retrieval.parts(question, qa.index)[0]
        found = retrieval.candidates(question, qa.index, qa.embedder.encode_query(meant.text), first)
        hits = retrieval.rank(found, qa.index, weight)
        rows = [qa.index.sentence_rows[hit.sentence] for hit in hits[:3]]
        shown = [fold(text[row[4] : row[5]]) for row in rows]
        right = [any(fold(clause) in sentence for clause in record["evidence"]) for sentence in shown]
        ranks.append(right.index(True) if True in right else 99)
    return float(np.mean([rank == 0 for rank in ranks])), float(np.mean([rank < 3 for rank in ranks]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    options = parser.parse_args()
    weights = dict(zip(retrieval.SIGNS, retrieval.weights().tolist(), strict=True))
    with tempfile.TemporaryDirectory() as directory:
        qa = ReportQA.build_sample(directory)
        print("| | " + " | ".join(f"{gold.parent.name}/{gold.name}: hit@1, hit@3" for gold in options.gold) + " |")
        print("|---" * (len(options.gold) + 1) + "|")
        sets = []
        for gold in options.gold:
            lines = (gold / "questions.jsonl").read_text(encoding="utf-8").splitlines()
            sets.append([json.loads(line) for line in lines if line.strip()])

        def row(name: str, chosen: dict[str, float], lexicon: Lexicon, sets: list[list[dict[str, Any]]]) -> None:
            figures = (measure(qa, records, chosen, lexicon) for records in sets)
            print(f"| {name} | " + " | ".join(f"{one:.3f}, {three:.3f}" for one, three in figures) + " |", flush=True)

        for name, switch in SWITCHES.items():
            row(name, switch(weights), bundled_lexicon(), sets)
        row("without the lexicon", weights, Lexicon({}), sets)
        rng = random.Random(0)  # noqa: S311 - repeatable, not secret
        slipped = [[{**r, "question": slip(r["question"], rng)} for r in records] for records in sets]
        row("one typing slip a question", weights, bundled_lexicon(), slipped)


if __name__ == "__main__":
    main()
