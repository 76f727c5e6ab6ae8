"""Lists: filter, search, sort, keyset paging, capped counts and totals, the same for every record and every export."""

import base64
import binascii
import json
import operator as operators
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L
from server.records.mixed import files_in
from server.records.own import Readable, concealed_rows, is_own, readable
from server.records.record import Record, column_of, fields_of, record_named
from server.records.search.matching import has_word, searchable
from server.records.search.text import words_of
from server.records.values import parse, to_wire
from server.records.visibility import checked, visible
from server.records.wire import item_of, select_readable

COUNT_CAP = 10_000
MAX_LIMIT = 200
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "ge": operators.ge, "gt": operators.gt, "le": operators.le, "lt": operators.lt,
}  # fmt: skip
#: `number`: older apps gave one to each workbook, to ask how far it is.
_RESERVED = {"q", "sort", "limit", "after", "totals", "count", "columns", "language", "number"}


@dataclass(slots=True)
class Query:
    """One list request. `filters` are the remaining query parameters: `field`, `field__ge`, `__le`, `__in`, `__empty`;
    `__idle_days=7` on a moment: never, or longer ago than that; `__under` on a reference into a tree: it or something below;
    `reference.field` asks what is referred to."""

    q: str = ""
    sort: str = ""
    limit: int = 50
    after: str = ""
    filters: dict[str, str] = field(default_factory=dict)


def query_from(params: Mapping[str, str]) -> Query:
    """A list request from query parameters. Raises `Rejected` for a limit or parameter that cannot be used."""
    limit = params.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5) or not 1 <= int(limit) <= MAX_LIMIT:
        raise Rejected("too_large", field="limit", label="limit", max=MAX_LIMIT)
    return Query(
        q=params.get("q", "").strip()[:100],
        sort=params.get("sort", ""),
        limit=int(limit),
        after=params.get("after", ""),
        filters={name: value for name, value in params.items() if name not in _RESERVED},
    )


NamedFilter = Callable[[Session, Actor, str], ColumnElement[bool]]
_named_filters: dict[tuple[str, str], NamedFilter] = {}


def list_filter(record: type[Record], name: str) -> Callable[[NamedFilter], NamedFilter]:
    """Lets an area add a filter to its record's list, sums and export that no field of the record can say,
    e.g. orders by the name of a product on their lines."""

    def remember(condition: NamedFilter) -> NamedFilter:
        _named_filters[record.__tablename__, name] = condition
        return condition

    return remember


def is_named_filter(record: type[Record], name: str) -> bool:
    """Whether an area has added a filter of this name."""
    return (record.__tablename__, name) in _named_filters


def conditions(session: Session, actor: Actor, fields: Readable, query: Query) -> list[ColumnElement[bool]]:
    """The SQL of the filters and the search words. What the reader may not read cannot be asked for."""
    found = [_filter(session, fields, name, value) for name, value in query.filters.items()]
    if query.q:
        found += _searches(session, actor, fields, query.q)
    return found


#: Kinds that hold several values, and kinds in which parts of a text can be looked for.
_COMPOUND = {"json", "refs", "files", "choices", "mixed"}
_TEXTUAL = {"text", "longtext", "phone", "email", "url"}

error_texts(
    {
        "not_filterable": L(
            "不能这样按“{label}”筛选或排序",
            "不能這樣依「{label}」篩選或排序",
            "{label} cannot be filtered or sorted like this",
        )
    }
)


def _filter(session: Session, fields: Readable, name: str, text: str) -> ColumnElement[bool]:
    named = _named_filters.get((fields.record.__tablename__, name))
    if named is not None:
        return named(session, fields.actor, text)
    field_name, _, operator = name.partition("__")
    if "." in field_name and not is_own(field_name):
        return _filter_beyond(session, fields, name, text)
    spec = fields.fields.get(field_name)
    if field_name == "id":
        return column_of(fields.record, "id").in_(text.split(",")[:500])
    if spec is None or not fields.may_read(field_name):
        raise Rejected("unknown_field", field=field_name, name=field_name)
    column: ColumnElement[Any] = fields.column(field_name)
    if spec.kind == "choices" and operator in ("", "in"):
        return _has_any(column, [parse(field_name, spec, [part])[0] for part in text.split(",") if part])
    if operator != "empty" and (spec.kind in _COMPOUND or (operator == "like" and spec.kind not in _TEXTUAL)):
        raise Rejected("not_filterable", field=field_name, label=spec.label)
    if operator == "under":
        return column.in_(_branch(fields.actor, field_name, spec, text))
    if operator == "in":
        return column.in_([_value(field_name, spec, part) for part in text.split(",") if part])
    if operator == "empty":
        return column.is_(None) if text in ("1", "true") else column.is_not(None)
    if operator == "like":
        return column.ilike(f"%{like_escape(text)}%", escape="\\")
    if operator == "idle_days" and spec.kind == "datetime" and text.isascii() and text.isdigit() and len(text) < 9:
        return or_(column.is_(None), column < datetime.now(UTC) - timedelta(days=min(int(text), 36_500)))
    value = _value(field_name, spec, text)
    if operator in _COMPARE:
        if value is None or spec.kind == "bool":
            raise Rejected("not_filterable", field=field_name, label=spec.label)
        return and_(_COMPARE[operator](column, value))
    if operator == "ne":
        return or_(column != value, column.is_(None))
    if operator:
        raise Rejected("unknown_field", field=name, name=name)
    return column.is_(None) if value is None else column == value


def _filter_beyond(session: Session, fields: Readable, name: str, text: str) -> ColumnElement[bool]:
    """`customer_id.province=山东`: a field of what a row refers to, as far as the reader may see that. What he may not see
    has no values for him."""
    head, _, rest = name.partition(".")
    spec = fields.fields.get(head)
    if spec is None or spec.kind != "ref" or spec.ref is None or not fields.may_read(head):
        raise Rejected("unknown_field", field=head, name=head)
    target = record_named(spec.ref)
    beyond, _, operator = rest.partition("__")
    turned = operator == "ne" or (operator == "empty" and text in ("1", "true"))
    if turned:
        rest, text = (beyond, text) if operator == "ne" else (f"{beyond}__empty", "0")
    found = _filter(session, readable(session, fields.actor, target), rest, text)
    column: ColumnElement[Any] = fields.column(head)
    ids = select(column_of(target, "id")).where(visible(fields.actor, target), found)
    return or_(column.is_(None), column.not_in(ids)) if turned else column.in_(ids)


def _branch(actor: Actor, name: str, spec: FieldSpec, top: str) -> Select[Any]:
    """The ids of a row of a tree (departments, categories) and of everything below it."""
    target = record_named(spec.ref) if spec.ref else None
    parent = fields_of(target).get("parent_id") if target else None
    if target is None or parent is None or parent.ref != spec.ref:
        raise Rejected("not_filterable", field=name, label=spec.label)
    row_id, above = column_of(target, "id"), column_of(target, "parent_id")
    found = select(row_id.label("id")).where(row_id == top, visible(actor, target)).cte(recursive=True)
    below = select(row_id).join(found, above == found.c.id).where(visible(actor, target))
    found = found.union(below)
    return select(found.c.id)


def _has_any(column: ColumnElement[Any], choices: list[str]) -> ColumnElement[bool]:
    """Several choices are the text of a JSON list; keys have nothing in them that JSON would write in another way."""
    if not choices:
        return column.is_(None)
    return or_(*[column.like(f'%"{like_escape(choice)}"%', escape="\\") for choice in choices])


def _value(name: str, spec: FieldSpec, text: str) -> Any:
    if spec.kind == "bool":
        return text.lower() in ("1", "true", "yes")
    raw: Any = text
    try:
        if spec.kind == "int":
            raw = int(text)
        elif spec.kind == "geo":
            raw = float(text)
    except ValueError as error:
        raise Rejected("wrong_type", field=name, label=spec.label, value=text[:80]) from error
    return parse(name, spec, raw) if text else None


def _searches(session: Session, actor: Actor, fields: Readable, q: str) -> list[ColumnElement[bool]]:
    if not searchable(fields):
        raise Rejected("unknown_field", field="q", name="q")
    words = words_of(q)
    return [has_word(session, actor, fields, word) for word in words] if words else [false()]


def like_escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _order(fields: Readable, sort: str) -> tuple[str, bool]:
    chosen = sort or fields.record.spec.default_sort
    name, descending = chosen.lstrip("-"), chosen.startswith("-")
    spec = fields.fields.get(name)
    if name != "id" and not fields.may_read(name):
        raise Rejected("unknown_field", field="sort", name=name)
    if spec is not None and spec.kind in _COMPOUND:
        raise Rejected("not_filterable", field="sort", label=spec.label)
    return name, descending


def select_list(
    session: Session, actor: Actor, record: type[Record], query: Query, operation: str = "view"
) -> Select[Any]:
    """The whole list in order, without paging; each row is for `item_of`."""
    return _select_list(session, actor, readable(session, actor, record), query, operation)


def _select_list(
    session: Session, actor: Actor, fields: Readable, query: Query, operation: str = "view"
) -> Select[Any]:
    name, descending = _order(fields, query.sort)
    chosen = chosen_rows(session, actor, fields, query, operation)
    return select_readable(fields).where(*chosen).order_by(*_sorting(fields, name, descending))


def chosen_rows(
    session: Session, actor: Actor, fields: Readable, query: Query, operation: str = "view"
) -> list[ColumnElement[bool]]:
    """The rows of a list, which its order or a filter finds; who may see them is looked at on those."""
    record = fields.record
    rules = [checked(actor, record)]
    if operation != "view":
        rules.append(checked(actor, record, operation))
    return [
        *rules,
        *concealed_rows(session, actor, record),
        *conditions(session, actor, fields, query),
    ]


def _sorting(fields: Readable, name: str, descending: bool) -> list[ColumnElement[Any]]:
    column = _column(fields, name)
    return [column.is_(None), column.desc() if descending else column, _tie(fields.record, descending)]


def _column(fields: Readable, name: str) -> Any:
    return column_of(fields.record, "id") if name == "id" else fields.column(name)


def _tie(record: type[Record], descending: bool) -> ColumnElement[Any]:
    column = column_of(record, "id")
    return column.desc() if descending else column.asc()


def list_page(session: Session, actor: Actor, record: type[Record], query: Query) -> dict[str, Any]:
    """One page: `items`, `next` (keyset), and the names of what the items refer to (`refs`)."""
    fields = readable(session, actor, record)
    name, _ = _order(fields, query.sort)
    # First which rows, then the rows: sorting carries nothing along but what is sorted by.
    ids = _page(session, actor, fields, query)
    found = {row[0]: row for row in session.execute(select_readable(fields).where(visible(actor, record, ids)))}
    rows = [found[row_id] for row_id in ids if row_id in found]
    items = [item_of(fields, row) for row in rows[: query.limit]]
    following = None
    if len(rows) > query.limit:
        last = items[-1]
        following = _encode([last["id"] if name == "id" else last[name], last["id"]])
    return {"items": items, "next": following, "refs": names_of_refs(session, actor, record, items)}


def _page(session: Session, actor: Actor, fields: Readable, query: Query) -> list[str]:
    """The ids of a page and of the row after it: those with a value in its order, then those without. As one question, an
    index could give neither."""
    name, descending = _order(fields, query.sort)
    column, row_id = _column(fields, name), column_of(fields.record, "id")
    chosen = chosen_rows(session, actor, fields, query)
    tie = _tie(fields.record, descending)
    value, last = _decode(query.after) if query.after else (None, None)
    wanted = query.limit + 1
    found: list[str] = []
    later_id = None if last is None else row_id < last if descending else row_id > last
    if name == "id" or last is None or value is not None:
        rules = [*chosen, column.is_not(None)]
        if later_id is not None:
            bound = last if name == "id" else parse(name, fields.fields[name], value)
            if name == "id":
                rules.append(later_id)
            else:
                reached = column <= bound if descending else column >= bound
                rules += [reached, or_(column != bound, later_id)]
        ordered = [tie] if name == "id" else [column.desc() if descending else column, tie]
        found += session.scalars(select(row_id).where(*rules).order_by(*ordered).limit(wanted))
        later_id = None
    if name != "id" and len(found) < wanted:
        rules = [*chosen, column.is_(None)]
        if later_id is not None:
            rules.append(later_id)
        found += session.scalars(select(row_id).where(*rules).order_by(tie).limit(wanted - len(found)))
    return found


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def _decode(text: str) -> tuple[Any, str]:
    try:
        value, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return value, str(row_id)
    except (ValueError, binascii.Error, TypeError) as error:
        raise Rejected("wrong_type", field="after", label="after", value=text[:40]) from error


def summary(session: Session, actor: Actor, record: type[Record], query: Query) -> dict[str, Any]:
    """The count of the whole query (capped) and the sums of its money fields (OR-11)."""
    fields = readable(session, actor, record)
    where = chosen_rows(session, actor, fields, query)
    capped = select(column_of(record, "id")).where(*where).limit(COUNT_CAP + 1).subquery()
    count = int(session.scalar(select(func.count()).select_from(capped)) or 0)
    names = [name for name, spec in fields.fields.items() if spec.total]
    totals: dict[str, Any] = {}
    if names:
        row = session.execute(select(*[func.sum(column_of(record, name)) for name in names]).where(*where)).one()
        totals = {
            name: to_wire(value) if value is not None else "0.00" for name, value in zip(names, row, strict=True)
        }
    return {"count": {"value": min(count, COUNT_CAP), "capped": count > COUNT_CAP}, "totals": totals}


def names_of_refs(
    session: Session, actor: Actor, record: type[Record], items: list[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """Titles of referred records that the reader's device may not hold, e.g. customer names for the desk. A visit is
    called by its customer, whose name the reader gets only if he may see the customer."""
    wanted: dict[str, set[str]] = {}
    for name, spec in readable(session, actor, record).fields.items():
        if spec.kind == "ref" and spec.ref and record_named(spec.ref).spec.root != "company":
            wanted.setdefault(spec.ref, set()).update(item[name] for item in items if item.get(name))
        elif spec.kind == "files" and spec.ref:
            wanted.setdefault(spec.ref, set()).update(one for item in items for one in item.get(name) or ())
        elif spec.kind == "mixed" and spec.ref:
            wanted.setdefault(spec.ref, set()).update(one for item in items for one in files_in(item.get(name)))
    return {target: titles_of(session, actor, record_named(target), ids) for target, ids in wanted.items() if ids}


def titles_of(
    session: Session, actor: Actor, target: type[Record], ids: set[str], *, further: bool = True
) -> dict[str, str]:
    """The titles of those rows the actor may see. A title that is itself a reference is followed once (`further`);
    it is "" where that leads to a row he may not see."""
    title = column_of(target, target.spec.title)
    where = [visible(actor, target, sorted(ids))]
    if target.__tablename__ == "attachment":
        where.append(column_of(target, "deleted_at").is_(None))  # what was taken away has no name any more
    rows = session.execute(select(column_of(target, "id"), title).where(*where))
    found = {row_id: str(to_wire(value) or "") for row_id, value in rows}
    spec = fields_of(target)[target.spec.title]
    if not (further and spec.kind == "ref" and spec.ref):
        return found
    names = titles_of(session, actor, record_named(spec.ref), set(found.values()) - {""}, further=False)
    return {row_id: names.get(value, "") for row_id, value in found.items()}


def detail(session: Session, actor: Actor, record: type[Record], row_id: str) -> dict[str, Any] | None:
    """One row, if the actor may see it."""
    fields = readable(session, actor, record)
    found = select_readable(fields).where(visible(actor, record, [row_id]))
    row = session.execute(found.where(*concealed_rows(session, actor, record))).first()
    if row is None:
        return None
    item = item_of(fields, row)
    item["refs"] = names_of_refs(session, actor, record, [item])
    return item
