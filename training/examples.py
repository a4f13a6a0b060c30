"""One question against candidates of the same text: the shape of every training example, and how candidates are chosen."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from reportqa.text import clause_spans, fold, run_around, sentence_spans

GROUP = 4
"""Candidates of a question."""
LONGEST = 96
"""Characters of a candidate's words."""
_ENDINGS = "。；;，,：: "
SETS = ("cmrc_dev", "cmrc_trial", "drcd_dev_simplified", "drcd_test_simplified", "chinesesquad2_dev")


@dataclass(frozen=True)
class Candidate:
    """Folded words with what they stand under: period, heading, topic."""

    context: str
    words: str


@dataclass(frozen=True)
class Example:
    """A folded question with its candidates; ``right`` is the one that answers, -1 for none, by words[start:end]."""

    question: str
    candidates: tuple[Candidate, ...]
    right: int = -1
    start: int = 0
    end: int = 0
    source: str = ""


def grams(text: str) -> set[str]:
    """Return the characters and pairs of characters of a folded text that are more than punctuation."""
    letters = [c for c in text if c.isalnum()]
    return {a + b for a, b in pairwise(letters)} | set(letters)


def likeness(question: set[str], words: set[str]) -> float:
    """Return how much of a question words share, long texts held back a little."""
    return len(question & words) / (1 + len(words) / 150)


def clauses_around(words: str, first: int, last: int, longest: int) -> tuple[int, int]:
    """Return the run of whole clauses around ``first``–``last``, or the beginning where that is no part of a clause."""
    clauses = clause_spans(words)
    if not any(a < last and b > first for a, b in clauses):
        return 0, min(len(words), longest)
    return run_around(clauses, first, last, longest)


def pieces_of(words: str, chance: random.Random) -> list[str]:
    """Cut a long sentence into runs of clauses of at most LONGEST characters."""
    if len(words) <= LONGEST:
        return [words]
    found, at = [], 0
    while at < len(words) - 5:
        limit = chance.randint(LONGEST // 2, LONGEST)
        ends = [b for a, b in clause_spans(words) if a >= at and b - at <= limit]
        end = ends[-1] if ends else min(len(words), at + limit)
        found.append(words[at:end].strip(_ENDINGS))
        at = end + 1
    return [piece for piece in found if len(piece) > 4]


def hardest(
    question: str, texts: Sequence[Candidate], bags: Sequence[set[str]], chance: random.Random
) -> list[Candidate]:
    """Return GROUP candidates: the likest two, others from the likest ten."""
    asked = grams(question)
    order = sorted(range(len(texts)), key=lambda i: -likeness(asked, bags[i]))
    rest = order[2:10]
    chance.shuffle(rest)
    return [texts[i] for i in [*order[:2], *rest][:GROUP]]


def published(folder: Path, chance: random.Random) -> Iterator[Example]:
    """Yield the examples of the published sets: sentences of the passage, those with the answer against the likest others."""
    for name in SETS:
        texts = {}
        for line in (folder / f"{name}.contexts.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            texts[record["context_id"]] = [
                fold(record["text"][a:b]).rstrip(_ENDINGS) for a, b in sentence_spans(record["text"])
            ]
        for line in (folder / f"{name}.questions.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            sentences = [s for s in texts[record["context_id"]] if len(s) > 5]
            title = fold(str(record.get("title", "")))[:16] if chance.random() < 0.6 else ""
            made = _example(fold(record["question"]), record["answers"], sentences, title, chance)
            if made:
                yield Example(*made, source=name)


def _example(
    question: str, answers: Sequence[str], sentences: Sequence[str], title: str, chance: random.Random
) -> tuple[str, tuple[Candidate, ...], int, int, int] | None:
    question = question[:60]
    asked = grams(question)
    folded = [fold(answer) for answer in answers if answer]
    answer = min(folded, key=len, default="")
    holding = [s for s in sentences if answer and answer in s]
    if answers and not holding:
        return None
    others = [
        piece for s in sentences for piece in pieces_of(s, chance) if not answer or not any(a in piece for a in folded)
    ]
    bags = [grams(piece) for piece in others]
    wrong = hardest(question, [Candidate(title, piece) for piece in others], bags, chance)
    if not answers:
        return (question, tuple(wrong), -1, 0, 0) if wrong else None
    best = max(holding, key=lambda s: likeness(asked, grams(s)))
    places = [m.start() for m in re.finditer(re.escape(answer), best)]
    at = max(places, key=lambda p: len(asked & grams(best[max(0, p - 20) : p + len(answer) + 20])))
    first, last = clauses_around(best, at, at + len(answer), chance.randint(LONGEST // 2, LONGEST))
    if last < at + len(answer) or first > at:
        return None
    right = Candidate(title, best[first:last])
    wrong = wrong[: GROUP - 1]
    place = chance.randint(0, len(wrong))
    return question, (*wrong[:place], right, *wrong[place:]), place, at - first, at - first + len(answer)
