"""The program as a web application: the chat at /, reports as pages, and what programs ask over HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import click
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reportqa import __version__
from reportqa.chat import mount_chat
from reportqa.language import CHINESE, words_in
from reportqa.pages import error_page, page_of, report_page
from reportqa.schema import NotFound, Report, ReportQAError
from reportqa.templating import STATIC, render
from reportqa.uploads import Uploads

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_OURS_ALONE = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""No page of ours reaches another host, whatever a report or a library holds; Gradio's page has scripts of its own."""
_PLAIN_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
)
_ASKED_BY_US = "x-reportqa"
"""A header that no other site's page can send along: what changes the index asks for it."""


def create_app(qa: ReportQA) -> FastAPI:
    """Return ``qa`` as an app: the chat at /, its reports at /report/<id>, and /healthz, /api/reports."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # Gradio's own lets in every origin
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(_Headers)
    app.mount("/ui", StaticFiles(directory=STATIC))
    _add_pages(app, qa)
    if Uploads.allowed():
        _add_uploads(app, Uploads(qa))
    mount_chat(app, qa)
    return app


def serve(qa: ReportQA, host: str, port: int) -> None:
    """Serve the app on ``qa`` until interrupted; port 0 takes a free one.

    Raises ReportQAError where the address cannot be used.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReportQAError(f"不能使用地址 {host} 端口 {port}（{reason}），请换一个地址或端口。") from None
    with listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each answer waits 40 ms for the browser
        app = create_app(qa)
        name = f"[{host}]" if ":" in host else host
        title = words_in(CHINESE)["title"]
        click.echo(f"{title}：http://{name}:{listener.getsockname()[1]}/ （按 Ctrl+C 结束）", err=True)
        settings = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def _add_pages(app: FastAPI, qa: ReportQA) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {"status": "ok", "version": __version__, "reports": len(qa.reports())}

    @app.get("/api/reports")
    def reports() -> dict[str, Any]:
        return {"reports": [_described(report) for report in qa.reports()]}

    @app.get("/report/{report_id}")
    def report(report_id: str, at: str = "", lang: str = "", view: str = "") -> HTMLResponse:
        words = words_in(lang)
        try:
            page = report_page(qa.report(report_id), at, words, pane=view == "pane")
        except NotFound as error:
            return _page(error_page(str(error), words), 404)
        return _page(page)

    @app.get("/report/")
    def no_report(lang: str = "") -> HTMLResponse:
        words = words_in(lang)
        return _page(error_page(words["not_found"], words), 404)


def _add_uploads(app: FastAPI, uploads: Uploads) -> None:
    """Add the calls by which a visitor adds a report: send it, see what was read, have it indexed."""

    @app.post("/api/uploads")
    async def receive(request: Request, name: str, lang: str = "") -> Response:
        _refuse_other_sites(request)
        try:
            token, report = await uploads.receive(name, request.stream())
        except ReportQAError as error:
            return JSONResponse({"error": str(error)}, 400)
        html = render("outline.html", w=words_in(lang), report=report, token=token)
        return JSONResponse({"token": token, "report": _described(report), "html": html})

    @app.post("/api/uploads/{token}")
    async def add(request: Request, token: str) -> Response:
        _refuse_other_sites(request)
        return StreamingResponse(_indexing(uploads, token), media_type="text/event-stream")

    @app.delete("/api/uploads/{token}")
    def discard(request: Request, token: str) -> dict[str, Any]:
        _refuse_other_sites(request)
        uploads.discard(token)
        return {}


async def _indexing(uploads: Uploads, token: str) -> AsyncIterator[str]:
    """Index an uploaded report; yield how far it is, then what was added, or the sentence that says why not."""
    told: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(message: dict[str, Any] | None) -> None:
        loop.call_soon_threadsafe(told.put_nowait, message)

    def work() -> None:
        try:
            added = uploads.add(token, lambda done, total: tell({"done": done, "total": total}))
            tell({"reports": [_described(report) for report in added]})
        except ReportQAError as error:
            tell({"error": str(error)})
        except Exception:
            logging.getLogger(__name__).exception("an upload could not be indexed")
            tell({"error": words_in(CHINESE)["failure"]})
        finally:
            tell(None)

    working = asyncio.create_task(anyio.to_thread.run_sync(work))
    while (message := await told.get()) is not None:
        yield f"data: {json.dumps(message, ensure_ascii=False)}\n\n"
    await working


def _refuse_other_sites(request: Request) -> None:
    if _ASKED_BY_US not in request.headers:
        raise HTTPException(403, "请从问答页面上传。")


def _described(report: Report) -> dict[str, Any]:
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
        "sections": len(report.sections),
        "paragraphs": len(report.paragraphs),
        "characters": len(report.text),
        "url": f"/{page_of(report.report_id)}",
    }


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, {"Content-Security-Policy": _PLAIN_PAGE})


class _Headers:
    """Adds to every response what keeps the browser to this host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _OURS_ALONE)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
