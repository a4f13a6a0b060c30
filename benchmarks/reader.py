"""What a reader is worth: ranking, marking and refusing with and without it, by kind of question; and what it costs.

    python benchmarks/reader.py READER GOLD_DIR [GOLD_DIR …] [--index DIR]

READER as the option --reader takes it.  Questions are asked of the sample report, or of --index.  The weight of the
reader's relevance and the calibration of the refusal are fitted out of fold, as benchmarks/fit.py does; the weights of
the ranking are those of the package.  Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fit import FOLDS, auroc, confidence, fit_refusal, read
from reportqa import readers, refusal, retrieval, secondlook
from reportqa.assistant import ReportQA
from reportqa.lexical import bundled_lexicon
from reportqa.questions import Tone, tone_of, understand
from reportqa.reader import Candidate, Reader, Reading
from reportqa.text import fold

GRID = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.5, 100.0)
FALSE_REFUSAL = 0.04
FAR = ("out_of_domain", "chitchat", "opinion", "injection")
Floats = NDArray[np.float64]


class Remembering:
    """A reader that reads each question once, whatever weight its relevance has and whether it marks."""

    orders_only = False

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.name, self.most, self.longest = reader.name, reader.most, reader.longest
        self.weight, self.marks = reader.weight, False
        self.read_before: dict[str, list[Reading]] = {}
        self.seconds: list[float] = []

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return what the reader said the first time."""
        if question not in self.read_before:
            start = time.perf_counter()
            self.read_before[question] = self._reader.read(question, candidates)
            self.seconds.append(time.perf_counter() - start)
        said = self.read_before[question]
        return said if self.marks else [replace(reading, start=0, end=0) for reading in said]


@dataclass
class Outcome:
    """A question asked with one weight of the reader."""

    hit: bool
    marked: bool
    signs: Floats


def outcome(qa: ReportQA, reader: Remembering, record: dict[str, Any], hits: Sequence[retrieval.Hit]) -> Outcome:
    index = qa.index
    meant = qa.shelf.read(record["question"])
    question = understand(meant.rest, bundled_lexicon(), qa.shelf.names)
    [looked] = secondlook.look(reader, meant.text, index, [hits])
    first = looked[0]
    text = index.reports[first.report].text
    row = index.sentence_rows[first.sentence]
    whole, window = fold(text[row[4] : row[5]]), fold(text[first.start : first.end])
    hit = any(fold(clause) in whole for clause in record.get("evidence", []))
    marked = hit and any(fold(answer) in window for answer in record["answers"])
    signs = refusal.signs(question, index, looked, qa.shelf.names, at_home=bool(meant.places))
    said = reader.read(meant.text, [])
    told = next(r.answers for r, h in zip(said, hits, strict=False) if h.sentence == first.sentence) if said else 0.0
    return Outcome(hit, marked, np.append(signs, np.tanh(told / 4)))


def shares(outcomes: Sequence[Outcome], chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """Return hit@1 and answer_marked@1 of the chosen outcomes."""
    picked = [o for o, used in zip(outcomes, chosen, strict=True) if used]
    return float(np.mean([o.hit for o in picked])), float(np.mean([o.marked for o in picked]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader")
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--index", type=Path)
    options = parser.parse_args()
    loaded = readers.load(options.reader)
    if loaded is None:
        parser.error("off is no reader to measure")
    reader = Remembering(loaded)
    with tempfile.TemporaryDirectory() as directory:
        qa = ReportQA.open(options.index) if options.index else ReportQA.build_sample(directory)
        records = [
            r for gold in options.gold for name in ("questions", "unanswerable") for r in read(gold / f"{name}.jsonl")
        ]
        ranked, embedding = [], []
        for record in records:
            meant = qa.shelf.read(record["question"])
            question = understand(meant.rest, bundled_lexicon(), qa.shelf.names)
            start = time.perf_counter()
            vector = qa.embedder.encode_query(meant.text)
            embedding.append(time.perf_counter() - start)
            groups = qa.shelf.narrowed(meant, None, keep_place=False, keep_year=False)
            sought = retrieval.parts(question, qa.index, groups[0].reports)[0]
            ranked.append(retrieval.search(question, qa.index, vector, sought))
        tried: dict[tuple[float, bool], list[Outcome]] = {}
        for weight in GRID:
            for marks in (False, True):
                reader.weight, reader.marks = weight, marks
                tried[weight, marks] = [outcome(qa, reader, r, h) for r, h in zip(records, ranked, strict=True)]
    show(records, tried)
    once = statistics.median(embedding)
    slow = float(np.quantile(reader.seconds, 0.98))
    print(
        f"\nReading: {statistics.median(reader.seconds) / once:.1f} times the embedding of a question, "
        f"{slow / once:.1f} at most of 98%."
    )


def show(records: list[dict[str, Any]], tried: dict[tuple[float, bool], list[Outcome]]) -> None:
    """Print the tables; ``tried`` holds the outcomes by the reader's weight, without and with its marks."""
    asked = np.array(["answers" in record for record in records])
    plain = np.array([tone_of(record["question"]) is Tone.QUESTION for record in records])
    clauses = [fold(record.get("evidence", [record["question"]])[0]) for record in records]
    groups_of = {clause: number for number, clause in enumerate(dict.fromkeys(clauses))}
    rng = np.random.default_rng(0)
    fold_of = rng.integers(FOLDS, size=len(groups_of))
    folds = np.array([fold_of[groups_of[clause]] for clause in clauses])

    print("| weight of the reader | hit@1 | marked | marked by its span |\n|---|---|---|---|")
    for weight in GRID:
        hit, marked = shares(tried[weight, False], asked)
        print(f"| {weight:g} | {hit:.3f} | {marked:.3f} | {shares(tried[weight, True], asked)[1]:.3f} |")

    best: list[Outcome] = list(tried[0.0, False])
    weights = []
    for number in range(FOLDS):
        train = asked & (folds != number)
        weight = max(GRID[:-1], key=lambda w: (sum(shares(tried[w, False], train)), -w))
        weights.append(weight)
        for at in np.flatnonzero(folds == number):
            best[at] = tried[weight, False][at]

    def refused(outcomes: Sequence[Outcome], columns: slice) -> tuple[float, float, float, Floats]:
        signs = np.array([o.signs[columns] for o in outcomes])
        sure = np.zeros(len(records))
        for number in range(FOLDS):
            train = (folds != number) & plain
            sure[folds == number] = confidence(signs, fit_refusal(signs[train], asked[train]))[folds == number]
        sure = np.where(plain, sure, 0.0)
        threshold = float(np.quantile(sure[asked], FALSE_REFUSAL))
        near = ~asked & np.array([record.get("kind") not in FAR for record in records])
        return (
            auroc(sure[asked], sure[~asked]),
            float(np.mean(sure[~asked] < threshold)),
            float(np.mean(sure[near] < threshold)),
            sure,
        )

    every, without = slice(None), slice(0, -1)
    print(f"\nOut of fold ({len(records)} questions, weights {sorted(set(weights))}):\n")
    print(f"| | hit@1 | marked | AUROC | refused at {FALSE_REFUSAL:.0%} | near misses |\n|---|---|---|---|---|---|")
    rows = (
        ("without", tried[0.0, False], without),
        ("ranking", best, without),
        ("refusing", tried[0.0, False], every),
        ("both", best, every),
    )
    for name, outcomes, columns in rows:
        curve, share, near, _ = refused(outcomes, columns)
        hit, marked = shares(outcomes, asked)
        print(f"| {name} | {hit:.3f} | {marked:.3f} | {curve:.3f} | {share:.3f} | {near:.3f} |")
    told = np.array([o.signs[-1] for o in tried[0.0, False]])
    print(f"\nAUROC of the reader's answer score alone: {auroc(told[asked], told[~asked]):.3f}\n")
    print("| kind | questions | hit@1 without | with | marked without | with |\n|---|---|---|---|---|---|")
    kinds = np.array([str(record.get("kind", "")) for record in records])
    for kind in sorted(set(kinds[asked])):
        chosen = asked & (kinds == kind)
        (a, b), (c, d) = shares(tried[0.0, False], chosen), shares(best, chosen)
        print(f"| {kind} | {chosen.sum()} | {a:.3f} | {c:.3f} | {b:.3f} | {d:.3f} |")


if __name__ == "__main__":
    main()
