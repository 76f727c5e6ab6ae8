"""Login, logout, who am I, change password."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy.orm import Session

from server.api.pictures import FORGET_PICTURES
from server.api.security import COOKIE, address_of, signed_in
from server.api.state import Services
from server.people.logins import Login, LoginArgs
from server.people.models import Employee, Role
from server.records.actor import Actor
from server.records.wire import as_dict, select_wire


class Me(msgspec.Struct):
    """The signed-in employee, as the device keeps it for offline use. `field_rights`: what the role may do less than
    everything with amounts and numbers (records/rights.py)."""

    id: str
    employee: dict[str, Any]
    role: dict[str, Any]
    permissions: dict[str, str]
    field_rights: dict[str, str]
    device_id: str | None


class ChangePassword(msgspec.Struct):
    current: str
    new: str


def read_me(session: Session, actor: Actor) -> Me:
    """One's own account; a person always sees it, whatever the role says."""
    employee = session.execute(select_wire(Employee).where(Employee.id == actor.employee_id)).one()
    role = session.execute(select_wire(Role).where(Role.id == actor.role_id)).one()
    return Me(
        id=actor.employee_id,
        employee=as_dict(Employee, employee),
        role={"id": role.id, "name": role.name},
        permissions=dict(actor.permissions),
        field_rights=dict(actor.field_rights),
        device_id=actor.device_id,
    )


class AccountController(Controller):
    path = "/api"
    tags = ("account",)

    @post("/login", status_code=200, operation_id="login")
    async def login(
        self, data: JSONBody[LoginArgs], services: NamedDependency[Services], request: Request[Any, Any, Any]
    ) -> Response[Me]:
        """Opens a session on a device and enrols the device's public key. 401 login_failed, 429 login_throttled."""
        client = address_of(request, services.settings.proxies)
        token, login = await services.logins.login(data, client, request.headers.get("user-agent", ""))
        me = await services.reader.run(lambda session: read_me(session, login.actor))
        cookie = Cookie(
            key=COOKIE,
            value=token,
            httponly=True,
            secure=services.settings.secure_cookies,
            samesite="strict",
            max_age=services.settings.session_days * 86_400,
            path="/",
        )
        return Response(me, cookies=[cookie])

    @post("/logout", status_code=204, guards=[signed_in], operation_id="logout")
    async def logout(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Response[None]:
        await services.logins.logout(request.auth)
        response: Response[None] = Response(None, status_code=204, headers=FORGET_PICTURES)
        response.delete_cookie(COOKIE, path="/")
        return response

    @get("/me", guards=[signed_in], operation_id="me")
    async def me(self, services: NamedDependency[Services], request: Request[Actor, Any, Any]) -> Me:
        actor = request.user
        return await services.reader.run(lambda session: read_me(session, actor))

    @post("/me/password", status_code=204, guards=[signed_in], operation_id="change_password")
    async def password(
        self, data: JSONBody[ChangePassword], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> None:
        """Changes one's own password and ends one's other logins. 422 wrong_password, weak_password; 429 login_throttled."""
        client = address_of(request, services.settings.proxies)
        await services.logins.change_password(request.auth, data.current, data.new, client)
