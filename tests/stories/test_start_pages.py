"""Start pages: one's own arrangement on every device of one's own, what a role begins with, and what is no arrangement."""

from __future__ import annotations

from typing import Any

import pytest

from server.records.ids import uuid7
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories

PARTS: list[dict[str, Any]] = [
    {"part": "followups.due"},
    {"part": "today.figures", "shown": False},
    {"part": "team.today", "shown": True},
]


def arrange(person: Person, parts: list[dict[str, Any]] | None, **more: Any) -> str:
    return str(person.do("start_page.set", **{"id": uuid7(), "parts": parts, **more})["result"]["id"])


def own_page(person: Person) -> dict[str, Any] | None:
    """What the person's devices have after a pull: one's own and nobody else's."""
    person.pull()
    found = list(person.cache.get("start_page", {}).values())
    assert len(found) < 2
    return found[0] if found else None


def of_role(person: Person, role: str) -> list[dict[str, Any]] | None:
    person.pull()
    pages = {row["role_id"]: row["parts"] for row in person.cache.get("role_start_page", {}).values()}
    return pages.get(role)


def code(person: Person, command: str = "start_page.set", **args: Any) -> str:
    with pytest.raises(Refused) as refused:
        person.do(command, **({"id": uuid7()} if command == "start_page.set" else {}), **args)
    return refused.value.code


def test_ones_own_start_page_is_on_ones_own_devices_and_on_nobody_elses(world: World) -> None:
    rep, tablet, manager = world.person("rep"), world.person("rep"), world.person("manager")
    assert own_page(rep) is None
    page = arrange(rep, PARTS)
    assert (own_page(rep) or {})["parts"] == PARTS
    assert (own_page(tablet) or {})["parts"] == PARTS
    assert own_page(manager) is None
    assert manager.get("/api/start-pages")["items"] == []
    # Arranged again on the other device, which did not know the row: the same row, and the last one counts.
    assert arrange(tablet, PARTS[:1]) == page
    assert (own_page(rep) or {})["parts"] == PARTS[:1]
    # Put back: as the role has it; the history says what stood there.
    arrange(rep, None)
    assert (own_page(tablet) or {})["parts"] is None
    history = rep.get(f"/api/start-pages/{page}/history")
    assert [entry["command"] for entry in history].count("start_page.set") == len(history) >= 3


def test_what_was_arranged_without_network_arrives_with_the_rest_and_only_once(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    first = rep.op("start_page.set", {"id": uuid7(), "parts": PARTS})
    second = rep.op("start_page.set", {"id": uuid7(), "parts": PARTS[1:]})
    assert [one["status"] for one in rep.push(first, second)] == ["applied", "applied"]
    assert [one["status"] for one in rep.push(first)] == ["applied"]
    assert (own_page(rep) or {})["parts"] == PARTS[1:]
    # A bad one is refused with words and leaves what is there.
    bad = rep.op("start_page.set", {"id": uuid7(), "parts": [{"part": "today"}]})
    [answer] = rep.push(bad)
    assert (answer["status"], answer["code"]) == ("rejected", "start_page_malformed")
    assert (own_page(rep) or {})["parts"] == PARTS[1:]
    assert len(boss.get("/api/start-pages")["items"]) == 1


def test_a_role_begins_with_what_the_company_says(world: World) -> None:
    boss, rep, clerk = world.person("boss"), world.person("rep"), world.person("clerk")
    role = rep.me["role"]["id"]
    boss.do("role_start_page.set", role_id=role, parts=PARTS)
    assert of_role(rep, role) == PARTS
    assert of_role(clerk, clerk.me["role"]["id"]) is None
    boss.do("role_start_page.set", role_id=role, parts=PARTS[:2])
    assert of_role(rep, role) == PARTS[:2]
    # One's own stays one's own.
    arrange(rep, PARTS[2:])
    boss.do("role_start_page.set", role_id=role, parts=None)
    assert of_role(rep, role) is None
    assert (own_page(rep) or {})["parts"] == PARTS[2:]
    boss.do("role_start_page.set", role_id=role, parts=None)
    # It goes with its role.
    spare = boss.create("role", name="试用", permissions={})
    boss.do("role_start_page.set", role_id=spare, parts=PARTS)
    assert of_role(rep, spare) == PARTS
    boss.do("role.delete", id=spare)
    assert of_role(rep, spare) is None


def test_only_who_may_change_roles_says_what_they_begin_with(world: World) -> None:
    role = world.person("rep").me["role"]["id"]
    for username in ("rep", "manager", "clerk"):
        assert code(world.person(username), "role_start_page.set", role_id=role, parts=PARTS) == "forbidden"
    assert code(world.person("boss"), "role_start_page.set", role_id=uuid7(), parts=PARTS) == "not_found"


def test_what_is_no_arrangement_is_refused(world: World) -> None:
    boss = world.person("boss")
    role = boss.me["role"]["id"]
    bad: list[list[dict[str, Any]]] = [
        [{"part": "today"}],
        [{"part": "Today.Figures"}],
        [{"part": "today.figures"}, {"part": "today.figures", "shown": False}],
        [{"part": "<b>.x"}],
    ]
    for parts in bad:
        assert code(boss, parts=parts) == "start_page_malformed"
        assert code(boss, "role_start_page.set", role_id=role, parts=parts) == "start_page_malformed"
    assert code(boss, parts=[{"part": f"a.p{n}"} for n in range(81)]) == "malformed"
    assert code(boss, parts=[{"part": "today.figures", "height": 3}]) == "malformed"
    assert own_page(boss) is None
