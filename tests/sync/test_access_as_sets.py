"""Who holds what changes in sets: as many statements for 500 customers as for one, and one pull later every device has
exactly what it should."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from server.company.models import COMPANY_ID
from server.company.setup import system_context
from server.people.models import Employee
from server.records.ids import uuid7
from sync.schema import access
from tests.support.world import Person, World

MANY = 500
_PHONES = itertools.count()


def _writer(world: World) -> Any:
    return world.app.state.services.writer


@contextmanager
def statements(world: World, about: str = "") -> Iterator[list[str]]:
    """What the writer says to the database meanwhile, as far as it is about a table."""
    seen: list[str] = []
    engine = _writer(world).engine

    def note(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if about in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _writes(seen: list[str]) -> list[str]:
    return [statement for statement in seen if "INSERT INTO access" in statement or "UPDATE access" in statement]


def _file(world: World, owner: Person, count: int, **more: Any) -> list[str]:
    """Customers of an owner, filed by the system at once."""
    made: list[str] = []

    def work(session: Any) -> None:
        context = system_context(session, more.get("now"))
        for _ in range(count):
            row_id = uuid7()
            values = {"name": f"客户{uuid.uuid4().hex[:8]}", "mobile": f"139{next(_PHONES):08d}"}
            context.run("customer.create", {"id": row_id, "values": values, "owner_id": owner.id})
            made.append(row_id)

    _writer(world).call(work)
    return made


def _live(world: World, employee_id: str) -> set[str]:
    def work(session: Any) -> set[str]:
        statement = select(access.c.root).where(access.c.employee_id == employee_id, access.c.live)
        return {root for root in session.scalars(statement) if root.startswith("customer:")}

    found: set[str] = _writer(world).call(work)
    return found


def _held(world: World, person: Person) -> set[str]:
    return {root.removeprefix("customer:") for root in _live(world, person.id)}


def _edit_person(boss: Person, person: Person, **values: Any) -> None:
    row = boss.get(f"/api/employees/{person.id}")
    boss.do("employee.edit", id=person.id, set={name: [row[name], value] for name, value in values.items()})


def _edit_company(boss: Person, **values: Any) -> None:
    row = boss.get(f"/api/companies/{COMPANY_ID}")
    boss.do("company.edit", id=COMPANY_ID, set={name: [row[name], value] for name, value in values.items()})


@pytest.fixture
def requests(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many requests went to the sync routes since it was last asked."""
    count = 0
    plain = Person.get

    def counted(self: Person, path: str, **params: Any) -> Any:
        nonlocal count
        count += path.startswith("/sync/")
        return plain(self, path, **params)

    monkeypatch.setattr(Person, "get", counted)

    def ask() -> int:
        nonlocal count
        count, was = 0, count
        return was

    return ask


def test_the_transfer_of_many_customers(world: World, requests: Callable[[], int]) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    moved, kept = _file(world, rep, MANY), _file(world, rep, 3)
    rep.pull()
    rep2.pull()
    requests()
    with statements(world) as seen:
        clerk.do("customer.assign", ids=moved, owner_id=rep2.id)
    assert len(_writes(seen)) == 2
    assert len(seen) < 60, "the number of statements grows with the number of customers"

    page = rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)
    assert set(page["drop"]) == {f"customer:{row_id}" for row_id in moved}
    assert len(page["drop"]) == MANY
    rep.pull()
    rep2.pull()
    assert requests() <= 5
    assert set(rep.cache["customer"]) == set(kept)
    assert set(rep2.cache["customer"]) == set(moved)
    assert {row["customer_id"] for row in rep2.cache["contact"].values()} == set(moved)
    assert not {row["customer_id"] for row in rep.cache["contact"].values()} & set(moved)


def test_one_statement_begins_and_one_ends_for_every_reason(world: World) -> None:
    """Supervisor, setting, role, department, account: two writes of access for each kind of thing held, whatever its
    number."""
    boss, manager, rep = world.person("boss"), world.person("manager"), world.person("rep")
    own = set(_file(world, rep, 40))
    assert _held(world, manager) == set()
    with statements(world) as seen:
        _edit_company(boss, managers_hold_team=True)
    assert len(_writes(seen)) == 2
    assert _held(world, manager) == own

    with statements(world) as seen:
        _edit_person(boss, rep, supervisor_id=None)
    assert len(_writes(seen)) == 2
    assert _held(world, manager) == set()
    assert _held(world, rep) == own
    _edit_person(boss, rep, supervisor_id=manager.id)
    assert _held(world, manager) == own

    # The role does not let them see the team's customers any more; everything they hold is sent again.
    role = boss.get(f"/api/employees/{manager.id}")["role_id"]
    rights = boss.get(f"/api/roles/{role}")["permissions"]
    less = {**rights, "customer.view": "own"}
    with statements(world) as seen:
        boss.do("role.edit", id=role, set={"permissions": [rights, less]})
    assert len(_writes(seen)) == 3
    assert _held(world, manager) == set()
    boss.do("role.edit", id=role, set={"permissions": [less, {**rights, "customer.view": "department"}]})
    assert _held(world, manager) >= own

    # Out of the manager's department, with it to another place, and back.
    elsewhere = boss.create("department", name="二部")
    home = boss.get(f"/api/employees/{rep.id}")["department_id"]
    _edit_person(boss, rep, supervisor_id=None, department_id=elsewhere)
    assert _held(world, manager) == set()
    with statements(world) as seen:
        boss.do("department.edit", id=elsewhere, set={"parent_id": [None, home]})
    assert len(_writes(seen)) == 6  # customers, views shared with departments, and notices for them
    assert _held(world, manager) == own
    boss.do("department.edit", id=elsewhere, set={"parent_id": [home, None]})
    assert _held(world, manager) == set()
    with statements(world) as seen:
        _edit_person(boss, rep, department_id=home)
    assert (
        len(_writes(seen)) == 8
    )  # what the person holds, views shared with departments, notices for them, and who is above
    assert _held(world, manager) == own
    _edit_person(boss, rep, department_id=elsewhere)
    assert _held(world, manager) == set()
    assert _held(world, rep) == own

    with statements(world) as seen:
        _edit_person(boss, rep, status="disabled")
    assert len(_writes(seen)) == 10  # what is theirs, customers, approvals, views, and notices
    assert _held(world, rep) == set()
    _edit_person(boss, rep, status="enabled")
    assert _held(world, rep) == own


def test_shares_begin_and_end(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    manager = world.person("manager")
    first, second = _file(world, rep, 2)
    for row_id in (first, second):
        manager.do("customer.share", id=row_id, employee_id=rep2.id)
    rep2.pull()
    assert set(rep2.cache["customer"]) == {first, second}
    with statements(world) as seen:
        manager.do("customer.unshare", id=first, employee_id=rep2.id)
    assert len(_writes(seen)) == 2
    page = rep2.pull()
    assert page["drop"] == [f"customer:{first}"]
    assert set(rep2.cache["customer"]) == {second}


def test_somebody_disabled_and_enabled_again_has_everything_after_one_pull(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    own = set(_file(world, rep, 3))
    rep.pull()
    rep.pull()
    before = {name: set(rows) for name, rows in rep.cache.items() if rows}
    _edit_person(boss, rep, status="disabled")
    _edit_person(boss, rep, status="enabled")
    again = world.sign_in("rep", rep.device_id, rep.key)
    again.cursor, again.cache = rep.cursor, rep.cache
    again.pull()
    assert set(again.cache["customer"]) == own
    assert {name: set(rows) for name, rows in again.cache.items() if rows}.keys() >= before.keys()


def test_a_line_of_command_in_a_circle_ends(world: World) -> None:
    """The commands refuse one; a database that has one all the same must not stop the company."""
    boss, manager, rep = world.person("boss"), world.person("manager"), world.person("rep")
    own = set(_file(world, rep, 2))

    def circle(session: Any) -> None:
        session.get(Employee, manager.id).supervisor_id = rep.id

    _writer(world).call(circle)
    _edit_company(boss, managers_hold_team=True)
    assert _held(world, manager) == own


def test_the_pool_takes_back_what_nobody_follows(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    old = datetime.now(UTC) - timedelta(days=40)
    overdue, fresh = set(_file(world, rep, 60, now=old)), set(_file(world, rep, 2))
    visited = _file(world, rep, 1, now=old)[0]
    now = datetime.now(UTC).isoformat()
    visit = uuid7()
    rep.push(rep.op("visit.check_in", {"id": visit, "customer_id": visited, "at": now}))
    rep.push(rep.op("visit.check_out", {"id": visit, "at": now}))

    def recover(session: Any) -> dict[str, Any]:
        found: dict[str, Any] = system_context(session).run("customer.recover", {"limit": 50})
        return found

    _edit_company(boss, recovery_days=None, deal_days=None)
    assert _writer(world).call(recover) == {"ids": [], "more": False}  # off where the company says so
    _edit_company(boss, recovery_days=30)
    rep.pull()
    with statements(world) as seen:
        first = _writer(world).call(recover)
    assert (len(first["ids"]), first["more"]) == (50, True)
    assert len(_writes(seen)) == 2
    assert len(seen) < 40
    second = _writer(world).call(recover)
    assert (len(second["ids"]), second["more"]) == (10, False)
    assert set(first["ids"]) | set(second["ids"]) == overdue
    page = rep.pull()
    assert set(page["drop"]) == {f"customer:{row_id}" for row_id in overdue}
    assert set(rep.cache["customer"]) == fresh | {visited}
    # Claimed again, the clock starts anew.
    boss.do("customer.assign", ids=first["ids"][:1], owner_id=rep.id)
    assert _writer(world).call(recover) == {"ids": [], "more": False}
