"""Coverage-guided fuzzing of what takes other people's words and bytes; a crash stops it and is kept in a file.

    pip install -r benchmarks/requirements-fuzz.txt
    python benchmarks/fuzz.py parsing -max_total_time=180    # libFuzzer's own options follow the target

Targets: text, reading, parsing, questions, citation, verification.  Allowed to be raised is ReportQAError alone; offsets
must lie in their text, and quotes be slices.  A crash is run again with ``python benchmarks/fuzz.py TARGET FILE``.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["reportqa"]):
    from reportqa import citation, figure_periods, reading
    from reportqa.facts import figures
    from reportqa.followups import interpret
    from reportqa.indicators import rows_of
    from reportqa.lexical import bundled_lexicon
    from reportqa.parsing import parse
    from reportqa.periods import asked_of
    from reportqa.questions import tone_of, understand
    from reportqa.reading import Source
    from reportqa.schema import Report, ReportQAError
    from reportqa.text import clause_spans, fold_with_offsets, sentence_spans

if TYPE_CHECKING:
    from reportqa import ReportQA

_TARGETS: dict[str, Callable[[bytes], None]] = {}
_DOCUMENT = "word/document.xml"


def target(work: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Keep a function as a target under its name; what the product refuses in a sentence is no crash."""

    def tried(data: bytes) -> None:
        with contextlib.suppress(ReportQAError):
            work(data)

    _TARGETS[work.__name__] = tried
    return work


def _said(data: bytes) -> str:
    """Return bytes as a text in which, where they are no UTF-8, stand halves of characters."""
    return data.decode("utf-8", errors="surrogateescape")


def _sample() -> str:
    return resources.files("reportqa").joinpath("data", "liaocheng-2022.txt").read_text(encoding="utf-8")


@cache
def _report() -> Report:
    return parse(Source("liaocheng-2022.txt", _sample(), ""))


@cache
def _qa() -> ReportQA:
    with atheris.instrument_imports(include=["reportqa"]):
        from reportqa.assistant import ReportQA
    return ReportQA.build_sample(Path(tempfile.mkdtemp(prefix="reportqa-fuzz-")) / "index")


@cache
def _document() -> dict[str, bytes]:
    """The parts of a small Word document."""
    import docx

    file = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("各位代表：全市生产总值增长8.4%。")
    document.save(file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _within(spans: list[tuple[int, int]], length: int) -> None:
    at = 0
    for start, end in spans:
        assert at <= start < end <= length, (spans, length)
        at = end


@target
def text(data: bytes) -> None:
    said = _said(data)
    folded = fold_with_offsets(said)
    assert len(folded.text) == len(folded.offsets)
    assert folded.offsets == sorted(folded.offsets)
    assert all(0 <= offset < len(said) for offset in folded.offsets)
    _within(sentence_spans(said), len(said))
    _within(clause_spans(said), len(said))
    for figure in figures(folded.text):
        assert 0 <= figure.start < figure.end <= len(folded.text)


@target
def reading_(data: bytes) -> None:
    suffix = reading.SUFFIXES[data[0] % (len(reading.SUFFIXES) - 1)] if data else ".txt"  # not .pdf: another process
    with tempfile.TemporaryDirectory(prefix="reportqa-fuzz-", dir="/dev/shm") as directory:
        path = Path(directory) / f"a{suffix}"
        if (
            suffix == ".docx" and data[1:2] != b"P"
        ):  # bytes for a whole archive's document are worth more than a broken one
            with zipfile.ZipFile(path, "w") as archive:
                for name, part in (_document() | {_DOCUMENT: data[1:]}).items():
                    archive.writestr(name, part)
        else:
            path.write_bytes(data[1:])
        reading.read(path).text.encode("utf-8")


_TARGETS["reading"] = _TARGETS.pop("reading_")


@target
def parsing(data: bytes) -> None:
    said = _said(data)
    report = parse(Source("报告.txt", said, ""))
    for start, end in [(s.start, s.end) for s in report.sections] + [(p.start, p.end) for p in report.paragraphs]:
        assert 0 <= start < end <= len(report.text)
    for paragraph in report.paragraphs:
        _within([(s.start, s.end) for s in paragraph.sentences], len(report.text))
    assert Report.from_dict(report.to_dict()) == report
    figure_periods.Periods(report)
    for row in rows_of(report):
        assert row.quote.text == report.text[row.quote.citation.start : row.quote.citation.end]


@target
def questions(data: bytes) -> None:
    said = _said(data)[:500]
    tone_of(said)
    places = frozenset(("聊城市", "聊城", "全国"))
    whole = interpret(said, ["2021年全市生产总值增长多少？"], bundled_lexicon(), places, several=True)
    understood = understand(whole, bundled_lexicon(), places)
    asked_of(understood.folded, [2021, 2022])


@target
def citation_(data: bytes) -> None:
    report = _report()
    for quote in citation.locate([report], _said(data)):
        assert quote.text == report.text[quote.citation.start : quote.citation.end]


_TARGETS["citation"] = _TARGETS.pop("citation_")


@target
def verification(data: bytes) -> None:
    said = _said(data)
    for finding in _qa().verify(said):
        assert said[finding.start : finding.end] == finding.claim
        if finding.quote is not None:
            where = finding.quote.citation
            assert finding.quote.text == _qa().report(where.report_id).text[where.start : where.end]


def seeds(name: str, directory: Path) -> None:
    """Write what a target begins with: lines of the sample report, and of reading a file of every kind."""
    lines = [line.strip() for line in _sample().splitlines() if line.strip()]
    if name == "reading":
        said = "\n".join(lines[:6])
        page = f"<html><head><title>政府工作报告</title></head><body><ol start=3><li>{said}</ol><table><tr><td>a<td>b</table>"
        kinds = {0: said, 1: f"# {said}\n\n- {said}\n\n| a | b |\n| - | - |\n| 1 | 2 |\n", 2: page}
        for number, words in kinds.items():
            for encoding in ("utf-8", "gb18030", "utf-16"):
                (directory / f"{number}-{encoding}").write_bytes(bytes((number,)) + words.encode(encoding))
        (directory / "5-docx").write_bytes(b"\x05" + _document()[_DOCUMENT])
        return
    asked = [
        "2021年全市生产总值增长多少？",
        "那今年的目标呢？",
        "三（一）第2段",
        "第一部分第五节",
        "report/聊城市-2022?at=3-9#p2",
    ]
    pieces = {"questions": asked, "citation": asked, "parsing": ["\n".join(lines[:n]) for n in (3, 8, 20)]}
    for number, words in enumerate([*pieces.get(name, []), *lines[:40]]):
        (directory / str(number)).write_bytes(words.encode())


def dictionary(path: Path) -> None:
    """Write the words that reports, questions and citations are made of, as libFuzzer reads them."""
    words = (
        "各位代表 一、 （一） 一是 第一部分 第2段 p17 ?at=1-2 附件 名词解释 本作品 （下转4版） <!-- --> 增长8.4% 百分之 分之 成半 一半 亿 万 余 多 个百分点 "
        "去年 今年 五年来 2021—2025年 十四五 左右 以上 不低于 超过 “ ” 「 」 《 》 。 ； ： 、 多少 哪些 为什么 市长 报告指出 聊城市 全国 二〇二一年 "
        "\u202e \u200b \u0663 \u00b2 \x00 \ufeff <table> <sup> <ol> <w:p> <w:t> <w:tbl> &#x5168; 12,345.6 -0.3%"
    )
    escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words.split(" "))
    path.write_text("".join(f'"{word}"\n' for word in escaped if word), encoding="ascii")


def main() -> None:
    name = sys.argv[1]
    kept = Path(tempfile.mkdtemp(prefix=f"reportqa-fuzz-{name}-"))
    corpus = kept / "corpus"
    corpus.mkdir()
    seeds(name, corpus)
    dictionary(kept / "words.dict")
    own = [f"-dict={kept / 'words.dict'}", f"-artifact_prefix={kept}/", "-timeout=60", "-rss_limit_mb=4096"]
    files = [argument for argument in sys.argv[2:] if not argument.startswith("-")]
    options = [argument for argument in sys.argv[2:] if argument.startswith("-")]
    print(f"{name}: {len(list(corpus.iterdir()))} seeds in {corpus}", file=sys.stderr)
    if name == "verification":
        _qa()
    atheris.Setup([sys.argv[0], *own, *options, *(files or [str(corpus)])], _TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
