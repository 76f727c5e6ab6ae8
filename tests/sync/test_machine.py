"""Push, pull and access as a state machine: whatever people, devices and rights do in whatever order, a device that has
pulled holds exactly what it may, and every op has taken effect once.

What a device must hold is read from the database itself: the live roots of its employee, and under them every row of
every type that the role lets him see.
"""

from __future__ import annotations

import copy
import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from server.api.security import COOKIE
from server.customers.models import Customer
from server.people.logins import hash_token, load_login
from server.records.actor import Actor
from server.records.ids import uuid7
from server.records.record import records, root_of
from server.records.visibility import visible
from server.records.wire import as_dict, may_hold, select_wire
from sync.digest import hash_of
from sync.schema import access, change_log
from tests.sim.audit import Audit
from tests.support.fieldwork import shop_values
from tests.support.world import Person, Refused, World

#: XUNKE_TEST_EXAMPLES=200 plays longer.
EXAMPLES = int(os.environ.get("XUNKE_TEST_EXAMPLES", "8"))
#: (username, name of the device)
DEVICES = [("rep", "phone"), ("rep", "tablet"), ("rep2", "phone"), ("manager", "tablet"), ("clerk", "laptop")]
WRITERS = ["rep", "rep2", "manager", "clerk"]
ROLES = ["销售员", "内勤", "销售经理"]
#: What may become of anybody's attempt; anything else is a defect.
_ANSWERS = {"applied", "merged", "adjusted", "conflict", "rejected", "held"}

devices = st.integers(0, len(DEVICES) - 1)
writers = st.sampled_from(WRITERS)
#: Which op, row or customer of those there are.
pick = st.integers(0, 10_000)


class Sync(RuleBasedStateMachine):
    """One company; `world_of` opens a new one for each example."""

    world_of: Callable[[], AbstractContextManager[World]]
    saved = Bundle("saved")

    @initialize()
    def found(self) -> None:
        self.open = ExitStack()
        self.world = self.open.enter_context(type(self).world_of())
        self.engine = create_engine(self.world.app.state.services.settings.database_url, poolclass=NullPool)
        self.people = [self.world.person(*device) for device in DEVICES]
        self.boss = self.world.person("boss")
        self.roles = {row["name"]: row["id"] for row in self.boss.get("/api/roles", limit=50)["items"]}
        self.customers: list[str] = []
        self.contacts: list[str] = []
        self.deleted: set[str] = set()
        self.sent: list[tuple[Person, dict[str, Any]]] = []
        self.told: dict[str, dict[str, Any]] = {}

    # -- what people do

    def _person(self, username: str) -> Person:
        return next(person for person in self.people if person.username == username)

    def _push(self, person: Person, *ops: dict[str, Any]) -> None:
        for op, result in zip(ops, person.push(*ops), strict=True):
            note(f"{person.username}: {op['command']} {op['args']} → {result['status']} {result['code']}")
            assert result["status"] in _ANSWERS
            assert result["code"] not in ("server_error", "unknown_command"), result
            self.told[op["id"]] = result
            self.sent.append((person, op))

    def _boss(self, command: str, **args: Any) -> None:
        try:
            answer = self.boss.do(command, **args)
            note(f"boss: {command} {args} → {answer['status']}")
        except Refused as refused:
            note(f"boss: {command} {args} → {refused}")
            if refused.status >= 500:
                raise

    def _one(self, rows: list[str], at: int) -> str | None:
        return rows[at % len(rows)] if rows else None

    @rule(who=writers, contact=st.booleans())
    def creates(self, who: str, contact: bool) -> None:
        person, customer = self._person(who), uuid7()
        ops = [person.op("customer.create", {"id": customer, "values": shop_values(f"店{customer[-12:]}")})]
        if contact:
            self.contacts.append(uuid7())
            values = {"customer_id": customer, "name": "老王"}
            args = {"id": self.contacts[-1], "values": values}
            ops.append(person.op("contact.create", args, needs=[ops[0]["id"]]))
        self.customers.append(customer)
        self._push(person, *ops)

    @rule(
        who=writers,
        at=pick,
        field=st.sampled_from(["name", "address", "remark"]),
        base=st.booleans(),
        n=st.integers(0, 3),
    )
    def edits(self, who: str, at: int, field: str, base: bool, n: int) -> None:
        customer, person = self._one(self.customers, at), self._person(who)
        if customer:
            seen = person.cache.get("customer", {}).get(customer, {}).get(field) if base else None
            self._push(person, person.op("customer.edit", {"id": customer, "set": {field: [seen, f"{field}{n}"]}}))

    @rule(who=writers, at=pick, delete=st.booleans())
    def changes_a_contact(self, who: str, at: int, delete: bool) -> None:
        contact, person = self._one(self.contacts, at), self._person(who)
        if contact and delete:
            self._push(person, person.op("contact.delete", {"id": contact}))
        elif contact:
            self._push(person, person.op("contact.edit", {"id": contact, "set": {"name": ["老王", "小李"]}}))

    @rule(at=pick)
    def deletes_a_customer(self, at: int) -> None:
        if customer := self._one(self.customers, at):
            self._boss("customer.delete", id=customer)
            self.deleted.add(customer)

    # -- who may hold what

    @rule(at=pick, to=st.sampled_from(["rep", "rep2", "manager", None]), several=st.integers(1, 4))
    def hands_over(self, at: int, to: str | None, several: int) -> None:
        ids = list(dict.fromkeys(self.customers[at % len(self.customers) :][:several])) if self.customers else []
        if ids:
            self._boss("customer.assign", ids=ids, owner_id=self._person(to).id if to else None)

    @rule(at=pick, to=st.sampled_from(["rep", "rep2", "clerk"]), end=st.booleans())
    def shares(self, at: int, to: str, end: bool) -> None:
        if customer := self._one(self.customers, at):
            self._boss(f"customer.{'unshare' if end else 'share'}", id=customer, employee_id=self._person(to).id)

    @rule(at=pick, on=st.booleans())
    def disables(self, at: int, on: bool) -> None:
        if customer := self._one(self.customers, at):
            self._boss(f"customer.{'enable' if on else 'disable'}", id=customer)

    @rule(who=st.sampled_from(["rep", "rep2", "clerk"]), role=st.sampled_from(ROLES))
    def gives_another_role(self, who: str, role: str) -> None:
        self._edit_employee(who, "role_id", self.roles[role])

    @rule(who=st.sampled_from(["rep", "rep2", "clerk"]), above=st.booleans())
    def moves_below_another(self, who: str, above: bool) -> None:
        self._edit_employee(who, "supervisor_id", self._person("manager").id if above else None)

    def _edit_employee(self, who: str, field: str, value: Any) -> None:
        row = self.boss.get(f"/api/employees/{self._person(who).id}")
        self._boss("employee.edit", id=row["id"], set={field: [row[field], value]})

    @rule(hold=st.booleans())
    def lets_managers_hold_their_team(self, hold: bool) -> None:
        company = self.boss.get("/api/companies")["items"][0]
        edit = {"managers_hold_team": [company["managers_hold_team"], hold]}
        self._boss("company.edit", id=company["id"], set=edit)

    # -- what networks and phones do

    @rule(at=pick)
    def sends_again(self, at: int) -> None:
        """The answer was lost."""
        if self.sent:
            person, op = self.sent[at % len(self.sent)]
            [again] = person.push(op)
            assert again == self.told[op["id"]]

    @rule(at=pick)
    def sends_from_the_other_device(self, at: int) -> None:
        """An outbox that was exported and imported, or a phone that was enrolled anew: the same author."""
        own = [(person, op) for person, op in self.sent if person.username == "rep"]
        if own:
            person, op = own[at % len(own)]
            other = next(one for one in self.people if one.username == "rep" and one is not person)
            [again] = other.push(op)
            assert {**again, "id": op["id"]} == self.told[op["id"]]

    @rule(at=pick)
    def somebody_else_sends_it(self, at: int) -> None:
        """A forged op: it may do what this person may, and nothing in the author's name."""
        if made := [(person, op) for person, op in self.sent if op["command"].endswith(".create")]:
            author, op = made[at % len(made)]
            other = next(one for one in self.people if one.username != author.username)
            there = op["args"]["id"] not in self.deleted  # what is gone leaves its id to whoever knows it
            if there and self.told[op["id"]]["status"] in ("applied", "adjusted") and not op["needs"]:
                [result] = other.push(op)
                assert result["status"] == "rejected", result

    @rule(device=devices, rows=st.integers(1, 9))
    def pulls_a_page(self, device: int, rows: int) -> None:
        """And is killed, or goes on later."""
        self._page(self.people[device], rows)

    @rule(device=devices, rows=st.sampled_from([3, 20, 2000]))
    def pulls(self, device: int, rows: int) -> None:
        self._finish(self.people[device], rows)
        self._finish(self.people[device], 2000)
        self._compare(self.people[device])

    @rule(device=devices)
    def starts_anew(self, device: int) -> None:
        """The browser has thrown the cache away."""
        self.people[device].cursor = None
        self.people[device].cache.clear()

    @rule(target=saved, device=devices)
    def is_backed_up(self, device: int) -> Any:
        person = self.people[device]
        return device, person.cursor, copy.deepcopy(person.cache)

    @rule(backup=saved)
    def is_restored(self, backup: Any) -> None:
        device, cursor, cache = backup
        person = self.people[device]
        person.cursor, person.cache = cursor, copy.deepcopy(cache)

    @rule(backup=saved, device=devices)
    def gets_the_cursor_of_another(self, backup: Any, device: int) -> None:
        """The server notices, and begins anew with this device."""
        other, cursor, _ = backup
        person = self.people[device]
        if cursor and DEVICES[other][0] != person.username:
            person.cursor = cursor

    @rule(device=devices, at=pick, how=st.sampled_from(["missing", "stale", "too many"]))
    def loses_track_and_is_repaired(self, device: int, at: int, how: str) -> None:
        person = self.people[device]
        self._finish(person, 2000)
        held = [(name, row_id) for name, rows in sorted(person.cache.items()) for row_id in sorted(rows)]
        if not held:
            return
        name, row_id = held[at % len(held)]
        row = person.cache[name][row_id]
        if how == "missing":
            del person.cache[name][row_id]
        elif how == "stale":
            row["rev"] -= 1
        else:
            stranger = uuid7()
            person.cache[name][stranger] = {**row, "id": stranger}
        self._repair(person)
        self._compare(person)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            with self.open:
                self._last_look()

    def _last_look(self) -> None:
        for person in self.people:
            self._finish(person, 2000)
            self._finish(person, 2000)
            self._compare(person)
        ledger = [
            {
                "op": op["id"],
                "employee": person.id,
                "device": person.device_id,
                "restored": False,
                "command": op["command"],
                "args": op["args"],
                "status": self.told[op["id"]]["status"],
                "code": self.told[op["id"]]["code"],
            }
            for person, op in self.sent
        ]
        assert Audit(self.engine).check(ledger) == []

    # -- a device

    def _page(self, person: Person, rows: int) -> bool:
        """Pulls one page and keeps it with its cursor; whether the pull is finished."""
        params = {"schema": 2, "limit": rows, **({"cursor": person.cursor} if person.cursor else {})}
        page = person.get("/sync/v1/pull", **params)
        before = {(name, row_id): row["rev"] for name, found in person.cache.items() for row_id, row in found.items()}
        if page.get("reset"):
            before = {}
        person._take(page)
        for (name, row_id), rev in before.items():
            row = person.cache.get(name, {}).get(row_id)
            assert row is None or row["rev"] >= rev, f"{name} {row_id} went back from {rev} to {row['rev']}"
        person.cursor = page["cursor"]
        return page.get("after") is None

    def _finish(self, person: Person, rows: int) -> None:
        while not self._page(person, rows):
            pass

    def _repair(self, person: Person) -> None:
        for _ in range(20):
            types: dict[str, Any] = {}
            for name, rows in person.cache.items():
                shards: dict[str, list[tuple[str, int]]] = defaultdict(list)
                for row_id in sorted(rows):
                    shards[row_id[-1]].append((row_id, rows[row_id]["rev"]))
                types[name] = {"depth": 1, "shards": {shard: hash_of(found) for shard, found in shards.items()}}
            answer = person.post("/sync/v1/digest", {"cursor": person.cursor, "types": types})
            for name, shard in answer.get("shards", []):
                for row_id in [row_id for row_id in person.cache.get(name, {}) if row_id.endswith(shard)]:
                    del person.cache[name][row_id]
            person._take({"types": answer.get("types", {})})
            if not answer.get("more"):
                return
        raise AssertionError("a digest that never ends")

    # -- what it must hold

    def _compare(self, person: Person) -> None:
        held = {(name, row_id): row for name, rows in person.cache.items() for row_id, row in rows.items()}
        with Session(self.engine) as session:
            actor = self._actor(session, person)
            wanted = self._content(session, actor)
            seen = set(session.scalars(select(Customer.id).where(visible(actor, Customer))))
        missing, beyond = wanted.keys() - held.keys(), held.keys() - wanted.keys()
        assert not missing, f"{person.username} lacks {sorted(missing)[:5]}"
        assert not beyond, f"{person.username} holds {sorted(beyond)[:5]}, which are not his"
        for key, row in wanted.items():
            assert held[key] == row, f"{person.username}: {key}"
        outside = {row_id for name, row_id in held if name == "customer"} - seen
        assert not outside, f"{person.username} holds customers he may not see: {sorted(outside)[:5]}"

    def _actor(self, session: Session, person: Person) -> Actor:
        login = load_login(session, hash_token(str(person.client.cookies[COOKIE])))
        assert login is not None
        return login.actor

    def _content(self, session: Session, actor: Actor) -> dict[tuple[str, str], dict[str, Any]]:
        statement = select(access.c.root).where(access.c.employee_id == actor.employee_id, access.c.live)
        live = set(session.scalars(statement))
        revs = {
            (line.type, line.row_id, line.root): line.tx
            for line in session.execute(select(change_log).where(change_log.c.op == "w"))
        }
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for record in records():
            name = record.__tablename__
            if not may_hold(actor, name):
                continue
            for line in session.execute(select_wire(record)):
                row = as_dict(record, line)
                root = root_of(record, row.get)
                if root in live:
                    found[name, row["id"]] = {**row, "rev": revs[name, row["id"], root], "root": root}
        return found


@pytest.mark.slow
def test_a_device_holds_what_it_may_whatever_happens(
    open_world: Callable[..., AbstractContextManager[World]],
) -> None:
    machine = type("Played", (Sync,), {"world_of": staticmethod(open_world)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize="XUNKE_TEST_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
