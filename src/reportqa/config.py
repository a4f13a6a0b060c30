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


LEVELS = ("debug", "info", "warning", "error", "critical")
SETTINGS = (
    Setting("INDEX", "index", "directory of the index"),
    Setting("STORE", "directory", "what keeps the reports: directory, or milvus"),
    Setting("URI", "", "address of that Milvus: http://host:19530, or a file of milvus-lite, reports.db"),
    Setting("TOKEN", "", "credentials for that Milvus: user:password or a token"),
    Setting(
        "MODEL",
        "multilingual-e5-small-q4",
        "embedding model: the bundled one, or any sentence-transformers name or path",
    ),
    Setting("BACKEND", "torch", "what runs an embedding model that is not bundled: torch, onnx or openvino"),
    Setting("WEIGHTS", "", "file of weights and refusal threshold fitted for another model by benchmarks/fit.py"),
    Setting(
        "READER",
        "off",
        "second look at the first candidates: off, a sentence-transformers CrossEncoder by name or path, "
        "or openai:URL#model",
    ),
    Setting("READER_SECONDS", 5.0, "seconds that a reader on a server is waited for"),
    Setting("READER_KEY", "", "key of a reader on a server"),
    Setting("HOST", "127.0.0.1", "address that `reportqa serve` listens on"),
    Setting("PORT", 7860, "port that `reportqa serve` listens on"),
    Setting("PUBLIC_URL", "", "address that visitors know the program by, with its prefix: https://portal/qa/"),
    Setting("ALLOW_ORIGIN", "", "portals that may frame the chat and call the API, e.g. https://portal.example"),
    Setting("SECRET", "", "secret shared with the portal's backend, which signs visitors' tokens"),
    Setting("SESSION_MINUTES", 15, "minutes that a visitor's session lasts without a new token"),
    Setting("KEYS", "", "file of API keys, written by `reportqa token --key`"),
    Setting("TRUSTED_PROXY", "", "addresses of the reverse proxies whose headers are believed, e.g. 127.0.0.1"),
    Setting("USER_HEADER", "X-Remote-User", "header in which a trusted proxy names the visitor it has let in"),
    Setting("PUBLIC", 0, "1: everyone who reaches the program may ask"),
    Setting("LOCAL", 1, "0: people on this machine need credentials as everyone else"),
    Setting("RATE", 60, "questions a minute of one visitor"),
    Setting("KEY_RATE", 600, "questions a minute of one API key"),
    Setting("TIMEOUT", 30, "seconds that an answer may take"),
    Setting("MAX_BODY_KB", 1024, "kilobytes of a request, uploads apart"),
    Setting("LOG_LEVEL", "warning", "what is logged, in JSON, to standard error; info: a line for every request"),
    Setting("TOP_K", 5, "quotes in an answer"),
    Setting("THRESHOLD", -1.0, "confidence below which a question is refused, 0 to 1; -1: the calibrated one"),
    Setting("MAX_QUESTION", 500, "characters of a question"),
    Setting("MAX_FILE_MB", 20, "megabytes of a file to index"),
    Setting("UPLOADS", 0, "1: the administrator may add reports to the index in the chat"),
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


def check() -> None:
    """Raise ReportQAError where the environment holds something of another type for any setting, or no level of logging."""
    for setting in SETTINGS:
        get(setting.name)
    level = str(get("LOG_LEVEL"))
    if level.lower() not in LEVELS:
        raise ReportQAError(f"设置 REPORTQA_LOG_LEVEL 应是 {'、'.join(LEVELS)} 之一，现在是“{level}”，请改正或删去。")
