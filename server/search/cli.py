"""`xunke search status | rebuild`: the search index, looked at and made anew. The server may work meanwhile; until the
index is complete its searches look at every row."""

import sys

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all records
from server.database import Writer, write_engine
from server.records.search.docs import shapes
from server.records.search.index import behind, build, clear, place
from server.records.search.tables import search_doc
from server.settings import Settings
from sync.schema import change_log

#: Nobody counts further.
_MANY = 10_000_000


def run_search(settings: Settings, what: str) -> int:
    """The exit status is 1 where the index is not complete."""
    writer = Writer(write_engine(settings.database_url))
    try:
        return _rebuild(writer) if what == "rebuild" else _status(writer)
    finally:
        writer.close()


def _status(writer: Writer) -> int:
    found, late, usable = writer.call(
        lambda session: (_count(session), behind(session, _MANY), place(session).is_usable)
    )
    for record_type, count in found.items():
        print(f"{record_type:16} {count:>10,}")
    if late == 0:
        print("The search index is complete.")
    elif not usable:
        print("The search index is to be made anew; the server does it, or: xunke search rebuild")
    else:
        print(f"{late:,} changed rows are not in it yet.")
    return 1 if late else 0


def _count(session: Session) -> dict[str, int]:
    counted = select(search_doc.c.type, func.count()).group_by(search_doc.c.type).order_by(search_doc.c.type)
    return {str(row[0]): int(row[1]) for row in session.execute(counted)}


def _rebuild(writer: Writer) -> int:
    writer.call(clear)
    wanted = select(func.count()).select_from(change_log).where(change_log.c.type.in_(sorted(shapes())))
    whole = writer.call(lambda session: int(session.scalar(wanted) or 0))
    done = 0
    for looked in build(writer.call):
        done += looked
        _say(f"{min(done, whole):,} of {whole:,} rows")
    _say(f"{done:,} rows are in the search index.", last=True)
    return 0


def _say(text: str, *, last: bool = False) -> None:
    """One line that is written over on a terminal; in a log only the last."""
    if sys.stdout.isatty():
        print(f"\r{text}\033[K", end="\n" if last else "", flush=True)
    elif last:
        print(text)
