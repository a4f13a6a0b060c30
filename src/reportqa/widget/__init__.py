"""The widget: the file that a portal's page loads, and a portal's page that shows it and writes its line of HTML."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from reportqa import __version__
from reportqa.templating import render

EMBED = Path(__file__).parent / "embed.js"
_MAY_BE_KEPT = "public, max-age=3600"
STRICT_PORTAL = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src {0}; frame-src {0}; "
    "base-uri 'none'; form-action 'none'"
)
"""A portal's own policy, as strict as the widget works under; {0}: the origin that serves it."""


def widget_routes(public_url: str) -> APIRouter:
    """Return the routes of the widget; ``public_url``: the address for its line of HTML, "" for the one asked for."""
    router = APIRouter(include_in_schema=False)

    @router.get("/embed.js")
    def embed() -> FileResponse:
        headers = {"Cache-Control": _MAY_BE_KEPT, "Cross-Origin-Resource-Policy": "cross-origin"}
        return FileResponse(EMBED, media_type="text/javascript", headers=headers)

    @router.get("/portal-demo")
    def portal_demo() -> HTMLResponse:
        page = render("portal.html", version=__version__, address=public_url)
        return HTMLResponse(page, headers={"Content-Security-Policy": STRICT_PORTAL.format("'self'")})

    return router
