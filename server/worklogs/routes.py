"""Who has handed in his report, over HTTP; the reports themselves are read like every record."""

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
from server.visits.queries import Link
from server.worklogs.lists import lists_of
from server.worklogs.periods import day_of
from server.worklogs.queries import Round, handed_in

Kind = Literal["day", "week", "month", "quarter", "year", "week_plan", "month_plan", "year_plan"]


class RoundController(Controller):
    path = "/api/report-rounds"
    tags = ("worklogs",)
    guards = (signed_in,)

    @get(operation_id="report_round")
    async def of_period(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
        kind: FromQuery[Kind] = "day",
        day: FromQuery[date | None] = None,
    ) -> Round:
        """Who of the people whose reports one may see has handed in one of this kind in the period that contains the day
        (default: today), and who has not. 403 without `worklog.view`."""
        actor = request.auth.actor
        actor.require("worklog.view")

        def read(session: Session) -> Round:
            zone = company_zone(session)
            today = day_of(datetime.now(UTC), zone)
            return handed_in(session, actor, zone, kind, day or today, today)

        return await services.reader.run(read)


@get(
    "/api/work-reports/{row_id:str}/lists", operation_id="lists_of_work_report", guards=[signed_in], tags=["worklogs"]
)
async def lists(
    services: NamedDependency[Services], request: Request[Any, Login, Any], row_id: FromPath[str]
) -> dict[str, Link]:
    """The list request behind each number of a report, by its name in `counts` (orders and payments: number and amount)."""
    actor = request.auth.actor
    actor.require("worklog.view")
    return await services.reader.run(lambda session: lists_of(session, actor, company_zone(session), row_id))


routes = [RoundController, lists]
