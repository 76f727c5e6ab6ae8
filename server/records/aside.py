"""What SQLite's planner has to be told: it has no statistics, and PostgreSQL, which has them, is left to itself.

Conditions that check rows but do not find them (`aside`): SQLite looks for the rows of `a IN (…) OR b IN (…)` through the index of each part, all of them, before it looks at the
period or the order that was asked for: a manager's list of 50 visits among a million took two seconds, and takes a few
milliseconds when the rule is only checked on the rows that the list's own order finds.

Values that are looked up by id for each of many rows (`by_id`): it would take the index of the primary key, and read the
whole row, where another index has beside the id what is asked for.
"""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse

from server.records.record import Record, table_of

_T = TypeVar("_T")


class Aside(FunctionElement[Any]):
    """A column that no index is used for."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type

    @property
    def column(self) -> ColumnElement[Any]:
        return next(iter(self.clauses))


@compiles(Aside)
def _as_it_is(element: Aside, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(Aside, "sqlite")
def _without_index(element: Aside, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


def aside(expression: ColumnElement[_T], record: type[Record]) -> ColumnElement[_T]:
    """The same, to be looked at on rows of `record` that something else finds."""
    table = table_of(record)
    if isinstance(expression, InstrumentedAttribute):
        expression = expression.__clause_element__()

    def replaced(element: ExternallyTraversible, **_: Any) -> ExternallyTraversible | None:
        if isinstance(element, ColumnElement) and getattr(element, "table", None) is table:
            return Aside(element)
        return None

    return replacement_traverse(expression, {}, replaced)


def by_id(statement: Select[Any], record: type[Record], name: str) -> Select[Any]:
    """A statement of ids and one column of a record, which will be joined by id."""
    for index in table_of(record).indexes:
        columns = [column.name for column in index.columns]
        if columns[0] == "id" and name in columns[1:]:
            return statement.with_hint(table_of(record), f"INDEXED BY {index.name}", "sqlite")
    return statement


class _WithHints(SQLiteCompiler):
    """SQLAlchemy's leaves out what tells the planner which index to take."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def heed_hints(engine: Engine) -> None:
    """For engines of SQLite."""
    engine.dialect.statement_compiler = _WithHints
