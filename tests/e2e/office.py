"""What the company does beside a story, over the public API: `Office(url, "clerk").do("order.ship", id=…)`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import httpx

from media.make import DeviceKey
from server.demo.names import PASSWORD
from server.records.ids import uuid7
from server.records.values import to_wire

#: Seconds that what a tap has set off may take on a busy machine.
_PATIENCE = 30.0
_PAUSE = 0.1


def comes_to(ask: Callable[[], object], expected: object) -> None:
    """Asks until the answer is the expected one: what people have set off on their devices may still be under way. Raises
    AssertionError with the last answer."""
    end = time.monotonic() + _PATIENCE
    while (answer := ask()) != expected and time.monotonic() < end:
        time.sleep(_PAUSE)
    assert answer == expected


class Office:
    """One employee of the demo company, signed in on a device of his own. Use it in a `with`."""

    def __init__(self, url: str, username: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._sent = 0
        device = {"id": uuid7(), "name": "end-to-end test", "public_key": DeviceKey().public}
        credentials = {"username": username, "password": PASSWORD, "device": device}
        self.me: dict[str, Any] = self._answer(self._http.post("/api/login", json=credentials))

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._http.close()

    @property
    def id(self) -> str:
        return str(self.me["id"])

    def do(self, command: str, **args: Any) -> dict[str, Any]:
        """Runs a command; returns the answer with `status`, `code`, `result` …"""
        answer: dict[str, Any] = self._answer(self._http.post(f"/api/commands/{command}", json=args))
        return answer

    def push(self, *ops: dict[str, Any], report: str = "") -> list[dict[str, Any]]:
        """Delivers ops as a phone does, each `{command, args}`; `report`: what the phone says of itself."""
        self._sent += 1
        numbered = [
            {"id": uuid7(), "seq": self._sent * 100 + place, "at": to_wire(datetime.now(UTC)), **op}
            for place, op in enumerate(ops)
        ]
        body = {"device": self.me["device_id"], "schema": 2, "ops": numbered}
        headers = {"X-Xunke-Client": report} if report else {}
        answer = self._answer(self._http.post("/sync/v1/push", json=body, headers=headers))
        return list(answer["results"])

    def edit(self, record: str, row: dict[str, Any], **values: Any) -> dict[str, Any]:
        """Changes fields of a row as it was read."""
        changes = {name: [row.get(name), value] for name, value in values.items()}
        return self.do(f"{record}.edit", id=row["id"], set=changes)

    def create(self, record: str, **values: Any) -> str:
        row_id = uuid7()
        self.do(f"{record}.create", id=row_id, values=values)
        return row_id

    def all(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """The first two hundred rows: `office.all("orders", state="pending", sort="-ordered_at")`."""
        page = self._answer(self._http.get(f"/api/{path}", params={"limit": 200, **filters}))
        return list(page["items"])

    def one(self, path: str, **filters: Any) -> dict[str, Any]:
        """The only row that fits, as soon as there is just one. Raises AssertionError when that does not come.

        What a device is still sending is asked for with what it is to say: `one("customers", id=…, mobile="1390…")`.
        """
        found: list[dict[str, Any]] = []

        def count() -> int:
            found[:] = self.all(path, **filters)
            return len(found)

        try:
            comes_to(count, 1)
        except AssertionError:
            raise AssertionError(f"{len(found)} {path} with {filters}") from None
        return found[0]

    def history(self, path: str, row_id: str) -> list[dict[str, Any]]:
        """Who changed what, the latest first."""
        return list(self._answer(self._http.get(f"/api/{path}/{row_id}/history")))

    def file(self, path: str) -> bytes:
        response = self._http.get(path)
        response.raise_for_status()
        return response.content

    def status(self, path: str) -> int:
        """What asking for something is answered with, whatever it is."""
        return self._http.get(path).status_code

    def uploaded(self, sha256: str) -> int:
        """How many bytes of a photo are at the company."""
        response = self._http.head(f"/media/v1/uploads/{sha256}", headers={"tus-resumable": "1.0.0"})
        response.raise_for_status()
        return int(response.headers["upload-offset"])

    def end_other_logins(self) -> None:
        """A new password signs out every other device; the old one is set again, so that stories go on."""
        for current, new in ((PASSWORD, f"{PASSWORD}-new"), (f"{PASSWORD}-new", PASSWORD)):
            self._answer(self._http.post("/api/me/password", json={"current": current, "new": new}))

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        if response.is_error:
            raise AssertionError(f"{response.request.url}: {response.status_code} {response.text}")
        return response.json() if response.content else None
