"""What is undone without savepoints leaves nothing behind, and what stays is told of the command that did it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.approvals.running import run_for
from server.company.setup import system_context
from server.customers.models import Contact
from server.database import Writer, savepoint
from server.records.errors import Rejected
from server.records.ids import uuid7
from server.records.loading import load
from tests.support.world import Person, World


@pytest.fixture
def world(make_world: Any) -> World:
    made: World = make_world(writers=1)
    return made


@pytest.fixture
def rep(world: World) -> Person:
    return world.person("rep")


@pytest.fixture
def customer_id(rep: Person) -> str:
    return rep.create("customer", name="王记超市", mobile="13800000001")


def run(world: World, work: Any) -> Any:
    writer: Writer = world.app.state.services.writer
    return writer.call(work)


def make(session: Session, customer_id: str, row_id: str) -> None:
    with savepoint(session):
        system_context(session).add(Contact(id=row_id, customer_id=customer_id, name="王强"))


def ask(session: Session) -> None:
    """A query of the ORM: what waits is written."""
    session.scalar(select(Contact.id).limit(1))


def test_a_refused_change_of_a_row_that_waits_is_undone_although_it_was_written(
    world: World, rep: Person, customer_id: str
) -> None:
    row_id, attempts = uuid7(), []

    def refused(session: Session) -> None:
        with savepoint(session):
            row: Any = load(session, Contact, row_id)
            row.name = "王小强"
            ask(session)
            raise Rejected("not_editable")

    def work(session: Session) -> None:
        attempts.append(bool(session.info["quick"]))
        make(session, customer_id, row_id)
        system_context(session)  # another cause
        with pytest.raises(Rejected):
            refused(session)

    run(world, work)
    assert attempts == [True, False]
    assert rep.get(f"/api/contacts/{row_id}")["name"] == "王强"
    [line] = rep.get(f"/api/contacts/{row_id}/history")
    assert line["changes"]["name"] == [None, "王强"]


def test_a_refused_change_that_was_only_noted_is_undone(world: World, rep: Person, customer_id: str) -> None:
    """Within one command, that is: its line is not completed by what may yet be refused."""
    row_id = uuid7()

    def refused(session: Session) -> None:
        with savepoint(session):
            row: Any = load(session, Contact, row_id)
            row.name = "王小强"
            with savepoint(session):
                pass
            raise Rejected("not_editable")

    def work(session: Session) -> None:
        make(session, customer_id, row_id)
        with pytest.raises(Rejected):
            refused(session)

    run(world, work)
    assert rep.get(f"/api/contacts/{row_id}")["name"] == "王强"
    [line] = rep.get(f"/api/contacts/{row_id}/history")
    assert line["changes"]["name"] == [None, "王强"]


def test_a_job_that_fails_leaves_nothing_that_one_of_its_commands_wrote_for_an_earlier_one(
    world: World, rep: Person, customer_id: str
) -> None:
    row_id, attempts = uuid7(), []

    def work(session: Session) -> None:
        attempts.append(bool(session.info["quick"]))
        make(session, customer_id, row_id)
        with savepoint(session):
            ask(session)
        raise Rejected("not_editable")

    with pytest.raises(Rejected):
        run(world, work)
    assert attempts == [True, False]
    assert run(world, lambda session: load(session, Contact, row_id)) is None


def test_a_command_that_only_looks_is_refused_without_running_again(
    world: World, rep: Person, customer_id: str
) -> None:
    row_id, attempts = uuid7(), []

    def refused(session: Session) -> None:
        with savepoint(session):
            ask(session)
            raise Rejected("not_editable")

    def work(session: Session) -> None:
        attempts.append(bool(session.info["quick"]))
        make(session, customer_id, row_id)
        with pytest.raises(Rejected):
            refused(session)

    run(world, work)
    assert attempts == [True]
    assert rep.get(f"/api/contacts/{row_id}")["name"] == "王强"


def test_what_a_command_makes_in_anothers_name_is_told_of_that_command(
    world: World, rep: Person, customer_id: str
) -> None:
    row_id, who = uuid7(), rep.get("/api/me")["employee"]["id"]

    def work(session: Session) -> None:
        args = {"id": row_id, "values": {"customer_id": customer_id, "name": "王强"}}
        with savepoint(session):
            run_for(system_context(session), who, "contact.create", args)

    run(world, work)
    [line] = rep.get(f"/api/contacts/{row_id}/history")
    assert (line["command"], line["employee_id"]) == ("contact.create", who)


@pytest.mark.parametrize("how", ["execute", "scalar", "scalars"])
def test_a_bulk_statement_is_refused_however_it_is_run(world: World, how: str) -> None:
    changed = update(Contact).values(name="王强").returning(Contact.id)
    with pytest.raises(RuntimeError, match="change log"):
        run(world, lambda session: getattr(session, how)(changed))


@pytest.mark.parametrize("written", [False, True])
def test_a_row_that_is_held_can_be_changed_after_a_refused_change(
    world: World, rep: Person, customer_id: str, written: bool
) -> None:
    row_id = rep.create("contact", customer_id=customer_id, name="王强", remark="爱喝茶")
    attempts: list[bool] = []

    def refused(session: Session, row: Any) -> None:
        with savepoint(session):
            row.name, row.phone = "王小强", "13900000001"
            if written:
                session.flush()
            raise Rejected("not_editable")

    def work(session: Session) -> None:
        attempts.append(bool(session.info["quick"]))
        system_context(session)
        row: Any = load(session, Contact, row_id)
        with pytest.raises(Rejected):
            refused(session, row)
        row.department, row.remark = "采购", None

    run(world, work)
    assert attempts == ([True, False] if written else [True])
    found = rep.get(f"/api/contacts/{row_id}")
    assert [found[name] for name in ("name", "phone", "department", "remark")] == ["王强", None, "采购", None]
    changed, _ = rep.get(f"/api/contacts/{row_id}/history")
    assert changed["changes"] == {"department": [None, "采购"], "remark": ["爱喝茶", None]}


def test_a_row_that_was_forgotten_can_be_changed(world: World, rep: Person, customer_id: str) -> None:
    row_id = rep.create("contact", customer_id=customer_id, name="王强")

    def work(session: Session) -> None:
        system_context(session)
        row: Any = load(session, Contact, row_id)
        session.expire(row)
        row.department = "采购"

    run(world, work)
    changed, _ = rep.get(f"/api/contacts/{row_id}/history")
    assert changed["changes"] == {"department": [None, "采购"]}
