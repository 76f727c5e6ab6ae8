"""Into the pool and out of it: given up by who has it, taken back from who sells nothing, and whoever comes first has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.company.setup import system_context
from server.customers.models import Customer
from server.records.ids import uuid7
from tests.orders.trade import customer, line, place, place_args, product, pushed
from tests.support.world import Person, Refused, World


def refused(action: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        action(*args, **kwargs)
    return caught.value.code


def owner(world: World, row_id: str) -> str | None:
    found: str | None = world.person("boss").get(f"/api/customers/{row_id}")["owner_id"]
    return found


def held_for(world: World, row_id: str, days: int) -> None:
    """As if its owner had had it for so long, and had spoken with it yesterday."""
    now = datetime.now(UTC)

    def long_ago(session: Any) -> None:
        row = session.get(Customer, row_id)
        row.created_at = row.owned_since = now - timedelta(days=days)
        row.last_contact_at = now - timedelta(days=1)

    world.app.state.services.writer.call(long_ago)


def at_night(world: World) -> list[str]:
    """What the pool takes back now."""
    services = world.app.state.services
    done = services.writer.call(lambda session: system_context(session).run("customer.recover", {"limit": 100}))
    return list(done["ids"])


def names(person: Person, **filters: Any) -> set[str]:
    return {row["name"] for row in person.get("/api/customers", **filters)["items"]}


def test_a_rep_gives_a_customer_up_and_another_one_claims_it(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    shop, kept = customer(rep), customer(rep, "李记超市", "13800000002")
    rep.pull()
    assert refused(rep2.get, f"/api/customers/{shop}") == "not_found"
    [given] = rep.push(rep.op("customer.give_up", {"ids": [shop], "reason": "太远"}))
    assert (given["status"], given["result"]) == ("applied", {"ids": [shop]})
    rep.pull()
    assert set(rep.cache["customer"]) == {kept}
    assert "王记超市" in names(rep2, owner_id__empty="1")
    rep2.do("customer.claim", id=uuid7(), ids=[shop])
    rep2.pull()
    assert rep2.holds("customer", shop)
    history = world.person("boss").get(f"/api/customers/{shop}/history")
    moves = [(one["command"], one["changes"]["owner_id"]) for one in history if "owner_id" in one["changes"]]
    assert ("customer.give_up", [rep.id, None]) in moves


def test_nobody_gives_up_what_is_not_his(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    mine, theirs = customer(rep), customer(rep2, "李记超市", "13800000002")
    rep2.do("customer.share", id=theirs, employee_id=rep.id)
    assert refused(rep.do, "customer.give_up", ids=[mine, theirs]) == "outside_scope"
    assert (owner(world, mine), owner(world, theirs)) == (rep.id, rep2.id)  # all or none
    role = rep.me["role"]["id"]
    boss.do("role.grant", ids=[role], set={"customer.give_up": None})
    assert refused(rep.do, "customer.give_up", ids=[mine]) == "forbidden"
    boss.do("role.grant", ids=[role], set={"customer.give_up": "own"})
    assert rep.do("customer.give_up", ids=[mine])["result"]["ids"] == [mine]
    assert rep.do("customer.give_up", ids=[mine])["result"]["ids"] == []  # it is there already


def test_who_sells_nothing_within_his_days_loses_the_customer(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    boss.do("employee.edit", id=rep.id, set={"max_follow_days": [None, 60]})
    goods = product(world)
    shops = {
        "没成交": customer(rep, "没成交", "13800000001"),
        "成交过": customer(rep, "成交过", "13800000002"),
        "取消了": customer(rep, "取消了", "13800000003"),
        "才接手": customer(rep, "才接手", "13800000004"),
        "别人的": customer(rep2, "别人的", "13800000005"),
    }
    for name, shop in shops.items():
        held_for(world, shop, 30 if name == "才接手" else 61)
    place(rep, shops["成交过"], line(goods))
    world.person("clerk").do("order.cancel", id=_approved(world, rep, shops["取消了"], goods), reason="不要了")
    # Somebody spoke with all of them yesterday, and the company has no days for that: only the deal counts.
    assert at_night(world) == sorted([shops["没成交"], shops["取消了"]])
    assert owner(world, shops["没成交"]) is None
    assert owner(world, shops["成交过"]) == rep.id
    assert at_night(world) == []


def _approved(world: World, rep: Person, shop: str, goods: str) -> str:
    placed = place(rep, shop, line(goods))
    world.person("clerk").do("order.approve", id=placed.id)
    return placed.id


def test_a_deal_with_an_earlier_owner_does_not_count(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    boss.do("employee.edit", id=rep2.id, set={"max_follow_days": [None, 60]})
    shop = customer(rep)
    bought = datetime.now(UTC) - timedelta(days=62)
    held_for(world, shop, 70)
    sold = pushed(rep, "order.place", at=bought, **place_args(shop, line(product(world))))
    assert sold["status"] == "applied"
    boss.do("customer.assign", ids=[shop], owner_id=rep2.id)
    assert at_night(world) == []
    held_for(world, shop, 61)
    assert at_night(world) == [shop]


def test_both_ways_back_are_listed_before_and_no_days_are_none(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    shop = customer(rep)
    held_for(world, shop, 58)
    assert names(rep, recovered_within=123) == {"王记超市"}  # as a new company has it: 180 days without a deal
    [company] = boss.get("/api/companies")["items"]
    off = {"recovery_days": [30, None], "deal_days": [180, None]}
    boss.do("company.edit", id=company["id"], set=off)
    assert names(rep, recovered_within=365) == set()
    boss.do("employee.edit", id=rep.id, set={"max_follow_days": [None, 60]})
    assert names(rep, recovered_within=1) == set()
    assert names(rep, recovered_within=3) == {"王记超市"}
    boss.do("employee.edit", id=rep.id, set={"max_follow_days": [60, 0]})
    assert names(rep, recovered_within=365) == set()
    boss.do("company.edit", id=company["id"], set={"recovery_days": [None, 3]})
    assert names(rep, recovered_within=3) == {"王记超市"}


def test_the_pool_takes_back_only_the_categories_the_company_chose(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    chosen, spared = world.option("customer_category", "潜在客户"), world.option("customer_category", "正式客户")
    shops = {
        category: rep.create("customer", name=name, mobile=mobile, category_id=category)
        for category, name, mobile in (
            (chosen, "王记超市", "13800000001"),
            (spared, "李记超市", "13800000002"),
            (None, "赵记超市", "13800000003"),
        )
    }
    [company] = boss.get("/api/companies")["items"]
    wish = {"recovery_days": [company["recovery_days"], 30], "recovery_categories": [None, [chosen]]}
    boss.do("company.edit", id=company["id"], set=wish)

    def long_ago(session: Any) -> None:
        for shop in shops.values():
            row = session.get(Customer, shop)
            row.created_at = row.owned_since = datetime.now(UTC) - timedelta(days=40)
            row.last_contact_at = None

    world.app.state.services.writer.call(long_ago)
    assert names(rep, recovered_within="0") == {"王记超市"}
    assert at_night(world) == [shops[chosen]]
    assert (owner(world, shops[spared]), owner(world, shops[None])) == (rep.id, rep.id)

    # No choice means all of them again; what is no category is refused.
    boss.do("company.edit", id=company["id"], set={"recovery_categories": [[chosen], []]})
    assert set(at_night(world)) == {shops[spared], shops[None]}
    unknown = {"recovery_categories": [None, [world.option("customer_grade", "金牌")]]}
    assert refused(boss.do, "company.edit", id=company["id"], set=unknown) == "unknown_category"
