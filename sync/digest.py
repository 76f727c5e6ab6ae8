"""Digest: finds where a device's cache differs from what it may hold, and sends only that part of it again.

Rows of a type are dealt to shards by the last hex digits of their id, which are random in a UUIDv7. The device says the
hash of each of its shards over ids and revs; shards whose hash is another here are sent whole. It is the repair after a
restore, after half a year without contact, and once a day for whatever nobody has thought of.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from sync import positions
from sync.pages import Hydrate, TypePage, put_rows
from sync.pull import decode_cursor, owner_of
from sync.schema import access, change_log

#: Rows an answer has before it says "more"; the last shard may go beyond.
ANSWER_ROWS = 2000
#: A type with more rows is divided by two digits, when the device names no depth itself.
_DEEP = 2000
_MOST_TYPES = 200

#: A row: id, position, root.
_Line = tuple[str, int, str]


class TypeShards(msgspec.Struct):
    """What a device holds of one type: the hash of each shard that has rows (`hash_of`)."""

    depth: Literal[1, 2]
    shards: dict[str, str]

    def __post_init__(self) -> None:
        if any(len(shard) != self.depth or len(value) != 16 for shard, value in self.shards.items()):
            raise ValueError("a shard is named by `depth` digits and has a hash of 16")


class DigestBody(msgspec.Struct):
    """`cursor`: of the device's last finished pull. Of types that are not named it holds nothing."""

    cursor: str
    types: dict[str, TypeShards]

    def __post_init__(self) -> None:
        if len(self.types) > _MOST_TYPES or any(len(name) > 40 for name in self.types):
            raise ValueError("too many types")


class DigestAnswer(msgspec.Struct, omit_defaults=True):
    """`shards` (type, shard) are sent whole in `types`, which look as in a pull; what a device has of them beside that
    is to go. `more`: others differ, too."""

    epoch: str
    shards: list[tuple[str, str]] = []
    types: dict[str, TypePage] = {}
    more: bool = False


class PullFirst(Exception):
    """The cursor is not one of this epoch and employee: a pull says what to do."""


def hash_of(rows: Iterable[tuple[str, int]]) -> str:
    """The hash of a shard's (id, rev), in the order of the ids: 16 hex digits."""
    text = "".join([f"{row_id}:{rev}\n" for row_id, rev in rows])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(
    session: Session,
    employee_id: str,
    body: DigestBody,
    hydrate: Hydrate,
    may_hold: Callable[[str], bool],
    within: Callable[[Session, str, list[str]], Collection[str]],
    limit: int = ANSWER_ROWS,
) -> DigestAnswer:
    """Compares, in one snapshot. `may_hold` says of a type whether this device may have rows of it at all, `within` which
    of these.

    Raises `PullFirst` where the cursor is not of this epoch and employee.
    """
    epoch = positions.epoch(session)
    cursor = decode_cursor(body.cursor)
    if cursor is None or cursor.owner != owner_of(epoch, employee_id):
        raise PullFirst
    held = _held(session, employee_id)
    answer = DigestAnswer(epoch)
    room = limit
    for name in sorted({*held, *body.types}):
        rows = held.get(name, []) if may_hold(name) else []
        if rows:
            allowed = within(session, name, [row_id for row_id, _, _ in rows])
            rows = [line for line in rows if line[0] in allowed] if len(allowed) < len(rows) else rows
        theirs = body.types.get(name) or TypeShards(2 if len(rows) > _DEEP else 1, {})
        sent: list[_Line] = []
        for shard, lines in _differing(rows, theirs):
            if room <= 0:
                answer.more = True
                break
            answer.shards.append((name, shard))
            sent += lines
            room -= max(1, len(lines))
        if sent:
            _put(session, answer, name, sent, hydrate)
        if answer.more:
            break
    return answer


def _held(session: Session, employee_id: str) -> dict[str, list[_Line]]:
    """Every row under the roots the employee's devices hold, by type."""
    statement = (
        select(change_log.c.type, change_log.c.row_id, change_log.c.tx, change_log.c.root)
        .join(access, access.c.root == change_log.c.root)
        .where(access.c.employee_id == employee_id, access.c.live, change_log.c.op == "w")
    )
    held: dict[str, list[_Line]] = defaultdict(list)
    for record_type, row_id, tx, root in session.connection().execute(statement):
        held[record_type].append((row_id, tx, root))
    return held


def _differing(rows: list[_Line], theirs: TypeShards) -> list[tuple[str, list[_Line]]]:
    """The shards in which rows and the device's hashes differ, in order; their rows in the order of the ids."""
    shards: dict[str, list[_Line]] = defaultdict(list)
    for line in sorted(rows):
        shards[line[0][-theirs.depth :]].append(line)
    names = sorted({*shards, *theirs.shards})
    return [(name, shards[name]) for name in names if _hash(shards[name]) != theirs.shards.get(name)]


def _hash(lines: list[_Line]) -> str | None:
    return hash_of((row_id, rev) for row_id, rev, _ in lines) if lines else None


def _put(session: Session, answer: DigestAnswer, name: str, lines: list[_Line], hydrate: Hydrate) -> None:
    of = {row_id: (rev, root) for row_id, rev, root in lines}
    found = hydrate(session, name, list(of))
    if found.ids:
        revs, roots = zip(*(of[row_id] for row_id in found.ids), strict=True)
        put_rows(answer.types.setdefault(name, TypePage()), found, revs, roots)


__all__ = ["ANSWER_ROWS", "DigestAnswer", "DigestBody", "PullFirst", "TypeShards", "digest", "hash_of"]
