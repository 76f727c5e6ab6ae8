"""The generic routes of every record: list, detail, history, export; and of every command."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody
from sqlalchemy.orm import Session

from server.api.decoding import clean, decode
from server.api.running import result_body, run_ops
from server.api.security import signed_in
from server.api.state import Services
from server.api.sync import TooLarge
from server.company.zone import company_zone
from server.people.logins import Login
from server.records.audit import history
from server.records.commands import CommandSpec, commands
from server.records.errors import BusinessError, NotFound
from server.records.export import export_workbook
from server.records.ids import uuid7
from server.records.listing import detail, list_page, query_from, summary
from server.records.record import Record, path_of, records
from server.records.schema import args_struct, page_struct, row_struct
from server.telemetry.watching import saw_results
from sync.inbox import Op
from sync.push import MAX_OP_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILTERS = (
    "Filters are further query parameters: `field=value`, `field__in=a,b`, `field__ge=`, `field__gt=`, `field__le=`, `field__lt=`, "
    "`field__ne=`, `field__like=`, `field__empty=1`, `field__idle_days=7` (never, or longer ago), "
    "`field__under=` (of a tree: this or below), `reference.field=value` (of what is referred to); `q` searches words; `sort=-field`."
)


def record_routes() -> list[HTTPRouteHandler]:
    """List, summary, detail, history and export of every record that has generic routes."""
    found: list[HTTPRouteHandler] = []
    for record in records():
        if record.spec.generic_routes:
            found += [_list(record), _summary(record), _detail(record), _history(record), _export(record)]
    return found


def _named(function: Callable[..., Any], name: str, returns: Any) -> Callable[..., Any]:
    function.__name__ = name
    function.__annotations__["return"] = returns
    return function


def _list(record: type[Record]) -> HTTPRouteHandler:
    async def handler(
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        q: FromQuery[str] = "",
        sort: FromQuery[str] = "",
        limit: FromQuery[int] = 50,
        after: FromQuery[str] = "",
    ) -> Any:
        query = query_from(request.query_params)
        actor = request.auth.actor
        return await services.reading(query.q)(lambda session: list_page(session, actor, record, query))

    name = f"list_{path_of(record)}"
    return get(f"/{path_of(record)}", operation_id=name, guards=[signed_in], description=_FILTERS)(
        _named(handler, name, page_struct(record))
    )


def _summary(record: type[Record]) -> HTTPRouteHandler:
    async def handler(
        services: NamedDependency[Services], request: Request[Any, Login, Any], q: FromQuery[str] = ""
    ) -> dict[str, Any]:
        query = query_from(request.query_params)
        actor = request.auth.actor
        return await services.reading(query.q)(lambda session: summary(session, actor, record, query))

    name = f"summary_of_{path_of(record)}"
    return get(f"/{path_of(record)}/summary", operation_id=name, guards=[signed_in], description=_FILTERS)(
        _named(handler, name, dict[str, Any])
    )


def _detail(record: type[Record]) -> HTTPRouteHandler:
    async def handler(
        services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
    ) -> Any:
        actor = request.auth.actor
        found = await services.reader.run(lambda session: detail(session, actor, record, row_id))
        if found is None:
            raise NotFound("not_found", record=record.__tablename__, id=row_id)
        return found

    name = f"get_{record.__tablename__}"
    return get(f"/{path_of(record)}/{{row_id:str}}", operation_id=name, guards=[signed_in])(
        _named(handler, name, row_struct(record))
    )


def _history(record: type[Record]) -> HTTPRouteHandler:
    async def handler(
        services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
    ) -> list[dict[str, Any]]:
        actor = request.auth.actor

        def read(session: Any) -> list[dict[str, Any]] | None:
            if detail(session, actor, record, row_id) is None:
                return None
            return history(session, actor, record.__tablename__, row_id)

        found = await services.reader.run(read)
        if found is None:
            raise NotFound("not_found", record=record.__tablename__, id=row_id)
        return found

    name = f"history_of_{record.__tablename__}"
    return get(f"/{path_of(record)}/{{row_id:str}}/history", operation_id=name, guards=[signed_in])(
        _named(handler, name, list[dict[str, Any]])
    )


def _export(record: type[Record]) -> HTTPRouteHandler:
    async def handler(
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        columns: FromQuery[str] = "",
        language: FromQuery[str] = "zh-CN",
    ) -> Response[bytes]:
        query = query_from(request.query_params)
        actor = request.auth.actor
        chosen = [name for name in columns.split(",") if name]

        def write(session: Session) -> bytes:
            return export_workbook(session, actor, record, query, chosen, language, company_zone(session))

        content = await services.reading(query.q)(write)
        stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        disposition = f'attachment; filename="{path_of(record)}-{stamp}.xlsx"'
        return Response(content, media_type=XLSX, headers={"content-disposition": disposition})

    name = f"export_{path_of(record)}"
    return get(f"/{path_of(record)}/export.xlsx", operation_id=name, guards=[signed_in], description=_FILTERS)(
        _named(handler, name, Response[bytes])
    )


def command_routes() -> list[HTTPRouteHandler]:
    return [_command(spec) for spec in commands()]


class CommandAnswer(msgspec.Struct):
    """What became of a command, as in a push."""

    id: str
    status: str
    code: str | None
    position: int
    detail: dict[str, Any]
    conflicts: list[str]
    changes: list[dict[str, Any]]
    result: Any


def failed(code: str, status: int, params: dict[str, Any]) -> BusinessError:
    """A stored rejection as the error it was."""
    error = BusinessError(code, **params)
    error.status = status
    return error


def _command(spec: CommandSpec) -> HTTPRouteHandler:
    async def handler(
        data: Any,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=64)] = None,
    ) -> Any:
        raw = await request.body()
        if len(raw) > MAX_OP_BYTES:
            raise TooLarge("op_too_large", max_bytes=MAX_OP_BYTES)
        args = clean(decode(raw, dict[str, Any]))
        op = Op(id=idempotency_key or uuid7(), seq=0, command=spec.name, version=spec.version, args=args)
        login = request.auth
        [result] = await services.writer.run(
            lambda session: run_ops(session, login, [op]), alone=login.actor.employee_id
        )
        saw_results([op], [result])
        if result.status == "rejected":
            params = {name: value for name, value in result.detail.items() if name != "status"}
            raise failed(result.code or "rejected", int(result.detail.get("status", 422)), params)
        return CommandAnswer(**result_body(result))

    handler.__annotations__["data"] = JSONBody[args_struct(spec)]  # type: ignore[misc]
    name = spec.name.replace(".", "_")
    return post(
        f"/commands/{spec.name}",
        operation_id=name,
        status_code=200,
        guards=[signed_in],
        description=spec.doc,
        tags=["commands"],
    )(_named(handler, name, CommandAnswer))


def records_router() -> Router:
    return Router("/api", route_handlers=[*record_routes(), *command_routes()])
