"""SQL that runs for every op, handed to the driver itself.

SQLAlchemy needs 30 to 250 µs for a statement, SQLite answers it in one. That is worth it for statements that belong to
the protocol, run for each op and carry nothing but text and whole numbers; everything else uses SQLAlchemy.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_PARAMETER = re.compile(r"(?<!:):(\w+)")
_LIST = re.compile(r"IN :(\w+)\*")
_VALUES = re.compile(r"VALUES \([^)]*\)")
_encode = msgspec.json.Encoder().encode


class Statement:
    """`:name` is a value, `IN :name*` any of a list, which travels as one value however long it is. One text for both
    engines, or one for each. Errors are SQLAlchemy's, without the values.

    `row`: the columns and types of an INSERT, for PostgreSQL, where many rows are one statement over one JSON text:
    a message for each row costs more than the row. `structured`: their values are any that JSON has.
    """

    def __init__(
        self, sql: str = "", *, sqlite: str = "", postgresql: str = "", row: str = "", structured: bool = False
    ) -> None:
        on_sqlite, on_postgresql = " ".join((sqlite or sql).split()), " ".join((postgresql or sql).split())
        self._lists = _LIST.findall(on_sqlite)
        self._writes = not on_sqlite.startswith("SELECT")
        self._texts = {
            "sqlite": _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", on_sqlite),
            "postgresql": _PARAMETER.sub(r"%(\1)s", _LIST.sub(r"= ANY(:\1)", on_postgresql)),
        }
        self._structured = structured
        self._together: Statement | None = None
        if row:
            names = ", ".join(f"r.{column.split()[0]}" for column in row.split(", "))
            rows = f"SELECT {names} FROM jsonb_to_recordset(:rows::jsonb) AS r({row})"
            self._together = Statement(_VALUES.sub(rows, on_postgresql))

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Runs it and returns all rows."""
        return self._run(session, values, many=False)[0]

    def value(self, session: Session, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(session, **values)
        return found[0][0] if found else None

    def changed(self, session: Session, **values: Any) -> int:
        """Runs it and returns how many rows it changed."""
        return self._run(session, values, many=False)[1]

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs it for each row; on PostgreSQL in one round trip."""
        if len(rows) == 1 and not (self._structured and session.get_bind().dialect.name == "postgresql"):
            self._run(session, rows[0], many=False)
        elif rows and self._together is not None and session.get_bind().dialect.name == "postgresql":
            self._together.rows(session, rows=_encode(rows).decode())
        elif rows:
            self._run(session, rows, many=True)

    def _run(self, session: Session, values: Any, *, many: bool) -> tuple[list[Any], int]:
        """What it answers, and how many rows it changed."""
        connection = session.info.get("connection") or session.connection()
        dialect = connection.dialect
        sql = self._texts[dialect.name]
        for name in self._lists:
            items = list(values[name])
            values = {**values, name: _encode(items).decode() if dialect.name == "sqlite" else items}
        if self._writes:
            connection.info["writes"] = connection.info.get("writes", 0) + 1
        cursor = connection.connection.cursor()
        try:
            if many:
                cursor.executemany(sql, values)
                return [], cursor.rowcount
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else [], cursor.rowcount
        except dialect.loaded_dbapi.Error as error:
            connection.info["writes"] = connection.info.get("writes", 0) + 1
            raise DBAPIError.instance(
                sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
            ) from error
        finally:
            cursor.close()
