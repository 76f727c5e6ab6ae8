"""Export of a list as a workbook: the current query, within the actor's scope (CU-41)."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L, Label
from server.records.listing import Query, names_of_refs, select_list
from server.records.record import Record, permission_of, record_named, table_of, visible_fields
from server.records.visibility import visible
from server.records.wire import as_dict

MAX_ROWS = 50_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

error_texts(
    {
        "export_too_large": L(
            "导出最多 {max} 行，请缩小条件",
            "匯出最多 {max} 行，請縮小條件",
            "At most {max} rows can be exported; narrow the query",
        )
    }
)


def in_language(label: Label, language: str) -> str:
    return {"zh-CN": label.zh_cn, "zh-TW": label.zh_tw}.get(language, label.en)


def plain(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if isinstance(value, str):
        cleaned = "".join(c for c in value if c in "\n\t" or ord(c) >= 32)
        return f"'{cleaned}" if cleaned.startswith(_DANGEROUS) else cleaned
    return value


def export_workbook(
    session: Session, actor: Actor, record: type[Record], query: Query, columns: list[str], language: str
) -> bytes:
    """The xlsx of a list; needs the export permission, and obeys its scope."""
    actor.require(f"{permission_of(record)}.export")
    fields = visible_fields(record)
    names = [name for name in columns if name in fields] or [name for name in fields if fields[name].kind != "json"]
    book = Workbook(write_only=True)
    write_sheet(session, actor, record, query, names, language, book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def write_sheet(
    session: Session,
    actor: Actor,
    record: type[Record],
    query: Query,
    names: list[str],
    language: str,
    book: Any,
) -> None:
    fields = visible_fields(record)
    sheet = book.create_sheet(title=in_language(record.spec.plural, language)[:31])
    sheet.freeze_panes = "A2"
    header = []
    for name in names:
        cell = WriteOnlyCell(sheet, value=in_language(fields[name].label, language))
        cell.font = Font(bold=True)
        header.append(cell)
    sheet.append(header)
    rows = session.execute(select_list(actor, record, query, "export").limit(MAX_ROWS + 1)).all()
    if len(rows) > MAX_ROWS:
        raise Rejected("export_too_large", max=MAX_ROWS)
    items = [as_dict(record, row) for row in rows]
    titles = _titles(session, actor, record, names, items)
    for item in items:
        sheet.append([plain(_shown(item[name], fields[name], titles, language)) for name in names])


def _shown(value: Any, spec: FieldSpec, titles: dict[str, dict[str, str]], language: str) -> Any:
    if value is None:
        return None
    if spec.kind == "choice" and value in spec.choices:
        return in_language(spec.choices[value], language)
    if spec.kind == "ref" and spec.ref:
        return titles.get(spec.ref, {}).get(value, value)
    if spec.kind == "refs" and spec.ref:
        return "、".join(titles.get(spec.ref, {}).get(entry, entry) for entry in value)
    if spec.kind in ("money", "price", "quantity"):
        return float(value)
    if spec.kind == "json":
        return str(value)
    return value


def _titles(
    session: Session, actor: Actor, record: type[Record], names: list[str], items: list[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """Names instead of ids: company-wide records whole, the others as far as the actor sees them."""
    fields = visible_fields(record)
    found: dict[str, dict[str, str]] = {}
    for target_name in {fields[name].ref for name in names if fields[name].ref}:
        assert target_name is not None
        target = record_named(target_name)
        if target.spec.root == "company":
            title = table_of(target).c[target.spec.title]
            found[target_name] = {
                row_id: str(text)
                for row_id, text in session.execute(select(target.id, title).where(visible(actor, target)))
            }
    for start in range(0, len(items), 500):
        for target_name, titles in names_of_refs(session, actor, record, items[start : start + 500]).items():
            found.setdefault(target_name, {}).update(titles)
    return found
