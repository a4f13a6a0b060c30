"""Damaged words of scanned reports: a file beside the report says what they should probably be.

``报告.errata.txt`` stands beside ``报告.txt`` and has one entry a line, ``原文 → 应为``.  A quote always shows the report's
own words; the correction is shown beside it, and search finds the sentence by either.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from reportqa.decoding import decode
from reportqa.schema import ReadingError, Report, reason_of

SUFFIX = ".errata.txt"
_ENTRY = re.compile(r"^(\S.*?)\s*(?:→|->|=>)\s*(\S.*?)$")


def beside(path: Path) -> Path:
    """Return where the errata of a report's file are kept."""
    return path.with_name(path.stem + SUFFIX)


def marked(report: Report, path: Path) -> Report:
    """Return the report with the errata of the file at ``path``, or as it is where there is none.

    Raises ReadingError naming the line that is not an entry, or where the file is no Chinese text.
    """
    if not path.is_file():
        return report
    found: list[tuple[int, int, str]] = []
    try:
        lines = decode(path.read_bytes(), path.name).splitlines()
    except OSError as error:
        raise ReadingError(f"读不了勘误文件“{path.name}”（{reason_of(error)}），请检查后再试。") from None
    for number, line in enumerate(lines, 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        match = _ENTRY.match(entry)
        if not match:
            raise ReadingError(f"勘误文件“{path.name}”第 {number} 行应写作“原文 → 应为”，现在是“{entry}”。")
        places = re.finditer(re.escape(match[1]), report.text)
        found += [(place.start(), place.end(), match[2]) for place in places]
    return dataclasses.replace(report, errata=sorted(found))


def within(report: Report, start: int, end: int) -> list[tuple[int, int, str]]:
    """Return the errata in ``report.text[start:end]``, their offsets counted from ``start``."""
    return [(a - start, b - start, word) for a, b, word in report.errata if start <= a and b <= end]


def searchable(report: Report, start: int, end: int) -> str:
    """Return ``report.text[start:end]`` with its corrections behind it: text to search, not to show."""
    text = report.text[start:end]
    corrections = [word for _, _, word in within(report, start, end)] if report.errata else []
    return "\n".join([text, *corrections])


def corrected(report: Report, start: int, end: int) -> str:
    """Return ``report.text[start:end]`` with its corrections in place: text to embed, not to show."""
    text = report.text[start:end]
    for a, b, word in reversed(within(report, start, end)) if report.errata else ():
        text = text[:a] + word + text[b:]
    return text
