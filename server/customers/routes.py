"""Routes that the generic ones cannot say: the live duplicate check, the map, the timeline, groups, merges, and imports."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from server.api.security import require, signed_in
from server.api.state import Services
from server.customers.cells import CustomerMap, customer_map
from server.customers.importing.routes import import_routes
from server.customers.merges import merges_of
from server.customers.queries import MAX_EVENTS, duplicates_of, group_of, timeline
from server.people.logins import Login
from server.records.listing import query_from


@get("/api/customers/duplicates", operation_id="customer_duplicates", guards=[signed_in], tags=["customers"])
async def find_duplicates(
    services: NamedDependency[Services], request: Request[Any, Login, Any], exclude: FromQuery[str] = ""
) -> list[dict[str, Any]]:
    """Who has one of these values already: `?name=&mobile=&landline=…`, while one types. Compares as the company set."""
    actor = require(request, "customer.create")
    values = dict(request.query_params)
    return await services.reader.run(lambda session: duplicates_of(session, actor, values, exclude or None))


@get("/api/customers/{row_id:str}/timeline", operation_id="customer_timeline", guards=[signed_in], tags=["customers"])
async def customer_timeline(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    row_id: FromPath[str],
    before: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
) -> dict[str, Any]:
    """What happened with a customer, newest first; `before` is the `next` of the page before."""
    actor = request.auth.actor
    count = max(1, min(limit, MAX_EVENTS))
    return await services.reader.run(lambda session: timeline(session, actor, row_id, before, count))


@get("/api/customers/{row_id:str}/merges", operation_id="customer_merges", guards=[signed_in], tags=["customers"])
async def customer_merges(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> list[dict[str, Any]]:
    """Merges of a customer, or into it, that `customer.unmerge` can still take back (30 days), newest first."""
    actor = require(request, "conflict.resolve")
    now = datetime.now(UTC)
    return await services.reader.run(lambda session: merges_of(session, actor, row_id, now))


@get("/api/customers/{row_id:str}/group", operation_id="customer_group", guards=[signed_in], tags=["customers"])
async def customer_group(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> list[dict[str, Any]]:
    """The customers of the same group (上级客户), this one among them, with what each owes and has bought."""
    actor = request.auth.actor
    return await services.reader.run(lambda session: group_of(session, actor, row_id))


@get("/api/customers/map", operation_id="customer_map", guards=[signed_in], tags=["customers"])
async def map_of_customers(
    services: NamedDependency[Services], request: Request[Any, Login, Any], zoom: FromQuery[int] = 5
) -> CustomerMap:
    """The customers of a list (filters and `q` as there) counted in the cells of a map; `geo_lat__ge`, `geo_lat__le`,
    `geo_lng__ge`, `geo_lng__le` cut out what the map shows. Zoom as of web maps: the world is 256 × 2^zoom pixels wide."""
    query = query_from({name: text for name, text in request.query_params.items() if name != "zoom"})
    actor = request.auth.actor
    return await services.reading(query.q)(lambda session: customer_map(session, actor, query, zoom))


routes = [find_duplicates, map_of_customers, customer_timeline, customer_group, customer_merges, *import_routes]
