"""Changed rows that are written without the unit of work are what the ORM would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from server.customers.models import Customer
from server.database import Writer, savepoint
from server.records.errors import Rejected
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
