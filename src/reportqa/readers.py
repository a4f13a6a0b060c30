"""The readers that there are, by name."""

from __future__ import annotations

from reportqa import chooser, crossencoder
from reportqa.reader import Reader

OFF = "off"


def load(name: str) -> Reader | None:
    """Return the reader that a setting names: None for off, a language model's server, or a CrossEncoder.

    Raises ReportQAError where there is no such reader.
    """
    if name == OFF:
        return None
    if name.startswith(chooser.PREFIX):
        return chooser.load(name)
    return crossencoder.load(name)
