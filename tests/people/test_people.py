"""Employees, roles and departments: who may change what."""

import pytest

from tests.support.world import Refused, World


def test_a_rep_keeps_his_own_phone_number_but_not_his_role(world: World) -> None:
    rep = world.person("rep")
    rep.do("employee.edit", id=rep.id, set={"mobile": [None, "13800000001"]})
    with pytest.raises(Refused) as refused:
        rep.do("employee.edit", id=rep.id, set={"real_name": ["张三", "张三丰"]})
    assert refused.value.code == "outside_scope"
    with pytest.raises(Refused) as refused:
        rep.do("employee.edit", id=world.person("rep2").id, set={"mobile": [None, "13800000002"]})
    assert refused.value.code == "outside_scope"


def test_the_last_administrator_stays(world: World) -> None:
    boss = world.person("boss")
    others = [e for e in boss.get("/api/employees")["items"] if e["username"] == "admin"]
    boss.do("employee.edit", id=others[0]["id"], set={"status": ["enabled", "disabled"]})
    with pytest.raises(Refused) as refused:
        boss.do("employee.edit", id=boss.id, set={"status": ["enabled", "disabled"]})
    assert refused.value.code == "own_account"


def test_nobody_becomes_his_own_superior(world: World) -> None:
    boss, rep, manager = world.person("boss"), world.person("rep"), world.person("manager")
    with pytest.raises(Refused) as refused:
        boss.do("employee.edit", id=manager.id, set={"supervisor_id": [None, rep.id]})
    assert refused.value.code == "circle"


def test_a_department_or_role_is_not_moved_under_itself(world: World) -> None:
    boss = world.person("boss")
    top = boss.me["employee"]["department_id"]
    north = boss.create("department", name="北区", parent_id=top)
    group = boss.create("department", name="一组", parent_id=north)
    upper = boss.create("role", name="区域经理", permissions={})
    lower = boss.create("role", name="组长", permissions={}, parent_id=upper)
    for record, row, before, wanted in (
        ("department", north, top, north),
        ("department", north, top, group),
        ("department", top, None, group),
        ("role", upper, None, lower),
    ):
        with pytest.raises(Refused) as refused:
            boss.do(f"{record}.edit", id=row, set={"parent_id": [before, wanted]})
        assert (refused.value.code, refused.value.body["field"]) == ("circle", "parent_id")
    assert boss.get(f"/api/departments/{north}")["parent_id"] == top


def test_a_role_with_an_unknown_permission_is_refused(world: World) -> None:
    boss = world.person("boss")
    with pytest.raises(Refused) as refused:
        boss.create("role", name="奇怪", permissions={"moon.view": "all"})
    assert refused.value.code == "unknown_permission"


def test_a_role_in_use_and_a_department_with_people_stay(world: World) -> None:
    boss = world.person("boss")
    role = boss.me["role"]["id"]
    with pytest.raises(Refused) as refused:
        boss.do("role.delete", id=role)
    assert refused.value.code == "administrator_role"
    department = boss.me["employee"]["department_id"]
    with pytest.raises(Refused) as refused:
        boss.do("department.delete", id=department)
    assert refused.value.code == "department_in_use"


def test_user_names_are_unique_and_never_change(world: World) -> None:
    boss = world.person("boss")
    me = boss.me["employee"]
    values = {"real_name": "重名", "department_id": me["department_id"], "role_id": me["role_id"]}
    with pytest.raises(Refused) as refused:
        boss.create("employee", username="REP", **values)
    assert refused.value.code == "username_taken"
    with pytest.raises(Refused) as refused:
        boss.do("employee.edit", id=world.person("rep").id, set={"username": ["rep", "rap"]})
    assert refused.value.code == "readonly_field"


def test_changed_rights_reach_the_device_with_the_next_pull(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    rep.pull()
    assert rep.cache["role"]
    role = rep.me["role"]["id"]
    permissions = rep.me["permissions"]
    without = {name: scope for name, scope in permissions.items() if name != "role.view"}
    boss.do("role.edit", id=role, set={"permissions": [permissions, without]})
    page = rep.pull()
    assert rep.cache.get("role", {}) == {}
    assert "role.view" not in page["me"]["permissions"] if "me" in page else True
