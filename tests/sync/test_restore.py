"""The server is put back to a backup: nothing that was acknowledged since is lost, and no phone starts from nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from server.backup import BackupError, backup, restore, restored
from server.database import write_engine
from server.records.ids import uuid7
from server.settings import Settings
from server.upkeep import Marker, marker_file, recover
from sync import positions
from sync.floor import prune
from tests.support.comparing import repair
from tests.support.databases import NewDatabase
from tests.support.postgres import PostgresServer
from tests.support.world import COMPANY, Person, running


class Company:
    """One server over one database, which can be stopped, and its people, who keep their devices meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.people: dict[str, Person] = {}
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        self.world = self._running.enter_context(running(self.settings))
        for username, person in self.people.items():
            there = self.world.sign_in(username, person.device_id, person.key)
            person.world, person.client = self.world, there.client

    def stop(self) -> None:
        self._running.close()

    def person(self, username: str) -> Person:
        if username not in self.people:
            self.people[username] = self.world.person(username)
        return self.people[username]

    def read(self, work: Callable[[Session], Any]) -> Any:
        engine = create_engine(self.settings.database_url)
        with Session(engine) as session, session.begin():
            found = work(session)
        engine.dispose()
        return found


@pytest.fixture
def company(new_database: NewDatabase, tmp_path: Path) -> Iterator[Company]:
    settings = Settings(data=tmp_path / "data", database=new_database(COMPANY), pwa=tmp_path / "no-pwa")
    found = Company(settings)
    yield found
    found.stop()


def _file(company: Company) -> Path:
    return Path(company.settings.database_url.removeprefix("sqlite:///"))


def _only_sqlite(company: Company) -> None:
    if not company.settings.database_url.startswith("sqlite"):
        pytest.skip("a file to copy is what SQLite has")


def _only_postgresql(company: Company) -> None:
    if company.settings.database_url.startswith("sqlite"):
        pytest.skip("a cluster is what PostgreSQL has")


def _edit(person: Person, shop: str, mine: str) -> dict[str, Any]:
    before = person.cache["customer"][shop]["address"]
    return person.op("customer.edit", {"id": shop, "set": {"address": [before, mine]}})


def test_what_was_acknowledged_after_the_backup_comes_back(company: Company, tmp_path: Path) -> None:
    """Backup; two reps go on working and a customer changes hands; restore; the phones bring it all back."""
    _only_sqlite(company)
    rep, other, clerk = (company.person(name) for name in ("rep", "rep2", "clerk"))
    shop = rep.create("customer", name="王记超市", mobile="13700000001", address="台东三路")
    rep.pull()
    backup(company.settings, tmp_path / "night.db")

    contact, second = uuid7(), uuid7()
    sent = [
        _edit(rep, shop, "中山路"),
        rep.op("contact.create", {"id": contact, "values": {"customer_id": shop, "name": "林姐"}}),
    ]
    first = rep.push(*sent)
    rep.pull()
    new_shop = {"id": second, "values": {"name": "李四的店", "mobile": "13700000002"}}
    others = [other.op("customer.create", new_shop)]
    other.push(*others)
    other.pull()
    clerk.do("customer.assign", ids=[shop], owner_id=other.id)
    rep.pull()
    assert not rep.holds("customer", shop)
    epoch = company.read(positions.epoch)
    reached = company.read(positions.highest)

    company.stop()
    marker_file(company.settings.data).unlink()  # another machine: nothing tells what was served
    aside = restore(company.settings, tmp_path / "night.db")
    assert aside is not None
    assert aside.exists()
    company.start()

    page = rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)
    assert page["digest"] is True
    assert page["epoch"] != epoch
    assert page["position"] > reached + 2**31
    contained = page["past"][epoch]
    assert contained < first[0]["position"]
    assert "types" not in page
    rep.cursor, other.cursor = page["cursor"], other.get("/sync/v1/pull", cursor=other.cursor, schema=2)["cursor"]
    repair(rep)
    assert rep.holds("customer", shop)
    assert rep.cache["customer"][shop]["address"] == "台东三路"

    results = rep.push(*sent) + other.push(*others)
    assert [result["status"] for result in results] == ["applied"] * 3
    assert all(result["position"] > reached for result in results)
    for person in (rep, other):
        repair(person)
        person.pull()
        assert repair(person) == []
    assert rep.cache["customer"][shop]["address"] == "中山路"
    assert rep.holds("contact", contact)
    assert other.holds("customer", second)


def test_a_row_and_its_rev_name_one_content_for_ever(company: Company, tmp_path: Path) -> None:
    """The same backup is restored twice, the second time on a machine that knows nothing of the first."""
    _only_sqlite(company)
    rep = company.person("rep")
    shop = rep.create("customer", name="王记超市", mobile="13700000001", address="一")
    rep.pull()
    backup(company.settings, tmp_path / "night.db")
    seen: dict[int, str] = {}
    for address in ("二", "三", "四"):
        rep.push(rep.op("customer.edit", {"id": shop, "set": {"address": ["一", address]}}))
        rep.cursor = None
        rep.cache.clear()
        rep.pull()
        row = rep.cache["customer"][shop]
        assert seen.setdefault(row["rev"], row["address"]) == address
        company.stop()
        _file(company).unlink()
        for part in ("-wal", "-shm"):
            _file(company).with_name(_file(company).name + part).unlink(missing_ok=True)
        marker_file(company.settings.data).unlink()
        time.sleep(1.1)  # two restores within one second would begin at the same place
        restore(company.settings, tmp_path / "night.db")
        company.start()
    assert len(seen) == 3


def test_a_file_put_back_by_hand_is_noticed_at_start(company: Company, tmp_path: Path) -> None:
    _only_sqlite(company)
    rep = company.person("rep")
    rep.pull()
    company.stop()
    copy = tmp_path / "copy.db"
    shutil.copyfile(_file(company), copy)
    company.start()
    before = company.read(positions.epoch)
    assert rep.push(rep.op("customer.create", {"id": uuid7(), "values": {"name": "王记", "mobile": "13700000001"}}))
    rep.pull()
    company.stop()
    company.start()
    assert company.read(positions.epoch) == before, "an ordinary restart is no restore"
    company.stop()
    os.replace(copy, _file(company))
    company.start()
    assert company.read(positions.epoch) != before
    assert rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)["digest"] is True


def test_what_was_acknowledged_a_moment_before_the_server_was_killed_is_missed(
    company: Company, tmp_path: Path
) -> None:
    """The backup is so fresh that only one answer lies between it and the end of the server."""
    rep = company.person("rep")
    rep.pull()
    file = marker_file(company.settings.data)
    epoch = company.read(positions.epoch)
    for n in range(3):
        before = Marker.read(file)
        result = rep.push(
            rep.op("customer.create", {"id": uuid7(), "values": {"name": f"王记{n}", "mobile": f"1370000000{n}"}})
        )[0]
        noted = Marker.read(file)
        assert before is not None
        assert noted is not None
        assert before.position < result["position"] <= noted.position
    company.stop()
    company.start()
    assert company.read(positions.epoch) == epoch, "an ordinary restart is no restore"
    if not company.settings.database_url.startswith("sqlite"):
        return
    company.stop()
    copy = tmp_path / "copy.db"
    shutil.copyfile(_file(company), copy)
    company.start()
    assert rep.push(rep.op("customer.create", {"id": uuid7(), "values": {"name": "李记", "mobile": "13700000009"}}))
    left = file.read_bytes()
    company.stop()
    file.write_bytes(left)
    os.replace(copy, _file(company))
    company.start()
    assert company.read(positions.epoch) != epoch


def test_an_older_database_is_noticed_by_what_it_lacks(company: Company) -> None:
    """On both engines: fewer positions, or an epoch it has never heard of. Once, not at every start."""
    company.person("rep").create("customer", name="王记超市", mobile="13700000001")
    company.stop()
    file = marker_file(company.settings.data)
    engine = write_engine(company.settings.database_url)
    served = Marker.read(file)
    assert served is not None
    assert recover(engine, company.settings.data) is None
    Marker(served.epoch, served.position + 10, served.system).write(file)
    second = recover(engine, company.settings.data)
    assert second not in (None, served.epoch)
    assert recover(engine, company.settings.data) is None
    Marker(served.epoch, served.position + 10, served.system).write(file)
    assert recover(engine, company.settings.data) is None, "another server of this database has noticed already"
    Marker("another", 5, served.system).write(file)
    third = recover(engine, company.settings.data)
    assert third not in (None, second)
    file.write_text("{")
    assert recover(engine, company.settings.data) is None
    engine.dispose()
    assert set(company.read(positions.past)) == {served.epoch, second, "another"}
    assert company.read(positions.past)["another"] == 0


def test_a_backup_in_the_same_cluster_is_noticed_although_the_marker_is_behind(
    company: Company, request: pytest.FixtureRequest
) -> None:
    """PostgreSQL: the server is killed before it has noted its last commits, and only these are missing."""
    _only_postgresql(company)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    rep = company.person("rep")
    rep.pull()
    company.stop()
    copy = server.copy(company.settings.database_url)
    company.start()
    noted = marker_file(company.settings.data).read_bytes()
    before = company.read(positions.epoch)
    shop = uuid7()
    sent = rep.op("customer.create", {"id": shop, "values": {"name": "王记", "mobile": "13700000001"}})
    first = rep.push(sent)
    rep.pull()
    company.stop()
    marker_file(company.settings.data).write_bytes(noted)
    server.replace(company.settings.database_url, copy)
    server.drop(copy)
    company.start()
    page = rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)
    assert page["digest"] is True
    assert page["past"][before] < first[0]["position"]
    rep.cursor = page["cursor"]
    repair(rep)
    assert not rep.holds("customer", shop)
    assert rep.push(sent)[0]["status"] == "applied"
    rep.pull()
    assert rep.holds("customer", shop)


def test_tables_made_anew_in_the_same_database_are_noticed(company: Company) -> None:
    """As `pg_restore --clean` does. An ordinary start is none of that."""
    _only_postgresql(company)
    company.stop()
    engine = write_engine(company.settings.database_url)
    assert recover(engine, company.settings.data) is None
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE feed_again (LIKE feed INCLUDING ALL)"))
        connection.execute(text("INSERT INTO feed_again SELECT * FROM feed"))
        connection.execute(text("DROP TABLE feed CASCADE"))
        connection.execute(text("ALTER TABLE feed_again RENAME TO feed"))
    assert recover(engine, company.settings.data) is not None
    assert recover(engine, company.settings.data) is None
    engine.dispose()


@pytest.mark.parametrize(("place", "elsewhere"), [("", False), ("{0}/{1}", False), ("{0}/0", True), ("1/{1}", True)])
def test_an_older_marker_says_less_of_its_place(company: Company, place: str, elsewhere: bool) -> None:
    """One of an earlier version names only cluster and timeline; that is compared, the rest is no restore."""
    _only_postgresql(company)
    company.stop()
    file = marker_file(company.settings.data)
    served = Marker.read(file)
    assert served is not None
    Marker(served.epoch, served.position, place.format(*served.system.split("/"))).write(file)
    engine = write_engine(company.settings.database_url)
    assert (recover(engine, company.settings.data) is not None) is elsewhere
    engine.dispose()


def test_the_operator_says_it_was_restored(company: Company) -> None:
    """`xunke restored`, on both engines: the epoch is new, everything is still served, positions go on far above."""
    rep = company.person("rep")
    shop = rep.create("customer", name="王记超市", mobile="13700000001")
    rep.pull()
    before = company.read(positions.standing)
    company.stop()
    restored(company.settings)
    company.start()
    after = company.read(positions.standing)
    assert after.epoch != before.epoch
    assert after.horizon > before.horizon + 2**31
    page = rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)
    assert page["digest"] is True
    rep.cursor = page["cursor"]
    assert {name for name, _ in repair(rep)} <= {"device"}, "only the login of a moment ago"
    answer = rep.push(rep.op("customer.edit", {"id": shop, "set": {"address": [None, "中山路"]}}))
    assert answer[0]["position"] > after.horizon
    rep.pull()
    assert rep.cache["customer"][shop]["address"] == "中山路"
    assert rep.cache["customer"][shop]["rev"] == answer[0]["position"] < 2**53
    fresh = company.world.person("rep", "another phone")
    fresh.pull()
    assert fresh.cache["customer"] == rep.cache["customer"]


def test_a_cursor_of_an_unknown_epoch_starts_anew(company: Company) -> None:
    rep = company.person("rep")
    rep.pull()
    company.stop()
    restored(company.settings)
    engine = create_engine(company.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM feed_past"))
    engine.dispose()
    company.start()
    assert rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)["reset"] is True


def test_tombstones_are_forgotten_after_half_a_year_and_old_cursors_compare(company: Company) -> None:
    rep, boss, other = (company.person(name) for name in ("rep", "boss", "rep2"))
    department = boss.create("department", name="临时部门")
    shop = rep.create("customer", name="王记超市", mobile="13700000001")
    rep.pull()
    long_ago = rep.cursor, {name: dict(rows) for name, rows in rep.cache.items()}
    boss.do("department.delete", id=department)
    company.person("clerk").do("customer.assign", ids=[shop], owner_id=other.id)
    rep.pull()
    now = datetime.now(UTC)
    engine = write_engine(company.settings.database_url)

    def cleaned(moment: datetime) -> int:
        with Session(engine) as session, session.begin():
            return prune(session, moment)

    def tombstones() -> int:
        count = (
            "SELECT (SELECT count(*) FROM change_log WHERE op = 'd') + (SELECT count(*) FROM access WHERE NOT live)"
        )
        return int(company.read(lambda session: session.scalar(text(count))))

    assert cleaned(now + timedelta(hours=1)) == 0
    assert tombstones() >= 2
    floor = cleaned(now + timedelta(days=181))
    assert floor > 0
    assert tombstones() == 0
    assert cleaned(now + timedelta(days=181)) == floor
    engine.dispose()
    assert "floor" not in rep.get("/sync/v1/pull", cursor=rep.cursor, schema=2)
    rep.cursor, rep.cache = long_ago
    page = rep.pull()
    assert page["floor"] is True
    assert "reset" not in page
    assert rep.holds("department", department)
    assert {name for name, _ in repair(rep)} >= {"department", "customer"}
    assert not rep.holds("department", department)
    assert not rep.holds("customer", shop)


def test_a_backup_is_whole_while_the_server_writes(company: Company, tmp_path: Path) -> None:
    _only_sqlite(company)
    rep = company.person("rep")
    shop = rep.create("customer", name="王记超市", mobile="13700000001")
    backup(company.settings, tmp_path / "night.db")
    assert not (tmp_path / "night.db-wal").exists()
    with sqlite3.connect(tmp_path / "night.db") as connection:
        assert connection.execute("SELECT id FROM customer").fetchall() == [(shop,)]
    with pytest.raises(BackupError, match="exists already"):
        backup(company.settings, tmp_path / "night.db")
    with pytest.raises(BackupError, match="stop the server"):
        restore(company.settings, tmp_path / "night.db")


def test_what_is_no_backup_is_refused_and_changes_nothing(company: Company, tmp_path: Path) -> None:
    _only_sqlite(company)
    company.stop()
    before = _file(company).read_bytes()
    (tmp_path / "letter.db").write_text("Dear customer, " * 100)
    with sqlite3.connect(tmp_path / "songs.db") as connection:
        connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()
    for name, reason in (("letter.db", "no SQLite"), ("songs.db", "no Xunke"), ("nothing.db", "no file")):
        with pytest.raises(BackupError, match=reason):
            restore(company.settings, tmp_path / name)
    assert _file(company).read_bytes() == before


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database="postgresql+psycopg://xunke:secret@db/xunke")
    with pytest.raises(BackupError, match="pg_dump --format=custom") as refused:
        backup(settings, tmp_path / "night.dump")
    assert "secret" not in str(refused.value)
    assert '"postgresql://xunke@db/xunke"' in str(refused.value)
    with pytest.raises(BackupError, match="xunke restored"):
        restore(settings, tmp_path / "night.dump")
