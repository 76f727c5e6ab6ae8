"""`xunke backup`, `restore`, `restored`: a database leaves and comes back without a phone losing work.

After every restore the database begins a new epoch. Devices notice, keep what they hold, compare it, and send again what
they had delivered after the backup was made.
"""

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from server.database import is_sqlite, write_engine
from server.schema import migrate
from server.settings import Settings
from server.upkeep import begin_epoch

#: What a database of ours has at least.
_OURS = {"feed", "change_log", "access", "inbox", "alembic_version", "company"}


class BackupError(Exception):
    """Why it was not done; nothing has been changed."""


def backup(settings: Settings, target: Path) -> None:
    """Copies the SQLite database into one file, consistent while the server works. Raises `BackupError`."""
    source = _file_of(settings, f"pg_dump --format=custom --file={target} {_shown(settings)}")
    if target.exists():
        raise BackupError(f"{target} exists already")
    if not source.exists():
        raise BackupError(f"there is no database in {source}")
    half = _beside(target, "half")
    half.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original:
            with closing(sqlite3.connect(half)) as copy:
                original.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            _check(half)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)


def restore(settings: Settings, source: Path) -> Path | None:
    """Puts a backup in the place of the database; returns where the one before now lies, None where there was none.

    The server must be stopped. Raises `BackupError`, and then nothing has changed.
    """
    target = _file_of(
        settings,
        f"pg_restore --clean --if-exists --no-owner --dbname={_shown(settings)} {source}\n  xunke restored",
    )
    if not source.exists():
        raise BackupError(f"there is no file {source}")
    _check(source)
    settings.data.mkdir(parents=True, exist_ok=True)
    seen = _at_rest(target)
    half = _beside(target, "half")
    half.unlink(missing_ok=True)
    try:
        # Through SQLite, not as bytes: a copy of a database that was in use has a log beside it.
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(half)) as copy:
            original.backup(copy)
        engine = write_engine(f"sqlite:///{half}")
        try:
            migrate(engine)
            begin_epoch(engine, settings.data, seen)
        except Exception as error:
            raise BackupError(f"this version of Xunke cannot read {source}: {error}") from error
        finally:
            engine.dispose()
        _fold(half)
        aside = _set_aside(target)
        half.rename(target)
    finally:
        for part in ("", "-wal", "-shm"):
            _with(half, part).unlink(missing_ok=True)
    return aside


def restored(settings: Settings) -> str:
    """Begins a new epoch: the database has been put back by other means. The server must be stopped."""
    engine = write_engine(settings.database_url)
    try:
        migrate(engine)
        return begin_epoch(engine, settings.data)
    finally:
        engine.dispose()


def _file_of(settings: Settings, instead: str) -> Path:
    url = settings.database_url
    if not is_sqlite(url):
        raise BackupError(f"PostgreSQL has tools of its own for this:\n  {instead}")
    database = make_url(url).database
    if not database:
        raise BackupError("the database is not a file")
    return Path(database)


def _shown(settings: Settings) -> str:
    """The URL as PostgreSQL's tools take it, without the password."""
    url = make_url(settings.database_url).set(drivername="postgresql")._replace(password=None)
    return f'"{url.render_as_string()}"'


def _check(file: Path) -> None:
    """Raises `BackupError` unless the file is a whole Xunke database."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            sound = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"{file} is no SQLite database that can be read: {error}") from error
    if not tables >= _OURS:
        raise BackupError(f"{file} is no Xunke database: {', '.join(sorted(_OURS - tables))} missing")
    if sound != "ok":
        raise BackupError(f"{file} is damaged: {sound}")


def _at_rest(target: Path) -> int:
    """Makes sure that nobody uses the database and that it is one file; returns the highest position it has reached."""
    if not target.exists():
        return 0
    try:
        _fold(target)
        with closing(sqlite3.connect(target)) as connection:
            return int(connection.execute("SELECT max(tx) FROM feed").fetchone()[0] or 0)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupError("the database is in use: stop the server first") from error
        return 0
    except sqlite3.DatabaseError:
        return 0  # damaged: perhaps the very reason for the restore


def _fold(file: Path) -> None:
    """Takes the write-ahead log into the file. Raises `OperationalError` (locked) while anybody has it open."""
    with closing(sqlite3.connect(file, timeout=1)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _set_aside(target: Path) -> Path | None:
    if not target.exists():
        return None
    aside = _beside(target, f"before-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    for number in range(2, 1000):
        if not aside.exists():
            break
        aside = _beside(target, f"before-{datetime.now(UTC):%Y%m%dT%H%M%S}-{number}")
    for part in ("", "-wal", "-shm"):
        if _with(target, part).exists():
            shutil.move(_with(target, part), _with(aside, part))
    return aside


def _beside(file: Path, word: str) -> Path:
    return file.with_name(f"{file.name}.{word}")


def _with(file: Path, part: str) -> Path:
    return file.with_name(file.name + part)


# ---- the command line


def run_backup(settings: Settings, file: Path) -> int:
    try:
        backup(settings, file)
    except BackupError as error:
        return _refused(error)
    print(f"The database is in {file}.")
    print(
        f"Not in it: photos ({settings.blob_location}) and the secret ({settings.data / 'secret'}); copy them, too."
    )
    return 0


def run_restore(settings: Settings, file: Path) -> int:
    try:
        aside = restore(settings, file)
    except BackupError as error:
        return _refused(error)
    print(f"The database is that of {file}." + (f" The one before lies in {aside}." if aside else ""))
    print("Phones will compare what they hold and send again what they had delivered since.")
    return 0


def run_restored(settings: Settings) -> int:
    restored(settings)
    print("Phones will compare what they hold and send again what they had delivered since the backup.")
    return 0


def _refused(error: BackupError) -> int:
    print(error, file=sys.stderr)
    return 1
