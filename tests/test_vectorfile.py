"""The file of vectors against the one that FAISS itself writes."""

from __future__ import annotations

import gc
from pathlib import Path

import faiss
import numpy as np
import pytest

from reportqa import vectorfile


@pytest.mark.parametrize("shape", [(1, 8), (300, 384)])
def test_the_file_is_the_one_that_faiss_writes(tmp_path: Path, shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(1).standard_normal(shape, dtype=np.float32)
    oracle = faiss.IndexFlatIP(shape[1])
    oracle.add(vectors)
    faiss.write_index(oracle, str(tmp_path / "oracle"))
    created = vectorfile.create(tmp_path / "ours", *shape)
    assert not created.any()
    created[::2] = vectors[::2]
    created[1::2] = vectors[1::2]
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "oracle").read_bytes()
    index, matrix = vectorfile.read(tmp_path / "ours")
    np.testing.assert_array_equal(matrix, vectors)
    assert index.search(vectors[:1], 1)[1].tolist() == oracle.search(vectors[:1], 1)[1].tolist()
    with pytest.raises(ValueError, match="read-only"):
        matrix[0] = 0
    del index
    gc.collect()
    np.testing.assert_array_equal(matrix, vectors)  # the array keeps the file mapped


def test_the_vectors_outlast_the_index_that_they_were_read_with(tmp_path: Path) -> None:
    for number in range(20):
        vectorfile.create(tmp_path / str(number), 1000, 64)[:] = number
    read = [vectorfile.read(tmp_path / str(number))[1] for number in range(20)]
    gc.collect()
    assert [float(matrix.sum()) for matrix in read] == [64_000.0 * number for number in range(20)]


def test_a_file_without_vectors(tmp_path: Path) -> None:
    assert vectorfile.create(tmp_path / "none", 0, 8).shape == (0, 8)
    index, matrix = vectorfile.read(tmp_path / "none")
    assert (index.ntotal, matrix.shape) == (0, (0, 8))


def test_what_the_disk_has_no_room_for_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"space|large"):
        vectorfile.create(tmp_path / "huge", 1 << 40, 384)
