"""The index follows the log: whatever happens meanwhile, what was written is found."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.api.state import Services
from server.records.ids import uuid7
from server.records.search import docs, index
from server.records.search.following import Following
from server.records.search.tables import search_doc
from server.search import cli, everything
from tests.search.test_everything import hits, shop
from tests.support.world import World


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Following, "patience", 60.0)


def services(world: World) -> Services:
    found: Services = world.app.state.services
    return found


def kept(world: World) -> set[tuple[Any, ...]]:
    """What the index has of each row, without the ids of its own."""
    wanted = sa.select(search_doc.c.type, search_doc.c.row_id, search_doc.c.words, search_doc.c.phones)
    return set(services(world).writer.call(lambda session: [tuple(row) for row in session.execute(wanted)]))


def test_an_index_that_is_made_in_steps_and_again_is_the_same(world: World) -> None:
    rep = world.person("rep")
    for n in range(12):
        shop(rep, f"王记{n}店", mobile=f"1380000{n:04}")
    assert len(hits(rep, "王记", limit=50)["customer"]) == 12
    first, writer = kept(world), services(world).writer
    writer.call(index.clear)
    assert kept(world) == set()
    assert writer.call(lambda session: index.follow(session, 5)) == 5  # and here the server is killed
    assert len(kept(world)) == 5
    looked = list(index.build(writer.call, 7))
    assert looked[-1] < 7
    assert kept(world) == first
    assert len(hits(rep, "王记", limit=50)["customer"]) == 12
    assert writer.call(lambda session: index.behind(session)) == 0


def test_other_rules_make_the_index_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = world.person("rep")
    wang = shop(rep)
    assert hits(rep, "王记")["customer"] == [wang]
    before = kept(world)
    monkeypatch.setattr(index, "version", lambda: docs.version() ^ 1)
    services(world).writer.call(lambda session: session.execute(sa.update(search_doc).values(words="")))
    assert hits(rep, "王记")["customer"] == [wang]
    assert kept(world) == before


def test_too_much_at_once_is_searched_without_the_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    wang, other = shop(rep), shop(stranger, "王记二店", mobile="13900000001")
    monkeypatch.setattr("server.records.search.following.MOST_BEHIND", -1)
    services(world).writer.call(index.clear)
    for q in ("王记", "13800001234", "wjcs", "1380-000"):
        answer = rep.get("/api/search", q=q)
        assert not answer["indexed"]
        assert [
            item["id"] for group in answer["groups"] for item in group["items"] if group["record"] == "customer"
        ] == [wang]
        assert other not in str(answer)


def test_a_transaction_that_commits_late_is_not_stepped_over(world: World) -> None:
    """PostgreSQL: its position is earlier than what has been indexed meanwhile."""
    rep = world.person("rep")
    wang = shop(rep, primary_contact="赵敏")
    assert hits(rep, "王记")["customer"] == [wang]
    engine = services(world).writer.engine
    if engine.dialect.name != "postgresql":
        rep.do("customer.edit", id=wang, set={"name": ["王记超市", "海之源"]})  # one writer: nothing can be late
    else:
        with engine.connect() as late, late.begin():
            late.execute(sa.text("UPDATE customer SET name = '海之源' WHERE id = :id"), {"id": wang})
            position = "pg_current_xact_id()::text::bigint + (SELECT base FROM feed)"
            late.execute(sa.text(f"UPDATE change_log SET tx = {position} WHERE row_id = :id"), {"id": wang})
            second = shop(rep, "城阳百货", mobile="13911112222")
            assert hits(rep, "城阳百货")["customer"] == [second]
            assert hits(rep, "海之源") == {}
    assert hits(rep, "海之源")["customer"] == [wang]
    assert hits(rep, "王记") == {}


def test_what_was_written_since_is_found_by_its_place_in_the_log(world: World) -> None:
    """By its type, every search would look at every line that a company has ever written."""
    shop(world.person("rep"), "王记")
    with Session(services(world).writer.engine) as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans with statistics")
        connection = session.connection().connection.driver_connection
        assert connection is not None
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        index.behind(session)
        index.follow(session)
        connection.set_trace_callback(None)
        looks = [statement for statement in asked if "FROM change_log WHERE" in statement]
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {look}").fetchall() for look in looks]
        session.rollback()
    assert len(plans) == 2
    for plan in plans:
        assert any("USING INDEX ix_change_log_position (" in row[3] for row in plan), plan


def test_what_comes_in_bulk_is_followed_when_it_is_there_or_has_waited_long(world: World) -> None:
    reader, writer = services(world).reader, services(world).writer
    calm = Following(reader, writer)
    assert [calm.is_put_off(waiting) for waiting in (0, 300, 1500, 3000, 3100, 0)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    endless = Following(reader, writer)
    looks = [endless.is_put_off(1000 * n) for n in range(1, 13)]
    assert looks == [True] * 10 + [False] * 2


def test_a_word_that_everybody_has_reads_only_what_a_rep_may_see(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    mine = [shop(rep, f"城阳超市{n}", mobile=f"1370000000{n}") for n in range(2)]
    ops = [
        stranger.op("customer.create", {"id": uuid7(), "values": {"name": f"超市{n}店", "mobile": f"1380000{n:04}"}})
        for n in range(150)
    ]
    assert {result["status"] for result in stranger.push(*ops)} == {"applied"}
    monkeypatch.setattr(everything, "_MANY", 40)
    monkeypatch.setattr(everything, "_RANKED", 10)
    read: list[int] = []

    class Counting:
        def __init__(self, statement: Any) -> None:
            self._statement = statement

        def rows(self, session: Any, **values: Any) -> list[tuple[Any, ...]]:
            found: list[tuple[Any, ...]] = self._statement.rows(session, **values)
            read.append(len(found))
            return found

    for name in ("_KEPT", "_KEPT_OF"):
        monkeypatch.setattr(everything, name, Counting(getattr(everything, name)))
    assert sorted(hits(rep, "超市", types="customer")["customer"]) == sorted(mine)
    # Those that begin with it, those that are it, and the two he may see: not the other 140.
    assert sum(read) <= 10 + 10 + 2
    assert len(hits(stranger, "超市", types="customer", limit=50)["customer"]) == 50


def test_the_command_line_says_how_far_it_is_and_makes_it_anew(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rep = world.person("rep")
    wang = shop(rep)
    settings = services(world).settings
    services(world).writer.call(index.clear)
    assert cli.run_search(settings, "status") == 1
    assert "to be made anew" in capsys.readouterr().out
    assert cli.run_search(settings, "rebuild") == 0
    assert "rows are in the search index." in capsys.readouterr().out
    assert cli.run_search(settings, "status") == 0
    assert "complete" in capsys.readouterr().out
    assert hits(rep, "王记")["customer"] == [wang]
