"""What a phone does to compare its cache with the company: hashes up, differing shards down."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from server.records.record import is_record, record_named, visible_fields
from sync.digest import hash_of
from sync.pages import TypePage, rows_of
from tests.support.world import Person


def shards_of(rows: dict[str, dict[str, Any]], depth: int) -> dict[str, str]:
    """The hash of every shard that has rows."""
    dealt: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row_id, row in sorted(rows.items()):
        dealt[row_id[-depth:]].append((row_id, row["rev"]))
    return {shard: hash_of(content) for shard, content in dealt.items()}


def ask(person: Person, depth: int = 1) -> dict[str, Any]:
    """One answer for what this person's phone holds."""
    types = {name: {"depth": depth, "shards": shards_of(rows, depth)} for name, rows in person.cache.items() if rows}
    answer: dict[str, Any] = person.post("/sync/v1/digest", {"cursor": person.cursor, "types": types})
    return answer


def repair(person: Person, depth: int = 1) -> list[tuple[str, str]]:
    """Asks and applies until nothing more differs; returns the shards that were sent."""
    sent: list[tuple[str, str]] = []
    while True:
        answer = ask(person, depth)
        found = [(name, shard) for name, shard in answer.get("shards", ())]
        assert not set(found) & set(sent), "a shard came twice"
        sent += found
        for name, shard in found:
            rows = person.cache.setdefault(name, {})
            for row_id in [row_id for row_id in rows if row_id.endswith(shard)]:
                del rows[row_id]
        for name, part in answer.get("types", {}).items():
            fields = visible_fields(record_named(name)) if is_record(name) else []
            for row in rows_of(msgspec.convert(part, TypePage)):
                person.cache.setdefault(name, {})[row["id"]] = dict.fromkeys(fields) | row
        if not answer.get("more"):
            return sent
