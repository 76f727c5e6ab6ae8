"""Reports over HTTP: which there are, one with its numbers, and the same as a workbook or on paper."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from server.api.security import signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.exports.making import MEDIA_TYPES, Asked, Maker, Tell, exports, file_name
from server.people.logins import Login
from server.records.actor import Actor
from server.records.errors import NotFound, Rejected
from server.records.record import permission_of, record_named
from server.reports.answers import ReportAnswer, ReportEntry, answer_of, entry_of, kept_dimensions
from server.reports.computing import MAX_ROWS, Ask, compute
from server.reports.declaring import Report
from server.reports.finding import find, readable_reports
from server.reports.models import SavedReport
from server.reports.narrowed import in_words
from server.reports.paper import write_paper
from server.reports.periods import from_to, named_period
from server.reports.sheet import write_book
from server.worklogs.periods import Period, day_of

_RESERVED = {"by", "across", "period", "from", "to", "compare", "sort", "limit", "language"}
NOTHING = "-"
_WORDS = (
    "`by` and `across`: dimensions of the report, `-` for none. `period`: a name (`this_month`), or `from` and `to` as days. `compare=1`: "
    "with the period before. `sort=-measure`. `language` of the labels. Further parameters filter as in the list."
)


def _day(params: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(params[name])
    except (KeyError, ValueError) as error:
        raise Rejected("wrong_type", field=name, label=name, value=params.get(name, "")[:40]) from error


def _period(params: Mapping[str, str], report: Report, today: date) -> tuple[str, Period | None]:
    if not report.moment:
        return "all", None
    if "from" in params or "to" in params:
        return "", from_to(_day(params, "from"), _day(params, "to"))
    name = params.get("period") or report.period
    return name, named_period(name, today)


def ask_from(params: Mapping[str, str], report: Report, today: date, operation: str = "view") -> tuple[str, Ask]:
    """What the query parameters ask of a report, and the name of the period."""
    limit = params.get("limit", "200")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5) or not 1 <= int(limit) <= MAX_ROWS:
        raise Rejected("too_large", field="limit", label="limit", max=MAX_ROWS)
    name, period = _period(params, report, today)
    by = params.get("by", report.by)
    across = params.get("across", report.across if by == report.by else "")
    return name, Ask(
        by="" if by == NOTHING else by,
        across="" if across == NOTHING else across,
        period=period,
        filters={key: value for key, value in params.items() if key not in _RESERVED},
        compare=params.get("compare") in ("1", "true"),
        sort=params.get("sort", ""),
        limit=int(limit),
        language=params.get("language", "zh-CN"),
        operation=operation,
    )


def _need(session: Session, actor: Actor, name: str) -> tuple[Report, SavedReport | None]:
    found = find(session, actor, name)
    if found is None:
        raise NotFound("not_found", record="report", id=name[:80])
    return found


def run(
    session: Session, actor: Actor, name: str, params: Mapping[str, str], operation: str = "view"
) -> ReportAnswer:
    """A report with its numbers. Raises `NotFound`, `Rejected`."""
    report, saved = _need(session, actor, name)
    zone = company_zone(session)
    period, ask = ask_from(params, report, day_of(datetime.now(UTC), zone), operation)
    result = compute(session, actor, zone, report, ask)
    return answer_of(session, actor, report, saved, ask, period, result)


class Reports(msgspec.Struct):
    """The reports one may read."""

    items: list[ReportEntry]


class ReportController(Controller):
    path = "/api/reports"
    tags = ("reports",)
    guards = (signed_in,)

    @get(operation_id="list_reports", description="The reports one may read; `language` of the labels.")
    async def list_all(self, services: NamedDependency[Services], request: Request[Any, Login, Any]) -> Reports:
        actor, language = request.auth.actor, request.query_params.get("language", "zh-CN")

        def read(session: Session) -> list[ReportEntry]:
            return [
                entry_of(report, kept_dimensions(session, actor, report), language, saved, actor)
                for report, saved in readable_reports(session, actor)
            ]

        return Reports(await services.reader.run(read))

    @get("/{name:str}", operation_id="read_report", description=_WORDS)
    async def read(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], name: FromPath[str]
    ) -> ReportAnswer:
        actor, params = request.auth.actor, dict(request.query_params)
        return await services.reader.run(lambda session: run(session, actor, name, params))

    @get("/{name:str}/export.xlsx", operation_id="report_as_workbook", description=_WORDS)
    async def workbook(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], name: FromPath[str]
    ) -> Response[bytes]:
        return await self._exported(services, request, Asked("report", name, "xlsx", dict(request.query_params)))

    @get("/{name:str}/export.pdf", operation_id="report_as_paper", description=_WORDS)
    async def paper(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any], name: FromPath[str]
    ) -> Response[bytes]:
        return await self._exported(services, request, Asked("report", name, "pdf", dict(request.query_params)))

    async def _exported(self, services: Services, request: Request[Any, Login, Any], asked: Asked) -> Response[bytes]:
        actor = request.auth.actor

        def write(session: Session) -> bytes:
            _check_export(session, actor, asked)
            return _export(session, actor, asked, lambda rows: None)

        content = await services.reader.run(write)
        disposition = f'attachment; filename="{file_name(asked)}"'
        return Response(content, media_type=MEDIA_TYPES[asked.ending], headers={"content-disposition": disposition})


def _check_export(session: Session, actor: Actor, asked: Asked) -> None:
    """Who may read a report may take it along where he may export what it counts."""
    report, _ = _need(session, actor, asked.of)
    actor.require(f"{permission_of(record_named(report.record))}.export")


def _export(session: Session, actor: Actor, asked: Asked, tell: Tell) -> bytes:
    """The numbers as a workbook or on paper, with the words for what they are narrowed to."""
    params = {"limit": str(MAX_ROWS), **asked.query}
    report, _ = _need(session, actor, asked.of)
    record, zone, language = record_named(report.record), company_zone(session), asked.language
    answer = run(session, actor, asked.of, params, "export")
    filters = {key: value for key, value in params.items() if key not in _RESERVED}
    narrowed = in_words(session, actor, record, filters, language, zone)
    write = write_book if asked.ending == "xlsx" else write_paper
    return write(answer, language, zone, narrowed)


exports("report", Maker(_check_export, _export, lambda asked: asked.of.replace(".", "-")))
routes = [ReportController]
