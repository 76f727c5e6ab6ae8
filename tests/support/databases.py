"""The two databases that everything must work on: a test that takes `new_database` or `engine_url` runs once on
SQLite and once on PostgreSQL.

Filling a database takes longer than copying one, so what many tests start from is a `Template`: built once a session
and database, then copied (a file on SQLite; on PostgreSQL `CREATE DATABASE … TEMPLATE`, and the copies are handed on, see `Copies`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.copies import Copies
from tests.support.postgres import PostgresServer


@dataclass(frozen=True)
class Template:
    """`build(url)` fills an empty database and closes every connection to it; `key` names the result."""

    key: str
    build: Callable[[str], None]


NewDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session, started when the first test asks: runs on SQLite alone never start it."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_copies(postgres_server: PostgresServer) -> Copies:
    return Copies(postgres_server)


@pytest.fixture(scope="session")
def _sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite-templates")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_database(request: pytest.FixtureRequest, tmp_path: Path, _sqlite_templates: Path) -> Iterator[NewDatabase]:
    """`new_database(template=None)`: the SQLAlchemy URL of a database of the test's own, gone after the test."""
    if request.param == "sqlite":
        yield lambda template=None: _new_sqlite(tmp_path, _sqlite_templates, template)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    copies: Copies = request.getfixturevalue("_postgres_copies")
    made: list[str] = []
    lent: list[str] = []

    def new(template: Template | None = None) -> str:
        if template is None:
            made.append(server.new_database())
            return made[-1]
        lent.append(copies.lend(server.template(template.key, template.build)))
        return lent[-1]

    yield new
    for url in made:
        server.drop(url)
    for url in lent:
        copies.take_back(url)


@pytest.fixture
def engine_url(new_database: NewDatabase) -> str:
    """The URL of an empty database."""
    return new_database()


def _new_sqlite(folder: Path, templates: Path, template: Template | None) -> str:
    number = len(list(folder.glob("database-*.db")))
    path = folder / f"database-{number}.db"
    if template is None:
        path.touch()
    else:
        source = templates / f"{template.key}.db"
        if not source.exists():
            half = source.with_suffix(".building")  # renamed when whole: a build that fails leaves no template
            half.unlink(missing_ok=True)
            template.build(f"sqlite:///{half}")
            half.rename(source)
        shutil.copyfile(source, path)
    return f"sqlite:///{path}"
