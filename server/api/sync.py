"""The routes of the sync protocol (docs/sync-protocol.md)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.orm import Session

from server.api.account import read_me
from server.api.admission import Busy, Entrance, throw_away, told_length
from server.api.decoding import clean, decode
from server.api.pictures import FORGET_PICTURES
from server.api.running import look_ahead, result_body, run_ops
from server.api.security import signed_in
from server.api.state import Services
from server.people.logins import Login, load_actor
from server.records.errors import BusinessError, Conflict, Rejected, Unauthorized, error_texts
from server.records.fields import L
from server.records.shape import Fill, Shape, fill, shape_for
from server.records.values import to_wire
from server.records.wire import holdable, hydrator, may_hold
from server.telemetry.watching import saw_page, saw_results
from sync.digest import DigestAnswer, DigestBody, PullFirst, digest
from sync.inbox import Arrival, Op
from sync.pull import PAGE_ROWS, Page, pull
from sync.push import MAX_BYTES, MAX_OP_BYTES, MAX_OPS

#: The wire schema of this server and the oldest it still serves.
SCHEMA = 2
MIN_SCHEMA = 2
#: What a phone can count to, and what the columns hold.
_MAX_SEQ = 2**53
_MAX_VERSION = 2**31 - 1
#: Far more than an op stands on, and few enough for one query about all ops of a push.
_MAX_NEEDS = 100
_MAX_DIGEST_BYTES = 1024 * 1024

error_texts(
    {
        "push_too_large": L(
            "一次提交的内容太多，将分批发送",
            "一次提交的內容太多，將分批發送",
            "Too much at once; it will be sent in parts",
        ),
        "digest_too_large": L("核对请求太大", "核對請求太大", "Too much at once to compare"),
        "pull_first": L("请先同步", "請先同步", "Sync first"),
        "op_too_large": L("单条内容太大", "單筆內容太大", "This entry is too large"),
        "upgrade_required": L(
            "应用版本太旧，请更新；未发送的内容不受影响",
            "應用程式版本太舊，請更新；未傳送的內容不受影響",
            "The app is too old; update it. What waits is safe",
        ),
        "wrong_device": L(
            "提交的设备与登录的设备不一致", "提交的裝置與登入的裝置不一致", "This is not the device that signed in"
        ),
    }
)


class UpgradeRequired(BusinessError):
    status = 426


class TooLarge(BusinessError):
    status = 413


class PushBody(msgspec.Struct):
    device: str
    ops: list[msgspec.Raw]
    schema: int = 1


class PushAnswer(msgspec.Struct, omit_defaults=True):
    """`clone`: another phone has this one's identity; this one should be enrolled anew."""

    position: int
    results: list[dict[str, Any]]
    clone: bool = False


entrance = Entrance("/sync/v1/push", MAX_BYTES)


class SyncController(Controller):
    path = "/sync/v1"
    tags = ("sync",)

    @get("/pull", guards=[signed_in], operation_id="pull")
    async def pull(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        cursor: FromQuery[str | None] = None,
        after: FromQuery[str | None] = None,
        wire_schema: Annotated[int, QueryParameter(name="schema")] = SCHEMA,
        limit: FromQuery[int] = PAGE_ROWS,
        known_shape: Annotated[str | None, QueryParameter(name="shape")] = None,
    ) -> Response[Page]:
        """What changed for this device since the cursor; 426 where the app is too old to understand it. `limit`: rows a
        page, fewer for a device or a line that is slow. `shape`: which columns its rows have; the first page says what
        it is now where it differs."""
        if wire_schema < MIN_SCHEMA:
            raise UpgradeRequired("upgrade_required", minimum=MIN_SCHEMA)
        login = request.auth
        # An app that says nothing with its cursor does not ask for the shape.
        asks = not after and (known_shape is not None or cursor is None)
        rows = max(1, min(limit, PAGE_ROWS))

        def read(session: Session) -> tuple[Page, str | None, Shape | None]:
            actor = login.actor
            page = pull(session, actor.employee_id, after or cursor, hydrator(actor), rows)
            if not after and (cursor is None or rights_may_differ(page)):
                # The rights are those of this very state: with older ones, rows would stay that are not for this person.
                current = load_actor(session, actor.employee_id)
                if current is not None and current != replace(actor, device_id=None):
                    actor = replace(current, device_id=actor.device_id)
                    page = pull(session, actor.employee_id, cursor, hydrator(actor), rows)
                page.me = read_me(session, actor)
            return page, actor.role_id, shape_for(session, actor) if asks else None

        def read_on(session: Session) -> tuple[Page, str | None, Shape | None]:
            actor = login.actor
            return pull(session, actor.employee_id, page.after, hydrator(actor), rows), actor.role_id, None

        idle = None if after else await services.head.idle(login.actor.employee_id, cursor)
        if idle is None:
            begun = await services.ahead.take(login.token_hash, after, rows, login.actor) if after else None
            page, role_id, current = await services.reader.run(read) if begun is None else begun
            services.shapes.saw(role_id, current)
            if page.after and services.reader.idle:
                services.ahead.begin(
                    login.token_hash, page.after, rows, login.actor, lambda: services.reader.run(read_on)
                )
        else:
            page, role_id = idle, login.actor.role_id
            current = services.shapes.of(role_id)
            if asks and (current is None or current.id != known_shape):
                current = await services.reader.run(lambda session: shape_for(session, login.actor))
                services.shapes.saw(role_id, current)
        saw_page(services.metrics, page.types, empty=not (page.types or page.roots or page.drop))
        if asks and current is not None and current.id != known_shape:
            page.shape = current
        now = datetime.now(UTC)
        page.time_token = services.tokens.issue(login.actor.device_id or "", now)
        page.server_time = to_wire(now)
        return Response(page, headers=FORGET_PICTURES if page.drop or page.reset else None)

    @post("/push", status_code=200, operation_id="push")
    async def push(self, services: NamedDependency[Services], request: Request[Any, Login | None, Any]) -> PushAnswer:
        """Takes a device's ops; 503 `busy` with Retry-After where too much waits. A revoked device may still deliver: its ops are quarantined, not applied."""
        login = request.auth
        if login is None:
            raise Unauthorized("session_expired")
        try:
            place = services.admission.enter(told_length(request), MAX_BYTES)
        except Busy:  # somebody was faster since the entrance (`Entrance`)
            await throw_away(request)
            raise
        with place as counted:
            body = parse_push(await request.body())
            if body.device != login.actor.device_id:
                raise Rejected("wrong_device", field="device")
            ops = [parse_op(raw, index) for index, raw in enumerate(body.ops)]
            counted(len(ops))
            seen: list[bool] = []
            results = await services.writer.run(
                lambda session: run_ops(session, login, ops, pushed=True, cloned=lambda: seen.append(True)),
                len(ops),
                login.actor.employee_id,
                (look_ahead, Arrival(body.device, login.actor.employee_id, ops)),
            )
        saw_results(ops, results, services.metrics)
        position = max((result.position for result in results), default=0)
        clone = login.device_cloned or bool(seen)
        return PushAnswer(position, [result_body(result) for result in results], clone)

    @get("/fill", guards=[signed_in], operation_id="fill")
    async def fill(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        record_type: Annotated[str, QueryParameter(name="type")],
        columns: FromQuery[str],
        after: FromQuery[str] = "",
    ) -> Fill:
        """Values of columns that the device's rows have not got yet, for rows it may hold; see `shape` of the pull."""
        names = columns.split(",")
        return await services.reader.run(lambda session: fill(session, request.auth.actor, record_type, names, after))

    @post("/digest", guards=[signed_in], status_code=200, operation_id="digest")
    async def digest(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> DigestAnswer:
        """Compares what a device holds by hashes and sends what differs. 409 `pull_first` where the cursor is not of
        this epoch and employee."""
        raw = await request.body()
        if len(raw) > _MAX_DIGEST_BYTES:
            raise TooLarge("digest_too_large", max_bytes=_MAX_DIGEST_BYTES)
        body = decode(raw, DigestBody)
        actor = request.auth.actor
        try:
            return await services.reader.run(
                lambda session: digest(
                    session,
                    actor.employee_id,
                    body,
                    hydrator(actor),
                    lambda name: may_hold(actor, name),
                    holdable(actor),
                )
            )
        except PullFirst:
            raise Conflict("pull_first") from None

    @get("/events", guards=[signed_in], operation_id="events", media_type="text/event-stream")
    async def events(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Response[Any]:
        """Server-sent hints to pull; they carry no data."""
        employee_id = request.auth.actor.employee_id

        async def stream() -> AsyncIterator[ServerSentEventMessage]:
            async for kind in services.hints.listen(employee_id):
                yield ServerSentEventMessage(event=kind, data="")

        return ServerSentEvent(stream())


def rights_may_differ(page: Page) -> bool:
    """Whether what `GET /api/me` answers may have changed: people's records were written, or everything comes again."""
    return page.reset or page.digest or "company" in page.roots or not {"employee", "role"}.isdisjoint(page.types)


def parse_push(raw: bytes) -> PushBody:
    """The outer body. Raises 413 `push_too_large` and `invalid_arguments`."""
    if len(raw) > MAX_BYTES:
        raise TooLarge("push_too_large", max_bytes=MAX_BYTES, max_ops=MAX_OPS)
    body = decode(raw, PushBody)
    if len(body.ops) > MAX_OPS:
        raise TooLarge("push_too_large", max_bytes=MAX_BYTES, max_ops=MAX_OPS)
    return body


def parse_op(raw: msgspec.Raw, index: int) -> Op:
    """One op. Its args may be anything: the command decides; what identifies it must be right."""
    if len(raw) > MAX_OP_BYTES:
        raise TooLarge("op_too_large", index=index, max_bytes=MAX_OP_BYTES)
    place = f"ops[{index}]"
    op = clean_op(decode(raw, Op, place), place)
    if (
        not 1 <= len(op.id) <= 64
        or not 0 <= op.seq <= _MAX_SEQ
        or len(op.command) > 80
        or abs(op.version) > _MAX_VERSION
        or len(op.needs) > _MAX_NEEDS
    ):
        raise Rejected("invalid_arguments", field=place, message="id, seq, command, version or needs")
    return op


def clean_op(op: Op, place: str) -> Op:
    """What is stored of an op and looked up by it."""
    op.id, op.command = clean(op.id), clean(op.command)
    op.needs, op.args = clean(op.needs), clean(op.args, place)
    op.at = clean(op.at)
    return op
