"""Writing an index: what of each report is embedded, and a new generation beside the old one, swapped in at the end."""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from reportqa import nearest, vectorfile
from reportqa.composing import compose, composed
from reportqa.embedding import Embedder
from reportqa.errata import corrected, searchable
from reportqa.index import (
    FORMAT,
    GENERATION,
    PARAGRAPH,
    SENTENCE,
    WINDOW,
    DirectoryIndex,
    Index,
    manifest_bytes,
    sha256_of,
)
from reportqa.lexical import BM25
from reportqa.periods import Period, clause_periods
from reportqa.schema import IndexDirectoryError, Report, reason_of
from reportqa.text import clause_spans

_SHORTEST_WINDOW = 6
_WIDEST_WINDOW = 2
_UNKNOWN = Period()
_AT_ONCE = 50_000
"""Texts that are embedded before their vectors are written."""

Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Hold an index for writing.

    Raises IndexDirectoryError where another program holds it, or the directory cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(directory / ".lock", timeout=0)
        lock.acquire()
    except filelock.Timeout:
        raise IndexDirectoryError(f"索引“{directory}”正由另一个程序写入，请等它写完再试。") from None
    except OSError as error:
        raise IndexDirectoryError(f"索引“{directory}”无法写入（{reason_of(error)}），请检查目录和权限。") from None
    try:
        yield
    finally:
        lock.release()


def units_of(report: Report, number: int, first_sentence: int) -> tuple[list[list[int]], list[str]]:
    """Return the rows of units.npy and their texts for one report.

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


def _units_again(
    report: Report, number: int, first_sentence: int, previous: Index | None, there: int | None
) -> tuple[list[list[int]], list[str]] | None:
    """Return what ``units_of`` does for a report that ``previous`` holds as it is, at a tenth of the cost; else None.

    ``there`` is the number of the report of that name in ``previous``.
    """
    if previous is None or there is None or report != previous.reports[there]:
        return None
    rows = previous.units[previous.units[:, 0] == there]
    inside = rows[:, 2] >= 0
    if inside.any():
        rows[inside, 2] += first_sentence - rows[inside, 2].min()
    rows[:, 0] = number
    return rows.tolist(), [corrected(report, start, end) for start, end in rows[:, 4:6].tolist()]


def appendix_rows(reports: Sequence[Report]) -> list[list[int]]:
    """Return the rows of appendices.npy: report, appendix (from 1), start and end of each paragraph in its text."""
    return [
        [number, which, start, end]
        for number, report in enumerate(reports)
        for which, appendix in enumerate(report.appendices, 1)
        for start, end in appendix.paragraphs
    ]


def write_index(
    directory: Path,
    reports: Sequence[Report],
    embedder: Embedder,
    previous: Index | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the index of ``reports`` into ``directory``, in place of the one there.

    Texts that ``previous`` has vectors of are not embedded again.  ``progress`` is told (done, total) texts.
    Raises IndexDirectoryError where the directory takes no more; the index there then stays as it was.
    """
    shares: list[Ints] = [np.empty((0, 9), dtype=np.int32)]
    texts: list[str] = []
    sentence_count = 0
    numbers = {report.report_id: number for number, report in enumerate(previous.reports)} if previous else {}
    for number, report in enumerate(reports):
        more_rows, more_texts = _units_again(
            report, number, sentence_count, previous, numbers.get(report.report_id)
        ) or units_of(report, number, sentence_count)
        sentence_count += sum(row[3] == SENTENCE for row in more_rows)
        shares.append(np.array(more_rows, dtype=np.int32).reshape(-1, 9))
        texts += more_texts
    units = np.concatenate(shares)
    plan = composed(units)
    annexed = appendix_rows(reports)
    annexed_texts = [reports[report].appendices[number - 1].text[start:end] for report, number, start, end in annexed]
    sentences = [
        searchable(reports[number], start, end)
        for number, start, end in units[units[:, 3] == SENTENCE][:, [0, 4, 5]].tolist()
    ]

    generation = f"g-{uuid.uuid4().hex[:12]}"
    inside = directory / generation
    if (current := _named(directory)) is not None:
        _remove_all_but(directory, current)  # what writers that were killed have left takes room
    try:
        inside.mkdir(parents=True)
        with (inside / "reports.jsonl").open("w", encoding="utf-8") as file:
            for report in reports:
                file.write(json.dumps(report.to_dict(), ensure_ascii=False) + "\n")
        np.save(inside / "units.npy", units)
        vectors = vectorfile.create(inside / "vectors.faiss", len(units), embedder.dimension)
        annexed_vectors = vectorfile.create(inside / "appendices.faiss", len(annexed), embedder.dimension)
        wanted = np.ones(len(units), dtype=bool)
        wanted[plan.rows] = False
        embedded([*texts, *annexed_texts], wanted, (vectors, annexed_vectors), embedder, previous, progress)
        compose(vectors, units, plan)
        if approximate := len(units) > nearest.EXACT_UP_TO:
            nearest.write(vectors, inside / "nearest.faiss")
        np.save(inside / "appendices.npy", np.array(annexed, dtype=np.int32).reshape(-1, 4))
        BM25.build(sentences).save(inside / "bm25")
        paths = sorted(path for path in inside.rglob("*") if path.is_file())
        for path in paths:
            _flush(path)
        manifest = {
            "format": FORMAT,
            "generation": generation,
            "model": embedder.name,
            "dimension": embedder.dimension,
            "search": nearest.KIND if approximate else "exact",
            "counts": {
                "reports": len(reports),
                "characters": sum(len(report.text) for report in reports),
                "sentences": len(sentences),
                "vectors": len(units),
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
                path.relative_to(inside).as_posix(): {"size": path.stat().st_size, "sha256": sha256_of(path)}
                for path in paths
            },
        }
        DirectoryIndex(directory, manifest)  # what cannot be opened does not take the place of what can
        temporary = inside / "manifest.json"
        temporary.write_bytes(manifest_bytes(manifest))
        for path in (temporary, *(path for path in inside.rglob("*") if path.is_dir()), inside, directory):
            _flush(path)
        temporary.replace(directory / "manifest.json")
        _flush(directory)  # before the files of the index that it replaces go
    except BaseException as error:
        if _named(directory) != generation:
            shutil.rmtree(inside, ignore_errors=True)
        if isinstance(error, OSError | IndexDirectoryError):
            reason = reason_of(error) if isinstance(error, OSError) and error.errno else "写下的文件不完整"
            raise IndexDirectoryError(
                f"索引“{directory}”没有写成（{reason}），原有内容未变；请检查磁盘空间和权限，然后再试一次。"
            ) from error
        raise
    _remove_all_but(directory, generation)


def _named(directory: Path) -> str | None:
    """Return the generation that the manifest names, "" where there is no manifest, None where it cannot be read."""
    try:
        manifest = json.loads((directory / "manifest.json").read_bytes())
    except FileNotFoundError:
        return ""
    except (OSError, ValueError):
        return None
    name = manifest.get("generation") if isinstance(manifest, dict) else None
    return name if isinstance(name, str) else None


def _remove_all_but(directory: Path, current: str) -> None:
    """Remove the generations that were replaced, or never finished."""
    for old in directory.glob("g-*"):
        if GENERATION.fullmatch(old.name) and old.name != current:
            shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have a file, or the names in a directory, outlast a loss of power, where the file system can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not path.is_dir() or error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def embedded(
    texts: Sequence[str],
    wanted: NDArray[np.bool_],
    into: tuple[Floats, Floats],
    embedder: Embedder,
    previous: Index | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Put the vectors of the texts into two arrays, the first texts into the first, the others into the second.

    Only those ``wanted``, a mask of the first ones, and all of the others.  What ``previous`` has is not embedded again.
    """
    first = len(into[0])

    def put(rows: Rows, vectors: Floats) -> None:
        inside = rows < first
        into[0][rows[inside]] = vectors[inside]
        into[1][rows[~inside] - first] = vectors[~inside]

    fresh = np.concatenate([wanted, np.ones(len(texts) - first, dtype=bool)])
    for known, matrix in _known(previous) if previous else ():
        row_of = {text: row for row, text in enumerate(known)}
        found = np.array([row_of.get(text, -1) for text in texts], dtype=np.int64)
        rows = np.flatnonzero(fresh & (found >= 0))
        put(rows, matrix[found[rows]])
        fresh[rows] = False
    rows = np.flatnonzero(fresh)
    unique = sorted({texts[row] for row in rows.tolist()}, key=len)
    number = {text: i for i, text in enumerate(unique)}
    of_rows = np.array([number[texts[row]] for row in rows.tolist()], dtype=np.int64)
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, len(unique))

    for start in range(0, len(unique), _AT_ONCE):
        vectors = embedder.encode_document(unique[start : start + _AT_ONCE], step)
        here = (of_rows >= start) & (of_rows < start + _AT_ONCE)
        put(rows[here], vectors[of_rows[here] - start])


def _known(previous: Index) -> Iterator[tuple[list[str], Floats]]:
    """Yield the texts that an index has embedded, with their vectors."""
    reports = previous.reports
    embedded = np.ones(len(previous.units), dtype=bool)
    embedded[composed(previous.units).rows] = False
    rows = previous.units[embedded]
    yield (
        [corrected(reports[n], start, end) for n, start, end in rows[:, [0, 4, 5]].tolist()],
        previous.matrix[embedded],
    )
    annexed = [
        reports[n].appendices[appendix - 1].text[start:end] for n, appendix, start, end in previous.annexed.tolist()
    ]
    yield annexed, previous.annexed_matrix
