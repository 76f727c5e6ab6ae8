"""Pull: what changed for one employee since a cursor, as pages of rows, in one read snapshot each.

Two phases. First every root that became live since the cursor, whole; then what changed under the roots that were live
all along. Both walk the change log in (tx, seq) order with the upper bound pinned in the cursor, so the cost grows with
what changed and a page can be asked for again.
"""

import base64
import binascii
import hashlib
import logging
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from sync import positions
from sync.pages import Hydrate, TypePage, put_rows
from sync.statements import Statement

log = logging.getLogger("xunke.sync")
#: Of the change log: type, row_id, root, op, tx, seq.
_Line = tuple[Any, ...]

#: The rows of a page, and the most a client may ask for.
PAGE_ROWS = 5000


class Cursor(msgspec.Struct, array_like=True):
    """Where a device stands. `owner` tells the epoch and the employee, see `owner_of`. `phase` 0: finished up to `at`;
    1, 2: in the middle of a pull up to `bound`, after the line (`tx`, `seq`), with `left` rows still to come."""

    owner: bytes
    at: int
    phase: int = 0
    bound: int = 0
    tx: int = 0
    seq: int = 0
    left: int = 0


class Page(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One answer to a pull (docs/sync-protocol.md); empty parts are left out. The last four are the server's.

    `digest`: the epoch is new and nothing is sent; `floor`: tombstones may be missing. Both: compare what is held.
    `past`: earlier epochs, each with its last position that this database contains.
    """

    epoch: str
    cursor: str
    position: int
    after: str | None = None
    reset: bool = False
    digest: bool = False
    floor: bool = False
    past: dict[str, int] = {}
    drop: list[str] = []
    roots: list[str] = []
    types: dict[str, TypePage] = {}
    remaining: int = 0
    time_token: str = ""
    server_time: str = ""
    me: Any = None
    shape: Any = None


def owner_of(epoch: str, employee_id: str) -> bytes:
    """What a cursor says of whose it is. It is no secret: a forged one opens nothing that the employee may not hold."""
    return hashlib.blake2s(f"{epoch}/{employee_id}".encode(), digest_size=9).digest()


def encode_cursor(cursor: Cursor) -> str:
    parts: tuple[Any, ...] = msgspec.structs.astuple(cursor)
    raw = msgspec.msgpack.encode(parts if cursor.phase else parts[:2])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(text: str | None) -> Cursor | None:
    """The cursor, or None where there is none or it is not one of ours: both mean a cold start."""
    if not text or len(text) > 400:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.msgpack.decode(raw, type=Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None


def pull(session: Session, employee_id: str, text: str | None, hydrate: Hydrate, limit: int = PAGE_ROWS) -> Page:
    """The next page for this employee. A cursor of an epoch this database has come through asks for a digest; one that
    cannot be used at all (other person, unknown epoch, the future) resets."""
    feed = positions.standing(session)
    horizon = feed.horizon
    owner = owner_of(feed.epoch, employee_id)
    cursor = decode_cursor(text)
    if cursor is not None and cursor.owner != owner and cursor.at:
        past = positions.past(session)
        if any(cursor.owner == owner_of(epoch, employee_id) for epoch in past):
            # Restored from a backup since: what the device has is nearly right, and is compared, not thrown away.
            fresh = encode_cursor(Cursor(owner, at=horizon))
            return Page(epoch=feed.epoch, cursor=fresh, position=horizon, digest=True, past=past)
    usable = cursor is not None and cursor.owner == owner and max(cursor.at, cursor.bound) <= horizon
    if cursor is None or not usable:
        reset = bool(text)
        if cursor is not None and cursor.owner == owner:
            log.error("a device has seen position %d, this database is at %d: restored?", cursor.at, horizon)
        cursor = Cursor(owner, at=0)
    else:
        reset = False
    first = cursor.phase == 0
    if first:
        cursor = Cursor(owner, at=cursor.at, phase=1, bound=horizon, left=-1)
    page = Page(epoch=feed.epoch, cursor="", position=cursor.at, reset=reset, floor=0 < cursor.at < feed.floor)
    if reset or not text:
        page.past = positions.past(session)
    if first:
        _roots(session, employee_id, cursor, page)
    _fill(session, employee_id, cursor, page, hydrate, limit)
    return page


def _roots(session: Session, employee_id: str, cursor: Cursor, page: Page) -> None:
    """Which roots came and went since the cursor; part of the first page."""
    if not cursor.at:
        return  # a cold start: everything is new, nothing is held
    for root, live in _ROOTS.rows(session, employee_id=employee_id, at=cursor.at, bound=cursor.bound):
        (page.roots if live else page.drop).append(root)


def _fill(session: Session, employee_id: str, cursor: Cursor, page: Page, hydrate: Hydrate, limit: int) -> None:
    room = limit
    lines: list[_Line] = []
    while room > 0 and cursor.phase in (1, 2):
        lines_of = _LINES_WIDE if _holds_much(session, employee_id, cursor) else _LINES[cursor.phase]
        found = lines_of.rows(session, **_place(employee_id, cursor), room=room + 1)
        more = len(found) > room
        found = found[:room]
        lines += found
        room -= len(found)
        if more or (found and room == 0):
            *_, cursor.tx, cursor.seq = found[-1]
            if more:
                break
        if not more:
            # On a cold start every live root is new: the second phase has nothing to find.
            cursor.phase = 2 if cursor.phase == 1 and cursor.at else 3
            cursor.tx = cursor.seq = 0
    _rows(session, lines, page, hydrate)
    if cursor.phase in (1, 2):
        # Counted once; what is written meanwhile does not matter to a progress bar.
        cursor.left = (
            _COUNT[cursor.phase].value(session, **_place(employee_id, cursor))
            if cursor.left < 0
            else max(0, cursor.left - len(lines))
        )
        page.remaining = cursor.left
        page.after = page.cursor = encode_cursor(cursor)
    else:
        page.cursor = encode_cursor(Cursor(cursor.owner, at=cursor.bound))
        page.position = cursor.bound


def _conditions(first_phase: bool) -> str:
    """Which lines are still to come. The rows are not bounded from above: one that is written again during the pull
    has only its newer line left, and leaving it out would give a state that never was. It comes once more next time.
    """
    phase = "access.tx > :at AND change_log.op = 'w'" if first_phase else "access.tx <= :at AND change_log.tx > :at"
    return f"""FROM change_log JOIN access ON access.root = change_log.root
        WHERE access.employee_id = :employee_id AND access.live AND access.tx <= :bound AND {phase}
          AND (change_log.tx, change_log.seq) > (:tx, :seq)"""


_ROOTS = Statement("SELECT root, live FROM access WHERE employee_id = :employee_id AND tx > :at AND tx <= :bound")
_COLUMNS = "change_log.type, change_log.row_id, change_log.root, change_log.op, change_log.tx, change_log.seq"
#: By phase.
_LINES = {
    phase: Statement(
        f"SELECT {_COLUMNS} {_conditions(phase == 1)} ORDER BY change_log.tx, change_log.seq LIMIT :room"
    )
    for phase in (1, 2)
}
#: The first phase for whoever holds much of the company: along the log instead of root by root.
_LINES_WIDE = Statement(
    sqlite=f"""SELECT {_COLUMNS} {_conditions(True).replace("JOIN access ON", "CROSS JOIN access ON")}
        ORDER BY change_log.tx, change_log.seq LIMIT :room"""
)
#: At least as many as there are lines.
_LOG_ROWS = Statement(sqlite="SELECT max(rowid) FROM change_log")
_COUNT = {phase: Statement(f"SELECT count(*) {_conditions(phase == 1)}") for phase in (1, 2)}


def _holds_much(session: Session, employee_id: str, cursor: Cursor) -> bool:
    """Whether a good part of what the log has is still to come for this device. SQLite plans without knowing that, and
    would sort all of it again for each page; PostgreSQL knows. A cold start is counted before its first page."""
    if cursor.phase != 1 or positions.is_postgresql(session):
        return False
    if cursor.left < 0 and not cursor.at:
        cursor.left = _COUNT[1].value(session, **_place(employee_id, cursor))
    return cursor.left * 4 > (_LOG_ROWS.value(session) or 0)


def _place(employee_id: str, cursor: Cursor) -> dict[str, Any]:
    return {
        "employee_id": employee_id, "at": cursor.at, "bound": cursor.bound, "tx": cursor.tx, "seq": cursor.seq
    }  # fmt: skip


def _rows(session: Session, lines: list[_Line], page: Page, hydrate: Hydrate) -> None:
    """Turns lines of the log into rows on the wire; `rev` and `root` come from the log."""
    written: dict[str, dict[str, _Line]] = {}
    for line in lines:
        record_type, row_id, root, op, _tx, _seq = line
        if op == "d":
            page.types.setdefault(record_type, TypePage()).gone.append((row_id, root))
        elif record_type in written:
            written[record_type][row_id] = line
        else:
            written[record_type] = {row_id: line}
    for record_type, found in written.items():
        rows = hydrate(session, record_type, list(found))
        if rows.ids:
            of_rows = list(map(found.__getitem__, rows.ids))
            revs, roots = [line[4] for line in of_rows], [line[2] for line in of_rows]
            put_rows(page.types.setdefault(record_type, TypePage()), rows, revs, roots)


__all__ = ["PAGE_ROWS", "Cursor", "Page", "decode_cursor", "encode_cursor", "owner_of", "pull"]
