"""The gate: every request passes it, and none that the rules and the policy do not let in."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reportqa import config
from reportqa.access import NONCE, VISITOR, Denied, Policy
from reportqa.language import words_in
from reportqa.observing import NOTES
from reportqa.pages import error_page
from reportqa.problems import problem
from reportqa.rules import Rule, rule_of
from reportqa.sessions import Role, Visitor

CHAT_PAGE = (
    "default-src 'self'; script-src 'self' 'nonce-{}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Of Gradio's page, which makes functions of words and styles as it goes; its scripts in the page bear our nonce."""
PLAIN_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
)
_SESSION_PATH = re.compile(r"/s/([A-Za-z0-9_-]{1,80})(/.*)")
_FOR_PROGRAMS = ("/api/", "/mcp", "/gradio_api/", "/openapi.json", "/metrics", "/healthz", "/readyz", "/config")
_ASSETS = ("/ui/", "/assets/", "/static/", "/docs-assets/", "/theme.css")
_MOST_VISITORS = 10_000
_BODY_SECONDS = 20
_LONGEST_LENGTH = 18
"""Digits of a body's length; Python reads no number of many thousands."""


class Gate:
    """Finds out who asks and for what; answers those who may not, and passes the others on."""

    def __init__(self, app: ASGIApp, policy: Policy, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._policy = policy
        self._rates = {
            Role.VISITOR: _Rate(int(config.get("RATE")), clock),
            Role.PROGRAM: _Rate(int(config.get("KEY_RATE")), clock),
        }
        self._largest = 1024 * int(config.get("MAX_BODY_KB"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # nothing is served over one

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = ""
        if found := _SESSION_PATH.fullmatch(scope["path"]):
            session, path = found.groups()
            scope = {**scope, "path": path, "raw_path": quote(path).encode()}
        rule = rule_of(scope["path"])
        try:
            visitor = scope[VISITOR] = self._visitor(scope, rule, session)
            scope[NOTES] |= {"route": rule.path if rule else "other", "role": visitor.role.name.lower()}
            refused = self._refusal(scope, rule, visitor)
        except Denied as denied:
            refused = self._told(scope, denied)
        if refused is not None:
            await refused(scope, receive, send)
            return
        if rule is not None and rule.uploads:
            await self._app(scope, receive, send)
            return
        body = await self._body(scope, receive)
        if isinstance(body, Response):
            await body(scope, receive, send)
        else:
            await self._app(scope, _replayed(body, receive), send)

    def _visitor(self, scope: Scope, rule: Rule | None, session: str) -> Visitor:
        try:
            return self._policy.visitor(scope, session)
        except Denied:
            if rule is not None and rule.methods.get(scope["method"]) is Role.NOBODY:
                return Visitor(Role.NOBODY)
            raise

    def _refusal(self, scope: Scope, rule: Rule | None, visitor: Visitor) -> Response | None:
        """Return what is said instead of an answer, or None.  Strangers are not told which addresses there are."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        needed = rule.methods.get(method, Role.VISITOR) if rule else Role.VISITOR
        if visitor.role < needed:
            raise self._policy.refusal(scope, visitor)
        if rule is None:
            return self._told(scope, Denied(404, "", ""))
        if method not in rule.methods:
            return problem(405, headers={"Allow": ", ".join(rule.methods)})
        if rule.costs and visitor.role in self._rates:
            wait = self._rates[visitor.role].wait(visitor.name)
            if wait:
                return problem(429, headers={"Retry-After": str(wait)})
        return None

    def _told(self, scope: Scope, denied: Denied) -> Response:
        """Return a refusal as a page to a person's browser, and in the shape of errors to everything else."""
        path = scope["path"]
        headers = {"WWW-Authenticate": "Bearer"} if denied.status == 401 else None
        if path.startswith(_FOR_PROGRAMS) or "text/html" not in Headers(scope=scope).get("accept", ""):
            return problem(denied.status, denied.code, denied.sentence, headers)
        words = words_in(None)
        page = error_page(denied.sentence or words["not_found"], words, "../" * (path.count("/") - 1))
        return HTMLResponse(page, denied.status, {**(headers or {}), "Content-Security-Policy": PLAIN_PAGE})

    async def _body(self, scope: Scope, receive: Receive) -> bytes | Response:
        """Read the body, whose length need not be told beforehand; return it, or what is said of one too large or slow."""
        pieces: list[bytes] = []
        size = 0
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal():
            return problem(400)
        if len(length) > _LONGEST_LENGTH or int(length) > self._largest:
            return problem(413, headers={"Connection": "close"})
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return problem(400)
                    pieces.append(message.get("body", b""))
                    size += len(pieces[-1])
                    if size > self._largest:
                        return problem(413, headers={"Connection": "close"})
                    if not message.get("more_body"):
                        return b"".join(pieces)
        except TimeoutError:
            return problem(408, headers={"Connection": "close"})


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives a body that was read, and after it what ``receive`` gives."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


class _Rate:
    """Questions a minute of each visitor: a bucket that fills as time goes by; the longest unseen are forgotten."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        self._a_minute = max(1, a_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> int:
        """Take one question; return 0, or the seconds after which there will be one to take."""
        now = self._clock()
        left, then = self._buckets.pop(name, (float(self._a_minute), now))
        left = min(self._a_minute, left + (now - then) * self._a_minute / 60)
        self._buckets[name] = (max(0.0, left - 1) if left >= 1 else left, now)
        if len(self._buckets) > _MOST_VISITORS:
            self._buckets.popitem(last=False)
        return 0 if left >= 1 else int((1 - left) * 60 / self._a_minute) + 1


def cross_origin(policy: Policy) -> dict[str, Any]:
    """Return the options of Starlette's CORSMiddleware under a policy: the portals' pages alone may read what is served."""
    return {
        "allow_origins": policy.origins,
        "allow_methods": ["GET", "POST", "DELETE"],
        "allow_headers": ["Authorization", "Content-Type"],
        "expose_headers": ["X-Request-ID", "Retry-After"],
    }


class SecurityHeaders:
    """Adds to every response what keeps the browser to this host, and says which portals may frame it."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app = app
        self._ancestors = "; frame-ancestors " + " ".join(["'self'", *policy.origins])
        self._framed = bool(policy.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the headers to what is answered."""
        nonce = scope[NONCE] = secrets.token_urlsafe(16)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("content-security-policy") or CHAT_PAGE.format(nonce)
                headers["Content-Security-Policy"] = policy + self._ancestors
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if not self._framed:
                    headers["X-Frame-Options"] = "SAMEORIGIN"
                if not scope["path"].startswith(_ASSETS):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
