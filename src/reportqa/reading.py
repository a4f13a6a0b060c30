"""From a file to its text: plain text in any Chinese encoding, Word documents."""

from __future__ import annotations

import errno
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportqa import config
from reportqa.schema import ReadingError

if TYPE_CHECKING:
    from docx.document import Document

TEXT_SUFFIXES = (".txt", ".md")
SUFFIXES = (*TEXT_SUFFIXES, ".docx")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
_SAMPLE = 20_000
_LEAST_CHINESE = 0.2
_LEAST_COMMON = 0.8
"""Of the Chinese characters, how many are everyday ones: prose has 0.97 and more, chance a third."""
_MOST_BROKEN = 0.02
_ORDINARY = re.compile(r"[\u4e00-\u9fff!-~·×°\u2000-\u33ff\uff00-\uffff]")
"""Characters of Chinese prose; with another encoding's eyes it is full of others."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_OLD_WORD = (".doc", ".wps", ".rtf")
_LARGEST_UNPACKED = 200_000_000
_REASONS = {
    errno.EISDIR: "它是目录，不是文件",
    errno.EACCES: "没有读取的权限",
    errno.EPERM: "没有读取的权限",
    errno.ENAMETOOLONG: "路径过长",
    errno.ELOOP: "符号链接循环",
    errno.EIO: "磁盘读取出错",
}
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
    reason = _REASONS.get(error.errno or 0, f"系统错误 {error.errno}")
    return ReadingError(f"“{path}”无法读取：{reason}。")


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


def decode(data: bytes, name: str) -> str:
    """Decode the bytes of a text file in UTF-8, UTF-16, GB18030 or Big5.

    Raises ReadingError for anything that is not Chinese text, and for Chinese text with broken bytes.
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
        return _guess(data, name)
    return _guess(data, name) if "\x00" in text else text


def _guess(data: bytes, name: str) -> str:
    """Decode what is neither marked nor sound UTF-8, by the encoding that gives the most everyday Chinese."""
    texts = {encoding: data.decode(encoding, errors="replace") for encoding in _ENCODINGS}
    commonness = {encoding: _commonness(text) for encoding, text in texts.items()}
    encoding = max(texts, key=lambda encoding: (commonness[encoding], -texts[encoding].count("\ufffd")))
    text = texts[encoding]
    broken = text.count("\ufffd")
    if commonness[encoding] < _LEAST_COMMON or broken > max(4, _MOST_BROKEN * len(text)):
        raise ReadingError(
            f"“{name}”不是中文文本（应为 UTF-8、UTF-16、GB18030 或 Big5 编码的文字），请另存为文本文件后再试。"
        )
    if broken:
        raise ReadingError(
            f"“{name}”是 {_ENCODINGS[encoding]} 编码的文字，但其中有 {broken} 处字节残缺（第一处在“{_before_break(text)}”之后），请换一份完整的文件。"
        )
    return text


def _before_break(text: str) -> str:
    """Return the last words before the first broken bytes."""
    words = re.findall(r"\w+", text[: text.index("\ufffd")][-60:])
    return words[-1][-12:] if words else "开头"


def _is_everyday(character: str) -> bool:
    """Whether a Chinese character is of the first, most used level of GB 2312 or of Big5."""
    for encoding, last in (("gb2312", 0xD7), ("big5", 0xC6)):
        try:
            if character.encode(encoding)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _commonness(text: str) -> float:
    """Return the share of everyday characters among the Chinese and strange ones; 0 where few are Chinese."""
    sample = [c for c in text[:_SAMPLE] if not c.isspace()]
    chinese = [c for c in sample if "\u4e00" <= c <= "\u9fff"]
    if not chinese or len(chinese) < _LEAST_CHINESE * len(sample):
        return 0.0
    everyday = {character for character in set(chinese) if _is_everyday(character)}
    strange = sum(not _ORDINARY.match(c) for c in sample)
    return sum(c in everyday for c in chinese) / (len(chinese) + strange)


def _is_chinese(text: str) -> bool:
    sample = [c for c in text[:_SAMPLE] if not c.isspace()]
    common = sum("\u4e00" <= c <= "\u9fff" for c in sample)
    return bool(sample) and common / len(sample) >= _LEAST_CHINESE and "\x00" not in text


def read(path: Path) -> Source:
    """Read one file.

    Raises ReadingError, in one sentence, where it is missing, empty, too large, of another kind or not Chinese text.
    """
    name = path.name
    suffix = path.suffix.lower()
    limit = int(config.get("MAX_FILE_MB"))
    try:
        size = path.stat().st_size
        if size > limit * 1_000_000:
            raise _too_large(name, size / 1_000_000, limit)
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    if suffix in _OLD_WORD:
        raise ReadingError(f"“{name}”是旧的文档格式，请用 Word 或 WPS 打开它，另存为 .docx 后再试。")
    if suffix not in SUFFIXES:
        raise ReadingError(f"“{name}”不是可读的格式，应为 {'、'.join(SUFFIXES)}。")
    text = decode(data, name) if suffix in TEXT_SUFFIXES else _word_text(data, name)
    if not text.strip():
        raise ReadingError(f"“{name}”是空文件，没有可索引的文字。")
    if not _is_chinese(text):
        raise ReadingError(f"“{name}”里几乎没有中文，看来不是政府工作报告。")
    return Source(name, text.removeprefix("\ufeff"), hashlib.sha256(data).hexdigest())


def _too_large(name: str, megabytes: float, limit: int) -> ReadingError:
    over = f"有 {megabytes:.0f} MB，超过" if round(megabytes) > limit else "的大小略微超过"
    return ReadingError(
        f"“{name}”{over} {limit} MB 的上限；一份报告不会这么大，请检查文件（上限可用 REPORTQA_MAX_FILE_MB 调整）。"
    )


def _word_text(data: bytes, name: str) -> str:
    """Return the text of a .docx file, a line for each paragraph and each row of a table."""
    if data.startswith(_OLD_OFFICE):
        raise ReadingError(f"“{name}”设有密码，或其实是旧的 .doc 格式，请打开它，另存为不带密码的 .docx 后再试。")
    damaged = ReadingError(f"“{name}”不是完整的 Word 文件，可能已损坏，请换一份再试。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except Exception:  # a damaged archive raises whatever its bytes happen to ask for
        raise damaged from None
    if unpacked > _LARGEST_UNPACKED:
        raise ReadingError(
            f"“{name}”解压后有 {unpacked / 1_000_000:.0f} MB，超过 {_LARGEST_UNPACKED // 1_000_000} MB 的上限，请检查文件。"
        )
    import docx  # takes 0.1 s, which no other kind of file needs

    try:
        document = docx.Document(io.BytesIO(data))
        return "".join(f"{line}\n" for line in _Word(document).lines(document.element.body))
    except Exception:  # and so does a damaged document within a whole archive
        raise damaged from None


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RUNS_WITHIN = {
    "ins",
    "hyperlink",
    "smartTag",
    "sdt",
    "sdtContent",
    "fldSimple",
    "customXml",
    "moveTo",
    "ruby",
    "rubyBase",
}
_BLOCKS_WITHIN = {"sdt", "sdtContent", "ins", "moveTo", "customXml"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FOOTNOTE_MARK = re.compile(r"[\[【〔(（]?(?:\d{1,3}|[*①-⑳]+)[\]】〕)）]?")
_CHINESE_COUNTS = ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand")
_DIGITS = "零一二三四五六七八九"


def _local(element: Any) -> str:
    """Return an element's name where it is one of Word's own, else ""."""
    tag = element.tag
    return tag.removeprefix(_WORD) if isinstance(tag, str) and tag.startswith(_WORD) else ""


def _value(element: Any, *path: str) -> str:
    """Return the ``w:val`` of the element at ``path`` below, or ""."""
    found = element.find("/".join(_WORD + step for step in path)) if element is not None else None
    return found.get(f"{_WORD}val", "") if found is not None else ""


def _counted(number: int, style: str) -> str:
    if style not in _CHINESE_COUNTS or not 0 < number < 100:
        return str(number)
    tens, units = divmod(number, 10)
    return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[units] if units else "")


class _Word:
    """Reads a Word document's text as it is seen: with the numbers that Word counts, without what was deleted."""

    def __init__(self, document: Document) -> None:
        self._styles = {style.style_id: style.element for style in document.styles}
        numbering = [r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")]
        root: Any = numbering[0].element if numbering else None
        abstract = {a.get(f"{_WORD}abstractNumId"): a for a in root.findall(f"{_WORD}abstractNum")} if numbering else {}
        instances = root.findall(f"{_WORD}num") if numbering else []
        self._lists = {n.get(f"{_WORD}numId"): abstract.get(_value(n, "abstractNumId")) for n in instances}
        self._counts: dict[tuple[str, int], int] = {}

    def lines(self, parent: Any) -> Iterator[str]:
        """Yield the lines of the paragraphs, tables and text boxes below ``parent``, in order."""
        for child in parent:
            name = _local(child)
            if name == "p":
                yield self._number(child) + self._text(child)
                for box in child.iter(f"{_WORD}txbxContent"):
                    if not any(ancestor.tag.endswith("}Fallback") for ancestor in box.iterancestors()):
                        yield from self.lines(box)
            elif name == "tbl":
                for row in child.iter(f"{_WORD}tr"):
                    cells = [cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(f"{_WORD}tr")) is row]
                    yield "\t".join(" ".join(self.lines(cell)) for cell in cells)
            elif name in _BLOCKS_WITHIN and not _value(child, "sdtPr", "docPartObj", "docPartGallery"):
                yield from self.lines(child)

    def _text(self, paragraph: Any) -> str:
        pieces: list[str] = []
        self._collect(paragraph, pieces)
        return "".join(pieces)

    def _collect(self, element: Any, pieces: list[str]) -> None:
        for child in element:
            name = _local(child)
            if name == "r":
                if child.find(f"{_WORD}rPr/{_WORD}vanish") is None:
                    run: list[str] = []
                    self._collect(child, run)
                    if not self._is_footnote_mark(child, "".join(run), "".join(pieces[-1:])):
                        pieces += run
            elif name == "t":
                pieces.append(child.text or "")
            elif name in _BREAKS:
                pieces.append(_BREAKS[name])
            elif name in _RUNS_WITHIN:
                self._collect(child, pieces)

    @staticmethod
    def _is_footnote_mark(run: Any, text: str, before: str) -> bool:
        """Whether a raised number is a footnote's; m² and km² are not."""
        raised = _value(run, "rPr", "vertAlign") == "superscript"
        return raised and bool(_FOOTNOTE_MARK.fullmatch(text.strip())) and not before[-1:].isascii()

    def _number(self, paragraph: Any) -> str:
        """Return the number that Word sets before a paragraph of a list, or ""."""
        properties = paragraph.find(f"{_WORD}pPr")
        instance, level = _value(properties, "numPr", "numId"), _value(properties, "numPr", "ilvl")
        style = self._styles.get(_value(properties, "pStyle"))
        if not instance and style is not None:
            instance, level = _value(style, "pPr", "numPr", "numId"), _value(style, "pPr", "numPr", "ilvl")
        definition = self._lists.get(instance)
        if definition is None:
            return ""
        depth = int(level or 0)
        levels = {int(one.get(f"{_WORD}ilvl", 0)): one for one in definition.findall(f"{_WORD}lvl")}
        self._counts = {key: n for key, n in self._counts.items() if key[0] != instance or key[1] <= depth}
        self._counts[instance, depth] = (
            self._counts.get((instance, depth), int(_value(levels.get(depth), "start") or 1) - 1) + 1
        )
        pattern = _value(levels.get(depth), "lvlText")
        if _value(levels.get(depth), "numFmt") not in ("decimal", *_CHINESE_COUNTS):
            return ""

        def counted(match: re.Match[str]) -> str:
            wanted = int(match[1]) - 1
            return _counted(self._counts.get((instance, wanted), 1), _value(levels.get(wanted), "numFmt"))

        return re.sub(r"%(\d)", counted, pattern)
