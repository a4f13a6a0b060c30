"""How the work of each stage grows with the length of hostile input: n, 2n, 4n, 8n characters, and the exponent of the growth.

    python benchmarks/linear.py            # 1.0: in proportion; 2.0: with the square

Measured is processor time, so that another program's load tells little; the exponent is that of the last doubling but one.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reportqa import ReportQA, drafts, facts, markup, web, word
from reportqa.citation import locate
from reportqa.decoding import decode
from reportqa.followups import interpret
from reportqa.lexical import bundled_lexicon
from reportqa.parsing import parse
from reportqa.periods import asked_periods, mentions
from reportqa.questions import tone_of, understand
from reportqa.reading import Source
from reportqa.schema import ReportQAError
from reportqa.text import clause_spans, figures, fold_with_offsets, sentence_spans

PROSE = "全市生产总值增长百分之八，就业增加。"
Make = Callable[[int], str]


def repeated(words: str, before: str = "", behind: str = "") -> Make:
    return lambda n: before + words * (n // len(words)) + behind


CASES: dict[str, tuple[Callable[[str, ReportQA], object], dict[str, Make]]] = {
    "text": (
        lambda text, _: (fold_with_offsets(text), sentence_spans(text), clause_spans(text)),
        {"prose": repeated(PROSE), "marks": repeated("。”，"), "traditional": repeated("後來發現裡面"), "unseen": repeated("\u202e\u200b")},
    ),
    "decode": (
        lambda text, _: decode(text.encode("gb18030", "replace"), "a"),
        {"prose": repeated(PROSE), "open scripts": repeated("<script ", "增长"), "open tags": repeated("<a", "增长")},
    ),
    "page": (
        lambda text, _: web.text_of(text),
        {
            "prose": repeated(f"<p>{PROSE}"),
            "one word": repeated("增", "<p>"),
            "spaces": repeated(" ", f"<p>{PROSE}", "a"),
            "line ends": repeated("\n", f"<p>{PROSE}", "a"),
            "headings": repeated("<h1>a</h1>", f"<p>{PROSE}"),
            "links": repeated("<div><a>a</a></div>", f"<p>{PROSE}"),
            "table": repeated("<tr><td>a<td>b", f"<p>{PROSE}<table>"),
        },
    ),
    "Markdown": (
        lambda text, _: markup.text_of(text),
        {"prose": repeated(f"{PROSE}\n\n"), "brackets": repeated("["), "stars": repeated("*a **"), "quotes": repeated("> "), "ticks": repeated("`a``"), "lists": repeated("- a\n")},
    ),
    "Word": (
        lambda text, _: (word.text_of(drafts.commented(text, []), "a.docx"),),
        {"lines": repeated(f"{PROSE}\n"), "a line": repeated(PROSE)},
    ),
    "parse": (
        lambda text, _: parse(Source("报告.txt", text, "")),
        {
            "a line": repeated("增长", "各位代表："),
            "clauses": repeated("增长1%，", "各位代表："),
            "headings": repeated("一、增长\n", "各位代表：\n"),
            "subsections": repeated("（一）增长。增长。\n", "各位代表：\n一、增长\n", "增长增长。\n" * 9),
            "titles": lambda n: "各位代表：\n" + "".join(f"总体要求和任务\n\n{k}年全市生产总值增长，各项事业取得成绩。\n\n" for k in range(n // 32)),
            "spaces after a number": repeated(" ", "各位代表：增长。\n一、", "总体"),
            "spaces in a glossary": repeated(" ", "各位代表：增长。\n1", "总体"),
            "other articles": repeated("相关新闻\n", "各位代表：增长。\n", "增长" * 50),
            "comments": repeated("<!--", "各位代表：增长。\n"),
            "single characters": repeated("增\n"),
            "dates": repeated("2022年1月5日\n", "", PROSE),
            "plans": repeated("关于计划", "各位代表：\n"),
        },
    ),
    "facts": (
        lambda text, _: (facts.figures(text), figures(text)),
        {"digits": repeated("1", "", "a"), "numerals": repeated("百"), "halves": repeated("一半1"), "fractions": repeated("三"), "points": repeated("1.", "", "a"), "commas": repeated("1,111", "", "a")},
    ),
    "periods": (
        lambda text, _: (mentions(text), asked_periods(text, 2022)),
        {"years": repeated("2021年，"), "numerals": repeated("五年"), "digits": repeated("1"), "denied": repeated("不是问去年")},
    ),
    "questions": (
        lambda text, _: (tone_of(text), understand(interpret(text, [PROSE], bundled_lexicon(), frozenset(("聊城市",))), bundled_lexicon())),
        {"prose": repeated("全市生产总值增长多少？"), "who": repeated("谁报告"), "how many": repeated("几"), "digits": repeated("1", "", "a")},
    ),
    "locate": (
        lambda text, qa: locate(qa.reports(), text[:300]),
        {"ranges": repeated("(1)-(30)"), "numerals": repeated("一"), "spaces": repeated(" ", "一", "一"), "titles": repeated("《")},
    ),
    "verify": (
        lambda text, qa: qa.verify(text),
        {"prose": repeated(PROSE), "digits": repeated("1", "增长", "a"), "figures": repeated("一半1"), "quotes": repeated("“增"), "sources": repeated("报告指出"), "no mark": repeated("全市生产总值增长")},
    ),
}  # fmt: skip
SIZES = {"verify": 1_200, "questions": 500, "facts": 8_000, "Word": 20_000}


def seconds(work: Callable[[str, ReportQA], object], text: str, qa: ReportQA) -> float:
    began = time.process_time()
    with contextlib.suppress(ReportQAError):
        work(text, qa)
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="one stage")
    parser.add_argument(
        "--size", type=int, default=40_000, help="characters of the shortest input, where a stage has none of its own"
    )
    options = parser.parse_args()
    qa = ReportQA.build_sample(Path(tempfile.mkdtemp(prefix="reportqa-linear-")) / "index")
    qa.verify(PROSE)
    print("| stage | input | ms at n | 2n | 4n | 8n | exponent |\n|---|---|---|---|---|---|---|")
    steepest = 0.0
    for stage, (work, inputs) in CASES.items():
        if options.only in (None, stage):
            for name, make in inputs.items():
                size = SIZES.get(stage, options.size)
                spent = [min(seconds(work, make(size * times), qa) for _ in range(2)) for times in (1, 2, 4, 8)]
                exponent = math.log(max(spent[3], 1e-4) / max(spent[1], 1e-4)) / math.log(4)
                steepest = max(steepest, exponent if spent[3] > 0.05 else 0.0)
                print(
                    f"| {stage} | {name} | {' | '.join(f'{1000 * one:.1f}' for one in spent)} | {exponent:.2f} |",
                    flush=True,
                )
    print(f"\nsteepest of those that take 50 ms at all: {steepest:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
