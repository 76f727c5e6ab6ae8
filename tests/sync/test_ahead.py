"""Pages read ahead: the same as those that are read when somebody asks, for nobody else and for no other rights."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from server.api import ahead
from server.api.ahead import Ahead
from server.records.actor import SYSTEM
from sync.pages import TypePage, rows_of
from tests.stories.test_field_rights import set_rights
from tests.support.world import Person, World


def pages(person: Person, limit: int, cursor: str | None = None) -> Iterator[dict[str, Any]]:
    """A pull page by page; each is asked for when the one before was looked at."""
    place = {"cursor": cursor} if cursor else {}
    while True:
        page = person.get("/sync/v1/pull", schema=2, limit=limit, **place)
        yield page
        if "after" not in page:
            return
        place["after"] = page["after"]


def customers(page: dict[str, Any]) -> list[dict[str, Any]]:
    found = page.get("types", {}).get("customer")
    return list(rows_of(msgspec.convert(found, TypePage))) if found else []


def read_ahead(world: World) -> None:
    """Until what was begun has been read."""
    until = time.monotonic() + 20
    while not world.app.state.services.reader.idle:
        assert time.monotonic() < until
        time.sleep(0.002)


def test_a_cold_start_is_given_every_page_but_the_first_from_those_read_ahead(world: World) -> None:
    rep = world.person("rep")
    for n in range(12):
        rep.create("customer", name=f"第{n}家", mobile=f"139{n:08}")
    [at_once] = pages(rep, 5000)
    given = world.app.state.services.ahead
    assert (given.begun, given.taken) == (0, 0)
    found = []
    for page in pages(rep, 10):
        found.append(page)
        read_ahead(world)
    assert given.taken == given.begun == len(found) - 1 > 2
    rows = [row for page in found for row in customers(page)]
    assert len(rows) == 12
    assert sorted(rows, key=str) == sorted(customers(at_once), key=str)


def test_nobody_else_is_given_it_nor_is_anybody_for_rights_he_had(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    rep.pull()
    for n in range(12):
        rep.create("customer", name=f"第{n}家", mobile=f"139{n:08}")
    given = world.app.state.services.ahead
    first = next(pages(rep, 3, rep.cursor))
    assert all(row["mobile"].startswith("13900000") for row in customers(first))
    read_ahead(world)
    other = next(pages(stranger, 3, first["after"]))
    assert (other["reset"], customers(other)) == (True, [])
    set_rights(world, "rep", phone="masked")
    page = rep.get("/sync/v1/pull", schema=2, limit=3, after=first["after"])
    assert given.taken == 0
    rows = [row for one in (page, *pages(rep, 3, page["cursor"])) for row in customers(one)]
    assert {row["name"] for row in rows} == {f"第{n}家" for n in range(12)}
    assert not any("13900000" in row["mobile"] for row in rows)


async def _begun(pages: Ahead[str], answer: Any) -> None:
    async def read() -> str:
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    pages.begin("login", "after", 5, SYSTEM, read)
    await asyncio.sleep(0)


def test_a_page_is_given_once_and_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pages: Ahead[str] = Ahead()
        await _begun(pages, "page")
        assert await pages.take("login", "after", 6, SYSTEM) is None
        assert await pages.take("login", "after", 5, SYSTEM) == "page"
        assert await pages.take("login", "after", 5, SYSTEM) is None
        await _begun(pages, "page")
        assert await pages.take("login", "after", 5, replace(SYSTEM, employee_id="other")) is None
        await _begun(pages, ValueError("the disk"))
        assert await pages.take("login", "after", 5, SYSTEM) is None
        monkeypatch.setattr(ahead, "KEPT", 0.01)
        await _begun(pages, "page")
        await asyncio.sleep(0.05)
        assert await pages.take("login", "after", 5, SYSTEM) is None
        assert pages.taken == 1

    asyncio.run(story())


def test_few_wait_at_once() -> None:
    async def story() -> None:
        pages: Ahead[str] = Ahead()

        async def read() -> str:
            return "page"

        for n in range(ahead.MOST + 3):
            pages.begin("login", str(n), 5, SYSTEM, read)
        assert pages.begun == ahead.MOST

    asyncio.run(story())
