"""Semantic question answering over Chinese government work reports, quoted word for word."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# OpenMP reads these once, when the first library that uses it loads.  Idle threads that spin starve every other
# process of the machine (a question takes seconds instead of milliseconds); work is spread over Python threads instead.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA
    from reportqa.schema import Answer, Citation, Quote, ReportQAError

__version__ = "0.1.0"
__all__ = ["Answer", "Citation", "Quote", "ReportQA", "ReportQAError", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used, so that ``import reportqa`` stays light."""
    if name == "ReportQA":
        from reportqa.assistant import ReportQA

        return ReportQA
    if name in __all__:
        from reportqa import schema

        return getattr(schema, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
