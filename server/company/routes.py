"""Which companies one may sign in to, over HTTP; the company itself is read like every record."""

from litestar import get
from litestar.di import NamedDependency

from server.api.state import Services
from server.company.data_sets import Choices, choices


@get("/api/data-sets", operation_id="data_sets", tags=["company"])
async def data_sets(services: NamedDependency[Services]) -> Choices:
    """The company at this address and the data sets of others, each at its own. Asked before the login."""
    return await services.reader.run(choices)


routes = [data_sets]
