"""What the generic routes cannot say of own fields."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api.security import signed_in
from server.api.state import Services
from server.own.models import OwnFieldRow, OwnTable
from server.own.values import count_rows, count_values
from server.people.logins import Login
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.record import Record
from server.records.visibility import allowed

R = TypeVar("R", bound=Record)


class ValueCount(msgspec.Struct):
    """`count`: rows that have a value, or are in a table."""

    count: int


@get("/api/own-fields/{row_id:str}/values", operation_id="count_own_values", guards=[signed_in], tags=["own"])
async def count_own_values(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> ValueCount:
    """How many values go with the field when it is deleted. For whoever may delete it."""
    return await _going(services, request.auth.actor, OwnFieldRow, row_id, count_values)


@get("/api/own-tables/{row_id:str}/rows", operation_id="count_own_rows", guards=[signed_in], tags=["own"])
async def count_own_rows(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> ValueCount:
    """How many rows go with the table when it is deleted. For whoever may delete it."""
    return await _going(services, request.auth.actor, OwnTable, row_id, count_rows)


async def _going(
    services: Services, actor: Actor, record: type[R], row_id: str, count: Callable[[Session, R], int]
) -> ValueCount:
    def read(session: Session) -> int | None:
        row = session.scalar(select(record).where(allowed(actor, record, "delete", [row_id])))
        return None if row is None else count(session, row)

    found = await services.reader.run(read)
    if found is None:
        raise NotFound("not_found", record=record.__tablename__, id=row_id)
    return ValueCount(found)


routes = [count_own_values, count_own_rows]
