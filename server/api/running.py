"""Running commands that arrive over HTTP: the same inbox for a phone's push and for a REST call."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from server.api.state import company_zone
from server.database import savepoint
from server.people.logins import Login
from server.records.commands import Context, UnknownCommand, run
from server.records.errors import BusinessError
from sync.inbox import Op, Result
from sync.push import Refused, push


def run_ops(session: Session, login: Login, ops: list[Op]) -> list[Result]:
    """Runs ops of a login's device. To be called in the writer; answered after its commit."""
    now = datetime.now(UTC)
    zone = company_zone(session)

    def run_one(op: Op) -> Result:
        context = Context(session=session, actor=login.actor, now=now, zone=zone, at=claimed(op.at), op_id=op.id)
        try:
            result = run(context, op.command, op.version, op.args)
        except UnknownCommand:
            raise Refused(Result(op.id, "held", "unknown_command")) from None
        except BusinessError as error:
            detail = {**error.detail(), "status": error.status}
            raise Refused(Result(op.id, "rejected", error.code, detail=detail)) from None
        return Result(
            op.id,
            context.status,
            context.code,
            detail=context.detail,
            conflicts=context.conflicts,
            changes=context.changes,
            result=result,
        )

    return push(
        session,
        device_id=login.actor.device_id or "",
        employee_id=login.actor.employee_id,
        ops=ops,
        received_at=now.isoformat(timespec="milliseconds"),
        run=run_one,
        savepoint=savepoint,
        quarantined=login.device_revoked,
    )


def claimed(text: str | None) -> datetime | None:
    """The phone's clock from an op, or None where it makes no sense."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def result_body(result: Result) -> dict[str, Any]:
    """A result as the protocol has it."""
    return {
        "id": result.id,
        "status": result.status,
        "code": result.code,
        "position": result.position,
        "detail": result.detail,
        "conflicts": result.conflicts,
        "changes": result.changes,
        "result": result.result,
    }
