"""What can be exported: each kind says who may, and makes the file. Areas add theirs with `exports`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from sqlalchemy.orm import Session

from server.company.zone import company_zone
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.export import export_workbook
from server.records.listing import query_from, select_list
from server.records.record import Record, path_of, permission_of, records

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """`of`: a record's path or a report's name. `query`: parameters as its own address takes them, `language` among them.
    `title`: what its person calls it."""

    kind: Literal["list", "report"]
    of: str
    ending: Literal["xlsx", "pdf"] = "xlsx"
    query: dict[str, str] = {}
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""

    @property
    def language(self) -> str:
        return self.query.get("language", "zh-CN")


Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Maker:
    """`check` raises where the actor may not have the file, or it cannot be made; `make` returns its bytes and hears how
    many rows it has by now; `name` is the file's, without time and ending."""

    check: Callable[[Session, Actor, Asked], None]
    make: Callable[[Session, Actor, Asked, Tell], bytes]
    name: Callable[[Asked], str]


_makers: dict[str, Maker] = {}


def exports(kind: str, maker: Maker) -> None:
    _makers[kind] = maker


def maker_of(asked: Asked) -> Maker:
    return _makers[asked.kind]


def file_name(asked: Asked) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    return f"{maker_of(asked).name(asked)}-{stamp}.{asked.ending}"


def _record(asked: Asked) -> type[Record]:
    found = next((record for record in records() if record.spec.generic_routes and path_of(record) == asked.of), None)
    if found is None or asked.ending != "xlsx":
        raise NotFound("not_found", record="export", id=asked.of[:80])
    return found


def _check_list(session: Session, actor: Actor, asked: Asked) -> None:
    record = _record(asked)
    actor.require(f"{permission_of(record)}.export")
    select_list(session, actor, record, query_from(asked.query), "export")


def _make_list(session: Session, actor: Actor, asked: Asked, tell: Tell) -> bytes:
    columns = [name for name in asked.query.get("columns", "").split(",") if name]
    query = query_from(asked.query)
    zone = company_zone(session)
    return export_workbook(session, actor, _record(asked), query, columns, asked.language, zone, tell)


exports("list", Maker(_check_list, _make_list, lambda asked: asked.of))
