"""The tables of the protocol. They hold no business data, only who wrote what, when, and who may hold it.

One `MetaData` serves these tables and every record, so that one Alembic history describes the whole database.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigInt = BigInteger().with_variant(Integer(), "sqlite")

#: One line per row: the latest transaction that wrote it. `op` is "w" (written) or "d" (deleted, a tombstone).
change_log = Table(
    "change_log",
    metadata,
    Column("type", String(40), primary_key=True),
    Column("row_id", String(36), primary_key=True),
    Column("root", String(50), primary_key=True),
    Column("op", String(1), nullable=False),
    Column("tx", BigInt, nullable=False),
    Column("seq", BigInt, nullable=False),
    Index("ix_change_log_position", "tx", "seq"),
    Index("ix_change_log_root", "root", "tx", "seq"),
)

#: Who may hold which root on a device. A line that stopped being live stays, so that the next pull can say "drop".
access = Table(
    "access",
    metadata,
    Column("employee_id", String(36), primary_key=True),
    Column("root", String(50), primary_key=True),
    Column("live", Boolean, nullable=False),
    Column("tx", BigInt, nullable=False),
    Index("ix_access_changed", "employee_id", "tx"),
    Index("ix_access_root", "root"),
    Index("ix_access_tx", "tx"),
)

#: Every op a device ever sent, raw, stored before it is run; the result makes a repeat harmless. An op is one op of its
#: author whichever device brings it: a phone that was enrolled anew, or an imported export.
inbox = Table(
    "inbox",
    metadata,
    Column("op_id", String(64), primary_key=True),
    Column("employee_id", String(36), primary_key=True),
    Column("device_id", String(36), nullable=False),
    Column("seq", BigInt, nullable=False),
    Column("command", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("raw", Text, nullable=False),
    Column("received_at", String(30), nullable=False),
    Column("status", String(10), nullable=False),
    Column("code", String(60)),
    Column("result", Text),
    Column("tx", BigInt, nullable=False),
    Index("ix_inbox_status", "status", "code"),
    Index("ix_inbox_device_seq", "device_id", "seq"),
)

#: One line: the epoch of this database; on SQLite the transaction counter `tx`, on PostgreSQL the number `base` that is
#: added to transaction ids; and `floor`: tombstones up to this position have been removed.
feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("epoch", String(36), nullable=False),
    Column("tx", BigInt, nullable=False, default=0),
    Column("base", BigInt, nullable=False, default=0),
    Column("floor", BigInt, nullable=False, default=0),
)

#: The epochs this database has come through: what another history had at positions after `until` is not in here.
feed_past = Table(
    "feed_past",
    metadata,
    Column("epoch", String(36), primary_key=True),
    Column("until", BigInt, nullable=False),
)

#: Positions have no time of their own: how far the feed was in each hour ("2026-11-21T08", UTC).
feed_hour = Table(
    "feed_hour",
    metadata,
    Column("hour", String(13), primary_key=True),
    Column("tx", BigInt, nullable=False),
)
