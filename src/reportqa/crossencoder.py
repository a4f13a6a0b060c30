"""A named reader: any CrossEncoder of sentence-transformers, by name or path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sentence_transformers import CrossEncoder

from reportqa.reader import Candidate, Reading
from reportqa.schema import ReportQAError


class CrossEncoderReader:
    """Scores pairs of question and candidate; tells neither words nor whether anything answers."""

    orders_only = False
    most = 12
    longest = 240
    weight = 1.0
    """Of a score in standard deviations of the question's candidates: models score on scales of their own."""

    def __init__(self, name: str, model: CrossEncoder) -> None:
        self.name = name
        self._model = model

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return a reading for each candidate, its relevance standardised."""
        if not candidates:
            return []
        pairs = [(question, f"{candidate.context}：{candidate.words}") for candidate in candidates]
        scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), dtype=np.float64).reshape(
            len(pairs), -1
        )
        last = scores[:, -1]
        return [Reading(float(score)) for score in (last - last.mean()) / (last.std() + 1e-9)]


def load(name: str) -> CrossEncoderReader:
    """Load a CrossEncoder by name or path.

    Raises ReportQAError where sentence-transformers cannot load it.
    """
    try:
        return CrossEncoderReader(name, CrossEncoder(name, device="cpu", local_files_only=True))
    except Exception as error:  # sentence-transformers and its hub raise many kinds
        raise ReportQAError(
            f"无法加载阅读模型“{name}”（{type(error).__name__}）：请给出本机上的模型目录，或写作 off 不用阅读模型。"
        ) from error
