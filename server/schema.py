"""Bringing a database to the schema of this version: Alembic, the same migrations for both engines."""

import sys
import tempfile
import uuid

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, insert, select

import server.areas  # noqa: F401 - all tables
from server.database import write_engine
from server.migrations.comparing import is_declared
from server.migrations.current import FOLDER
from server.upgrading import bring_up
from sync.schema import feed, metadata


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Runs the missing migrations, gives a new database its epoch, and changes the data of a company as they ask."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
    with engine.begin() as connection:
        if connection.scalar(select(feed.c.id)) is None:
            connection.execute(insert(feed).values(id=1, epoch=str(uuid.uuid4())))
    bring_up(engine)


def differences(engine: Engine) -> list[object]:
    """What the declarations have that the migrated database lacks, and the other way round; empty when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_declared})
        return list(compare_metadata(context, metadata))


def new_migration(engine: Engine, message: str) -> None:
    """Writes a migration from the difference between the declarations and a migrated database."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def main() -> None:
    """`python -m server.schema "what changed"` writes a migration from what the declarations have and it lacks."""
    with tempfile.TemporaryDirectory() as folder:
        engine = write_engine(f"sqlite:///{folder}/empty.db")
        with engine.begin() as connection:
            command.upgrade(_config(connection), "head")
        new_migration(engine, " ".join(sys.argv[1:]) or "change")
        engine.dispose()


if __name__ == "__main__":
    main()
