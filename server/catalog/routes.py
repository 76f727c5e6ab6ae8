"""What one customer pays, for the desk, which does not hold the price lists."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from server.api.security import signed_in
from server.api.state import Services
from server.catalog.queries import prices_of_customer
from server.people.logins import Login
from server.records.errors import NotFound

MAX_PRODUCTS = 500


@get("/api/customers/{row_id:str}/prices", operation_id="get_customer_prices", guards=[signed_in], tags=["catalog"])
async def get_customer_prices(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    row_id: FromPath[str],
    products: FromQuery[str],
) -> dict[str, dict[str, Any]]:
    """`products`: up to 500 product ids with commas between. Answers `{product id: {price, reason, since}}`."""
    actor = request.auth.actor
    ids = [part for part in products.split(",") if part][:MAX_PRODUCTS]
    found = await services.reader.run(lambda session: prices_of_customer(session, actor, row_id, ids))
    if found is None:
        raise NotFound("not_found", record="customer", id=row_id)
    return found


routes = [get_customer_prices]
