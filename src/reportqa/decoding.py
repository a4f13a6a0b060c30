"""From the bytes of a text to its characters, in whichever encoding Chinese is written."""

from __future__ import annotations

import re

from reportqa.schema import ReadingError

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

_MARKUP = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|</?[a-zA-Z!][^<>]*>", re.IGNORECASE | re.DOTALL)


def decode(data: bytes, name: str) -> str:
    """Decode the bytes of a text file or web page in UTF-8, UTF-16, GB18030 or Big5, whatever a page says it is in.

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
    sample = [c for c in _MARKUP.sub("", text)[:_SAMPLE] if not c.isspace()]
    chinese = [c for c in sample if "\u4e00" <= c <= "\u9fff"]
    if not chinese or len(chinese) < _LEAST_CHINESE * len(sample):
        return 0.0
    everyday = {character for character in set(chinese) if _is_everyday(character)}
    strange = sum(not _ORDINARY.match(c) for c in sample)
    return sum(c in everyday for c in chinese) / (len(chinese) + strange)


def is_chinese(text: str) -> bool:
    """Whether a good part of a text's characters are Chinese."""
    sample = [c for c in text[:_SAMPLE] if not c.isspace()]
    common = sum("\u4e00" <= c <= "\u9fff" for c in sample)
    return bool(sample) and common / len(sample) >= _LEAST_CHINESE and "\x00" not in text
