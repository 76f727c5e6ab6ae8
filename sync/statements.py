"""SQL that runs for every op, handed to the driver itself.

SQLAlchemy needs 30 to 250 µs for a statement, SQLite answers it in one. That is worth it for statements that belong to
the protocol, run for each op and carry nothing but text and whole numbers; everything else uses SQLAlchemy.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_PARAMETER = re.compile(r"(?<!:):(\w+)(\*?)")
_VALUES = re.compile(r"VALUES \([^)]*\)")
_encode = msgspec.json.Encoder().encode


class Statement:
    """`:name` is a value, `:name*` a list in brackets. One text for both engines, or one for each. Errors are
    SQLAlchemy's, without the values.

    `row`: the columns and types of an INSERT, for PostgreSQL, where many rows are one statement over one JSON text:
    a message for each row costs more than the row.
    """

    def __init__(self, sql: str = "", *, sqlite: str = "", postgresql: str = "", row: str = "") -> None:
        both = {"sqlite": sqlite or sql, "postgresql": postgresql or sql}
        self._sql = {engine: " ".join(text.split()) for engine, text in both.items()}
        self._lists = [name for name, star in _PARAMETER.findall(self._sql["sqlite"]) if star]
        self._texts: dict[tuple[str, tuple[int, ...]], str] = {}
        self._writes = not self._sql["sqlite"].startswith("SELECT")
        self._together: Statement | None = None
        if row:
            names = ", ".join(f"r.{column.split()[0]}" for column in row.split(", "))
            rows = f"SELECT {names} FROM jsonb_to_recordset(:rows::jsonb) AS r({row})"
            self._together = Statement(_VALUES.sub(rows, self._sql["postgresql"]))

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Runs it and returns all rows."""
        sizes = []
        for name in self._lists:
            items = _padded(values.pop(name))
            sizes.append(len(items))
            values.update((f"{name}{n}", item) for n, item in enumerate(items))
        return self._run(session, tuple(sizes), values, many=False)[0]

    def value(self, session: Session, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(session, **values)
        return found[0][0] if found else None

    def changed(self, session: Session, **values: Any) -> int:
        """Runs it and returns how many rows it changed."""
        return self._run(session, (), values, many=False)[1]

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Runs it for each row; on PostgreSQL in one round trip."""
        if len(rows) == 1:
            self._run(session, (), rows[0], many=False)
        elif rows and self._together is not None and session.get_bind().dialect.name == "postgresql":
            self._together.rows(session, rows=_encode(rows).decode())
        elif rows:
            self._run(session, (), rows, many=True)

    def _run(self, session: Session, sizes: tuple[int, ...], values: Any, *, many: bool) -> tuple[list[Any], int]:
        """What it answers, and how many rows it changed."""
        connection = session.info.get("connection") or session.connection()
        dialect = connection.dialect
        sql = self._texts.get((dialect.name, sizes)) or self._text(dialect.name, sizes)
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

    def _text(self, engine: str, sizes: tuple[int, ...]) -> str:
        """The text for one engine and these lengths of lists."""
        counts = iter(sizes)
        form = ":{}" if engine == "sqlite" else "%({})s"

        def written(match: re.Match[str]) -> str:
            name, star = match.groups()
            if not star:
                return form.format(name)
            return f"({', '.join(form.format(f'{name}{n}') for n in range(next(counts)))})"

        text = self._texts[engine, sizes] = _PARAMETER.sub(written, self._sql[engine])
        return text


def _padded(items: Iterable[Any]) -> list[Any]:
    """Repeats the last item up to a power of two: few different statements, so that both drivers keep them prepared."""
    found = list(items) or [None]
    wanted = 1 << (len(found) - 1).bit_length()
    return found + found[-1:] * (wanted - len(found))
