"""A company that comes from an earlier version: what changes with it, and what stays as its people know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.approvals.models import Approval, ApprovalFlow
from server.company.setup import system_context
from server.customers.models import Customer, CustomerDepartment, CustomerMove
from server.database import Writer, write_engine
from server.migrations.current import is_current
from server.people.models import Employee, Role
from server.people.permissions import MANAGER, REP
from server.records.actor import Actor
from server.records.audit import Cause
from server.records.ids import uuid7
from server.schema import migrate
from server.upgrading import upgrade_step
from sync import journal
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


def test_roles_that_nobody_changed_get_what_is_new_and_others_stay(new_database: NewDatabase) -> None:
    without = {name: scope for name, scope in REP.items() if name != "customer.give_up"}

    def founded_earlier(session: Session) -> None:
        system_context(session)
        for role in session.scalars(select(Role).where(Role.name.in_(["销售员", "销售经理"]))):
            role.permissions = {name: scope for name, scope in role.permissions.items() if name in without}

    def by_hand(session: Session) -> None:
        context = system_context(session)
        context.actor = Actor(
            employee_id=session.scalars(select(Employee.id)).first() or "", name="王总", is_system=True
        )
        journal.of(session).cause = Cause(context.actor.employee_id, "role.edit", context.now)
        manager = session.scalars(select(Role).where(Role.name == "销售经理")).one()
        manager.permissions = {**manager.permissions, "customer.delete": "own"}

    url = comes_from_before(new_database, "people.standing_roles", first=founded_earlier)
    engine = write_engine(url)
    writer = Writer(engine)
    writer.call(by_hand)
    writer.close()
    rep, manager = brought_up(url, lambda session: [_permissions(session, name) for name in ("销售员", "销售经理")])
    assert rep == REP
    assert manager.keys() == (MANAGER.keys() & without.keys()) | {"customer.delete"}


def _permissions(session: Session, role: str) -> dict[str, str]:
    return dict(session.scalars(select(Role.permissions).where(Role.name == role)).one())


def test_claims_that_were_approved_before_are_written_down(new_database: NewDatabase) -> None:
    owner, shop = uuid7(), uuid7()

    def before(session: Session) -> None:
        context = system_context(session)
        line = {
            "record": "customer",
            "field": "owner_id",
            "id": shop,
            "name": "王记超市",
            "before": None,
            "after": owner,
        }
        context.add(
            Approval(
                kind="customer.claim", title="王记超市 → 张三", state="approved", requester_id=owner, customer_id=shop,
                record_type="customer", record_id=shop, summary=[line], facts={}, flow_version=0, plan={}, step=1,
                round=1, command="customer.hand_over", args={}, finished_at=context.now,
            )
        )  # fmt: skip

    url = comes_from_before(new_database, "customers.moves", first=before)
    [move] = brought_up(url, lambda session: session.scalars(select(CustomerMove)).all())
    assert (move.kind, move.from_id, move.to_id, move.by_approval) == ("claim", None, owner, True)
