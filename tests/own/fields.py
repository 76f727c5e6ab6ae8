"""Own fields for tests."""

from __future__ import annotations

from typing import Any

from tests.support.world import Person, World


def own_field(world: World, name: str, kind: str = "text", record_type: str = "customer", **values: Any) -> str:
    """An own field that the administrator has made; its id."""
    return world.person("boss").create("own_field", record_type=record_type, name=name, kind=kind, **values)


def name_of(world: World, field_id: str) -> str:
    """What the field is called in commands and on the wire."""
    return f"own.{world.person('boss').get(f'/api/own-fields/{field_id}')['key']}"


def role_of(person: Person) -> str:
    return str(person.me["role"]["id"])


def customer(person: Person, name: str = "王记超市", /, **values: Any) -> str:
    return person.create("customer", name=name, mobile="13800000001", **values)


def change(person: Person, customer_id: str, field: str, base: Any, mine: Any) -> dict[str, Any]:
    """The op of an edit of one field."""
    return person.op("customer.edit", {"id": customer_id, "set": {field: [base, mine]}})
