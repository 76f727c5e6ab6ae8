"""How rows look on the wire: column by column, so that equal things stand together and compress well."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

import msgspec
from sqlalchemy.orm import Session

_UUID7S = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
#: A dictionary pays from a few rows on.
_FEW = 4


class TypePage(msgspec.Struct, omit_defaults=True):
    """The rows of one type. `values` has one column for each of `columns`, see `pack`; a column without any value is
    left out. `root` is the rule by which the root of each row follows from its fields ("customer:customer_id"); where it
    does not for every row there is a column `root` instead. `gone`: [id, root] of what was deleted under that root.
    """

    columns: list[str] = []
    values: list[Any] = []
    root: str = ""
    gone: list[tuple[str, str]] = []

    def count(self) -> int:
        """How many rows there are."""
        if not self.values:
            return 0
        ids = self.values[0]
        return len(ids["uuid7"] if isinstance(ids, dict) else ids)


@dataclass(slots=True)
class Rows:
    """Rows of one type as read from the database: `columns` maps a field to its values, in the order of `ids`.
    Moments are datetimes, decimals `Decimal`; the page writes them."""

    ids: Sequence[str]
    columns: Mapping[str, Sequence[Any]]
    root: str  #: the rule, as in the declaration: alternatives separated by "|"


#: `(session, type, ids) -> Rows`: reads the rows that exist and may be sent, in the order of the ids; given by the
#: server.
Hydrate = Callable[[Session, str, Sequence[str]], Rows]


def put_rows(entry: TypePage, rows: Rows, revs: Sequence[int], roots: Sequence[str]) -> None:
    """Writes rows into a page; `revs` and `roots` are theirs, in the same order."""
    if not rows.ids:
        return
    columns: dict[str, Any] = {"id": _ids(rows.ids) or list(rows.ids), "rev": pack(revs)}
    if roots_by_rule(rows) == list(roots):
        entry.root = rows.root
    else:
        columns["root"] = pack(roots)
    for name, values in rows.columns.items():
        packed = pack(values)
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


def pack(values: Sequence[Any]) -> Any:
    """A column as it is sent, None where no row has a value. In the order of preference:

    - `{"same": v}`: every row has this one
    - `{"of": [v, …], "at": [0, …]}`: which of few
    - `{"uuid7": [ms, ±ms, …], "rest": "…"}`: ids; time of the first, differences, and 19 hex digits of each
    - `{"times": [ms, ±ms, null, …]}`: moments; the first, then differences to the one before
    - `[v, …]`: the values
    """
    first = values[0]
    types = set(map(type, values)) - {type(None)}
    if len(types) > 1 or not types.isdisjoint((list, dict)):
        return list(values)  # a JSON field: values that only compare equal (1 and true) must stay apart
    distinct = dict.fromkeys(values)
    if len(values) > 1 or first is None:
        if len(distinct) == 1:
            return None if first is None else {"same": _plain(first)}
        if len(values) >= _FEW and 2 * len(distinct) <= len(values):
            places = {value: place for place, value in enumerate(distinct)}
            return {"of": [_plain(value) for value in distinct], "at": [places[value] for value in values]}
        if None not in distinct and isinstance(first, str) and len(first) == 36 and (ids := _ids(values)):
            return ids
        if datetime in types:
            return {"times": _steps(values)}
    return [_plain(value) for value in values]


def _ids(ids: Sequence[str]) -> dict[str, Any] | None:
    """Ids taken apart into the moment they were made and the rest; None where one of them is no UUIDv7."""
    if len(ids) < _FEW or any(len(row_id) != 36 for row_id in ids) or not _UUID7S.fullmatch("".join(ids)):
        return None
    made = [int(row_id[:8] + row_id[9:13], 16) for row_id in ids]
    rest = "".join([row_id[15:18] + row_id[19:23] + row_id[24:] for row_id in ids])
    return {"uuid7": [made[0], *(after - before for before, after in pairwise(made))], "rest": rest}


def _steps(moments: Sequence[datetime | None]) -> list[int | None]:
    steps: list[int | None] = []
    before = 0
    for moment in moments:
        if moment is None:
            steps.append(None)
            continue
        ms = (moment - _EPOCH) // _MS
        steps.append(ms - before)
        before = ms
    return steps


def _plain(value: Any) -> Any:
    """A moment to the millisecond; every other kind the JSON encoder writes as the wire wants it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def unpack(column: Any, count: int) -> list[Any]:
    """The values of a packed column, as JSON has them; what a client does with it."""
    if isinstance(column, list):
        return column
    if "same" in column:
        return [column["same"]] * count
    if "of" in column:
        return [column["of"][place] for place in column["at"]]
    if "times" in column:
        return _moments(column["times"])
    found = []
    for n, made in enumerate(accumulate(column["uuid7"])):
        time, rest = f"{made:012x}", column["rest"][19 * n : 19 * n + 19]
        found.append(f"{time[:8]}-{time[8:]}-7{rest[:3]}-{rest[3:7]}-{rest[7:]}")
    return found


def _moments(steps: list[int | None]) -> list[str | None]:
    found: list[str | None] = []
    at = 0
    for step in steps:
        if step is None:
            found.append(None)
        else:
            at += step
            found.append(_plain(_EPOCH + at * _MS))
    return found


def rows_of(entry: TypePage) -> list[dict[str, Any]]:
    """The rows of a page one by one, each with its root; what a client does with it."""
    count = entry.count()
    columns = {name: unpack(column, count) for name, column in zip(entry.columns, entry.values, strict=True)}
    if columns and "root" not in columns:
        columns["root"] = roots_by_rule(Rows(columns["id"], columns, entry.root))
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
