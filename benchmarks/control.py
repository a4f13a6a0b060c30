"""Plain questions made by rule from reports' own clauses: nearly all must be answered, and answered right.

    python benchmarks/control.py [REPORT …] [--limit 300] [--show]

A refusal that grows by refusing what uses the report's own words would refuse the plainest questions of real users; this
control shows it.  Without reports the sample is used.  A question is asked of the index of its own report alone.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reportqa.assistant import ReportQA
from reportqa.periods import ACTUAL, clause_periods
from reportqa.schema import Report
from reportqa.text import clause_spans

_CHANGE = re.compile(
    r"^(?:全[市省区国])?([\u4e00-\u9fff]{4,14})(增长|下降|提高|达到|达|突破)(?:约|超|近)?[\d.]+(%|个百分点|[万亿]*(?:元|人|吨|亩|家|户|个|公里))"
)
_COUNT = re.compile(
    r"^(新增|新建|完成|实施|建成|引进|培育|打造|举办|改造|发放|培训|建设|开展|获批|认定|开工|新开工)"
    r"([\u4e00-\u9fff“”]{3,14})[\d.]+([万亿]*余?(?:个|家|项|条|座|处|所|公里|亿元|万元|人次|人|户|套|场|件|台|名|万亩|亩))"
)
_LIST = re.compile(
    r"^(培育|发展|打造|建设|支持|推进|壮大|做强|聚焦)([\u4e00-\u9fff]{2,8}(?:、[\u4e00-\u9fff]{2,8}){2,})等([\u4e00-\u9fff]{2,8})$"
)
_UNIT_ASKED = {"%": "多少", "个百分点": "多少个百分点"}


@dataclass(frozen=True)
class Plain:
    """A question and the clause it was made from, as a span of the report's text."""

    question: str
    start: int
    end: int


def questions(report: Report) -> Iterator[Plain]:
    """Yield the questions of one report whose subject has one figure in its period."""
    periods = clause_periods(report)
    made: list[tuple[str, Plain]] = []
    for paragraph in report.paragraphs:
        if not paragraph.section:
            continue
        for sentence in paragraph.sentences:
            for start, end in clause_spans(report.text, sentence.start, sentence.end):
                clause = report.text[start:end]
                period = periods[start]
                if period.last - period.first > 1:
                    when = "五年来" if period.aim == ACTUAL else ""
                else:
                    when = f"{period.first}年" if period.known else ""
                if match := _CHANGE.match(clause):
                    asked = _UNIT_ASKED.get(match[3], f"多少{match[3]}")
                    made.append((when + match[1], Plain(f"{when}{match[1]}{match[2]}{asked}？", start, end)))
                elif match := _COUNT.match(clause):
                    unit = match[3].replace("余", "")
                    made.append((when + match[2], Plain(f"{when}{match[1]}{match[2]}多少{unit}？", start, end)))
                elif match := _LIST.match(clause):
                    made.append((when + match[3], Plain(f"{when}{match[1]}的{match[3]}有哪些？", start, end)))
    subjects = Counter(subject for subject, _ in made)
    yield from (plain for subject, plain in made if subjects[subject] == 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path, nargs="*")
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--show", action="store_true", help="print the questions that were refused or answered wrong")
    options = parser.parse_args()
    answered = right = total = 0
    share = max(1, options.limit // max(1, len(options.reports)))
    for path in options.reports or [None]:
        with tempfile.TemporaryDirectory() as directory:
            qa = ReportQA.build([path], directory) if path else ReportQA.build_sample(directory)
            [report] = qa.reports()
            plain = list(questions(report))
            random.Random(0).shuffle(plain)  # noqa: S311 - repeatable, not secret
            for item in plain[:share]:
                answer = qa.ask(item.question)
                total += 1
                answered += answer.found
                cited = answer.quotes[0].citation if answer.found else None
                is_right = cited is not None and cited.start <= item.start and item.end <= cited.end
                right += is_right
                if options.show and not is_right:
                    said = answer.quotes[0].marked if answer.found else f"[{answer.reason}] {answer.confidence:.2f}"
                    print(f"{item.question}  {report.text[item.start : item.end]}  → {said}")
    print(f"{total} questions: answered {answered / total:.3f}, right {right / total:.3f}")


if __name__ == "__main__":
    main()
