"""Alembic's entry: runs on the connection that `server.schema` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

import server.areas  # noqa: F401 - all tables
from server.migrations.comparing import is_declared
from server.records.types import Scaled, UtcDateTime
from sync.schema import metadata


def render_item(kind: str, item: object, autogen_context: object) -> str | Literal[False]:
    """Our column types by name, so that migrations read well and import one module."""
    if kind == "type" and isinstance(item, Scaled):
        return f"types.Scaled({item.places})"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "types.UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        return "types.Json"
    if kind == "type" and isinstance(item, BigInteger):
        return "types.BigInt"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_object=is_declared,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
