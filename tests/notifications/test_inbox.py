"""The inbox: who is told what, once, and what becomes of it when it was read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.company.models import COMPANY_ID, Company
from server.company.setup import system_context
from server.notifications import kinds
from server.notifications.kinds import Kind
from server.notifications.models import Notification, delivery
from server.notifications.service import notify
from server.records.commands import Context
from server.records.errors import Rejected
from server.records.fields import L
from tests.support.world import Person, Refused, World

WORDS = L("公司成立", "公司成立", "Company founded")
FOUNDED = Kind("test.founded", WORDS, L("{name} 成立了", "{name} 成立了", "{name} was founded"), True, 3, None)
SILENT = Kind("test.silent", WORDS, WORDS, push=False, lead_days=None, at=None)


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds that exist during a test only: what the app is generated from stays what it is."""
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds, FOUNDED.name: FOUNDED, SILENT.name: SILENT})


def tell(world: World, *people: Person, key: str | None = None, **args: Any) -> list[str]:
    """Tells people as a timed job would; returns the ids."""

    def run(session: Session) -> list[str]:
        context = system_context(session, datetime.now(UTC))
        company = context.get(Company, COMPANY_ID)
        made = notify(context, [one.id for one in people], FOUNDED, company, {"name": "巡客", **args}, key=key)
        return [one.id for one in made]

    ids: list[str] = world.app.state.services.writer.call(run)
    return ids


def count(world: World, table: Any) -> int:
    found: int = world.app.state.services.writer.call(
        lambda session: session.scalar(select(func.count()).select_from(table))
    )
    return found


def test_it_reaches_the_phone_of_who_is_told_and_nobody_else(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    [told] = tell(world, rep)
    rep.pull()
    rep2.pull()
    row = rep.cache["notification"][told]
    assert (row["kind"], row["record_type"], row["record_id"]) == ("test.founded", "company", COMPANY_ID)
    assert row["args"] == {"name": "巡客"}
    assert row["read_at"] is None
    assert not rep2.cache.get("notification")


def test_the_same_key_tells_once(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    assert len(tell(world, rep, key="today")) == 1
    assert len(tell(world, rep, rep2, key="today")) == 1  # the colleague only
    assert len(tell(world, rep, key="tomorrow")) == 1
    assert len(tell(world, rep)) == len(tell(world, rep)) == 1


def test_two_who_tell_the_same_in_the_same_moment_tell_it_once(world: World) -> None:
    rep = world.person("rep")
    begun = threading.Barrier(2)

    def run(session: Session) -> int:
        made = notify(system_context(session, datetime.now(UTC)), [rep.id], FOUNDED, args={"name": "x"}, key="now")
        with suppress(threading.BrokenBarrierError):
            begun.wait(0.3)  # on SQLite the other one cannot have begun
        return len(made)

    writer = world.app.state.services.writer
    futures = [writer.submit(run) for _ in range(2)]
    assert sorted(future.result(20) for future in futures) == [0, 1]
    rep.pull()
    assert len(rep.cache["notification"]) == 1


def test_seen_on_one_device_is_seen_on_all(world: World) -> None:
    phone, tablet = world.person("rep"), world.person("rep", "tablet")
    [told] = tell(world, phone)
    tablet.pull()
    [result] = phone.push(phone.op("notification.read", {"ids": [told, "0190f2c4-0000-7000-8000-000000000009"]}))
    assert (result["status"], result["result"]) == ("applied", {"count": 1})
    tablet.pull()
    assert tablet.cache["notification"][told]["read_at"] is not None
    assert phone.do("notification.read", ids=[told])["result"] == {"count": 0}


def test_nobody_reads_for_somebody_else(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    [told] = tell(world, rep)
    assert boss.do("notification.read", ids=[told])["result"] == {"count": 0}
    rep.pull()
    assert rep.cache["notification"][told]["read_at"] is None


def test_a_command_that_is_undone_tells_nobody(world: World) -> None:
    rep = world.person("rep")

    def undone(session: Session) -> None:
        notify(system_context(session, datetime.now(UTC)), [rep.id], FOUNDED, args={"name": "巡客"})
        session.flush()
        raise Rejected("required", label="x")

    with pytest.raises(Rejected):
        world.app.state.services.writer.call(undone)
    assert (count(world, Notification), count(world, delivery)) == (0, 0)


def test_who_left_is_not_told_and_nobody_is_told_what_he_did_himself(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    boss.do("employee.edit", id=rep2.id, set={"status": ["enabled", "disabled"]})

    def run(session: Session, change: Callable[[Context], Context]) -> int:
        context = change(system_context(session, datetime.now(UTC)))
        return len(notify(context, [rep.id, rep2.id, None], FOUNDED))

    def as_rep(context: Context) -> Context:
        context.actor = type(context.actor)(employee_id=rep.id)
        return context

    call = world.app.state.services.writer.call
    assert call(lambda session: run(session, lambda context: context)) == 1
    assert call(lambda session: run(session, as_rep)) == 0


def test_what_the_company_switched_off_is_not_told(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    boss.do("notification_rule.set", kind="test.founded", enabled=False, push=True)
    assert tell(world, rep) == []
    boss.do("notification_rule.set", kind="test.founded", enabled=True, push=True, lead_days=5)
    assert len(tell(world, rep)) == 1
    rep.pull()
    [rule] = rep.cache["notification_rule"].values()
    assert (rule["enabled"], rule["lead_days"]) == (True, 5)


def test_rules_are_the_administrators(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.person("rep").do("notification_rule.set", kind="test.founded", enabled=False, push=False)
    assert refused.value.code == "forbidden"
    wrong_ones: tuple[tuple[dict[str, Any], str], ...] = (
        ({"kind": "no.such"}, "unknown_kind"),
        ({"kind": "test.silent", "lead_days": 3}, "no_lead"),
        ({"kind": "test.founded", "at": "08:00"}, "bad_time"),
    )
    for wrong, code in wrong_ones:
        with pytest.raises(Refused) as refused:
            world.person("boss").post("/api/commands/notification_rule.set", {"enabled": True, "push": True, **wrong})
        assert refused.value.code == code


def test_a_choice_of_two_devices_is_one(world: World) -> None:
    phone, tablet = world.person("rep"), world.person("rep", "tablet")
    first = phone.op(
        "notification.choose",
        {"id": "0190f2c4-0000-7000-8000-00000000000a", "kind": "test.founded", "push": False},
    )
    second = tablet.op(
        "notification.choose",
        {"id": "0190f2c4-0000-7000-8000-00000000000b", "kind": "test.founded", "push": True},
    )
    [result] = phone.push(first)
    [other] = tablet.push(second)
    assert result["result"] == other["result"]
    phone.pull()
    [choice] = phone.cache["notification_choice"].values()
    assert choice["push"] is True


def test_quiet_hours_are_times_of_day(world: World) -> None:
    boss = world.person("boss")
    for field, value in (("quiet_from", "25:00"), ("work_days", [0, 8])):
        before = boss.get("/api/companies")["items"][0][field]
        with pytest.raises(Refused):
            boss.do("company.edit", id=COMPANY_ID, set={field: [before, value]})
