"""Given a rep with work on his phone, when his login ends or his device is revoked, nothing is lost."""

import pytest

from tests.support.world import PASSWORD, Refused, World


def test_an_expired_session_in_the_middle_of_a_sync(world: World) -> None:
    boss = world.person("boss")
    waiting = [
        boss.op("option.create", {"id": f"0190f2c4-0000-7000-8000-00000000000{n}", "values": {"list_name": "unit", "name": f"单位{n}"}})
        for n in range(3)
    ]  # fmt: skip
    assert boss.push(waiting[0])[0]["status"] == "applied"

    boss.post("/api/logout", None)
    with pytest.raises(Refused) as refused:
        boss.push(waiting[1])
    assert (refused.value.status, refused.value.code) == (401, "session_expired")

    again = world.sign_in("boss", boss.device_id, boss.key, PASSWORD)
    results = again.push(*waiting)
    assert [result["status"] for result in results] == ["applied"] * 3


def test_a_revoked_device_is_wiped_and_what_it_sends_is_quarantined(world: World) -> None:
    phone, desk = world.person("boss"), world.person("boss", "laptop")
    op = phone.op(
        "option.create", {"id": "0190f2c4-0000-7000-8000-000000000009", "values": {"list_name": "unit", "name": "托"}}
    )

    desk.do("device.revoke", id=phone.device_id)
    with pytest.raises(Refused) as refused:
        phone.pull()
    assert (refused.value.status, refused.value.code) == (403, "device_revoked")
    assert refused.value.body["wipe"] is True

    [result] = phone.push(op)
    assert (result["status"], result["code"]) == ("held", "quarantined")
    assert desk.get("/api/options", list_name="unit", name="托")["items"] == []
    with pytest.raises(Refused) as refused:
        world.sign_in("boss", phone.device_id, phone.key)
    assert refused.value.code == "device_revoked"


@pytest.mark.parametrize("by", ["a new password", "a logout"])
def test_a_lost_phone_is_wiped_although_its_login_had_ended_before_it_was_revoked(world: World, by: str) -> None:
    phone, boss = world.person("rep"), world.person("boss")
    op = phone.op("customer.create", {"id": "0190f2c4-0000-7000-8000-000000000008", "values": {"name": "路口店"}})

    phone.pull()
    if by == "a new password":
        boss.do("employee.set_password", id=phone.id, password=PASSWORD)
    else:
        cookies = dict(phone.client.cookies)
        phone.post("/api/logout", None)
        phone.client.cookies.update(cookies)
    with pytest.raises(Refused) as refused:
        phone.pull()
    assert (refused.value.status, refused.value.code) == (401, "session_expired")

    boss.do("device.revoke", id=phone.device_id)
    with pytest.raises(Refused) as refused:
        phone.pull()
    assert (refused.value.status, refused.value.code) == (403, "device_revoked")
    with pytest.raises(Refused) as refused:
        phone.get("/api/customers")
    assert refused.value.status == 403
    assert phone.push(op)[0]["code"] == "quarantined"


def test_an_op_in_the_name_of_another_device_is_refused(world: World) -> None:
    phone, laptop = world.person("boss"), world.person("boss", "laptop")
    body = {"device": laptop.device_id, "schema": 2, "ops": []}
    with pytest.raises(Refused) as refused:
        phone.post("/sync/v1/push", body)
    assert refused.value.code == "wrong_device"


def test_too_much_at_once_asks_for_smaller_parts(world: World) -> None:
    boss = world.person("boss")
    with pytest.raises(Refused) as refused:
        boss.push(*[boss.op("option.edit", {"id": "x", "set": {}}) for _ in range(201)])
    assert (refused.value.status, refused.value.code) == (413, "push_too_large")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"device": 1}', b'{"device": "x", "ops": [1]}', b"\xff\xfe"])
def test_a_malformed_push_is_a_clear_error(world: World, body: bytes) -> None:
    response = world.person("rep").client.post("/sync/v1/push", content=body)
    assert response.status_code == 422
    assert response.json()["code"] in ("invalid_arguments", "wrong_device")


def test_a_cursor_of_somebody_else_or_of_nowhere_starts_over(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    boss.pull()
    for cursor in (boss.cursor, "nonsense", "AAAA", "x" * 500):
        rep.cursor = cursor
        rep.cache = {"option": {"stale": {"root": "company"}}}
        rep.pull()
        assert "stale" not in rep.cache["option"]


def test_an_app_that_is_too_old_may_push_but_not_pull(world: World) -> None:
    boss = world.person("boss")
    response = boss.client.get("/sync/v1/pull", params={"schema": 0})
    assert (response.status_code, response.json()["code"]) == (426, "upgrade_required")
    op = boss.op(
        "option.create", {"id": "0190f2c4-0000-7000-8000-000000000008", "values": {"list_name": "unit", "name": "打"}}
    )
    assert boss.push(op)[0]["status"] == "applied"
