"""Write the tokenised examples and the vocabulary that training.train reads.

python -m training.prepare --work DIR --sets ../shared/qa-training [--reports ../shared/reports] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from reportqa.onnxreader import UNKNOWN, PairEncoder
from training import bundled, genre
from training.examples import GROUP, Example, published
from training.vocabulary import kept, tokenizer


def write(examples: Sequence[Example], tokenizer: Tokenizer, path: Path) -> None:
    """Tokenise and write the examples whose answer is within the tokens that are kept."""
    flat: list[int] = []
    offsets = [0]
    labels: list[tuple[int, int, int]] = []
    pairs = PairEncoder(tokenizer)
    nothing = [pairs.begin, pairs.end]
    for example in examples:
        rows, start, stop = [], 0, 0
        for number, candidate in enumerate(example.candidates):
            row, first, words = pairs.encode(example.question, candidate.context, candidate.words)
            rows.append(row)
            if number == example.right:
                inside = [i for i, (a, b) in enumerate(words.offsets) if max(a, example.start) < min(b, example.end)]
                if not inside or first + inside[-1] >= len(row) - 1:
                    break
                start, stop = first + inside[0], first + inside[-1]
        else:
            rows += [nothing] * (GROUP - len(rows))
            for row in rows[:GROUP]:
                flat.extend(row)
                offsets.append(len(flat))
            labels.append((example.right, start, stop))
    right, starts, ends = (np.array(column) for column in zip(*labels, strict=True))
    np.savez(
        path,
        tokens=np.array(flat, dtype=np.uint16),
        offsets=np.array(offsets, dtype=np.int64),
        right=right,
        starts=starts,
        ends=ends,
    )
    counts = Counter((example.source, example.right >= 0) for example in examples)
    print(f"{len(labels)} of {len(examples)} examples, {len(flat) / len(offsets):.0f} tokens a pair", dict(counts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", type=Path)
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--name", default="examples.npz")
    parser.add_argument("--made", type=int, default=16, help="examples made from a thousand characters of a report")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    chance = random.Random(chosen.seed)
    examples = list(published(chosen.sets, chance)) if chosen.sets else []
    if chosen.reports:
        examples += genre.made(chosen.reports, chosen.made, chance)
    chance.shuffle(examples)
    model = bundled.read()
    path = chosen.work / "vocabulary.json"
    if path.exists():
        numbers = json.loads(path.read_text(encoding="utf-8"))["kept"]
    else:
        texts = [example.question for example in examples]
        texts += [candidate.words for example in examples for candidate in example.candidates]
        numbers = kept(model, texts)
        pieces = [model.pieces[n] for n in numbers]
        entry = {"kept": numbers, "pieces": pieces, "scores": [float(model.scores[n]) for n in numbers]}
        path.write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
    entry = json.loads(path.read_text(encoding="utf-8"))
    unknown = entry["pieces"].index(UNKNOWN)
    write(examples, tokenizer(entry["pieces"], entry["scores"], unknown), chosen.work / chosen.name)
    print(len(numbers), "pieces")


if __name__ == "__main__":
    main()
