"""A world whose postman is in the hands of the test, with a clock of its own, and browsers that are pushed to."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api.state import Services
from server.company.setup import system_context
from server.notifications import kinds
from server.notifications.kinds import Kind
from server.notifications.models import delivery, delivery_target
from server.notifications.postman import Postman
from server.notifications.service import notify
from server.records.fields import L
from server.records.ids import uuid7
from tests.support.outside import PUSH, ROBOT_KEY, Outside
from tests.support.world import Person, World

#: For what the database has no part in: it need not be shown twice.
on_sqlite = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

ADDRESSES = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=robot",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/robot",
}
DUE = Kind(
    "test.due",
    L("客户回访提醒", "客戶回訪提醒", "Customer due"),
    L("{customer} 约好 {next_at} 联系", "{customer} 約好 {next_at} 聯絡", "{customer} is due at {next_at}"),
    push=True,
    lead_days=None,
    at=None,
)
SILENT = Kind("test.silent", DUE.label, DUE.text, push=False, lead_days=None, at=None)


@dataclass
class Browser:
    """One browser with its own keys, as `PushManager.subscribe` makes them."""

    person: Person
    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    def subscription(self, **changed: Any) -> dict[str, Any]:
        point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        usual = {
            "endpoint": f"https://{PUSH}/fcm/send/{self.name}",
            "p256dh": base64.urlsafe_b64encode(point).rstrip(b"=").decode(),
            "auth": base64.urlsafe_b64encode(self.auth).rstrip(b"=").decode(),
            "language": "zh-CN",
        }
        return {**usual, **changed}

    def subscribe(self, **changed: Any) -> Browser:
        answer = self.person.client.put("/api/push/subscription", json=self.subscription(**changed))
        assert answer.status_code == 204, answer.text
        return self

    def shown(self, outside: Outside) -> list[dict[str, Any]]:
        """What arrived for this browser, decrypted with its keys."""
        mine = [one for one in outside.messages(PUSH) if one.path.endswith(f"/{self.name}")]
        return [
            json.loads(
                http_ece.decrypt(one.body, private_key=self.private, auth_secret=self.auth, version="aes128gcm")
            )
            for one in mine
        ]


class Post:
    """`post.tell(rep)`, `post.deliver()`, `post.clock += …`."""

    def __init__(self, world: World, outside: Outside) -> None:
        self.world, self.outside = world, outside
        #: Tomorrow, ten in the morning in Shanghai: nobody sleeps.
        self.clock = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=1)
        outside.clock = lambda: self.clock.timestamp()
        services: Services = world.app.state.services
        world.in_loop(services.postman.stop)
        self.postman = self.another_server()
        services.postman = self.postman

    def another_server(self) -> Postman:
        services: Services = self.world.app.state.services
        theirs = services.postman
        return Postman(services.reader, services.writer, theirs.push, self.outside.outgoing(), theirs.on_message)

    def browser(self, person: Person, name: str = "one", **changed: Any) -> Browser:
        return Browser(person, name).subscribe(**changed)

    def hook(self, provider: str = "wecom", **changed: Any) -> str:
        """A robot of that provider that is told of everything; returns its id."""
        row_id = uuid7()
        usual = {
            "name": "销售群", "provider": provider, "url": ADDRESSES[provider], "kinds": [DUE.name],
            "key": None if provider == "wecom" else ROBOT_KEY,
        }  # fmt: skip
        answer = self.world.person("boss").client.put(f"/api/group-robots/{row_id}", json={**usual, **changed})
        assert answer.status_code == 204, answer.text
        return row_id

    def tell(
        self, *people: Person, kind: Kind = DUE, customer: str = "王记超市", key: str | None = None
    ) -> list[str]:
        def run(session: Session) -> list[str]:
            args = {"customer": customer, "next_at": self.clock}
            made = notify(system_context(session, self.clock), [one.id for one in people], kind, args=args, key=key)
            return [one.id for one in made]

        ids: list[str] = self.world.app.state.services.writer.call(run)
        return ids

    def deliver(self, *, after: float = 0, by: Postman | None = None) -> int:
        """Lets the postman go until there is nothing to do at this moment, `after` some seconds."""
        self.clock += timedelta(seconds=after)
        postman, count = by or self.postman, 0
        while tried := self.world.in_loop(postman.round, lambda: self.clock):
            count += tried
        return count

    def deliveries(self) -> list[Any]:
        return list(self._rows(delivery))

    def states(self) -> list[str]:
        return sorted(row.state for row in self.deliveries())

    def target(self, row_id: str) -> Any:
        return next(row for row in self._rows(delivery_target) if row.id == row_id)

    def _rows(self, table: Any) -> Iterable[Any]:
        rows: Iterable[Any] = self.world.app.state.services.writer.call(
            lambda session: session.execute(select(table)).all()
        )
        return rows


@pytest.fixture
def post(world: World, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setattr(kinds, "_kinds", {**kinds._kinds, DUE.name: DUE, SILENT.name: SILENT})
    return Post(world, outside)
