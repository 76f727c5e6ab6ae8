"""A server that has too much to do says when to come again, and what it let in is answered."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from server.api.admission import Admission, Busy
from server.records.ids import uuid7
from tests.support.world import World


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_let_in_is_bounded_by_ops_and_bytes_and_the_first_always_enters() -> None:
    admission = Admission(Clock())
    admission.rate = 300.0
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
        counted(1800)
        waits = []
        for _ in range(40):
            with pytest.raises(Busy) as refused:
                admission.enter(20_000, 512_000)  # some 41 ops; 600 a second is hoped for, who is early costs little
            waits.append(refused.value.params["retry_after"])
        assert waits[0] == 2
        assert waits == sorted(waits)
        assert waits[-1] == 3
        clock.now += 6.0
    assert admission.rate == 200  # 1800 in six seconds are 300; faster counts by half


def test_little_is_let_in_until_something_was_measured_and_less_while_nothing_gets_done() -> None:
    clock = Clock()
    admission = Admission(clock)
    assert admission.most() == 300  # 100 a second
    with admission.enter(None, 512_000) as counted:
        counted(300)
        clock.now += 1.0
    assert admission.most() == 600  # 300 in a second, of which half is believed
    place = admission.enter(None, 512_000)
    clock.now += 8.0
    assert admission.most() == 40  # nothing got done for eight seconds
    with place as counted:
        counted(160)
    assert admission.rate == 20  # slower is believed at once
    assert admission.most() == 60


def test_idle_time_between_pushes_is_not_taken_for_slowness() -> None:
    clock = Clock()
    admission = Admission(clock)
    for _ in range(30):
        with admission.enter(20_000, 512_000) as counted:
            counted(40)
            clock.now += 0.05  # 800 a second
        clock.now += 2.0
    assert 440 <= admission.rate <= 460  # from 100, half the way after each second of work
    assert admission.most() == 3 * admission.rate


def test_while_the_writer_is_held_back_no_more_is_accepted_than_it_does_in_seconds(world: World) -> None:
    rep = world.person("rep")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    services = world.app.state.services
    pushes = []
    for _ in range(20):
        rows = [{"id": uuid7(), "values": {"customer_id": customer_id, "name": "王强"}} for _ in range(40)]
        pushes.append([rep.op("contact.create", row) for row in rows])
    opened = threading.Event()
    run = services.writer.run

    async def held_back(*job: Any) -> Any:
        await asyncio.to_thread(opened.wait)
        return await run(*job)

    services.writer.run = held_back
    answers: list[tuple[int, dict[str, Any], int]] = []

    def deliver(ops: list[Any]) -> None:
        body = {"device": rep.device_id, "schema": 2, "ops": ops}
        answer = rep.client.post("/sync/v1/push", json=body)
        answers.append((answer.status_code, answer.json(), int(answer.headers.get("retry-after", 0))))

    phones = [threading.Thread(target=deliver, args=(ops,)) for ops in pushes]
    for phone in phones:
        phone.start()
    refused = _wait_for(lambda: answers if len(answers) >= len(pushes) - 7 else None)
    assert all(status == 503 and body["code"] == "busy" and wait >= 1 for status, body, wait in refused)
    opened.set()
    for phone in phones:
        phone.join()
    services.writer.run = run
    taken = [body for status, body, _ in answers if status == 200]
    assert 1 <= len(taken) * 40 <= 300
    assert all(result["status"] == "applied" for body in taken for result in body["results"])


def _wait_for(ready: Callable[[], Any]) -> Any:
    """What `ready` says as soon as it says something."""
    while (found := ready()) is None:
        time.sleep(0.01)
    return list(found)


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
        stranger = world.client().post("/sync/v1/push", json={"device": rep.device_id, "schema": 2, "ops": [op]})
        assert stranger.status_code == 503, "turned away before anybody asked who it is"
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
