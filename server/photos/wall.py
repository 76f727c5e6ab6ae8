"""The photo wall: the photos of some days as a manager looks through them, the doubtful ones first, in thin rows."""

import base64
import binascii
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.customers.models import Customer
from server.photos.models import Photo
from server.records.actor import Actor
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.listing import COUNT_CAP
from server.records.values import to_wire
from server.records.visibility import checked, visible

#: One page: all photos of a usual day at once, and 5,000 in five requests.
PAGE = 1000
#: A look back over a quarter; longer periods are for lists and exports.
MOST_DAYS = 92

error_texts(
    {
        "too_many_days": L(
            "一次最多查看 {max} 天的照片",
            "一次最多檢視 {max} 天的照片",
            "Photos of at most {max} days can be looked at together",
        ),
        "days_reversed": L("结束日期早于开始日期", "結束日期早於開始日期", "The last day is before the first"),
    }
)

#: The company's own kind where there is one, else the code of a built-in one.
KIND = func.coalesce(Photo.kind_id, Photo.kind)
#: What a row holds, in this order.
_COLUMNS: dict[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = {
    "id": Photo.id,
    "customer_id": Photo.customer_id,
    "visit_id": Photo.visit_id,
    "kind": KIND,
    "taken_by": Photo.taken_by,
    "taken_at": Photo.taken_at,
    "verdict": Photo.verdict,
    "overruled_to": Photo.overruled_to,
    "attention": Photo.attention,
    "withdrawn_at": Photo.withdrawn_at,
}


class WallPage(msgspec.Struct):
    """Rows with the values of `columns`; `kind` is a code, or the id of the company's own kind. `total`: photos of the whole period (at most 10,001), on the first page only.

    Order: `attention` (3 suspect, 2 unverified, 1 not judged, 0 verified or decided), then the latest first.
    """

    columns: list[str]
    items: list[list[Any]]
    refs: dict[str, dict[str, str]]
    next: str | None = None
    total: int | None = None


def moments_of(zone: ZoneInfo, since: date, until: date) -> tuple[datetime, datetime]:
    """The business days from `since` to `until`, both included, as moments. Raises `Rejected`: too_many_days,
    days_reversed."""
    if until < since:
        raise Rejected("days_reversed", field="until")
    if (until - since).days >= MOST_DAYS:
        raise Rejected("too_many_days", field="since", max=MOST_DAYS)
    start, end = (datetime.combine(day, datetime.min.time(), zone) for day in (since, until + timedelta(days=1)))
    return start, end


def taken_within(moments: tuple[datetime, datetime]) -> ColumnElement[bool]:
    return and_(Photo.taken_at >= moments[0], Photo.taken_at < moments[1])


#: Suspects first, the latest first; the id makes the order total.
ORDER = (Photo.attention.desc(), Photo.taken_at.desc(), Photo.id.desc())


def wall_page(session: Session, actor: Actor, moments: tuple[datetime, datetime], after: str = "") -> WallPage:
    """One page of the photos that this actor may see, of the period."""
    where = [checked(actor, Photo), taken_within(moments)]
    total = None
    if after:
        page = [*where, _beyond(after)]
    else:
        page = where
        counted = select(Photo.id).where(*where).limit(COUNT_CAP + 1).subquery()
        total = session.scalar(select(func.count()).select_from(counted))
    columns = [column.label(name) for name, column in _COLUMNS.items()]
    rows = session.execute(select(*columns).where(*page).order_by(*ORDER).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    following = None
    if len(rows) > PAGE:
        last = shown[-1]
        following = _encode([last.attention, str(to_wire(last.taken_at)), last.id])
    items = [[to_wire(value) for value in row] for row in shown]
    customers = _names(session, actor, {row.customer_id for row in shown})
    return WallPage(list(_COLUMNS), items, {"customer": customers}, following, total)


def _names(session: Session, actor: Actor, ids: set[str]) -> dict[str, str]:
    """Names of the customers that this actor may see."""
    rows = session.execute(
        select(Customer.id, Customer.name).where(Customer.id.in_(sorted(ids)), visible(actor, Customer))
    )
    return {row.id: row.name for row in rows}


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def _beyond(after: str) -> ColumnElement[bool]:
    """What comes after the last row of a page, whatever has arrived or been decided since."""
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        attention, taken_at, row_id = msgspec.json.decode(raw, type=tuple[int, datetime, str])
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise Rejected("wrong_type", field="after", label="after", value=after[:40]) from error
    if taken_at.tzinfo is None or not 0 <= attention <= 9:
        raise Rejected("wrong_type", field="after", label="after", value=after[:40])
    return or_(
        Photo.attention < attention,
        and_(
            Photo.attention == attention,
            or_(Photo.taken_at < taken_at, and_(Photo.taken_at == taken_at, Photo.id < row_id)),
        ),
    )
