"""A server that has too much to do says when to come again, and what it let in is answered."""

import pytest

from server.api.admission import Admission, Busy
from tests.support.world import World


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_let_in_is_bounded_by_ops_and_bytes_and_the_first_always_enters() -> None:
    admission = Admission(Clock())
    with admission.enter(512_000, 512_000) as counted:
        counted(1)
        with pytest.raises(Busy):
            admission.enter(None, 512_000)  # of unknown length: judged as the largest
        with admission.enter(400_000, 512_000) as counted_too:
            counted_too(899)
            with pytest.raises(Busy):
                admission.enter(20_000, 512_000)
        with admission.enter(20_000, 512_000):
            pass
    many = Admission(Clock())
    many.rate = 1e9
    places = [many.enter(500_000, 512_000) for _ in range(67)]
    with pytest.raises(Busy):
        many.enter(500_000, 512_000)
    assert len(places) == 67


def test_appointments_are_spread_by_the_measured_rate() -> None:
    clock = Clock()
    admission = Admission(clock)
    with admission.enter(None, 512_000) as counted:
        counted(900)
        waits = []
        for _ in range(20):
            with pytest.raises(Busy) as refused:
                admission.enter(20_000, 512_000)  # some 41 ops; 300 a second
            waits.append(refused.value.params["retry_after"])
        assert waits[0] == 3
        assert waits == sorted(waits)
        assert 5 <= waits[-1] <= 7
        clock.now += 1.0
    assert admission.rate > 300  # 900 in a second


def test_a_failed_push_gives_its_place_back() -> None:
    admission = Admission(Clock())
    with pytest.raises(ValueError, match="cut"), admission.enter(None, 512_000):
        raise ValueError("cut")
    with admission.enter(None, 512_000):
        pass


def test_a_busy_server_answers_503_with_retry_after_and_takes_the_push_later(world: World) -> None:
    rep = world.person("rep")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    op = rep.op(
        "contact.create", {"id": rep.op("x", {})["id"], "values": {"customer_id": customer_id, "name": "王强"}}
    )
    admission = world.app.state.services.admission
    with admission.enter(None, 512_000) as counted:
        counted(5000)
        answer = rep.client.post("/sync/v1/push", json={"device": rep.device_id, "schema": 2, "ops": [op]})
        assert answer.status_code == 503
        assert answer.json()["code"] == "busy"
        assert int(answer.headers["retry-after"]) >= 1
        assert rep.pull()  # reading goes on
    assert rep.push(op)[0]["status"] == "applied"


def test_a_device_revoked_elsewhere_is_noticed_by_its_next_push(world: World) -> None:
    """As in another process, which has not heard of it: the remembered login says nothing yet."""
    rep, boss = world.person("rep"), world.person("boss")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    logins = world.app.state.services.logins
    remembered = dict(logins._cache)
    boss.do("device.revoke", id=rep.device_id)
    logins._cache.update(remembered)
    op = rep.op(
        "contact.create", {"id": rep.op("x", {})["id"], "values": {"customer_id": customer_id, "name": "王强"}}
    )
    assert rep.push(op)[0]["code"] == "quarantined"
