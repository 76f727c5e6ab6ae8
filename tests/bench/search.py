"""Search and the desk's lists over 50,000 customers on both engines, for who sees all, a department's share, and 250:
`python -m tests.bench.search [sqlite|postgresql]` runs it alone and prints every request."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.bench.figures import Table, ms
from tests.bench.load import percentile, sign_in
from tests.bench.searched import ADMIN, MANAGER, PASSWORD, REP, build
from tests.support.live_server import LiveServer, run_xunke
from tests.support.postgres import PostgresServer

CUSTOMERS = 50_000
_RUNS = 15


@dataclass
class _Timed:
    name: str
    times: list[float]

    @property
    def p95(self) -> float:
        return percentile(self.times, 0.95)


def measure(table: Table, engines: tuple[str, ...] = ("sqlite", "postgresql"), *, every: bool = False) -> None:
    """Adds the lines of both engines; `every`: prints each request as well."""
    for engine in engines:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
            folder.mkdir()
            url, settings = f"sqlite:///{folder / 'xunke.db'}", {}
            if engine == "postgresql":
                url = stack.enter_context(PostgresServer(durable=True)).new_database()
                settings = {"XUNKE_DATABASE": url}
            build(url, CUSTOMERS)
            label = "SQLite" if engine == "sqlite" else "PostgreSQL"
            started = time.perf_counter()
            run_xunke("search", "rebuild", environment={"XUNKE_DATA": str(folder), **settings})
            table.add(
                f"{label}: search index of {CUSTOMERS:,} customers made", f"{time.perf_counter() - started:.0f} s"
            )
            server = LiveServer(folder, settings)
            server.start()
            stack.callback(server.stop)
            look(table, label, server.url, every=every)


def look(table: Table, engine: str, url: str, *, every: bool = False) -> None:
    """Measures over a server that has the company."""
    people = {who: _Desk(url, name) for who, name in (("admin", ADMIN), ("manager", MANAGER), ("rep", REP))}
    if not people["admin"].get("/api/search", q="zzqq", types="product")["indexed"]:
        raise RuntimeError("the search index was not made")
    for who, desk in people.items():
        some = desk.get("/api/customers", sort="customer_no", limit=1)["items"][0]
        bare = desk.timed("one customer", f"/api/customers/{some['id']}")
        searches = [desk.timed(name, "/api/search", q=q) for name, q in _words(desk).items()]
        lists = [desk.timed(name, path, **params) for name, path, params in _lists(desk)]
        for what, found in (("search", searches), ("lists and counts", lists)):
            if every:
                for one in found:
                    print(f"    {who} {one.name}: {ms(percentile(one.times, 0.5))} / {ms(one.p95)}", flush=True)
            times = [seconds for one in found for seconds in one.times]
            worst = max(found, key=lambda one: one.p95)
            middle = percentile(times, 0.5)
            table.add(
                f"{engine}: {what} over {CUSTOMERS:,} customers, {who}",
                f"p50 {ms(middle)}, p95 {ms(percentile(times, 0.95))}; the slowest ({worst.name}) p95 {ms(worst.p95)}",
                f"one customer by its id p50 {ms(percentile(bare.times, 0.5))}",
                f"{middle / percentile(bare.times, 0.5):.1f} ×",
            )


class _Desk:
    def __init__(self, url: str, username: str) -> None:
        who = sign_in(url, username, PASSWORD)
        self._client = httpx.Client(base_url=url, headers={"cookie": who.cookie}, timeout=120)

    def get(self, path: str, **params: Any) -> Any:
        return self._client.get(path, params=params).raise_for_status().json()

    def timed(self, name: str, path: str, **params: Any) -> _Timed:
        self.get(path, **params)
        times = []
        for _ in range(_RUNS):
            started = time.perf_counter()
            self._client.get(path, params=params).raise_for_status()
            times.append(time.perf_counter() - started)
        return _Timed(name, times)


def _words(desk: _Desk) -> dict[str, str]:
    """What people type, about a customer they see."""
    some = desk.get("/api/customers", sort="customer_no", limit=50, mobile__empty=0, owner_id__empty=0)["items"][33]
    contact = desk.get("/api/contacts", customer_id=some["id"])["items"][0]
    signed = desk.get("/api/customers", sort="customer_no", limit=1, **{"own.sign__empty": "0"})["items"][0]
    mobile, number = some["mobile"], some["customer_no"]
    return {
        "number": number, "start of a number": number[:8], "part of a name": some["name"][2:4],
        "one character": some["name"][0], "the city": "青岛", "initials": some["pinyin_code"][:4],
        "pinyin": "chaoshi", "phone": mobile, "start of a phone": mobile[:4], "middle of a phone": mobile[3:8],
        "end of a phone": mobile[-4:], "contact": contact["name"], "part of an address": some["address"][:5],
        "remark": "货架", "own field": signed["own.sign"], "part of own fields": "霓虹", "two words": f"青岛 {some['name'][-2:]}",
        "no hit": "无此客户名", "no digits": "99999999999", "garbage": "\"' OR * -- NEAR(", "two digits": "13",
        "one letter": "w",
    }  # fmt: skip


_SORTED = (
    "created_at", "customer_no", "name", "primary_contact", "mobile", "city", "category_id", "source_id", "grade_id",
    "sales_stage_id", "settlement_mode", "owner_id", "customer_status", "last_visit_at", "next_contact_at", "debt_total",
)  # fmt: skip
_DEEP = 40


def _lists(desk: _Desk) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("customers", "/api/customers", {}),
        ("pool", "/api/customers", {"owner_id__empty": 1}),
        ("count of customers", "/api/customers/summary", {}),
        ("count of the pool", "/api/customers/summary", {"owner_id__empty": 1}),
        ("list with a word", "/api/customers", {"q": "超市"}),
        ("list with a word that nobody has", "/api/customers", {"q": "无此客户名"}),
        ("list with a word of an own field", "/api/customers", {"q": "霓虹灯00"}),
        ("count with a word", "/api/customers/summary", {"q": "青岛"}),
    ]
    for column in _SORTED:
        for sort in (column, f"-{column}"):
            found.append((f"customers by {sort}", "/api/customers", {"sort": sort}))
        found.append((f"customers by {column}, page {_DEEP}", "/api/customers", _deep(desk, column)))
    return found


def _deep(desk: _Desk, column: str) -> dict[str, Any]:
    after = ""
    for _ in range(_DEEP):
        page = desk.get("/api/customers", sort=column, limit=200, after=after)
        if not page["next"]:
            break
        after = page["next"]
    return {"sort": column, "after": after}


if __name__ == "__main__":
    chosen = tuple(sys.argv[1:]) or ("sqlite", "postgresql")
    measure(Table(), chosen, every=True)
