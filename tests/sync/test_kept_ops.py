"""Ops that could not be run are kept whole, and an administrator decides about them."""

import pytest

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


def test_ops_that_need_each_other_in_a_circle_are_kept(world: World) -> None:
    boss = world.person("boss")
    first = boss.op("option.create", _unit("托"))
    second = boss.op("option.edit", {"id": UNIT, "set": {}}, needs=[first["id"]])
    first["needs"] = [second["id"]]
    assert [result["code"] for result in boss.push(first, second)] == ["needs_missing"] * 2
