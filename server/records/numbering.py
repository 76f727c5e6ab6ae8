"""Running numbers: prefix + yyyyMMdd of the company's day + serial that restarts every day (BUSINESS.md, Numbering).

The counter is a row that the same transaction increases, so a number is taken only by what is committed: no gaps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Column, Date, Integer, String, Table
from sqlalchemy.orm import Session

from sync.schema import metadata
from sync.statements import Statement

running_number = Table(
    "running_number",
    metadata,
    Column("prefix", String(8), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

_NEXT = Statement(
    """INSERT INTO running_number (prefix, day, last) VALUES (:prefix, :day, :count)
       ON CONFLICT (prefix, day) DO UPDATE SET last = running_number.last + :count RETURNING last"""
)
_RESERVED = "reserved_numbers"


@contextmanager
def reserved(session: Session, prefix: str, day: date, count: int) -> Iterator[None]:
    """Takes so many numbers with one statement for what is made inside; those that are left are given back. An exception
    has to undo the statement: inside a savepoint, or with the transaction."""
    last = int(_NEXT.value(session, prefix=prefix, day=day.isoformat(), count=count)) if count else 0
    numbers = session.info.setdefault(_RESERVED, {})
    numbers[prefix, day] = list(range(last, last - count, -1))
    try:
        yield
    finally:
        left = len(numbers.pop((prefix, day)))
    if left:
        _NEXT.value(session, prefix=prefix, day=day.isoformat(), count=-left)


def next_number(session: Session, prefix: str, day: date, digits: int) -> str:
    """The next number of a kind on a day; a serial that outgrows its digits gets longer, it never wraps."""
    ahead = session.info.get(_RESERVED, {}).get((prefix, day))
    last = ahead.pop() if ahead else _NEXT.value(session, prefix=prefix, day=day.isoformat(), count=1)
    return f"{prefix}{day:%Y%m%d}{last:0{digits}d}"
