"""What was reached of targets, over HTTP; the targets themselves are read like every record."""

from datetime import UTC, date, datetime
from typing import Any, Literal

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.logins import Login
from server.targets.queries import Attainment, PersonAttainment, attainment, attainment_of
from server.worklogs.periods import day_of


class AttainmentController(Controller):
    path = "/api/attainment"
    tags = ("targets",)
    guards = (signed_in,)

    @get(operation_id="attainment")
    async def of_period(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        kind: FromQuery[Literal["month", "quarter", "year"]] = "month",
        day: FromQuery[date | None] = None,
        department_id: FromQuery[str | None] = None,
    ) -> Attainment:
        """The people whose targets one may see and the departments they are in, with what was reached in the period that
        contains the day (default: today), and the list request behind each number. 403 without `target.view`."""
        actor = request.auth.actor
        actor.require("target.view")

        def read(session: Session) -> Attainment:
            zone = company_zone(session)
            return attainment(session, actor, zone, kind, day or day_of(datetime.now(UTC), zone), department_id)

        return await services.reader.run(read)

    @get("/{target_id:str}", operation_id="attainment_of_target")
    async def of_target(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], target_id: FromPath[str]
    ) -> PersonAttainment:
        """One target, also of a period of its own days; 404 for one that one may not see."""
        actor = request.auth.actor
        return await services.reader.run(
            lambda session: attainment_of(session, actor, company_zone(session), target_id)
        )


routes = [AttainmentController]
