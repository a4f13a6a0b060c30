"""The fitted numbers: weights of the ranking, calibration of the refusal; the bundled model's, or those a setting names."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from reportqa import config
from reportqa.schema import ReportQAError

_PARTS = {"ranking": dict, "refusal": dict}


def fitted() -> dict[str, Any]:
    """Return what benchmarks/fit.py has written.

    Raises ReportQAError where the file of the setting WEIGHTS is none of its.
    """
    return _read(str(config.get("WEIGHTS")))


@cache
def _read(given: str) -> dict[str, Any]:
    bundled = resources.files("reportqa").joinpath("data/weights.json")
    try:
        data = json.loads((Path(given) if given else bundled).read_text(encoding="utf-8"))
        if any(not isinstance(data[part], kind) for part, kind in _PARTS.items()):
            raise TypeError
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ReportQAError(
            f"REPORTQA_WEIGHTS 所指的“{given}”不是 benchmarks/fit.py 写出的文件（{type(error).__name__}），请重新拟合或删去此项。"
        ) from error
    return dict(data)
