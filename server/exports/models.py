"""Tables of exports. None of them syncs."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from server.records.types import Json, UtcDateTime
from sync.schema import metadata

#: A file that somebody asked for (`asked`: `making.Asked`). `state`: writing → done, or failed with `code` and `params`.
#: `rights`: what its person might read when it was made.
export_job = Table(
    "export_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("employee_id", String(36), nullable=False, index=True),
    Column("asked", Json, nullable=False),
    Column("rights", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("code", String(60)),
    Column("params", Json, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("touched_at", UtcDateTime, nullable=False),
)

#: The file in pieces of `jobs.PIECE` bytes, the last one shorter.
export_part = Table(
    "export_part",
    metadata,
    Column("job_id", String(36), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
