"""What programs ask over HTTP.  The values of schema.py are served as they are.

A new route is a function here and its row in rules.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from reportqa import config
from reportqa.access import COOKIE, VISITOR, Policy
from reportqa.citation import locate
from reportqa.conversation import LONGEST, verified
from reportqa.pages import page_of
from reportqa.problems import problem
from reportqa.schema import Answer, Finding, IndicatorRow, NotFound, Quote, Report
from reportqa.sessions import Role, TokenError, Visitor
from reportqa.verification import sent

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_Result = TypeVar("_Result")
_QUESTION = "2021年全市生产总值增长多少？"
_Place = Annotated[str, Query(max_length=50, description="Only reports of this place.", examples=["聊城市"])]
_Year = Annotated[int | None, Query(ge=1900, le=2200, description="Only reports of this year.", examples=[2022])]
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Ids = Annotated[
    list[_Name], Query(alias="report", max_length=100, description="Only these reports.", examples=[["聊城市-2022"]])
]
ReportId = Annotated[str, PathParameter(max_length=100, examples=["聊城市-2022"])]
"""A report's id in an address."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Exchange(BaseModel):
    """An earlier question, and what was answered to it: the Answer as it was served, or nothing."""

    question: str = Field(max_length=2000)
    answer: dict[str, Any] | None = None


class Asked(_Given):
    """A question."""

    question: str = Field(examples=[_QUESTION])
    history: list[Exchange] = Field(
        [], max_length=LONGEST, description="Earlier exchanges, oldest first.", examples=[[]]
    )
    top_k: int | None = Field(None, ge=1, le=100, examples=[5])
    reports: list[_Name] = Field([], max_length=100, description="Only these reports.", examples=[[]])
    place: str = Field("", max_length=50, description="Only reports of this place.", examples=["聊城市"])
    year: int | None = Field(None, ge=1900, le=2200, description="Only reports of this year.", examples=[2022])


class Draft(_Given):
    """A text whose quotations are to be checked."""

    text: str = Field(examples=["2021年，全市生产总值增长8.5%。"])


class Credentials(_Given):
    """What a session is opened for: a visitor's token or an API key."""

    token: str = Field("", max_length=4000)
    key: str = Field("", max_length=200)
    cookie: bool = Field(False, description="Whether the browser keeps cookies here, so that the session can be one.")


class Engine:
    """Runs the engine's calls in threads, as many at once as there are processors, none longer than is allowed."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(os.cpu_count() or 1)

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Return what ``work`` returns.  Raises TimeoutError after REPORTQA_TIMEOUT seconds."""
        with anyio.fail_after(int(config.get("TIMEOUT"))):
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._limiter)


def described(report: Report) -> dict[str, Any]:
    """Return what a list says of a report."""
    return {
        "report_id": report.report_id,
        "title": report.title,
        "place": report.place,
        "year": report.year,
        "date": report.date,
        "meeting": report.meeting,
        "speaker": report.speaker,
        "breaks_off": report.breaks_off,
        **report.size,
        "url": f"/{page_of(report.report_id)}",
    }


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the API's documentation says of errors; ``statuses``: beyond those that every route has."""
    error = {"code": {"type": "string"}, "message": {"type": "string"}}
    schema = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "object", "required": ["code", "message"], "properties": error}},
    }
    content = {"application/json": {"schema": schema}}
    usual = (400, 401, 403, 405, 408, 413, 422, 429, 500, 503)
    return {status: {"description": "An error.", "content": content} for status in (*usual, *statuses)}


def question_routes(qa: ReportQA, engine: Engine) -> APIRouter:
    """Return the routes that ask the engine."""
    router = APIRouter(prefix="/api", tags=["questions"], responses=errors(404))

    @router.post("/ask", response_model=Answer)
    async def ask(asked: Asked) -> Response:
        """Answer a question in the reports' own words; ``found`` false is a refusal."""
        history = [{"question": turn.question, "answer": turn.answer} for turn in asked.history]
        narrowed = {"reports": asked.reports or None, "place": asked.place or None, "year": asked.year}

        def work() -> dict[str, Any]:
            held = qa.held()
            answer = held.ask(asked.question, history, asked.top_k, **narrowed)  # type: ignore[arg-type]
            return verified(answer, {report.report_id: report for report in held.reports()}).to_dict()

        return JSONResponse(await engine.run(work))

    @router.get("/search", response_model=list[Quote])
    async def search(
        query: Annotated[str, Query(examples=["高铁"])],
        top_k: Annotated[int, Query(ge=1, le=100)] = 10,
        place: _Place = "",
        year: _Year = None,
        reports: _Ids = [],  # noqa: B006 - FastAPI copies it
    ) -> Response:
        """List the sentences nearest to some words, best first."""

        def work() -> list[dict[str, Any]]:
            found = qa.search(query, top_k, reports=reports or None, place=place or None, year=year)
            return [quote.to_dict() for quote in found]

        return JSONResponse(await engine.run(work))

    @router.get("/locate", response_model=list[Quote])
    async def find(
        citation: Annotated[str, Query(max_length=300, examples=["三（一）第2段"])],
        reports: _Ids = [],  # noqa: B006
    ) -> Response:
        """Look a citation up as people write it; several quotes are the candidates of an ambiguous one."""
        return JSONResponse(
            await engine.run(lambda: [quote.to_dict() for quote in qa.locate(citation, reports or None)])
        )

    @router.post("/verify", response_model=list[Finding])
    async def verify(draft: Draft) -> Response:
        """Check the quotations in a text against the reports."""
        return JSONResponse(await engine.run(lambda: [finding.to_dict() for finding in qa.verify(sent(draft.text))]))

    @router.get("/indicators", response_model=list[IndicatorRow])
    async def indicators(
        place: _Place = "",
        indicator: Annotated[str, Query(max_length=50, examples=["地区生产总值增长"])] = "",
        period: Annotated[str, Query(max_length=20, examples=["2022"])] = "",
    ) -> Response:
        """List the figures that the reports state, each with the sentence that holds it."""

        def work() -> list[dict[str, Any]]:
            found = qa.indicators(place or None, indicator or None, period or None)
            return [row.to_dict() for row in found]

        return JSONResponse(await engine.run(work))

    return router


def report_routes(qa: ReportQA) -> APIRouter:
    """Return the routes of the reports themselves."""
    router = APIRouter(prefix="/api/reports", tags=["reports"], responses=errors(404))

    @router.get("", response_model=dict[str, list[dict[str, Any]]])
    def reports() -> Response:
        """List the reports."""
        return JSONResponse({"reports": [described(report) for report in qa.reports()]})

    @router.get("/{report_id}", response_model=Report)
    def report(report_id: ReportId) -> Response:
        """Return a report: its text, and where its sections, paragraphs and sentences stand in it."""
        return JSONResponse(qa.report(report_id).to_dict())

    @router.get("/{report_id}/paragraphs", response_model=list[Quote])
    def paragraphs(report_id: ReportId) -> Response:
        """List a report's paragraphs, each as a quote with its citation."""
        found = qa.report(report_id)
        return JSONResponse([_paragraph(found, each.number).to_dict() for each in found.paragraphs])

    @router.get("/{report_id}/paragraphs/{number}", response_model=Quote)
    def paragraph(report_id: ReportId, number: Annotated[int, PathParameter(ge=1, examples=[17])]) -> Response:
        """Return a paragraph, p17 of a citation's address, as a quote."""
        found = qa.report(report_id)
        if number > len(found.paragraphs):
            raise NotFound(f"《{found.title}》没有第 {number} 个自然段，共 {len(found.paragraphs)} 段。")
        return JSONResponse(_paragraph(found, number).to_dict())

    return router


def _paragraph(report: Report, number: int) -> Quote:
    return locate([report], f"p{number}")[0]


def session_routes(policy: Policy) -> APIRouter:
    """Return the routes by which a browser shows its token or key once, and then has a session."""
    router = APIRouter(prefix="/api/session", tags=["access"], responses=errors())

    def told(visitor: Visitor) -> dict[str, Any]:
        seconds = policy.sessions.seconds_left(visitor.session) if visitor.session else None
        return {"role": visitor.role.name.lower(), "seconds": seconds}

    @router.get("", response_model=dict[str, Any])
    def session(request: Request) -> Response:
        """Say who one is here, and how many seconds the session still holds (null: as long as one is let in)."""
        return JSONResponse(told(request.scope[VISITOR]))

    @router.post("", response_model=dict[str, Any])
    def enter(request: Request, given: Credentials) -> Response:
        """Exchange a token, once, or a key for a session; a token given within a session renews it.

        Given neither, a session is opened for another tab of the same visitor.
        ``path``: the address below which the session holds, relative to the chat's: "" where it is a cookie.
        """
        visitor: Visitor = request.scope[VISITOR]
        if given.key:
            key = policy.key_of(given.key)
            if key is None:
                return problem(401, "invalid_credentials", "密钥无效，请核对后再试。")
            name = policy.sessions.open(key.role, f"key:{key.name}")
        elif visitor.session and not given.token:
            name = policy.sessions.open(visitor.role, visitor.name)
        else:
            try:
                name = policy.sessions.exchange(given.token, visitor.session)
            except TokenError as error:
                return problem(401, error.code, str(error))
        visitor = policy.sessions.find(name) or Visitor(Role.NOBODY)
        response = JSONResponse({**told(visitor), "path": "" if given.cookie else f"s/{name}/"})
        if given.cookie:
            response.headers["Set-Cookie"] = f"{COOKIE}={name}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        return response

    @router.delete("", response_model=dict[str, Any])
    def leave(request: Request) -> Response:
        """End the session."""
        policy.sessions.close(request.scope[VISITOR].session)
        expired = f"{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None; Partitioned"
        return JSONResponse({}, headers={"Set-Cookie": expired})

    return router
