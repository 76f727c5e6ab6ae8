"""Totals of years are what the rows say, whatever happens to the rows (every test of a world looks, tests/support/world.py),
and reports of whole years read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from server.company.models import COMPANY_ID
from server.database import CommandSession, write_engine
from server.records.ids import uuid7
from server.records.record import table_of
from server.reports.totals import count_all, count_cells, declared_totals
from server.schema import migrate
from server.visits.models import Visit
from tests.reports.asking import ask
from tests.support.fieldwork import check_in, new_shop
from tests.support.totals import drifted_totals
from tests.support.world import World

NEW_YEAR = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in China
[VISITS] = declared_totals()


def kept(world: World) -> dict[tuple[int, str], int]:
    with Session(world.app.state.services.writer.engine) as session:
        table = VISITS.table
        rows = session.execute(select(table.c.year, table.c.customer_id, table.c.number)).all()
    return {(year, customer): number for year, customer, number in rows}


def moved(world: World, visit_id: str, **values: Any) -> None:
    """Writes a visit as a command would."""

    def write(session: Session) -> None:
        row = session.get(Visit, visit_id)
        for name, value in values.items():
            setattr(row, name, value)

    world.app.state.services.writer.call(write)


@contextmanager
def spoken(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_a_visit_that_changes_its_time_its_customer_or_its_year_is_counted_where_it_is(world: World) -> None:
    rep = world.person("rep")
    one, two = new_shop(rep), new_shop(rep, "李记超市")
    ops = [check_in(rep, one), check_in(rep, one), check_in(rep, two)]
    rep.push(*ops)
    this_year = datetime.now(ZoneInfo("Asia/Shanghai")).year
    assert kept(world) == {(this_year, one): 2, (this_year, two): 1}
    first, _, last = (op["args"]["id"] for op in ops)
    moved(world, first, checked_in_at=NEW_YEAR)
    assert kept(world)[2026, one] == (1 if this_year != 2026 else 2)
    moved(world, last, customer_id=one, checked_in_at=NEW_YEAR)
    assert kept(world).get((this_year, two)) is None
    moved(world, last, checked_in_at=None)
    assert kept(world) == {**({(2026, one): 2} if this_year == 2026 else {(2026, one): 1, (this_year, one): 1})}


def test_years_are_those_of_the_companys_time_zone_also_when_it_changes(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    shop = new_shop(rep)
    op = check_in(rep, shop)
    rep.push(op)
    moved(world, op["args"]["id"], checked_in_at=NEW_YEAR)
    assert kept(world) == {(2026, shop): 1}
    boss.do("company.edit", id=COMPANY_ID, set={"time_zone": ["Asia/Shanghai", "Europe/Lisbon"]})
    assert kept(world) == {(2025, shop): 1}


def test_merged_customers_have_their_visits_in_one_cell(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    keep, gone = new_shop(rep), new_shop(rep, "王记超市二店")
    rep.push(check_in(rep, keep), check_in(rep, gone))
    boss.do("customer.merge", id=gone, into=keep)
    assert list(kept(world).values()) == [2]


def test_reports_of_whole_years_read_the_totals_and_all_others_the_rows(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep, province="山东")
    rep.push(check_in(rep, shop), check_in(rep, shop))
    with spoken(world.app.state.services.reader.engine) as said:
        by_customer = ask(rep, "visits.by_customer")
        by_place = ask(rep, "visits.by_customer", by="customer_id.province", period="last_year")
        of_shop = ask(rep, "visits.by_customer", customer_id=shop, compare=1)
        assert len([statement for statement in said if "visit_year" in statement]) == 5
        assert not [statement for statement in said if "FROM visit " in " ".join(statement.split())]
        said.clear()
        ask(rep, "visits.by_customer", period="this_month")
        ask(rep, "visits.by_customer", by="evidence")
        ask(rep, "visits.by_customer", evidence="verified")
        ask(rep, "visits.by_customer", from_="2026-01-01", to="2026-06-30")
        assert not [statement for statement in said if "visit_year" in statement]
    assert by_customer["cells"][0][0][0] == by_customer["totals"][0][0] == of_shop["totals"][0][0] == 2
    assert by_place["rows"] == []
    assert by_place["totals"] == [[0, None]]


@pytest.mark.postgres
def test_two_transactions_that_count_the_same_cell_at_once_count_both(engine_url: str) -> None:
    if not engine_url.startswith("postgresql"):
        pytest.skip("SQLite has one writer")
    engine = write_engine(engine_url, threads=2)
    migrate(engine)
    zone, customer, rep = ZoneInfo("Asia/Shanghai"), uuid7(), uuid7()

    def visit(session: Session) -> None:
        session.connection().execute(
            table_of(Visit).insert(),
            {"id": uuid7(), "created_at": NEW_YEAR, "customer_id": customer, "visitor_id": rep, "state": "open",
             "evidence": "none", "photo_count": 0, "missing_photos": 0, "checked_in_at": NEW_YEAR},
        )  # fmt: skip
        count_cells(session, VISITS, zone, 2026, [(customer, rep)])

    with CommandSession(engine) as first, CommandSession(engine) as second:
        visit(first)

        def later() -> None:
            visit(second)
            second.commit()

        other = threading.Thread(target=later)
        other.start()
        other.join(0.5)
        assert other.is_alive()  # it waits for the cell
        first.commit()
        other.join(20)
    assert drifted_totals(engine) == []
    with Session(engine) as session:
        assert session.scalar(select(VISITS.table.c.number)) == 2
    engine.dispose()


def test_all_are_counted_again_where_rows_were_written_around_the_commands(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.push(check_in(rep, shop))
    before = kept(world)
    engine = world.app.state.services.writer.engine
    with Session(engine) as session, session.begin():
        session.execute(VISITS.table.delete())
        count_all(session, VISITS)
    assert kept(world) == before
