"""Reports that the administrator brings in the chat: read and shown before they are indexed, where REPORTQA_UPLOADS allows it."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from reportqa import config
from reportqa.gathering import read_report
from reportqa.schema import NotFound, ReadingError, Report, reason_of

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

MOST_WAITING = 8
_LONGEST_WAIT = 3600.0
_LONGEST_STEM, _LONGEST_SUFFIX = 180, 20
"""Bytes of a file's name; file systems take 255."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    path: Path
    report: Report
    since: float


class Uploads:
    """Uploaded reports that wait for their visitor's word, each under a token; the oldest give way to new ones."""

    def __init__(self, qa: ReportQA) -> None:
        self._qa = qa
        self._waiting: dict[str, _Waiting] = {}
        self._guard = threading.Lock()
        self._indexing = threading.Lock()

    @staticmethod
    def allowed() -> bool:
        """Whether reports may be added in the chat."""
        return bool(config.get("UPLOADS"))

    async def receive(self, name: str, body: AsyncIterator[bytes]) -> tuple[str, Report]:
        """Read an uploaded file as a report; return it with the token under which it waits.

        Raises ReadingError where it is too large, of no known kind, or no report, or cannot be kept.
        """
        try:
            return await self._receive(name, body)
        except OSError as error:
            raise ReadingError(f"上传的文件存不下来（{reason_of(error)}），请管理员检查临时目录。") from error

    async def _receive(self, name: str, body: AsyncIterator[bytes]) -> tuple[str, Report]:
        limit = int(config.get("MAX_FILE_MB"))
        directory = Path(tempfile.mkdtemp(prefix="reportqa-upload-"))
        path = directory / _safe(name)
        try:
            size = 0
            with path.open("wb") as file:
                async for piece in body:
                    size += len(piece)
                    if size > limit * 1_000_000:
                        raise ReadingError(f"“{path.name}”超过 {limit} MB 的上限，请换一个较小的文件。")
                    file.write(piece)
            report = await anyio.to_thread.run_sync(lambda: read_report(path))
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        token = secrets.token_urlsafe(16)
        with self._guard:
            self._waiting[token] = _Waiting(path, report, time.monotonic())
            old = [key for key, waiting in self._waiting.items() if time.monotonic() - waiting.since > _LONGEST_WAIT]
            for key in [*old, *list(self._waiting)[: len(self._waiting) - len(old) - MOST_WAITING]]:
                self._drop(key)
        return token, report

    def add(self, token: str, progress: Callable[[int, int], None]) -> list[Report]:
        """Index the report that waits under a token; return it as it is in the index.

        Raises NotFound where none waits there.
        """
        with self._guard:
            waiting = self._waiting.get(token)
        if waiting is None:
            raise NotFound("这份文件已不在等候之列，请重新上传。")
        with self._indexing:
            added = self._qa.add([waiting.path], progress=progress)
        self.discard(token)
        return added

    def discard(self, token: str) -> None:
        """Forget the report that waits under a token, if one does."""
        with self._guard:
            self._drop(token)

    def _drop(self, token: str) -> None:
        waiting = self._waiting.pop(token, None)
        if waiting is not None:
            shutil.rmtree(waiting.path.parent, ignore_errors=True)


def _safe(name: str) -> str:
    """Return the last part of a file's name, without what has a meaning to a file system; its suffix stays."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(". ") or "report"
    path = Path(kept)
    return _cut(path.stem, _LONGEST_STEM) + _cut(path.suffix, _LONGEST_SUFFIX)


def _cut(words: str, most: int) -> str:
    """Return the beginning of some words that has at most so many bytes."""
    return words.encode()[:most].decode(errors="ignore")
