"""Settings: one table of name, default and help, each read from the environment with the prefix ``REPORTQA_``."""

from __future__ import annotations

import os
from dataclasses import dataclass

from reportqa.schema import ReportQAError


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that ``REPORTQA_<NAME>`` overrides."""

    name: str
    default: str | int | float
    help: str


SETTINGS = (
    Setting("INDEX", "index", "directory of the index"),
    Setting(
        "MODEL",
        "multilingual-e5-small-q4",
        "embedding model: the bundled one, or any sentence-transformers name or path",
    ),
    Setting("HOST", "127.0.0.1", "address that `reportqa serve` listens on"),
    Setting("PORT", 7860, "port that `reportqa serve` listens on"),
    Setting("TOP_K", 5, "quotes in an answer"),
    Setting("THRESHOLD", -1.0, "confidence below which a question is refused, 0 to 1; -1: the calibrated one"),
    Setting("MAX_QUESTION", 500, "characters of a question"),
    Setting("MAX_FILE_MB", 20, "megabytes of a file to index"),
    Setting("UPLOADS", 0, "1: visitors of the chat may add reports to the index"),
    Setting("QUESTION_LOG", "", "file that takes a JSON line for every question of the chat; none: nothing is noted"),
    Setting("FEEDBACK_LOG", "", "file that takes a JSON line for every 👍 and 👎; none: they are not offered"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def get(name: str) -> str | int | float:
    """Return a setting: the environment's ``REPORTQA_<name>`` in the type of the default, else the default.

    Raises ReportQAError where the environment holds something of another type.
    """
    default = _BY_NAME[name].default
    given = os.environ.get(f"REPORTQA_{name}", "")
    if not given:
        return default
    try:
        return type(default)(given)
    except ValueError:
        raise ReportQAError(f"设置 REPORTQA_{name} 应是数字，现在是“{given}”，请改正或删去。") from None
