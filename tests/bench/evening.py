"""A thousand reps come online together with 40 ops each. `python -m tests.bench.evening [reps]` runs it alone.

Each device has pulled in the morning. Now it pushes all it has, waits where the server says 503 `busy`, and pulls what is
new when its push was taken.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import secrets
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.database import Writer, write_engine
from server.people.logins import hash_token
from server.people.models import Device, Employee, login_session
from server.records.ids import uuid7
from sync import positions
from sync.schema import access
from tests.bench.figures import Table, ms
from tests.bench.load import Answered, Connection, Signed, op, percentile, push_request, request
from tests.support.live_server import LiveServer, run_xunke

REPS = 1000
_VISITS = 9


def measure(table: Table, reps: int = REPS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        run_xunke("demo", "--small", environment={"XUNKE_DATA": str(data)})
        team = _team(data / "xunke.db", reps)
        server = LiveServer(data, {"XUNKE_MAX_USERS": str(reps + 100)})
        server.start()
        try:
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                cursors = pool.submit(_mornings, server.url, [who for who, _ in team]).result()
                plan = [
                    (push_request(server.url, who, ops), _pull(server.url, who, cursor))
                    for (who, ops), cursor in zip(team, cursors, strict=True)
                ]
                seconds, pushes, pulls = pool.submit(_run, server.url, plan).result()
            memory = _peak_memory(server)
        finally:
            server.stop()
    taken = [answer for answer in pushes if answer.status == 200]
    results = [result for answer in taken for result in json.loads(answer.body)["results"]]
    good = sum(result["status"] in ("applied", "merged", "adjusted") for result in results)
    times = [answer.seconds for answer in taken]
    table.add(
        f"{reps} reps online together, {len(team[0][1])} ops each",
        f"all taken in {seconds:.1f} s, {len(results) / seconds:.0f} ops a second",
        f"a push takes p50 {ms(percentile(times, 0.5))}, p99 {ms(percentile(times, 0.99))}",
    )
    table.add(
        "  of these",
        f"{good} of {len(results)} ops took effect, {len(pushes) - len(taken)} times 503",
        f"peak memory {memory:.0f} MB, a pull p99 {ms(percentile([a.seconds for a in pulls], 0.99))}",
    )


def _team(database: Path, reps: int) -> list[tuple[Signed, list[dict[str, Any]]]]:
    """Reps with a login and ten customers each, made as rows: passwords would take longer than what is measured."""
    with sqlite3.connect(database) as connection:
        role, department = connection.execute(
            "SELECT role_id, department_id FROM employee WHERE username = 'rep1'"
        ).fetchone()
        products = connection.execute("SELECT id, price FROM product WHERE on_shelf LIMIT 20").fetchall()
    now = datetime.now(UTC)
    writer = Writer(write_engine(f"sqlite:///{database}"))
    found = []
    for first in range(0, reps, 50):
        part = [_Rep(n, role, department) for n in range(first, min(first + 50, reps))]
        writer.call(partial(_store, part, now))
        found += [(rep.signed, rep.ops(products, now)) for rep in part]
    writer.close()
    return found


def _store(reps: list[_Rep], now: datetime, session: Session) -> None:
    for rep in reps:
        rep.store(session, now)


class _Rep:
    def __init__(self, number: int, role: str, department: str) -> None:
        self._values = {"username": f"evening{number}", "real_name": f"业务员{number}", "role_id": role,
                        "department_id": department}  # fmt: skip
        self._id = uuid7()
        self._token = secrets.token_urlsafe(32)
        self._customers = [uuid7() for _ in range(_VISITS + 1)]
        self.signed = Signed(f"xunke_session={self._token}", uuid7())

    def store(self, session: Session, now: datetime) -> None:
        made = {"created_at": now, "created_by": self._id}
        session.add(Employee(id=self._id, status="enabled", **self._values, **made))
        session.add(Device(id=self.signed.device, employee_id=self._id, name="bench", **made))
        session.execute(
            login_session.insert().values(
                token_hash=hash_token(self._token), employee_id=self._id, device_id=self.signed.device,
                created_at=now, expires_at=now + timedelta(days=1),
            )
        )  # fmt: skip
        for n, row_id in enumerate(self._customers):
            session.add(
                Customer(
                    id=row_id, name=f"{self._values['real_name']}的客户{n}", mobile="13800000000", owner_id=self._id,
                    primary_contact="王", filed_at=now, enabled=True, settlement_mode="credit", visit_count=0,
                    customer_status="potential", sales_total=0, debt_total=0, **made,
                )
            )  # fmt: skip
        roots = ["company", f"employee:{self._id}", *[f"customer:{row_id}" for row_id in self._customers]]
        tx = positions.current(session)
        rows = [{"employee_id": self._id, "root": root, "live": True, "tx": tx} for root in roots]
        session.execute(access.insert(), rows)

    def ops(self, products: list[Any], now: datetime) -> list[dict[str, Any]]:
        """A day: nine visits with notes, some orders and contacts, corrections of files, a report at the end."""
        ops: list[dict[str, Any]] = []

        def do(command: str, args: dict[str, Any], *needs: str) -> str:
            ops.append(op(len(ops) + 1, command, args, needs))
            return str(ops[-1]["id"])

        for n, customer in enumerate(self._customers[:_VISITS]):
            visit, at = uuid7(), now - timedelta(hours=9 - n * 0.9)
            place = {"lat": 36.07 + n / 100, "lng": 120.38, "accuracy": 15.0}
            begun = do("visit.check_in", {"id": visit, "customer_id": customer, "at": at.isoformat(), **place})
            do("visit.edit", {"id": visit, "set": {"content": [None, "看了货架，谈了新品"]}}, begun)
            if n % 3 == 0:
                product, price = random.choice(products)
                line = {"id": uuid7(), "product_id": product, "quantity": "3", "price": str(price / 10000)}
                do("order.place", {"id": uuid7(), "customer_id": customer, "visit_id": visit, "lines": [line]}, begun)
            if n % 3 == 1:
                do("contact.create", {"id": uuid7(), "values": {"customer_id": customer, "name": "店长"}})
            if n % 3 == 2:
                do("customer.edit", {"id": customer, "set": {"remark": [None, "周三送货"]}})
            ended = (at + timedelta(minutes=25)).isoformat()
            do("visit.check_out", {"id": visit, "at": ended, **place}, begun)
        summary = {"kind": "day", "report_date": now.date().isoformat(), "summary": "拜访九家，订单三张"}
        do("report.submit", {"id": uuid7(), **summary})
        while len(ops) < 40:
            do("contact.create", {"id": uuid7(), "values": {"customer_id": self._customers[-1], "name": "采购"}})
        return ops


# -- in a process of its own


def _pull(url: str, who: Signed, cursor: str | None, after: str | None = None) -> bytes:
    asked = {"schema": "2"} | ({"cursor": cursor} if cursor else {}) | ({"after": after} if after else {})
    return request(url, "GET", f"/sync/v1/pull?{urlencode(asked)}", who)


def _mornings(url: str, team: list[Signed]) -> list[str]:
    """Where each phone stands after its first pull."""
    return asyncio.run(_pull_all(url, team))


async def _pull_all(url: str, team: list[Signed]) -> list[str]:
    few = asyncio.Semaphore(8)

    async def morning(who: Signed) -> str:
        async with few:
            connection = Connection(url)
            try:
                after = None
                while True:
                    answer = await connection.exchange(_pull(url, who, None, after))
                    if answer.status != 200:
                        raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
                    page = json.loads(answer.body)
                    after = page.get("after")
                    if after is None:
                        return str(page["cursor"])
            finally:
                connection.close()

    return await asyncio.gather(*[morning(who) for who in team])


def _run(url: str, plan: list[tuple[bytes, bytes]]) -> tuple[float, list[Answered], list[Answered]]:
    return asyncio.run(_together(url, plan))


async def _together(url: str, plan: list[tuple[bytes, bytes]]) -> tuple[float, list[Answered], list[Answered]]:
    pushes: list[Answered] = []
    pulls: list[Answered] = []
    taken: list[float] = []
    started = time.perf_counter()

    async def phone(push: bytes, pull: bytes) -> None:
        while True:
            connection = Connection(url)
            try:
                answer = await connection.exchange(push)
                pushes.append(answer)
                if answer.status == 200:
                    taken.append(answer.at + answer.seconds)
                    pulls.append(await connection.exchange(pull))
                    return
            except (OSError, asyncio.IncompleteReadError):
                answer = Answered(0, 0, 0, b"", 1.0)
            finally:
                connection.close()
            if answer.status not in (0, 503):
                raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
            await asyncio.sleep(max(1.0, answer.retry_after) * (1 + random.random() * 0.2))

    await asyncio.gather(*[phone(push, pull) for push, pull in plan])
    return max(taken) - started, pushes, pulls


def _peak_memory(server: LiveServer) -> float:
    """Peak resident memory of the server's processes together, in MB."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = (status.parent / "cmdline").read_bytes()
            environment = (status.parent / "environ").read_bytes()
            text = status.read_text()
        except OSError:
            continue
        ours = b"server.cli" in command or b"multiprocessing" in command
        if ours and f"PORT={server.port}".encode() in environment.split(b"\0"):
            total += int(text.split("VmHWM:")[1].split()[0])
    return total / 1000


def main() -> None:
    table = Table()
    measure(table, int(sys.argv[1]) if len(sys.argv) > 1 else REPS)
    print("\n" + table.text())


if __name__ == "__main__":
    main()
