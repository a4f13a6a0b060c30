"""The index: a directory with a versioned manifest, the reports, the vectors, and the lexical index.

    manifest.json               format, model, dimension, counts, reports, size and SHA-256 of every other file
    <generation>/reports.jsonl  one parsed report a line
    <generation>/units.npy      int32, (units, 9): report, paragraph, sentence, grain, start, end; the period it
                                speaks of: first year, last year, ACTUAL or TARGET
    <generation>/vectors.faiss  the units' vectors, inner product, in the order of units.npy
    <generation>/bm25/          BM25 over sentences
    <generation>/appendices.*   the paragraphs behind the speeches, apart from them: rows (.npy; int32: report, appendix,
                                start, end) and vectors (.faiss)

Writing goes to a new generation; replacing manifest.json, the last step, makes it the index.  A reader therefore sees
the old index or the new one, never a part of either.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from reportqa.embedding import Embedder
from reportqa.lexical import BM25
from reportqa.schema import IndexDirectoryError, Report

FORMAT = 2
PARAGRAPH, SENTENCE, WINDOW = 0, 1, 2
GENERATION = re.compile("g-[0-9a-f]{12}")
_CHECKED_WHOLE = 100_000_000

_MANIFEST = {"generation": str, "model": str, "dimension": int, "counts": dict, "reports": list, "files": dict}

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an index holds."""

    reports: int
    characters: int
    sentences: int
    vectors: int


class Index:
    """An opened index; nothing in it changes."""

    def __init__(self, directory: Path, manifest: dict[str, Any]) -> None:
        self.directory = directory
        self.manifest = manifest
        inside = directory / manifest["generation"]
        try:
            lines = (inside / "reports.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
            self.reports = [Report.from_dict(json.loads(line)) for line in lines]
            self.units: Ints = np.load(inside / "units.npy")
            self.vectors: Any = faiss.read_index(str(inside / "vectors.faiss"))
            self.bm25 = BM25.load(inside / "bm25")
            has_appendices = "appendices.npy" in manifest["files"]
            self.annexed: Ints = np.load(inside / "appendices.npy") if has_appendices else np.empty((0, 4), np.int32)
            self._annexed: Any = faiss.read_index(str(inside / "appendices.faiss")) if has_appendices else None
        except Exception as error:  # numpy, faiss, bm25s and json each raise their own
            raise _damaged(directory, type(error).__name__) from error
        self.sentence_rows: Ints = self.units[self.units[:, 3] == SENTENCE]
        """Row i is sentence i."""
        self.first_unit = np.searchsorted(self._sentence_of_units(), np.arange(len(self.sentence_rows) + 1))
        """Units of sentence i: rows first_unit[i] to first_unit[i + 1], less the paragraphs among them."""

    def _sentence_of_units(self) -> Ints:
        """Return for every unit its sentence, and for a paragraph the sentence that comes next, so that it is sorted."""
        sentences = self.units[:, 2].copy()
        for row in np.flatnonzero(sentences < 0):
            sentences[row] = sentences[row + 1]
        return np.asarray(sentences, dtype=np.int32)

    @property
    def counts(self) -> Counts:
        """What the index holds."""
        return Counts(**self.manifest["counts"])

    @property
    def matrix(self) -> NDArray[np.float32]:
        """The vectors as an array, (units, dimension), without a copy."""
        return _matrix(self.vectors)

    @property
    def annexed_matrix(self) -> NDArray[np.float32]:
        """The vectors of the appendices' paragraphs, (paragraphs, dimension), in the order of ``annexed``."""
        empty = self._annexed is None or not self._annexed.ntotal
        return np.empty((0, self.vectors.d), np.float32) if empty else _matrix(self._annexed)


def _matrix(vectors: Any) -> NDArray[np.float32]:
    flat = faiss.rev_swig_ptr(vectors.get_xb(), vectors.ntotal * vectors.d)
    matrix: NDArray[np.float32] = flat.reshape(vectors.ntotal, vectors.d)
    return matrix


def _damaged(directory: Path, what: str) -> IndexDirectoryError:
    return IndexDirectoryError(f"索引“{directory}”已损坏（{what}），请用 reportqa index --fresh 重新建立。")


def exists(directory: Path) -> bool:
    """Whether ``directory`` holds an index."""
    return (directory / "manifest.json").is_file()


def open_index(directory: Path, embedder: Embedder | None = None) -> Index:
    """Open an index, to be searched with ``embedder``.

    Raises IndexDirectoryError where it is missing, damaged, or of another format, model or dimension.
    """
    manifest = read_manifest(directory)
    if embedder is not None and (manifest["model"], manifest["dimension"]) != (embedder.name, embedder.dimension):
        raise IndexDirectoryError(
            f"索引“{directory}”由模型“{manifest['model']}”（{manifest['dimension']} 维）建立，"
            f"现在用的是“{embedder.name}”（{embedder.dimension} 维）：请换回原模型，或用 reportqa index --fresh 重新建立。"
        )
    _check_files(directory, manifest)
    return Index(directory, manifest)


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read an index's manifest.

    Raises IndexDirectoryError where it is missing, not a manifest, or of another format.
    """
    try:
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IndexDirectoryError(
            f"“{directory}”里没有索引，请先运行 reportqa index 报告文件 --index {directory}。"
        ) from None
    except (OSError, ValueError) as error:
        raise _damaged(directory, f"manifest.json：{type(error).__name__}") from None
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise _damaged(directory, "manifest.json 缺少 format")
    if manifest["format"] != FORMAT:
        raise IndexDirectoryError(
            f"索引“{directory}”的格式是 {manifest['format']}，本程序只读格式 {FORMAT}，请用 reportqa index --fresh 重新建立。"
        )
    wrong = [key for key, kind in _MANIFEST.items() if not isinstance(manifest.get(key), kind)]
    if wrong or not GENERATION.fullmatch(manifest["generation"]) or not _are_files(manifest["files"]):
        raise _damaged(directory, f"manifest.json 的 {'、'.join(wrong) or 'files'}")
    try:
        Counts(**manifest["counts"])
    except TypeError:
        raise _damaged(directory, "manifest.json 的 counts") from None
    return manifest


def check_index(directory: Path) -> dict[str, Any]:
    """Check an index whole, the SHA-256 of every file however large; return its manifest.

    Raises IndexDirectoryError where it is missing or damaged, or of another format.
    """
    manifest = read_manifest(directory)
    _check_files(directory, manifest, whole=True)
    return manifest


def _are_files(files: dict[str, Any]) -> bool:
    return all(
        isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)
        for entry in files.values()
    )


def _check_files(directory: Path, manifest: dict[str, Any], *, whole: bool = False) -> None:
    """Check every file's size, and in an index of up to 100 MB, or where it is to be ``whole``, its SHA-256."""
    files = manifest["files"]
    whole = whole or sum(entry["size"] for entry in files.values()) <= _CHECKED_WHOLE
    for name, entry in files.items():
        path = directory / manifest["generation"] / name
        try:
            if path.stat().st_size != entry["size"]:
                raise _damaged(directory, f"{name} 的大小不符")
            if whole and sha256_of(path) != entry["sha256"]:
                raise _damaged(directory, f"{name} 的校验和不符")
        except OSError:
            raise _damaged(directory, f"缺少 {name}") from None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
