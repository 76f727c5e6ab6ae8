"""Databases of PostgreSQL that tests hand on to each other: what one has written is taken back, instead of making a new
database of a thousand files for everybody."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tests.support.postgres import PostgresServer, name_of

#: Deleted rows stay in the files until somebody sweeps them out: a database is not handed on for ever.
_USES = 30
_END_SECONDS = 30.0

#: Everything that a test may have changed besides rows: tables, columns, indexes, files, functions.
_SHAPE = """
    SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT concat_ws(',', c.oid, relname, relfilenode, relchecks, relhastriggers, reloptions) AS line
          FROM pg_class c WHERE c.oid >= 16384
        UNION ALL
        SELECT concat_ws(',', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped)
          FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL
        SELECT concat_ws(',', oid, proname, md5(prosrc)) FROM pg_proc WHERE oid >= 16384)
"""
_TABLES = "SELECT schemaname, relname FROM pg_stat_user_tables"
_SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences"


@dataclass
class _Origin:
    """What a template holds: `rows` by table as `COPY` writes them, `sequences` by name."""

    template: str
    shape: str = ""
    rows: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sequences: dict[tuple[str, str], int | None] = field(default_factory=dict)


class Copies:
    """Copies of the templates of one server. One a session."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._origins: dict[str, _Origin] = {}
        self._free: dict[str, list[str]] = defaultdict(list)
        self._uses: dict[str, int] = {}
        self._lent: dict[str, tuple[_Origin, int]] = {}

    def lend(self, template: str) -> str:
        """The URL of a database that is as the template (a name that `PostgresServer.template` returned)."""
        if template not in self._origins:
            self._origins[template] = self._look_at(template)
        url = self._free[template].pop() if self._free[template] else self._server.new_database(template)
        self._uses[url] = self._uses.get(url, 0) + 1
        self._lent[url] = self._origins[template], self._server.upheavals
        return url

    def take_back(self, url: str) -> None:
        """Ends whoever is connected to a database and sets it back; one that cannot be is dropped."""
        origin, upheavals = self._lent.pop(url)
        # After one of those the server no longer knows which tables were written.
        if upheavals == self._server.upheavals and self._uses[url] < _USES and self._end(url):
            with self._connect(url) as connection:
                same = _shape(connection) == origin.shape
                if same:
                    _set_back(connection, origin)
            if same:
                self._free[origin.template].append(url)
                return
        del self._uses[url]
        self._server.drop(url)

    def _look_at(self, template: str) -> _Origin:
        origin = _Origin(template)
        with self._connect(self._server.url(template)) as connection:
            origin.shape = _shape(connection)
            for table in connection.execute(_TABLES).fetchall():
                name = sql.Identifier(*table)
                if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(name)).rowcount:
                    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(name)) as copy:
                        origin.rows[table] = b"".join(bytes(part) for part in copy)
            origin.sequences = _sequences(connection)
        return origin

    def _end(self, url: str) -> bool:
        """Whether nobody is connected any more; what they wrote is counted by then."""
        deadline = time.monotonic() + _END_SECONDS
        others = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with self._connect(self._server.url("postgres")) as connection:
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}", [name_of(url)])
            while connection.execute(f"SELECT {others}", [name_of(url)]).rowcount:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.002)
        return True

    @staticmethod
    def _connect(url: str) -> psycopg.Connection[Any]:
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _set_back(connection: psycopg.Connection[Any], origin: _Origin) -> None:
    touched = connection.execute(f"{_TABLES} WHERE n_tup_ins + n_tup_upd + n_tup_del > 0").fetchall()
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")  # keys between tables are whole at the end
        for table in touched:
            name = sql.Identifier(*table)
            connection.execute(sql.SQL("DELETE FROM {}").format(name))
            if table in origin.rows:
                with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)) as copy:
                    copy.write(origin.rows[table])
        for sequence, value in _sequences(connection).items():
            before = origin.sequences[sequence]
            if value != before:
                quoted = sql.Identifier(*sequence).as_string(connection)
                connection.execute("SELECT setval(%s, %s, %s)", [quoted, before or 1, before is not None])
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT pg_stat_reset()")


def _shape(connection: psycopg.Connection[Any]) -> str:
    [found] = connection.execute(_SHAPE).fetchall()
    return str(found[0])


def _sequences(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], int | None]:
    return {(schema, name): value for schema, name, value in connection.execute(_SEQUENCES)}
