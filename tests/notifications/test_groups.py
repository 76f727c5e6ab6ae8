"""Robots of chat groups: signed as each wants it, never faster than it takes, and given up visibly after a day."""

from __future__ import annotations

from typing import Any

import pytest

from server.company.models import COMPANY_ID
from server.records.ids import uuid7
from tests.notifications.deliveries import ADDRESSES, DUE, SILENT, Post, on_sqlite, post
from tests.support.outside import DINGTALK, FEISHU, ROBOT_KEY, WECOM
from tests.support.world import Refused, World

__all__ = ["post"]
HOSTS = {"wecom": WECOM, "dingtalk": DINGTALK, "feishu": FEISHU}


def no_digest(world: World) -> None:
    """The company wants each message by itself, so that only the other side's limits count."""
    world.person("boss").do("company.edit", id=COMPANY_ID, set={"digest_over": [5, 100], "digest_minutes": [10, 1]})


@on_sqlite
@pytest.mark.parametrize("provider", HOSTS)
def test_a_group_is_told_in_words_with_who_is_meant(post: Post, world: World, provider: str) -> None:
    post.hook(provider)
    post.tell(world.person("rep"), world.person("rep2"))
    assert post.deliver() == 1
    [message] = post.outside.messages(HOSTS[provider])
    assert message.text.startswith("【客户回访提醒】王记超市 约好 ")
    assert message.text.split(" → ")[1].split("、") in (["张三", "李四"], ["李四", "张三"])
    assert post.states() == ["sent"]


@on_sqlite
def test_a_group_is_told_of_its_kinds_only_and_once(post: Post, world: World) -> None:
    hook = post.hook(kinds=[DUE.name], language="en")
    post.hook(enabled=False)
    post.tell(world.person("rep"), kind=SILENT)
    post.tell(world.person("rep"), key="a")
    post.tell(world.person("rep"), key="a")
    post.deliver()
    [message] = post.outside.messages(WECOM)
    assert message.text.startswith("【Customer due】王记超市 is due at ")
    assert [row.target_id for row in post.deliveries()] == [hook]


@pytest.mark.slow
@on_sqlite
@pytest.mark.parametrize(("provider", "a_minute"), [("wecom", 20), ("dingtalk", 20), ("feishu", 100)])
def test_no_group_is_told_faster_than_it_takes(post: Post, world: World, provider: str, a_minute: int) -> None:
    no_digest(world)
    hook = post.hook(provider)
    for index in range(30):
        post.tell(world.person("rep"), customer=f"客户{index}")
    asked = sum(post.deliver(after=1) for _ in range(12))
    assert post.outside.asked == asked == len(post.outside.messages(HOSTS[provider]))  # never refused
    post.deliver(after=61)
    texts = [message.text for message in post.outside.messages(HOSTS[provider])]
    assert [f"客户{index} " in text for index, text in enumerate(texts[:a_minute])] == [True] * len(texts[:a_minute])
    assert sum("客户" in part for text in texts for part in text.split("\n") if "约好" in part) == 30
    assert set(post.states()) == {"sent"}
    assert post.target(hook).failures == 0


@pytest.mark.slow
@on_sqlite
@pytest.mark.parametrize(("provider", "pause"), [("wecom", 60), ("dingtalk", 600), ("feishu", 60)])
def test_who_says_too_fast_is_left_alone_as_long_as_it_wants(
    post: Post, world: World, provider: str, pause: int
) -> None:
    hook = post.hook(provider)
    seen = post.outside.messages(HOSTS[provider])
    assert seen == []
    _somebody_else_uses_the_robot(post, provider)
    before = post.outside.asked
    post.tell(world.person("rep"))
    assert post.deliver() == 1  # refused: the other program used it up
    assert post.target(hook).last_error.startswith(
        {"wecom": "45009", "dingtalk": "130101", "feishu": "11232"}[provider]
    )
    post.tell(world.person("rep2"))
    assert post.deliver(after=pause - 1) == 0
    assert post.deliver(after=2) == 1
    assert post.outside.asked == before + 2
    assert post.outside.messages(HOSTS[provider])[-1].text.startswith("2 条新提醒")
    assert post.target(hook).last_error is None


def _somebody_else_uses_the_robot(post: Post, provider: str) -> None:
    from server.notifications.groups import Hook, send

    hook = Hook(provider, ADDRESSES[provider], None if provider == "wecom" else ROBOT_KEY)
    while send(post.outside.outgoing(), hook, "别的程序").state == "sent":
        pass


@on_sqlite
def test_a_flood_is_one_message_that_fits(post: Post, world: World) -> None:
    post.hook()
    for index in range(60):
        post.tell(world.person("rep"), customer=f"很长很长的客户名称{index}号店")
    assert post.deliver() == 1
    [message] = post.outside.messages(WECOM)
    lines = message.text.split("\n")
    assert lines[0] == "60 条新提醒"
    assert lines[-1] == f"……另有 {60 - (len(lines) - 2)} 条，请打开巡客查看"
    assert len(message.text.encode()) <= 2048


@on_sqlite
def test_nobody_in_the_group_is_called_by_a_customers_name(post: Post, world: World) -> None:
    post.hook("feishu")
    post.tell(world.person("rep"), customer='<at user_id="all">所有人</at>')
    post.deliver()
    assert "<" not in post.outside.messages(FEISHU)[0].text


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["down", "500"])
def test_a_host_that_is_down_for_a_day(post: Post, world: World, fault: str) -> None:
    """Tried ever more rarely, given up after the company's time, said to administrators, seen on their page; what came
    later arrives as one message when the host is back."""
    hook, boss = post.hook(), world.person("boss")
    post.outside.fault = fault
    post.tell(world.person("rep"), customer="王记超市")
    tries = sum(post.deliver(after=600) for _ in range(6 * 23))
    assert 15 <= tries <= 40
    assert post.states() == ["waiting"]
    post.tell(world.person("rep"), customer="李氏便利店")
    for _ in range(12):
        post.deliver(after=600)
    state = boss.get("/api/group-robots/states")[hook]
    assert (state["waiting"], state["given_up"]) == (1, 1)
    assert state["failing_since"] is not None
    assert state["error"]
    boss.pull()
    told = [one for one in boss.cache["notification"].values() if one["kind"] == "webhook.given_up"]
    assert [one["args"] for one in told] == [{"group": "销售群", "count": 1}]
    post.outside.fault = ""
    post.tell(world.person("rep"), customer="城阳五金")
    post.deliver(after=3600)
    [message] = post.outside.messages(WECOM)
    assert message.text.startswith("2 条新提醒")
    assert "王记超市" not in message.text
    state = boss.get("/api/group-robots/states")[hook]
    assert (state["waiting"], state["given_up"], state["failing_since"], state["error"]) == (0, 1, None, None)


def test_a_server_that_was_killed_while_it_sent_leaves_a_group_to_the_next(post: Post, world: World) -> None:
    from server.notifications.queue import claim

    post.hook()
    post.tell(world.person("rep"))
    world.app.state.services.writer.call(lambda session: claim(session, post.clock))
    assert post.deliver(after=30) == 0
    assert post.deliver(after=120) == 1
    assert len(post.outside.messages(WECOM)) == 1


def test_an_administrator_mends_a_key_and_what_waits_goes_out(post: Post, world: World) -> None:
    hook, boss = post.hook("dingtalk", key="wrong"), world.person("boss")
    post.tell(world.person("rep"))
    post.deliver()
    assert boss.get("/api/group-robots/states")[hook]["error"] == "310000 sign not match"
    body = {"name": "销售群", "provider": "dingtalk", "kinds": [DUE.name], "key": ROBOT_KEY}
    assert boss.client.put(f"/api/group-robots/{hook}", json=body).status_code == 204
    assert post.deliver() == 1
    assert len(post.outside.messages(DINGTALK)) == 1


@pytest.mark.slow
@on_sqlite
def test_the_test_button_says_what_the_other_side_answered(post: Post, world: World) -> None:
    boss = world.person("boss")
    good, bad = post.hook(), post.hook("dingtalk", key="wrong")
    assert boss.post(f"/api/group-robots/{good}/test", {}) == {"sent": True, "error": None}
    assert post.outside.messages(WECOM)[0].text.startswith("测试")
    assert boss.post(f"/api/group-robots/{bad}/test", {}) == {"sent": False, "error": "310000 sign not match"}
    post.outside.fault = "down"
    assert boss.post(f"/api/group-robots/{good}/test", {})["sent"] is False
    post.outside.fault = ""
    answers = [boss.client.post(f"/api/group-robots/{good}/test").status_code for _ in range(25)]
    assert answers.count(200) == 18
    assert answers[-1] == 429
    assert post.outside.messages(WECOM)[1:] != []
    assert not [row for row in post.deliveries() if row.state in ("waiting", "sending")]


@on_sqlite
def test_what_is_no_robot_is_refused(post: Post, world: World) -> None:
    boss = world.person("boss").client
    wrong: list[dict[str, Any]] = [
        {"url": "https://127.0.0.1/cgi-bin/webhook/send?key=robot"},
        {"url": "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot"},
        {"url": ADDRESSES["dingtalk"]},
        {"url": "https://qyapi.weixin.qq.com/cgi-bin/other?key=robot"},
        {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"},
        {"url": None},
        {"name": "  "},
        {"kinds": ["no.such"]},
    ]
    for changed in wrong:
        body = {"name": "群", "provider": "wecom", "url": ADDRESSES["wecom"], "kinds": [], **changed}
        assert boss.put(f"/api/group-robots/{uuid7()}", json=body).status_code == 422, changed
    assert boss.get("/api/group-webhooks").json()["items"] == []


@on_sqlite
def test_secrets_of_a_robot_never_come_back(post: Post, world: World) -> None:
    boss = world.person("boss")
    hook = post.hook("dingtalk")
    shown = boss.get(f"/api/group-webhooks/{hook}")
    assert (shown["hint"], shown["signed"]) == ("oapi.dingtalk.com …obot", True)
    history = boss.client.get(f"/api/group-webhooks/{hook}/history").text
    for secret in (ROBOT_KEY, "access_token"):
        assert secret not in str(shown)
        assert secret not in history
    with pytest.raises(Refused):
        boss.get("/api/group-webhooks", url__like="robot")


def test_robots_are_the_administrators(post: Post, world: World) -> None:
    hook = post.hook()
    for username in ("rep", "manager", "clerk"):
        client = world.person(username).client
        assert client.put(f"/api/group-robots/{hook}", json={}).status_code in (400, 403)
        assert client.delete(f"/api/group-robots/{hook}").status_code == 403
        assert client.post(f"/api/group-robots/{hook}/test").status_code == 403
        assert client.get("/api/group-robots/states").status_code == 403
        assert client.get("/api/group-webhooks").json().get("items", []) == []
    boss = world.person("boss").client
    post.tell(world.person("rep"))
    assert boss.delete(f"/api/group-robots/{hook}").status_code == 204
    assert boss.delete(f"/api/group-robots/{hook}").status_code == 404
    assert post.deliver() == 0
