"""What a shelf of every government's reports since 1954 needs of a Milvus, reckoned from real reports; prints Markdown.

    python benchmarks/capacity.py DIRECTORY

The reports in DIRECTORY are read, cut into units and packed as they are for Milvus, with vectors of noise; a few of their texts
are embedded for real, and the processor's time for that is counted (not the clock's, so that other work does not matter).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np

from reportqa import embedding
from reportqa.composing import composed
from reportqa.gathering import gather
from reportqa.index import SENTENCE
from reportqa.milvus_store import Draft

LEVELS = (
    # level, governments today, reports a government (1954-66 and 1978-2025; cities and counties later), characters
    ("national", 1, 55, 20_000),
    ("provinces", 31, 58, 18_000),
    ("cities", 333, 50, 15_000),
    ("counties", 2_850, 55, 12_000),
)
BEYOND_VECTOR = {"float32, HNSW (M 16)": (4.0, 140), "8 bits, HNSW_SQ (M 16)": (1.0, 140), "8 bits, IVF_SQ8": (1.0, 8)}
"""Bytes a number of a vector, and bytes beside it, in Milvus's indexes."""
DIMENSION = 384
WORD = 8
"""Bytes of a word in the sparse index."""
NODE_GB, FILLED = 64, 0.7
GPU = 1.65e6
"""Characters a second through multilingual-e5-small on one H200, as encoder_on_gpu.py measured."""
_SAMPLED = 400


@dataclass
class Measured:
    """What the real reports have, in all."""

    reports: int = 0
    characters: int = 0
    sentences: int = 0
    units: int = 0
    embedded: int = 0
    """Characters."""
    packed: int = 0
    """Bytes."""
    words: int = 0
    rate: float = 0.0
    """Characters embedded a core-second."""


def measured(directory: Path) -> Measured:
    """Read, cut and pack the reports, and embed some of their texts."""
    embedder = embedding.load()
    noise = np.random.default_rng(0)
    total = Measured()
    texts: list[str] = []
    for report in gather([directory]).reports:
        draft = Draft.of(report, embedder)
        own = np.ones(len(draft.texts), dtype=bool)
        own[composed(draft.units).rows] = False
        fresh = [text for text, kept in zip(draft.texts, own, strict=True) if kept]
        vectors = noise.normal(0, 384**-0.5, (len(draft.texts), embedder.dimension)).astype(np.float32)
        told = [draft.texts[at] for at in np.flatnonzero(draft.units[:, 3] == SENTENCE)]
        total.reports += 1
        total.characters += len(report.text)
        total.sentences += len(told)
        total.units += len(draft.units)
        total.embedded += sum(map(len, fresh))
        total.packed += sum(len(part["data"]) for part in draft.slices(vectors))
        total.words += sum(len(set(jieba.lcut_for_search(text))) for text in told)
        texts += fresh
    sample = texts[:: max(1, len(texts) // _SAMPLED)]
    embedder.encode_document(sample[:32])
    started = time.process_time()
    embedder.encode_document(sample)
    total.rate = sum(map(len, set(sample))) / (time.process_time() - started)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("directory", type=Path)
    told = measured(parser.parse_args().directory)
    print(f"Measured on {told.reports} reports, {told.characters:,} characters; of 1,000 characters:\n")
    print("| sentences | units | characters embedded | packed, KB | characters embedded a core-second |")
    print("|---:|---:|---:|---:|---:|")
    per = 1000 / told.characters
    print(
        f"| {told.sentences * per:.1f} | {told.units * per:.0f} | {told.embedded * per:.0f} "
        f"| {told.packed * per / 1000:.0f} | {told.rate:.0f} |\n"
    )
    print("| | governments | reports | characters, millions | sentences, millions | packed, GB |")
    print("|---|---:|---:|---:|---:|---:|")
    lines = [(name, f"{count:,}", count * each, count * each * length) for name, count, each, length in LEVELS]
    reports, characters = sum(line[2] for line in lines), sum(line[3] for line in lines)
    for level, governments, own, size in [*lines, ("all", "", reports, characters)]:
        rows, packed = (size * part / told.characters for part in (told.sentences, told.packed))
        print(f"| {level} | {governments} | {own:,} | {size / 1e6:,.0f} | {rows / 1e6:.1f} | {packed / 1e9:.1f} |")
    nodes_of(characters, told)
    work = characters * told.embedded / told.characters
    hours = work / told.rate / 3600
    print(
        f"\nTo embed: {work / 1e6:,.0f} million characters, {hours:,.0f} core-hours ({hours / 64:.0f} hours on 64 cores)."
    )
    print(f"On a GPU at {GPU / 1e6:.2f} million characters a second: {work / GPU / 3600:.1f} hours.")


def nodes_of(characters: float, told: Measured) -> None:
    """Print the memory and the query nodes for so many characters of reports."""
    rows = characters * told.sentences / told.characters
    sparse = characters * told.words / told.characters * WORD / 1e9
    print(f"\nWords of BM25: {sparse:.0f} GB.\n")
    print(f"| vectors | GB | with the words, GB | nodes of {NODE_GB} GB, {FILLED:.0%} filled | twice over |")
    print("|---|---:|---:|---:|---:|")
    for name, (number, beside) in BEYOND_VECTOR.items():
        size = rows * (number * DIMENSION + beside) / 1e9
        nodes = int(np.ceil((size + sparse) / (NODE_GB * FILLED)))
        print(f"| {name} | {size:.0f} | {size + sparse:.0f} | {nodes} | {2 * nodes} |")


if __name__ == "__main__":
    main()
