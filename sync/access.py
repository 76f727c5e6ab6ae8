"""Who may hold which root on a device. Areas say who, as a query; this module writes what differs, as sets, in the same
transaction as what changed it: one statement for what begins and one for what ends, however many roots it is about."""

import json
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.selectable import SelectBase

from sync import positions
from sync.schema import access

#: The advisory lock of PostgreSQL under which access is rewritten.
_LOCK = "SELECT pg_advisory_xact_lock{shared}(hashtextextended('access', 0))"


def rewrite(session: Session, holders: SelectBase, concerned: ColumnElement[bool], *, wide: bool = False) -> None:
    """Makes exactly the `holders`, rows of (employee_id, root), hold what is `concerned`, a condition on `access`.

    Whoever is new gets the root with the next pull, whoever is not among them any more loses it with the next pull.
    `wide`: what decides is not locked by this transaction (people, roles, settings); it waits for those who change it.
    """
    _enter(session, wide)
    held = holders.subquery("h")
    _begin(session, select(held.c.employee_id, held.c.root).order_by(held.c.root, held.c.employee_id))
    still = select(held.c.employee_id, held.c.root)
    end(session, and_(concerned, tuple_(access.c.employee_id, access.c.root).not_in(still)))


def give(session: Session, holders: SelectBase, **parameters: str) -> None:
    """Adds the `holders`, rows of (employee_id, root); what others hold stays. A query that is called again and again
    is given as the same object, with what differs as its `parameters`: drawing it up takes longer than running it."""
    _enter(session, wide=False)
    draw_up = _prepared if parameters else _giving
    statement = draw_up(positions.is_postgresql(session), holders)
    given = {"tx": positions.current(session), **parameters}
    _touch(session, session.connection().scalars(statement, given))


def _giving(postgres: bool, holders: SelectBase) -> ReturningInsert[tuple[str]]:
    held = holders.subquery("h")
    return _beginning(postgres, select(held.c.employee_id, held.c.root))


_prepared = lru_cache(maxsize=8)(_giving)


def end(session: Session, concerned: ColumnElement[bool]) -> None:
    """Takes away what is `concerned`, a condition on `access`."""
    ended = update(access).where(access.c.live, concerned).values(live=False, tx=positions.current(session))
    _touch(session, session.connection().scalars(ended.returning(access.c.employee_id)))


def resend(session: Session, employee_ids: Iterable[str]) -> None:
    """Makes the next pull of these employees send everything they hold again: their rights changed."""
    wanted = sorted(set(employee_ids))
    if not wanted:
        return
    tx = positions.current(session)
    session.connection().execute(
        update(access).where(access.c.employee_id.in_(among(session, wanted)), access.c.live).values(tx=tx)
    )
    _touch(session, wanted)


def among(session: Session, values: Iterable[str]) -> Select[tuple[str]]:
    """A query of the given values, as many as there are: one parameter, where a list of thousands would be too long."""
    found = sorted(set(values))
    if positions.is_postgresql(session):
        strings = literal(found, postgresql.ARRAY(String))
        unpacked = func.unnest(strings).table_valued(column("value", String), name="listed").render_derived()
    else:
        unpacked = func.json_each(literal(json.dumps(found), String)).table_valued(
            column("value", String), name="listed"
        )
    return select(unpacked.c.value)


def _begin(session: Session, who: Select[tuple[str, str]]) -> None:
    statement = _beginning(positions.is_postgresql(session), who)
    _touch(session, session.connection().scalars(statement, {"tx": positions.current(session)}))


def _beginning(postgres: bool, who: Select[tuple[str, str]]) -> ReturningInsert[tuple[str]]:
    """Whoever of these does not hold it yet holds it from the transaction `:tx` on; says who they are. Executed past the
    ORM, which would take it for a write of the records it reads."""
    tx = bindparam("tx", type_=access.c.tx.type)
    # SQLite needs a WHERE between SELECT and ON CONFLICT.
    source = who.add_columns(true(), tx).where(true())
    insert = (postgresql if postgres else sqlite).insert(access)
    statement: ReturningInsert[tuple[str]] = (
        insert.from_select(["employee_id", "root", "live", "tx"], source)
        .on_conflict_do_update(
            index_elements=["employee_id", "root"],
            set_={"live": True, "tx": insert.excluded.tx},
            where=access.c.live.is_(False),
        )
        .returning(access.c.employee_id)
    )
    return statement


def _enter(session: Session, wide: bool) -> None:
    """PostgreSQL: whoever rewrites the access of all waits for transactions that change single customers, and they for
    him: each must see what the other has written. SQLite has one writer."""
    if not positions.is_postgresql(session):
        return
    tx = positions.current(session)
    if not wide and session.info.get("access_entered") == tx:
        return
    session.execute(text(_LOCK.format(shared="" if wide else "_shared")))
    session.info["access_entered"] = tx


def _touch(session: Session, employee_ids: Iterable[str]) -> None:
    session.info.setdefault("touched_employees", set()).update(employee_ids)
