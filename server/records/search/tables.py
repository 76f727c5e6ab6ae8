"""The tables of the search index. They hold nothing that is not in the records, and can be made anew at any time.

The grams stand apart, because each engine keeps them in its own way (`GRAMS`): SQLite in a full-text table without
content, PostgreSQL in a column with a GIN index. Neither needs an extension. They are made by the migration alone.
"""

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from server.records.types import BigInt, Json
from sync.schema import metadata

#: What the tables, columns and indexes of the grams are called; the comparison with the declarations leaves them out.
GRAMS = "search_gram"

#: One line per record that can be found. `words`: its texts as `text.normal` makes them, one a line; the first four are
#: number, name, initials and pinyin of the name. `phones`: its phones; `own`: texts of own fields by key.
search_doc = Table(
    "search_doc",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("row_id", String(36), nullable=False),
    Column("words", Text, nullable=False),
    Column("phones", Text, nullable=False),
    Column("own", Json, nullable=True),
    UniqueConstraint("type", "row_id"),
)

#: One line: up to which place of the change log the index is made, with which version of its rules, and the last id.
search_state = Table(
    "search_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("tx", BigInt, nullable=False),
    Column("seq", BigInt, nullable=False),
    Column("last_id", BigInt, nullable=False),
)

CREATE_GRAMS = {
    "sqlite": [
        f"CREATE VIRTUAL TABLE {GRAMS} USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')"
    ],
    "postgresql": [
        f"ALTER TABLE search_doc ADD COLUMN {GRAMS}s integer[] NOT NULL DEFAULT '{{}}'",
        # What is not sorted in yet is looked through by every search.
        f"CREATE INDEX {GRAMS}_found ON search_doc USING gin ({GRAMS}s) WITH (gin_pending_list_limit = 256)",
    ],
}
DROP_GRAMS = {"sqlite": [f"DROP TABLE {GRAMS}"], "postgresql": []}
