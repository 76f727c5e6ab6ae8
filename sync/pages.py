"""How rows look on the wire: column by column, so that equal things stand together and compress well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.orm import Session


class TypePage(msgspec.Struct, omit_defaults=True):
    """The rows of one type. `values` has one entry for each of `columns`: a list with a value for each row, or
    `{"same": value}`; a column without any value is left out. `root` is the rule by which the root of each row follows
    from its fields ("customer:customer_id"); where it does not for every row there is a column `root` instead.
    `gone`: [id, root] of what has been deleted under that root.
    """

    columns: list[str] = []
    values: list[Any] = []
    root: str = ""
    gone: list[tuple[str, str]] = []


@dataclass(slots=True)
class Rows:
    """Rows of one type as the server reads them: `columns` maps a field to its values, in the order of `ids`."""

    ids: Sequence[str]
    columns: dict[str, Sequence[Any]]
    root: str  #: the rule, as in the declaration: alternatives separated by "|"


#: `(session, type, ids) -> Rows`: reads the rows that exist and may be sent, in the order of the ids; given by the
#: server.
Hydrate = Callable[[Session, str, Sequence[str]], Rows]


def put_rows(entry: TypePage, rows: Rows, revs: Sequence[int], roots: Sequence[str]) -> None:
    """Writes rows into a page; `revs` and `roots` are theirs, in the same order."""
    if not rows.ids:
        return
    columns: dict[str, Any] = {"id": list(rows.ids), "rev": _column(revs)}
    if roots_by_rule(rows) == list(roots):
        entry.root = rows.root
    else:
        columns["root"] = _column(roots)
    for name, values in rows.columns.items():
        packed = _column(values)
        if packed is not None:
            columns[name] = packed
    entry.columns, entry.values = list(columns), list(columns.values())


def roots_by_rule(rows: Rows) -> list[str]:
    """The root of each row as its fields say: the first alternative whose field has a value, else the company's."""
    roots: list[str | None] = [None] * len(rows.ids)
    for alternative in rows.root.split("|"):
        kind, _, field = alternative.partition(":")
        keys = rows.ids if field == "id" else rows.columns.get(field)
        if keys is not None:
            roots = [root or (key and f"{kind}:{key}") for root, key in zip(roots, keys, strict=True)]
    return [root or "company" for root in roots]


def _column(values: Sequence[Any]) -> Any:
    """A column as it is sent: None where no row has a value, `{"same": …}` where all have one and the same."""
    first = values[0]
    if isinstance(first, list | dict) or (first is not None and len(values) == 1):
        return list(values)
    if values.count(first) < len(values):
        return list(values)
    return None if first is None else {"same": first}


def rows_of(entry: TypePage) -> list[dict[str, Any]]:
    """The rows of a page one by one, each with its root; what a client does with it."""
    if not entry.columns:
        return []
    count = len(entry.values[0])
    columns = {
        name: [column["same"]] * count if isinstance(column, dict) else column
        for name, column in zip(entry.columns, entry.values, strict=True)
    }
    if "root" not in columns:
        columns["root"] = roots_by_rule(Rows(columns["id"], columns, entry.root))
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
