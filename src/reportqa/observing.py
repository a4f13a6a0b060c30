"""What the administrator sees of the requests: a line of JSON each, and figures for Prometheus; no words, no addresses."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reportqa.problems import problem

NOTES = "reportqa"
"""Key of a request's scope under which the middlewares leave its ``route`` and ``role`` for the log."""
_LOG = logging.getLogger("reportqa.requests")
_REQUEST: ContextVar[str] = ContextVar("request", default="")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class JsonFormatter(logging.Formatter):
    """A log record as a line of JSON.  Of an exception it keeps type and place, not its words, which may be a visitor's."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := _REQUEST.get():
            entry["request"] = request
        entry |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            entry["exception"] = record.exc_info[0].__name__
            entry["stack"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(entry, ensure_ascii=False, default=str)


def log_to_stderr(level: str) -> None:
    """Send every log record of at least a level to standard error, in JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("reportqa").setLevel(level.upper())


class Metrics:
    """The figures of one app."""

    def __init__(self, sessions: Callable[[], int], reports: Callable[[], int], stale: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "reportqa_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "reportqa_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self.running = Gauge("reportqa_requests_running", "Requests being answered.", registry=self.registry)
        for name, help_, count in (
            ("reportqa_sessions", "Sessions of visitors.", sessions),
            ("reportqa_reports", "Reports in the index.", reports),
            ("reportqa_index_stale", "1 where an earlier index answers than the one that cannot be opened.", stale),
        ):
            Gauge(name, help_, registry=self.registry).set_function(count)

    def page(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self.registry)


class Observed:
    """Outermost: gives every request its number, log line and figures, and every failure its answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        number = given if _ID.fullmatch(given) else secrets.token_hex(8)
        request = _REQUEST.set(number)
        notes = scope[NOTES] = {"route": "", "role": ""}
        status = 0
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = number
            await send(message)

        self._metrics.running.inc()
        try:
            await self._app(scope, receive, watched)
        except Exception:
            _LOG.exception("a request failed")
            if status == 0:
                await problem(500)(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.running.dec()
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(notes["route"], method, status).inc()
            self._metrics.seconds.labels(notes["route"]).observe(seconds)
            fields = {"method": method, **notes, "status": status, "seconds": round(seconds, 4)}
            _LOG.info("request", extra={"fields": fields})
            _REQUEST.reset(request)
