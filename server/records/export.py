"""Export of a list as a workbook: the current query, within the actor's scope (CU-41)."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L, Label
from server.records.listing import Query, names_of_refs, select_list
from server.records.mixed import as_text
from server.records.own import Readable, readable
from server.records.record import Record, column_of, permission_of, record_named, records, table_of
from server.records.visibility import allowed, visible
from server.records.wire import item_of, select_readable

#: What a sheet holds beside its headers; there is no other limit. Rows are read and written some at a time.
MAX_ROWS = 1_048_575
_PART = 500
#: Widths in characters; a moment that does not fit would show as ####.
_WIDTHS = {"datetime": 17, "date": 11, "longtext": 40}
_WIDTH = 14
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

error_texts(
    {
        "export_too_large": L(
            "最多导出 {max} 行，请缩小筛选范围",
            "最多匯出 {max} 列，請縮小篩選範圍",
            "At most {max} rows can be exported; narrow the filters",
        )
    }
)


def in_language(label: Label, language: str) -> str:
    return label.of(language)


def plain(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if isinstance(value, str):
        cleaned = "".join(c for c in value if c in "\n\t" or ord(c) >= 32)
        return f"'{cleaned}" if cleaned.startswith(_DANGEROUS) else cleaned
    return value


def export_workbook(
    session: Session,
    actor: Actor,
    record: type[Record],
    query: Query,
    columns: list[str],
    language: str,
    zone: ZoneInfo,
    tell: Callable[[int], None] = lambda rows: None,
) -> bytes:
    """The xlsx of a list, its times on the clock of `zone`; needs the export permission, and obeys its scope. `tell` hears
    how many rows have been written, every now and then."""
    actor.require(f"{permission_of(record)}.export")
    fields = readable(session, actor, record)
    names = [name for name in columns if name in fields.fields] or _usual_columns(fields)
    book = Workbook(write_only=True)
    rows = select_list(session, actor, record, query, "export")
    try:
        written = write_sheet(session, actor, fields, rows, names, language, zone, book, tell)
        for child in records():
            if child.spec.sheet_of_parent and child.spec.through and child.spec.through[1] == record.__tablename__:
                below = readable(session, actor, child)
                rows = _rows_of(session, actor, below, record, query)
                more, further = _usual_columns(below), _after(written, tell)
                written += write_sheet(session, actor, below, rows, more, language, zone, book, further)
        buffer = io.BytesIO()
        book.save(buffer)
    finally:
        for sheet in book.worksheets:  # of a book that was left off; each is a file that is being written
            if not sheet.closed:
                sheet.close()
    return buffer.getvalue()


def _after(rows: int, tell: Callable[[int], None]) -> Callable[[int], None]:
    return lambda more: tell(rows + more)


def _usual_columns(readable: Readable) -> list[str]:
    """The columns of the import first and in its order, so that an export looks like what was imported (CU-42)."""
    fields = {name: spec for name, spec in readable.fields.items() if spec.kind != "json"}
    return sorted(fields, key=lambda name: not fields[name].importable)


def _rows_of(session: Session, actor: Actor, below: Readable, parent: type[Record], query: Query) -> Select[Any]:
    """The rows below the exported ones, beside each other in the order of their parent's id."""
    child = below.record
    assert child.spec.through is not None
    column = column_of(child, child.spec.through[0])
    whole = select_list(session, actor, parent, query, "export")
    exported = whole.with_only_columns(column_of(parent, "id")).order_by(None)
    return (
        select_readable(below)
        .where(visible(actor, child), allowed(actor, child, "export"), column.in_(exported))
        .order_by(column, column_of(child, "created_at"), column_of(child, "id"))
    )


def write_sheet(
    session: Session,
    actor: Actor,
    readable: Readable,
    statement: Select[Any],
    names: list[str],
    language: str,
    zone: ZoneInfo,
    book: Any,
    tell: Callable[[int], None],
) -> int:
    record, fields = readable.record, readable.fields
    sheet = book.create_sheet(title=in_language(record.spec.plural, language)[:31])
    sheet.freeze_panes = "A2"
    header = []
    for place, name in enumerate(names, 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(fields[name].kind, _WIDTH)
        cell = WriteOnlyCell(sheet, value=in_language(fields[name].label, language))
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    shared = _company_titles(session, actor, readable, names)
    photos = [name for name in names if fields[name].kind == "photo"]
    count = 0
    found = session.execute(statement.limit(MAX_ROWS + 1), execution_options={"yield_per": _PART})
    for part in found.partitions():
        count += len(part)
        if count > MAX_ROWS:
            raise Rejected("export_too_large", max=MAX_ROWS)
        items = [item_of(readable, row) for row in part]
        told = {**shared, **names_of_refs(session, actor, record, items)}
        if photos:
            told["photo"] = _photo_codes(session, actor, {item[name] for item in items for name in photos})
        for item in items:
            sheet.append([plain(_shown(item[name], fields[name], told, language, zone)) for name in names])
        tell(count)
    return count


def local_moment(value: str, zone: ZoneInfo) -> datetime:
    """A moment on the wire as a cell has it: the time on the company's clock, which is a number for a spreadsheet."""
    return datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None, microsecond=0)


def _shown(value: Any, spec: FieldSpec, titles: dict[str, dict[str, str]], language: str, zone: ZoneInfo) -> Any:
    if value is None:
        return None
    if spec.kind == "datetime":
        return local_moment(value, zone)
    if spec.kind == "date":
        return _day(value)
    if spec.kind == "photo":
        return titles["photo"].get(value)
    if spec.kind == "choice" and value in spec.choices:
        return in_language(spec.choices[value], language)
    if spec.kind == "choices":
        return "、".join(in_language(spec.choices[one], language) for one in value if one in spec.choices)
    if spec.kind == "ref" and spec.ref:
        return titles.get(spec.ref, {}).get(value, value)
    if spec.kind == "files" and spec.ref:
        names = titles.get(spec.ref, {})
        return "、".join(names[entry] for entry in value if entry in names) or None
    if spec.kind == "mixed" and spec.ref:
        return as_text(value, titles.get(spec.ref, {}))
    if spec.kind == "refs" and spec.ref:
        return "、".join(titles.get(spec.ref, {}).get(entry, entry) for entry in value)
    if spec.kind in ("money", "price", "quantity"):
        return float(value)
    if spec.kind == "json":
        return str(value)
    return value


def _day(text: str) -> date | str:
    """A day as a cell has it: as text where a spreadsheet has not got it, before March 1900 or of the lunar calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if text >= "1900-03-01" else text


def _photo_codes(session: Session, actor: Actor, ids: set[str | None]) -> dict[str, str]:
    """What a photo is called on paper: its code, by which anybody finds and checks it."""
    photo = record_named("photo")
    row_id, code = column_of(photo, "id"), column_of(photo, "code")
    found = select(row_id, code).where(row_id.in_(sorted(ids - {None})), visible(actor, photo))
    return {one: text for one, text in session.execute(found) if text}


def _company_titles(
    session: Session, actor: Actor, readable: Readable, names: list[str]
) -> dict[str, dict[str, str]]:
    """Names of company-wide records, read whole."""
    found: dict[str, dict[str, str]] = {}
    for target_name in {readable.fields[name].ref for name in names if readable.fields[name].ref}:
        assert target_name is not None
        target = record_named(target_name)
        if target.spec.root == "company":
            title = table_of(target).c[target.spec.title]
            found[target_name] = {
                row_id: str(text)
                for row_id, text in session.execute(select(target.id, title).where(visible(actor, target)))
            }
    return found
