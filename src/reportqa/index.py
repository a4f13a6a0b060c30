"""The index: a directory with a versioned manifest, the reports, the vectors, and the lexical index.

    manifest.json               format, model, dimension, counts, reports, size and SHA-256 of every other file
    <generation>/reports.jsonl  one parsed report a line
    <generation>/units.npy      int32, (units, 9): report, paragraph, sentence, grain, start, end; the period it
                                speaks of: first year, last year, ACTUAL or TARGET
    <generation>/vectors.faiss  the units' vectors, inner product, in the order of units.npy
    <generation>/bm25/          BM25 over sentences

Writing goes to a new generation; replacing manifest.json, the last step, makes it the index.  A reader therefore sees
the old index or the new one, never a part of either.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from reportqa.embedding import Embedder
from reportqa.errata import corrected, searchable
from reportqa.lexical import BM25
from reportqa.periods import Period, clause_periods
from reportqa.schema import IndexDirectoryError, Report
from reportqa.text import clause_spans

FORMAT = 2
PARAGRAPH, SENTENCE, WINDOW = 0, 1, 2
_SHORTEST_WINDOW = 6
_WIDEST_WINDOW = 2
_GENERATION = re.compile("g-[0-9a-f]{12}")
_CHECKED_WHOLE = 100_000_000

_UNKNOWN = Period()
_MANIFEST = {"generation": str, "model": str, "dimension": int, "counts": dict, "reports": list, "files": dict}

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an index holds."""

    reports: int
    characters: int
    sentences: int
    vectors: int


def units_of(report: Report, number: int, first_sentence: int) -> tuple[list[list[int]], list[str]]:
    """Return the rows of units.npy and the texts to embed for one report.

    A paragraph, a sentence, and within a sentence of several clauses every clause and every two neighbours.
    """
    rows: list[list[int]] = []
    texts: list[str] = []
    periods = clause_periods(report)

    def add(paragraph: int, sentence: int, grain: int, start: int, end: int) -> None:
        period = periods.get(start, _UNKNOWN)
        rows.append([number, paragraph, sentence, grain, start, end, period.first, period.last, period.aim])
        texts.append(corrected(report, start, end))

    sentence_number = first_sentence
    for paragraph in report.paragraphs:
        if len(paragraph.sentences) > 1:
            add(paragraph.number, -1, PARAGRAPH, paragraph.start, paragraph.end)
        for sentence in paragraph.sentences:
            add(paragraph.number, sentence_number, SENTENCE, sentence.start, sentence.end)
            clauses = clause_spans(report.text, sentence.start, sentence.end)
            for width in range(1, min(_WIDEST_WINDOW + 1, len(clauses))):
                for at in range(len(clauses) - width + 1):
                    start, end = clauses[at][0], clauses[at + width - 1][1]
                    if end - start >= _SHORTEST_WINDOW:
                        add(paragraph.number, sentence_number, WINDOW, start, end)
            sentence_number += 1
    return rows, texts


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
        flat = faiss.rev_swig_ptr(self.vectors.get_xb(), self.vectors.ntotal * self.vectors.d)
        matrix: NDArray[np.float32] = flat.reshape(self.vectors.ntotal, self.vectors.d)
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
    if wrong or not _GENERATION.fullmatch(manifest["generation"]) or not _are_files(manifest["files"]):
        raise _damaged(directory, f"manifest.json 的 {'、'.join(wrong) or 'files'}")
    try:
        Counts(**manifest["counts"])
    except TypeError:
        raise _damaged(directory, "manifest.json 的 counts") from None
    return manifest


def _are_files(files: dict[str, Any]) -> bool:
    return all(
        isinstance(entry, dict) and isinstance(entry.get("size"), int) and isinstance(entry.get("sha256"), str)
        for entry in files.values()
    )


def _check_files(directory: Path, manifest: dict[str, Any]) -> None:
    """Check every file's size, and in an index of up to 100 MB its SHA-256."""
    files = manifest["files"]
    whole = sum(entry["size"] for entry in files.values()) <= _CHECKED_WHOLE
    for name, entry in files.items():
        path = directory / manifest["generation"] / name
        try:
            if path.stat().st_size != entry["size"]:
                raise _damaged(directory, f"{name} 的大小不符")
            if whole and _sha256(path) != entry["sha256"]:
                raise _damaged(directory, f"{name} 的校验和不符")
        except OSError:
            raise _damaged(directory, f"缺少 {name}") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_index(
    directory: Path,
    reports: Sequence[Report],
    embedder: Embedder,
    previous: Index | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the index of ``reports`` into ``directory``, in place of the one there.

    Vectors of reports that ``previous`` holds unchanged are taken over.  ``progress`` is told (done, total) texts.
    """
    rows: list[list[int]] = []
    texts: list[str] = []
    for number, report in enumerate(reports):
        first_sentence = sum(row[3] == SENTENCE for row in rows)
        more_rows, more_texts = units_of(report, number, first_sentence)
        rows += more_rows
        texts += more_texts
    vectors = _embed(reports, rows, texts, embedder, previous, progress)
    sentences = [searchable(reports[row[0]], row[4], row[5]) for row in rows if row[3] == SENTENCE]

    generation = f"g-{uuid.uuid4().hex[:12]}"
    inside = directory / generation
    inside.mkdir(parents=True)
    try:
        with (inside / "reports.jsonl").open("w", encoding="utf-8") as file:
            for report in reports:
                file.write(json.dumps(report.to_dict(), ensure_ascii=False) + "\n")
        np.save(inside / "units.npy", np.array(rows, dtype=np.int32).reshape(-1, 9))
        flat = faiss.IndexFlatIP(embedder.dimension)
        flat.add(vectors)
        faiss.write_index(flat, str(inside / "vectors.faiss"))
        BM25.build(sentences).save(inside / "bm25")
        paths = sorted(path for path in inside.rglob("*") if path.is_file())
        manifest = {
            "format": FORMAT,
            "generation": generation,
            "model": embedder.name,
            "dimension": embedder.dimension,
            "counts": {
                "reports": len(reports),
                "characters": sum(len(report.text) for report in reports),
                "sentences": len(sentences),
                "vectors": len(rows),
            },
            "reports": [
                {
                    "report_id": report.report_id,
                    "title": report.title,
                    "place": report.place,
                    "year": report.year,
                    "source": report.source,
                    "sha256": report.sha256,
                }
                for report in reports
            ],
            "files": {
                path.relative_to(inside).as_posix(): {"size": path.stat().st_size, "sha256": _sha256(path)}
                for path in paths
            },
        }
        for path in paths:
            _flush(path)
        temporary = inside / "manifest.json"
        temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _flush(temporary)
        temporary.replace(directory / "manifest.json")
    except BaseException:
        shutil.rmtree(inside, ignore_errors=True)
        raise
    for old in directory.iterdir():
        if _GENERATION.fullmatch(old.name) and old.name != generation:
            shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _embed(
    reports: Sequence[Report],
    rows: list[list[int]],
    texts: list[str],
    embedder: Embedder,
    previous: Index | None,
    progress: Callable[[int, int], None] | None,
) -> NDArray[np.float32]:
    """Return the vectors of the units, embedding only those of reports that ``previous`` does not hold."""
    vectors = np.empty((len(rows), embedder.dimension), dtype=np.float32)
    owner = np.array([row[0] for row in rows])
    known = {(r.sha256, r.report_id): number for number, r in enumerate(previous.reports)} if previous else {}
    fresh = np.ones(len(rows), dtype=bool)
    for number, report in enumerate(reports):
        old = known.get((report.sha256, report.report_id))
        if (
            previous is None
            or old is None
            or (previous.reports[old].text, previous.reports[old].errata) != (report.text, report.errata)
        ):
            continue
        there = previous.units[:, 0] == old
        here = owner == number
        if there.sum() == here.sum():
            vectors[here] = previous.matrix[there]
            fresh[here] = False
    wanted = [texts[i] for i in np.flatnonzero(fresh)]
    total = len(set(wanted))
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, total)

    if wanted:
        vectors[fresh] = embedder.encode_document(wanted, step)
    return vectors
