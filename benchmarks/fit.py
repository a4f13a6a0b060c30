"""Fit the weights of the ranking and the calibration of the refusal on gold questions; write src/reportqa/data/weights.json.

    python benchmarks/fit.py GOLD_DIR [GOLD_DIR …] [--write]
    python benchmarks/fit.py GOLD_DIR [GOLD_DIR …] --model BAAI/bge-small-zh-v1.5 --write bge.json

The second fits them for another embedding model; REPORTQA_WEIGHTS then names the file that it wrote.

Every gold directory holds questions about the sample report.  What is printed is out of fold: questions that share an
evidence clause are in the same fold, and each fold is scored with weights fitted on the others.  Ranking weights minimise
the negative log of the share that a softmax over all windows gives to the right ones, held near the weights set by hand;
refusal weights are a logistic regression that is not allowed a negative weight.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from reportqa import embedding, refusal, retrieval
from reportqa.assistant import ReportQA
from reportqa.lexical import bundled_lexicon
from reportqa.questions import Question, Tone, tone_of, understand
from reportqa.retrieval import Candidates
from reportqa.text import fold

FOLDS = 10
BY_HAND = {
    "dense_window": 1.5,
    "bm25_sentence": 2.0,
    "words_window": 1.2,
    "words_context": 0.6,
    "period": 0.5,
    "period_conflict": 0.3,
    "asked": 0.5,
    "no_announcement": 0.5,
    "opening": 4.0,
}
"""Where the fit starts from and is held to."""
HOLD = 0.5
RIDGE = 0.3
FALSE_REFUSAL = 0.01
CAUTION = 0.7
"""The threshold is this share of the one that refuses so many: other reports are less well known."""
WEIGHTS = Path(__file__).parent.parent / "src" / "reportqa" / "data" / "weights.json"

Floats = NDArray[np.float64]


@dataclass
class Case:
    """A gold question with its candidate windows."""

    record: dict[str, Any]
    question: Question
    found: list[Candidates]
    """Of each part; over one report all have the same windows."""
    right: NDArray[np.bool_]
    """Windows of a sentence that holds the evidence."""
    marked: NDArray[np.bool_]
    """Those of them that hold an answer and are short."""
    plain: bool
    """Whether the decision is left to the signs: it is a question, and of a place on the shelf."""
    at_home: bool
    """Whether it names a place on the shelf."""
    group: int = 0

    @property
    def answerable(self) -> bool:
        """Whether the report answers it."""
        return "answers" in self.record


def read(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def case_of(qa: ReportQA, record: dict[str, Any]) -> Case:
    index = qa.index
    meant = qa.shelf.read(record["question"])
    question = understand(meant.rest, bundled_lexicon(), qa.shelf.names)
    vector = qa.embedder.encode_query(meant.text)
    found = [retrieval.candidates(question, index, vector, part) for part in retrieval.parts(question, index)]
    text = index.reports[0].text
    rows = index.units[found[0].rows]
    right = np.zeros(len(rows), dtype=bool)
    marked = np.zeros(len(rows), dtype=bool)
    for at, row in enumerate(rows.tolist()):
        sentence = index.sentence_rows[row[2]]
        whole = fold(text[sentence[4] : sentence[5]])
        if any(fold(clause) in whole for clause in record.get("evidence", [])):
            window = fold(text[row[4] : row[5]])
            right[at] = True
            marked[at] = len(window) <= retrieval.LONGEST_MARK and any(fold(a) in window for a in record["answers"])
    groups = qa.shelf.narrowed(meant, None, keep_place=False, keep_year=False)
    plain = tone_of(record["question"]) is Tone.QUESTION and refusal.off_the_shelf(meant, groups, qa.shelf) is None
    return Case(record, question, found, right, marked if marked.any() else right, plain, bool(meant.places))


def group(cases: list[Case]) -> None:
    """Give cases that share an evidence clause, or a question, the same group."""
    seen: dict[str, int] = {}
    for number, case in enumerate(cases):
        keys = [fold(clause) for clause in case.record.get("evidence", [case.record["question"]])]
        case.group = next((seen[key] for key in keys if key in seen), number)
        for key in keys:
            seen.setdefault(key, case.group)


def fit_ranking(cases: list[Case]) -> Floats:
    start = np.array([BY_HAND[name] for name in retrieval.SIGNS])
    usable = [case for case in cases if case.answerable and case.right.any()]
    sharp = 3.0

    def loss(weight: Floats) -> float:
        total = 0.0
        for case in usable:
            scores = sharp * (case.found[0].signs @ weight)
            scores -= scores.max()
            share = np.exp(scores)
            share /= share.sum()
            total -= np.log(share[case.right].sum() + 1e-9) + 0.5 * np.log(share[case.marked].sum() + 1e-9)
        return float(total / len(usable) + HOLD * len(start) * np.mean((weight - start) ** 2))

    bounds = [(0.0, None)] * len(start)
    return np.asarray(minimize(loss, start, bounds=bounds, method="L-BFGS-B").x)


def fit_refusal(signs: Floats, answerable: NDArray[np.bool_]) -> Floats:
    """Return the weights and, last, the intercept; the two classes weigh the same."""
    side = np.where(answerable, 0.5 / answerable.mean(), 0.5 / (~answerable).mean())
    sign = np.where(answerable, 1.0, -1.0)

    def loss(weight: Floats) -> float:
        margin = sign * (signs @ weight[:-1] + weight[-1])
        return float(np.mean(side * np.logaddexp(0, -margin)) + RIDGE * np.sum(weight[:-1] ** 2) / len(signs))

    bounds: list[tuple[float | None, float | None]] = [(0.0, None)] * signs.shape[1] + [(None, None)]
    return np.asarray(minimize(loss, np.zeros(signs.shape[1] + 1), bounds=bounds, method="L-BFGS-B").x)


def confidence(signs: Floats, weight: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(signs @ weight[:-1] + weight[-1]))))


def first_hit(qa: ReportQA, case: Case, weight: Floats) -> tuple[bool, bool, bool, Floats]:
    """Return whether the first and the first three sentences are right, whether the marked words answer, and the signs."""
    parts = [retrieval.rank(found, qa.index, weight) for found in case.found]
    order = [hits[0] for hits in parts] + parts[0]
    sentences = qa.index.units[case.found[0].rows, 2]
    right = set(sentences[case.right].tolist())
    text = qa.index.reports[0].text
    window = fold(text[order[0].start : order[0].end])
    marked = order[0].sentence in right and any(fold(a) in window for a in case.record.get("answers", []))
    signs = refusal.signs(case.question, qa.index, parts[0], qa.shelf.names, at_home=case.at_home)
    first_three = set(list(dict.fromkeys(hit.sentence for hit in order))[:3])
    return order[0].sentence in right, bool(first_three & right), marked, signs


def auroc(high: Floats, low: Floats) -> float:
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in high for b in low]))


def report(name: str, cases: list[Case], hits: NDArray[np.bool_], sure: Floats, chosen: NDArray[np.bool_]) -> None:
    """Print the metrics of the chosen cases."""
    asked = np.array([case.answerable for case in cases])
    yes, no = chosen & asked, chosen & ~asked
    far = np.array([case.record.get("kind") in ("out_of_domain", "chitchat", "opinion", "injection") for case in cases])
    threshold = float(np.quantile(sure[yes], 0.05))
    print(
        f"{name}: hit@1 {hits[yes, 0].mean():.3f}, hit@3 {hits[yes, 1].mean():.3f}, marked {hits[yes, 2].mean():.3f}, "
        f"AUROC {auroc(sure[yes], sure[no]):.3f}, refused at 5% {np.mean(sure[no] < threshold):.3f}, "
        f"near misses {np.mean(sure[no & ~far] < threshold):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--model", help="the embedding model to fit for; the bundled one by default")
    parser.add_argument("--write", type=Path, nargs="?", const=WEIGHTS, help="write the bundled weights, or this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        qa = ReportQA.build_sample(directory, model=options.model)
        sources = [(gold, name) for gold in options.gold for name in ("questions", "unanswerable")]
        records = [(gold, record) for gold, name in sources for record in read(gold / f"{name}.jsonl")]
        cases = [case_of(qa, record) for _, record in records]
        group(cases)
        origin = np.array([options.gold.index(gold) for gold, _ in records])
        rng = np.random.default_rng(0)
        fold_of = {number: int(rng.integers(FOLDS)) for number in sorted({case.group for case in cases})}
        folds = np.array([fold_of[case.group] for case in cases])
        plain = np.array([case.plain for case in cases])
        asked = np.array([case.answerable for case in cases])

        def evaluated(train: NDArray[np.bool_], test: NDArray[np.bool_]) -> tuple[Floats, Floats]:
            weight = fit_ranking([case for case, used in zip(cases, train, strict=True) if used])
            seen = [first_hit(qa, case, weight) for case in cases]
            signs = np.array([row[3] for row in seen])
            calibration = fit_refusal(signs[train & plain], asked[train & plain])
            hits[test] = np.array([row[:3] for row in seen])[test]
            sure[test] = np.where(plain, confidence(signs, calibration), 0.0)[test]
            return weight, calibration

        hits = np.zeros((len(cases), 3), dtype=bool)
        sure = np.zeros(len(cases))
        for number in range(FOLDS):
            evaluated(folds != number, folds == number)
        for number, gold in enumerate(options.gold):
            report(f"out of fold, {gold}", cases, hits, sure, origin == number)
        threshold = CAUTION * float(np.quantile(sure[asked], FALSE_REFUSAL))
        everything = np.ones(len(cases), dtype=bool)
        weight, calibration = evaluated(everything, everything)
        for number, gold in enumerate(options.gold):
            report(f"in sample, {gold}", cases, hits, sure, origin == number)
    result = {
        "model": options.model or embedding.BUNDLED,
        "fitted_on": [gold.name for gold in options.gold],
        "questions": len(cases),
        "ranking": {name: round(float(w), 3) for name, w in zip(retrieval.SIGNS, weight, strict=True)},
        "refusal": {
            "weights": {name: round(float(w), 3) for name, w in zip(refusal.SIGNS, calibration[:-1], strict=True)},
            "intercept": round(float(calibration[-1]), 3),
            "threshold": round(threshold, 3),
        },
    }
    json.dump(result, sys.stdout, indent=1)
    print()
    if options.write:
        options.write.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
