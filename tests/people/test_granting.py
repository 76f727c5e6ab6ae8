"""Rights of many at once: permissions of several roles, the role and place of a colleague for several people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import Person, Refused, World


def role(world: World, username: str) -> str:
    return str(world.person(username).me["role"]["id"])


def granted(boss: Person, role_id: str) -> dict[str, Any]:
    return dict(boss.get(f"/api/roles/{role_id}")["permissions"])


def test_several_roles_get_and_lose_permissions_at_once_and_the_preview_says_what(world: World) -> None:
    boss = world.person("boss")
    reps, managers = role(world, "rep"), role(world, "manager")
    args: dict[str, Any] = {"ids": [reps, managers], "set": {"order.export": "own", "customer.claim": None}}

    preview = {one["id"]: one for one in boss.post("/api/rights/preview/role.grant", args)["items"]}
    assert preview[reps]["permissions"] == {"order.export": [None, "own"], "customer.claim": ["own", None]}
    assert preview[managers]["permissions"] == {
        "order.export": ["subordinates", "own"], "customer.claim": ["own", None],
    }  # fmt: skip
    assert preview[reps]["people"] == 3
    assert "customer.claim" in granted(boss, reps)

    boss.do("role.grant", **args)
    for one in (reps, managers):
        assert granted(boss, one)["order.export"] == "own"
        assert "customer.claim" not in granted(boss, one)
    assert boss.post("/api/rights/preview/role.grant", args)["items"] == []


def test_one_role_takes_over_all_permissions_of_another(world: World) -> None:
    boss = world.person("boss")
    reps, managers = role(world, "rep"), role(world, "manager")
    boss.do("role.grant", ids=[reps], like=managers)
    assert granted(boss, reps) == granted(boss, managers)


def test_batch_granting_is_all_or_none(world: World) -> None:
    boss = world.person("boss")
    reps = role(world, "rep")
    before = granted(boss, reps)
    for ids, changes, code in (
        ([reps, role(world, "boss")], {"order.export": "own"}, "administrator_role"),
        ([reps], {"moon.view": "all"}, "unknown_permission"),
        ([reps, "nobody"], {"order.export": "own"}, "unknown_person"),
        ([reps], {}, "nothing_to_grant"),
    ):
        with pytest.raises(Refused) as refused:
            boss.do("role.grant", ids=ids, set=changes)
        assert refused.value.code == code
        assert granted(boss, reps) == before
    with pytest.raises(Refused) as refused:
        world.person("manager").do("role.grant", ids=[reps], set={"order.export": "own"})
    assert refused.value.code == "forbidden"


def test_the_place_of_a_colleague_is_copied_and_devices_follow(world: World) -> None:
    boss, rep, stranger = world.person("boss"), world.person("rep"), world.person("stranger")
    customer = rep.create("customer", name="王记超市", primary_contact="王五", mobile="13800000001")
    manager = world.person("manager")
    with pytest.raises(Refused):
        stranger.get(f"/api/customers/{customer}")
    args: dict[str, Any] = {"ids": [stranger.id, world.person("rep2").id], "like": manager.id, "supervisor": True}

    preview = {one["id"]: one for one in boss.post("/api/rights/preview/employee.set_rights", args)["items"]}
    assert preview[stranger.id]["fields"] == {"role_id": [role(world, "rep"), role(world, "manager")]}
    assert preview[stranger.id]["permissions"]["customer.view"] == ["own", "subordinates"]
    assert preview[world.person("rep2").id]["fields"]["supervisor_id"] == [manager.id, None]

    boss.do("employee.set_rights", **args)
    assert stranger.get("/api/me")["role"]["id"] == role(world, "manager")
    boss.do("employee.edit", id=rep.id, set={"supervisor_id": [manager.id, stranger.id]})
    assert stranger.get(f"/api/customers/{customer}")["name"] == "王记超市"


def test_nobody_gives_himself_another_role(world: World) -> None:
    boss, manager = world.person("boss"), world.person("manager")
    for person, ids in ((boss, [boss.id]), (manager, [manager.id]), (manager, [world.person("rep").id])):
        with pytest.raises(Refused) as refused:
            person.do("employee.set_rights", ids=ids, role_id=role(world, "clerk"))
        assert refused.value.code in ("own_account", "outside_scope")
