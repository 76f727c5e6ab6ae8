"""Running commands that arrive over HTTP: the same inbox for a phone's push and for a REST call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from server.company.zone import company_zone
from server.database import savepoint
from server.people.logins import Login
from server.people.models import Device
from server.records.actor import SYSTEM, Actor
from server.records.ahead import read_what_they_name
from server.records.audit import Cause
from server.records.commands import Context, UnknownCommand, kept_args, run
from server.records.errors import BusinessError
from server.records.rights import conceals_money, without_amounts
from sync import inbox, journal
from sync.inbox import Arrival, Op, Result
from sync.push import Refused, Run, push, run_again
from sync.statements import Statement


def run_ops(
    session: Session, login: Login, ops: list[Op], *, pushed: bool = False, cloned: Callable[[], Any] | None = None
) -> list[Result]:
    """Runs ops of a login's device. To be called in the writer; answered after its commit.

    `pushed`: they come from a phone's outbox, so what they describe has happened and may be days old.
    `cloned` is told when two phones turn out to have this device's identity.
    """
    now = datetime.now(UTC)

    def mark() -> None:
        _mark_cloned(session, login.actor, now)
        if cloned is not None:
            cloned()

    return push(
        session,
        device_id=login.actor.device_id or "",
        employee_id=login.actor.employee_id,
        ops=ops,
        received_at=now.isoformat(timespec="milliseconds"),
        run=_runner(session, login.actor, now, pushed=pushed),
        savepoint=savepoint,
        quarantined=login.device_revoked or (pushed and _revoked(session, login.actor.device_id or "")),
        cloned=mark if pushed else None,
        kept_args=kept_args,
    )


_LIVE_DEVICES = Statement("SELECT id FROM device WHERE id IN :ids* AND revoked_at IS NULL")


def look_ahead(session: Session, arrivals: list[Arrival]) -> None:
    """Asks at once what several pushes need to know before they run."""
    inbox.look_ahead(session, arrivals)
    _live_devices(session, {arrival.device_id for arrival in arrivals})
    read_what_they_name(session, (op for arrival in arrivals for op in arrival.ops))


def _revoked(session: Session, device_id: str) -> bool:
    """Logins are remembered for seconds, by each process: what a revoked device sends is judged by the database."""
    return device_id not in _live_devices(session, {device_id})


def _live_devices(session: Session, ids: set[str]) -> set[str]:
    """Which of these devices have not been revoked; remembered until one is (`memory` of the commands' context)."""
    known: dict[str, bool] = session.info.setdefault("memory", {}).setdefault("live_devices", {})
    if missing := ids - known.keys():
        live = {row[0] for row in _LIVE_DEVICES.rows(session, ids=missing)}
        known.update((device_id, device_id in live) for device_id in missing)
    return {device_id for device_id in ids if known[device_id]}


# unrestricted: the device that is speaking
def _mark_cloned(session: Session, actor: Actor, now: datetime) -> None:
    """Two phones have one identity, e.g. after one was copied onto the other: an administrator should know."""
    device = session.get(Device, actor.device_id)
    if device is not None and device.cloned_at is None:
        journal.of(session).cause = Cause(SYSTEM.employee_id, "device.cloned", now, actor.device_id)
        device.cloned_at = now
        session.flush()


def run_outbox(
    session: Session, actor: Actor, device_id: str, ops: list[Op], now: datetime, *, quarantined: bool
) -> list[Result]:
    """Runs ops that arrived in a file as a push of their author's device would. The file is the phone's own: it says
    nothing about two phones."""
    return push(
        session,
        device_id=device_id,
        employee_id=actor.employee_id,
        ops=ops,
        received_at=now.isoformat(timespec="milliseconds"),
        run=_runner(session, replace(actor, device_id=device_id), now, pushed=True),
        savepoint=savepoint,
        quarantined=quarantined,
        kept_args=kept_args,
    )


def run_kept(session: Session, actor: Actor, device_id: str, op: Op, now: datetime) -> Result:
    """Runs an op that was kept earlier, in the name of its author, stores what became of it, and lets go what waited
    for it."""
    return run_again(
        session,
        device_id=device_id,
        employee_id=actor.employee_id,
        op=op,
        run=_runner(session, replace(actor, device_id=device_id), now, pushed=True),
        savepoint=savepoint,
    )


def _runner(session: Session, actor: Actor, now: datetime, *, pushed: bool) -> Run:
    zone = company_zone(session)

    def run_one(op: Op) -> Result:
        context = Context(
            session=session, actor=actor, now=now, zone=zone, at=claimed(op.at), op_id=op.id, pushed=pushed
        )
        try:
            result = run(context, op.command, op.version, op.args)
        except UnknownCommand:
            raise Refused(Result(op.id, "held", "unknown_command")) from None
        except BusinessError as error:
            detail = {**error.detail(), "status": error.status}
            detail = without_amounts(detail) if conceals_money(actor) else detail
            raise Refused(Result(op.id, "rejected", error.code, detail=detail)) from None
        told = without_amounts if conceals_money(actor) else _as_it_is
        return Result(
            op.id,
            context.status,
            context.code,
            detail=told(context.detail),
            conflicts=context.conflicts,
            changes=told(context.changes),
            result=told(result),
        )

    return run_one


def _as_it_is(value: Any) -> Any:
    return value


def claimed(text: str | None) -> datetime | None:
    """The phone's clock from an op, or None where it makes no sense."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


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
