"""A transaction that stays open holds the feed of PostgreSQL back, for a while and no longer; monitors can see it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.database import read_engine, write_engine
from sync import positions
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY


@pytest.fixture
def engine(new_database: NewDatabase) -> Iterator[Engine]:
    found = write_engine(new_database(COMPANY), threads=3)
    yield found
    found.dispose()


def _take(engine: Engine) -> int:
    """One commit; its position."""
    with Session(engine) as session, session.begin():
        return positions.current(session)


def _lag(engine: Engine) -> positions.Lag:
    with Session(engine) as session, session.begin():
        return positions.lag(session)


def _limits_of_reads(url: str) -> list[str]:
    reads = read_engine(url)
    try:
        with reads.connect() as connection:
            names = ("idle_in_transaction_session_timeout", "statement_timeout")
            return [str(connection.scalar(text(f"SHOW {name}"))) for name in names]
    finally:
        reads.dispose()


def test_without_long_transactions_nothing_lags(engine: Engine) -> None:
    taken = _take(engine)
    assert _lag(engine) == positions.Lag(0.0, 0)
    with Session(engine) as session, session.begin():
        assert positions.horizon(session) >= taken


def test_a_stalled_transaction_ends_and_the_feed_goes_on(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: nobody commits beside a stalled one")
    with engine.connect() as connection:
        limits = [
            connection.scalar(text(f"SHOW {name}"))
            for name in ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
        ]
        assert limits == ["30s", "1min", "20s"]
    assert _limits_of_reads(engine.url.render_as_string(hide_password=False)) == ["30s", "1min"]
    stalled = engine.connect()
    stalled.execute(text("SET idle_in_transaction_session_timeout = '700ms'"))
    stalled.commit()
    held = int(stalled.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0)
    taken = [_take(engine) for _ in range(3)]
    with Session(engine) as session, session.begin():
        assert positions.horizon(session) < held <= min(taken)
    lag = _lag(engine)
    assert lag.positions >= 4
    assert 0 < lag.seconds < 30
    for _ in range(100):
        with Session(engine) as session, session.begin():
            if positions.horizon(session) >= max(taken):
                break
        time.sleep(0.1)
    else:
        pytest.fail("the stalled transaction still holds the feed back")
    with pytest.raises(DBAPIError, match="idle-in-transaction"):
        stalled.execute(text("SELECT 1"))
    stalled.invalidate()
    stalled.close()
    assert _lag(engine).seconds == 0


def test_a_new_epoch_waits_for_those_who_have_a_position(engine: Engine) -> None:
    """A transaction that began before and commits after would else be below the new horizon, unseen."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    early = Session(engine)
    before = positions.current(early)
    with Session(engine) as session:
        session.execute(text("SET lock_timeout = '300ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            positions.new_epoch(session)
        session.rollback()
    early.commit()
    with Session(engine) as session, session.begin():
        positions.new_epoch(session)
    assert _take(engine) > before + 2**31
