"""From paths to reports: every file read and parsed, with what stands beside it: errata, and details the text lacks.

``reports.toml`` beside the files says what their texts do not, a table for each file:

    ["2022年报告.txt"]
    place = "聊城市"
    year = 2022

Many files are read in several processes, ``python -m reportqa.gathering``: one request a line in, one answer a line out.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from reportqa import errata, parsing, reading
from reportqa.schema import ReadingError, Report
from reportqa.text import fold

DETAILS = "reports.toml"
_KINDS = {"place": str, "year": int, "title": str, "date": str, "speaker": str, "kind": str}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_PROCESSES = 8
_ENOUGH = 4_000_000
"""Bytes of files for each process: fewer are read sooner than it starts.  A PDF or a Word file counts several times."""
_WEIGHT = {".pdf": 8, ".docx": 8}
_SAME = 0.8
"""Of the sentences of the shorter of two texts stand in the other, where both are one report."""

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Gathered:
    """What was found at some paths."""

    reports: list[Report] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    """What was not used, in a sentence each."""


def read_report(path: Path, place: str = "", year: int = 0) -> Report:
    """Read and parse one file; ``place`` and ``year`` override what reports.toml and the text say.

    Raises ReadingError where it is no report, or nothing says of which place and year.
    """
    details = _details(path.parent).get(path.name, {})
    source = reading.read(path)
    report = parsing.parse(source, place or details.get("place", ""), year or details.get("year", 0))
    missing = [said for said, known in (("哪个地方", report.place), ("哪一年", report.year)) if not known]
    if missing:
        raise ReadingError(
            f"“{path.name}”没有写明是{'、'.join(missing)}的报告，请写在文件名里（如“聊城市2022年政府工作报告.txt”），"
            f"或用 --place、--year、{DETAILS} 说明。"
        )
    known = {key: value for key, value in details.items() if key not in ("place", "year")}
    return errata.marked(dataclasses.replace(report, **known), errata.beside(path))


@cache
def _details_of(file: Path, modified: int) -> dict[str, dict[str, Any]]:  # noqa: ARG001 - another time, another content
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadingError(f"“{file}”无法读取（{error}），应为 UTF-8 编码的 TOML 文件。") from None
    for name, table in tables.items():
        for key, value in table.items() if isinstance(table, dict) else [("", table)]:
            kind = _KINDS.get(key)
            if kind is None or type(value) is not kind or (key == "date" and not _DATE.fullmatch(str(value))):
                raise ReadingError(
                    f"“{file}”里“{name}”的“{key} = {value}”无法使用：每个文件一张表，"
                    '可写 place、title、speaker、kind（文字）、year（数字）、date（如 "2022-02-24"）。'
                )
    return tables


def _details(directory: Path) -> dict[str, dict[str, Any]]:
    """Return what reports.toml in a directory says, by file name."""
    file = directory / DETAILS
    return _details_of(file, file.stat().st_mtime_ns) if file.is_file() else {}


def of_no_file(files: Iterable[Path]) -> list[str]:
    """Say of which files the reports.toml beside ``files`` tell that are not there."""
    missing = []
    for directory in sorted({path.parent for path in files}):
        with contextlib.suppress(ReadingError):  # said of the file that it was to tell of
            names = [name for name in _details(directory) if not (directory / name).is_file()]
            missing += [f"{DETAILS} 里写的“{name}”不在“{directory}”里，请检查文件名。" for name in names]
    return missing


def gather(paths: Iterable[str | Path], place: str = "", year: int = 0, progress: Progress | None = None) -> Gathered:
    """Read and parse the reports at ``paths`` (files, directories), each once.

    A file that was named must be readable; those found in a directory are passed over where they are not.
    ``progress`` is told (done, total) files.
    Raises ReportQAError where a path is missing, a named file is no report, or nothing is readable.
    """
    given = [Path(path) for path in paths]
    files = files_at(given)
    found = gather_files(given, files, place, year, progress)
    found.passed_over += of_no_file(files)
    if not found.reports:
        raise nothing_found(found)
    return found


def files_at(given: Sequence[Path]) -> list[Path]:
    """Return the files that are read as reports at some paths.  Raises ReportQAError where a path is missing."""
    return [path for path in reading.files_under(list(given)) if not path.name.endswith(errata.SUFFIX)]


def gather_files(
    given: Sequence[Path], files: Sequence[Path], place: str = "", year: int = 0, progress: Progress | None = None
) -> Gathered:
    """Read and parse some of the files at the paths ``given``, as ``gather`` does all of them."""
    named = {path.resolve() for path in given if path.is_file()}
    found = Gathered()
    for path, report in zip(files, _read_all(files, place, year, progress), strict=True):
        if isinstance(report, Report):
            _put(report, found)
        elif path.resolve() in named:
            raise ReadingError(report)
        else:
            found.passed_over.append(report)
    return found


def nothing_found(found: Gathered) -> ReadingError:
    """Return what is to be raised where nothing was found."""
    return ReadingError(f"没有可索引的报告：{found.passed_over[0] if found.passed_over else '只有勘误文件。'}")


def _put(report: Report, found: Gathered) -> None:
    """Put a report to those found; of one that comes twice the longer text is kept."""
    twin = next((other for other in found.reports if is_same(report, other)), None)
    if twin is None:
        found.reports.append(report)
        return
    shorter, longer = sorted((report, twin), key=lambda one: (len(one.text), one is report))
    if report.sha256 == twin.sha256:
        shorter, longer = report, twin
    if longer is report:
        found.reports[found.reports.index(twin)] = report
    found.passed_over.append(of_two(shorter, longer))


def of_two(shorter: Report, longer: Report) -> str:
    """Say that one of two files was passed over for the other."""
    if shorter.sha256 == longer.sha256:
        return f"“{shorter.source}”与“{longer.source}”内容相同，只收一份。"
    return f"“{shorter.source}”与“{longer.source}”是同一份报告，只收较完整的“{longer.source}”。"


def is_same(one: Report, other: Report) -> bool:
    """Whether two files hold the same report: the same bytes, or nearly the same sentences."""
    if one.sha256 == other.sha256:
        return True
    if (one.place, one.year, one.kind) != (other.place, other.year, other.kind):
        return False
    few, many = sorted((_sentences(one), _sentences(other)), key=len)
    return len(few & many) >= _SAME * len(few) > 0


def _sentences(report: Report) -> set[str]:
    return {re.sub(r"\W", "", fold(report.text[s.start : s.end])) for p in report.paragraphs for s in p.sentences}


def merged(new: Sequence[Report], existing: Sequence[Report]) -> tuple[list[Report], list[str]]:
    """Return the new reports with their ids, less those that an existing one makes needless, and a sentence for each of these.

    A report takes the id, and so the place, of the one read before from a file of its name, or of the same report under
    another name where that is shorter; else its own place-year, with -2, -3 … added where that is taken.
    """
    taken = {report.report_id for report in existing}
    free = list(existing)
    kept: list[Report] = []
    passed_over: list[str] = []
    for report in new:
        stem = _stem(report)
        old = next((o for o in free if (o.source, _stem(o)) == (report.source, stem)), None)
        if old is None and (old := next((o for o in free if is_same(o, report)), None)) is not None:
            same_bytes = old.sha256 == report.sha256
            if same_bytes or len(report.text) <= len(old.text):
                passed_over.append(of_two(report, old))
                continue
            passed_over.append(of_two(old, report))
        if old is not None:
            free.remove(old)
            report_id = old.report_id
        else:
            spare = (stem if n == 1 else f"{stem}-{n}" for n in itertools.count(1))
            report_id = next(name for name in spare if name not in taken)
        taken.add(report_id)
        kept.append(dataclasses.replace(report, report_id=report_id))
    return kept, passed_over


def _stem(report: Report) -> str:
    """Return a report's id without the number that tells it from others of the same place and year."""
    return f"{report.place}-{report.year}"


# Several processes.


def _read_all(files: Sequence[Path], place: str, year: int, progress: Progress | None) -> list[Report | str]:
    """Return for each file its report, or the sentence that says why there is none."""
    weights = {path: _weight(path) for path in files}
    count = min(_MOST_PROCESSES, os.cpu_count() or 1, sum(weights.values()) // _ENOUGH)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, len(files))

    if count < 2:
        answers = {}
        for path in files:
            answers[path] = _answer(path, place, year)
            step()
        return [answers[path] for path in files]
    shares: list[list[Path]] = [[] for _ in range(count)]
    for path in sorted(files, key=lambda path: -weights[path]):
        min(shares, key=lambda share: sum(weights[one] for one in share)).append(path)
    with ThreadPoolExecutor(count) as threads:
        parts = threads.map(lambda share: _in_process(share, place, year, step), shares)
        answers = {path: answer for part in parts for path, answer in part.items()}
    return [answers[path] for path in files]


def _weight(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size * _WEIGHT.get(path.suffix.lower(), 1)
    return 0


def _answer(path: Path, place: str, year: int) -> Report | str:
    try:
        return read_report(path, place, year)
    except ReadingError as error:
        return str(error)


def _in_process(files: Sequence[Path], place: str, year: int, step: Callable[[], None]) -> dict[Path, Report | str]:
    """Read files in a process of their own; what it leaves undone, should it die, is read here."""
    answers: dict[Path, Report | str] = {}
    command = [sys.executable, "-P", "-m", "reportqa.gathering"]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", errors="surrogateescape"
    ) as process:
        assert process.stdin is not None  # noqa: S101 - a pipe, as asked for
        assert process.stdout is not None  # noqa: S101
        json.dump({"files": [str(path) for path in files], "place": place, "year": year}, process.stdin)
        process.stdin.close()
        for path, line in zip(files, process.stdout, strict=False):
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                answers[path] = Report.from_dict(answer) if isinstance(answer, dict) else answer
                step()
    for path in files:
        if path not in answers:
            answers[path] = _answer(path, place, year)
            step()
    return answers


def main() -> None:
    """Read {"files", "place", "year"} from standard input; write for each file a report, or a sentence, in a line."""
    asked = json.load(sys.stdin)
    for file in asked["files"]:
        answer = _answer(Path(file), asked["place"], asked["year"])
        print(json.dumps(answer.to_dict() if isinstance(answer, Report) else answer), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
