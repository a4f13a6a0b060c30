"""Every address that is served: which methods it takes, and the least that one must be to use them.

What has no row here is not served.  A new route needs its row, with the role that suffices, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from starlette.routing import compile_path

from reportqa.sessions import Role

_NOBODY, _VISITOR, _PROGRAM, _ADMINISTRATOR = Role


@dataclass(frozen=True)
class Rule:
    """An address, as FastAPI writes it, and the role that each of its methods asks for."""

    path: str
    methods: Mapping[str, Role]
    costs: bool = False
    """Counts towards the visitor's questions a minute."""
    uploads: bool = False
    """Takes a file, whose size its route checks as it comes; other bodies are read before the route is called."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the address looks like."""
        return compile_path(self.path)[0]


def _get(path: str, role: Role, *, costs: bool = False) -> Rule:
    return Rule(path, {"GET": role}, costs)


def _post(path: str, role: Role, *, costs: bool = False) -> Rule:
    return Rule(path, {"POST": role}, costs)


RULES = (
    # for programs
    _post("/api/ask", _VISITOR, costs=True),
    _get("/api/search", _VISITOR, costs=True),
    _get("/api/locate", _VISITOR, costs=True),
    _post("/api/verify", _VISITOR, costs=True),
    _get("/api/indicators", _VISITOR, costs=True),
    _get("/api/reports", _VISITOR),
    Rule("/api/reports/{report_id}", {"GET": _VISITOR, "DELETE": _ADMINISTRATOR}),
    _get("/api/reports/{report_id}/paragraphs", _VISITOR),
    _get("/api/reports/{report_id}/paragraphs/{number}", _VISITOR),
    Rule("/api/session", {"GET": _VISITOR, "POST": _NOBODY, "DELETE": _VISITOR}),
    _post("/mcp", _PROGRAM, costs=True),
    _get("/docs", _VISITOR),
    _get("/openapi.json", _VISITOR),
    # for the administrator
    Rule("/api/uploads", {"POST": _ADMINISTRATOR}, uploads=True),
    Rule("/api/uploads/{token}", {"POST": _ADMINISTRATOR, "DELETE": _ADMINISTRATOR}),
    _get("/api/feedback", _ADMINISTRATOR),
    _get("/metrics", _PROGRAM),
    # for whoever looks after the machine: they say nothing but that it works
    _get("/healthz", _NOBODY),
    _get("/readyz", _NOBODY),
    # pages
    _get("/", _VISITOR),
    _get("/report/", _VISITOR),
    _get("/report/{report_id}", _VISITOR),
    _get("/enter", _NOBODY),
    _get("/portal-demo", _VISITOR),
    _get("/embed.js", _NOBODY),
    _get("/ui/{path:path}", _NOBODY),
    _get("/docs-assets/{path:path}", _NOBODY),
    # Gradio's own, as far as the chat's page needs them
    _get("/assets/{path:path}", _NOBODY),
    _get("/static/{path:path}", _NOBODY),
    _get("/theme.css", _NOBODY),
    _get("/config", _VISITOR),
    _post("/gradio_api/component_server/", _VISITOR, costs=True),
)


def rule_of(path: str) -> Rule | None:
    """Return the rule of an address, or None where there is no such address."""
    return next((rule for rule in RULES if rule.pattern.match(path)), None)
