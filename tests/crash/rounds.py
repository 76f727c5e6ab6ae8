"""Rounds of SIGKILL under load, and what must be true after each: what was acknowledged is there, once, and the server
comes back without anybody's help."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

import server.areas  # noqa: F401 - all records are declared
from server.records.record import record_named, table_of
from sync.schema import inbox
from tests.crash.senders import Promise, Sender, Shared, sign_in
from tests.crash.server import CrashServer
from tests.sim.audit import Audit
from tests.support.postgres import PostgresServer
from tests.support.world import Person, Refused

#: username of each sender; two of them have a second device
SENDERS = ("rep", "rep2", "stranger", "rep", "rep2", "clerk")
#: Until the first new answer after a kill, in seconds.
RECOVERY_LIMIT = 60.0
_DONE = ("applied", "merged", "adjusted", "conflict")


@dataclass
class Figures:
    """What a run came to. `problems` empty: everything that must hold held."""

    rounds: dict[str, int] = field(default_factory=dict)  #: by what was killed
    acknowledged: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    under_way: int = 0  #: ops sent and unanswered at the moment of a kill
    unanswered: int = 0  #: ops that had to be sent more than once
    unheard: int = 0  #: of those: committed before the kill, only the answer was lost
    repeats: int = 0  #: pushes sent again or twice at once on purpose
    orders: int = 0
    pulls: int = 0  #: of the device that follows all the time
    recovery: list[float] = field(default_factory=list)  #: seconds from each kill to the next new answer
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class Crash:
    """A company under load. `postgres`: the server that holds its database, where it is not SQLite."""

    def __init__(self, url: str, server: CrashServer, postgres: PostgresServer | None, seed: int) -> None:
        self._url = url
        self._server = server
        self._postgres = postgres
        self._engine = create_engine(url, poolclass=NullPool)
        self._random = random.Random(seed)
        self._seed = seed
        self._checked = 0
        self._kills: list[float] = []
        self.figures = Figures()

    def play(self, rounds: int, say: Callable[[str], None] = lambda text: None) -> Figures:
        started = time.monotonic()
        clerk = sign_in(self._server.url, "clerk")
        unit = clerk.get("/api/options", list_name="unit", name="箱")["items"][0]["id"]
        product = clerk.create("product", name="青岛纯生 500ml", unit_id=unit, price="12.00")
        self._shared = Shared(product)
        people = [sign_in(self._server.url, username) for username in SENDERS]
        self._follower = sign_in(self._server.url, "boss")
        self._senders = [Sender(person, self._shared, f"{self._seed}-{n}") for n, person in enumerate(people)]
        for sender in self._senders:
            sender.start()
        try:
            self._await_answers()
            for number in range(1, rounds + 1):
                self._round()
                if self.figures.problems or self._shared.problems:
                    break
                say(f"{number}/{rounds}: {len(self._shared.promises)} ops, {dict(self.figures.rounds)}")
            self._await_answers()
        finally:
            self._shared.stop.set()
        for sender in self._senders:
            sender.join(timeout=30)
        self.figures.problems += self._shared.problems
        self._last_look(people)
        self.figures.seconds = time.monotonic() - started
        self._engine.dispose()
        return self.figures

    def _round(self) -> None:
        if sum(self.figures.rounds.values()) % 5 == 0:
            self._follow()
        time.sleep(self._random.uniform(0.02, 0.5))
        self.figures.under_way += sum(sender.under_way for sender in self._senders)
        killed = time.time()
        self._kills.append(killed)
        self._kill()
        self._await_answers(since=killed)
        self.figures.recovery.append(time.time() - killed)
        self._look()

    def _kill(self) -> None:
        draw = self._random.random()
        if self._postgres is not None and draw < 0.25:
            self._postgres.kill()
            self._killed("database server")
        elif self._postgres is not None and draw < 0.5 and self._postgres.kill_backend(self._url):
            self._killed("one process of the database")
        elif draw < 0.75 and self._server.kill_worker():
            self._killed("working process")
        else:
            self._server.kill()
            self._server.start()
            self._killed("whole server")

    def _killed(self, what: str) -> None:
        self.figures.rounds[what] = self.figures.rounds.get(what, 0) + 1

    def _await_answers(self, since: float | None = None) -> None:
        """Until something that was first sent after this moment is answered."""
        moment = time.time() if since is None else since
        deadline = time.monotonic() + RECOVERY_LIMIT
        while time.monotonic() < deadline and not self._shared.problems:
            with self._shared.lock:
                newest = self._shared.promises[-1] if self._shared.promises else None
            if newest is not None and newest.first_sent > moment:
                return
            time.sleep(0.01)
        if not self._shared.problems:
            log = self._server.log[-3000:]
            self.figures.problems.append(f"no op was answered for {RECOVERY_LIMIT:.0f} s after a kill:\n{log}")

    def _follow(self) -> None:
        """A device that pulls between the crashes: at the end it must have what a new one gets."""
        try:
            self._follower.pull()
            self.figures.pulls += 1
        except (httpx.TransportError, Refused):
            pass

    # -- what must be true

    def _look(self) -> None:
        """Everything answered since the last look is stored as it was told."""
        with self._shared.lock:
            fresh = self._shared.promises[self._checked :]
            self._checked = len(self._shared.promises)
        with self._connect() as connection:
            for start in range(0, len(fresh), 400):
                part = fresh[start : start + 400]
                statement = select(inbox.c.device_id, inbox.c.op_id, inbox.c.status).where(
                    inbox.c.op_id.in_([promise.op["id"] for promise in part])
                )
                kept = {(row.device_id, row.op_id): row.status for row in connection.execute(statement)}
                self.figures.problems += [
                    f"{promise.op['command']} {promise.op['id']}: acknowledged as {promise.result['status']}, "
                    f"stored as {kept.get((promise.device, promise.op['id']))}"
                    for promise in part
                    if kept.get((promise.device, promise.op["id"])) != promise.result["status"]
                ]

    def _connect(self) -> Connection:
        """A connection of this test's own. The answer that ended the wait may have come just before the database
        noticed that one of its processes is gone."""
        deadline = time.monotonic() + RECOVERY_LIMIT
        while True:
            try:
                return self._engine.connect()
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _last_look(self, people: list[Person]) -> None:
        promises, figures = self._shared.promises, self.figures
        figures.acknowledged = len(promises)
        figures.statuses = dict(Counter(promise.result["status"] for promise in promises))
        figures.unanswered = sum(promise.tries > 1 for promise in promises)
        figures.repeats = sum(sender.repeats for sender in self._senders)
        figures.problems += Audit(self._engine).check([promise.ledger() for promise in promises])
        self._check_rows(promises)
        self._check_followers(people)

    def _check_rows(self, promises: list[Promise]) -> None:
        with self._engine.connect() as connection:
            orders = set(connection.scalars(select(table_of(record_named("order")).c.id)))
            customer = table_of(record_named("customer"))
            remarks: Counter[str] = Counter()
            for text in connection.scalars(select(customer.c.remark).where(customer.c.remark.is_not(None))):
                remarks.update(re.findall(r"<[^>]+>", text))
            received = {
                op_id: datetime.fromisoformat(text).timestamp()
                for op_id, text in connection.execute(select(inbox.c.op_id, inbox.c.received_at))
            }
        self.figures.orders = len(orders)
        for promise in promises:
            command, args = promise.op["command"], promise.op["args"]
            done = promise.result["status"] in _DONE
            if command == "order.place" and done and args["id"] not in orders:
                self.figures.problems.append(f"order {args['id']}: acknowledged, but not there")
            if command == "customer.edit" and done:
                note = args["set"]["remark"][1]
                if remarks[note] != 1:
                    self.figures.problems.append(f"{note} stands {remarks[note]} times in the remark")
            stored = received.get(promise.op["id"], promise.answered_at)
            if any(stored < killed < promise.answered_at for killed in self._kills):
                self.figures.unheard += 1

    def _check_followers(self, people: list[Person]) -> None:
        """A device that followed through all crashes, and one that starts now, hold the same."""
        for old in (self._follower, *people[:1]):
            _pull_at_last(old)
            new = sign_in(self._server.url, old.username)
            _pull_at_last(new)
            for record in sorted(old.cache.keys() | new.cache.keys()):
                mine, whole = old.cache.get(record, {}), new.cache.get(record, {})
                if record != "device" and _revs(mine) != _revs(whole):
                    odd = sorted(_revs(mine).items() ^ _revs(whole).items())[:5]
                    self.figures.problems.append(f"{old.username} followed and holds another {record}: {odd}")


def _pull_at_last(person: Person) -> None:
    """Pulls as a phone does: a server whose database connections were just killed says 503 once for each of them."""
    deadline = time.monotonic() + RECOVERY_LIMIT
    while True:
        try:
            person.pull()
            return
        except Refused as refused:
            if refused.status != 503 or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _revs(rows: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {row_id: row["rev"] for row_id, row in rows.items()}
