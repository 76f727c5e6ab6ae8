"""Builds the demo company in an empty data folder, tells who is who in it, and removes it again.

`make demo` comes here at every start, mostly only to look; so what builds is imported only when something is built.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text

from server.demo.names import COMPANY_NAME, PASSWORD, ROLES
from server.demo.size import FULL, SMALL
from server.settings import Settings

_MARK = "demo.json"


class NotADemo(Exception):
    """What is in the data folder is not a demo company, so it is not thrown away."""


def build_demo(settings: Settings, seed: int = 1, small: bool = False, now: datetime | None = None) -> bool:
    """Makes the demo company; False when there is a company already. It ends at `now`, the moment it is built.

    The same seed and moment give the same data.
    """
    if has_company(settings):
        return False
    reset(settings)  # what a build that was cut short left behind
    from server.demo.stages import fill

    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / _MARK).write_text(json.dumps({"seed": seed, "small": small, "built": moment.isoformat()}) + "\n")
    fill(settings, seed, SMALL if small else FULL, moment)
    return True


def has_company(settings: Settings) -> bool:
    """Whether the database holds a company, of whatever version."""
    file = _sqlite_file(settings)
    if file is not None and not file.exists():
        return False
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return _company_name(connection) is not None
    finally:
        engine.dispose()


def _company_name(connection: Connection) -> str | None:
    if not inspect(connection).has_table("company"):
        return None
    name: str | None = connection.scalar(text("SELECT name FROM company LIMIT 1"))
    return name


def describe_accounts(settings: Settings) -> str:
    """The address, and who can sign in with which password; short, in Chinese and English."""
    address = f"http://{settings.host}:{settings.port}"
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            if _company_name(connection) != COMPANY_NAME:
                return f"{address}\n\n本公司使用自己的账号。 This company has its own accounts."
            rows = connection.execute(_ACCOUNTS).all()
    finally:
        engine.dispose()
    roles = list(ROLES)
    lines = [address, "", f"密码 / password: {PASSWORD}"]
    for username, name, role, department in sorted(
        rows, key=lambda row: (roles.index(row.role) if row.role in roles else 9, len(row.username), row.username)
    ):
        lines.append(f"  {username:<10} {name}，{role}，{department} ({ROLES.get(role, role)})")
    return "\n".join(lines)


_ACCOUNTS = text(
    """SELECT employee.username, employee.real_name, role.name AS role, department.name AS department FROM employee
       JOIN role ON role.id = employee.role_id JOIN department ON department.id = employee.department_id
       WHERE employee.status = 'enabled'"""
)


def reset(settings: Settings) -> None:
    """Removes the demo company: database, photos and secret. Raises `NotADemo` for a company of somebody's own."""
    mark = settings.data / _MARK
    if not mark.exists():
        if has_company(settings):
            raise NotADemo(f"{settings.data} holds a company that is not the demo; nothing was removed")
        return
    file = _sqlite_file(settings)
    if file is not None:
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            (file.parent / name).unlink(missing_ok=True)
    else:
        _drop_tables(settings)
    if "://" not in settings.blob_location:
        for kind in ("original", "large", "small"):
            shutil.rmtree(Path(settings.blob_location) / kind, ignore_errors=True)
    (settings.data / "secret").unlink(missing_ok=True)
    mark.unlink()


def _sqlite_file(settings: Settings) -> Path | None:
    prefix = "sqlite:///"
    return Path(settings.database_url.removeprefix(prefix)) if settings.database_url.startswith(prefix) else None


def _drop_tables(settings: Settings) -> None:
    import server.areas  # noqa: F401 - all tables
    from sync.schema import metadata

    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
