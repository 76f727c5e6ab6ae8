"""The duplicate check: what counts as the same, across the whole system, and what people are told."""

from typing import Any

import pytest

from server.customers.duplicates import keys_of, normal_phone, normal_text
from server.records.ids import uuid7
from tests.support.world import Refused, World


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("138 0000 0001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("0086 13800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("１３８００００００００１"[:11], "13800000000"),
        ("(0532) 8888-6666", "053288886666"),
        ("+86 532 88886666", "053288886666"),
        ("0532-88886666转801", "053288886666"),
        ("400-800-1234", "4008001234"),
    ],
)
def test_phones_are_compared_by_their_digits(written: str, normal: str) -> None:
    assert normal_phone(written) == normal


def test_names_are_compared_without_width_space_and_case() -> None:
    assert normal_text("青岛Ａbc（市南） 有限公司\u200b") == normal_text("青岛aBC(市南)有限公司")
    assert normal_text("王记有限公司") != normal_text("王记")


def test_several_numbers_in_one_field_are_several_keys() -> None:
    assert keys_of({"mobile": "13800000001/13800000002"}) == {("mobile", "13800000001"), ("mobile", "13800000002")}
    assert keys_of({"landline": "110"}) == set()


def test_the_message_names_field_number_name_and_owner_of_a_customer_one_cannot_see(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    customer_id = rep.create("customer", name="北京世纪城有限公司", mobile="13800000001")
    number = rep.get(f"/api/customers/{customer_id}")["customer_no"]
    with pytest.raises(Refused) as refused:
        stranger.create("customer", name="别的名字", mobile="+86 138-0000-0001")
    assert refused.value.code == "duplicate"
    assert refused.value.body["field"] == "mobile"
    assert refused.value.body["detail"] == f"手机已存在,客户编号:{number},客户名称:北京世纪城有限公司,客服专员:张三"
    with pytest.raises(Refused) as refused:
        stranger.create("customer", name="北京世纪城 有限公司", mobile="13800000002")
    assert refused.value.body["field"] == "name"


def test_the_live_check_answers_while_one_types(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    [hit] = stranger.get("/api/customers/duplicates", name="", mobile="13800000001")
    assert (hit["field"], hit["name"], hit["owner"], hit["id"]) == ("mobile", "王记超市", "张三", None)
    [hit] = rep.get("/api/customers/duplicates", landline="138 0000 0001")
    assert (hit["id"], hit["own"]) == (customer_id, True)
    assert rep.get("/api/customers/duplicates", mobile="13800000001", exclude=customer_id) == []
    assert rep.get("/api/customers/duplicates", name="新店") == []


def test_the_company_chooses_what_is_compared(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    rep.create("customer", name="王记超市", mobile="13800000001", email="a@example.com")
    rep.create("customer", name="李记超市", mobile="13800000002", email="a@example.com")
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"duplicate_fields": [company["duplicate_fields"], ["email"]]})
    rep.create("customer", name="王记超市", mobile="13800000001")
    with pytest.raises(Refused) as refused:
        rep.create("customer", name="赵记超市", mobile="13800000003", email="A@example.com")
    assert refused.value.body["field"] == "email"


def test_an_edit_is_compared_too_but_only_what_it_changes(world: World) -> None:
    rep = world.person("rep")
    rep.create("customer", name="王记超市", mobile="13800000001")
    other = rep.create("customer", name="李记超市", mobile="13800000002")
    with pytest.raises(Refused) as refused:
        rep.do("customer.edit", id=other, set={"mobile": ["13800000002", "13800000001"]})
    assert refused.value.code == "duplicate"
    rep.do("customer.edit", id=other, set={"mobile": ["13800000002", "13800000003"]})
    rep.create("customer", name="赵记超市", mobile="13800000002")  # the old number is free


def met_offline(world: World, username: str, name: str, mobile: str) -> tuple[str, dict[str, Any]]:
    """A customer filed on a phone without network, and what the server makes of it."""
    person = world.person(username)
    customer_id = uuid7()
    values = {"name": name, "mobile": mobile}
    [result] = person.push(person.op("customer.create", {"id": customer_id, "values": values}))
    return customer_id, result


def test_two_that_arrive_in_one_push_are_compared_and_held_by_their_owner(world: World) -> None:
    """They wait to be written together: the second meets the first all the same, and both come back with the next pull."""
    rep, first, second, third = world.person("rep"), uuid7(), uuid7(), uuid7()
    ops = [
        rep.op("customer.create", {"id": row_id, "values": {"name": name, "mobile": mobile}})
        for row_id, name, mobile in (
            (first, "王记", "13800000001"),
            (second, "王记超市", "138 0000 0001"),
            (third, "李记", "13800000002"),
        )
    ]
    assert [result["status"] for result in rep.push(*ops)] == ["applied", "conflict", "applied"]
    rep.pull()
    assert {row_id: rep.cache["customer"][row_id]["duplicate_of"] for row_id in (first, second, third)} == {
        first: None, second: first, third: None,
    }  # fmt: skip


def test_keeping_both_takes_the_mark_away(world: World) -> None:
    clerk = world.person("clerk")
    met_offline(world, "rep", "王记超市", "13800000001")
    second, result = met_offline(world, "rep2", "王记超市二店", "13800000001")
    assert (result["status"], result["code"]) == ("conflict", "duplicate")
    clerk.do("conflict.resolve", id=result["conflicts"][0], resolution="mine")
    row = clerk.get(f"/api/customers/{second}")
    assert (row["duplicate_of"], row["enabled"]) == (None, True)
    assert clerk.get(f"/api/conflicts/{result['conflicts'][0]}")["state"] == "resolved"


def test_a_rep_cannot_merge_into_somebody_elses_customer(world: World) -> None:
    rep2 = world.person("rep2")
    first, _ = met_offline(world, "rep", "王记超市", "13800000001")
    second, result = met_offline(world, "rep2", "王记超市", "13800000001")
    for command, args in (
        ("customer.merge", {"id": second, "into": first}),
        ("customer.keep", {"id": second}),
        ("conflict.resolve", {"id": result["conflicts"][0], "resolution": "theirs"}),
    ):
        with pytest.raises(Refused) as refused:
            rep2.do(command, **args)
        assert refused.value.code == "outside_scope"
