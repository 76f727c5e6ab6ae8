"""Logins are remembered for seconds; what is remembered was not read before somebody's rights changed."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from server.people.logins import Login, Logins
from server.records.actor import Actor


class _Reader:
    """Answers one login after the other; `meanwhile` happens between the reading and the answer."""

    def __init__(self, *logins: Login) -> None:
        self.logins = list(logins)
        self.meanwhile: Callable[[], None] = lambda: None

    async def run(self, work: Any) -> Login:
        login = self.logins.pop(0)
        self.meanwhile()
        return login


def _login(**permissions: Any) -> Login:
    return Login(Actor("e", permissions=permissions), "hash", False, None)


def test_a_login_read_before_a_change_is_not_remembered_after_it():
    reader = _Reader(_login(before="all"), _login(after="all"))
    logins = Logins(reader, SimpleNamespace(on_commit=[]), session_days=1)  # type: ignore[arg-type]
    reader.meanwhile = logins.forget_all
    asyncio.run(logins.find("token"))
    reader.meanwhile = lambda: None
    second = asyncio.run(logins.find("token"))
    assert second is not None
    assert second.actor.can("after")
    assert asyncio.run(logins.find("token")) is second
