"""Where the customers of a list are: counted in cells for a map, so that fifty thousand of them are a few hundred marks.

A cell is a piece of a fixed grid over the world, so nothing jumps while the map is moved. The phone does the same with
its own customers (`pwa/src/areas/customers/map/cells.ts`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.records.actor import Actor
from server.records.listing import Query, chosen_rows
from server.records.own import Readable, readable
from server.records.visibility import visible
from server.records.wire import item_of, select_readable

#: Cells of one answer; where there would be more, they are made wider.
MAX_CELLS = 1500
MAX_ZOOM = 20
#: Pixels of a cell's side where the world is 256 pixels wide at zoom 0.
_PIXELS = 64
#: How high a cell is against its width, in degrees: about square at the latitudes of China.
_HEIGHT = 0.8
_SHOWN = ("id", "name", "sales_stage_id", "owner_id", "last_visit_at")


class MapCell(msgspec.Struct):
    """Customers that stand close together, in degrees WGS-84: their middle and the corners around them. `row` is the
    customer where it is only one."""

    lat: float
    lng: float
    count: int
    south: float
    west: float
    north: float
    east: float
    row: dict[str, Any] | None = None


class MapWhole(msgspec.Struct):
    """All customers of the list, wherever they are; the corners are null where nobody has a place."""

    placed: int
    unplaced: int
    south: float | None = None
    west: float | None = None
    north: float | None = None
    east: float | None = None


class CustomerMap(msgspec.Struct):
    """`zoom`: for which the cells were made, lower than asked where there were too many of them."""

    zoom: int
    cells: list[MapCell]
    whole: MapWhole


def cell_size(zoom: int) -> tuple[float, float]:
    """Degrees of latitude and of longitude that a cell covers."""
    across = 360 / 2**zoom * _PIXELS / 256
    return across * _HEIGHT, across


def customer_map(session: Session, actor: Actor, query: Query, zoom: int) -> CustomerMap:
    """The list in cells. Its filters are those of the list; `geo_lat__ge` and the like cut out what the map shows."""
    fields = readable(session, actor, Customer)
    zoom = max(0, min(zoom, MAX_ZOOM))
    placed = {**query.filters, "geo_lat__empty": "0", "geo_lng__empty": "0"}
    where = chosen_rows(session, actor, fields, replace(query, filters=placed))
    found = _cells(session, where, zoom)
    while len(found) > MAX_CELLS:
        zoom -= 1
        found = _cells(session, where, zoom)
    rows = _rows(session, actor, fields, [cell.first for cell in found if cell.count == 1])
    cells = [
        MapCell(
            lat=cell.lat,
            lng=cell.lng,
            count=cell.count,
            south=cell.south,
            west=cell.west,
            north=cell.north,
            east=cell.east,
            row=rows.get(cell.first) if cell.count == 1 else None,
        )
        for cell in found
    ]
    return CustomerMap(zoom, cells, _whole(session, actor, fields, query))


# unrestricted: `where` is the list's, with what may be seen in it
def _cells(session: Session, where: list[ColumnElement[bool]], zoom: int) -> Sequence[Any]:
    high, across = cell_size(zoom)
    places = select(
        Customer.id,
        Customer.geo_lat.label("lat"),
        Customer.geo_lng.label("lng"),
        _whole_number(session, (Customer.geo_lat + 90.0) / high).label("up"),
        _whole_number(session, (Customer.geo_lng + 180.0) / across).label("along"),
    ).where(*where)
    # The cell's number is computed inside: PostgreSQL takes two equal expressions with parameters for different ones.
    one = places.subquery()
    statement = (
        select(
            func.avg(one.c.lat).label("lat"),
            func.avg(one.c.lng).label("lng"),
            func.count().label("count"),
            func.min(one.c.lat).label("south"),
            func.min(one.c.lng).label("west"),
            func.max(one.c.lat).label("north"),
            func.max(one.c.lng).label("east"),
            func.min(one.c.id).label("first"),
        )
        .group_by(one.c.up, one.c.along)
        .order_by(func.count().desc(), one.c.up, one.c.along)
        .limit(MAX_CELLS + 1)
    )
    return session.execute(statement).all()


def _whole_number(session: Session, value: ColumnElement[Any]) -> ColumnElement[int]:
    """Cuts off what stands behind the point of a number that is not negative. SQLite may be built without `floor`, and
    PostgreSQL rounds where it casts."""
    on_sqlite = session.connection().dialect.name == "sqlite"
    return cast(value if on_sqlite else func.floor(value), Integer)


def _rows(session: Session, actor: Actor, fields: Readable, ids: list[str]) -> dict[str, dict[str, Any]]:
    rows = session.execute(select_readable(fields).where(Customer.id.in_(ids), visible(actor, Customer)))
    items = [item_of(fields, row) for row in rows]
    return {item["id"]: {name: item[name] for name in _SHOWN if name in item} for item in items}


def _whole(session: Session, actor: Actor, fields: Readable, query: Query) -> MapWhole:
    anywhere = {name: text for name, text in query.filters.items() if not name.startswith(("geo_lat__", "geo_lng__"))}
    where = chosen_rows(session, actor, fields, replace(query, filters=anywhere))
    lat, lng = Customer.geo_lat, Customer.geo_lng
    statement = select(func.count(), func.count(lat), func.min(lat), func.min(lng), func.max(lat), func.max(lng))
    count, placed, south, west, north, east = session.execute(statement.where(visible(actor, Customer), *where)).one()
    return MapWhole(placed, count - placed, south, west, north, east)
