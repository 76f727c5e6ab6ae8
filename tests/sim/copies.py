"""Copies of a company's database, to go back to: what an administrator does after a disk failed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from tests.support.postgres import PostgresServer


class Copies(Protocol):
    """One copy of one database. Nobody may be connected while it is put back."""

    #: Whether nobody may be connected while the copy is made, either.
    needs_rest: bool

    def keep(self) -> None: ...

    def put_back(self) -> None: ...


def copies_of(database: str) -> Copies:
    """For a SQLite file; raises ValueError for anything else."""
    url = make_url(database)
    if not url.drivername.startswith("sqlite") or not url.database:
        raise ValueError(f"{url.drivername} needs its server to copy a database")
    return SqliteCopies(Path(url.database))


class SqliteCopies:
    needs_rest = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copy = path.with_suffix(".copy")

    def keep(self) -> None:
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(self._copy)) as target:
            source.backup(target)

    def put_back(self) -> None:
        for beside in ("-wal", "-shm"):
            Path(f"{self._path}{beside}").unlink(missing_ok=True)
        shutil.copyfile(self._copy, self._path)


class PostgresCopies:
    needs_rest = True

    def __init__(self, server: PostgresServer, database: str) -> None:
        self._server = server
        self._database = database
        self._copy: str | None = None

    def keep(self) -> None:
        if self._copy is not None:
            self._server.drop(self._copy)
        self._copy = self._server.copy(self._database)

    def put_back(self) -> None:
        assert self._copy is not None
        self._server.replace(self._database, self._copy)
