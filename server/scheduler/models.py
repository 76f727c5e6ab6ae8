"""The runs of timed work. Neither a record nor part of the history: what a job changes is in the history by itself."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from server.records.types import UtcDateTime
from sync.schema import metadata

#: One line per job and moment it was due. A line without `ended_at` belongs to `server` until `free_at`; afterwards any
#: server may go on with it. `outcome`: done, failed, or first (the job was new then and had nothing to catch up on).
scheduled_run = Table(
    "scheduled_run",
    metadata,
    Column("job", String(60), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("server", String(60), nullable=False),
    Column("started_at", UtcDateTime),
    Column("free_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("outcome", String(10)),
    Column("missed", Integer, nullable=False),
    Column("asked_by", String(36)),
    Column("result", Text, nullable=False),
    Column("error", Text),
    Index("ix_scheduled_run_open", "ended_at", "free_at"),
)
