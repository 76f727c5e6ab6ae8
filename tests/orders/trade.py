"""Products, customers and orders as tests of the trade need them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.records.ids import uuid7
from tests.support.world import Person, World


def product(world: World, name: str = "青岛纯生 500ml", price: str = "12.00", **values: Any) -> str:
    """A product the desk filed; returns its id."""
    return world.person("clerk").create(
        "product", name=name, unit_id=world.option("unit", "箱"), price=price, **values
    )


def customer(person: Person, name: str = "王记超市", mobile: str = "13800000001", **values: Any) -> str:
    return person.create("customer", name=name, mobile=mobile, **values)


def line(product_id: str, quantity: str = "10", price: str | None = "12.00", **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "product_id": product_id, "quantity": quantity, "price": price, **more}


def place_args(customer_id: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "customer_id": customer_id, "lines": list(lines), **more}


@dataclass
class Placed:
    """What became of an order that was placed at once."""

    id: str
    answer: dict[str, Any]


def place(person: Person, customer_id: str, *lines: dict[str, Any], **more: Any) -> Placed:
    args = place_args(customer_id, *lines, **more)
    return Placed(args["id"], person.do("order.place", **args))


def pushed(person: Person, command: str, at: datetime | None = None, **args: Any) -> dict[str, Any]:
    """One op from the person's outbox, and its result."""
    return person.push(person.op(command, args, at=at))[0]


def order(person: Person, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/orders/{order_id}")
    return found


def customer_file(person: Person, customer_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/customers/{customer_id}")
    return found


def pay(person: Person, order_id: str, amount: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """Records money at once; returns the receipt's id and the answer."""
    payment_id = uuid7()
    return payment_id, person.do("payment.record", id=payment_id, order_id=order_id, amount=amount, **more)
