"""The ground everything stands on: commands, merge, pull, push, through the public API."""

import pytest

from tests.support.world import Refused, World


def test_an_option_created_at_the_desk_reaches_a_phone(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    rep.pull()
    option_id = boss.create("option", list_name="customer_source", name="展会")
    page = rep.pull()
    assert rep.cache["option"][option_id]["name"] == "展会"
    assert [len(found["values"][0]) for found in page["types"].values()] == [1]


def test_the_same_op_twice_takes_effect_once(world: World) -> None:
    boss = world.person("boss")
    op = boss.op(
        "option.create", {"id": "0190f2c4-0000-7000-8000-000000000001", "values": {"list_name": "unit", "name": "桶"}}
    )
    [first] = boss.push(op)
    [second] = boss.push(op)
    assert first == second
    assert first["status"] == "applied"


def test_two_people_on_different_fields_and_on_the_same_field(world: World) -> None:
    boss, other = world.person("boss"), world.person("boss", "laptop")
    option_id = boss.create("option", list_name="unit", name="桶", sort=10)
    [result] = boss.push(boss.op("option.edit", {"id": option_id, "set": {"sort": [10, 20]}}))
    assert result["status"] == "applied"
    [result] = other.push(other.op("option.edit", {"id": option_id, "set": {"name": ["桶", "大桶"]}}))
    assert result["status"] == "applied"
    [result] = other.push(other.op("option.edit", {"id": option_id, "set": {"sort": [10, 30]}}))
    assert result["status"] == "conflict"
    other.pull()
    assert other.cache["option"][option_id]["sort"] == 20
    conflict = other.cache["conflict"][result["conflicts"][0]]
    assert (conflict["base"], conflict["theirs"], conflict["mine"]) == (10, 20, 30)


def test_a_rejected_op_holds_back_only_what_needs_it(world: World) -> None:
    boss = world.person("boss")
    bad = boss.op("option.create", {"id": "x", "values": {}})
    needs = boss.op("option.create", {"id": "y", "values": {}}, needs=[bad["id"]])
    good = boss.op(
        "option.create", {"id": "0190f2c4-0000-7000-8000-000000000002", "values": {"list_name": "unit", "name": "桶"}}
    )
    assert [r["status"] for r in boss.push(bad, needs, good)] == ["rejected", "rejected", "applied"]


def test_an_unknown_command_is_kept(world: World) -> None:
    rep = world.person("rep")
    [result] = rep.push(rep.op("drone.fly", {"to": "shop"}))
    assert (result["status"], result["code"]) == ("held", "unknown_command")


def test_a_rep_may_not_change_the_lists(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.person("rep").create("option", list_name="unit", name="桶")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")


def test_a_no_op_pull_is_empty(world: World) -> None:
    rep = world.person("rep")
    rep.pull()
    page = rep.pull()
    assert page.keys() == {"epoch", "cursor", "position", "time_token", "server_time"}
