"""The reports of an opened index: each is read from its line of reports.jsonl when more of it is asked than its name."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from reportqa.schema import Report

ENTRY = {"report_id": str, "title": str, "place": str, "year": int, "source": str, "sha256": str}
"""What the manifest says of a report."""
_FIELDS = tuple(field.name for field in fields(Report))


class StoredReport(Report):
    """A report that holds its entry of the manifest, and reads the rest when something of it is first asked for."""

    __slots__ = ("_read",)
    _read: Callable[[], Report]

    def __init__(self, entry: dict[str, Any], read: Callable[[], Report]) -> None:
        for name in ENTRY:
            object.__setattr__(self, name, entry[name])
        object.__setattr__(self, "_read", read)

    def __getattr__(self, name: str) -> Any:
        """Read the report: Python asks here for what has no value yet."""
        if name not in _FIELDS:
            raise AttributeError(name)
        whole = self._read()
        for field in _FIELDS:
            object.__setattr__(self, field, getattr(whole, field))
        return getattr(whole, name)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a report with the same values, stored or not; what differs from its entry is damaged."""
        if not isinstance(other, Report):
            return NotImplemented
        return self.text == other.text and all(getattr(self, name) == getattr(other, name) for name in _FIELDS)

    __hash__ = None  # type: ignore[assignment]  # as of a Report, which holds lists


def stored_reports(path: Path, entries: list[dict[str, Any]], damaged: Callable[[str], Exception]) -> list[Report]:
    """Return the reports of a file with a JSON line for each entry; the file stays mapped, so it may be removed meanwhile.

    What ``damaged`` makes of a few words is raised where lines and entries disagree, at once or when a report is read.
    """
    if not entries and not path.stat().st_size:
        return []
    with path.open("rb") as file:
        lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n")).tolist()
    if len(ends) != len(entries):
        raise damaged(f"reports.jsonl 有 {len(ends)} 行，manifest.json 说 {len(entries)} 份")

    def reader(entry: dict[str, Any], start: int, end: int) -> Callable[[], Report]:
        def read() -> Report:
            try:
                report = Report.from_dict(json.loads(lines[start:end]))
            except Exception as error:  # whatever a damaged line makes of it
                raise damaged(f"reports.jsonl：{type(error).__name__}") from error
            if any(getattr(report, name) != entry[name] for name in ENTRY):
                raise damaged("manifest.json 与 reports.jsonl 不符")
            return report

        return read

    starts = [0, *(end + 1 for end in ends[:-1])]
    return [
        StoredReport(entry, reader(entry, start, end)) for entry, start, end in zip(entries, starts, ends, strict=True)
    ]
