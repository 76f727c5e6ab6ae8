"""Errors as RFC 9457 problem details with a stable code."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import OperationalError

from server.api.pictures import FORGET_PICTURES
from server.records.errors import BusinessError, error_texts, in_language, sentence
from server.records.fields import L
from server.telemetry.current import note, request_id

log = logging.getLogger("xunke.api")
PROBLEM = "application/problem+json"

error_texts(
    {
        "malformed": L("请求格式不对：{message}", "請求格式不對：{message}", "Malformed request: {message}"),
        "body_too_large": L(
            "内容太大，请减少后再试", "內容太大，請減少後再試", "Too much was sent at once; send less and try again"
        ),
        "cross_origin": L(
            "请求来自其他网站，已拒绝。请直接打开巡客再试",
            "請求來自其他網站，已拒絕。請直接開啟巡客再試",
            "The request came from another site and was refused. Open Xunke itself and try again",
        ),
        "encoding_unsupported": L(
            "请求内容不能压缩，请原样发送",
            "請求內容不能壓縮，請原樣傳送",
            "The body of a request must not be compressed; send it as it is",
        ),
        "http_404": L("没有这个地址", "沒有這個網址", "There is nothing at this address"),
        "http_405": L("这个地址不支持此操作", "這個網址不支援此操作", "This cannot be done at this address"),
        "server_failed": L(
            "服务器出错了，请稍后再试。再出现时，把编号 {request} 告诉管理员",
            "伺服器出錯了，請稍後再試。再出現時，把編號 {request} 告訴管理員",
            "The server failed; try again in a moment. If it happens again, tell your administrator the number {request}",
        ),
        "database_busy": L(
            "服务器正忙，请稍后再试", "伺服器正忙，請稍後再試", "The server is busy; please try again in a moment"
        ),
    }
)


def problem(status: int, code: str, language: str, params: dict[str, Any]) -> Response[dict[str, Any]]:
    """A problem document; `detail` is the sentence in the caller's language, the rest is for programs."""
    params = in_language(params, language)
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
    if status >= 500 and (request := request_id()) is not None:
        body["request_id"] = request
    note(code=code)
    # Said here, too: an address without a route is answered before any middleware is asked.
    headers = {"x-content-type-options": "nosniff"}
    if params.get("wipe"):
        body["wipe"] = True
        headers |= FORGET_PICTURES
    return Response(body, status_code=status, media_type=PROBLEM, headers=headers)


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


def _where(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The route, not the address: what stands in an address may be somebody's name."""
    return {"method": request.method, "route": request.scope.get("path_template", "")}


def on_business_error(request: Request[Any, Any, Any], error: BusinessError) -> Response[Any]:
    response = problem(error.status, error.code, language_of(request), error.detail())
    if "retry_after" in error.params:
        response.headers["retry-after"] = str(error.params["retry_after"])
    return response


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
    log.error("the database failed a request", exc_info=error, extra={"facts": _where(request)})
    return problem(503, "database_busy", language_of(request), {})


def on_deep_nesting(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """Only a body can be that deep; logged all the same, in case it was not the body."""
    log.error("a request nested too deeply", exc_info=error, extra={"facts": _where(request)})
    return problem(400, "malformed", language_of(request), {"message": "nested too deeply"})


def on_any_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log.error("a request failed", exc_info=error, extra={"facts": _where(request)})
    return problem(500, "server_failed", language_of(request), {"request": request_id() or "-"})
