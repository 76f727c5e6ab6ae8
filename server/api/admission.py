"""How much may wait for the writer. Beyond it a push is told when to come again, before its body is read.

A thousand phones that come online together must not pile up in memory nor wait longer than they will: what is let in is
answered in seconds. How much that is follows from what the server really does: little until something was measured, less
while nothing gets done. Who is turned away gets an appointment: each further one a little later, so that they come back
one after the other and not all at once; but sooner than by the measured rate, because one who comes too early costs a
millisecond, and a server that waits for the next one costs everybody.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from server.api.errors import on_business_error
from server.records.errors import BusinessError, error_texts
from server.records.fields import L

#: Seconds of work that may be inside, waiting or being run; with its own commit an answer takes less than five.
_SECONDS = 3.0
#: Ops that may always be inside, whatever was measured: an evening's push. A larger one enters where nobody else is.
_LEAST = 40
#: Bodies in memory, in bytes.
_MOST_BYTES = 32 * 1024 * 1024
#: What an op takes on the wire, to judge a push before it is read.
_BYTES_AN_OP = 500
_LATEST = 120
#: Ops a second until something was measured: what any machine does, for who is let in ...
_FIRST_RATE = 100.0
#: ... and what most machines do, for who is given an appointment: the first moments of a rush are slower than what
#: follows, and all appointments are given in them.
_HOPED_RATE = 600.0
_SLOWEST = 10.0
#: How much faster appointments follow each other than the server works.
_HURRY = 2.0
_WINDOW = 1.0

error_texts(
    {
        "busy": L(
            "服务器正忙，稍后自动重试；内容已保存在本机",
            "伺服器正忙，稍後自動重試；內容已保存在本機",
            "The server is busy; it will be tried again. Everything is safe on this device",
        ),
    }
)


class Busy(BusinessError):
    status = 503

    def __init__(self, retry_after: int) -> None:
        super().__init__("busy", retry_after=retry_after)


class Admission:
    """Belongs to the event loop: not for threads. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ops = 0
        self._bytes = 0
        self._next = 0.0
        self.rate = _FIRST_RATE
        #: Since when somebody has been inside, and how long somebody was before that, since the last measurement.
        self._since: float | None = None
        self._worked = 0.0
        self._done = 0

    def enter(self, size: int | None, most: int) -> AbstractContextManager[Callable[[int], None]]:
        """Lets a push of so many bytes in; `size` None: unknown, taken for `most`. What the block gets is to be told how
        many ops it has. Raises `Busy` at once."""
        size = most if size is None else min(size, most)
        ops = self._room(size)
        if self._since is None:
            self._since = self._clock()
        self._ops += ops
        self._bytes += size
        return self._inside(ops, size)

    def ask(self, size: int | None, most: int) -> None:
        """Whether such a push would be let in now. Raises `Busy`."""
        self._room(most if size is None else min(size, most))

    def _room(self, size: int) -> int:
        """For how many ops such a push is taken. Raises `Busy` where there is no room for them."""
        ops = 1 + size // _BYTES_AN_OP
        if self._ops and (self._ops + ops > self.most() or self._bytes + size > _MOST_BYTES):
            raise Busy(self._appointment(ops))
        return ops

    def most(self) -> float:
        """How many ops may be inside now."""
        rate = self.rate
        if self._since is not None and self._clock() - self._since > _WINDOW:
            rate = min(rate, self._done / self._working())  # a disk that hangs: the last rate is not true any more
        return max(_LEAST, rate * _SECONDS)

    @contextmanager
    def _inside(self, ops: int, size: int) -> Iterator[Callable[[int], None]]:
        def counted(real: int) -> None:
            nonlocal ops
            self._ops += real - ops
            ops = real

        try:
            yield counted
            self._measure(ops)
        finally:
            self._ops -= ops
            self._bytes -= size
            if self._ops == 0:  # idle time says nothing of the rate
                self._worked, self._since = self._working(), None

    def _measure(self, ops: int) -> None:
        self._done += ops
        elapsed = self._working()
        if elapsed >= _WINDOW and self._done >= _LEAST:
            found = self._done / elapsed
            # Faster counts by half, commits come in bursts; slower at once, unless there simply was not more to do.
            if found > self.rate:
                self.rate = (self.rate + found) / 2
            elif self._ops > found:
                self.rate = max(_SLOWEST, found)
            self._since, self._worked, self._done = self._clock(), 0.0, 0

    def _working(self) -> float:
        """Seconds in which somebody was inside, since the last measurement."""
        return self._worked + (self._clock() - self._since if self._since is not None else 0.0)

    def _appointment(self, ops: int) -> int:
        """Seconds from now."""
        now = self._clock()
        rate = _HURRY * max(self.rate, _HOPED_RATE)
        self._next = max(self._next, now + self._ops / rate)
        wait = self._next - now
        if wait < _LATEST:
            self._next += ops / rate
        return max(1, min(_LATEST, round(wait)))


def told_length(request: Request[Any, Any, Any]) -> int | None:
    """The length of the body in bytes, where the caller says it."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None


async def throw_away(request: Request[Any, Any, Any]) -> None:
    """Reads a body that nobody wants: the connection stays usable."""
    async for _ in request.stream():
        pass


class Entrance(ASGIMiddleware):
    """Turns pushes away while there is no room, before it is asked whose they are: looking that up is most of what a push
    that is refused would cost."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, path: str, most: int) -> None:
        self._path, self._most = path, most

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["path"] == self._path:
            request: Request[Any, Any, Any] = Request(scope, receive, send)
            try:
                request.app.state.services.admission.ask(told_length(request), self._most)
            except Busy as busy:
                await throw_away(request)
                response = on_business_error(request, busy)
                await response.to_asgi_response(app=None, request=request)(scope, receive, send)
                return
        await next_app(scope, receive, send)
