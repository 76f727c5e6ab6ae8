"""Running numbers: prefix + yyyyMMdd of the company's day + serial that restarts every day (BUSINESS.md, Numbering).

The counter is a row that the same transaction increases, so a number is taken only by what is committed: no gaps.
"""

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
    """INSERT INTO running_number (prefix, day, last) VALUES (:prefix, :day, 1)
       ON CONFLICT (prefix, day) DO UPDATE SET last = running_number.last + 1 RETURNING last"""
)


def next_number(session: Session, prefix: str, day: date, digits: int) -> str:
    """The next number of a kind on a day; a serial that outgrows its digits gets longer, it never wraps."""
    last = _NEXT.value(session, prefix=prefix, day=day.isoformat())
    return f"{prefix}{day:%Y%m%d}{last:0{digits}d}"
