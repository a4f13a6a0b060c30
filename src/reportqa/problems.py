"""What a request that fails is told: one shape, {"error": {"code", "message"}}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from reportqa.schema import NotFound, QuestionError, ReadingError, ReportQAError, StoreError

_CODES = {
    400: ("bad_request", "请求无法读懂，请对照 /docs 检查。"),
    401: ("credentials_wanted", "需要通行证或密钥。"),
    403: ("forbidden", "没有这项权限。"),
    404: ("not_found", "没有这个地址，请对照 /docs 检查。"),
    405: ("method_not_allowed", "这个地址不接受这种请求方法，请对照 /docs 检查。"),
    408: ("timeout", "请求没有在限定时间内送达，请重试。"),
    413: ("too_large", "请求超过大小上限，请缩短后再试。"),
    415: ("bad_request", "请求的内容类型不对，应为 application/json。"),
    422: ("invalid_request", "请求的内容不符合要求，请对照 /docs 检查。"),
    429: ("too_many_requests", "提问太频繁，请稍后再试。"),
    503: ("busy", "此刻提问的人较多，没有在限定时间内答完，请稍后再试。"),
}
_FAILURE = ("internal", "程序出错，这是我们的问题；请把响应头 X-Request-ID 的编号告诉管理员。")


def problem(status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error as it is served; without code and message, those that the status has."""
    usual_code, usual_message = _CODES.get(status, _FAILURE if status >= 500 else _CODES[400])
    error = {"code": code or usual_code, "message": message or usual_message}
    return JSONResponse({"error": error}, status, headers)


def of_error(error: ReportQAError) -> JSONResponse:
    """Return a user's mistake, or that the reports' keeper fails, as it is served."""
    if isinstance(error, NotFound):
        return problem(404, "not_found", str(error))
    if isinstance(error, StoreError):
        return problem(503, "store_unusable", str(error))
    if isinstance(error, QuestionError):
        return problem(422, "bad_question", str(error))
    return problem(400, "unreadable" if isinstance(error, ReadingError) else "", str(error))


def add_problems(app: FastAPI) -> None:
    """Have every error of an app take the one shape."""

    async def http(_: Request, error: Any) -> JSONResponse:
        said = error.detail if isinstance(error.detail, str) and error.detail.endswith("。") else ""
        return problem(error.status_code, message=said, headers=error.headers)

    async def ours(_: Request, error: Any) -> JSONResponse:
        return of_error(error)

    async def invalid(_: Request, error: Any) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"] if step not in ("body", "query", "path"))
        about = f"“{where[:60]}”" if where else "内容"
        return problem(422, message=f"请求的{about}不符合要求（{first['type']}），请对照 /docs 检查。")

    async def late(_: Request, __: Any) -> JSONResponse:
        return problem(503)

    async def failed(_: Request, __: Any) -> JSONResponse:
        return problem(500)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ReportQAError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(TimeoutError, late)
    app.add_exception_handler(Exception, failed)
