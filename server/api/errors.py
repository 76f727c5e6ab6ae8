"""Errors as RFC 9457 problem details with a stable code."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import OperationalError

from server.records.errors import BusinessError, error_texts, sentence
from server.records.fields import L

log = logging.getLogger("xunke.api")
PROBLEM = "application/problem+json"

error_texts(
    {
        "malformed": L("请求格式不对：{message}", "請求格式不對：{message}", "Malformed request: {message}"),
        "body_too_large": L("内容太大", "內容太大", "The body is too large"),
        "cross_origin": L(
            "来自其他网站的写入被拒绝", "來自其他網站的寫入被拒絕", "Writes from another site are refused"
        ),
        "http_404": L("没有这个地址", "沒有這個位址", "There is nothing at this address"),
        "http_405": L("此地址不支持这个方法", "此位址不支援這個方法", "This method is not supported here"),
        "database_busy": L("服务器正忙，请稍后再试", "伺服器正忙，請稍後再試", "The server is busy; try again"),
    }
)


def problem(status: int, code: str, language: str, params: dict[str, Any]) -> Response[dict[str, Any]]:
    """A problem document; `detail` is the sentence in the caller's language, the rest is for programs."""
    body: dict[str, Any] = {
        "type": f"urn:xunke:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": sentence(code, language, params),
        "params": params,
    }
    if "field" in params:
        body["field"] = params["field"]
    if params.get("wipe"):
        body["wipe"] = True
    return Response(body, status_code=status, media_type=PROBLEM)


def language_of(request: Request[Any, Any, Any]) -> str:
    """zh-CN unless the caller prefers another of our languages."""
    wanted = request.headers.get("accept-language", "")
    for part in wanted.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith(("zh-tw", "zh-hk", "zh-hant")):
            return "zh-TW"
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"


def on_business_error(request: Request[Any, Any, Any], error: BusinessError) -> Response[Any]:
    return problem(error.status, error.code, language_of(request), error.detail())


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if isinstance(error, ValidationException):
        message = (
            "; ".join(str(item.get("message", item)) for item in error.extra)
            if isinstance(error.extra, list)
            else error.detail
        )
        return problem(400, "malformed", language_of(request), {"message": message})
    code = {413: "body_too_large", 404: "http_404", 405: "http_405"}.get(error.status_code, "malformed")
    return problem(error.status_code, code, language_of(request), {"message": error.detail})


def on_database_error(request: Request[Any, Any, Any], error: OperationalError) -> Response[Any]:
    log.error("database", exc_info=error)
    return problem(503, "database_busy", language_of(request), {})


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "server_error", language_of(request), {})
