"""The nearest of many vectors: inverted lists of vectors in eight bits a number, the first of them ranked again exactly.

Exact search reads every vector; up to EXACT_UP_TO that is as fast as embedding the question, beyond it these lists are
written beside the vectors.  A search reads the few lists whose centres are nearest, from the mapped file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isqrt
from pathlib import Path
from typing import Any
from weakref import finalize

import faiss
import numpy as np
from numpy.typing import NDArray

EXACT_UP_TO = 100_000
"""Vectors; measured by benchmarks/growth.py."""
KIND = "IVF,SQ8"
_LISTS = 4
"""Times the square root of the number of vectors."""
_PROBED = 12
"""Every twelfth list is read, at least _LEAST_PROBED of them."""
_LEAST_PROBED = 200
_TRAINED_ON = 40
"""Vectors for each list."""
_AT_ONCE = 100_000
"""Vectors that are put into the lists together."""
_AGAIN = 1.5
"""Times as many as are wanted are ranked again exactly: eight bits a number seldom change places."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Spans = Sequence[tuple[int, int]]
"""Runs of rows, (first, behind the last)."""


def write(vectors: Floats, path: Path) -> None:
    """Write the lists of ``vectors``, (vectors, dimension)."""
    count, dimension = vectors.shape
    lists = max(1, _LISTS * isqrt(count))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # the vectors themselves are kept, not their distance from the centre
    )
    index.cp.spherical = True
    index.cp.niter = 6
    sample = np.random.default_rng(0).permutation(count)[: _TRAINED_ON * lists]
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    try:
        index.train(vectors[np.sort(sample)])
        for start in range(0, count, _AT_ONCE):
            index.add(np.ascontiguousarray(vectors[start : start + _AT_ONCE]))
    finally:
        faiss.omp_set_num_threads(threads)
    save(index, path)


def save(index: Any, path: Path) -> None:
    """Write an index of FAISS.  Raises OSError where it cannot, which FAISS's own writing may pass over on a full disk."""
    with path.open("wb") as file:
        faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]


class Lists:
    """The lists that ``write`` wrote, mapped, and the file of the vectors that they are of, in which these come last."""

    def __init__(self, path: Path, vectors: Path) -> None:
        self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
        self._file = os.open(vectors, os.O_RDONLY)
        finalize(self, os.close, self._file)
        self._width = 4 * self._index.d
        self._from = vectors.stat().st_size - self._width * self._index.ntotal

    def _read(self, rows: Rows) -> Floats:
        """Return some vectors.  A map of the file would bring the neighbours of each into the process's memory."""
        data = b"".join(os.pread(self._file, self._width, self._from + row * self._width) for row in rows.tolist())
        return np.frombuffer(data, dtype=np.float32).reshape(len(rows), self._index.d)

    def search(self, vector: Floats, count: int, spans: Spans) -> Rows:
        """Return the ``count`` rows among ``spans`` nearest to a vector, (dimension,), best first; nearly always the nearest."""
        inside = np.zeros(self._index.ntotal, dtype=bool)
        for first, behind in spans:
            inside[first:behind] = True
        settings: dict[str, Any] = {"nprobe": max(_LEAST_PROBED, self._index.nlist // _PROBED)}
        if not inside.all():
            bits = np.packbits(inside, bitorder="little")
            settings["sel"] = faiss.IDSelectorBitmap(len(inside), faiss.swig_ptr(bits))
        _, found = self._index.search(vector[None], int(_AGAIN * count), params=faiss.SearchParametersIVF(**settings))
        rows = np.sort(found[0][found[0] >= 0])
        return np.asarray(rows[np.argsort(-(self._read(rows) @ vector), kind="stable")[:count]])
