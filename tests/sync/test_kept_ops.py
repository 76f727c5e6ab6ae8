"""Ops that could not be run are kept whole, and an administrator decides about them."""

from datetime import UTC, datetime, timedelta

import pytest

from server.kept.ops import let_go
from server.records import commands
from sync import floor
from tests.support.world import Refused, World

UNIT = "0190f2c4-0000-7000-8000-00000000000a"


def _unit(name: str) -> dict[str, object]:
    return {"id": UNIT, "values": {"list_name": "unit", "name": name}}


def test_what_a_revoked_device_sent_is_reviewed_and_run(world: World) -> None:
    phone, desk = world.person("boss"), world.person("boss", "laptop")
    desk.do("device.revoke", id=phone.device_id)
    op = phone.op("option.create", _unit("托"))
    phone.push(op)
    [kept] = desk.get("/api/kept-ops", code="quarantined")
    assert (kept["command"], kept["employee"], kept["args"]) == ("option.create", "王总", op["args"])
    answer = desk.post(f"/api/kept-ops/{kept['device_id']}/{kept['op_id']}/replay", None)
    assert answer["status"] == "applied"
    assert desk.get("/api/options", list_name="unit", name="托")["items"]
    assert desk.get("/api/kept-ops") == []
    [result] = phone.push(op)
    assert result["status"] == "applied"


def test_what_stands_on_a_lost_phones_work_waits_for_its_review(world: World) -> None:
    phone, desk = world.person("boss"), world.person("boss", "laptop")
    desk.do("device.revoke", id=phone.device_id)
    first = phone.op("option.create", _unit("托"))
    phone.push(first)
    second = desk.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    assert desk.push(second)[0]["code"] == "needs_missing"
    assert desk.post(f"/api/kept-ops/{phone.device_id}/{first['id']}/replay", None)["status"] == "applied"
    assert desk.push(second)[0]["status"] == "applied"
    assert desk.get(f"/api/options/{UNIT}")["sort"] == 5


def test_an_unknown_command_waits_until_it_is_set_aside(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    op = rep.op("drone.fly", {"to": "shop"})
    rep.push(op)
    [kept] = boss.get("/api/kept-ops")
    path = f"/api/kept-ops/{kept['device_id']}/{kept['op_id']}"
    assert boss.post(f"{path}/replay", None)["code"] == "unknown_command"
    assert boss.post(f"{path}/set-aside", None)["status"] == "rejected"
    with pytest.raises(Refused) as refused:
        boss.post(f"{path}/replay", None)
    assert (refused.value.status, refused.value.code) == (409, "not_kept")
    assert rep.push(op)[0]["code"] == "set_aside"


def test_only_who_may_manage_the_inbox_sees_it(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.person("rep").get("/api/kept-ops")
    assert refused.value.code == "forbidden"


def test_ops_that_need_what_has_not_arrived_run_when_it_comes(world: World) -> None:
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    assert boss.push(second)[0]["code"] == "needs_missing"
    assert boss.push(first)[0]["status"] == "applied"
    assert boss.push(second)[0]["status"] == "applied"
    assert boss.get(f"/api/options/{UNIT}")["sort"] == 5


def test_an_op_sent_again_together_with_what_it_needs_runs(world: World) -> None:
    """As phones do after a restore: what was answered in between and what was lost go out in one push."""
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    third = boss.op("option.edit", {"id": UNIT, "set": {"sort": [5, 6]}}, needs=[second["id"]])
    assert boss.push(second)[0]["code"] == "needs_missing"
    # The third has never been sent, and needs one that waited.
    assert [result["status"] for result in boss.push(first, second, third)] == ["applied"] * 3
    assert boss.get(f"/api/options/{UNIT}")["sort"] == 6
    assert [result["status"] for result in boss.push(second, third)] == ["applied"] * 2


def test_what_needs_a_waiting_op_runs_with_it_although_only_the_first_came_again(world: World) -> None:
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    third = boss.op("option.edit", {"id": UNIT, "set": {"sort": [5, 6]}}, needs=[second["id"]])
    assert boss.push(second)[0]["code"] == "needs_missing"
    assert [result["status"] for result in boss.push(first, third)] == ["applied"] * 2
    assert boss.get(f"/api/options/{UNIT}")["sort"] == 6


def test_ops_that_need_each_other_in_a_circle_are_kept(world: World) -> None:
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {}}, needs=[first["id"]])
    first["needs"] = [second["id"]]
    assert [result["code"] for result in boss.push(first, second)] == ["needs_missing"] * 2


def test_what_waits_for_a_kept_op_runs_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    third = boss.op("option.edit", {"id": UNIT, "set": {"sort": [5, 6]}}, needs=[second["id"]])
    with monkeypatch.context() as older:
        older.delitem(commands._commands, "option.create")
        codes = [result["code"] for result in boss.push(first, second, third)]
    assert codes == ["unknown_command", "needs_missing", "needs_missing"]
    assert boss.post(f"/api/kept-ops/{boss.device_id}/{first['id']}/replay", None)["status"] == "applied"
    assert [result["status"] for result in boss.push(first, second, third)] == ["applied"] * 3
    assert boss.get(f"/api/options/{UNIT}")["sort"] == 6


def test_what_waits_for_an_op_that_never_comes_is_let_go_after_half_a_year(world: World) -> None:
    """Not what waits for one that may still be run, and not what has come since."""
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"), needs=["0190f2c4-0000-7000-8000-0000000000ff"])
    second = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    unknown = boss.op("drone.fly", {"to": "shop"})
    behind = boss.op("option.edit", {"id": UNIT, "set": {}}, needs=[unknown["id"]])
    assert [result["status"] for result in boss.push(first, second, unknown, behind)] == ["held"] * 4
    writer, now = world.app.state.services.writer, datetime.now(UTC)
    writer.call(lambda session: floor.mark_hour(session, now))
    late = boss.op("option.edit", {"id": UNIT, "set": {}}, needs=["0190f2c4-0000-7000-8000-0000000000fe"])

    writer.call(lambda session: floor.prune(session, now + floor.KEPT - timedelta(hours=2)))
    assert writer.call(let_go) == 0
    boss.push(late)
    writer.call(lambda session: floor.prune(session, now + floor.KEPT + timedelta(hours=1)))
    assert writer.call(let_go) == 2
    assert [result["code"] for result in boss.push(first, second, unknown, behind, late)] == [
        "needs_rejected",
        "needs_rejected",
        "unknown_command",
        "needs_missing",
        "needs_missing",
    ]
    assert {kept["op_id"] for kept in boss.get("/api/kept-ops")} == {unknown["id"], behind["id"], late["id"]}
    assert writer.call(let_go) == 0


def test_what_waits_for_an_op_that_is_set_aside_is_rejected(world: World) -> None:
    boss = world.person("boss")
    first = boss.op("drone.fly", {"to": "shop"})
    second = boss.op("option.create", _unit("托"), needs=[first["id"]])
    third = boss.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[second["id"]])
    boss.push(first, second, third)
    boss.post(f"/api/kept-ops/{boss.device_id}/{first['id']}/set-aside", None)
    assert [r["code"] for r in boss.push(first, second, third)] == ["set_aside", "needs_rejected", "needs_rejected"]
    assert not boss.get("/api/options", list_name="unit", name="托")["items"]


def test_on_a_shared_phone_nobody_runs_what_another_left_waiting(world: World) -> None:
    clerk = world.person("clerk")
    first = clerk.op("option.create", _unit("托"))
    second = clerk.op("option.edit", {"id": UNIT, "set": {"sort": [100, 5]}}, needs=[first["id"]])
    assert clerk.push(second)[0]["code"] == "needs_missing"
    rep = world.sign_in("rep", clerk.device_id, clerk.key)
    assert rep.push(first)[0]["code"] == "forbidden"
    assert clerk.push(second)[0]["code"] == "needs_missing"
