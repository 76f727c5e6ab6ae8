"""Own fields of files: the same bytes, checks and ways as documents, and as visible as the field."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from server.records.ids import uuid7
from tests.customers.dirty_workbook import HEADERS, clean, workbook
from tests.customers.test_import import upload as import_workbook
from tests.own.fields import change, customer, name_of, own_field, role_of
from tests.stories.test_documents import code, named, row
from tests.support.fieldwork import upload
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def field_of_files(world: World, record_type: str = "customer", **values: Any) -> str:
    """What the field is called."""
    return name_of(world, own_field(world, "合同扫描件", "file", record_type, **values))


def added(person: Person, field: str, name: str, data: bytes = b"text", **more: Any) -> str:
    row_id, args = uuid7(), named(name, data)
    where = {"record_type": "customer", "field": field, **more}
    [result] = person.push(person.op("attachment.add", {"id": row_id, **args, **where}))
    assert result["status"] == "applied", result
    assert upload(person, data, args["sha256"]).status_code == 201
    return row_id


def test_a_file_in_a_field_is_on_phone_and_desk_and_in_the_export_by_its_name(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    field, shop = field_of_files(world, listed=True), customer(rep)
    first = added(rep, field, "正本.txt", customer_id=shop)
    second = added(rep, field, "副本.txt", customer_id=shop)
    [result] = rep.push(change(rep, shop, field, None, [first, second]))
    assert result["status"] == "applied"
    rep.pull()
    assert rep.cache["customer"][shop][field] == [first, second]
    assert rep.cache["attachment"][first]["field"] == field
    found = clerk.get(f"/api/customers/{shop}")
    assert found["refs"]["attachment"] == {first: "正本.txt", second: "副本.txt"}
    assert clerk.get("/api/customers", q="副本")["items"][0]["id"] == shop
    assert clerk.get("/api/customers", **{f"{field}__empty": "false"})["items"][0]["id"] == shop

    content = clerk.client.get("/api/customers/export.xlsx", params={"columns": f"name,{field}"}).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["王记超市", "正本.txt、副本.txt"]
    rep.do("attachment.delete", id=second)
    assert clerk.get(f"/api/customers/{shop}")["refs"]["attachment"] == {first: "正本.txt"}


def test_two_people_who_add_files_at_once_both_keep_theirs(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    field, shop = field_of_files(world), customer(rep)
    mine, theirs = (added(who, field, f"{who.username}.txt", customer_id=shop) for who in (rep, clerk))
    clerk.do("customer.edit", id=shop, set={field: [None, [theirs]]})
    [result] = rep.push(change(rep, shop, field, None, [mine]))
    assert result["status"] == "merged"
    assert clerk.get(f"/api/customers/{shop}")[field] == [theirs, mine]


def test_who_may_not_see_the_field_sees_no_file_of_it_anywhere(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    field = field_of_files(world, rights={role_of(rep): "hidden"})
    shop = customer(rep)
    secret = added(clerk, field, "底价.txt", customer_id=shop)
    clerk.do("customer.edit", id=shop, set={field: [None, [secret]]})
    assert code(clerk, secret) == (200, None)
    assert code(rep, secret) == (404, "not_found")
    rep.pull()
    assert not rep.holds("attachment", secret)
    assert rep.get("/api/attachments")["items"] == []
    assert rep.client.get(f"/api/attachments/{secret}").status_code == 404
    assert "attachment" not in {event["kind"] for event in rep.get(f"/api/customers/{shop}/timeline")["items"]}
    assert rep.get("/api/customers", q="底价")["items"] == []
    assert clerk.get("/api/customers", q="底价")["items"] != []
    with pytest.raises(Refused) as refused:
        rep.do(
            "attachment.add",
            id=uuid7(),
            customer_id=shop,
            record_type="customer",
            field=field,
            **named("a.txt", b"x"),
        )
    assert refused.value.body["code"] == "unknown_field"


def test_a_lie_in_a_field_is_found_like_any_other(world: World) -> None:
    rep = world.person("rep")
    field, shop = field_of_files(world), customer(rep)
    row_id = added(rep, field, "合同.docx", b"MZ\x00\x01" + bytes(90), customer_id=shop)
    assert (row(rep, row_id)["state"], row(rep, row_id)["looks"]) == ("refused", "exe")
    with pytest.raises(Refused) as refused:
        rep.do("customer.edit", id=shop, set={field: [None, [uuid7()]]})
    assert refused.value.body["code"] == "unknown_reference"


def test_a_file_of_a_report_belongs_to_its_author(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    field = field_of_files(world, "work_report")
    row_id = added(rep, field, "周总结.txt", record_type="work_report")
    rep.pull()
    assert rep.cache["attachment"][row_id]["employee_id"] == rep.id
    assert [code(who, row_id)[0] for who in (rep, manager, rep2)] == [200, 200, 404]
    with pytest.raises(Refused) as refused:
        rep.do("attachment.add", id=uuid7(), **named("a.txt", b"x"))
    assert refused.value.body["code"] == "required"


def test_text_with_pictures_is_kept_as_it_was_written_and_exported_with_their_names(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    field, shop = name_of(world, own_field(world, "陈列说明", "mixed")), customer(rep)
    first, second = (added(rep, field, name, customer_id=shop) for name in ("堆头.txt", "价签.txt"))
    written = [{"text": "<b>门口</b>堆头"}, {"file": first}, {"text": " "}, {"file": second}, {"text": "缺两种口味"}]
    [result] = rep.push(change(rep, shop, field, None, written))
    assert result["status"] == "applied"
    # Words stay words; an empty paragraph is none.
    kept = [block for block in written if block != {"text": " "}]
    rep.pull()
    assert rep.cache["customer"][shop][field] == kept
    found = clerk.get(f"/api/customers/{shop}")
    assert found[field] == kept
    assert found["refs"]["attachment"] == {first: "堆头.txt", second: "价签.txt"}
    assert clerk.get("/api/customers", **{f"{field}__empty": "false"})["items"][0]["id"] == shop

    def exported() -> list[Any]:
        content = clerk.client.get("/api/customers/export.xlsx", params={"columns": f"name,{field}"}).content
        return [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0][2]]

    assert exported() == ["王记超市", "<b>门口</b>堆头\n[堆头.txt]\n[价签.txt]\n缺两种口味"]
    # A picture that was taken away has no name any more; one that never was is refused, like what is no such document.
    rep.do("attachment.delete", id=first)
    assert exported()[1] == "<b>门口</b>堆头\n[价签.txt]\n缺两种口味"
    for wrong, told in (
        ([{"file": uuid7()}], "unknown_reference"), ([{"html": "<script>"}], "wrong_type"), ("<p>", "wrong_type"),
        ([{"text": "好" * 2001}], "wrong_type"), ([{"text": "好"}] * 61, "wrong_type"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            clerk.do("customer.edit", id=shop, set={field: [kept, wrong]})
        assert (refused.value.code, refused.value.body["field"]) == (told, field)
    # Emptied, it is gone.
    clerk.do("customer.edit", id=shop, set={field: [kept, [{"text": " "}]]})
    assert clerk.get(f"/api/customers/{shop}")[field] is None


def test_a_field_of_files_is_neither_required_nor_imported(world: World) -> None:
    boss = world.person("boss")
    field_id = own_field(world, "合同扫描件", "file", required=True, default_value=["x"])
    made = boss.get(f"/api/own-fields/{field_id}")
    assert (made["required"], made["default_value"]) == (False, None)
    rows = [{**clean("甲店", 1), "合同扫描件": "合同.docx"}]
    with pytest.raises(Refused) as refused:
        import_workbook(boss, workbook(rows, [], headers=[*HEADERS, "合同扫描件"]))
    assert (refused.value.body["code"], refused.value.body["params"]["label"]) == ("column_of_files", "合同扫描件")
