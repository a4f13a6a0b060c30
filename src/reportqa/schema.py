"""The values that every part of the program passes on: frozen, plain, and with one JSON form."""

from __future__ import annotations

import errno
from dataclasses import asdict, dataclass, field
from typing import Any


class ReportQAError(Exception):
    """A user's mistake or an unusable input; its message is one sentence in Chinese to be shown as it is."""


class ReadingError(ReportQAError):
    """A file that cannot be read as a report."""


class IndexDirectoryError(ReportQAError):
    """An index that is missing, damaged, or of another format, model or dimension."""


class StoreError(IndexDirectoryError):
    """A Milvus that keeps the reports and cannot be reached or used."""


class NotFound(ReportQAError):  # noqa: N818 - a name of the public contract
    """A report, section or paragraph that does not exist; the message says what there is."""


class QuestionError(ReportQAError):
    """A question that cannot be asked: empty, too long."""


_REASONS = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "文件超出大小限制",
    errno.EROFS: "目录只读",
    errno.EACCES: "没有读写的权限",
    errno.EPERM: "没有读写的权限",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件过多",
    errno.ENOENT: "没有这个文件或目录",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EISDIR: "它是目录，不是文件",
    errno.ENAMETOOLONG: "路径过长",
    errno.ELOOP: "符号链接循环",
    errno.EADDRINUSE: "已被另一个程序占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}


def reason_of(error: OSError) -> str:
    """Return why the operating system did not do something, in a few words."""
    return _REASONS.get(error.errno or 0) or f"系统错误 {error.errno}"


class _Value:
    """Gives a dataclass its JSON form."""

    def to_dict(self) -> dict[str, Any]:
        """Return the value as plain dicts, lists, strings and numbers."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True)
class Section(_Value):
    """A heading and its place in ``Report.text``."""

    heading: str
    """In the report's own spelling, without the final 。"""
    level: int
    """1 for 一、, 2 for （一）."""
    start: int
    end: int
    number: str = ""
    """As it is written, 一 or （一）; "" for a heading without one."""


@dataclass(frozen=True, slots=True)
class Sentence(_Value):
    """A sentence with its offsets in ``Report.text``, and the topic sentence it stands under (or "")."""

    start: int
    end: int
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph(_Value):
    """A paragraph of the speech; a heading run into its first line lies within ``start`` and ``end``, not in a sentence."""

    number: int
    """Runs through the report from 1; the anchor is ``p<number>``."""
    ordinal: int
    """Counts within its section, from 1."""
    start: int
    end: int
    section: list[str]
    """Headings, outermost first; [] for the opening lines."""
    sentences: list[Sentence]


@dataclass(frozen=True, slots=True)
class Appendix(_Value):
    """What stands behind the speech, a glossary or a list of projects: no part of ``Report.text``, never quoted as it."""

    heading: str
    text: str
    paragraphs: list[tuple[int, int]]
    """(start, end) of each in ``text``."""


@dataclass(frozen=True, slots=True)
class Report(_Value):
    """A parsed report.  All offsets are characters of ``text``, the speech with its opening lines."""

    report_id: str
    title: str
    place: str
    year: int
    date: str
    """ISO 8601, or "" where the report does not say."""
    meeting: str
    speaker: str
    text: str
    sections: list[Section]
    paragraphs: list[Paragraph]
    breaks_off: str
    """Where the supplied text ends before the speech does, e.g. 三（二）; "" for a whole report."""
    source: str
    """Name of the file it was read from."""
    sha256: str
    """Of the file's bytes."""
    offset_map: list[tuple[int, int]]
    """(offset in ``text``, offset in the decoded file) at the start of every run that the two have in common."""
    errata: list[tuple[int, int, str]] = field(default_factory=list)
    """Damaged words, (start, end, what they should probably be), in order: shown beside a quote, never put into it."""
    kind: str = "政府工作报告"
    """政府工作报告, 计划报告 or 预算报告."""
    appendices: list[Appendix] = field(default_factory=list)

    @property
    def size(self) -> dict[str, int]:
        """How many sections, paragraphs and characters it has."""
        return {"sections": len(self.sections), "paragraphs": len(self.paragraphs), "characters": len(self.text)}

    def source_offset(self, offset: int) -> int:
        """Return where in the decoded file the character at ``offset`` of ``text`` stands."""
        low, high = 0, len(self.offset_map)
        while low + 1 < high:
            middle = (low + high) // 2
            if self.offset_map[middle][0] <= offset:
                low = middle
            else:
                high = middle
        here, there = self.offset_map[low]
        return there + offset - here

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """Rebuild a report from ``to_dict()``."""
        paragraphs = [
            Paragraph(**{**p, "sentences": [Sentence(**s) for s in p["sentences"]]}) for p in data["paragraphs"]
        ]
        sections = [Section(**s) for s in data["sections"]]
        offset_map = [(a, b) for a, b in data["offset_map"]]
        errata = [(a, b, word) for a, b, word in data["errata"]]
        appendices = [
            Appendix(**{**a, "paragraphs": [(start, end) for start, end in a["paragraphs"]]})
            for a in data.get("appendices", [])
        ]
        parts = {
            "sections": sections,
            "paragraphs": paragraphs,
            "offset_map": offset_map,
            "errata": errata,
            "appendices": appendices,
        }
        return cls(**{**data, **parts})


@dataclass(frozen=True, slots=True)
class Citation(_Value):
    """Where a quote stands.  ``start`` and ``end`` are characters of the report's stored text, or of its appendix's."""

    report_id: str
    title: str
    place: str
    year: int
    section: list[str]
    topic: str
    paragraph: int
    start: int
    end: int
    url: str
    """``/report/<report_id>?at=START-END#p<paragraph>``, below the address the program is served at."""
    label: str
    """As people cite it: 《2022年聊城市政府工作报告》一、（一）第1段."""
    appendix: int = 0
    """0 for the speech, else the number of the appendix, from 1."""


@dataclass(frozen=True, slots=True)
class Quote(_Value):
    """Words of a report: ``text`` is ``Report.text[citation.start:citation.end]``, never anything else."""

    text: str
    context: str
    """The whole paragraph."""
    highlights: list[tuple[int, int]]
    """Spans of ``text`` that answer."""
    citation: Citation
    score: float = 0.0
    """Of the ranking; comparable within one answer only."""
    errata: list[tuple[int, int, str]] = field(default_factory=list)
    """Damaged words in ``text``, (start, end, what they should probably be): 原文如此，疑为…."""

    @property
    def marked(self) -> str:
        """The highlighted words, joined by … where there are several runs."""
        return "…".join(self.text[start:end] for start, end in self.highlights)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Quote:
        """Rebuild a quote from ``to_dict()``."""
        highlights = [(a, b) for a, b in data["highlights"]]
        errata = [(a, b, word) for a, b, word in data["errata"]]
        parts = {"highlights": highlights, "citation": Citation(**data["citation"]), "errata": errata}
        return cls(**{**data, **parts})


@dataclass(frozen=True, slots=True)
class Part(_Value):
    """One part of a question over several places, periods or things."""

    label: str
    found: bool
    quotes: list[Quote]


@dataclass(frozen=True, slots=True)
class Answer(_Value):
    """What the program says to a question; ``found`` False is a refusal."""

    question: str
    """As it was understood, with what a follow-up inherits."""
    found: bool
    confidence: float
    """0 to 1, that the first quote answers; the refusal threshold cuts it."""
    text: str
    """To show: fixed wording around verbatim words only."""
    quotes: list[Quote] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    reason: str = ""
    """Of a refusal: a code, e.g. ``not_found``, ``other_period``."""
    missing: str = ""
    """Of a refusal: the part of the question that the report does not give, or ""; of an answer over many places: those it lacks."""
    nearest: list[Quote] = field(default_factory=list)
    """Of a refusal: the passages nearest to the question."""
    searched: list[str] = field(default_factory=list)
    """Report ids."""


@dataclass(frozen=True, slots=True)
class Finding(_Value):
    """What a claim of a checked text was found to be: ``claim`` is ``text[start:end]``."""

    claim: str
    start: int
    end: int
    verdict: str
    """exact, paraphrase, number_changed, word_changed or absent."""
    changes: list[tuple[str, str]] = field(default_factory=list)
    """(wrong, right): the claim's words and the source's; right is "" where the source has nothing in their place."""
    notes: list[str] = field(default_factory=list)
    """Codes beside the verdict: elided, errata, misattributed, stitched."""
    quote: Quote | None = None
    """The source's words, the difference marked; None of an absent claim."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Rebuild a finding from ``to_dict()``."""
        changes = [(wrong, right) for wrong, right in data["changes"]]
        quote = Quote.from_dict(data["quote"]) if data["quote"] else None
        return cls(**{**data, "changes": changes, "quote": quote})


@dataclass(frozen=True, slots=True)
class IndicatorRow(_Value):
    """A figure that a report states of an indicator."""

    indicator: str
    place: str
    period: str
    """2025; 2021—2025 of several years together; 2024年一季度 of a part of one."""
    kind: str
    """actual or target."""
    value: str
    """As it is written, bound and unit included: 5.5%左右, 下降0.3%, 与经济增长同步."""
    number: float | None
    """In ``unit``, of a range its lower end; None where the value is in words alone."""
    upper: float | None
    """The upper end of a range."""
    bound: str
    """As it is written: 左右, 以上, 突破; of a value in words, the words; "" where the number is exact."""
    unit: str
    """%, 亿元, 万人."""
    quote: Quote
    """The sentence, the figure and what it is of marked."""
