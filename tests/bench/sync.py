"""Sync against a live server: cold pull, no-op pull, push of 1 and of 200 ops, durable commands a second."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from media.make import DeviceKey
from server.records.ids import uuid7
from sync.pages import TypePage
from tests.bench.figures import Table, kb, median_seconds, ms, rate


class Phone:
    """One signed-in device that counts what goes over the wire (compressed, as it travels)."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60, headers={"accept-encoding": "br, gzip"})
        self.device = str(uuid.uuid4())
        self.seq = itertools.count(1)
        self.requests = 0
        self.bytes = 0
        body = {
            "username": username,
            "password": password,
            "device": {"id": self.device, "name": "bench", "public_key": DeviceKey().public},
        }
        self.client.post("/api/login", json=body).raise_for_status()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        with self.client.stream("GET", path, params=params) as response:
            response.raise_for_status()
            response.read()
            self.requests += 1
            self.bytes += response.num_bytes_downloaded
            return dict(msgspec.json.decode(response.content))

    def pages(self, cursor: str | None = None) -> Iterator[dict[str, Any]]:
        """The pages of one pull."""
        params = {"schema": 2, **({"cursor": cursor} if cursor else {})}
        while True:
            page = self.get("/sync/v1/pull", **params)
            yield page
            if "after" not in page:
                return
            params["after"] = page["after"]

    def pull(self, cursor: str | None = None) -> tuple[str, int, int]:
        """Everything since the cursor: (new cursor, rows, customers among them)."""
        rows = customers = 0
        for page in self.pages(cursor):
            counts = {n: msgspec.convert(found, TypePage).count() for n, found in page.get("types", {}).items()}
            rows += sum(counts.values())
            customers += counts.get("customer", 0)
            cursor = str(page["cursor"])
        return str(cursor), rows, customers

    def op(self, command: str, args: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": uuid7(), "seq": next(self.seq), "command": command, "version": 1,
            "at": datetime.now(UTC).isoformat(), "base": None, "args": args, "needs": [],
        }  # fmt: skip

    def push(self, ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
        response = self.client.post("/sync/v1/push", json={"device": self.device, "schema": 2, "ops": ops})
        response.raise_for_status()
        self.requests += 1
        self.bytes += len(response.request.content) + response.num_bytes_downloaded
        return list(response.json()["results"])

    def contact(self, customer_id: str) -> dict[str, Any]:
        values = {"customer_id": customer_id, "name": "联系人", "phone": "13800000000"}
        return self.op("contact.create", {"id": uuid7(), "values": values})

    def a_customer(self) -> str:
        return str(self.get("/api/customers", limit=1)["items"][0]["id"])


def measure(table: Table, url: str, database: Path, scratch: Path, rep: str, manager: str, password: str) -> None:
    phone = Phone(url, rep, password)
    boss = Phone(url, manager, password)

    hold_the_team(url, password)
    for name, person in ((rep, phone), (manager, boss)):
        person.requests = person.bytes = 0
        started = time.perf_counter()
        cursor, rows, customers = person.pull()
        seconds = time.perf_counter() - started
        raw = median_seconds(lambda: _bare_dump(database, rows), 3)  # noqa: B023 - called at once
        table.add(
            f"cold pull of {name}: {customers} customers, {rows} rows",
            f"{ms(seconds)}, {person.requests} requests, {kb(person.bytes)}",
            f"bare sqlite3 read + json of as many rows {ms(raw)}",
            f"{seconds / raw:.1f}×",
        )

    cursor, _, _ = phone.pull()
    before = phone.bytes
    phone.pull(cursor)
    size = phone.bytes - before
    pulls = rate(lambda: phone.pull(cursor))
    hello = rate(lambda: phone.get("/api/health"))
    table.add(
        "no-op pull, one client",
        f"{pulls:.0f} a second, {size} bytes",
        f"/api/health {hello:.0f} a second",
        f"{hello / pulls:.1f}×",
    )

    customer = phone.a_customer()
    single = median_seconds(lambda: phone.push([phone.contact(customer)]), 20)
    fsync = _bare_commit(scratch / "bare.db")
    table.add("push of 1 op", ms(single), f"bare sqlite3 commit with fsync {ms(fsync)}", f"{single / fsync:.1f}×")
    many = median_seconds(lambda: phone.push([phone.contact(customer) for _ in range(200)]), 5)
    table.add(
        "push of 200 ops",
        f"{ms(many)}, {200 / many:.0f} ops a second",
        f"200 rows in one bare commit {ms(_bare_commit(scratch / 'bare.db', 200))}",
    )

    phones = [Phone(url, rep, password) for _ in range(16)]
    started = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda p: [p.push([p.contact(customer)]) for _ in range(20)], phones))
    together = 16 * 20 / (time.perf_counter() - started)
    table.add(
        "16 phones pushing 1 op at once",
        f"{together:.0f} durable ops a second",
        f"one after the other {1 / single:.0f}",
        f"{together * single:.1f}×",
    )


def hold_the_team(url: str, password: str) -> None:
    """Managers' devices hold the team's customers from now on: the manager of all reps holds all 3,000."""
    admin = Phone(url, "admin", password)
    company = admin.get("/api/companies")["items"][0]
    edit = {"id": company["id"], "set": {"managers_hold_team": [company["managers_hold_team"], True]}}
    [result] = admin.push([admin.op("company.edit", edit)])
    if result["status"] != "applied":
        raise RuntimeError(f"the setting was not taken: {result}")


def _bare_dump(database: Path, rows: int) -> int:
    """What the engine itself needs: as many customer rows, read and put into JSON."""
    with sqlite3.connect(database) as connection:
        found = connection.execute("SELECT * FROM customer").fetchall()
        while len(found) < rows:
            found += found
        return len(json.dumps(found[:rows], default=str))


def _bare_commit(file: Path, rows: int = 1) -> float:
    with sqlite3.connect(file, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS t (a TEXT, b TEXT)")

        def commit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO t VALUES (?, ?)", [(uuid7(), "x" * 400)] * rows)
            connection.execute("COMMIT")

        return median_seconds(commit, 20)
