"""From a file to its text: plain text in any Chinese encoding, web pages, Word documents, PDF with a text layer."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass
from pathlib import Path

from reportqa import config, markup, pdf, web, word
from reportqa.decoding import decode, is_chinese
from reportqa.schema import ReadingError, reason_of

TEXT_SUFFIXES = (".txt", ".md")
PAGE_SUFFIXES = (".html", ".htm", ".shtml")
SUFFIXES = (*TEXT_SUFFIXES, *PAGE_SUFFIXES, ".docx", ".pdf")
_OLD_WORD = (".doc", ".wps", ".rtf")
_MISSING = (errno.ENOENT, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's decoded text."""

    name: str
    text: str
    sha256: str


def _unreadable(path: Path, error: OSError) -> ReadingError:
    if error.errno in _MISSING:
        return ReadingError(f"找不到“{path}”，请检查路径。")
    return ReadingError(f"“{path}”无法读取：{reason_of(error)}。")


def _is_report(path: Path) -> bool:
    """Whether a file found in a directory is to be read: of a known kind, and no program's temporary file."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$")) and path.is_file()


def files_under(paths: list[Path]) -> list[Path]:
    """Return the readable files among ``paths`` and below the directories among them, sorted, each once.

    Raises ReadingError where a path does not exist or nothing readable is found.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            if path.is_dir():
                inside = [inner for inner in path.rglob("*") if _is_report(inner)]
            else:
                path.stat()
                inside = [path]
            for file in inside:
                found.setdefault(file.resolve(), file)
        except OSError as error:
            raise _unreadable(path, error) from None
    if not found:
        where = "、".join(str(path) for path in paths)
        raise ReadingError(f"“{where}”里没有可读的报告，应有 {'、'.join(SUFFIXES)} 文件。")
    return sorted(found.values())


def read(path: Path) -> Source:
    """Read one file.

    Raises ReadingError, in one sentence, where it is missing, empty, too large, of another kind or not Chinese text.
    """
    name = path.name
    suffix = path.suffix.lower()
    data = bytes_of(path)
    if suffix in _OLD_WORD:
        raise ReadingError(f"“{name}”是旧的文档格式，请用 Word 或 WPS 打开它，另存为 .docx 后再试。")
    if suffix not in SUFFIXES:
        raise ReadingError(f"“{name}”不是可读的格式，应为 {'、'.join(SUFFIXES)}。")
    text = _text(data, name, suffix)
    if not text.strip():
        raise ReadingError(f"“{name}”是空文件，没有可索引的文字。")
    if not is_chinese(text):
        raise ReadingError(f"“{name}”里几乎没有中文，看来不是政府工作报告。")
    return Source(name, text.removeprefix("\ufeff"), hashlib.sha256(data).hexdigest())


def bytes_of(path: Path) -> bytes:
    """Return what a file holds.  Raises ReadingError where it is missing or too large."""
    limit = int(config.get("MAX_FILE_MB"))
    try:
        size = path.stat().st_size
        if size > limit * 1_000_000:
            raise _too_large(path.name, size / 1_000_000, limit)
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _text(data: bytes, name: str, suffix: str) -> str:
    if not data:
        return ""
    if suffix == ".docx":
        return word.text_of(data, name)
    if suffix == ".pdf":
        return pdf.text_of(data, name)
    text = decode(data, name)
    if suffix in PAGE_SUFFIXES:
        return web.text_of(text)
    return markup.text_of(text) if suffix == ".md" else text


def _too_large(name: str, megabytes: float, limit: int) -> ReadingError:
    over = f"有 {megabytes:.0f} MB，超过" if round(megabytes) > limit else "的大小略微超过"
    return ReadingError(
        f"“{name}”{over} {limit} MB 的上限；一份报告不会这么大，请检查文件（上限可用 REPORTQA_MAX_FILE_MB 调整）。"
    )
