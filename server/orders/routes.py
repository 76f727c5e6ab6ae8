"""One order with everything that belongs to it."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from server.api.security import signed_in
from server.api.state import Services
from server.orders.queries import full_order
from server.people.logins import Login
from server.records.errors import NotFound


@get("/api/orders/{row_id:str}/full", operation_id="get_full_order", guards=[signed_in], tags=["orders"])
async def get_full_order(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> dict[str, Any]:
    """The order, its lines, receipts and history."""
    actor = request.auth.actor
    found = await services.reader.run(lambda session: full_order(session, actor, row_id))
    if found is None:
        raise NotFound("not_found", record="order", id=row_id)
    return found


routes = [get_full_order]
