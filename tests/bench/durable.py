"""Durable commands a second, one op a push, on both engines; what group commit costs in time; and that nothing which was
acknowledged is lost or missed. `python -m tests.bench.durable` runs it alone."""

from __future__ import annotations

import itertools
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all tables
from server.customers.models import Contact
from server.records.audit import audit_trail
from server.records.ids import uuid7
from server.records.record import Base
from sync.pages import unpack
from sync.schema import change_log, inbox
from tests.bench.figures import Table, median_seconds, ms
from tests.bench.load import Signed, op, percentile, push_request, rate_of, run_clients, sign_in
from tests.support.live_server import LiveServer, run_xunke
from tests.support.postgres import PostgresServer

PASSWORD = "xunke-demo"
_SECONDS = 4.0
_SHARED = 8
#: Requests that are made beforehand, for each second.
_MOST = 1500


def measure(table: Table) -> None:
    """Adds the lines of both engines to the table."""
    with tempfile.TemporaryDirectory() as folder:
        _engine(table, "SQLite FULL", Path(folder), {})
        _references(table, Path(folder))
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as postgres:
        _engine(table, "PostgreSQL", Path(folder), {"XUNKE_DATABASE": postgres.new_database()})


def _engine(table: Table, name: str, folder: Path, settings: dict[str, str]) -> None:
    data = folder / "data"
    run_xunke("demo", "--small", environment={"XUNKE_DATA": str(data), **settings})
    server = LiveServer(data, settings)
    server.start()
    try:
        for clients in (1, 8, 32):
            _throughput(table, name, server.url, clients)
        _nothing_lost(table, name, server.url)
    finally:
        server.stop()


def _throughput(table: Table, name: str, url: str, clients: int) -> None:
    rates, times = [], []
    for run in range(4):
        devices = [sign_in(url, f"rep{n % 2 + 1}", PASSWORD) for n in range(clients)]
        customers = {n: _a_customer(url, devices[n]) for n in range(min(2, clients))}
        count = int(_SECONDS * _MOST / clients)
        plan = [
            [push_request(url, who, [_contact(seq, customers[n % 2])]) for seq in range(1, count + 1)]
            for n, who in enumerate(devices)
        ]
        answers = run_clients(url, plan, _SECONDS / (1 if run else 3))
        wrong = [a for part in answers for a in part if a.status != 200 or b'"applied"' not in a.body]
        if wrong:
            raise RuntimeError(f"not applied: {wrong[0]}")
        if run:  # the first only warms up
            rates.append(rate_of(answers))
            times += [a.seconds for part in answers for a in part]
    table.add(
        f"{name}: durable commands, {clients} clients, 1 op a push",
        f"{statistics.median(rates):.0f} a second ({', '.join(f'{r:.0f}' for r in rates)})",
        f"a push takes p50 {ms(percentile(times, 0.5))}, p99 {ms(percentile(times, 0.99))}",
    )


def _contact(seq: int, customer_id: str) -> dict[str, Any]:
    values = {"customer_id": customer_id, "name": "联系人", "phone": "13800000000"}
    return op(seq, "contact.create", {"id": uuid7(), "values": values})


def _a_customer(url: str, who: Signed) -> str:
    response = httpx.get(f"{url}/api/customers", params={"limit": 1}, headers={"cookie": who.cookie})
    return str(response.raise_for_status().json()["items"][0]["id"])


# -- nothing lost, nothing missed, nothing twice


@dataclass
class Followed:
    """Commands of several clients while one more device pulls all the time. `rate`: acknowledged a second; `lost`:
    acknowledged and not there afterwards; `missed`: there and never given to the device that followed; `twice`: rows it
    was given more than once."""

    rate: float = 0.0
    acknowledged: int = 0
    lost: int = 0
    missed: int = 0
    twice: int = 0


def measure_engine(engine: str, clients: int = 8, seconds: float = 8.0) -> Followed:
    """`engine`: "sqlite" or "postgresql", both durable. One op a push; the rate is the median of three runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {}
        if engine == "postgresql":
            settings["XUNKE_DATABASE"] = stack.enter_context(PostgresServer(durable=True)).new_database()
        run_xunke("demo", "--small", environment={"XUNKE_DATA": str(folder / "data"), **settings})
        server = LiveServer(folder / "data", settings)
        server.start()
        try:
            _followed(server.url, clients, min(2.0, seconds))  # only warms up
            runs = [_followed(server.url, clients, seconds) for _ in range(3)]
        finally:
            server.stop()
    total = Followed(statistics.median(run.rate for run in runs))
    for run in runs:
        total.acknowledged += run.acknowledged
        total.lost += run.lost
        total.missed += run.missed
        total.twice += run.twice
    return total


def _nothing_lost(table: Table, name: str, url: str) -> None:
    """Eight writers and a device that pulls all the time: it must get each acknowledged row, and get it once."""
    found = _followed(url, _SHARED, _SECONDS)
    table.add(
        f"{name}: lost acknowledgements, missed rows under {_SHARED} writers",
        f"{found.lost} and {found.missed} of {found.acknowledged}",
        f"rows delivered twice: {found.twice}",
    )


def _followed(url: str, clients: int, seconds: float) -> Followed:
    writers = [sign_in(url, "rep1", PASSWORD) for _ in range(clients)]
    customer_id = _a_customer(url, writers[0])
    plan, made = [], {}
    for who in writers:
        ops = [_contact(seq, customer_id) for seq in range(1, int(seconds * _MOST / clients) + 1)]
        made.update({one["id"]: one["args"]["id"] for one in ops})
        plan.append([push_request(url, who, [one]) for one in ops])
    reader = sign_in(url, "rep1", PASSWORD)
    seen: list[str] = []
    stop = threading.Event()
    cursor, _ = _pull(url, reader, None)

    def follow() -> None:
        nonlocal cursor
        while True:
            last = stop.is_set()
            cursor, rows = _pull(url, reader, cursor)
            seen.extend(rows)
            if last:
                return
            time.sleep(0.05)  # as often as hints come, and more

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        answers = run_clients(url, plan, seconds)
    finally:
        stop.set()
        thread.join()
    results = [result for part in answers for a in part for result in json.loads(a.body)["results"]]
    acknowledged = {made[result["id"]] for result in results if result["status"] == "applied"}
    _, stored = _pull(url, sign_in(url, "rep1", PASSWORD), None)
    counted = [row_id for row_id in seen if row_id in acknowledged]
    return Followed(
        rate=rate_of(answers) * len(acknowledged) / len(results),
        acknowledged=len(acknowledged),
        lost=len(acknowledged - set(stored)),
        missed=len(acknowledged - set(seen)),
        twice=len(counted) - len(set(counted)),
    )


def _pull(url: str, who: Signed, cursor: str | None) -> tuple[str, list[str]]:
    """The new cursor and the ids of the contacts that came."""
    ids: list[str] = []
    params: dict[str, Any] = {"schema": 2, **({"cursor": cursor} if cursor else {})}
    while True:
        response = httpx.get(f"{url}/sync/v1/pull", params=params, headers={"cookie": who.cookie}, timeout=60)
        page = response.raise_for_status().json()
        contacts = page.get("types", {}).get("contact", {})
        if contacts.get("values"):
            column = contacts["values"][contacts["columns"].index("id")]
            count = len(column["uuid7"]) if isinstance(column, dict) else len(column)
            ids += unpack(column, count)
        if not page.get("after"):
            return str(page["cursor"]), ids
        params["after"] = page["after"]


# -- references


def _references(table: Table, folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'orm.db'}")

    @event.listens_for(engine, "connect")
    def durable(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    Base.metadata.create_all(engine)
    seq = itertools.count()

    def orm(rows: int) -> None:
        with Session(engine) as session, session.begin():
            for _ in range(rows):
                values = _rows(next(seq))
                session.add(Contact(**values["contact"]))
                for target in (inbox, change_log, audit_trail):
                    session.execute(insert(target), values[target.name])
                session.flush()

    single = median_seconds(lambda: orm(1), 150)
    shared = median_seconds(lambda: orm(_SHARED), 60) / _SHARED
    table.add("bare ORM, the same four rows", f"{1 / single:.0f} a second", f"{_SHARED} a commit: {1 / shared:.0f}")
    with sqlite3.connect(folder / "orm.db", isolation_level=None) as bare:
        bare.execute("PRAGMA synchronous=FULL")

        def raw(rows: int) -> None:
            bare.execute("BEGIN IMMEDIATE")
            for _ in range(rows):
                for name, row in _rows(next(seq)).items():
                    kept = {key: str(value) if key.endswith("at") else value for key, value in row.items()}
                    marks = ", ".join(f":{key}" for key in kept)
                    bare.execute(f"INSERT INTO {name} ({', '.join(kept)}) VALUES ({marks})", kept)
            bare.execute("COMMIT")

        single = median_seconds(lambda: raw(1), 150)
        shared = median_seconds(lambda: raw(_SHARED), 60) / _SHARED
        table.add(
            "bare sqlite3, the same rows", f"{1 / single:.0f} a second", f"{_SHARED} a commit: {1 / shared:.0f}"
        )
        bare.execute("CREATE TABLE t (a TEXT)")
        fsync = median_seconds(lambda: bare.execute("INSERT INTO t VALUES ('x')"), 150)
        table.add("one commit with fsync, one row", f"{1 / fsync:.0f} a second", ms(fsync))


def _rows(n: int) -> dict[str, dict[str, Any]]:
    """What one `contact.create` writes."""
    row_id, now = uuid7(), datetime.now(UTC)
    text = json.dumps({"id": row_id, "values": {"name": "联系人", "phone": "13800000000"}}, ensure_ascii=False)
    return {
        "contact": {
            "id": row_id, "customer_id": "c", "name": "联系人", "phone": "13800000000", "is_primary": False,
            "created_at": now, "created_by": "e",
        },
        "inbox": {
            "op_id": row_id, "employee_id": "e", "device_id": "d", "seq": n, "command": "contact.create", "version": 1,
            "raw": text, "received_at": "2026-01-01T00:00:00.000+00:00", "status": "applied", "result": text, "tx": n,
        },
        "change_log": {"type": "contact", "row_id": row_id, "root": "customer:c", "op": "w", "tx": n, "seq": n},
        "audit_trail": {
            "at": now, "employee_id": "e", "command": "contact.create", "type": "contact", "row_id": row_id, "op": "w",
            "changes": text,
        },
    }  # fmt: skip


def main() -> None:
    started = time.perf_counter()
    table = Table()
    measure(table)
    print(f"\n{table.text()}\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
