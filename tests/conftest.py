"""What the tests share: the sample report, a deterministic embedder, and the real reports and gold questions."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Sequence
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

from reportqa import reading
from reportqa.parsing import parse
from reportqa.reading import Source
from reportqa.schema import Report

if TYPE_CHECKING:
    from reportqa import ReportQA

SAMPLE = Path(str(resources.files("reportqa").joinpath("data", "liaocheng-2022.txt")))
_BATCH = 16

hypothesis.settings.register_profile("reportqa", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("reportqa")


class HashingEmbedder:
    """Counts of a text's pairs of characters, each pair hashed into one of a few dimensions; no model, no seed."""

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        self.name = name
        self.dimension = dimension
        self.encoded: list[str] = []
        """Every text that was embedded as a document, in order."""

    def _vector(self, text: str) -> NDArray[np.float32]:
        framed = f"\x02{text}\x03"
        vector = np.zeros(self.dimension, dtype=np.float32)
        for one, other in pairwise(framed):
            vector[zlib.crc32((one + other).encode()) % self.dimension] += 1
        length: np.float32 = np.linalg.norm(vector)
        return vector / length

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        unique = list(dict.fromkeys(texts))
        vectors: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(unique), _BATCH):
            batch = unique[start : start + _BATCH]
            vectors |= {text: self._vector(text) for text in batch}
            self.encoded += batch
            if progress:
                progress(len(batch))
        return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)


def is_one_chinese_sentence(message: str) -> bool:
    """Whether a message can be shown as it is: one sentence, in Chinese, without the machine's own words."""
    return (
        message.endswith("。")
        and message.count("。") == 1
        and "\n" not in message
        and re.search(r"[\u4e00-\u9fff]{4}", message) is not None
        and re.search(r"Traceback|Errno|File \"|object at 0x", message) is None
    )


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture(scope="session")
def sample_source() -> Source:
    return reading.read(SAMPLE)


@pytest.fixture(scope="session")
def sample_report(sample_source: Source) -> Report:
    return parse(sample_source)


@pytest.fixture(scope="session")
def sample_index() -> Path:
    """The sample report's index, built with the bundled model; for tests that do not write to it."""
    import sampled

    return sampled.directory()


@pytest.fixture(scope="session")
def sample_qa() -> ReportQA:
    import sampled

    return sampled.qa()


@pytest.fixture(scope="session")
def several_qa(sample_qa: ReportQA, tmp_path_factory: pytest.TempPathFactory) -> ReportQA:
    """Four short reports of two places, two years and the nation."""
    from several import several

    return several(tmp_path_factory.mktemp("several"), sample_qa.embedder)


def _directory(variable: str, what: str) -> Path:
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} names no directory: {what} not tested")
    directory = Path(named)
    if not directory.is_dir():
        pytest.fail(f"{variable}={named} is not a directory")
    return directory


@pytest.fixture(scope="session")
def reports_dir() -> Path:
    """A directory of real reports, from REPORTQA_REPORTS."""
    return _directory("REPORTQA_REPORTS", "real reports")


@pytest.fixture(scope="session")
def gold_dir() -> Path:
    """A directory of gold questions on the sample report, from REPORTQA_GOLD."""
    return _directory("REPORTQA_GOLD", "gold questions")
