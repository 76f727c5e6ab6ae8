"""Watches every request: gives it an id, counts it, writes its one line of log, and hears what devices say."""

import logging
import re
import time
from datetime import UTC, datetime
from typing import Any

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.people.contacts import HEADER
from server.telemetry.current import Current, current, request_id_from

log = logging.getLogger("xunke.request")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: A read that takes longer is worth a line of its own.
SLOW_SECONDS = 1.0
#: Open as long as the app is: their length is no latency.
_STREAMS = frozenset({"/sync/v1/events"})
_SCHEMA = re.compile(rb"(?:^|&)schema=(\d{1,6})(?:&|$)")


class Watch(ASGIMiddleware):
    """The outermost layer, so that what the door refuses is seen, too."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = _wanted(scope)
        mine = Current(request_id_from(headers.get(b"x-request-id")))
        before = current.set(mine)
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", mine.request_id.encode())]
            await send(message)

        try:
            await next_app(scope, receive, send_with_id)
        finally:
            current.reset(before)
            self._answered(scope, mine, status, time.perf_counter() - started, headers)

    def _answered(self, scope: Scope, mine: Current, status: int, seconds: float, headers: dict[bytes, str]) -> None:
        method, route = str(scope.get("method")), str(scope.get("path_template") or "")
        services: Any = scope["litestar_app"].state.services
        services.metrics.request(method, route, status, None if route in _STREAMS else seconds)
        if status >= 400 and (code := mine.notes.get("code")):
            services.metrics.problem(code)
        login: Any = scope.get("auth")
        device_id = login.actor.device_id if login is not None else None
        if device_id is not None and route.startswith("/sync/v1/"):
            asked = _SCHEMA.search(scope["query_string"])
            services.contacts.heard(
                device_id, headers.get(HEADER.encode()), int(asked[1]) if asked else None, datetime.now(UTC)
            )
        level = _level(method, route, status, seconds)
        if log.isEnabledFor(level):
            facts: dict[str, Any] = {
                "request": mine.request_id,
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            if login is not None:
                facts |= {"device": device_id, "employee": login.actor.employee_id}
            log.log(level, "request", extra={"facts": {**facts, **mine.notes}})


def _level(method: str, route: str, status: int, seconds: float) -> int:
    """One line for each write and each trouble; reads are many and only told when somebody looks for them."""
    if status >= 500 and status != 503:
        return logging.ERROR
    if status == 503 or (seconds >= SLOW_SECONDS and route not in _STREAMS):
        return logging.WARNING
    return logging.INFO if method not in _READS or status >= 400 else logging.DEBUG


def _wanted(scope: Scope) -> dict[bytes, str]:
    names = (b"x-request-id", HEADER.encode())
    return {name: value.decode("latin-1") for name, value in scope["headers"] if name in names}
