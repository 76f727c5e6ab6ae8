"""What only some companies have: the mark of chains, rep codes at the filing of customers, names of the menu."""

from __future__ import annotations

from typing import Any

import pytest

from server.company.models import COMPANY_ID
from server.records.ids import uuid7
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def setting(world: World, **values: Any) -> None:
    boss = world.person("boss")
    now = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=COMPANY_ID, set={name: [now.get(name), value] for name, value in values.items()})


def refused(person: Person, **values: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as told:
        person.create("customer", **{"name": "新店", "mobile": "13900000001", **values})
    return told.value.code, told.value.body["field"]


def filed(person: Person, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """By a phone: its result and the row."""
    row_id = uuid7()
    op = person.op("customer.create", {"id": row_id, "values": {"mobile": "13900000002", **values}})
    [result] = person.push(op)
    return result, person.get(f"/api/customers/{row_id}")


def test_only_a_chain_has_customers_that_all_branches_share(world: World) -> None:
    rep = world.person("rep")
    assert refused(rep, cross_branch=True) == ("chains_only", "cross_branch")
    result, row = filed(rep, name="路边店", cross_branch=True)
    assert (result["status"], result["code"], row["cross_branch"]) == ("adjusted", "chains_only", False)
    setting(world, chain_edition=True)
    shared = rep.create("customer", name="连锁店", mobile="13900000003", cross_branch=True)
    assert rep.get(f"/api/customers/{shared}")["cross_branch"] is True
    # A colleague of another branch finds it, and the search does; it floods nobody's phone.
    stranger = world.person("stranger")
    stranger.pull()
    own = rep.create("customer", name="自己的店", mobile="13900000005")
    assert stranger.get(f"/api/customers/{shared}")["name"] == "连锁店"
    assert [row["id"] for row in stranger.get("/api/customers", cross_branch="true")["items"]] == [shared]
    assert not stranger.holds("customer", shared)
    boss = world.person("boss")
    told = boss.get("/api/rights/why", record="customer", id=shared, employee=stranger.id)
    assert [reason["kind"] for reason in told["answer"]["reasons"]] == ["cross_branch"]
    # He takes it along, serves it without network, and leaves it again; its file stays the owner's.
    take = {"id": shared, "employee_id": stranger.id}
    [taken, met] = stranger.push(
        stranger.op("customer.share", take),
        stranger.op("contact.create", {"id": uuid7(), "values": {"customer_id": shared, "name": "李店长"}}),
    )
    assert (taken["status"], met["status"]) == ("applied", "applied")
    stranger.pull()
    assert stranger.holds("customer", shared)
    assert stranger.do("customer.edit", id=shared, set={"city": [None, "青岛"]})["status"] == "conflict"
    with pytest.raises(Refused):  # for himself alone
        stranger.do("customer.share", id=shared, employee_id=boss.id)
    with pytest.raises(Refused):
        stranger.do("customer.share", id=own, employee_id=stranger.id)
    stranger.do("customer.unshare", **take)
    stranger.pull()
    assert not stranger.holds("customer", shared)
    # No chain any more: only its owner's; the file stays editable, and what is marked can be unmarked.
    setting(world, chain_edition=False)
    with pytest.raises(Refused):
        stranger.get(f"/api/customers/{shared}")
    rep.do("customer.edit", id=shared, set={"city": [None, "青岛"]})
    rep.do("customer.edit", id=shared, set={"cross_branch": [True, False]})


def test_a_rep_code_is_asked_for_where_the_company_wants_it_and_must_be_a_reps(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    boss.do("employee.edit", id=rep.id, set={"rep_code": [None, "QD0101"]})
    rep.create("customer", name="老店", mobile="13900000009")
    setting(world, rep_codes=True)
    assert refused(rep) == ("required", "rep_code")
    assert refused(rep, rep_code="QD0102") == ("unknown_rep_code", "rep_code")
    shop = rep.create("customer", name="新店", mobile="13900000001", rep_code="qd0101")
    assert rep.get(f"/api/customers/{shop}")["rep_code"] == "QD0101"
    # A phone that did not know keeps its customer, and is told.
    result, row = filed(rep, name="路边店")
    assert (result["status"], result["changes"][0]["code"]) == ("adjusted", "required_now")
    assert row["rep_code"] is None
    other = uuid7()
    values = {"name": "对面店", "mobile": "13900000004", "rep_code": "QD0199"}
    [result] = rep.push(rep.op("customer.create", {"id": other, "values": values}))
    assert (result["status"], result["code"]) == ("adjusted", "unknown_rep_code")
    assert rep.get(f"/api/customers/{other}")["rep_code"] is None
    # Files of before stay editable.
    old = rep.get("/api/customers", name="老店")["items"][0]
    rep.do("customer.edit", id=old["id"], set={"city": [None, "青岛"]})


def test_the_first_filling_is_remembered_for_every_administrator(world: World) -> None:
    boss = world.person("boss")
    assert boss.get("/api/companies")["items"][0]["setup_guide"] is None
    setting(world, setup_guide={"done": ["product", "product"], "skipped": ["product", "department"]})
    told = boss.get("/api/companies")["items"][0]["setup_guide"]
    assert told == {"done": ["product"], "skipped": ["department"]}
    setting(world, setup_guide={**told, "away": True})
    boss.pull()
    [company] = boss.cache["company"].values()
    assert company["setup_guide"]["away"] is True
    with pytest.raises(Refused) as wrong:
        setting(world, setup_guide={"done": ["<b>"]})
    assert wrong.value.code == "guide_malformed"


def test_the_menu_is_called_as_the_company_calls_it_on_every_device(world: World) -> None:
    rep = world.person("rep")
    names = {
        "nav.customers": {"name": " 门店 ", "name_en": "Shops", "name_tw": ""},
        "record.order.plural": {"name": "销售单"},
    }
    setting(world, menu_names=names)
    rep.pull()
    kept = {"nav.customers": {"name": "门店", "name_en": "Shops"}, "record.order.plural": {"name": "销售单"}}
    [company] = rep.cache["company"].values()
    assert company["menu_names"] == kept
    # What a company does without is in nobody's menu, and needs no name.
    setting(world, menu_names={**kept, "nav.targets": {"off": True}, "nav.alerts": {"name": "提醒", "off": False}})
    rep.pull()
    [company] = rep.cache["company"].values()
    assert company["menu_names"] == {**kept, "nav.targets": {"off": True}, "nav.alerts": {"name": "提醒"}}
    setting(world, menu_names=names)
    for wrong in (
        {"nav.customers": {"name": "店", "off": True}}, {"nav.targets": {"off": False}},
        {"nav.customers": {"name": " "}}, {"nav.customers": {"name": "长" * 25}}, {"No Key!": {"name": "店"}},
        {"nav.customers": "店"}, [1], {f"nav.n{'x' * n}": {"name": "店"} for n in range(201)},
    ):  # fmt: skip
        with pytest.raises(Refused) as told:
            setting(world, menu_names=wrong)
        assert (told.value.code, told.value.body["field"]) == ("menu_malformed", "menu_names")
    with pytest.raises(Refused) as told:
        rep.do("company.edit", id=COMPANY_ID, set={"menu_names": [kept, None]})
    assert told.value.status == 403
    setting(world, menu_names={})
    rep.pull()
    [company] = rep.cache["company"].values()
    assert company["menu_names"] is None
