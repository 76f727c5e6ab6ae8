"""The feed: nothing is stepped over, whatever commits when; pages can be repeated; what is lost is dropped."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.customers.models import Contact
from server.database import Writer, write_engine
from server.records.actor import SYSTEM
from server.records.ids import uuid7
from server.records.wire import hydrator
from sync.pages import TypePage, rows_of
from sync.pull import pull
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY, World

T = TypeVar("T")


@dataclass
class Database:
    """Writers, and a door for reading as a phone's pull does: only what is committed."""

    writer: Writer
    engine: Engine

    def read(self, work: Callable[[Session], T]) -> T:
        with Session(self.engine) as session, session.begin():
            return work(session)


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    url = new_database(COMPANY)
    found = Database(Writer(write_engine(url, threads=4), threads=4), create_engine(url))
    yield found
    found.writer.close()
    found.engine.dispose()


def _new_unit(session: Session, name: str) -> str:
    option_id = uuid7()
    system_context(session).run("option.create", {"id": option_id, "values": {"list_name": "unit", "name": name}})
    return option_id


def _employee(session: Session) -> str:
    return str(session.scalar(text("SELECT id FROM employee WHERE username = 'rep'")))


def _pull_all(database: Database, cursor: str | None) -> tuple[str, set[str]]:
    """What a phone gets from here on: the new cursor and the ids of options."""
    found: set[str] = set()

    def read(session: Session) -> str:
        position = cursor
        while True:
            page = pull(session, _employee(session), position, hydrator(SYSTEM), limit=20)
            found.update(row["id"] for row in rows_of(page.types.get("option", TypePage())))
            position = page.cursor
            if page.after is None:
                return position

    return database.read(read), found


def test_a_reader_never_steps_over_a_transaction_that_commits_late(database: Database) -> None:
    """Writers overlap while a phone pulls all the time: in the end it has seen every row exactly as written."""
    written: set[str] = set()
    lock = threading.Lock()

    def work(worker: int) -> None:
        for n in range(15):
            option_id = database.writer.call(partial(_new_unit, name=f"单位{worker}-{n}"))
            with lock:
                written.add(option_id)

    cursor, seen = _pull_all(database, None)
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        cursor, found = _pull_all(database, cursor)
        seen |= found
    _, found = _pull_all(database, cursor)
    assert written <= seen | found


def test_a_page_can_be_asked_for_again(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    rep.pull()
    cursor = rep.cursor
    boss.create("option", list_name="unit", name="桶")
    first = rep.get("/sync/v1/pull", cursor=cursor, schema=2)
    again = rep.get("/sync/v1/pull", cursor=cursor, schema=2)
    assert first["types"] == again["types"]


def test_a_deleted_row_leaves_the_device(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    department = boss.create("department", name="临时部门")
    rep.pull()
    assert rep.holds("department", department)
    boss.do("department.delete", id=department)
    rep.pull()
    assert not rep.holds("department", department)


def test_a_row_that_moves_to_another_customer_leaves_who_holds_only_the_old_one(world: World) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    old, new = (
        person.create("customer", name=name, mobile=mobile)
        for person, name, mobile in ((rep, "王记超市", "13800000001"), (rep2, "赵记", "13800000002"))
    )
    contact = rep.create("contact", customer_id=old, name="王强")
    rep.do("customer.share", id=old, employee_id=clerk.id)
    rep2.do("customer.share", id=new, employee_id=clerk.id)
    for person in (rep, rep2, clerk):
        person.pull()

    def move(session: Session) -> None:
        moved = session.get(Contact, contact)
        assert moved is not None
        moved.customer_id = new

    world.app.state.services.writer.call(move)
    page = rep.pull()
    assert [contact, f"customer:{old}"] in page["types"]["contact"]["gone"]
    rep2.pull()
    clerk.pull()
    assert not rep.holds("contact", contact)
    for person in (rep2, clerk):
        assert person.cache["contact"][contact]["root"] == f"customer:{new}"


def test_a_failed_job_leaves_no_trace_in_the_feed(database: Database) -> None:
    cursor, _ = _pull_all(database, None)

    def fail(session: Session) -> None:
        _new_unit(session, "不会有")
        raise ValueError("after the write")

    with pytest.raises(ValueError, match="after the write"):
        database.writer.call(fail)
    kept = database.writer.call(lambda session: _new_unit(session, "会有"))
    _, found = _pull_all(database, cursor)
    assert found == {kept}


def test_a_bulk_statement_around_the_change_log_is_refused(database: Database) -> None:
    from sqlalchemy import update

    from server.company.models import Option

    with pytest.raises(RuntimeError, match="go around the change log"):
        database.writer.call(lambda session: session.execute(update(Option).values(sort=1)))


def test_small_pages_bring_what_one_page_brings(database: Database) -> None:
    """From the second page on, whoever holds much is read along the log instead of root by root."""
    for n in range(30):
        database.writer.call(partial(_new_unit, name=f"unit {n}"))

    def read(session: Session, limit: int) -> list[tuple[str, str]]:
        found, cursor = [], None
        while True:
            page = pull(session, _employee(session), cursor, hydrator(SYSTEM), limit=limit)
            found += [(name, row["id"]) for name, entry in page.types.items() for row in rows_of(entry)]
            cursor = page.cursor
            if page.after is None:
                return found

    small = database.read(partial(read, limit=7))
    assert len(small) == len(set(small)) > 30
    assert sorted(small) == sorted(database.read(partial(read, limit=5000)))
