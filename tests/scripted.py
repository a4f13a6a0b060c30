"""An engine with canned answers over the sample report, and the quotes that they are made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from reportqa.assistant import ReportQA
from reportqa.citation import cite, locate
from reportqa.indicators import Figures
from reportqa.schema import Answer, Finding, IndicatorRow, NotFound, Part, Quote, Report

GDP = "2021年全市生产总值增长多少？"
FOLLOW_UP = "那今年的目标呢？"
TARGET = "2022年全市生产总值增长目标是多少？"
BOTH = "去年和今年的生产总值"
UNANSWERABLE = "地铁二号线什么时候开通？"
REFUSAL = "所收文本到三（二）为止，未见这个问题的答案。"


def quote_of(report: Report, words: str) -> Quote:
    """Return the sentence in which ``words`` stand, these marked, as a quote."""
    at = report.text.index(words)
    for paragraph in report.paragraphs:
        for sentence in paragraph.sentences:
            if sentence.start <= at < sentence.end:
                text = report.text[sentence.start : sentence.end]
                return Quote(
                    text=text,
                    context=report.text[paragraph.start : paragraph.end],
                    highlights=[(at - sentence.start, at - sentence.start + len(words))],
                    citation=cite(report, paragraph, sentence.start, sentence.end, sentence.topic),
                )
    raise AssertionError(words)


def found(question: str, *quotes: Quote, parts: Sequence[Part] = ()) -> Answer:
    shown = quotes[0].marked if quotes else ""
    return Answer(question, True, 0.9, shown, list(quotes), list(parts), searched=["聊城市-2022"])


def refused(question: str, *nearest: Quote, reason: str = "not_found") -> Answer:
    return Answer(question, False, 0.1, REFUSAL, [], [], reason, "", list(nearest), ["聊城市-2022"])


class ScriptedQA:
    """Answers a few questions as a report would have it and every other with its first figure; keeps what it was asked."""

    sums_up = True

    def __init__(self, report: Report, says: Mapping[str, Answer | Exception] | None = None) -> None:
        self.shelf = [report]
        self.asked: list[tuple[str, list[dict[str, Any]], str | None, int | None]] = []
        self.added: list[str] = []
        grown = quote_of(report, "全市生产总值增长8.4%")
        target = quote_of(report, "生产总值增长6%左右")
        jobs = quote_of(report, "城镇新增就业4.5万人")
        grain = quote_of(report, "粮食总产超113亿斤")
        self.gdp = found(GDP, grown, target, jobs, grain)
        parts = [Part("2021年", True, [grown]), Part("2022年目标", True, [target]), Part("2023年", False, [])]
        self._says: dict[str, Answer | Exception] = {
            GDP: self.gdp,
            FOLLOW_UP: found(TARGET, target),
            BOTH: found(BOTH, grown, target, parts=parts),
            UNANSWERABLE: refused(UNANSWERABLE, jobs, grain),
            **(says or {}),
        }

    def held(self) -> ScriptedQA:
        return self

    def refresh(self) -> bool:
        return False

    def reports(self) -> list[Report]:
        return list(self.shelf)

    def report(self, report_id: str) -> Report:
        for report in self.shelf:
            if report.report_id == report_id:
                return report
        raise NotFound(f"没有编号为“{report_id}”的报告，现有：{self.shelf[0].report_id}。")

    def ask(
        self,
        question: str,
        history: Sequence[dict[str, Any]] = (),
        top_k: int | None = None,
        *,
        reports: Sequence[str] | None = None,
        place: str | None = None,
        year: int | None = None,
    ) -> Answer:
        self.asked.append((question, list(history), place, year))
        told = self._says.get(question, replace(self.gdp, question=question))
        if isinstance(told, Exception):
            raise told
        return told

    def search(self, query: str, top_k: int = 10, **narrowed: Any) -> list[Quote]:
        return self.gdp.quotes[:top_k]

    def locate(self, citation_text: str, reports: Sequence[str] | None = None) -> list[Quote]:
        return locate(self.shelf, citation_text)

    def verify(self, text: str) -> list[Finding]:
        quote = self.gdp.quotes[0]
        return [Finding(text, 0, len(text), "exact" if text in quote.text else "absent", quote=quote)]

    def indicators(
        self, place: str | None = None, indicator: str | None = None, period: str | int | None = None
    ) -> list[IndicatorRow]:
        return Figures(self.shelf).select(None if place is None else [place], indicator, period)

    def remove(self, report_id: str) -> None:
        self.shelf.remove(self.report(report_id))

    def add(self, paths: Iterable[str | Path], *, progress: Callable[[int, int], None]) -> list[Report]:
        for done in range(1, 4):
            progress(done, 3)
            time.sleep(0.1)  # as indexing would, so that each step can be seen
        self.added += [Path(path).name for path in paths]
        new = replace(
            self.shelf[0], report_id="新增市-2023", title="2023年新增市政府工作报告", place="新增市", year=2023
        )
        self.shelf.append(new)
        return [new]


def scripted(report: Report, says: Mapping[str, Answer | Exception] | None = None) -> ReportQA:
    """Return the engine as its doors take it."""
    return cast(ReportQA, ScriptedQA(report, says))
