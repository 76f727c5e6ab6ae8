"""Own fields: what an administrator may declare, what a value must be, and where the values come out."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.own.fields import change, customer, name_of, own_field, role_of
from tests.support.world import Refused, World

CHOICES = [{"name": "直营"}, {"name": "加盟", "name_en": "Franchise"}]


def refusal(action: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code, refused.value.body.get("field")


def test_every_type_has_its_values_and_comes_out_as_it_went_in(world: World) -> None:
    rep = world.person("rep")
    other = customer(rep, "总店", contact_gender=None)
    types: dict[str, tuple[str, Any, dict[str, Any]]] = {
        "文": ("text", "八点", {}),
        "长": ("longtext", "一\n二", {}),
        "数": ("number", 12, {}),
        "量": ("decimal", "1.2500", {}),
        "额": ("money", "-1234567890.50", {}),
        "日": ("date", "2026-03-01", {}),
        "选": ("choice", "c2", {"choices": CHOICES}),
        "多": ("choices", ["c1", "c2"], {"choices": CHOICES}),
        "人": ("employee", rep.id, {}),
        "客": ("customer", other, {}),
    }
    names = {label: name_of(world, own_field(world, label, kind, **more)) for label, (kind, _, more) in types.items()}
    values = {names[label]: value for label, (_, value, _) in types.items()}
    wang = rep.create("customer", name="王记超市", mobile="13800000002", **values)

    detail = rep.get(f"/api/customers/{wang}")
    assert {name: detail[name] for name in values} == values
    assert detail["refs"]["customer"][other] == "总店"
    rep.pull()
    assert {name: rep.cache["customer"][wang][name] for name in values} == values
    [entry] = rep.get(f"/api/customers/{wang}/history")
    assert entry["changes"][names["额"]] == [None, "-1234567890.50"]
    for name, value in values.items():
        text = ",".join(value) if isinstance(value, list) else value
        found = rep.get("/api/customers", **{name: text})["items"]
        assert [item["id"] for item in found] == [wang], name
        assert rep.get("/api/customers", **{f"{name}__empty": "1"})["items"][0]["id"] == other


@pytest.mark.parametrize(
    ("kind", "wrong", "code"),
    [
        ("text", "字" * 201, "too_long"),
        ("number", "zwölf", "wrong_type"),
        ("money", 1.5, "wrong_type"),
        ("date", "2026-02-30", "wrong_type"),
        ("choice", "c9", "not_a_choice"),
        ("choices", ["c1", "c9"], "not_a_choice"),
        ("employee", "00000000-0000-7000-8000-00000000dead", "unknown_reference"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_at_its_field(world: World, kind: str, wrong: Any, code: str) -> None:
    more: dict[str, Any] = {"choices": CHOICES} if kind.startswith("choice") else {}
    name = name_of(world, own_field(world, "冰柜", kind, **more))
    rep = world.person("rep")
    assert refusal(lambda: customer(rep, **{name: wrong})) == (code, name)
    assert refusal(lambda: customer(rep, **{"own.nothing": 1})) == ("unknown_field", "own.nothing")


def test_rows_are_sorted_by_value_and_pages_go_on_where_the_last_one_ended(world: World) -> None:
    name, rep = name_of(world, own_field(world, "面积", "money")), world.person("rep")
    for number, value in enumerate(["9", "10", None, "-3", "10", "100"]):
        rep.create("customer", name=f"店{number}", mobile=f"1380000{number:04}", **{name: value})
    seen: list[Any] = []
    after = ""
    while True:
        page = rep.get("/api/customers", sort=f"-{name}", limit=2, after=after)
        seen += [item[name] for item in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == ["100.00", "10.00", "10.00", "9.00", "-3.00", None]
    between = rep.get("/api/customers", **{f"{name}__ge": "9", f"{name}__lt": "100"})["items"]
    assert {item["name"] for item in between} == {"店0", "店1", "店4"}
    count = rep.get("/api/customers/summary", **{f"{name}__gt": "9.99"})["count"]
    assert count["value"] == 3


def test_a_searchable_field_is_found_by_its_words(world: World) -> None:
    found = name_of(world, own_field(world, "招牌", search=True))
    silent = name_of(world, own_field(world, "暗号"))
    rep = world.person("rep")
    wang = customer(rep, **{found: "Sunny Corner", silent: "hushhush"})
    assert [item["id"] for item in rep.get("/api/customers", q="sunny")["items"]] == [wang]
    assert rep.get("/api/customers", q="hushhush")["items"] == []


def test_a_required_field_is_asked_for_at_the_desk_and_not_of_a_phone_that_did_not_know(world: World) -> None:
    rep = world.person("rep")
    name = name_of(world, own_field(world, "招牌", required=True))
    preset = name_of(world, own_field(world, "渠道", "choice", choices=CHOICES, required=True, default_value="c1"))
    assert refusal(lambda: customer(rep)) == ("required", name)
    values = {"name": "王记超市", "mobile": "13800000001"}
    [result] = rep.push(rep.op("customer.create", {"id": (late := _id()), "values": values}))
    assert result["status"] == "applied"
    detail = rep.get(f"/api/customers/{late}")
    assert (detail[name], detail[preset]) == (None, "c1")
    assert refusal(lambda: rep.do("customer.edit", id=late, set={preset: ["c1", None]})) == ("required", preset)


def _id() -> str:
    from server.records.ids import uuid7

    return uuid7()


def test_what_a_declaration_must_be(world: World) -> None:
    boss = world.person("boss")
    field = own_field(world, "冰柜", "choice", choices=CHOICES, key="fridge")
    entries = boss.get(f"/api/own-fields/{field}")["choices"]
    assert [entry["key"] for entry in entries] == ["c1", "c2"]
    assert refusal(lambda: own_field(world, "冰柜")) == ("own_name_taken", "name")
    assert refusal(lambda: own_field(world, "手机")) == ("own_name_taken", "name")
    assert refusal(lambda: own_field(world, "柜", key="fridge")) == ("own_key_taken", "key")
    assert refusal(lambda: own_field(world, "柜", key="a__ge")) == ("own_key_malformed", "key")
    assert refusal(lambda: own_field(world, "柜", "choice")) == ("own_choices_malformed", "choices")
    assert refusal(lambda: own_field(world, "柜", "drawing"))[0] == "not_a_choice"
    assert refusal(lambda: own_field(world, "柜", required=True, hidden=True)) == ("own_hidden_required", "required")
    assert refusal(lambda: own_field(world, "柜", rights={"nobody": "read"})) == ("own_rights_malformed", "rights")
    edit = {"choices": [entries, entries[:1]]}
    assert refusal(lambda: boss.do("own_field.edit", id=field, set=edit)) == ("own_choice_removed", "choices")
    assert (
        refusal(lambda: world.person("clerk").create("own_field", record_type="customer", name="a", kind="text"))[0]
        == "forbidden"
    )


def test_a_choice_that_was_renamed_or_retired_keeps_old_values_readable(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    field = own_field(world, "类型", "choice", choices=CHOICES)
    name = name_of(world, field)
    wang = customer(rep, **{name: "c2"})
    before = boss.get(f"/api/own-fields/{field}")["choices"]
    after = [before[0], {**before[1], "name": "加盟店", "retired": True}]
    boss.do("own_field.edit", id=field, set={"choices": [before, after]})
    assert rep.get(f"/api/customers/{wang}")[name] == "c2"
    assert refusal(lambda: rep.create("customer", name="新", mobile="13900000009", **{name: "c2"})) == (
        "choice_retired", name,
    )  # fmt: skip
    rep.do("customer.edit", id=wang, set={name: ["c2", "c2"], "address": [None, "一号"]})
    [result] = rep.push(
        rep.op("customer.create", {"id": _id(), "values": {"name": "晚", "mobile": "13700000001", name: "c2"}})
    )
    assert result["status"] == "applied"


def test_two_people_who_edit_different_own_fields_do_not_meet(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    one, two = name_of(world, own_field(world, "甲")), name_of(world, own_field(world, "乙"))
    many = name_of(world, own_field(world, "多", "choices", choices=[{"name": n} for n in "一二三"]))
    wang = customer(rep, **{one: "1", two: "2", many: ["c1"]})
    manager.do("customer.edit", id=wang, set={two: ["2", "22"], many: [["c1"], ["c1", "c2"]]})
    [first, second, third] = rep.push(
        change(rep, wang, one, "1", "11"), change(rep, wang, many, ["c1"], ["c3"]), change(rep, wang, two, "2", "222")
    )
    assert [first["status"], second["status"], third["status"]] == ["applied", "merged", "conflict"]
    row = rep.get(f"/api/customers/{wang}")
    assert (row[one], row[two], sorted(row[many])) == ("11", "22", ["c2", "c3"])
    [conflict] = rep.get("/api/conflicts")["items"]
    assert (conflict["field"], conflict["theirs"], conflict["mine"]) == (two, "22", "222")
    assert conflict["theirs_by"] == manager.id
    rep.do("conflict.resolve", id=conflict["id"], resolution="mine")
    assert rep.get(f"/api/customers/{wang}")[two] == "222"


def test_orders_visits_contacts_and_reports_have_own_fields_too(world: World) -> None:
    from datetime import UTC, datetime, timedelta

    from tests.orders.trade import line, place_args, product

    rep = world.person("rep")
    of = {
        record: name_of(world, own_field(world, "附", "number", record, default_value=7))
        for record in ("contact", "visit", "order", "work_report")
    }
    wang = customer(rep)
    now = datetime.now(UTC)
    contact = rep.create("contact", customer_id=wang, name="赵六", **{of["contact"]: 1})
    visit, report = _id(), _id()
    rep.do("visit.check_in", id=visit, customer_id=wang, at=now.isoformat())
    args = place_args(wang, line(product(world), "1", "12"))
    key = of["order"].removeprefix("own.")
    rep.do("order.place", **args, own={key: 3})
    day = (now + timedelta(hours=8)).date().isoformat()
    rep.do("report.submit", id=report, kind="day", report_date=day, summary="好", own={of["work_report"][4:]: 4})
    assert rep.get(f"/api/contacts/{contact}")[of["contact"]] == 1
    assert rep.get(f"/api/visits/{visit}")[of["visit"]] == 7
    assert rep.get(f"/api/orders/{args['id']}")[of["order"]] == 3
    assert rep.get(f"/api/work-reports/{report}")[of["work_report"]] == 4
    rep.do("visit.edit", id=visit, set={of["visit"]: [7, 2]})
    rep.do("order.edit", id=args["id"], set={of["order"]: [3, 5]})
    world.person("boss").do("order.approve", id=args["id"])
    [late] = rep.push(rep.op("order.edit", {"id": args["id"], "set": {of["order"]: [5, 6]}}))
    assert late["status"] == "conflict"
    rep.pull()
    assert rep.cache["visit"][visit][of["visit"]] == 2
    assert rep.cache["order"][args["id"]][of["order"]] == 5


def test_exports_have_the_fields_with_their_words(world: World) -> None:
    manager = world.person("manager")
    name = name_of(world, own_field(world, "类型", "choices", name_en="Type", choices=CHOICES))
    customer(manager, **{name: ["c1", "c2"]})
    content = manager.client.get("/api/customers/export.xlsx", params={"language": "en"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    headers, row = ([cell.value for cell in line] for line in sheet.iter_rows(max_row=2))
    assert row[headers.index("Type")] == "直营、Franchise"


def test_a_role_sees_and_writes_what_the_field_says(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    rights = {role_of(rep): "hidden", role_of(clerk): "read"}
    name = name_of(world, own_field(world, "返点", "money", search=True, rights=rights))
    wang = customer(rep)
    rep.do("customer.edit", id=wang, set={"address": [None, "一号"]})
    manager.do("customer.edit", id=wang, set={name: [None, "12.00"]})
    assert clerk.get(f"/api/customers/{wang}")[name] == "12.00"
    edit: dict[str, Any] = {"id": wang, "set": {name: ["12.00", "13.00"]}}
    assert refusal(lambda: clerk.do("customer.edit", **edit)) == ("readonly_field", name)

    assert name not in rep.get(f"/api/customers/{wang}")
    assert all(name not in item for item in rep.get("/api/customers")["items"])
    for question in ({name: "12.00"}, {f"{name}__gt": "1"}, {"sort": name}):
        assert refusal(lambda question=question: rep.get("/api/customers", **question))[0] == "unknown_field"
        assert (
            refusal(lambda question=question: rep.get("/api/customers/summary", **{name: "1"}))[0] == "unknown_field"
        )
    assert refusal(lambda: rep.do("customer.edit", **edit)) == ("unknown_field", name)
    assert "12.00" not in str(rep.get(f"/api/customers/{wang}/history"))
    assert "12.00" not in str(rep.get(f"/api/customers/{wang}/timeline"))
    assert "12.00" in str(manager.get(f"/api/customers/{wang}/timeline"))
    page = rep.client.get("/sync/v1/pull", params={"schema": 2}).text
    assert "12.00" not in page
    fill = rep.client.get("/sync/v1/fill", params={"type": "customer", "columns": name})
    assert fill.json()["code"] == "unknown_column"

    # A conflict about it is not for the rep either, not even one that he has caused himself.
    [result] = rep.push(change(rep, wang, name, None, "99.00"))
    assert (result["status"], result["code"]) == ("conflict", "own_field_not_yours")
    assert rep.get("/api/conflicts")["items"] == []
    rep.pull()
    assert rep.cache.get("conflict", {}) == {}
    [conflict] = manager.get("/api/conflicts")["items"]
    assert (conflict["theirs"], conflict["mine"]) == ("12.00", "99.00")
    manager.do("conflict.resolve", id=conflict["id"], resolution="mine")
    assert manager.get(f"/api/customers/{wang}")[name] == "99.00"


def test_a_conflict_about_a_field_comes_and_goes_with_the_right_to_it(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    field = own_field(world, "返点", "money", rights={role_of(rep): "read"})
    name = name_of(world, field)
    wang = customer(rep)
    manager.do("customer.edit", id=wang, set={name: [None, "12.00"]})
    rep.push(change(rep, wang, name, None, "99.00"))
    rep.pull()
    assert [row["field"] for row in rep.cache["conflict"].values()] == [name]

    boss.do("own_field.edit", id=field, set={"rights": [{role_of(rep): "read"}, {role_of(rep): "hidden"}]})
    rep.pull()
    assert rep.cache["conflict"] == {}
    assert rep.holds("customer", wang)
    boss.do("own_field.edit", id=field, set={"rights": [{role_of(rep): "hidden"}, None], "others": ["edit", "read"]})
    rep.pull()
    assert [row["field"] for row in rep.cache["conflict"].values()] == [name]


def test_a_change_that_is_asked_for_shows_own_values_to_nobody_who_approves(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    name = name_of(world, own_field(world, "返点", "money", others="hidden", rights={role_of(rep): "edit"}))
    wang = customer(rep)
    asked = {"name": ["王记超市", "王记大超市"], name: [None, "7.00"]}
    answer = rep.do("customer.request_change", id=_id(), customer_id=wang, set=asked, reason="改名")
    assert answer["result"]["state"] != "approved"
    assert rep.get(f"/api/customers/{wang}")[name] == "7.00"
    for person in (boss, world.person("manager")):
        assert "7.00" not in str(person.get("/api/approvals"))
    only = rep.do("customer.request_change", id=_id(), customer_id=wang, set={name: ["7.00", "8.00"]}, reason="")
    assert only["result"]["state"] == "approved"


def test_two_files_of_one_customer_become_one_with_the_own_values_of_both(world: World) -> None:
    boss = world.person("boss")
    one, two = name_of(world, own_field(world, "甲")), name_of(world, own_field(world, "乙"))
    head = name_of(world, own_field(world, "总店", "customer"))
    kept = boss.create("customer", name="甲店", mobile="13800000001", **{one: "留"})
    gone = boss.create("customer", name="乙店", mobile="13800000002", **{one: "去", two: "补"})
    below = boss.create("customer", name="分店", mobile="13800000003", **{head: gone})
    boss.do("customer.merge", id=gone, into=kept)
    row = boss.get(f"/api/customers/{kept}")
    assert (row[one], row[two]) == ("留", "补")
    assert boss.get(f"/api/customers/{below}")[head] == kept
