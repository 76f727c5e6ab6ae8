"""New and changed rows that are written without the unit of work are what the ORM would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from server.customers.models import Customer
from server.database import Writer, savepoint
from server.records.errors import Rejected
from server.records.ids import uuid7
from server.records.loading import load
from server.records.record import table_of
from server.records.values import to_wire
from sync import journal
from tests.support.world import World

VALUES: dict[str, Any] = {
    "name": "王记“超市” 100%",
    "remark": ":name %(id)s ? '",
    "credit_limit": Decimal("12345.67"),
    "geo_lat": 36.0671,
    "next_contact_at": datetime(2026, 11, 30, 1, 2, 3, 456000, tzinfo=UTC),
    "enabled": False,
    "own": {"own1": ["一", 2, None]},
    "visit_count": 7,
    "mobile": None,
}


@pytest.fixture
def world(make_world: Any) -> World:
    made: World = make_world(writers=1)
    return made


def run(world: World, work: Any) -> Any:
    writer: Writer = world.app.state.services.writer
    return writer.call(work)


def test_values_of_every_kind_are_as_the_orm_would_have_them(world: World) -> None:
    customer_id = world.person("rep").create("customer", name="王记超市", mobile="13800000001")
    names = [name for name in VALUES if name in table_of(Customer).c]
    assert len(names) > 6

    def change(session: Session) -> None:
        row = load(session, Customer, customer_id)
        for name in names:
            setattr(row, name, VALUES[name])
        before = journal.writes(session)
        session.flush()
        assert journal.writes(session) == before + 1
        assert not session.dirty

    def read(session: Session) -> dict[str, Any]:
        row = session.scalars(select(Customer).where(Customer.id == customer_id)).one()
        return {name: getattr(row, name) for name in names}

    run(world, change)
    assert run(world, read) == {name: VALUES[name] for name in names}
    [latest, *_] = world.person("boss").get(f"/api/customers/{customer_id}/history")
    changed = {name: after for name, (_, after) in latest["changes"].items()}
    assert {name: changed[name] for name in names if name in changed} == {
        name: to_wire(VALUES[name]) for name in names if name in changed
    }
    assert "remark" in changed


@pytest.mark.parametrize("count", [1, 3])
def test_new_rows_are_as_the_orm_would_have_made_them(world: World, count: int) -> None:
    """Values of every kind, what has a default, and what was given nothing."""
    names = [name for name in VALUES if name in table_of(Customer).c and name != "mobile"]

    def make(session: Session) -> list[str]:
        session.info["quick"] = session.info["quick"] and not careful
        made = [Customer(id=uuid7(), mobile=None, **{name: VALUES[name] for name in names}) for _ in range(count)]
        for row in made:
            row.created_at, row.created_by = datetime(2026, 11, 29, 8, 0, tzinfo=UTC), "somebody"
            session.add(row)
        before = journal.writes(session)
        session.flush()
        assert not session.new
        assert all(row in session and inspect(row).persistent for row in made)
        if not careful:
            assert journal.writes(session) - before == 1
        for row in made:
            row.remark = f"{row.remark}, 改过"  # goes on as a row of the database
        return [row.id for row in made]

    def read(session: Session, ids: list[str]) -> list[dict[str, Any]]:
        table = table_of(Customer)
        rows = session.execute(select(table).where(table.c.id.in_(ids))).mappings()
        return [{name: value for name, value in row.items() if name != "id"} for row in rows]

    careful = False
    ours = run(world, partial(read, ids=run(world, make)))
    careful = True
    theirs = run(world, partial(read, ids=run(world, make)))
    assert ours == theirs
    assert len(ours) == count
    assert ours[0]["remark"] == f"{VALUES['remark']}, 改过"
    assert ours[0]["lead_stage"] == "potential"  # a default of the column


def test_an_id_that_is_taken_refuses_the_new_row_whole(world: World) -> None:
    customer_id = world.person("rep").create("customer", name="王记超市", mobile="13800000001")

    def make(session: Session) -> None:
        for row_id in (uuid7(), customer_id):
            row = Customer(id=row_id, name="李记粮油", created_at=datetime.now(UTC), created_by="somebody")
            session.add(row)
        session.flush()

    with pytest.raises(IntegrityError):
        run(world, make)
    assert [row["name"] for row in world.person("boss").get("/api/customers")["items"]] == ["王记超市"]


def test_a_row_that_is_no_more_is_no_success(world: World) -> None:
    customer_id = world.person("rep").create("customer", name="王记超市", mobile="13800000001")

    def change(session: Session) -> None:
        row: Any = load(session, Customer, customer_id)
        session.connection().execute(delete(table_of(Customer)).where(table_of(Customer).c.id == customer_id))
        row.remark = "周三送货"
        session.flush()

    with pytest.raises(StaleDataError):
        run(world, change)
    assert world.person("rep").get(f"/api/customers/{customer_id}")["name"] == "王记超市"


def test_nothing_is_written_where_nothing_differs(world: World) -> None:
    customer_id = world.person("rep").create("customer", name="王记超市", mobile="13800000001")

    def change(session: Session) -> int:
        row: Any = load(session, Customer, customer_id)
        row.name, row.filed_at = "王记超市", row.filed_at
        before = journal.writes(session)
        session.flush()
        return journal.writes(session) - before

    assert run(world, change) == 0


def test_what_is_refused_after_it_was_written_is_undone_by_running_again(world: World) -> None:
    customer_id = world.person("rep").create("customer", name="王记超市", mobile="13800000001")
    attempts: list[bool] = []

    def refused(session: Session, row: Any) -> None:
        with savepoint(session):
            row.remark = "不留下"
            session.flush()
            raise Rejected("not_editable")

    def change(session: Session) -> None:
        attempts.append(bool(session.info["quick"]))
        row: Any = load(session, Customer, customer_id)
        row.remark = "留下"
        with pytest.raises(Rejected):
            refused(session, row)
        row = load(session, Customer, customer_id)
        assert row.remark == "留下"
        row.address = "山东路一号"

    run(world, change)
    assert attempts == [True, False]
    row = world.person("rep").get(f"/api/customers/{customer_id}")
    assert (row["remark"], row["address"]) == ("留下", "山东路一号")
