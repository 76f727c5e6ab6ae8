"""One op takes effect once, whichever device brings it; two phones with one identity are noticed, and nobody else."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.records.ids import uuid7
from tests.support.world import Person, World


def _answer(person: Person, *ops: dict[str, Any]) -> dict[str, Any]:
    body = {"device": person.device_id, "schema": 2, "ops": list(ops)}
    response = person.client.post("/sync/v1/push", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def _contact(person: Person, customer_id: str, name: str) -> dict[str, Any]:
    return person.op("contact.create", {"id": uuid7(), "values": {"customer_id": customer_id, "name": name}})


def _twin(world: World, person: Person) -> Person:
    """The same phone copied: device, key, login and the next number are the same."""
    here, there = itertools.tee(person.seq)
    person.seq = here
    twin = world.sign_in(person.username, person.device_id, person.key)
    twin.seq = there
    return twin


def test_an_op_delivered_by_another_device_of_its_author_takes_effect_once(world: World) -> None:
    old, new = world.person("rep"), world.person("rep", "phone after the fall")
    customer_id = old.create("customer", name="王记超市", mobile="13800000001")
    op = _contact(old, customer_id, "王强")
    [first] = old.push(op)
    assert new.push(op) == [first]
    op["args"]["id"] = uuid7()  # the content of a repeat does not count
    assert new.push(op) == [first]
    contacts = old.get("/api/contacts", customer_id=customer_id, name="王强")["items"]
    assert len(contacts) == 1


def test_what_waited_under_the_old_device_runs_when_the_new_one_brings_what_it_needs(world: World) -> None:
    old, new = world.person("rep"), world.person("rep", "phone after the fall")
    customer_id = old.create("customer", name="王记超市", mobile="13800000001")
    first = _contact(old, customer_id, "王强")
    second = old.op("contact.edit", {"id": first["args"]["id"], "set": {"remark": [None, "爱喝茶"]}})
    second["needs"] = [first["id"]]
    assert old.push(second)[0]["code"] == "needs_missing"
    assert new.push(first)[0]["status"] == "applied"
    assert old.push(second)[0]["status"] == "applied"


def test_another_employees_op_of_the_same_id_is_an_op_of_its_own(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    op = rep.op("customer.create", {"id": uuid7(), "values": {"name": "王记超市", "mobile": "13800000001"}})
    rep.push(op)
    mine = {**op, "args": {"id": uuid7(), "values": {"name": "李记超市", "mobile": "13800000002"}}}
    assert rep2.push(mine)[0]["status"] == "applied"
    assert rep2.get(f"/api/customers/{mine['args']['id']}")["name"] == "李记超市"


def test_two_phones_with_one_identity_are_noticed_and_nothing_is_lost(world: World) -> None:
    phone, boss = world.person("rep"), world.person("boss")
    customer_id = phone.create("customer", name="王记超市", mobile="13800000001")
    assert "clone" not in _answer(phone, _contact(phone, customer_id, "一"))
    twin = _twin(world, phone)
    assert "clone" not in _answer(phone, _contact(phone, customer_id, "二"))
    answer = _answer(twin, _contact(twin, customer_id, "三"))
    assert answer["clone"] is True
    assert [result["status"] for result in answer["results"]] == ["applied"]
    # Both are told, and administrators see it on the device.
    assert _answer(phone, _contact(phone, customer_id, "四"))["clone"] is True
    assert boss.get(f"/api/devices/{phone.device_id}")["cloned_at"]
    assert len(phone.get("/api/contacts", customer_id=customer_id)["items"]) == 5  # the main contact too

    # Enrolled anew, the outbox as it was: what the company has already is not done twice.
    fresh = world.person("rep", "enrolled anew")
    fresh.seq = phone.seq
    delivered, new = answer["results"][0]["id"], _contact(fresh, customer_id, "五")
    again = {**new, "id": delivered, "seq": 2}
    later = _answer(fresh, again, new)
    assert "clone" not in later
    assert [result["id"] for result in later["results"]] == [delivered, new["id"]]
    assert len(phone.get("/api/contacts", customer_id=customer_id)["items"]) == 6


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["new", "send", "lost", "retry", "reverse", "rest"]), st.integers(0, 5)), max_size=30)
)  # fmt: skip
def test_one_phone_is_never_taken_for_two(world: World, steps: list[tuple[str, int]]) -> None:
    """However often answers are lost, ops are sent again, in parts, out of order, or under a new id and number."""
    phone = world.sign_in("rep", uuid7(), world.person("rep").key)
    outbox: list[dict[str, Any]] = []
    for step, n in steps:
        if step == "new":
            outbox += [phone.op("drone.fly", {"to": n}) for _ in range(n + 1)]
        elif step == "rest":
            phone.get("/api/me")
        elif step == "retry" and outbox:
            op = outbox.pop(n % len(outbox))
            outbox.append(phone.op("drone.fly", op["args"]))
        else:
            part = outbox[: n + 1] if step != "reverse" else outbox[::-1]
            assert "clone" not in _answer(phone, *json.loads(json.dumps(part)))
            if step == "send":
                del outbox[: n + 1]
    assert "clone" not in _answer(phone, *outbox)
