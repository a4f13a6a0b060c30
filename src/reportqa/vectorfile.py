"""The file of vectors: FAISS's own format, filled in place, so that writing it takes no more memory than reading it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_COUNT = slice(8, 16)
"""Where the head of a flat index has the number of its vectors; the number of floats are its last eight bytes."""

Floats = NDArray[np.float32]


def _head(count: int, dimension: int) -> bytes:
    """Return what stands before the vectors in a file of faiss.IndexFlatIP."""
    head = bytearray(faiss.serialize_index(faiss.IndexFlatIP(dimension)).tobytes())
    head[_COUNT] = count.to_bytes(8, "little")
    head[-8:] = (count * dimension).to_bytes(8, "little")
    return bytes(head)


def create(path: Path, count: int, dimension: int) -> Floats:
    """Create the file of a flat index and return its vectors, (count, dimension), all zero: a map of the file.

    Raises OSError where the disk has no room for it; a map alone would find that out too late.
    """
    head = _head(count, dimension)
    size = 4 * count * dimension
    with path.open("wb") as file:
        file.write(head)
        file.flush()
        if not size:
            return np.zeros((0, dimension), dtype=np.float32)
        os.posix_fallocate(file.fileno(), len(head), size)
    return np.memmap(path, dtype=np.float32, mode="r+", offset=len(head), shape=(count, dimension))


class _Held:
    """The vectors of an index as numpy takes them; an array made of this keeps the index, whose file it reads."""

    def __init__(self, index: Any) -> None:
        self._index = index
        flat = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
        self.__array_interface__ = flat.__array_interface__ | {
            "shape": (index.ntotal, index.d),
            "data": (flat.__array_interface__["data"][0], True),
        }


def read(path: Path) -> tuple[Any, Floats]:
    """Open a file of a flat index, mapped; return the index and its vectors as an array, (vectors, dimension), read-only."""
    index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    if not index.ntotal:
        return index, np.empty((0, index.d), dtype=np.float32)
    return index, np.asarray(_Held(index))
