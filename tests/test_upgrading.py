"""A company that comes from an earlier version: what changes with it, and what stays as its people know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.approvals.models import ApprovalFlow
from server.company.setup import system_context
from server.customers.models import Customer, CustomerDepartment
from server.database import Writer, write_engine
from server.migrations.current import is_current
from server.records.ids import uuid7
from server.schema import migrate
from server.upgrading import upgrade_step
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY


def comes_from_before(new_database: NewDatabase, *names: str, first: Callable[[Session], Any] | None = None) -> str:
    """A founded company to which these steps are still to be done; its URL."""
    url = new_database(COMPANY)
    engine = write_engine(url)
    with engine.begin() as connection:
        connection.execute(update(upgrade_step).where(upgrade_step.c.name.in_(names)).values(done_at=None))
    if first is not None:
        writer = Writer(engine)
        writer.call(first)
        writer.close()
    engine.dispose()
    return url


def brought_up(url: str, look: Callable[[Session], Any]) -> Any:
    engine = write_engine(url)
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)
    migrate(engine)  # a second time there is nothing to do
    with Session(engine) as session:
        found = look(session)
    engine.dispose()
    return found


def test_what_needed_approval_needs_it_still_and_nothing_else(new_database: NewDatabase) -> None:
    url = comes_from_before(new_database, "customers.shares_watched")
    [flow] = brought_up(url, lambda session: session.scalars(select(ApprovalFlow)).all())
    assert (flow.kind, flow.version, flow.current, flow.enabled) == ("customer.change", 1, True, True)
    assert flow.watched == ["name", "settlement_mode", "credit_limit"]
    assert [step["who"] for step in flow.steps] == ["superior"]


def test_departments_that_were_a_text_are_rows(new_database: NewDatabase) -> None:
    def before(session: Session) -> None:
        context = system_context(session)
        context.run("customer.create", {"id": uuid7(), "values": {"name": "青岛建筑", "mobile": "13800000001"}})
        context.run("customer.create", {"id": uuid7(), "values": {"name": "王记超市", "mobile": "13800000002"}})
        customer = session.scalars(select(Customer).where(Customer.name == "青岛建筑")).one()
        customer.departments = "采购部、 工程部,采购部"
        values = {"kind": "customer.change", "version": 1, "current": True, "enabled": True, "steps": []}
        context.add(ApprovalFlow(**values, watched=["name", "departments"], fallback="head"))

    def look(session: Session) -> Any:
        rows = session.scalars(select(CustomerDepartment).order_by(CustomerDepartment.name.desc())).all()
        texts = session.scalars(select(Customer.departments).order_by(Customer.name.desc())).all()
        return [row.name for row in rows], texts, session.scalars(select(ApprovalFlow.watched)).all()

    url = comes_from_before(new_database, "customers.departments", first=before)
    names, texts, watched = brought_up(url, look)
    assert names == ["采购部", "工程部"]
    assert set(texts) == {None, "采购部、工程部"}
    assert watched == [["name"]]
