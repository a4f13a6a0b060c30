"""What a shelf of reports costs to index, and one more to add, as multiples of embedding their texts; prints Markdown.

    python benchmarks/shelf.py DIRECTORY

Only some of the shelf's texts are embedded for real, and the time of all reckoned from them; what indexing does besides is
measured on the whole shelf with vectors that cost nothing.  All figures come from one run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from costs import seconds
from reportqa import embedding
from reportqa.embedding import Vectors
from reportqa.gathering import gather, merged
from reportqa.index import open_index
from reportqa.indexing import units_of, write_index

_SAMPLED = 300


class Costless:
    """Gives every text the same vector, under the name of another embedder."""

    def __init__(self, name: str, dimension: int) -> None:
        self.name = name
        self.dimension = dimension

    def encode_query(self, _: str) -> Vectors:
        """Return a vector of zeros."""
        return np.zeros(self.dimension, dtype=np.float32)

    def encode_document(self, texts: Sequence[str], _: Callable[[int], None] | None = None) -> Vectors:
        """Return vectors of zeros."""
        return np.zeros((len(texts), self.dimension), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("directory", type=Path)
    embedder = embedding.load()
    costless = Costless(embedder.name, embedder.dimension)
    directory = parser.parse_args().directory
    reports, _ = merged(gather([directory]).reports, [])
    one = sorted(reports, key=lambda report: len(report.text))[2 * len(reports) // 3]
    others = [report for report in reports if report is not one]
    texts = {text for report in reports for text in units_of(report, 0, 0)[1]}
    own = sorted(set(units_of(one, 0, 0)[1]) - {text for report in others for text in units_of(report, 0, 0)[1]})
    sample = own[:: max(1, len(own) // _SAMPLED)]
    embedder.encode_document(sample[:32])
    each = seconds(lambda: embedder.encode_document(sample)) / len(sample)
    with tempfile.TemporaryDirectory() as name:
        shelf = Path(name)
        reading = seconds(lambda: gather([directory]))
        beside = reading + seconds(lambda: write_index(shelf, reports, costless))
        write_index(shelf, others, costless)
        previous = open_index(shelf, costless)
        adding = seconds(lambda: write_index(shelf, reports, costless, previous))
        adding += seconds(lambda: open_index(shelf, costless))
    print(f"| reports | {len(reports)} |\n|---|---|\n| texts | {len(texts)} |")
    print(f"| indexing all, ratio | {1 + beside / (each * len(texts)):.2f} |")
    print(f"| texts of the one added | {len(own)} |\n| adding one, ratio | {1 + adding / (each * len(own)):.2f} |")


if __name__ == "__main__":
    main()
