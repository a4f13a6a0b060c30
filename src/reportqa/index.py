"""The index: a directory with a versioned manifest, the reports, the vectors, and the lexical index.

    manifest.json               format, model, dimension, counts, reports, size and SHA-256 of every other file
    <generation>/reports.jsonl  one parsed report a line
    <generation>/units.npy      int32, (units, 9): report, paragraph, sentence, grain, start, end; the period it
                                speaks of: first year, last year, ACTUAL or TARGET
    <generation>/vectors.faiss  the units' vectors, inner product, in the order of units.npy
    <generation>/nearest.faiss  of many vectors, inverted lists of them in eight bits a number, to search in
    <generation>/bm25/          BM25 over sentences
    <generation>/appendices.*   the paragraphs behind the speeches, apart from them: rows (.npy; int32: report, appendix,
                                start, end) and vectors (.faiss)

Writing goes to a new generation; replacing manifest.json, the last step, makes it the index.  A reader therefore sees
the old index or the new one, never a part of either.  Opening maps the files; what is not asked for is not read.
The manifest holds its own SHA-256 too: that of its bytes, less those sixty-four.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from reportqa import vectorfile
from reportqa.embedding import Embedder
from reportqa.lexical import BM25
from reportqa.nearest import EXACT_UP_TO, Lists
from reportqa.schema import IndexDirectoryError, Report, reason_of
from reportqa.stored import ENTRY, stored_reports

FORMAT = 2
PARAGRAPH, SENTENCE, WINDOW = 0, 1, 2
GENERATION = re.compile("g-[0-9a-f]{12}")
_CHECKED_WHOLE = 100_000_000
_BEHIND_DIGEST = b'"\n}\n'
_NEEDED = ("reports.jsonl", "units.npy", "vectors.faiss", "bm25/params.index.json")

_MANIFEST = {"generation": str, "model": str, "dimension": int, "counts": dict, "reports": list, "files": dict}

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Counts:
    """What an index holds."""

    reports: int
    characters: int
    sentences: int
    vectors: int


class Index:
    """Reports with their units, vectors and words, ready to be ranked; nothing in it changes."""

    def __init__(
        self, reports: Sequence[Report], units: Ints, matrix: Floats, bm25: BM25, annexed: Ints, annexed_matrix: Floats
    ) -> None:
        """Take ``units`` and ``annexed`` as the files of these names hold them, by the order of ``reports``."""
        self.reports = reports
        self.units = units
        self.matrix = matrix
        """The units' vectors, (units, dimension), read-only."""
        self.bm25 = bm25
        self.annexed = annexed
        """The paragraphs of the appendices."""
        self.annexed_matrix = annexed_matrix
        """Their vectors, (paragraphs, dimension)."""
        self.sentence_rows: Ints = units[units[:, 3] == SENTENCE]
        """Row i is sentence i."""
        self.first_unit = np.searchsorted(self._sentence_of_units(), np.arange(len(self.sentence_rows) + 1))
        """Units of sentence i: rows first_unit[i] to first_unit[i + 1], less the paragraphs among them."""
        numbers = np.arange(len(reports) + 1)
        self._units_from = np.searchsorted(units[:, 0], numbers)
        self._sentences_from = np.searchsorted(self.sentence_rows[:, 0], numbers)

    def _sentence_of_units(self) -> Ints:
        """Return for every unit its sentence, and for a paragraph the sentence that comes next, so that it is sorted."""
        sentences = self.units[:, 2].copy()
        paragraphs = np.flatnonzero(sentences < 0)
        sentences[paragraphs] = sentences[paragraphs + 1]
        return np.asarray(sentences, dtype=np.int32)

    def sentences_of(self, reports: Iterable[int] | None) -> Rows:
        """Return the numbers of the sentences of some reports, in order; None: of all."""
        return _rows(_spans(self._sentences_from, reports))

    def nearest(self, vector: Floats, count: int, reports: Iterable[int] | None = None) -> Rows:
        """Return the rows of the ``count`` units nearest to a vector, (dimension,), best first.

        ``reports`` narrows to those report numbers.
        """
        spans = _spans(self._units_from, reports)
        rows = _rows(spans)
        cosines = np.concatenate([np.empty(0, np.float32), *(self.matrix[a:b] @ vector for a, b in spans)])
        if len(rows) > count:
            best = np.argpartition(-cosines, count)[:count]
            rows, cosines = rows[best], cosines[best]
        return np.asarray(rows[np.argsort(-cosines, kind="stable")])


class DirectoryIndex(Index):
    """An index opened from its directory; its files stay mapped."""

    def __init__(self, directory: Path, manifest: dict[str, Any]) -> None:
        self.directory = directory
        self.manifest = manifest
        inside = directory / manifest["generation"]
        files = manifest["files"]
        try:
            reports = stored_reports(
                inside / "reports.jsonl", manifest["reports"], lambda what: _damaged(directory, what)
            )
            units = _mapped(inside / "units.npy")
            self.vectors: Any
            """The vectors as FAISS's index."""
            self.vectors, matrix = vectorfile.read(inside / "vectors.faiss")
            self._lists = (
                Lists(inside / "nearest.faiss", inside / "vectors.faiss") if "nearest.faiss" in files else None
            )
            bm25 = BM25.load(inside / "bm25")
            has_appendices = "appendices.npy" in files
            annexed: Ints = np.load(inside / "appendices.npy") if has_appendices else np.empty((0, 4), np.int32)
            annexed_matrix: Floats = (
                vectorfile.read(inside / "appendices.faiss")[1]
                if has_appendices
                else np.empty((0, self.vectors.d), np.float32)
            )
            if not len(units) == len(matrix) == manifest["counts"]["vectors"]:
                raise _damaged(directory, "units.npy、vectors.faiss 与 manifest.json 的数目不符")
            super().__init__(reports, units, matrix, bm25, annexed, annexed_matrix)
        except IndexDirectoryError:
            raise
        except Exception as error:  # numpy, faiss, bm25s and json each raise their own
            raise _damaged(directory, type(error).__name__) from error

    def nearest(self, vector: Floats, count: int, reports: Iterable[int] | None = None) -> Rows:
        """Return what ``Index.nearest`` does.  Among more than EXACT_UP_TO units one may be missed."""
        spans = _spans(self._units_from, reports)
        if self._lists is not None and sum(behind - first for first, behind in spans) > EXACT_UP_TO:
            return self._lists.search(vector, count, spans)
        if reports is None:
            _, found = self.vectors.search(vector[None], min(count, self.vectors.ntotal))
            return np.asarray(found[0])
        return super().nearest(vector, count, reports)

    @property
    def counts(self) -> Counts:
        """What the index holds."""
        return Counts(**self.manifest["counts"])


def _mapped(path: Path) -> Ints:
    """Return the array in a .npy file, mapped; one without rows cannot be."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, _ = np.lib.format.read_array_header_1_0(file)
    return np.asarray(np.load(path, mmap_mode="r" if shape[0] else None))


def _spans(first: Rows, reports: Iterable[int] | None) -> list[tuple[int, int]]:
    """Return the runs of rows of some reports, or of all; ``first[n]`` is the first row of report n."""
    if reports is None:
        return [(0, int(first[-1]))]
    spans: list[tuple[int, int]] = []
    for number in sorted(set(reports)):
        start, end = int(first[number]), int(first[number + 1])
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _rows(spans: list[tuple[int, int]]) -> Rows:
    return np.concatenate([np.empty(0, np.int64), *(np.arange(first, behind) for first, behind in spans)])


def _damaged(directory: Path, what: str) -> IndexDirectoryError:
    return IndexDirectoryError(f"索引“{directory}”已损坏（{what}），请用 reportqa index --fresh 重新建立。")


def _unreadable(directory: Path, name: str, error: OSError) -> IndexDirectoryError:
    return IndexDirectoryError(f"索引“{directory}”无法读取（{name}：{reason_of(error)}），请检查目录和权限。")


def exists(directory: Path) -> bool:
    """Whether ``directory`` holds an index; where that cannot be seen, so that opening it says why."""
    try:
        return (directory / "manifest.json").is_file()
    except OSError:
        return True


def open_index(directory: Path, embedder: Embedder | None = None) -> DirectoryIndex:
    """Open an index, to be searched with ``embedder``.

    Raises IndexDirectoryError where it is missing, damaged, or of another format, model or dimension.
    """

    def opened(manifest: dict[str, Any]) -> DirectoryIndex:
        if embedder is not None and (manifest["model"], manifest["dimension"]) != (embedder.name, embedder.dimension):
            raise IndexDirectoryError(
                f"索引“{directory}”由模型“{manifest['model']}”（{manifest['dimension']} 维）建立，"
                f"现在用的是“{embedder.name}”（{embedder.dimension} 维）：请换回原模型，或用 reportqa index --fresh 重新建立。"
            )
        _check_files(directory, manifest)
        return DirectoryIndex(directory, manifest)

    return _of_one_moment(directory, opened)


def check_index(directory: Path) -> dict[str, Any]:
    """Check an index whole, the SHA-256 of every file however large; return its manifest.

    Raises IndexDirectoryError where it is missing or damaged, or of another format.
    """

    def checked(manifest: dict[str, Any]) -> dict[str, Any]:
        _check_files(directory, manifest, whole=True)
        return manifest

    return _of_one_moment(directory, checked)


def _of_one_moment(directory: Path, work: Callable[[dict[str, Any]], _Result]) -> _Result:
    """Return what ``work`` makes of an index by its manifest; anew where another index was put in its place meanwhile."""
    while True:
        manifest = read_manifest(directory)
        try:
            return work(manifest)
        except IndexDirectoryError:
            if read_manifest(directory)["generation"] == manifest["generation"]:
                raise


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read an index's manifest.

    Raises IndexDirectoryError where it is missing, not a manifest, damaged, or of another format.
    """
    try:
        data = (directory / "manifest.json").read_bytes()
        manifest = json.loads(data)
    except FileNotFoundError:
        raise IndexDirectoryError(
            f"“{directory}”里没有索引，请先运行 reportqa index 报告文件 --index {directory}。"
        ) from None
    except OSError as error:
        raise _unreadable(directory, "manifest.json", error) from None
    except (ValueError, RecursionError) as error:
        raise _damaged(directory, f"manifest.json：{type(error).__name__}") from None
    if not isinstance(manifest, dict) or "format" not in manifest:
        raise _damaged(directory, "manifest.json 缺少 format")
    if manifest["format"] != FORMAT:
        newer = isinstance(manifest["format"], int) and manifest["format"] > FORMAT
        raise IndexDirectoryError(
            f"索引“{directory}”的格式是 {manifest['format']}，本程序只读格式 {FORMAT}，"
            f"请{'升级 reportqa，或' if newer else ''}用 reportqa index --fresh 重新建立。"
        )
    if "sha256" in manifest and data != _with_digest(data[: -len(_BEHIND_DIGEST) - 64] + _BEHIND_DIGEST):
        raise _damaged(directory, "manifest.json 的校验和不符")
    wrong = [key for key, kind in _MANIFEST.items() if not isinstance(manifest.get(key), kind)]
    if (
        wrong
        or not GENERATION.fullmatch(manifest["generation"])
        or not _are_files(manifest["files"])
        or not _are_entries(manifest["reports"])
    ):
        raise _damaged(directory, f"manifest.json 的 {'、'.join(wrong) or 'files'}")
    try:
        Counts(**manifest["counts"])
    except TypeError:
        raise _damaged(directory, "manifest.json 的 counts") from None
    return manifest


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """Return a manifest as it is kept, its own SHA-256 at its end."""
    ordered = {key: value for key, value in manifest.items() if key != "sha256"} | {"sha256": ""}
    return _with_digest((json.dumps(ordered, ensure_ascii=False, indent=1) + "\n").encode())


def _with_digest(data: bytes) -> bytes:
    digest = hashlib.sha256(data).hexdigest().encode()
    return data.removesuffix(_BEHIND_DIGEST) + digest + _BEHIND_DIGEST


def _are_files(files: dict[str, Any]) -> bool:
    return all(name in files for name in _NEEDED) and all(
        isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)
        for entry in files.values()
    )


def _are_entries(reports: list[Any]) -> bool:
    return all(
        isinstance(entry, dict) and all(isinstance(entry.get(name), kind) for name, kind in ENTRY.items())
        for entry in reports
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
        except FileNotFoundError:
            raise _damaged(directory, f"缺少 {name}") from None
        except OSError as error:
            raise _unreadable(directory, name, error) from None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
