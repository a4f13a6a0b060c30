"""A reader of our own kind, as training/ makes it: a small encoder as ONNX, run by onnxruntime.

A directory holds it: reader.onnx, from ids and mask, (pairs, length), to relevance and answers, (pairs,), starts and
ends, (pairs, length); tokenizer.json, of folded text; reader.json, its format and the weight of its relevance beside the
score of the ranking.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from reportqa.reader import Candidate, Reading
from reportqa.schema import ReportQAError
from reportqa.text import Folded, fold, fold_with_offsets

FORMAT = 1
MODEL, TOKENIZER, MANIFEST = "reader.onnx", "tokenizer.json", "reader.json"
BEGIN, END, PADDING, UNKNOWN = "<s>", "</s>", "<pad>", "<unk>"
MOST_TOKENS = 128
"""Of a pair."""
_QUESTION_TOKENS = 48
_CONTEXT_TOKENS = 24
_SPAN_TOKENS = 40
_THREADS = 2
_TOGETHER = 4
"""Pairs of about one length that are read at once: padding costs time."""

Floats = NDArray[np.float32]


class PairEncoder:
    """Puts question and candidate into the tokens that the network reads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.begin, self.end = (int(tokenizer.token_to_id(name) or 0) for name in (BEGIN, END))

    def encode(self, question: str, context: str, words: str) -> tuple[list[int], int, Encoding]:
        """Return the tokens <s> question </s></s> context </s> words </s>, where the words begin, and their encoding.

        All three texts are folded; the offsets of the encoding are of ``words``.
        """
        asked = self._tokenizer.encode(question).ids[:_QUESTION_TOKENS]
        under = self._tokenizer.encode(context).ids[:_CONTEXT_TOKENS] if context else []
        encoded = self._tokenizer.encode(words)
        lead = [self.begin, *asked, self.end, self.end, *under, self.end]
        return [*lead, *encoded.ids[: MOST_TOKENS - len(lead) - 1], self.end], len(lead), encoded


class OnnxReader:
    """Reads the pairs of a question in one pass; how much it reads is bounded, so that its time is."""

    orders_only = False
    most = 10
    longest = 96

    def __init__(self, name: str, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, weight: float) -> None:
        self.name = name
        self.weight = weight
        self._session = session
        self._pairs = PairEncoder(tokenizer)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """Return a reading for each candidate."""
        asked = fold(question)
        folded = [fold_with_offsets(candidate.words) for candidate in candidates]
        pairs = [
            self._pairs.encode(asked, candidate.context, words.text)
            for candidate, words in zip(candidates, folded, strict=True)
        ]
        readings: list[Reading] = [Reading(0.0)] * len(pairs)
        order = sorted(range(len(pairs)), key=lambda number: len(pairs[number][0]))
        for at in range(0, len(order), _TOGETHER):
            together = order[at : at + _TOGETHER]
            ids = np.zeros((len(together), len(pairs[together[-1]][0])), dtype=np.int64)
            for row, number in enumerate(together):
                ids[row, : len(pairs[number][0])] = pairs[number][0]
            outputs = self._session.run(None, {"ids": ids, "mask": (ids > 0).astype(np.int64)})
            for number, relevance, answers, starts, ends in zip(together, *outputs, strict=True):
                tokens, first, encoding = pairs[number]
                inside = slice(first, len(tokens) - 1)
                start, end = _span(starts[inside], ends[inside], encoding, folded[number])
                readings[number] = Reading(float(relevance), float(answers), start, end)
        return readings


def _span(starts: Floats, ends: Floats, encoding: Encoding, folded: Folded) -> tuple[int, int]:
    """Return the likeliest run of tokens as offsets into the candidate's words, 0, 0 where there is none."""
    if not len(starts):
        return 0, 0
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones_like(sums, dtype=bool)) & ~np.triu(np.ones_like(sums, dtype=bool), _SPAN_TOKENS)
    first, last = np.unravel_index(int(np.where(allowed, sums, -np.inf).argmax()), sums.shape)
    start, end = encoding.offsets[int(first)][0], encoding.offsets[int(last)][1]
    return (folded.offsets[start], folded.offsets[end - 1] + 1) if end > start else (0, 0)


def load(directory: Path) -> OnnxReader:
    """Load the reader in ``directory``.

    Raises ReportQAError where it is damaged or of another format.
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        given, weight = manifest["format"], float(manifest["weight"])
        tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(str(directory / MODEL), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # tokenizers and onnxruntime raise their own
        raise ReportQAError(
            f"无法读取“{directory}”中的阅读模型（{type(error).__name__}）：请用 training.export 重新导出，或写作 off 不用阅读模型。"
        ) from error
    if given != FORMAT:
        raise ReportQAError(f"“{directory}”中阅读模型的格式是 {given}，应是 {FORMAT}：请用 training.export 重新导出。")
    return OnnxReader(str(directory), session, tokenizer, weight)
