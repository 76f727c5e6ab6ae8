"""Documents to be approved, as tests of approvals need them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.support.world import Person, Refused, World


def old_customer(world: World, name: str = "王记超市", mobile: str = "13800000001") -> str:
    """A customer of the rep that somebody else has filed: its name is not the rep's alone to change."""
    clerk, rep = world.person("clerk"), world.person("rep")
    row_id = uuid7()
    clerk.do("customer.create", id=row_id, values={"name": name, "mobile": mobile}, owner_id=rep.id)
    return row_id


def ask_for_name(world: World, name: str = "王记超市", mobile: str = "13800000001") -> str:
    """The rep asks for a new name of such a customer; the id of the approval."""
    customer = old_customer(world, name, mobile)
    answer = world.person("rep").do("customer.edit", id=customer, set={"name": [name, f"{name}新店"]})
    assert answer["status"] == "held"
    return str(answer["changes"][0]["approval_id"])


def flow(
    world: World, steps: list[dict[str, Any]], kind: str = "customer.change", *, base: int = 0, enabled: bool = True,
    **more: Any,
) -> int:  # fmt: skip
    """The administrator draws a flow; its version."""
    watched = ["name", "settlement_mode", "credit_limit"] if kind == "customer.change" else []
    args = {"id": uuid7(), "kind": kind, "base": base, "enabled": enabled, "steps": steps, "watched": watched, **more}
    return int(world.person("boss").do("approval_flow.save", **args)["result"]["version"])


def state(person: Person, paper: str) -> str:
    return str(person.get(f"/api/approvals/{paper}")["state"])


def history(person: Person, paper: str) -> list[tuple[str, str | None]]:
    """What stands in the history: each line's result and its person."""
    items = person.get("/api/approval-steps", approval_id=paper, limit=100, sort="seq")["items"]
    return [(line["state"], line["approver_id"]) for line in items]


def waiting(person: Person, paper: str) -> list[str]:
    """Who is asked now."""
    return sorted(who or "" for result, who in history(person, paper) if result == "waiting")


def refused(work: Callable[..., Any], *args: Any, **named: Any) -> str:
    """The code with which something is refused."""
    with pytest.raises(Refused) as caught:
        work(*args, **named)
    return caught.value.code
