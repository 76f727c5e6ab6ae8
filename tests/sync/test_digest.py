"""A cache that differs is repaired by what differs, not thrown away."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from server.records.ids import uuid7
from sync.digest import hash_of
from tests.support.comparing import ask, repair
from tests.support.world import Person, Refused, World


@pytest.fixture
def rep(world: World) -> Person:
    """A rep with six customers on the phone."""
    person = world.person("rep")
    for n in range(6):
        person.create("customer", name=f"王记超市{n}", mobile=f"1370000000{n}")
    person.pull()
    return person


def _whole(person: Person, damage: Any) -> list[tuple[str, str]]:
    """Damages the cache, repairs it, and sees that it is what it was; returns what was sent."""
    before = copy.deepcopy(person.cache)
    damage(person.cache)
    assert person.cache != before
    sent = repair(person)
    assert {name: rows for name, rows in person.cache.items() if rows} == before
    return sent


def test_a_cache_that_is_right_gets_nothing(rep: Person) -> None:
    answer = ask(rep)
    assert set(answer) == {"epoch"}
    assert set(ask(rep, depth=2)) == {"epoch"}


def test_a_missing_row_comes_back(rep: Person) -> None:
    lost = next(iter(rep.cache["customer"]))
    assert _whole(rep, lambda cache: cache["customer"].pop(lost)) == [("customer", lost[-1])]


def test_a_row_too_many_goes(rep: Person) -> None:
    stray = {**next(iter(rep.cache["customer"].values())), "id": uuid7()}
    sent = _whole(rep, lambda cache: cache["customer"].update({stray["id"]: stray}))
    assert sent == [("customer", stray["id"][-1])]


def test_a_stale_row_is_written_anew(rep: Person) -> None:
    row = next(iter(rep.cache["customer"].values()))
    assert _whole(rep, lambda _: row.update(name="旧名字", rev=row["rev"] - 1)) == [("customer", row["id"][-1])]


def test_a_root_too_many_goes(world: World, rep: Person) -> None:
    """Rows of a colleague's customer that should never have come."""
    colleague = world.person("rep2")
    shop = colleague.create("customer", name="别人的店", mobile="13800000001")
    colleague.create("contact", customer_id=shop, name="林姐")
    colleague.pull()

    def intrude(cache: dict[str, dict[str, Any]]) -> None:
        for name in ("customer", "contact"):
            for row_id, row in colleague.cache[name].items():
                if row["root"] == f"customer:{shop}":
                    cache.setdefault(name, {})[row_id] = row

    assert {name for name, _ in _whole(rep, intrude)} == {"customer", "contact"}


def test_an_empty_cache_is_filled_and_a_type_nobody_knows_goes(rep: Person) -> None:
    before = copy.deepcopy(rep.cache)
    rep.cache.clear()
    rep.cache["forgotten"] = {"x1": {"rev": 4, "root": "company"}}
    repair(rep, depth=2)
    assert {name: rows for name, rows in rep.cache.items() if rows} == before


def test_what_the_role_may_not_see_counts_as_nothing(world: World, rep: Person) -> None:
    boss = world.person("boss")
    role_id = rep.me["employee"]["role_id"]
    permissions = boss.get(f"/api/roles/{role_id}")["permissions"]
    fewer = {name: scope for name, scope in permissions.items() if name != "customer.view"}
    boss.do("role.edit", id=role_id, set={"permissions": [permissions, fewer]})
    assert {name for name, _ in repair(rep)} >= {"customer"}
    assert not rep.cache["customer"]


def test_the_cursor_must_be_ones_own(world: World, rep: Person) -> None:
    rep.cursor = world.person("rep2").pull()["cursor"]
    with pytest.raises(Refused) as refused:
        ask(rep)
    assert (refused.value.status, refused.value.code) == (409, "pull_first")


@pytest.mark.parametrize(
    "types",
    [
        {"customer": {"depth": 3, "shards": {}}},
        {"customer": {"depth": 1, "shards": {"0a": "0" * 16}}},
        {"customer": {"depth": 1, "shards": {"a": "0" * 15}}},
        {f"t{n}": {"depth": 1, "shards": {}} for n in range(300)},
        {"t" * 41: {"depth": 1, "shards": {}}},
        [],
    ],
)
def test_what_makes_no_sense_is_refused(rep: Person, types: Any) -> None:
    with pytest.raises(Refused) as refused:
        rep.post("/sync/v1/digest", {"cursor": rep.cursor, "types": types})
    assert (refused.value.status, refused.value.code) == (422, "invalid_arguments")


def test_too_large_a_request_is_refused_unread(rep: Person) -> None:
    with pytest.raises(Refused) as refused:
        rep.post("/sync/v1/digest", {"cursor": "x" * 1_100_000, "types": {}})
    assert refused.value.status == 413


def test_a_large_difference_comes_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = world.person("rep")
    rep.pull()
    before = copy.deepcopy(rep.cache)
    monkeypatch.setattr("sync.digest.digest.__defaults__", (5,))
    rep.cache.clear()
    sent = repair(rep)
    assert len(sent) > 10
    assert rep.cache == before


def test_hashing_fifty_thousand_rows_takes_a_moment() -> None:
    rows = [(uuid7(), n) for n in range(50_000)]
    started = time.perf_counter()
    hash_of(rows)
    assert time.perf_counter() - started < 0.5
