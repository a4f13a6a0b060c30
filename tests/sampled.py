"""The sample report's index, built once by a process, however many times pytest runs in it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from reportqa import ReportQA

_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def directory() -> Path:
    """Return the directory of the index, built with the bundled model; it is removed when the process ends."""
    _KEPT.append(tempfile.TemporaryDirectory(prefix="reportqa-sample-"))
    built = Path(_KEPT[-1].name) / "index"
    ReportQA.build_sample(built)
    return built


@functools.cache
def qa() -> ReportQA:
    """Return the index, opened."""
    return ReportQA.open(directory())
