"""The readers that there are, by name."""

from __future__ import annotations

from pathlib import Path

from reportqa import chooser, crossencoder
from reportqa.reader import Reader
from reportqa.schema import ReportQAError

OFF = "off"
_MANIFEST = "reader.json"


def load(name: str) -> Reader | None:
    """Return the reader that a setting names: None for off, a language model's server, one of ours, or a CrossEncoder.

    Raises ReportQAError where there is no such reader.
    """
    if name == OFF:
        return None
    if name.startswith(chooser.PREFIX):
        return chooser.load(name)
    if (Path(name) / _MANIFEST).is_file():
        return _own(Path(name))
    return crossencoder.load(name)


def _own(directory: Path) -> Reader:
    try:
        from reportqa import onnxreader  # its library is installed where it is wanted
    except ImportError:
        raise ReportQAError("阅读模型要用 onnxruntime 运行，请先安装：pip install onnxruntime。") from None
    return onnxreader.load(directory)
