"""Who may hold which root on a device. Areas say who; this module writes what differs, in the same transaction."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from sync import positions
from sync.schema import access

_UPSERT = text(
    """INSERT INTO access (employee_id, root, live, tx) VALUES (:employee_id, :root, :live, :tx)
       ON CONFLICT (employee_id, root) DO UPDATE SET live = excluded.live, tx = excluded.tx"""
)
_CHUNK = 500


def set_holders(session: Session, holders: Mapping[str, Iterable[str]]) -> None:
    """Makes exactly the given employees hold each root: `{root: employees}`. Others lose it at their next pull."""
    wanted = {root: frozenset(employees) for root, employees in holders.items()}
    roots = list(wanted)
    lines: list[dict[str, object]] = []
    for start in range(0, len(roots), _CHUNK):
        part = roots[start : start + _CHUNK]
        current: dict[tuple[str, str], bool] = {
            (root, employee): live
            for root, employee, live in session.execute(
                select(access.c.root, access.c.employee_id, access.c.live).where(access.c.root.in_(part))
            )
        }
        for root in part:
            for employee in wanted[root]:
                if not current.get((root, employee), False):
                    lines.append({"employee_id": employee, "root": root, "live": True})
        for (root, employee), live in current.items():
            if live and employee not in wanted[root]:
                lines.append({"employee_id": employee, "root": root, "live": False})
    _write(session, lines)


def grant(session: Session, employee_id: str, roots: Iterable[str]) -> None:
    """Adds roots to what an employee holds, without touching the others' access."""
    wanted = set(roots)
    held = set(
        session.scalars(
            select(access.c.root).where(
                access.c.employee_id == employee_id, access.c.live, access.c.root.in_(sorted(wanted))
            )
        )
    )
    _write(session, [{"employee_id": employee_id, "root": root, "live": True} for root in sorted(wanted - held)])


def open_root(session: Session, root: str, employees: Iterable[str]) -> None:
    """Gives a root that did not exist before to its first holders."""
    _write(session, [{"employee_id": employee_id, "root": root, "live": True} for employee_id in sorted(employees)])


def _write(session: Session, lines: list[dict[str, object]]) -> None:
    if not lines:
        return
    tx = positions.current(session)
    session.execute(_UPSERT, [{**line, "tx": tx} for line in lines])
    session.info.setdefault("touched_employees", set()).update(str(line["employee_id"]) for line in lines)


def resend(session: Session, employee_ids: Iterable[str]) -> None:
    """Makes the next pull of these employees send everything they hold again: their rights changed."""
    wanted = sorted(set(employee_ids))
    if not wanted:
        return
    tx = positions.current(session)
    session.execute(update(access).where(access.c.employee_id.in_(wanted), access.c.live).values(tx=tx))
    session.info.setdefault("touched_employees", set()).update(wanted)
