"""Tables beside the customer records: keys of the duplicate check, what merges did, and imports in the making. None of
them syncs."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from server.records.types import Json, UtcDateTime
from sync.schema import metadata

#: The normalised values by which customers are compared, whoever may see them (CU-26). Kept with every create and edit.
customer_key = Table(
    "customer_key",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("value", String(200), primary_key=True),
    Column("customer_id", String(36), primary_key=True),
    Index("ix_customer_key_customer", "customer_id"),
)

#: What the merge of a customer into another one did (`merges.Done`), kept for 30 days to be taken back.
customer_merge = Table(
    "customer_merge",
    metadata,
    Column("customer_id", String(36), primary_key=True),
    Column("into_id", String(36), nullable=False, index=True),
    Column("merged_at", UtcDateTime, nullable=False, index=True),
    Column("merged_by", String(36)),
    Column("done", Json, nullable=False),
)

#: One uploaded workbook. `state`: reading → preview → importing → done, or failed with `code` and `params`.
import_job = Table(
    "import_job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("employee_id", String(36), nullable=False, index=True),
    Column("file_name", String(200), nullable=False),
    Column("state", String(12), nullable=False),
    Column("code", String(60)),
    Column("params", Json, nullable=False),
    Column("headers", Json, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),
)

#: One row of a sheet as it was and as it will be. `state`: ok, warning, error; imported or refused after the commit.
#: `turn`: rows of a lower one are imported first: customers before those below them, contacts last; -1: its parent is
#: still to be found among the rows of the file.
import_row = Table(
    "import_row",
    metadata,
    Column("job_id", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sheet", String(10), nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("cells", Json, nullable=False),
    Column("values", Json, nullable=False),
    Column("problems", Json, nullable=False),
    Column("title", Text, nullable=False),
    Column("turn", Integer, nullable=False, server_default="0"),
    Index("ix_import_row_state", "job_id", "state", "seq"),
    Index("ix_import_row_turn", "job_id", "turn", "seq"),
)

#: The workbook of a job while it is read, in pieces, so that reading goes on after an interruption.
import_part = Table(
    "import_part",
    metadata,
    Column("job_id", String(36), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
