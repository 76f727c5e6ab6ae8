"""What the generic routes cannot say of people's rights."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from server.api.security import signed_in
from server.api.state import Services
from server.people.granting import Change, GrantArgs, PlaceArgs, preview_grant, preview_rights
from server.people.logins import Login


class Changes(msgspec.Struct):
    items: list[Change]


@post(
    "/api/rights/preview/role.grant",
    operation_id="preview_role_grant", status_code=200, guards=[signed_in], tags=["people"],
)  # fmt: skip
async def preview_roles(
    data: JSONBody[GrantArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
) -> Changes:
    """What `role.grant` with these args would change, role by role."""
    actor = request.auth.actor
    return Changes(await services.reader.run(lambda session: preview_grant(session, actor, data)))


@post(
    "/api/rights/preview/employee.set_rights",
    operation_id="preview_employee_set_rights", status_code=200, guards=[signed_in], tags=["people"],
)  # fmt: skip
async def preview_people(
    data: JSONBody[PlaceArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
) -> Changes:
    """What `employee.set_rights` with these args would change, person by person."""
    actor = request.auth.actor
    return Changes(await services.reader.run(lambda session: preview_rights(session, actor, data)))


routes = [preview_roles, preview_people]
