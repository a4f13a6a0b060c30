"""What is noted of questions and of visitors' judgements: local JSON Lines, off unless a file is named, no addresses."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

from reportqa import config
from reportqa.conversation import Turn, now
from reportqa.schema import Answer

_WRITING = threading.Lock()


def rating_is_on() -> bool:
    """Whether visitors' judgements are noted."""
    return bool(config.get("FEEDBACK_LOG"))


def note_question(turn: Turn, seconds: float) -> None:
    """Note a question and how it was answered, where REPORTQA_QUESTION_LOG names a file."""
    path = str(config.get("QUESTION_LOG"))
    if path:
        scope = {"place": turn.place, "year": turn.year}
        _append(path, {"at": turn.at, **_of(turn.asked, turn.answer), **scope, "seconds": round(seconds, 4)})


def note_rating(turn: Turn, helpful: bool) -> None:
    """Note whether an answer helped, where REPORTQA_FEEDBACK_LOG names a file."""
    path = str(config.get("FEEDBACK_LOG"))
    if path:
        _append(path, {"at": now(), "helpful": helpful, **_of(turn.asked, turn.answer)})


def _of(asked: str, answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"asked": asked, "failed": True}
    cited = [quote.citation for quote in answer.quotes]
    return {
        "asked": asked,
        "question": answer.question,
        "found": answer.found,
        "confidence": answer.confidence,
        "reason": answer.reason,
        "quotes": [{"report_id": c.report_id, "start": c.start, "end": c.end} for c in cited],
    }


def _append(path: str, entry: dict[str, Any]) -> None:
    """Add a line to a file; a file that cannot be written is said in the log and disturbs no answer."""
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    try:
        with _WRITING:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line)
    except OSError as error:
        logging.getLogger(__name__).error("cannot write %s: %s", path, error.strerror)
