"""Amounts and telephone numbers by role: what one may not read is nowhere, what one may not write stays as it was, and a
masked number is dialled without being read."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import openpyxl
import pytest

from server.people import reveals
from server.records.ids import uuid7
from server.records.shape import Fill
from sync.pages import rows_of
from tests.approvals.paper import refused
from tests.orders.trade import line, place, product
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories
MOBILE, OFFICE = "13812341234", "053288886666"
#: Amounts that stand nowhere else.
LIMIT, PRICE, PAID = "98765.43", "777.7100", "311.17"


def set_rights(world: World, username: str, **rights: str | None) -> None:
    """`phone="masked"`, `customer__debt_total="hidden"`; None: everything again."""
    role = world.person(username).me["role"]["id"]
    fields = {name.replace("__", "."): right for name, right in rights.items()}
    world.person("boss").do("role.grant", ids=[role], fields=fields)


def shop(person: Person, **values: Any) -> str:
    return person.create("customer", **{"name": "王记超市", "mobile": MOBILE, "office_phone": OFFICE, **values})


def everything_told(person: Person, customer: str, order: str) -> str:
    """All that the server gives this person of a customer, in one text."""
    day = datetime.now(UTC).date().isoformat()
    answers = [
        person.get(f"/api/customers/{customer}"),
        person.get("/api/customers"),
        person.get("/api/customers/summary"),
        person.get(f"/api/customers/{customer}/history"),
        person.get(f"/api/customers/{customer}/timeline"),
        person.get("/api/contacts"),
        person.get("/api/orders"),
        person.get("/api/orders/summary"),
        person.get(f"/api/orders/{order}/full"),
        person.get("/api/order-lines"),
        person.get("/api/payments"),
        person.get("/api/payments/summary"),
        person.get("/api/products"),
        person.get("/api/work-reports"),
        person.get("/api/conflicts"),
        person.get("/api/approvals"),
        person.get("/api/approval-steps"),
        person.get("/api/notifications"),
        person.get("/api/team/today"),
        person.get(f"/api/team/{world_rep(person)}/day", day=day),
    ]
    person.cursor, person.cache = None, {}
    person.pull()
    return json.dumps([*answers, person.cache], ensure_ascii=False)


def world_rep(person: Person) -> str:
    return person.world.person("rep").id


def trade(world: World) -> tuple[str, str]:
    """The rep's customer over its limit, with an order that is held, money received, a report, and a conflict about each
    kind of field."""
    boss, rep = world.person("boss"), world.person("rep")
    rep.pull()
    customer = shop(rep)
    rep.do("customer.share", id=customer, employee_id=world.person("manager").id)  # so that his devices hold it
    boss.do("customer.edit", id=customer, set={"credit_limit": [None, LIMIT]})
    placed = place(rep, customer, line(product(world, price=PRICE), "200", PRICE))
    assert placed.answer["code"] == "credit_exceeded"
    now = datetime.now(UTC)
    rep.do("payment.record", id=uuid7(), order_id=placed.id, amount=PAID, paid_at=now.isoformat())
    rep.do("report.submit", id=uuid7(), kind="day", report_date=now.date().isoformat(), summary="跑了一家")
    boss.do("customer.edit", id=customer, set={"landline": [None, "053212345678"]})
    rep.push(rep.op("customer.edit", {"id": customer, "set": {"landline": [None, "053287654321"]}}))
    return customer, placed.id


def test_what_may_not_be_read_is_nowhere(world: World) -> None:
    manager, boss = world.person("manager"), world.person("boss")
    customer, order = trade(world)
    money = [LIMIT, PRICE[:6], PAID, "155542", "56776", "155230"]  # with the order's total, excess and debt
    phones = [MOBILE, OFFICE, "053212345678", "053287654321"]
    before = everything_told(manager, customer, order)
    for secret in (*money[:4], *phones):
        assert secret in before, secret  # or the test would prove nothing

    set_rights(world, "manager", phone="masked", money="hidden")
    told = everything_told(manager, customer, order)
    for secret in (*money, *phones):
        assert secret not in told, secret
    row = manager.get(f"/api/customers/{customer}")
    assert (row["mobile"], row["office_phone"]) == ("138****1234", "053****6666")
    assert "credit_limit" not in row
    assert manager.cache["customer"][customer]["mobile"] == "138****1234"
    assert manager.get("/api/team/today")["totals"]["order_amount"] is None
    assert manager.get(f"/api/customers/{customer}/prices", products=uuid7()) == {}
    # Everybody else has what they had.
    assert all(secret in everything_told(boss, customer, order) for secret in (*money[:4], *phones))


def test_it_cannot_be_guessed_by_asking(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    customer, _ = trade(world)
    rep.create("contact", customer_id=customer, name="赵六", phone="13912345678")
    set_rights(world, "clerk", phone="masked", money="hidden")
    for params in (
        {"mobile": MOBILE}, {"mobile__like": "3812"}, {"mobile__empty": "1"}, {"sort": "mobile"},
        {"credit_limit__ge": "1"}, {"sort": "-debt_total"}, {"debt_total__gt": "0"},
    ):  # fmt: skip
        assert refused(clerk.get, "/api/customers", **params) == "unknown_field", params
    for words in (MOBILE, "1234", OFFICE[:6], "13912345678"):
        assert clerk.get("/api/customers", q=words)["items"] == []
    assert len(clerk.get("/api/customers", q="王记")["items"]) == 1
    assert refused(clerk.get, "/sync/v1/fill", type="customer", columns="credit_limit") == "unknown_column"
    answer = clerk.client.get("/api/customers/export.xlsx", params={"columns": "name,mobile,credit_limit"})
    sheets = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    cells = [str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "138****1234" in cells
    assert not {"13912345678", MOBILE, LIMIT} & set(cells)
    assert "信用额度" not in cells


def test_a_role_change_rewrites_what_the_phone_holds(world: World) -> None:
    rep = world.person("rep")
    customer = shop(rep)
    world.person("boss").do("customer.edit", id=customer, set={"credit_limit": [None, LIMIT]})
    rep.pull()
    assert rep.cache["customer"][customer]["mobile"] == MOBILE
    before = rep.get("/sync/v1/pull", schema=2, shape="", cursor=rep.cursor)["shape"]

    set_rights(world, "rep", phone="masked", customer__credit_limit="hidden")
    page = rep.pull()
    assert rep.cache["customer"][customer]["mobile"] == "138****1234"
    assert rep.cache["customer"][customer]["credit_limit"] is None
    assert page["me"]["field_rights"] == {"phone": "masked", "customer.credit_limit": "hidden"}
    filled = rep.get("/sync/v1/fill", type="customer", columns="mobile,name")
    assert [row["mobile"] for row in rows_of(msgspec.convert(filled, Fill))] == ["138****1234"]
    # The app is told of the columns; the server's other processes remember the former ones for a minute at most.
    world.app.state.services.shapes._seen.clear()
    after = rep.get("/sync/v1/pull", schema=2, shape=before["id"], cursor=rep.cursor)["shape"]
    assert set(before["types"]["customer"]) - set(after["types"]["customer"]) == {"credit_limit"}

    set_rights(world, "rep", phone=None, customer__credit_limit=None)
    rep.pull()
    assert rep.cache["customer"][customer]["mobile"] == MOBILE
    assert rep.cache["customer"][customer]["credit_limit"] == LIMIT


def test_what_one_may_only_read_stays_as_it_was(world: World) -> None:
    rep, boss, manager = world.person("rep"), world.person("boss"), world.person("manager")
    customer = shop(rep)
    rep.pull()
    unsent = rep.op(
        "customer.edit", {"id": customer, "set": {"mobile": [MOBILE, "13999999999"], "city": [None, "青岛"]}}
    )
    set_rights(world, "rep", phone="masked", customer__credit_limit="read", customer__fax="hidden")
    for name, value, code in (
        ("mobile", "13999999999", "readonly_field"),
        ("credit_limit", "5.00", "readonly_field"),
        ("fax", "053211112222", "unknown_field"),
    ):
        assert refused(rep.do, "customer.edit", id=customer, set={name: [None, value]}) == code
        asked = {"id": uuid7(), "customer_id": customer, "set": {name: [None, value]}}
        assert refused(rep.do, "customer.request_change", **asked) == code
    # What was typed before the right was taken is kept for somebody who has it; the rest is taken.
    [result] = rep.push(unsent)
    assert (result["status"], result["code"]) == ("conflict", "field_not_yours")
    row = boss.get(f"/api/customers/{customer}")
    assert (row["mobile"], row["city"]) == (MOBILE, "青岛")
    assert rep.get("/api/conflicts")["items"] == []
    [conflict] = manager.get("/api/conflicts")["items"]
    manager.do("conflict.resolve", id=conflict["id"], resolution="mine")
    assert boss.get(f"/api/customers/{customer}")["mobile"] == "13999999999"


def test_a_form_that_has_not_got_the_field_does_not_empty_it(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    set_rights(world, "rep", phone="masked", customer__credit_limit="hidden")
    customer = shop(rep)  # who was given a number writes it down; from then on it is masked for him, too
    boss.do("customer.edit", id=customer, set={"credit_limit": [None, LIMIT]})
    rep.pull()
    held = rep.cache["customer"][customer]
    assert held["mobile"] == "138****1234"
    rep.do("customer.edit", id=customer, set={"address": [None, "香港中路 1 号"]})
    [result] = rep.push(
        rep.op("customer.edit", {"id": customer, "set": {"mobile": [held["mobile"], held["mobile"]]}})
    )
    assert result["status"] == "applied"
    again = {"name": "李记", "mobile": "139****0000"}
    assert refused(rep.do, "customer.create", id=uuid7(), values=again) == "masked_number"
    row = boss.get(f"/api/customers/{customer}")
    assert (row["mobile"], row["credit_limit"], row["address"]) == (MOBILE, LIMIT, "香港中路 1 号")
    assert boss.get("/api/conflicts")["items"] == []


def test_a_masked_number_is_dialled_and_the_log_says_by_whom(world: World) -> None:
    rep, stranger, boss = world.person("rep"), world.person("stranger"), world.person("boss")
    set_rights(world, "rep", phone="masked", customer__fax="hidden")
    customer = shop(rep, fax=None)
    asked = {"record": "customer", "id": customer, "field": "mobile", "why": "dial"}
    answer = rep.client.post("/api/phones/reveal", json=asked)
    assert answer.json() == {"number": MOBILE}
    assert answer.headers["cache-control"] == "no-store"
    [noted] = boss.get("/api/phone-reveals")["items"]
    assert (noted["employee_id"], noted["customer_id"], noted["field"], noted["why"], noted["subject"]) == (
        rep.id, customer, "customer.mobile", "dial", "王记超市",
    )  # fmt: skip
    assert MOBILE not in json.dumps(noted)
    # Nor does the kept op or its answer have it, and nobody but who may reads the log.
    command = rep.do("phone.reveal", **asked)
    assert MOBILE not in json.dumps(command)
    assert rep.get("/api/phone-reveals")["items"] == []
    # Not what one does not see, may not see at all, or what is no number.
    assert refused(stranger.post, "/api/phones/reveal", asked) == "not_found"
    for field in ("fax", "name", "credit_limit"):
        assert refused(rep.post, "/api/phones/reveal", {**asked, "field": field}) == "not_found"
    assert refused(rep.post, "/api/phones/reveal", {**asked, "field": "landline"}) == "no_number"
    assert len(boss.get("/api/phone-reveals")["items"]) == 2


def test_nobody_copies_all_numbers_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reveals, "MOST_A_DAY", 2)
    rep = world.person("rep")
    customer = shop(rep)
    asked = {"record": "customer", "id": customer, "field": "mobile"}
    for _ in range(2):
        rep.post("/api/phones/reveal", asked)
    with pytest.raises(Refused) as caught:
        rep.post("/api/phones/reveal", asked)
    assert (caught.value.status, caught.value.code) == (429, "too_many_reveals")


def test_rights_that_make_no_sense_are_refused(world: World) -> None:
    boss, role = world.person("boss"), world.person("rep").me["role"]["id"]
    for fields in ({"money": "masked"}, {"customer.name": "hidden"}, {"customer.mobile": "maybe"}, {"moon": "read"}):
        assert refused(boss.do, "role.edit", id=role, set={"field_rights": [None, fields]}) == "unknown_permission"
    administrators = boss.me["role"]["id"]
    wanted = {"field_rights": [None, {"phone": "masked"}]}
    assert refused(boss.do, "role.edit", id=administrators, set=wanted) == "administrator_role"
