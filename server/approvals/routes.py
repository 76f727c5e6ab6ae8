"""What the flow editor asks: the kinds with the facts they know, the flow in use, and who would decide."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api.security import require, signed_in
from server.api.state import Services
from server.approvals.finding import Fallback, who_decides
from server.approvals.flows import read_flow
from server.approvals.kinds import Fact, Kind, kind_named, kinds
from server.approvals.steps import OPS, Step, applies, check_steps
from server.company.zone import company_zone
from server.people.logins import Login
from server.people.models import Employee
from server.records.errors import NotFound
from server.records.fields import Label
from server.records.visibility import visible


class PreviewArgs(msgspec.Struct, forbid_unknown_fields=True):
    """A flow as it stands in the editor, somebody who would hand in a document, and what the document would be."""

    kind: str
    employee_id: str
    steps: list[Step]
    fallback: str = "head"
    fallback_ids: list[str] = []
    facts: dict[str, Any] = {}


class AskedPerson(msgspec.Struct):
    employee_id: str
    name: str
    why: str
    for_id: str | None


class PreviewedStep(msgspec.Struct):
    """`applies`: whether the conditions hold for the given facts."""

    name: str
    applies: bool
    people: list[AskedPerson]


@get("/api/approvals/kinds", operation_id="approval_kinds", guards=[signed_in], tags=["approvals"])
async def approval_kinds(
    services: NamedDependency[Services], request: Request[Any, Login, Any]
) -> list[dict[str, Any]]:
    """Every kind of document with its facts, what of it can be watched, and the flow that is in use."""
    require(request, "approval_flow.view")
    return await services.reader.run(lambda session: [_kind(session, kind) for kind in kinds()])


def _kind(session: Session, kind: Kind) -> dict[str, Any]:
    flow = read_flow(session, kind)
    return {
        "name": kind.name,
        "subject": kind.subject.__tablename__,
        "label": _words(kind.label),
        "facts": {name: _fact(fact) for name, fact in kind.facts.items()},
        "watch": {name: _words(label) for name, label in kind.watch().items()} if kind.watch else {},
        "flow": {
            "version": flow.version,
            "enabled": flow.enabled,
            "steps": msgspec.to_builtins(flow.steps),
            "watched": flow.watched,
            "fallback": flow.fallback.rule,
            "fallback_ids": list(flow.fallback.employee_ids),
        },
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "label": _words(fact.label),
        "ops": list(OPS[fact.kind]),
        "choices": {name: _words(label) for name, label in fact.choices.items()},
        "ref": fact.ref,
        "ref_list": fact.ref_list,
    }


def _words(label: Label) -> dict[str, str]:
    return {"zh-CN": label.zh_cn, "zh-TW": label.zh_tw, "en": label.en}


@post(
    "/api/approvals/preview", operation_id="approval_preview", status_code=200, guards=[signed_in], tags=["approvals"]
)
async def preview(
    services: NamedDependency[Services], request: Request[Any, Login, Any], data: JSONBody[PreviewArgs]
) -> list[PreviewedStep]:
    """Who would decide on a document of this person today, step by step. 422 as for saving the flow."""
    actor = require(request, "approval_flow.view")
    kind = kind_named(data.kind)
    if kind is None:
        raise NotFound("not_found", record="approval_flow", id=data.kind)
    check_steps(data.steps, kind.facts)

    def read(session: Session) -> list[PreviewedStep]:
        seen = select(Employee.id).where(visible(actor, Employee, [data.employee_id]))
        if session.scalar(seen) is None:
            raise NotFound("not_found", record="employee", id=data.employee_id)
        names = {row.id: row.real_name for row in session.execute(select(Employee.id, Employee.real_name))}
        day = datetime.now(UTC).astimezone(company_zone(session)).date()
        fallback = Fallback(data.fallback, tuple(data.fallback_ids))
        return [
            PreviewedStep(
                step.name,
                applies(step, data.facts),
                [
                    AskedPerson(one.employee_id, names.get(one.employee_id, ""), one.why, one.for_id)
                    for one in who_decides(session, step, fallback, data.employee_id, day)
                ],
            )
            for step in data.steps
        ]

    return await services.reader.run(read)


routes = [approval_kinds, preview]
