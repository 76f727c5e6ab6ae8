"""What becomes of messages is counted for whoever watches the server, by channel and without a name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.notifications.deliveries import Post, on_sqlite, post
from tests.support.world import World

__all__ = ["post"]

TOKEN = "a-long-enough-secret"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(metrics=f"token:{TOKEN}")


def counted(world: World) -> dict[str, float]:
    """What was counted of messages and deliveries, without what is 0."""
    answer = world.person("boss").client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if line.startswith("xunke_deliver")]
    return {name: float(value) for name, value in lines if float(value) and "_created" not in name}


def message(channel: str, outcome: str) -> str:
    return f'xunke_delivery_messages_total{{channel="{channel}",outcome="{outcome}"}}'


def delivery(channel: str, state: str) -> str:
    return f'xunke_deliveries{{channel="{channel}",state="{state}"}}'


@on_sqlite
def test_sent_failed_and_given_up_are_counted_by_channel(post: Post, world: World) -> None:
    rep = world.person("rep")
    post.browser(rep)
    post.hook()
    assert counted(world) == {}
    post.tell(rep)
    post.deliver()
    assert counted(world) == {message("push", "sent"): 1, message("group", "sent"): 1}

    post.outside.fault = "500"
    post.tell(rep)
    post.deliver()
    assert counted(world) == {
        message("push", "sent"): 1,
        message("push", "failed"): 1,
        message("group", "sent"): 1,
        message("group", "failed"): 1,
        delivery("push", "waiting"): 1,
        delivery("group", "waiting"): 1,
    }

    post.deliver(after=25 * 3600)
    found = counted(world)
    assert (found[delivery("push", "given_up")], found[delivery("group", "given_up")]) == (1, 1)
    assert delivery("push", "waiting") not in found
