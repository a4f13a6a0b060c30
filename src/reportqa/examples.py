"""Questions that a report answers, made of its own figures and headings: for the first page and for refusals."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportqa.lexical import Lexicon, bundled_lexicon
from reportqa.periods import TARGET, Period, clause_periods
from reportqa.schema import Citation, Report, ReportQAError
from reportqa.text import clause_spans

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

MOST = 6
_TRIED = 12
_NEWEST = 3
_EACH = 2
_WHOLE = r"(?:(?:全|我)(?:[市省县区旗州盟国]|自治区)|全年|其中|预计)*"
_NAME = r"(?P<name>[\u4e00-\u9fff]{4,12}?)"
_ABOUT = r"(?:约|近|超过?|左右|以上|到|达|达到|为|至)?"
_NUMBER = r"\d[\d,.]*"
_RATE = re.compile(rf"{_WHOLE}{_NAME}(?:同比)?(?P<verb>增长|下降){_ABOUT}{_NUMBER}%(?:左右|以上)?")
_LEVEL = re.compile(
    rf"{_WHOLE}{_NAME}(?:达到|达|完成|突破|实现|为|超过?){_ABOUT}{_NUMBER}\s*(?:[余多]?[万亿]?[元斤吨人])"
)
_COUNT = re.compile(rf"{_WHOLE}(?P<name>城镇新增就业){_ABOUT}{_NUMBER}[余多]?万人?(?:左右|以上)?")
_NO_NAME = re.compile(r"[的和与及在对为将以了是有]$|^(?:[的和与及在对将以了为]|完成|实现|[今去]年)|分别")
_PLAN = re.compile(r"[（(]?[一二三四五六七八九十]+[）)、]\s*(?P<words>[^，,；;。]{6,24})")
_OPENERS = re.compile(
    r"^(?:凝心聚力|坚定不移|坚持不懈|持之以恒|强力|全力|着力|聚力|奋力|大力|突出|持续|深入|全面|扎实|积极|更加|进一步|切实|坚决|坚持|统筹|毫不动摇)+(?:地)?"
)
_DOES = re.compile(
    r"^(?:推进|推动|建设|实施|深化|扩大|提升|提高|促进|构建|打造|做[强优大好实]|培育|优化|完善|加快|加强|加大|改善|保障|发展|防范|办好|强化|增进|稳定|激发)"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the sentence of a report that should answer it."""

    question: str
    report_id: str
    start: int
    end: int


def figures_asked(report: Report, where: str) -> Iterator[Example]:
    """Yield questions for the figures of a report's sentences, in its order; each names ``where``, which may be ""."""
    lexicon = bundled_lexicon()
    periods = clause_periods(report)
    for paragraph in report.paragraphs:
        for sentence in paragraph.sentences:
            for start, end in clause_spans(report.text, sentence.start, sentence.end):
                words = report.text[start:end]
                asked = _asked(words, _when(periods.get(start, Period()), report), lexicon)
                if asked:
                    yield Example(f"{where}{asked}", report.report_id, sentence.start, sentence.end)


def topics_asked(report: Report, where: str, cited: Citation) -> Iterator[Example]:
    """Yield questions for what the sentences around a cited one are about: their topic, the heading above them."""
    paragraph = report.paragraphs[cited.paragraph - 1]
    doing = _OPENERS.sub("", cited.topic)
    if _DOES.match(doing):
        under = [s for s in paragraph.sentences if s.topic == cited.topic]
        ahead = clause_periods(report).get(cited.start, Period()).aim == TARGET
        question = f"{where}{report.year}年怎样{doing}？" if ahead else f"{where}怎样{doing}？"
        yield Example(question, report.report_id, under[0].start, under[-1].end)
    yield from (plan for plan in plans_asked(report, where) if plan.start <= cited.start < plan.end)


def plans_asked(report: Report, where: str) -> Iterator[Example]:
    """Yield questions for what a report plans to do, one for each heading that says it."""
    for section in report.sections:
        words = _PLAN.match(section.heading)
        if section.level != 2 or not words:
            continue
        paragraph = next((p for p in report.paragraphs if section.heading in p.section), None)
        doing = _OPENERS.sub("", words["words"])
        if paragraph is None or not _DOES.match(doing):
            continue
        period = next(iter(clause_periods(report).get(s.start, Period()) for s in paragraph.sentences), Period())
        if period.aim == TARGET:
            question = f"{where}{report.year}年怎样{doing}？"
            last = max(p.end for p in report.paragraphs if section.heading in p.section)
            yield Example(question, report.report_id, paragraph.start, last)


class Examples:
    """The questions that a page offers, each tried on the engine before it is shown, and kept until the reports change."""

    def __init__(self, qa: ReportQA) -> None:
        self._qa = qa
        self._guard = threading.Lock()
        self._made_for: list[str] = []
        self._shown: list[str] = []
        self._figures: dict[str, list[Example]] = {}
        self._tried: dict[Example, bool] = {}

    def shown(self, most: int = MOST) -> list[str]:
        """Return questions on the newest reports that are answered with the very sentence they were made of."""
        with self._guard:
            self._renew()
            if not self._shown:
                newest = sorted(self._qa.reports(), key=lambda report: (-report.year, report.place))[:_NEWEST]
                share = -(-most // max(1, len(newest)))
                self._shown = [question for report in newest for question in self._answered(report, share)]
            return self._shown[:most]

    def near(self, citations: Sequence[Citation], asked: str, most: int = 3) -> list[str]:
        """Return questions that the sentences at ``citations`` answer, other than the one that was asked."""
        questions: list[str] = []
        with self._guard:
            self._renew()
        known = {report.report_id: report for report in self._qa.reports()}
        for cited in citations[:most]:
            report = known.get(cited.report_id)
            if report is None or cited.end > len(report.text):
                continue  # removed or replaced since the answer
            figures = (e for e in self._figures_of(report) if e.start < cited.end and cited.start < e.end)
            for example in [*itertools.islice(figures, _EACH), *topics_asked(report, self._where(report), cited)]:
                if example.question not in (*questions, asked) and self._answers(example):
                    questions.append(example.question)
                if len(questions) == most:
                    return questions
        return questions

    def _renew(self) -> None:
        """Forget what was made of reports that have changed since."""
        stamps = [report.sha256 for report in self._qa.reports()]
        if stamps != self._made_for:
            self._made_for, self._shown, self._figures, self._tried = stamps, [], {}, {}

    def _where(self, report: Report) -> str:
        """Return the place that a question must name: none where all reports are of one, or of the whole country."""
        places = {other.place for other in self._qa.reports()}
        return "" if report.place == "全国" or len(places) == 1 else report.place

    def _figures_of(self, report: Report) -> list[Example]:
        if (made := self._figures.get(report.report_id)) is None:
            made = self._figures[report.report_id] = list(figures_asked(report, self._where(report)))
        return made

    def _answered(self, report: Report, most: int) -> list[str]:
        """Return up to ``most`` questions that are answered rightly: figures reached, targets and plans, in turn."""
        figures = self._figures_of(report)
        target = f"{report.year}年"
        kinds = [
            [example for example in figures if target not in example.question],
            [example for example in figures if target in example.question],
            list(plans_asked(report, self._where(report))),
        ]
        kept: list[list[str]] = [[], [], []]
        names: set[str] = set()
        for kind, examples in enumerate(kinds):
            for example in examples[:_TRIED]:
                if len(kept[kind]) == most:
                    break
                name = re.sub(r"\d+年|目标|是?多少人?？", "", example.question)
                if name not in names and self._answers(example):
                    names.add(name)
                    kept[kind].append(example.question)
        rounds = [question for at in range(most) for questions in kept for question in questions[at : at + 1]]
        return rounds[:most]

    def _answers(self, example: Example) -> bool:
        """Whether the engine answers a question with the very sentence it was made of; tried once."""
        if example not in self._tried:
            self._tried[example] = self._tries(example)
        return self._tried[example]

    def _tries(self, example: Example) -> bool:
        try:
            answer = self._qa.ask(example.question)
        except ReportQAError:
            return False
        if not answer.found or not answer.quotes:
            return False
        cited = answer.quotes[0].citation
        return cited.report_id == example.report_id and example.start <= cited.start and cited.end <= example.end


def _asked(words: str, when: str, lexicon: Lexicon) -> str:
    """Return the question, without its place, that a clause answers, or "" where it gives no figure of a known name."""
    if not when:
        return ""
    target = "目标" if when.endswith("目标") else ""
    year = when.removesuffix("目标")
    for pattern in (_COUNT, _RATE, _LEVEL):
        match = pattern.match(words)
        if not match or _NO_NAME.search(match["name"]) or not lexicon.find(match["name"].lower()):
            continue
        name = match["name"]
        if pattern is _COUNT:
            return f"{year}{name}{'目标是' if target else ''}多少人？"
        if pattern is _LEVEL:
            return f"{year}{name}{target}是多少？"
        return f"{year}{name}{match['verb']}{'目标是' if target else ''}多少？"
    return ""


def _when(period: Period, report: Report) -> str:
    """Return the period as a question names it; "" where it is no single year."""
    if not period.known or period.first != period.last:
        return ""
    if period.first == report.year and period.aim == TARGET:
        return f"{report.year}年目标"
    return f"{period.first}年" if period.first < report.year else ""
