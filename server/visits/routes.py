"""The manager's view of a day."""

from datetime import UTC, date, datetime
from typing import Any

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.logins import Login
from server.visits.queries import TeamDay, team_today
from server.visits.timeline import PersonDay, day_of_person


class TeamController(Controller):
    path = "/api/team"
    tags = ("team",)
    guards = (signed_in,)

    @get("/today", operation_id="team_today")
    async def today(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        day: FromQuery[date | None] = None,
        department_id: FromQuery[str | None] = None,
    ) -> TeamDay:
        """The people whose visits one may see, with the numbers of a business day (default: today) and the list
        request behind each number. `department_id` includes the departments below it."""
        actor = request.auth.actor

        def read(session: Session) -> TeamDay:
            zone = company_zone(session)
            chosen = day or datetime.now(UTC).astimezone(zone).date()
            return team_today(session, actor, zone, chosen, department_id)

        return await services.reader.run(read)

    @get("/{employee_id:str}/day", operation_id="team_member_day")
    async def person_day(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        employee_id: FromPath[str],
        day: FromQuery[date | None] = None,
    ) -> PersonDay:
        """One person's business day as a timeline; 404 for people whose visits one may not see."""
        actor = request.auth.actor

        def read(session: Session) -> PersonDay:
            zone = company_zone(session)
            chosen = day or datetime.now(UTC).astimezone(zone).date()
            return day_of_person(session, actor, zone, employee_id, chosen)

        return await services.reader.run(read)


routes = [TeamController]
