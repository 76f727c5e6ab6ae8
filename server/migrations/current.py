"""Whether a database is at the newest migration, found out without loading the application."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from sync.schema import feed

FOLDER = Path(__file__).parent


def is_current(engine: Engine) -> bool:
    """True only for a database that `server.schema.migrate` has finished with."""
    heads = set(ScriptDirectory(str(FOLDER)).get_heads())
    with engine.connect() as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) != heads:
            return False
        if connection.scalar(text("SELECT count(*) FROM upgrade_step WHERE done_at IS NULL")):
            return False
        return inspect(connection).has_table(feed.name) and connection.scalar(feed.select().limit(1)) is not None
