"""The tools of a Model Context Protocol server: ask, search, locate, verify and indicators, for agents that are to cite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from reportqa import __version__
from reportqa.conversation import verified
from reportqa.schema import Quote, ReportQAError
from reportqa.verification import LONGEST_SENT, sent

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_Result = TypeVar("_Result")
_INSTRUCTIONS = (
    "政府工作报告问答。所有引文都逐字摘自报告：引用时请原样使用 quote，并附上 citation 和 link；"
    "found 为 false 表示所收文本没有答案，请如实说明，不要自行补充。"
)
_ASK = "用报告原文回答一个问题；没有答案时 found 为 false，nearest 是最接近的原文。"
_SEARCH = "列出与词语最接近的原文句子。"
_LOCATE = "按出处给出原文；有几处可能时逐一列出。"
_VERIFY = (
    "逐句核对文字中的引文：exact 一字不差，paraphrase 意思相符，number_changed 数字有异，word_changed 文字有异，"
    "absent 未见出处。"
)
_INDICATORS = "列出报告里的指标数字：指标、地方、时期、实际或目标、原文数值、数字和单位，各附原文与出处；可按地方、指标、时期筛选。"
_READS_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_Place = Annotated[str, Field(max_length=50, description="只查这个地方的报告，如“聊城市”；空为不限")]
_Year = Annotated[int, Field(ge=0, le=2200, description="只查这一年的报告；0 为不限")]
_Many = Annotated[int, Field(ge=1, le=50, description="最多几条")]


@dataclass(frozen=True)
class Cited:
    """Words of a report: ``answer`` is the part of ``quote`` that answers, ``link`` opens the page around it."""

    quote: str
    answer: str
    citation: str
    section: list[str]
    report_id: str
    link: str
    errata: list[str]


@dataclass(frozen=True)
class Answered:
    """An answer in the reports' words, or, where ``found`` is false, what was found near it."""

    found: bool
    question: str
    text: str
    quotes: list[Cited]
    nearest: list[Cited]


@dataclass(frozen=True)
class Listed:
    """Passages of the reports."""

    quotes: list[Cited]


@dataclass(frozen=True)
class Checked:
    """What a claim of a text was found to be."""

    claim: str
    verdict: str
    changes: list[list[str]]
    notes: list[str]
    source: Cited | None


@dataclass(frozen=True)
class Verified:
    """What the claims of a text were found to be, in their order."""

    findings: list[Checked]


@dataclass(frozen=True)
class Figure:
    """A figure of an indicator: ``value`` as it is written, ``number`` in ``unit`` (null where it is in words alone)."""

    indicator: str
    place: str
    period: str
    kind: str
    value: str
    number: float | None
    upper: float | None
    bound: str
    unit: str
    source: Cited


@dataclass(frozen=True)
class Figures:
    """Figures of the reports; ``total`` is how many there are, of which the first are listed."""

    total: int
    rows: list[Figure]


def tools_of(qa: ReportQA, public_url: str = "") -> MCPServer:
    """Return the tools on ``qa``; ``public_url``, ending in /, is what the links begin with."""
    server = MCPServer("reportqa", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING")

    def cited(quote: Quote) -> Cited:
        citation = quote.citation
        errata = [f"原文“{quote.text[start:end]}”疑为“{right}”" for start, end, right in quote.errata]
        link = (public_url.removesuffix("/") + citation.url) if public_url else citation.url
        return Cited(quote.text, quote.marked, citation.label, citation.section, citation.report_id, link, errata)

    @server.tool(title="提问", description=_ASK, annotations=_READS_ONLY)
    def ask(
        question: Annotated[str, Field(description="一个问题，如“2021年全市生产总值增长多少？”")],
        place: _Place = "",
        year: _Year = 0,
        top_k: _Many = 5,
    ) -> Answered:

        def work() -> Answered:
            held = qa.held()
            answer = held.ask(question, top_k=top_k, place=place or None, year=year or None)
            answer = verified(answer, {report.report_id: report for report in held.reports()})
            quotes = [*answer.quotes, *(quote for part in answer.parts for quote in part.quotes)]
            unique = list({(q.citation.report_id, q.citation.start, q.citation.end): q for q in quotes}.values())
            return Answered(
                answer.found, answer.question, answer.text, [*map(cited, unique)], [*map(cited, answer.nearest)]
            )

        return _told(work)

    @server.tool(title="检索", description=_SEARCH, annotations=_READS_ONLY)
    def search(
        query: Annotated[str, Field(description="要找的词语，如“高铁”")],
        place: _Place = "",
        year: _Year = 0,
        top_k: _Many = 10,
    ) -> Listed:
        return _told(lambda: Listed([*map(cited, qa.search(query, top_k, place=place or None, year=year or None))]))

    @server.tool(title="按出处查原文", description=_LOCATE, annotations=_READS_ONLY)
    def locate(
        citation: Annotated[str, Field(max_length=300, description="出处，如“三（一）第2段”“2022年聊城市 p17”")],
    ) -> Listed:
        return _told(lambda: Listed([*map(cited, qa.locate(citation))]))

    @server.tool(title="核验引文", description=_VERIFY, annotations=_READS_ONLY)
    def verify(text: Annotated[str, Field(description=f"引用了报告的一段文字，最多 {LONGEST_SENT} 字")]) -> Verified:

        def work() -> Verified:
            return Verified(
                [
                    Checked(
                        finding.claim,
                        finding.verdict,
                        [list(change) for change in finding.changes],
                        finding.notes,
                        cited(finding.quote) if finding.quote else None,
                    )
                    for finding in qa.verify(sent(text))
                ]
            )

        return _told(work)

    @server.tool(title="指标数字", description=_INDICATORS, annotations=_READS_ONLY)
    def indicators(
        place: Annotated[str, Field(max_length=50, description="地方，如“山东省”“东北三省”；空为不限")] = "",
        indicator: Annotated[str, Field(max_length=50, description="指标，如“GDP增速”“城镇新增就业”；空为不限")] = "",
        period: Annotated[str, Field(max_length=20, description="时期，如“2025”“2021—2025”；空为不限")] = "",
        limit: Annotated[int, Field(ge=1, le=500, description="最多几行")] = 100,
    ) -> Figures:

        def work() -> Figures:
            found = qa.indicators(place or None, indicator or None, period or None)
            rows = [
                Figure(
                    row.indicator,
                    row.place,
                    row.period,
                    row.kind,
                    row.value,
                    row.number,
                    row.upper,
                    row.bound,
                    row.unit,
                    cited(row.quote),
                )
                for row in found[:limit]
            ]
            return Figures(len(found), rows)

        return _told(work)

    return server


def _told(work: Callable[[], _Result]) -> _Result:
    """Return what ``work`` returns; a user's mistake becomes the tool's own error."""
    try:
        return work()
    except ReportQAError as error:
        raise ToolError(str(error)) from None
