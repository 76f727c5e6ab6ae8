"""Each row as it will be: its values, what is wrong with it, and what was read differently from how it is written."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from server.company.models import DUPLICATE_FIELDS
from server.customers import duplicates
from server.customers.duplicates import normal_text
from server.customers.importing import cells
from server.customers.importing.columns import CONTACTS, CUSTOMERS, SHEETS, Sheet
from server.customers.importing.lookups import Lookups
from server.customers.importing.workbook import MAX_ROWS, Opened, Table
from server.customers.rules import PHONE_FIELDS
from server.records.errors import Rejected
from server.records.fields import FieldSpec
from server.records.ids import uuid7
from server.records.values import label_of, parse

ERROR, WARNING, CHANGE = "error", "warning", "change"


@dataclass(slots=True)
class Problem:
    """Something to know about a row. `change`: only read in another way than it is written."""

    level: str
    code: str
    field: str | None = None
    value: str = ""
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class ImportRow:
    """`values` are those of the create command; ids of rows are given now, so that importing twice finds them."""

    sheet: str
    row_no: int
    cells: dict[str, str]
    values: dict[str, Any] = dataclasses.field(default_factory=dict)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    record_id: str = dataclasses.field(default_factory=uuid7)

    @property
    def state(self) -> str:
        levels = {problem.level for problem in self.problems}
        return "error" if ERROR in levels else "warning" if levels else "ok"

    @property
    def title(self) -> str:
        return str(self.values.get("name") or self.cells.get("name") or "")[:200]

    def add(self, level: str, code: str, name: str | None = None, /, **params: Any) -> None:
        self.problems.append(Problem(level, code, name, self.cells.get(name or "", "")[:200], params))

    def refuse(self, error: Rejected, name: str | None = None) -> None:
        self.add(ERROR, error.code, error.field or name, **error.params)

    def plain_problems(self) -> list[dict[str, Any]]:
        return [asdict(problem) for problem in self.problems]


def read_rows(opened: Opened, progress: Callable[[int], None]) -> list[ImportRow]:
    """All rows with their cells read one by one; nothing is compared yet. Raises too_many_rows, no_rows."""
    rows: list[ImportRow] = []
    for table in opened.tables:
        for row_no, found in opened.rows(table):
            rows.append(_read_row(table, row_no, found))
            if len(rows) > MAX_ROWS:
                raise Rejected("too_many_rows", field="file", max=MAX_ROWS)
            if len(rows) % 500 == 0:
                progress(len(rows))
    if not rows:
        raise Rejected("no_rows", field="file")
    return rows


def _read_row(table: Table, row_no: int, found: dict[str, Any]) -> ImportRow:
    row = ImportRow(table.sheet.key, row_no, {name: cells.shown(cell) for name, cell in found.items()})
    for name, cell in found.items():
        spec = table.sheet.fields[name]
        try:
            value = cells.read(name, spec, cell)
            if value is not None and spec.kind not in ("ref", "geo"):
                parse(name, spec, value)
        except Rejected as error:
            row.refuse(error, name)
            continue
        if value is None:
            continue
        row.values[name] = value
        if isinstance(cell, str) and cell.startswith("="):
            row.add(WARNING, "formula_as_text", name)
        elif not cells.as_written(cell, spec, value):
            row.add(CHANGE, "read_as", name, read_as=str(value)[:200])
    for name, spec in table.sheet.fields.items():
        if spec.required and name not in row.values and not _has_error(row, name):
            row.add(ERROR, "required", name, label=label_of(spec))
    if table.sheet.key == CUSTOMERS.key:
        _check_customer(row, table.sheet.fields)
    return row


def _has_error(row: ImportRow, name: str) -> bool:
    return any(problem.field == name and problem.level == ERROR for problem in row.problems)


def _check_customer(row: ImportRow, fields: dict[str, FieldSpec]) -> None:
    if not any(row.values.get(name) or _has_error(row, name) for name in PHONE_FIELDS):
        row.add(ERROR, "needs_phone", "mobile")
    start, end = row.values.get("contract_start"), row.values.get("contract_end")
    if start and end and end < start:
        row.add(ERROR, "dates_reversed", "contract_end")
    _check_place(row, fields)


def _check_place(row: ImportRow, fields: dict[str, FieldSpec]) -> None:
    lng, lat = row.values.get("geo_lng"), row.values.get("geo_lat")
    if lng is None and lat is None:
        return
    if lng is None or lat is None:
        if not (_has_error(row, "geo_lng") or _has_error(row, "geo_lat")):
            row.add(ERROR, "place_incomplete", "geo_lng" if lng is None else "geo_lat")
        return
    if cells.is_swapped(lng, lat):
        row.values["geo_lng"], row.values["geo_lat"] = lat, lng
        row.add(WARNING, "lat_lng_swapped", "geo_lng", lng=lat, lat=lng)
        return
    for name in ("geo_lng", "geo_lat"):
        try:
            parse(name, fields[name], row.values[name])
        except Rejected as error:
            row.refuse(error, name)


def check_rows(rows: list[ImportRow], lookups: Lookups, sheets: Sequence[Sheet] = SHEETS) -> None:
    """Compares the rows with the company's lists, people and customers, and with each other."""
    for sheet in sheets:
        own = {name: spec.ref for name, spec in sheet.own.items() if spec.ref}
        for row in rows if own else ():
            if row.sheet == sheet.key:
                _check_own(row, own, lookups)
    customers = [row for row in rows if row.sheet == CUSTOMERS.key]
    contacts = [row for row in rows if row.sheet == CONTACTS.key]
    for row in customers:
        _check_lists(row, CUSTOMERS, lookups)
        _check_owner(row, lookups)
    _check_duplicates(customers, lookups)
    _check_parents(customers, lookups)
    _check_contacts(contacts, customers, lookups)


def _check_lists(row: ImportRow, sheet: Sheet, lookups: Lookups) -> None:
    for name, spec in sheet.fields.items():
        if spec.ref_list is None or name not in row.values:
            continue
        options = lookups.options.get(spec.ref_list, {})
        found = options.get(normal_text(row.values[name]))
        if found is None:
            names = "、".join(list(lookups.option_names.get(spec.ref_list, ()))[:12])
            row.add(ERROR, "unknown_option", name, label=label_of(spec), choices=names)
        row.values[name] = found


def _check_owner(row: ImportRow, lookups: Lookups) -> None:
    """客服专员 counts where the importer may assign; else the customer is the importer's own (CU-46)."""
    wanted = row.values.pop("owner_id", None)
    if wanted is None:
        return
    if not lookups.may_assign:
        row.add(WARNING, "owner_ignored", "owner_id")
        return
    found = lookups.employees.get(normal_text(wanted), [])
    if len(found) == 1:
        row.values["owner_id"] = found[0]
    else:
        row.add(ERROR, "owner_ambiguous" if found else "owner_unknown", "owner_id", value=wanted)


def _check_own(row: ImportRow, fields: dict[str, str], lookups: Lookups) -> None:
    """Own fields with people and customers, which a sheet has by name."""
    for name, target in fields.items():
        wanted = row.values.get(name)
        if wanted is None:
            continue
        if target == "customer":
            found = [row_id for row_id in [lookups.customer_named(wanted)] if row_id]
        else:
            found = lookups.employees.get(normal_text(wanted), [])
        if len(found) == 1:
            row.values[name] = found[0]
        elif target == "customer":
            row.add(ERROR, "own_customer_unknown", name, value=wanted)
        else:
            row.add(ERROR, "owner_ambiguous" if found else "owner_unknown", name, value=wanted)


def _check_duplicates(customers: list[ImportRow], lookups: Lookups) -> None:
    """The same check as everywhere (CU-25); of two rows that are the same customer the first is imported."""
    claimed: dict[tuple[str, str], ImportRow] = {}
    for row in customers:
        keys = [key for key in sorted(duplicates.keys_of(row.values)) if key[0] in lookups.checked]
        keys.sort(key=lambda key: lookups.checked.index(key[0]))
        for key in keys:
            hit = lookups.existing.get(key)
            earlier = claimed.get(_bucket(key))
            if hit is not None:
                row.add(ERROR, "duplicate", key[0], **hit.params())
            elif earlier is not None:
                label = DUPLICATE_FIELDS[key[0]].zh_cn
                row.add(ERROR, "duplicate_row", key[0], label=label, row=earlier.row_no, name=earlier.title)
            else:
                continue
            break
        if row.state != "error":
            claimed.update({_bucket(key): row for key in keys})


def _bucket(key: tuple[str, str]) -> tuple[str, str]:
    return ("phone" if key[0] in duplicates.PHONES else key[0], key[1])


def _check_parents(customers: list[ImportRow], lookups: Lookups) -> None:
    """上级客户 is on this sheet, whatever the order, or exists already."""
    by_name = _by_name(customers)
    for row in customers:
        name = row.values.get("parent_id")
        if name is None:
            continue
        on_sheet, existing = by_name.get(normal_text(name)), lookups.customer_named(name)
        if on_sheet is row or (on_sheet is not None and _is_above(row, on_sheet, by_name)):
            row.add(ERROR, "parent_circle", "parent_id")
        elif on_sheet is not None:
            row.values["parent_id"] = on_sheet.record_id
        elif existing is not None:
            row.values["parent_id"] = existing
        else:
            row.add(ERROR, "parent_unknown", "parent_id", value=name)
    by_id = {row.record_id: row for row in customers}
    for row in customers:
        above = by_id.get(str(row.values.get("parent_id")))
        while above is not None and row.state != "error":
            if above.state == "error":
                row.add(ERROR, "parent_not_imported", "parent_id", row=above.row_no)
            above = by_id.get(str(above.values.get("parent_id")))


def _by_name(customers: Iterable[ImportRow]) -> dict[str, ImportRow]:
    """Rows by name; where two have the same, the one that can be imported stands for it."""
    found: dict[str, ImportRow] = {}
    for row in customers:
        key = normal_text(str(row.values.get("name") or ""))
        if key and (key not in found or (found[key].state == "error" and row.state != "error")):
            found[key] = row
    return found


def _is_above(row: ImportRow, above: ImportRow | None, by_name: dict[str, ImportRow]) -> bool:
    """Whether `row` is found when one walks up from `above`, by the names written in the cells."""
    seen: set[int] = set()
    while above is not None and id(above) not in seen:
        if above is row:
            return True
        seen.add(id(above))
        above = by_name.get(normal_text(above.cells.get("parent_id", "") or ""))
    return False


def _check_contacts(contacts: list[ImportRow], customers: list[ImportRow], lookups: Lookups) -> None:
    """A contact whose customer is on no sheet and not in the system is reported, never dropped."""
    by_name = _by_name(customers)
    for row in contacts:
        _check_lists(row, CONTACTS, lookups)
        name = row.values.get("customer_id")
        if name is None:
            continue
        on_sheet, existing = by_name.get(normal_text(name)), lookups.customer_named(name)
        if on_sheet is not None and on_sheet.state != "error":
            row.values["customer_id"] = on_sheet.record_id
        elif existing is not None:
            row.values["customer_id"] = existing
        elif on_sheet is not None:
            row.add(ERROR, "contact_customer_not_imported", "customer_id", row=on_sheet.row_no)
        else:
            row.add(ERROR, "contact_customer_unknown", "customer_id")


def keys_to_look_up(
    rows: Iterable[ImportRow], sheets: Sequence[Sheet] = SHEETS
) -> tuple[set[tuple[str, str]], set[str]]:
    """What must be known of the system: the duplicate keys of all customers, and the names they refer to."""
    keys: set[tuple[str, str]] = set()
    names: set[str] = set()
    own = [name for sheet in sheets for name, spec in sheet.own.items() if spec.ref == "customer"]
    for row in rows:
        if row.sheet == CUSTOMERS.key:
            keys |= duplicates.keys_of(row.values)
        for name in ("parent_id", "customer_id", *own):
            if row.values.get(name):
                names.add(row.values[name])
    return keys, names


__all__ = ["ImportRow", "Problem", "check_rows", "keys_to_look_up", "read_rows"]
