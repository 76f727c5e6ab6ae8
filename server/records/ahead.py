"""Which rows the commands of a push are about, told from their args alone: all of a transaction are read at once."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from server.records.ids import UUID
from server.records.loading import read_ahead
from server.records.record import is_record, record_named
from sync.inbox import Op


def read_what_they_name(session: Session, ops: Iterable[Op]) -> None:
    """Reads the rows in memory that ops name: what a command is called after by `id`, and its customer. A guess that is
    wrong costs nothing but a place in the query; a command looks itself for what was not read."""
    named: dict[str, set[str]] = {}
    for op in ops:
        record = op.command.partition(".")[0]
        values = op.args.get("values")
        for target, value in (
            (record, op.args.get("id")),
            ("customer", op.args.get("customer_id")),
            ("customer", values.get("customer_id") if isinstance(values, dict) else None),
        ):
            if isinstance(value, str) and UUID.fullmatch(value) and is_record(target):
                named.setdefault(target, set()).add(value)
    for target in sorted(named):
        read_ahead(session, record_named(target), named[target])
