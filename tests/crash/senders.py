"""Phones that send without pause, keep what the server promised them, and repeat what it did not answer."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from media.make import DeviceKey
from server.records.ids import uuid7
from tests.support.fieldwork import shop_values
from tests.support.world import PASSWORD, Person, Refused, World

#: How long a request may take before a phone gives it up, in seconds.
PATIENCE = 15.0


def sign_in(url: str, username: str) -> Person:
    """Somebody on a device of his own, over the network."""
    client = httpx.Client(base_url=url, timeout=PATIENCE)
    key, device_id = DeviceKey(), str(uuid.uuid4())
    device = {"id": device_id, "name": "crash", "public_key": key.public}
    answer = client.post("/api/login", json={"username": username, "password": PASSWORD, "device": device})
    answer.raise_for_status()
    # A person of the stories, whose client speaks to a real server instead of an application in this process.
    return Person(cast(World, None), username, cast("TestClient[Litestar]", client), device_id, key, answer.json())


@dataclass
class Promise:
    """An op and what its sender was told; `first_sent` and `answered_at` by this machine's clock."""

    op: dict[str, Any]
    employee: str
    device: str
    result: dict[str, Any]
    tries: int
    first_sent: float
    answered_at: float

    def ledger(self) -> dict[str, Any]:
        """As the simulator's audit reads it."""
        told = {"status": self.result["status"], "code": self.result["code"]}
        return {
            "op": self.op["id"],
            "employee": self.employee,
            "device": self.device,
            "restored": False,
            "command": self.op["command"],
            "args": self.op["args"],
            **told,
        }


@dataclass
class Shared:
    """What all senders have in common."""

    product: str
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    promises: list[Promise] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


#: So often it is tried after the end, with pauses: a server that is well answers before.
_LAST_TRIES = 100


class Sender(threading.Thread):
    def __init__(self, person: Person, shared: Shared, seed: str) -> None:
        super().__init__(name=f"sender-{seed}", daemon=True)
        self.person = person
        self.shared = shared
        self.under_way = 0  #: ops sent and not answered
        self.repeats = 0  #: answered pushes that were sent again on purpose, and twins of pushes
        self._random = random.Random(seed)
        self._shops: list[str] = []
        self._serial = 0

    def run(self) -> None:
        try:
            while not self.shared.stop.is_set():
                self._deliver(self._errand())
        except Exception as error:
            self._complain(f"{type(error).__name__}: {error}")

    # -- what a rep does

    def _errand(self) -> list[dict[str, Any]]:
        if not self._shops or self._random.random() < 0.12:
            return self._new_shop()
        shop = self._random.choice(self._shops[-4:])
        return [
            self._random.choice((self._note, self._order, self._contact))(shop)
            for _ in range(self._random.randint(1, 5))
        ]

    def _new_shop(self) -> list[dict[str, Any]]:
        shop = uuid7()
        self._shops.append(shop)
        values = shop_values(f"店{shop[-12:]}", mobile=f"13{uuid.uuid4().int % 10**9:09d}")
        made = self.person.op("customer.create", {"id": shop, "values": values})
        return [made, {**self._order(shop), "needs": [made["id"]]}, {**self._contact(shop), "needs": [made["id"]]}]

    def _note(self, shop: str) -> dict[str, Any]:
        """A line added to the remark: doing it twice would show."""
        self._serial += 1
        return self.person.op(
            "customer.edit", {"id": shop, "set": {"remark": [None, f"<{self.name}/{self._serial}>"]}}
        )

    def _order(self, shop: str) -> dict[str, Any]:
        line = {"id": uuid7(), "product_id": self.shared.product, "quantity": "1", "price": "12.00"}
        return self.person.op("order.place", {"id": uuid7(), "customer_id": shop, "lines": [line]})

    def _contact(self, shop: str) -> dict[str, Any]:
        return self.person.op("contact.create", {"id": uuid7(), "values": {"customer_id": shop, "name": "老王"}})

    # -- how it gets there

    def _deliver(self, ops: list[dict[str, Any]]) -> None:
        first_sent = time.time()
        self.under_way = len(ops)
        twin = self._twin(ops) if self._random.random() < 0.08 else None
        tries, results = 0, None
        while results is None:
            # What is under way at the end is still delivered: nothing may take effect while the company is looked at.
            if self.shared.stop.is_set() and tries >= _LAST_TRIES:
                return
            tries += 1
            results = self._once(ops)
        self.under_way = 0
        if twin is not None:
            twin.join()
        if [result["id"] for result in results] != [op["id"] for op in ops]:
            self._complain(f"asked about {len(ops)} ops, was told about {[result['id'] for result in results]}")
        now = time.time()
        with self.shared.lock:
            self.shared.promises += [
                Promise(op, self.person.id, self.person.device_id, result, tries, first_sent, now)
                for op, result in zip(ops, results, strict=False)
            ]
        if self._random.random() < 0.08:
            self.repeats += 1
            again = self._once(ops)
            if again is not None and again != results:
                self._complain(f"told {results} first and {again} when asked again")

    def _once(self, ops: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """The results, or None where no answer came."""
        try:
            return self.person.push(*ops)
        except httpx.TransportError:
            time.sleep(0.05)
        except Refused as refused:
            if refused.status < 500:
                self._complain(f"refused: {refused}")
            time.sleep(0.05)
        return None

    def _twin(self, ops: list[dict[str, Any]]) -> threading.Thread:
        """The same push on another line at the same time, as a proxy or an impatient network makes it."""
        self.repeats += 1

        def send() -> None:
            body = {"device": self.person.device_id, "schema": 1, "ops": ops}
            try:
                with httpx.Client(cookies=self.person.client.cookies, timeout=PATIENCE) as line:
                    line.post(f"{self.person.client.base_url}/sync/v1/push", json=body)
            except httpx.HTTPError:
                pass  # nobody asked for its answer

        twin = threading.Thread(target=send, daemon=True)
        twin.start()
        return twin

    def _complain(self, text: str) -> None:
        with self.shared.lock:
            self.shared.problems.append(f"{self.name}: {text}"[:1000])
