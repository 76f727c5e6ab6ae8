"""What a role lets its people see below them, what they need to sign in, and what they need to touch others' customers."""

from __future__ import annotations

import uuid

import pytest

from media.make import DeviceKey
from server.records.ids import uuid7
from tests.orders.trade import customer, line, place, product
from tests.support.world import PASSWORD, Person, Refused, World


def refused(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        action(*args, **kwargs)
    return caught.value.code


def names(person: Person) -> set[str]:
    return {row["name"] for row in person.get("/api/customers")["items"]}


def test_a_parent_role_sees_what_the_roles_below_it_see_and_not_the_other_way_round(world: World) -> None:
    boss, stranger, manager = world.person("boss"), world.person("stranger"), world.person("manager")
    customer(stranger)
    customer(manager, "经理店", "13800000002")
    reps, managers = stranger.me["role"]["id"], manager.me["role"]["id"]
    assert names(manager) == {"经理店"}  # nobody's superior but his own people's
    boss.do("role.edit", id=reps, set={"parent_id": [None, managers]})
    assert names(manager) == {"经理店", "王记超市"}
    assert names(stranger) == {"王记超市"}
    assert refused(boss.do, "role.edit", id=managers, set={"parent_id": [None, reps]}) == "circle"


def test_superiors_see_through_any_number_of_levels(world: World) -> None:
    boss, rep, rep2, manager = (world.person(name) for name in ("boss", "rep", "rep2", "manager"))
    stranger = world.person("stranger")
    boss.do("employee.edit", id=rep.id, set={"supervisor_id": [manager.id, rep2.id]})
    boss.do("employee.edit", id=stranger.id, set={"supervisor_id": [None, rep.id]})
    customer(stranger)
    assert names(manager) == {"王记超市"}  # 李经理 → 李四 → 张三 → 赵六
    boss.do("employee.edit", id=rep2.id, set={"supervisor_id": [manager.id, None]})
    assert names(manager) == set()


def test_who_has_no_usable_role_is_told_so_and_it_is_logged(world: World) -> None:
    boss = world.person("boss")
    role = boss.create("role", name="空角色", permissions={})
    me = boss.me["employee"]
    employee = boss.create("employee", username="empty", real_name="钱七", department_id=me["department_id"], role_id=role)  # fmt: skip
    boss.do("employee.set_password", id=employee, password=PASSWORD)
    assert refused(world.sign_in, "empty", str(uuid.uuid4()), DeviceKey(), PASSWORD) == "no_role"
    log = boss.get("/api/login-logs", username="empty")["items"]
    assert [(entry["outcome"], entry["ip"]) for entry in log] == [("no_role", "testclient")]
    boss.do("role.grant", ids=[role], set={"customer.view": "own"})
    world.sign_in("empty", str(uuid.uuid4()), DeviceKey(), PASSWORD)
    log = boss.get("/api/login-logs", username="empty", outcome="ok")["items"]
    assert [entry["ip"] for entry in log] == ["testclient"]


def test_an_unused_role_is_deleted(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    role = boss.create("role", name="临时角色", permissions={"customer.view": "own"})
    boss.do("role.delete", id=role)
    assert refused(boss.get, f"/api/roles/{role}") == "not_found"
    assert refused(boss.do, "role.delete", id=rep.me["role"]["id"]) == "role_in_use"


def test_files_of_other_owners_need_a_right_of_their_own(world: World) -> None:
    boss, rep, manager = world.person("boss"), world.person("rep"), world.person("manager")
    shop = customer(rep)
    boss.do("role.grant", ids=[manager.me["role"]["id"]], set={"customer.edit_others": None})
    assert refused(manager.do, "customer.edit", id=shop, set={"address": [None, "一号"]}) == "forbidden"
    assert rep.get(f"/api/customers/{shop}")["address"] is None
    boss.do("role.grant", ids=[manager.me["role"]["id"]], set={"customer.edit_others": "subordinates"})
    assert manager.do("customer.edit", id=shop, set={"address": [None, "一号"]})["status"] == "applied"


def test_a_customer_is_disabled_only_when_it_is_settled(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    shop = customer(rep)
    order = place(rep, shop, line(product(world)))
    assert refused(clerk.do, "customer.delete", id=shop) == "customer_in_use"
    assert refused(clerk.do, "customer.disable", id=shop) == "customer_in_debt"
    rep.do("payment.record", id=uuid7(), order_id=order.id, amount="120.00")
    clerk.do("customer.disable", id=shop)
    assert rep.get(f"/api/customers/{shop}")["enabled"] is False


def test_rep_codes_are_two_letters_and_four_digits_and_one_a_person(world: World) -> None:
    boss, rep, rep2 = world.person("boss"), world.person("rep"), world.person("rep2")
    for wrong in ("QD001", "1234QD", "QD12345", "QD0000", "青岛0101"):
        assert refused(boss.do, "employee.edit", id=rep.id, set={"rep_code": [None, wrong]}) in (
            "bad_rep_code",
            "too_long",
        )
    boss.do("employee.edit", id=rep.id, set={"rep_code": [None, "qd0101"]})
    assert boss.get(f"/api/employees/{rep.id}")["rep_code"] == "QD0101"
    assert refused(boss.do, "employee.edit", id=rep2.id, set={"rep_code": [None, "QD0101"]}) == "rep_code_taken"
    boss.do("employee.edit", id=rep2.id, set={"rep_code": [None, "QD0102"]})


def test_a_new_company_has_a_role_for_each_kind_of_work(world: World) -> None:
    """PP-21: who keeps the stock brings goods out, who keeps the products sees no customer."""
    boss = world.person("boss")
    names = {role["name"]: role["id"] for role in boss.get("/api/roles", limit=50)["items"]}
    assert names.keys() == {"超级管理员", "销售经理", "销售员", "内勤", "库管员", "信息管理员"}
    shop = world.person("rep").create("customer", name="王记超市", mobile="13800000001")
    goods = product(world)
    placed = place(world.person("rep"), shop, line(goods))
    world.person("clerk").do("order.approve", id=placed.id)

    keeper = world.person("stranger")
    boss.do("employee.edit", id=keeper.id, set={"role_id": [names["销售员"], names["库管员"]]})
    assert keeper.do("order.ship", id=placed.id)["status"] == "applied"
    boss.do("employee.edit", id=keeper.id, set={"role_id": [names["库管员"], names["信息管理员"]]})
    seen = keeper.get(f"/api/products/{goods}")
    assert keeper.do("product.edit", id=goods, set={"spec_text": [seen["spec_text"], "24 瓶"]})["status"] == "applied"
    assert keeper.get("/api/customers")["items"] == []
    assert keeper.get("/api/orders")["items"] == []
