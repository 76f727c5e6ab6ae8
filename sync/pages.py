"""How rows look on the wire: column by column, so that equal things stand together and compress well."""

import operator
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any

import msgspec
from sqlalchemy.orm import Session

_UUID7S = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})+")
#: The time of an id, in two parts.
_TIME = struct.Struct(">IH10x")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
#: A dictionary pays from a few rows on, and however the values are written, with as many as this.
_FEW = 4
_SURELY_FEW = 64
#: What needs no sign of its end: all of it printable, without what JSON would escape.
_DENSE = re.compile(r"[!#-\[\]-~]+")
_DIGITS = "0123456789"
_LONGEST = 40
_MILLION = 1_000_000
_MOST = 10**9


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
    Values are as JSON has them, but for moments: `Moments`, or datetimes."""

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
    - `{"serial": [n, ±n, …], "prefix": "CT", "digits": 13}`: running numbers; the first, then differences
    - `{"text": "…", "each": 11}`: strings that are equally long, one after the other; null is as many spaces
    - `{"text": "…", "each": 9, "decimals": 6}`: numbers with as many decimals, without their point
    - `[v, …]`: the values
    """
    first = values[0]
    if isinstance(values, Repeated) and not isinstance(first, list | dict) and len(values) > 1:
        return None if first is None else {"same": first}
    if first is None and values.count(None) == len(values):
        return None
    types = set(map(type, values)) - {type(None)}
    if len(types) > 1 or not types.isdisjoint((list, dict)):
        return list(values)  # a JSON field: values that only compare equal (1 and true) must stay apart
    if datetime in types:
        values = moments(values)
    plain = _iso if isinstance(values, Moments) else _same
    if len(values) == 1:
        return [plain(values[0])]
    distinct = dict.fromkeys(values)
    if len(distinct) == 1:
        return {"same": plain(values[0])}
    few = _FEW <= len(values) >= 2 * len(distinct)
    if few and (len(distinct) <= _SURELY_FEW or plain is _iso):
        return _which(values, distinct, plain)
    if plain is _iso:
        return {"times": _steps(values)}
    if len(values) < _FEW:
        return list(values)
    dense = _dense(values, types) if types <= {str, float} else None
    if dense is not None:
        return dense
    return _which(values, distinct, plain) if few else list(values)


class Moments(list[int | None]):
    """A column of moments: milliseconds since 1970."""


class Repeated(list[Any]):
    """A column that is known to have the very same value in every row, as most columns of a long page have."""


def moments(values: Iterable[datetime | None]) -> Moments:
    """A column of aware datetimes as the wire counts them."""
    return Moments([None if value is None else (value - _EPOCH) // _MS for value in values])


def _same(value: Any) -> Any:
    return value


def _iso(ms: int | None) -> str | None:
    if ms is None:
        return None
    days, rest = divmod(ms, 86_400_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{_day(days)}{_MINUTES[minutes]}{rest // 1000:02}.{rest % 1000:03}Z"


#: How each minute of a day is written, up to its seconds.
_MINUTES = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]


@lru_cache(2048)
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def _which(values: Sequence[Any], distinct: Iterable[Any], plain: Callable[[Any], Any]) -> dict[str, Any]:
    places = {value: place for place, value in enumerate(distinct)}
    return {"of": [plain(value) for value in places], "at": list(map(places.__getitem__, values))}


def _steps(values: Iterable[int | None]) -> list[int | None]:
    values = list(values)
    if None not in values:
        return [*values[:1], *map(operator.sub, values[1:], values)]
    steps: list[int | None] = []
    before = 0
    for value in values:
        if value is None:
            steps.append(None)
            continue
        steps.append(value - before)
        before = value
    return steps


def _ids(ids: Sequence[str]) -> dict[str, Any] | None:
    """Ids taken apart into the moment they were made and the rest; None where one of them is no UUIDv7."""
    if len(ids) < _FEW or len(ids[0]) != 36 or set(map(len, ids)) != {36}:
        return None
    text = "".join(ids)
    if not _UUID7S.fullmatch(text):
        return None
    digits = text.replace("-", "")
    made = [high << 16 | low for high, low in _TIME.iter_unpack(bytes.fromhex(digits))]
    rest = "".join([digits[at : at + 19] for at in range(13, len(digits), 32)])
    return {"uuid7": _steps(made), "rest": rest}


def _dense(values: Sequence[Any], types: set[type]) -> dict[str, Any] | None:
    """Strings or numbers that are alike, without what stands between them; None where they are not."""
    if float in types:
        return _decimals(values)
    whole = None not in values
    lengths = set(map(len, values)) if whole else {len(value) for value in values if value is not None}
    if len(lengths) != 1 or not 0 < (each := lengths.pop()) <= _LONGEST:
        return None
    if whole and each == 36 and (ids := _ids(values)):
        return ids
    text = "".join([value or "" for value in values])
    if not _DENSE.fullmatch(text):
        return None
    if whole and (serial := _serial(values, each)):
        return serial
    return {"text": text if whole else "".join([value or " " * each for value in values]), "each": each}


def _serial(values: Sequence[str], each: int) -> dict[str, Any] | None:
    """Running numbers; None where most of them do not follow the one before."""
    prefix = values[0].rstrip(_DIGITS)
    digits = each - len(prefix)
    if not 0 < digits <= 15:
        return None
    tails = [value[-digits:] for value in values]
    if not "".join(tails).isdigit() or not all(value.startswith(prefix) for value in values):
        return None
    steps = _steps(map(int, tails))
    return {"serial": steps, "prefix": prefix, "digits": digits} if 2 * steps.count(1) >= len(steps) else None


def _decimals(values: Sequence[float | None]) -> dict[str, Any] | None:
    """Places on the earth and the like; None where more decimals are needed to give back the very same numbers."""
    there = [value for value in values if value is not None]
    if min(there) < 0 or max(there) >= _MOST:
        return None
    scaled = [round(value * _MILLION) for value in there]
    if [number / _MILLION for number in scaled] != there:
        return None
    each = len(str(max(scaled)))
    texts = iter([f"{number:0{each}d}" for number in scaled])
    blank = " " * each
    text = "".join([blank if value is None else next(texts) for value in values])
    return {"text": text, "each": each, "decimals": 6}


def unpack(column: Any, count: int) -> list[Any]:
    """The values of a packed column, as JSON has them; what a client does with it."""
    if isinstance(column, list):
        return column
    if "same" in column:
        return [column["same"]] * count
    if "of" in column:
        return [column["of"][place] for place in column["at"]]
    if "times" in column:
        return [_iso(ms) for ms in _sums(column["times"])]
    if "serial" in column:
        prefix, digits = column["prefix"], column["digits"]
        return [f"{prefix}{number:0{digits}d}" for number in accumulate(column["serial"])]
    if "text" in column:
        return _apart(column)
    found = []
    for n, made in enumerate(accumulate(column["uuid7"])):
        time, rest = f"{made:012x}", column["rest"][19 * n : 19 * n + 19]
        found.append(f"{time[:8]}-{time[8:]}-7{rest[:3]}-{rest[3:7]}-{rest[7:]}")
    return found


def _sums(steps: Iterable[int | None]) -> list[int | None]:
    found: list[int | None] = []
    at = 0
    for step in steps:
        if step is not None:
            at += step
        found.append(None if step is None else at)
    return found


def _apart(column: Any) -> list[Any]:
    text, each, decimals = column["text"], column["each"], column.get("decimals")
    parts = [text[start : start + each] for start in range(0, len(text), each)]
    blank = " " * each
    if decimals is None:
        return [None if part == blank else part for part in parts]
    return [None if part == blank else int(part) / 10**decimals for part in parts]


def rows_of(entry: TypePage) -> list[dict[str, Any]]:
    """The rows of a page one by one, each with its root; what a client does with it."""
    count = entry.count()
    columns = {name: unpack(column, count) for name, column in zip(entry.columns, entry.values, strict=True)}
    if columns and "root" not in columns:
        columns["root"] = roots_by_rule(Rows(columns["id"], columns, entry.root))
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
