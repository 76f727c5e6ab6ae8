"""What the generic routes cannot say of people's rights."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from server.api.records import XLSX, failed
from server.api.running import run_ops
from server.api.security import signed_in
from server.api.state import Services
from server.people.granting import Change, GrantArgs, PlaceArgs, preview_grant, preview_rights
from server.people.handover import HandOverArgs, Preview, preview
from server.people.logins import Login
from server.people.overview import CellReason, Overview, WhyAnswer, cell, overview, why, workbook
from server.people.reveals import RevealArgs, number_of
from server.records.ids import uuid7
from sync.inbox import Op


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


@post(
    "/api/rights/preview/employee.hand_over",
    operation_id="preview_employee_hand_over", status_code=200, guards=[signed_in], tags=["people"],
)  # fmt: skip
async def preview_handover(
    data: JSONBody[HandOverArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
) -> Preview:
    """What `employee.hand_over` with these args would move, and what it would refuse for."""
    actor = request.auth.actor
    return await services.reader.run(lambda session: preview(session, actor, data))


@get("/api/rights/overview", operation_id="rights_overview", guards=[signed_in], tags=["people"])
async def rights_overview(services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Overview:
    """Who may do what: the people within reach of `rights.view`, and what their roles give them."""
    actor = request.auth.actor
    return await services.reader.run(lambda session: overview(session, actor))


@get("/api/rights/overview.xlsx", operation_id="export_rights_overview", guards=[signed_in], tags=["people"])
async def export_overview(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    people: FromQuery[str] = "",
    language: FromQuery[str] = "zh-CN",
) -> Response[bytes]:
    """The same as a workbook; `people`: ids, all where it is empty."""
    actor = request.auth.actor
    chosen = {one for one in people.split(",") if one}
    content = await services.reader.run(lambda session: workbook(session, actor, chosen, language))
    headers = {"content-disposition": 'attachment; filename="rights.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@get("/api/rights/people/{employee_id:str}", operation_id="rights_cell", guards=[signed_in], tags=["people"])
async def rights_cell(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    employee_id: FromPath[str],
    permission: FromQuery[str],
) -> CellReason:
    """Where a person's permission comes from and whom it contains."""
    actor = request.auth.actor
    return await services.reader.run(lambda session: cell(session, actor, employee_id, permission))


@get("/api/rights/why", operation_id="why_seen", guards=[signed_in], tags=["people"])
async def why_seen(
    services: NamedDependency[Services],
    request: Request[Any, Login, Any],
    record: FromQuery[str],
    row_id: Annotated[str, QueryParameter(name="id")],
    employee: FromQuery[str] = "",
) -> WhyAnswer:
    """Why somebody (oneself, where nobody is named) sees a record, or what would let him. 404 where one does not see it
    oneself."""
    actor = request.auth.actor
    person = employee or actor.employee_id
    return await services.reader.run(lambda session: why(session, actor, record, row_id, person))


class Number(msgspec.Struct):
    number: str


@post("/api/phones/reveal", operation_id="reveal_phone", status_code=200, guards=[signed_in], tags=["people"])
async def reveal_phone(
    data: JSONBody[RevealArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
) -> Response[Number]:
    """A number that one's role sees masked, to be dialled; given out when it is on disk that it was. 404 for what one does
    not see, 429 too_many_reveals."""
    login = request.auth
    number = await services.reader.run(lambda session: number_of(session, login.actor, data))
    op = Op(id=uuid7(), seq=0, command="phone.reveal", version=1, args=msgspec.to_builtins(data))
    [result] = await services.writer.run(lambda session: run_ops(session, login, [op]), alone=login.actor.employee_id)
    if result.status == "rejected":
        params = {name: value for name, value in result.detail.items() if name != "status"}
        raise failed(result.code or "rejected", int(result.detail.get("status", 422)), params)
    return Response(Number(number), headers={"cache-control": "no-store"})


routes = [
    reveal_phone,
    preview_roles,
    preview_people,
    preview_handover,
    rights_overview,
    export_overview,
    rights_cell,
    why_seen,
]
