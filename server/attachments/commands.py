"""Writes of attachments: add, rename, describe, delete, bring back; and what the server finds in the bytes."""

from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, and_, select

from server.attachments.models import Attachment
from server.attachments.names import clean_name, kind_of
from server.attachments.reminders import tell_refused
from server.attachments.service import KEPT, MOST_FILE_BYTES, check, expired, of_bytes
from server.customers.models import Customer
from server.photos.service import lock_hash
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, check_id, check_references, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.own import catalog
from server.records.record import fields_of, is_record, record_named
from server.records.visibility import also_visible, visible

standard_commands(Attachment, create=False, delete=False)
#: Rows that are removed for good in one step.
_STEP = 200

error_texts(
    {
        "file_too_late": L(
            "删除已超过 {days} 天，不能恢复",
            "刪除已超過 {days} 天，不能還原",
            "It was deleted more than {days} days ago and cannot be brought back",
        ),
    }
)

Text = Annotated[str, msgspec.Meta(max_length=400)]


class AddArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`size` is what the phone says; what counts is what arrives under the hash. `record_type` and `field`: the field of
    files, or the own field `own.<key>`, that it is added in; with one of reports there is no customer, and it belongs to who adds it."""

    id: str
    name: Annotated[str, msgspec.Meta(max_length=1000)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, msgspec.Meta(ge=0, le=2**40)]
    customer_id: Annotated[str, msgspec.Meta(max_length=36)] | None = None
    category_id: Annotated[str, msgspec.Meta(max_length=36)] | None = None
    note: Text | None = None
    record_type: Annotated[str, msgspec.Meta(max_length=30)] | None = None
    field: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class CheckArgs(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str


class NoArgs(msgspec.Struct, forbid_unknown_fields=True):
    pass


@also_visible(Attachment, "author")
def authors(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Who added a file may rename and delete it for as long as he sees the customer."""
    if operation != "edit":
        return None
    seen = select(Customer.id).where(visible(actor, Customer))
    return and_(Attachment.created_by == actor.employee_id, Attachment.customer_id.in_(seen))


@command("attachment.add", AddArgs, permission="attachment.create", fact=True)
def add(context: Context, args: AddArgs) -> dict[str, Any]:
    """Adds a file to a customer one may see, or to an own field of one's report; its bytes are sent to `/media/v1/uploads` under their hash.

    422 file_name_malformed, file_name_too_long, file_type_not_allowed, file_macros, file_empty, file_too_large.
    """
    name = clean_name(args.name)
    kind = kind_of(name)
    if args.size == 0:
        raise Rejected("file_empty", field="size")
    if args.size > MOST_FILE_BYTES:
        raise Rejected("file_too_large", field="size", mb=MOST_FILE_BYTES // 2**20)
    owner = _owner(context, args)
    check_references(context, Attachment, {"category_id": args.category_id})
    note = " ".join((args.note or "").replace("\x00", "").split()) or None
    attachment = Attachment(
        id=check_id(args.id), name=name, kind=kind, size=args.size, sha256=args.sha256,
        category_id=args.category_id, note=note, state="waiting", **owner,
    )  # fmt: skip
    lock_hash(context.session, args.sha256)
    context.add(attachment)
    check(context.session, attachment)
    tell_refused(context, attachment)
    return {"id": attachment.id, "state": attachment.state, "problem": attachment.problem}


def _owner(context: Context, args: AddArgs) -> dict[str, str | None]:
    """Whose it is, and the own field whose rights count for it. A field that was deleted meanwhile still hides it from
    whom it was hidden."""
    field = None
    if args.field is not None and not _is_declared(args):
        found = catalog(context.session).of(args.record_type or "").get(args.field)
        if found is None or found.kind not in ("file", "mixed") or found.right(context.actor) == "hidden":
            raise Rejected("unknown_field", field="field", name=args.field)
        field = found.name
    if args.customer_id is not None:
        context.need(Customer, args.customer_id, "view")
        return {"customer_id": args.customer_id, "record_type": args.record_type if field else None, "field": field}
    if field is None or args.record_type != "work_report":
        raise Rejected("required", field="customer_id", label=fields_of(Attachment)["customer_id"].label)
    return {"employee_id": context.actor.employee_id, "record_type": args.record_type, "field": field}


def _is_declared(args: AddArgs) -> bool:
    """Whether it is added in a field that the record is declared with: its rights are those of every document."""
    if args.record_type is None or not is_record(args.record_type):
        return False
    spec = fields_of(record_named(args.record_type)).get(args.field or "")
    return spec is not None and spec.kind == "files"


@on_edit(Attachment)
def edited(context: Context, attachment: Attachment, changed: dict[str, tuple[Any, Any]]) -> None:
    """A new name may be the right one, or a wrong one."""
    if "name" not in changed:
        return
    attachment.name = clean_name(attachment.name)
    attachment.kind = kind_of(attachment.name)
    lock_hash(context.session, attachment.sha256)
    check(context.session, attachment)


@command("attachment.delete", DeleteArgs, permission="attachment.delete")
def delete(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a file away; for 30 days it can be brought back. Who may change the customer, and who added the file."""
    attachment = context.need(Attachment, args.id, "edit")
    if attachment.deleted_at is None:
        attachment.deleted_at, attachment.deleted_by = context.now, context.actor.employee_id
    return {"id": attachment.id}


@command("attachment.restore", DeleteArgs, permission="attachment.delete")
def restore(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted file back. 422 file_too_late."""
    attachment = context.need(Attachment, args.id, "edit")
    if attachment.deleted_at is not None and attachment.deleted_at < context.now - KEPT:
        raise Rejected("file_too_late", field="id", days=KEPT.days)
    attachment.deleted_at = attachment.deleted_by = None
    return {"id": attachment.id}


@command("attachment.check", CheckArgs, internal=True)
def check_bytes(context: Context, args: CheckArgs) -> dict[str, Any]:
    """Bytes have arrived: the files that wait for them are looked at."""
    found = of_bytes(context.session, args.sha256)
    for attachment in found:
        check(context.session, attachment)
        tell_refused(context, attachment)
    return {"ids": [attachment.id for attachment in found]}


@command("attachment.purge", NoArgs, internal=True)
def purge(context: Context, args: NoArgs) -> dict[str, Any]:
    """Removes what was deleted more than 30 days ago; the bytes follow when nothing names them."""
    found = expired(context.session, context.now, _STEP)
    for attachment in found:
        context.session.delete(attachment)
    return {"removed": len(found), "more": len(found) == _STEP}
