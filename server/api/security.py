"""Who may call: session cookie, origin check on writes, strict content security policy."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import (
    AbstractAuthenticationMiddleware,
    ASGIMiddleware,
    AuthenticationResult,
)
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.api.errors import language_of, problem
from server.people.logins import Login
from server.records.actor import Actor
from server.records.errors import BusinessError, Forbidden, Unauthorized

COOKIE = "xunke_session"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def content_policy(tiles: str | None = None) -> str:
    """What a page of ours may load; `tiles`: the one further host that pictures may come from (`tile_origin`)."""
    pictures = f" {tiles}" if tiles else ""
    return (
        f"default-src 'self'; img-src 'self' blob: data:{pictures}; media-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; worker-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


_HEADERS = {
    "content-security-policy": content_policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
}
_HEADER_BYTES = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the `Actor` in `request.user` and the `Login` in `request.auth`; both None for strangers."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        login = await connection.app.state.services.logins.find(connection.cookies.get(COOKIE))
        return AuthenticationResult(user=login.actor if login else None, auth=login)


class Door(ASGIMiddleware):
    """Refuses writes that a browser sends from another site (programs send no Origin and pass) and impossible
    addresses; gives every answer its security headers."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            status, code, params = refusal
            response = problem(status, code, language_of(request), params)
            if status == 415:
                response.headers["accept-encoding"] = "identity"
            await response.to_asgi_response(app=None, request=request)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(entry for entry in _HEADER_BYTES if entry[0] not in given),
                ]
            await send(message)

        await next_app(scope, receive, send_with_headers)

    def _refusal(self, request: Request[Any, Any, Any]) -> tuple[int, str, dict[str, Any]] | None:
        """Status, code and params of what is refused at the door. No address of ours has a NUL, and PostgreSQL
        would fail on one. Bodies are read as they come: nobody unpacks what may be a thousand times larger."""
        if "\x00" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            return 400, "malformed", {"message": "NUL in the address"}
        if request.method not in _SAFE and not self._same_origin(request):
            return 403, "cross_origin", {}
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return 415, "encoding_unsupported", {}
        return None

    def _same_origin(self, request: Request[Any, Any, Any]) -> bool:
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        if urlsplit(origin).netloc == request.headers.get("host"):
            return True
        allowed: str = request.app.state.services.settings.origins
        return origin in {entry.strip().rstrip("/") for entry in allowed.split(",") if entry.strip()}


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: a live login on a device that was not revoked. Asynchronous, because Litestar runs any other guard in a
    thread, which costs more than the whole of a pull without news."""
    login: Login | None = connection.auth
    if login is None:
        raise Unauthorized("session_expired")
    if login.device_revoked:
        raise DeviceRevoked()


class DeviceRevoked(BusinessError):
    """The device is told to wipe what it holds."""

    status = 403

    def __init__(self) -> None:
        super().__init__("device_revoked", wipe=True)


def address_of(request: Request[Any, Any, Any], proxies: str) -> str:
    """The caller's address. Behind a proxy of ours it is the last one the proxy wrote down: what stands before it,
    the caller may have written himself."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    trusted = {entry.strip() for entry in proxies.split(",")}
    return forwarded[:60] if forwarded and peer in trusted else peer


def actor_of(request: Request[Any, Any, Any]) -> Actor:
    actor: Actor = request.user
    return actor


def require(request: Request[Any, Any, Any], permission: str) -> Actor:
    actor = actor_of(request)
    if not actor.can(permission):
        raise Forbidden("forbidden", permission=permission)
    return actor
