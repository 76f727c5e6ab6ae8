"""A second client of the protocol, written from docs/sync-protocol.md alone: nothing of the server is used here."""

from __future__ import annotations

import hashlib
import time
import uuid
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any


class SmallClient:
    """Keeps rows by type and id, and an outbox of ops, in memory. `http` has `get` and `post` and keeps cookies."""

    def __init__(self, http: Any, device: str) -> None:
        self.http, self.device = http, device
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.outbox: dict[str, dict[str, Any]] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.cursor: str | None = None
        self.position, self.seq = 0, 0

    def sign_in(self, username: str, password: str) -> None:
        device = {"id": self.device, "name": "small", "public_key": None}
        who = {"username": username, "password": password, "device": device}
        self._answer(self.http.post("/api/login", json=who))

    def record(self, command: str, args: dict[str, Any], needs: tuple[str, ...] = ()) -> str:
        self.seq += 1
        op_id = str(
            uuid.UUID(int=int(time.time() * 1000) << 80 | 7 << 76 | 2 << 62 | uuid.uuid4().int & (1 << 62) - 1)
        )
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.outbox[op_id] = {
            "id": op_id, "seq": self.seq, "command": command, "version": 1, "at": now,
            "base": self.position or None, "args": args, "needs": list(needs),
        }  # fmt: skip
        return op_id

    def push(self) -> None:
        waiting = [op for op in self.outbox.values() if op["id"] not in self.results]
        body = {"device": self.device, "schema": 2, "ops": waiting[:200]}
        answer = self._answer(self.http.post("/sync/v1/push", json=body))
        self.results |= {result["id"]: result for result in answer["results"]}

    def pull(self, limit: int = 5000) -> None:
        after, pages = None, 0
        while True:
            asked = {"schema": 2, "limit": limit, "cursor": self.cursor, "after": after}
            named = {name: value for name, value in asked.items() if value is not None}
            page = self._answer(self.http.get("/sync/v1/pull", params=named))
            self._take(page)
            after, pages = page.get("after"), pages + 1
            if after is None:
                self.cursor = page["cursor"]
                if pages == 1:
                    break
                pages = 0  # a long pull is not one moment: once more
        self.position = page["position"]
        for op_id, result in self.results.items():
            if result["status"] in ("applied", "merged") and result["position"] <= self.position:
                self.outbox.pop(op_id, None)

    def digest(self) -> int:
        """Repairs; returns how many shards were wrong."""
        wrong = 0
        while True:
            body = {"cursor": self.cursor, "types": {name: self._hashes(rows) for name, rows in self.rows.items()}}
            answer = self._answer(self.http.post("/sync/v1/digest", json=body))
            for name, shard in answer.get("shards", []):
                wrong += 1
                rows = self.rows.setdefault(name, {})
                for row_id in [row_id for row_id in rows if row_id.endswith(shard)]:
                    del rows[row_id]
            self._write(answer.get("types", {}))
            if not answer.get("more"):
                return wrong

    @staticmethod
    def _hashes(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
        depth = 2 if len(rows) > 2000 else 1
        texts: dict[str, str] = {}
        for row_id in sorted(rows):
            shard = row_id[-depth:]
            texts[shard] = texts.get(shard, "") + f"{row_id}:{rows[row_id]['rev']}\n"
        hashed = {shard: hashlib.sha256(text.encode()).hexdigest()[:16] for shard, text in texts.items()}
        return {"depth": depth, "shards": hashed}

    def _take(self, page: dict[str, Any]) -> None:
        if page.get("reset"):
            self.rows.clear()
        gone = {*page.get("drop", ()), *page.get("roots", ())}
        for rows in self.rows.values():
            for row_id in [row_id for row_id, row in rows.items() if row["root"] in gone]:
                del rows[row_id]
        self._write(page.get("types", {}))

    def _write(self, types: dict[str, Any]) -> None:
        for name, part in types.items():
            rows = self.rows.setdefault(name, {})
            columns = dict(zip(part.get("columns", ()), part.get("values", ()), strict=True))
            if columns:
                ids = columns["id"]
                count = len(ids if isinstance(ids, list) else ids["uuid7"])
                values = {field: _column(column, count) for field, column in columns.items()}
                for at, row_id in enumerate(values["id"]):
                    row = {field: column[at] for field, column in values.items()}
                    row.setdefault("root", _root(part.get("root", "company"), row))
                    rows[row_id] = row
            for row_id, root in part.get("gone", ()):
                if row_id in rows and rows[row_id]["root"] == root:
                    del rows[row_id]

    @staticmethod
    def _answer(response: Any) -> Any:
        if response.status_code >= 400:
            raise RuntimeError(response.text)
        return response.json()


def _root(rule: str, row: dict[str, Any]) -> str:
    for alternative in rule.split("|"):
        kind, _, field = alternative.partition(":")
        if row.get(field):
            return f"{kind}:{row[field]}"
    return "company"


def _column(column: Any, count: int) -> list[Any]:
    if isinstance(column, list):
        return column
    if "same" in column:
        return [column["same"]] * count
    if "of" in column:
        return [column["of"][at] for at in column["at"]]
    if "times" in column:
        at, found = 0, []
        for step in column["times"]:
            at += step or 0
            found.append(None if step is None else _moment(at))
        return found
    if "serial" in column:
        return [f"{column['prefix']}{at:0{column['digits']}d}" for at in accumulate(column["serial"])]
    if "text" in column:
        each, unit = column["each"], 10 ** column.get("decimals", 0)
        parts = [column["text"][each * at : each * at + each] for at in range(count)]
        read = (lambda part: int(part) / unit) if "decimals" in column else str
        return [read(part) if part.strip() else None for part in parts]
    rests = [column["rest"][19 * at : 19 * at + 19] for at in range(count)]
    made = [f"{at:012x}" for at in accumulate(column["uuid7"])]
    return [f"{t[:8]}-{t[8:]}-7{r[:3]}-{r[3:7]}-{r[7:]}" for t, r in zip(made, rests, strict=True)]


def _moment(milliseconds: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
