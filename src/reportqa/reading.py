"""From a file to its text: plain text in any Chinese encoding, Word documents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from reportqa import config
from reportqa.schema import ReadingError

SUFFIXES = (".txt", ".md")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LEAST_CHINESE = 0.2


@dataclass(frozen=True, slots=True)
class Source:
    """A file's decoded text."""

    name: str
    text: str
    sha256: str


def files_under(paths: list[Path]) -> list[Path]:
    """Return the readable files among ``paths`` and below the directories among them, sorted, each once.

    Raises ReadingError where a path does not exist or nothing readable is found.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
            found |= dict.fromkeys(inside)
        elif path.is_file():
            found[path] = None
        else:
            raise ReadingError(f"找不到“{path}”，请检查路径。")
    if not found:
        where = "、".join(str(path) for path in paths)
        raise ReadingError(f"“{where}”里没有可读的报告，应有 {'、'.join(SUFFIXES)} 文件。")
    return list(found)


def decode(data: bytes, name: str) -> str:
    """Decode the bytes of a text file in UTF-8, UTF-16, GB18030 or Big5.

    Raises ReadingError for anything that is not Chinese text.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise ReadingError(f"“{name}”以 {encoding.upper()} 标记开头，内容却不是，文件可能已损坏。") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data, name)
    if "\x00" in text:
        text = _guess(data, name)
    return text


def _guess(data: bytes, name: str) -> str:
    """Decode what is neither marked nor UTF-8, by the encoding that gives the most plausible Chinese."""
    candidates = ("gb18030", "big5", "utf-16-le", "utf-16-be")
    best = charset_normalizer.from_bytes(data[:100_000], cp_isolation=list(candidates)).best()
    for encoding in ([best.encoding] if best else []) + list(candidates):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_chinese(text):
            return text
    raise ReadingError(
        f"“{name}”不是中文文本（应为 UTF-8、UTF-16、GB18030 或 Big5 编码的文字），请另存为文本文件后再试。"
    )


def _is_chinese(text: str) -> bool:
    sample = [c for c in text[:20_000] if not c.isspace()]
    common = sum("\u4e00" <= c <= "\u9fff" for c in sample)
    return bool(sample) and common / len(sample) >= _LEAST_CHINESE and "\x00" not in text


def read(path: Path) -> Source:
    """Read one file.

    Raises ReadingError, in one sentence, where it is missing, empty, too large, of another kind or not Chinese text.
    """
    name = path.name
    limit = int(config.get("MAX_FILE_MB"))
    try:
        size = path.stat().st_size
        if size > limit * 1_000_000:
            raise ReadingError(
                f"“{name}”有 {size / 1_000_000:.0f} MB，超过 {limit} MB 的上限；一份报告不会这么大，请检查文件（上限可用 REPORTQA_MAX_FILE_MB 调整）。"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadingError(f"找不到文件“{path}”，请检查路径。") from None
    except OSError as error:
        raise ReadingError(f"文件“{path}”无法读取（{error.strerror}），请检查权限。") from None
    if path.suffix.lower() not in SUFFIXES:
        raise ReadingError(f"“{name}”不是可读的格式，应为 {'、'.join(SUFFIXES)}。")
    text = decode(data, name)
    if not text.strip():
        raise ReadingError(f"“{name}”是空文件，没有可索引的文字。")
    if not _is_chinese(text):
        raise ReadingError(f"“{name}”里几乎没有中文，看来不是政府工作报告。")
    return Source(name, text.removeprefix("\ufeff"), hashlib.sha256(data).hexdigest())
