"""Who has read a notice, over HTTP; notices and schedules themselves are read like every record."""

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from server.api.security import signed_in
from server.api.state import Services
from server.office.queries import Readership, readership
from server.people.logins import Login


@get("/api/notices/{row_id:str}/readership", operation_id="readership_of_notice", guards=[signed_in], tags=["office"])
async def readers(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> Readership:
    """Who of those a notice is for has read it. 404 for a notice that one may not change."""
    actor = request.auth.actor
    actor.require("notice.edit")
    return await services.reader.run(lambda session: readership(session, actor, row_id))


routes = [readers]
