"""Who decides a step: the rule of the step, the fallback where that is nobody, and who stands in for the absent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.approvals.models import ApprovalAbsence
from server.approvals.steps import Step
from server.people.models import Department, Employee, Role

#: Longest line of superiors, departments and delegates that is followed; a damaged tree with a circle ends here.
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who may decide, why (`WHY` in models.py), and in whose place."""

    employee_id: str
    why: str
    for_id: str | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Who is asked where a step has nobody."""

    rule: str = "head"
    employee_ids: tuple[str, ...] = ()


def who_decides(
    session: Session, step: Step, fallback: Fallback, requester_id: str, day: date, without: Iterable[str] = ()
) -> list[Asked]:
    """The people of a step, in a stable order. Nobody decides on what he asked for himself, as long as there is anybody
    else; `without` leaves further people out."""
    out = {requester_id, *without}
    found = [
        Asked(employee_id, step.who)
        for employee_id in usable(session, _named(session, step, requester_id))
        if employee_id not in out
    ]
    found = found or instead(session, fallback, requester_id, out)
    asked: dict[str, Asked] = {}
    for one in found:
        stand_in = delegate_of(session, one.employee_id, day, out)
        asked.setdefault(stand_in or one.employee_id, one)
        if stand_in is not None and asked[stand_in] is one:
            asked[stand_in] = replace(one, employee_id=stand_in, for_id=one.employee_id)
    return list(asked.values())


def instead(session: Session, fallback: Fallback, requester_id: str, out: set[str]) -> list[Asked]:
    """Who is asked because a step has nobody. Last of all an administrator who asked for it himself."""
    if fallback.rule == "person":
        named = [one for one in usable(session, fallback.employee_ids) if one not in out]
        if named:
            return [Asked(one, "fallback_person") for one in named]
    if fallback.rule == "head":
        for head in _heads(session, requester_id):
            if head not in out and usable(session, [head]):
                return [Asked(head, "fallback_head")]
    administrators = _administrators(session)
    others = [one for one in administrators if one not in out]
    last = [requester_id] if requester_id in administrators else []
    return [Asked(one, "fallback_administrator") for one in others or last or administrators]


# unrestricted: whoever is asked must be found, whoever asks
def usable(session: Session, ids: Iterable[str]) -> list[str]:
    """Those who are enabled and whose role lets them see approvals at all, in the order given."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    sees = or_(Role.is_administrator, Role.permissions["approval.view"].as_string().is_not(None))
    statement = (
        select(Employee.id)
        .join(Role, Role.id == Employee.role_id)
        .where(Employee.id.in_(wanted), Employee.status == "enabled", sees)
    )
    there = set(session.scalars(statement))
    return [one for one in wanted if one in there]


# unrestricted: whoever is asked must be found, whoever asks
def _named(session: Session, step: Step, requester_id: str) -> list[str]:
    if step.who == "person":
        return step.employee_ids
    if step.who == "role":
        return list(
            session.scalars(select(Employee.id).where(Employee.role_id == step.role_id).order_by(Employee.username))
        )
    if step.who == "department_head":
        departments = _departments(session, requester_id)
        return [head for _, head in departments[step.level - 1 : step.level] if head is not None]
    above: str | None = requester_id
    for _ in range(step.level):
        above = session.scalar(select(Employee.supervisor_id).where(Employee.id == above))
        if above is None:
            return []
    return [above] if above else []


# unrestricted: whoever is asked must be found, whoever asks
def _departments(session: Session, employee_id: str) -> list[tuple[str, str | None]]:
    """The employee's department and those above it, each with its head."""
    current = session.scalar(select(Employee.department_id).where(Employee.id == employee_id))
    found: list[tuple[str, str | None]] = []
    while current is not None and len(found) < _DEPTH and all(current != known for known, _ in found):
        row = session.execute(
            select(Department.head_id, Department.parent_id).where(Department.id == current)
        ).first()
        if row is None:
            break
        found.append((current, row.head_id))
        current = row.parent_id
    return found


def _heads(session: Session, employee_id: str) -> list[str]:
    return [head for _, head in _departments(session, employee_id) if head is not None]


# unrestricted: whoever is asked must be found, whoever asks
def _administrators(session: Session) -> list[str]:
    statement = (
        select(Employee.id)
        .join(Role, Role.id == Employee.role_id)
        .where(Role.is_administrator, Employee.status == "enabled")
        .order_by(Employee.username)
    )
    return list(session.scalars(statement))


# unrestricted: who stands in for whom
def delegate_of(session: Session, employee_id: str, day: date, out: Iterable[str] = ()) -> str | None:
    """Who decides in somebody's place on this day, through delegates who are away themselves; None where he does it
    himself, or where nobody who stands in may."""
    passed, current, last = {employee_id, *out}, employee_id, None
    for _ in range(_DEPTH):
        current_delegate = session.scalar(
            select(ApprovalAbsence.delegate_id)
            .where(
                ApprovalAbsence.employee_id == current,
                ApprovalAbsence.starts_on <= day,
                ApprovalAbsence.ends_on >= day,
            )
            .order_by(ApprovalAbsence.created_at.desc())
            .limit(1)
        )
        if current_delegate is None or current_delegate in passed or not usable(session, [current_delegate]):
            return last
        passed.add(current_delegate)
        current = last = current_delegate
    return last
