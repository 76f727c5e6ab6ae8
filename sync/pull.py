"""Pull: what changed for one employee since a cursor, as pages of rows, in one read snapshot each.

Two phases. First every root that became live since the cursor, whole; then what changed under the roots that were live
all along. Both walk the change log in (tx, seq) order with the upper bound pinned in the cursor, so the cost grows with
what changed and a page can be asked for again.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session

from sync import positions
from sync.schema import access, change_log

PAGE_ROWS = 2000

#: `(type, ids) -> (columns, rows)`: how the rows of a type look on the wire; given by the server.
Hydrate = Callable[[Session, str, list[str]], tuple[list[str], dict[str, list[Any]]]]


class Cursor(msgspec.Struct, array_like=True):
    """Where a device stands. `phase` 0: finished up to `at`; 1, 2: in the middle of a pull up to `bound`."""

    epoch: str
    employee: str
    at: int
    phase: int = 0
    bound: int = 0
    tx: int = 0
    seq: int = 0


@dataclass(slots=True)
class Page:
    epoch: str
    cursor: str
    after: str | None
    position: int
    reset: bool = False
    drop: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    types: dict[str, dict[str, Any]] = field(default_factory=dict)
    remaining: int = 0


def encode_cursor(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


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
    """The next page for this employee. A cursor that cannot be used (other epoch, other person, the future) resets."""
    epoch = positions.epoch(session)
    horizon = positions.horizon(session)
    cursor = decode_cursor(text)
    usable = (
        cursor is not None
        and cursor.epoch == epoch
        and cursor.employee == employee_id
        and max(cursor.at, cursor.bound) <= horizon
    )
    if cursor is None or not usable:
        reset = bool(text)
        cursor = Cursor(epoch, employee_id, at=0)
    else:
        reset = False
    first = cursor.phase == 0
    if first:
        cursor = Cursor(epoch, employee_id, at=cursor.at, phase=1, bound=horizon)
    page = Page(epoch, "", None, cursor.at, reset=reset)
    if first:
        _roots(session, cursor, page)
    _fill(session, cursor, page, hydrate, limit)
    return page


def _roots(session: Session, cursor: Cursor, page: Page) -> None:
    """Which roots came and went since the cursor; part of the first page."""
    statement = select(access.c.root, access.c.live).where(
        access.c.employee_id == cursor.employee, access.c.tx > cursor.at, access.c.tx <= cursor.bound
    )
    if not cursor.at:
        return  # a cold start: everything is new, nothing is held
    for root, live in session.execute(statement):
        (page.roots if live else page.drop).append(root)


def _fill(session: Session, cursor: Cursor, page: Page, hydrate: Hydrate, limit: int) -> None:
    room = limit
    lines: list[Row[Any]] = []
    while room > 0 and cursor.phase in (1, 2):
        found = list(session.execute(_lines(cursor).limit(room + 1)))
        more = len(found) > room
        found = found[:room]
        lines += found
        room -= len(found)
        if more or (found and room == 0):
            cursor.tx, cursor.seq = found[-1].tx, found[-1].seq
            if more:
                break
        if not more:
            # On a cold start every live root is new: the second phase has nothing to find.
            cursor.phase = 2 if cursor.phase == 1 and cursor.at else 3
            cursor.tx = cursor.seq = 0
    _rows(session, lines, page, hydrate)
    if cursor.phase in (1, 2):
        page.after = page.cursor = encode_cursor(cursor)
        page.remaining = _remaining(session, cursor)
    else:
        page.cursor = encode_cursor(Cursor(cursor.epoch, cursor.employee, at=cursor.bound))
        page.position = cursor.bound


def _condition(cursor: Cursor) -> ColumnElement[bool]:
    """Which lines are still to come. The rows are not bounded from above: one that is written again during the pull
    has only its newer line left, and leaving it out would give a state that never was. It comes once more next time.
    """
    shared = [
        access.c.employee_id == cursor.employee,
        access.c.live,
        access.c.tx <= cursor.bound,
        or_(
            change_log.c.tx > cursor.tx,
            and_(change_log.c.tx == cursor.tx, change_log.c.seq > cursor.seq),
        )
        if cursor.tx
        else change_log.c.tx > 0,
    ]
    if cursor.phase == 1:
        return and_(access.c.tx > cursor.at, change_log.c.op == "w", *shared)
    return and_(access.c.tx <= cursor.at, change_log.c.tx > cursor.at, *shared)


def _lines(cursor: Cursor) -> Any:
    return (
        select(
            change_log.c.type,
            change_log.c.row_id,
            change_log.c.root,
            change_log.c.op,
            change_log.c.tx,
            change_log.c.seq,
        )
        .join(access, access.c.root == change_log.c.root)
        .where(_condition(cursor))
        .order_by(change_log.c.tx, change_log.c.seq)
    )


def _remaining(session: Session, cursor: Cursor) -> int:
    statement = (
        select(func.count())
        .select_from(change_log.join(access, access.c.root == change_log.c.root))
        .where(_condition(cursor))
    )
    return int(session.scalar(statement) or 0)


def _rows(session: Session, lines: list[Row[Any]], page: Page, hydrate: Hydrate) -> None:
    """Turns lines of the log into rows on the wire; `rev` and `root` come from the log."""
    written: dict[str, dict[str, tuple[int, str]]] = {}
    for line in lines:
        entry = page.types.setdefault(line.type, {"columns": [], "rows": [], "gone": []})
        if line.op == "d":
            entry["gone"].append([line.row_id, line.root])
        else:
            written.setdefault(line.type, {})[line.row_id] = (line.tx, line.root)
    for record_type, found in written.items():
        columns, rows = hydrate(session, record_type, list(found))
        entry = page.types[record_type]
        entry["columns"] = ["id", "rev", "root", *columns]
        entry["rows"] = [[row_id, *found[row_id], *rows[row_id]] for row_id in found if row_id in rows]


__all__ = ["PAGE_ROWS", "Cursor", "Page", "decode_cursor", "encode_cursor", "pull"]
