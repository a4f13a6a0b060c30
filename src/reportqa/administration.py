"""What the administrator alone asks over HTTP: adding and removing reports, visitors' judgements."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from reportqa import config
from reportqa.language import CHINESE, words_in
from reportqa.routes import ReportId, described, errors
from reportqa.schema import NotFound, ReportQAError
from reportqa.templating import render
from reportqa.uploads import Uploads

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_ASKED_BY_US = "x-reportqa"
"""A header that no other site's page can send along: what changes the index by way of the chat's page asks for it."""


def administration_routes(qa: ReportQA) -> APIRouter:
    """Return the routes that remove reports and hand out visitors' judgements."""
    router = APIRouter(prefix="/api", tags=["administration"], responses=errors(404))

    @router.delete("/reports/{report_id}", response_model=dict[str, str])
    async def remove(report_id: ReportId) -> Response:
        """Remove a report from the index."""
        await anyio.to_thread.run_sync(qa.remove, report_id)
        return JSONResponse({"removed": report_id})

    @router.get("/feedback", response_class=FileResponse, responses={200: {"content": {"application/x-ndjson": {}}}})
    def feedback() -> Response:
        """Return visitors' judgements, a line of JSON each."""
        path = Path(str(config.get("FEEDBACK_LOG")) or os.devnull)
        if not path.is_file():
            raise NotFound("还没有访问者的评价；要收集评价，请设置 REPORTQA_FEEDBACK_LOG。")
        return FileResponse(path, media_type="application/x-ndjson", filename="feedback.jsonl")

    return router


def upload_routes(uploads: Uploads) -> APIRouter:
    """Return the calls by which the chat's page adds a report: send it, see what was read, have it indexed."""
    router = APIRouter(prefix="/api/uploads", include_in_schema=False)

    @router.post("")
    async def receive(request: Request, name: str, lang: str = "") -> Response:
        _refuse_other_sites(request)
        token, report = await uploads.receive(name, request.stream())
        html = render("outline.html", w=words_in(lang), report=report, token=token)
        return JSONResponse({"token": token, "report": described(report), "html": html})

    @router.post("/{token}")
    async def add(request: Request, token: str) -> Response:
        _refuse_other_sites(request)
        return StreamingResponse(_indexing(uploads, token), media_type="text/event-stream")

    @router.delete("/{token}")
    def discard(request: Request, token: str) -> dict[str, Any]:
        _refuse_other_sites(request)
        uploads.discard(token)
        return {}

    return router


async def _indexing(uploads: Uploads, token: str) -> AsyncIterator[str]:
    """Index an uploaded report; yield how far it is, then what was added, or the sentence that says why not."""
    told: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(message: dict[str, Any] | None) -> None:
        loop.call_soon_threadsafe(told.put_nowait, message)

    def work() -> None:
        try:
            added = uploads.add(token, lambda done, total: tell({"done": done, "total": total}))
            tell({"reports": [described(report) for report in added]})
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
