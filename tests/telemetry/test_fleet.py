"""Devices and sync: what a device says of itself is read strictly, shown to whoever may see it, and decides nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.people.contacts import Contacts, read_report, write_contacts
from tests.support.world import Person, Refused, World

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLDEST = "2026-11-20T08:00:00.000Z"


def pull(person: Person, report: str) -> None:
    person.client.get("/sync/v1/pull", params={"schema": 2}, headers={"X-Xunke-Client": report})


def state_of(reader: Person, device: Person) -> dict[str, Any]:
    [found] = [one for one in reader.get("/api/sync-devices") if one["id"] == device.device_id]
    return dict(found)


def test_a_report_is_what_it_should_be() -> None:
    report = read_report(f"app=0.1.0; waiting=3; oldest={OLDEST}", NOW)
    assert report is not None
    assert (report.app, report.waiting, report.oldest_at) == ("0.1.0", 3, datetime(2026, 11, 20, 8, tzinfo=UTC))
    nothing = read_report("app=1.2.0-beta+3; waiting=0; oldest=-", NOW)
    assert nothing is not None
    assert nothing.oldest_at is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "app=0.1.0",
        "app=<b>; waiting=1; oldest=-",
        "app=0.1.0; waiting=-1; oldest=-",
        "app=0.1.0; waiting=99999999; oldest=-",
        "app=0.1.0; waiting=1; oldest=yesterday12",
        "app=0.1.0; waiting=1; oldest=2026-11-20T08:00:00",
        "app=0.1.0; waiting=1; oldest=0001-01-01T00:00:00+23:59",
        "app=0.1.0; waiting=1; oldest=-; extra=1",
        "app=0.1.0; waiting=1; oldest=" + "2" * 200,
        f"app={'9' * 21}; waiting=1; oldest=-",
    ],
)
def test_anything_else_is_no_report(header: str) -> None:
    assert read_report(header, NOW) is None


def test_a_clock_that_is_far_off_gives_no_age() -> None:
    report = read_report("app=0.1.0; waiting=1; oldest=2001-01-01T00:00:00.000Z", NOW)
    assert report is not None
    assert (report.waiting, report.oldest_at) == (1, None)


def test_what_a_device_said_is_seen_at_once_and_kept(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    before = boss.get("/api/sync-state")["position"]
    oldest = f"{datetime.now(UTC) - timedelta(hours=5):%Y-%m-%dT%H:%M:%S.000Z}"
    pull(rep, f"app=0.0.9; waiting=3; oldest={oldest}")
    seen = state_of(boss, rep)
    assert datetime.fromisoformat(seen["oldest_at"]) == datetime.fromisoformat(oldest)
    assert (seen["employee"], seen["app"], seen["outdated"], seen["waiting"]) == ("张三", "0.0.9", True, 3)
    assert seen["may_revoke"] is True
    assert boss.get("/api/sync-state")["ops_waiting"] == 3
    assert boss.get("/api/sync-state")["position"] == before  # hearing of a device is no write
    world.app.state.services.contacts.heard(rep.device_id, "no report", 2, datetime.now(UTC))
    assert state_of(boss, rep)["waiting"] == 3
    services = world.app.state.services
    taken = services.contacts.take_unwritten()
    for _ in range(2):  # the second time over what is there
        services.writer.call(lambda session: write_contacts(session, taken))
    kept = state_of(boss, rep)
    assert (kept["waiting"], kept["oldest_at"]) == (3, seen["oldest_at"])


def test_each_sees_the_devices_that_are_his_to_see(world: World) -> None:
    people = {name: world.person(name) for name in ("rep", "rep2", "manager", "stranger", "boss")}
    owners = {name: {one["employee"] for one in person.get("/api/sync-devices")} for name, person in people.items()}
    assert owners["rep"] == {"张三"}
    assert owners["manager"] == {"张三", "李四", "李经理"}
    assert owners["boss"] >= {"张三", "李四", "李经理", "赵六", "王总"}
    for name in ("rep", "manager"):
        with pytest.raises(Refused) as refused:
            people[name].get("/api/sync-state")
        assert refused.value.code == "forbidden"


def test_a_revoked_device_is_listed_while_work_waits_on_it(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    pull(rep, "app=0.1.0; waiting=2; oldest=-")
    pull(rep2, "app=0.1.0; waiting=0; oldest=-")
    for phone in (rep, rep2):
        boss.do("device.revoke", id=phone.device_id)
    assert state_of(boss, rep)["revoked_at"] is not None
    assert state_of(boss, rep)["may_revoke"] is False
    assert rep2.device_id not in [one["id"] for one in boss.get("/api/sync-devices")]


def test_two_phones_with_one_identity_are_shown(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    first, second = rep.op("customer.edit", {}), rep.op("customer.edit", {})
    second["seq"] = first["seq"]
    rep.push(first)
    rep.push(second)
    assert state_of(boss, rep)["cloned_at"] is not None


def test_what_could_not_be_written_waits_for_the_next_time() -> None:
    contacts = Contacts()
    contacts.heard("d", "app=0.1.0; waiting=1; oldest=-", 2, NOW)
    taken = contacts.take_unwritten()
    assert contacts.take_unwritten() == {}
    contacts.give_back(taken)
    assert contacts.take_unwritten() == taken


def test_the_state_of_the_server_is_told_in_figures(world: World) -> None:
    boss = world.person("boss")
    boss.push(boss.op("drone.fly", {}))
    state = boss.get("/api/sync-state")
    assert state["kept"] == {"unknown_command": 1, "server_error": 0, "quarantined": 0, "needs_missing": 0}
    assert state["database_bytes"] > 100_000
    assert state["lag_seconds"] == 0
    assert state["version"] == "0.1.0"
    assert state["engine"] in ("sqlite", "postgresql")
