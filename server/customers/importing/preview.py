"""Each row as it will be: its values, what is wrong with it, and what was read differently from how it is written."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from server.company.models import DUPLICATE_FIELDS
from server.customers import duplicates
from server.customers.duplicates import normal_text
from server.customers.importing import cells
from server.customers.importing.columns import CONTACTS, CUSTOMERS, SHEETS, Sheet
from server.customers.importing.lookups import Lookups
from server.customers.importing.seen import FileIndex, Seen
from server.customers.importing.workbook import Opened, Table
from server.customers.rules import PHONE_FIELDS
from server.records.errors import Rejected, worded
from server.records.fields import FieldSpec
from server.records.ids import UUID, uuid7
from server.records.values import parse

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
    turn: int = 0

    @property
    def state(self) -> str:
        levels = {problem.level for problem in self.problems}
        return "error" if ERROR in levels else "warning" if levels else "ok"

    @property
    def title(self) -> str:
        return str(self.values.get("name") or self.cells.get("name") or "")[:200]

    def add(self, level: str, code: str, name: str | None = None, /, **params: Any) -> None:
        self.problems.append(Problem(level, code, name, self.cells.get(name or "", "")[:200], worded(params)))

    def refuse(self, error: Rejected, name: str | None = None) -> None:
        self.add(ERROR, error.code, error.field or name, **error.params)

    def plain_problems(self) -> list[dict[str, Any]]:
        return [asdict(problem) for problem in self.problems]


#: When a row is imported: customers before those below them, contacts after all of them.
UNPLACED, CONTACTS_TURN = -1, 1_000_000


def read_rows(opened: Opened, table: Table, skip: int = 0) -> Iterator[ImportRow]:
    """The rows of a sheet after the first `skip`, their cells read one by one; nothing is compared yet."""
    for row_no, found in islice(opened.rows(table), skip, None):
        yield _read_row(table, row_no, found)


def _read_row(table: Table, row_no: int, found: dict[str, Any]) -> ImportRow:
    row = ImportRow(table.sheet.key, row_no, {name: cells.shown(cell) for name, cell in found.items()})
    for name, cell in found.items():
        if cell is None:
            continue
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
            row.add(ERROR, "required", name, label=spec.label)
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


def check_rows(rows: Sequence[ImportRow], lookups: Lookups, sheet: Sheet, index: FileIndex) -> None:
    """Compares rows that follow each other in a sheet with the company's lists, people and customers, and with the rows
    before them. Which row is whose parent is found when all customers are known (`place_parents`)."""
    own = {name: spec.ref for name, spec in sheet.own.items() if spec.ref}
    for row in rows:
        if own:
            _check_own(row, own, lookups)
        _check_lists(row, sheet, lookups)
        if sheet.key == CONTACTS.key:
            row.turn = CONTACTS_TURN
            _check_contact(row, lookups, index)
        else:
            _check_owner(row, lookups)
            _check_duplicates(row, lookups, index)
            remember(row, lookups, index)


def _check_lists(row: ImportRow, sheet: Sheet, lookups: Lookups) -> None:
    for name, spec in sheet.fields.items():
        if spec.ref_list is None or name not in row.values:
            continue
        options = lookups.options.get(spec.ref_list, {})
        found = options.get(normal_text(row.values[name]))
        if found is None:
            names = "、".join(list(lookups.option_names.get(spec.ref_list, ()))[:12])
            row.add(ERROR, "unknown_option", name, label=spec.label, choices=names)
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


def _check_duplicates(row: ImportRow, lookups: Lookups, index: FileIndex) -> None:
    """The same check as everywhere (CU-25); of two rows that are the same customer the first is imported."""
    for key in _keys(row, lookups):
        hit = lookups.existing.get(key)
        earlier = index.claimed(key)
        if hit is not None:
            row.add(ERROR, "duplicate", key[0], **hit.told())
        elif earlier is not None:
            label = DUPLICATE_FIELDS[key[0]]
            row.add(ERROR, "duplicate_row", key[0], label=label, row=earlier.row_no, name=earlier.title)
        else:
            continue
        return


def _keys(row: ImportRow, lookups: Lookups) -> list[tuple[str, str]]:
    keys = [key for key in sorted(duplicates.keys_of(row.values)) if key[0] in lookups.checked]
    return sorted(keys, key=lambda key: lookups.checked.index(key[0]))


def remember(row: ImportRow, lookups: Lookups, index: FileIndex) -> None:
    """What later rows are compared with. One with a parent waits until all customers of the file are known."""
    seen = Seen(row.row_no, row.record_id, row.state == "error", row.title, row.turn)
    above = row.values.get("parent_id")
    if above is not None and row.turn < 1 and not UUID.fullmatch(str(above)):
        row.turn = seen.turn = UNPLACED
        index.wait(seen, above, lookups.customer_named(above))
    index.add(seen, str(row.values.get("name") or ""), [] if seen.failed else _keys(row, lookups))


def place_parent(row: ImportRow, seen: Seen, index: FileIndex) -> None:
    """上级客户 is on this sheet, whatever the order, or exists already; with its place the row gets its turn."""
    found = index.place(seen)
    row.turn = found.turn
    if found.problem is not None:
        params = {"value": row.values["parent_id"]} if found.problem == "parent_unknown" else {}
        if found.row:
            params = {"row": found.row}
        row.add(ERROR, found.problem, "parent_id", **params)
    if found.parent_id is not None:
        row.values["parent_id"] = found.parent_id


def _check_contact(row: ImportRow, lookups: Lookups, index: FileIndex) -> None:
    """A contact whose customer is on no sheet and not in the system is reported, never dropped."""
    name = row.values.get("customer_id")
    if name is None:
        return
    on_sheet, existing = index.named(name), lookups.customer_named(name)
    if on_sheet is not None and not on_sheet.failed:
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


__all__ = ["ImportRow", "Problem", "check_rows", "keys_to_look_up", "place_parent", "read_rows", "remember"]
