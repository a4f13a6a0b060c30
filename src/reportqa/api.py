"""The program as a web application: the chat at /, reports as pages, and what programs ask over HTTP."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import fastapi_offline
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from reportqa import __version__, charts, config
from reportqa.access import Policy
from reportqa.administration import administration_routes, upload_routes
from reportqa.chat import mount_chat
from reportqa.following import Follower
from reportqa.gate import PLAIN_PAGE, Gate, SecurityHeaders, cross_origin
from reportqa.language import CHINESE, words_in
from reportqa.mcp import tools_of
from reportqa.observing import Metrics, Observed, log_to_stderr
from reportqa.pages import error_page, report_page
from reportqa.problems import add_problems, problem
from reportqa.routes import Engine, question_routes, report_routes, session_routes
from reportqa.schema import NotFound, ReportQAError, reason_of
from reportqa.templating import STATIC, render
from reportqa.uploads import Uploads
from reportqa.widget import widget_routes

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_DOCS_ASSETS = Path(fastapi_offline.__file__).parent / "static"
_DOCS_PAGE = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; connect-src 'self'"
)
_ENTER_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
)
_STALE = "目录里现在的索引打不开，眼下按先前打开的索引回答；原因见日志和 reportqa doctor。"
_ABOUT = '政府工作报告问答：回答、检索、按出处查原文、核验引文。出错时一律返回 {"error": {"code", "message"}}。'


def create_app(qa: ReportQA, policy: Policy | None = None) -> FastAPI:
    """Return ``qa`` as an app under ``policy``, by default that of the settings.

    Raises ReportQAError where a setting cannot be understood.
    """
    config.check()
    policy = policy or Policy.from_settings()
    follower = Follower(qa)
    metrics = Metrics(lambda: len(policy.sessions), lambda: len(qa.reports()), lambda: bool(follower.failure))
    tools = _Tools(qa, policy.public_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with tools.manager.run():
            with follower.following():
                yield

    app = FastAPI(
        title="reportqa", description=_ABOUT, version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Gate, policy=policy)
    app.add_middleware(
        CORSMiddleware, **cross_origin(policy)
    )  # which also keeps Gradio's own from letting in every origin
    app.add_middleware(SecurityHeaders, policy=policy)
    app.add_middleware(Observed, metrics=metrics)
    add_problems(app)
    app.mount("/ui/charts", StaticFiles(directory=charts.scripts()))
    app.mount("/ui", StaticFiles(directory=STATIC))
    app.mount("/docs-assets", StaticFiles(directory=_DOCS_ASSETS))
    engine = Engine()
    app.include_router(question_routes(qa, engine))
    app.include_router(report_routes(qa))
    app.include_router(session_routes(policy))
    app.include_router(widget_routes(policy.public_url))
    app.include_router(administration_routes(qa))
    if Uploads.allowed():
        app.include_router(upload_routes(Uploads(qa)))
    app.add_route("/mcp", tools, methods=["POST"], include_in_schema=False)  # type: ignore[arg-type]
    _add_state(app, qa, follower, metrics)
    _add_pages(app, qa)
    add_problems(mount_chat(app, qa, policy))
    return app


def serve(qa: ReportQA, host: str, port: int, policy: Policy) -> None:
    """Serve the app on ``qa`` until interrupted or terminated; port 0 takes a free one.

    Requests in flight are answered before it ends.  Raises ReportQAError where the address cannot be used, or where
    nobody decided who may reach it.
    """
    policy.check_address(host)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "端口应在 0 到 65535 之间"
        raise ReportQAError(f"不能使用地址 {host} 端口 {port}（{reason}），请换一个地址或端口。") from None
    with listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else each answer waits 40 ms for the browser
        log_to_stderr(str(config.get("LOG_LEVEL")))
        app = create_app(qa, policy)
        name = f"[{host}]" if ":" in host else host
        title = words_in(CHINESE)["title"]
        click.echo(f"{title}：http://{name}:{listener.getsockname()[1]}/ （按 Ctrl+C 结束）", err=True)
        settings = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,  # it would note addresses
            proxy_headers=False,  # whose word is taken for what is the policy's to say
            server_header=False,
            timeout_graceful_shutdown=int(config.get("TIMEOUT")),
        )
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: None)  # which uvicorn raises anew once it has shut down
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


class _Tools:
    """The tools over HTTP: a call is one request and its answer, so that nothing is kept between them."""

    def __init__(self, qa: ReportQA, public_url: str) -> None:
        server: Any = tools_of(qa, public_url)
        self.manager = StreamableHTTPSessionManager(server._lowlevel_server, json_response=True, stateless=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.manager.handle_request(scope, receive, send)


def _add_state(app: FastAPI, qa: ReportQA, follower: Follower, metrics: Metrics) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        if not qa.reports():
            return problem(503, "not_ready", "索引里还没有报告，请先用 reportqa index 加入。")
        return JSONResponse({"status": "ready", **({"warning": _STALE} if follower.failure else {})})

    @app.get("/metrics", include_in_schema=False)
    def figures() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE_LATEST)


def _add_pages(app: FastAPI, qa: ReportQA) -> None:
    @app.get("/report/{report_id}", include_in_schema=False)
    def report(report_id: str, at: str = "", lang: str = "", view: str = "", theme: str = "") -> HTMLResponse:
        words = words_in(lang)
        try:
            page = report_page(qa.report(report_id), at, words, pane=view == "pane", theme=theme)
        except NotFound as error:
            return _page(error_page(str(error), words), 404)
        return _page(page)

    @app.get("/report/", include_in_schema=False)
    def no_report(lang: str = "") -> HTMLResponse:
        words = words_in(lang)
        return _page(error_page(words["not_found"], words), 404)

    @app.get("/enter", include_in_schema=False)
    def enter(lang: str = "") -> HTMLResponse:
        page = render("enter.html", w=words_in(lang), version=__version__)
        return _page(page, content_policy=_ENTER_PAGE)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return _page(render("docs.html", version=__version__), content_policy=_DOCS_PAGE)


def _page(html: str, status: int = 200, content_policy: str = PLAIN_PAGE) -> HTMLResponse:
    return HTMLResponse(html, status, {"Content-Security-Policy": content_policy})
