"""What a new version changes in the data of a company that is there already: steps that a migration asks for by name
(`ask_for`), done once, as the system, with their lines in history and change log, so that devices hear of them.

A step looks whether there is a company; a new one begins with what `found_company` gives it.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Column, Engine, String, Table, select, update
from sqlalchemy.orm import Session

from server.database import Writer
from server.records.commands import Context
from server.records.types import UtcDateTime
from sync.schema import metadata

#: A line per step that a migration has asked for; `done_at` is null until it is done.
upgrade_step = Table(
    "upgrade_step",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("done_at", UtcDateTime),
)
Step = Callable[[Context], None]
_steps: dict[str, Step] = {}


def on_upgrade(name: str) -> Callable[[Step], Step]:
    """Declares the step of that name; it may be run again until its transaction is committed."""

    def remember(step: Step) -> Step:
        _steps[name] = step
        return step

    return remember


_OPEN = select(upgrade_step.c.name).where(upgrade_step.c.done_at.is_(None)).order_by(upgrade_step.c.name)


def bring_up(engine: Engine) -> None:
    """Does the steps that are still to be done, in the order of their names, all in one transaction."""
    with engine.connect() as connection:
        if connection.scalar(_OPEN.limit(1)) is None:
            return
    writer = Writer(engine)
    try:
        writer.call(_do_all)
    finally:
        writer.close()


def _do_all(session: Session) -> None:
    from server.company.setup import is_founded, system_context

    names = list(session.scalars(_OPEN.with_for_update()))
    context = system_context(session)
    for name in names:
        if is_founded(session):
            _steps[name](context)
            session.flush()
        done = update(upgrade_step).where(upgrade_step.c.name == name).values(done_at=datetime.now(UTC))
        session.connection().execute(done)
