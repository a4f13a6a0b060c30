"""A long-running program on an index that others write: a thread that opens the new one as soon as it is there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reportqa.schema import ReportQAError

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

SECONDS = 2.0
"""Between two looks."""
_REST = 20
"""The least between them, in the times that a look takes: what is slow to look at is looked at less often."""
_LOG = logging.getLogger(__name__)


class Follower:
    """Keeps an assistant at the index that lies in its directory; where that cannot be opened, at the one it has open."""

    def __init__(self, qa: ReportQA) -> None:
        self._qa = qa
        self.failure = ""
        """Why the index that lies in the directory is not the one that answers: a sentence; "" where it is."""
        self._took = 0.0

    def look(self) -> None:
        """Have the assistant take over what another program has written, and log what came of it."""
        failure = ""
        began = time.monotonic()
        try:
            if not self._qa.refresh():
                self._took = time.monotonic() - began
            else:
                _LOG.info("another index is in its place: %d reports", len(self._qa.reports()))
                if self._qa.sums_up:
                    self._qa.indicators()  # reads the figures of what is new, for which no visitor shall wait
        except ReportQAError as error:
            failure = str(error)
        except Exception as error:  # out of memory, out of files: a later look may do better
            failure = f"新的索引没能打开（{type(error).__name__}），稍后再试。"
        if failure and failure != self.failure:
            _LOG.error("%s（眼下仍按先前打开的索引回答）", failure)
        self.failure = failure

    @contextmanager
    def following(self) -> Iterator[None]:
        """Look every few seconds while the block runs."""
        over = threading.Event()

        def follow() -> None:
            while not over.wait(max(SECONDS, _REST * self._took)):
                self.look()

        thread = threading.Thread(target=follow, name="following", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
