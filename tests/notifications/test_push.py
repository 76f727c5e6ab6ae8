"""Web push: what a browser gets, once, and to whom nothing is sent."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from server.company.models import COMPANY_ID
from server.notifications.outgoing import is_public
from server.notifications.queue import claim
from tests.notifications.deliveries import SILENT, Browser, Post, on_sqlite, post
from tests.support.outside import PUSH, Outside
from tests.support.world import World

__all__ = ["post"]


def test_a_browser_decrypts_what_kind_of_thing_it_is_and_nothing_of_what_it_says(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    [told] = post.tell(rep)
    assert post.deliver() == 1
    assert browser.shown(post.outside) == [{"title": "客户回访提醒", "body": "点开查看", "id": told}]
    [message] = post.outside.messages(PUSH)
    assert message.headers["ttl"] == "86400"
    assert message.headers["topic"] == told.replace("-", "")
    assert len(message.body) < 300
    assert "王记".encode() not in message.body
    assert post.states() == ["sent"]


def test_every_device_of_a_person_is_told_once_and_no_other(post: Post, world: World) -> None:
    phone = post.browser(world.person("rep"), "phone")
    tablet = post.browser(world.person("rep", "tablet"), "tablet", language="en")
    other = post.browser(world.person("rep2"), "other")
    post.tell(world.person("rep"))
    assert post.deliver() == 2
    assert post.deliver(after=7200) == 0
    assert [len(one.shown(post.outside)) for one in (phone, tablet, other)] == [1, 1, 0]
    assert tablet.shown(post.outside)[0]["title"] == "Customer due"


def test_two_servers_send_it_once(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    post.tell(rep)
    first = world.app.state.services.writer.call(lambda session: claim(session, post.clock))
    assert post.deliver(by=post.another_server()) == 0
    assert len(first) == 1
    assert browser.shown(post.outside) == []


def test_servers_that_deliver_in_the_same_moment_send_each_message_once(post: Post, world: World) -> None:
    people = [world.person(name) for name in ("rep", "rep2", "stranger", "clerk", "manager", "boss")]
    browsers = [post.browser(one, f"{one.username}-browser") for one in people]
    post.tell(*people)
    servers = [post.postman, post.another_server(), post.another_server()]

    async def together() -> None:
        await asyncio.gather(*(server.round(lambda: post.clock) for server in servers for _ in range(3)))

    world.in_loop(together)
    assert [len(one.shown(post.outside)) for one in browsers] == [1] * 6
    assert set(post.states()) == {"sent"}


def test_a_server_that_was_killed_while_it_sent_does_not_send_again(post: Post, world: World) -> None:
    rep = world.person("rep")
    post.browser(rep)
    post.tell(rep)
    world.app.state.services.writer.call(lambda session: claim(session, post.clock))  # and then it was no more
    assert post.deliver(after=600) == 0
    assert post.states() == ["unknown"]
    post.tell(rep)
    assert post.deliver() == 1


def test_a_server_that_was_killed_before_it_sent_leaves_it_to_the_next(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    post.tell(rep)
    assert post.deliver(after=3600, by=post.another_server()) == 1
    assert len(browser.shown(post.outside)) == 1


def test_what_was_read_meanwhile_is_not_pushed(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    told = post.tell(rep)
    world.person("rep", "tablet").do("notification.read", ids=told)
    assert post.deliver() == 0
    assert browser.shown(post.outside) == []
    assert post.states() == ["seen"]


@on_sqlite
def test_who_does_not_want_a_kind_is_not_pushed_to(post: Post, world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    browser, other = post.browser(rep), post.browser(rep2, "two")
    rep.do("notification.choose", id="0190f2c4-0000-7000-8000-00000000000a", kind="test.due", push=False)
    post.tell(rep, rep2)
    post.tell(rep2, kind=SILENT)
    post.deliver()
    assert [len(one.shown(post.outside)) for one in (browser, other)] == [0, 1]
    rep.pull()
    assert len(rep.cache["notification"]) == 1  # the inbox has it all the same
    world.person("boss").do("notification_rule.set", kind="test.due", enabled=True, push=False)
    post.tell(rep2)
    post.deliver(after=60)
    assert len(other.shown(post.outside)) == 1


def test_a_subscription_that_is_no_more_is_forgotten(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    assert rep.get("/api/push/key")["subscribed"]
    post.outside.gone.add("one")
    post.tell(rep)
    post.deliver()
    assert post.states() == ["gone"]
    assert not rep.get("/api/push/key")["subscribed"]
    post.outside.gone.clear()
    post.tell(rep)
    assert post.deliver(after=60) == 0
    browser.subscribe()
    post.tell(rep)
    assert post.deliver(after=60) == 1


@on_sqlite
def test_an_endpoint_that_is_none_of_a_push_service_is_refused(post: Post, world: World) -> None:
    rep = world.person("rep")
    for endpoint in ("https://127.0.0.1/push", "http://127.0.0.1:8000/api", f"https://{PUSH}.x.cn/"):
        body = Browser(rep, "one").subscription(endpoint=endpoint)
        answer = rep.client.put("/api/push/subscription", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "push_refused"), endpoint
    assert not rep.get("/api/push/key")["subscribed"]


@on_sqlite
def test_a_known_name_that_leads_to_127_0_0_1_is_refused_when_it_is_subscribed(post: Post, world: World) -> None:
    rep = world.person("rep")
    post.postman.outgoing = post.outside.outgoing(allowed=is_public)
    answer = rep.client.put("/api/push/subscription", json=Browser(rep, "one").subscription())
    assert (answer.status_code, answer.json()["code"]) == (422, "push_refused")


def test_an_endpoint_that_leads_to_127_0_0_1_later_is_dropped_and_nothing_is_sent(post: Post, world: World) -> None:
    rep = world.person("rep")
    post.browser(rep)
    post.tell(rep)
    post.postman.outgoing = post.outside.outgoing(allowed=is_public)
    post.deliver()
    assert post.outside.asked == 0
    [line] = post.deliveries()
    assert (line.state, line.error) == ("gone", "private_address")
    assert not rep.get("/api/push/key")["subscribed"]


@on_sqlite
def test_keys_that_are_none_are_refused(post: Post, world: World) -> None:
    rep = world.person("rep")
    for changed in ({"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "B" + "A" * 86}, {"auth": "!"}):
        answer = rep.client.put("/api/push/subscription", json=Browser(rep, "one").subscription(**changed))
        assert (answer.status_code, answer.json()["code"]) == (422, "push_keys"), changed


@pytest.mark.slow
@on_sqlite
def test_a_push_service_that_is_down_is_tried_again_ever_more_rarely_for_a_day(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    post.outside.fault = "503"
    post.tell(rep)
    assert 3 <= sum(post.deliver(after=1800) for _ in range(6)) <= 6
    post.outside.fault = ""
    assert post.deliver(after=3600) == 1
    assert len(browser.shown(post.outside)) == 1
    post.outside.fault = "503"
    post.tell(rep)
    for _ in range(26):
        post.deliver(after=3600)
    assert post.states() == ["given_up", "sent"]


@on_sqlite
def test_no_answer_may_mean_that_it_arrived_so_it_is_not_sent_again(post: Post, world: World) -> None:
    rep = world.person("rep")
    post.browser(rep)
    post.postman.outgoing = post.outside.outgoing(timeout=0.3)
    post.outside.fault = "hang"
    post.tell(rep)
    assert post.deliver() == 1
    post.outside.fault = ""
    assert post.deliver(after=7200) == 0
    assert post.states() == ["unknown"]


def test_nobody_is_told_on_a_phone_that_was_signed_out_or_revoked(post: Post, world: World) -> None:
    phone, tablet = world.person("rep"), world.person("rep", "tablet")
    post.browser(phone, "phone")
    post.browser(tablet, "tablet")
    phone.post("/api/logout", {})
    world.person("boss").do("device.revoke", id=tablet.device_id)
    post.tell(phone)
    assert post.deliver() == 0
    assert post.states() == ["gone", "gone"]
    assert post.outside.messages(PUSH) == []


def test_a_shared_tablet_is_told_for_who_is_signed_in(post: Post, world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    post.browser(rep, "shared")
    browser = post.browser(rep2, "shared")  # the same browser, signed in as somebody else
    post.tell(rep)
    post.tell(rep2)
    post.deliver()
    assert len(browser.shown(post.outside)) == 1


def test_quiet_hours_are_the_companys_and_what_came_meanwhile_comes_together(post: Post, world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    browser = post.browser(rep)
    post.clock += timedelta(hours=12)  # ten in the evening in Shanghai
    for index in range(7):
        post.tell(rep, customer=f"客户{index}")
    assert post.deliver(after=3600) == 0
    assert post.deliver(after=8.4 * 3600) == 0  # 07:24
    assert post.deliver(after=600) == 1
    [shown] = browser.shown(post.outside)
    assert shown == {"title": "7 条新提醒", "body": "客户回访提醒 7", "count": 7}
    boss.do("company.edit", id=COMPANY_ID, set={"time_zone": ["Asia/Shanghai", "Europe/Lisbon"]})
    post.tell(rep)
    assert post.deliver(after=600) == 0  # night there
    boss.do("company.edit", id=COMPANY_ID, set={"quiet_from": ["21:30", None]})
    post.tell(rep)
    assert post.deliver(after=12 * 3600) == 1


@on_sqlite
def test_a_flood_becomes_one_digest(post: Post, world: World) -> None:
    rep = world.person("rep")
    browser = post.browser(rep)
    for _ in range(40):
        post.tell(rep)
    assert post.deliver() == 1
    assert browser.shown(post.outside)[0]["count"] == 40
    for _ in range(8):  # then one now and then
        post.tell(rep)
        post.deliver(after=20)
    shown = browser.shown(post.outside)
    assert [one.get("count", 1) for one in shown] == [40, 1, 1, 1, 1]
    assert post.deliver(after=600) == 1
    assert browser.shown(post.outside)[-1]["count"] == 4
    assert len(json.dumps(shown[0])) < 200


@on_sqlite
def test_without_a_login_nothing_is_subscribed(post: Post, world: World, outside: Outside) -> None:
    client = world.client()
    assert client.get("/api/push/key").status_code == 401
    assert client.put("/api/push/subscription", json={}).status_code == 401
