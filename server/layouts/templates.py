"""Writes of form templates: how forms, details and printed pages look; one of each form and purpose is in force."""

import re
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.layouts.forms import purposes_of, record_of
from server.layouts.models import PURPOSES, RECORD_TYPES, FormTemplate
from server.photos.service import examination_of
from server.records import own
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, check_id
from server.records.errors import NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.record import record_named, visible_fields
from server.records.visibility import visible
from sync import positions

#: A picture is on every phone, so it is small.
MOST_PICTURE_BYTES = 300 * 1024
MOST_PICTURE_EDGE = 3000  # pixels
MOST_TEMPLATES = 200
#: What a form has of lines, by the record they are.
LINES = {"order": "order_line"}
_HASH = re.compile(r"[0-9a-f]{64}")

error_texts(
    {
        "template_malformed": L("表单模板的内容有误", "表單範本的內容有誤", "The form template is not understood"),
        "template_purpose": L(
            "此表单没有这种用途，请选择其他用途",
            "此表單沒有這種用途，請選擇其他用途",
            "This form is not used for that; choose another purpose",
        ),
        "template_other_form": L(
            "这个模板属于另一个表单或用途",
            "這個範本屬於另一個表單或用途",
            "This template belongs to another form or purpose",
        ),
        "template_picture_missing": L(
            "图片还没有上传，请重新选择图片",
            "圖片還沒有上傳，請重新選擇圖片",
            "The picture has not arrived; choose it again",
        ),
        "template_picture_kind": L(
            "图片只能是完好的 PNG 或 JPEG，请换一张",
            "圖片只能是完好的 PNG 或 JPEG，請換一張",
            "Only an undamaged PNG or JPEG can be the picture; choose another one",
        ),
        "template_picture_large": L(
            "图片太大：最多 {kb} KB、边长 {edge} 像素，请缩小后再选",
            "圖片太大：最多 {kb} KB、邊長 {edge} 像素，請縮小後再選",
            "The picture is too large: at most {kb} KB and {edge} pixels a side; make it smaller and choose it again",
        ),
        "too_many_templates": L(
            "最多保存 {max} 个表单模板，请先删除不用的",
            "最多儲存 {max} 個表單範本，請先刪除不用的",
            "At most {max} form templates can be saved; delete one that is not used",
        ),
    }
)  # fmt: skip

Line = Annotated[str, msgspec.Meta(max_length=200)]
Field = Annotated[str, msgspec.Meta(max_length=60)]


class Print(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`fields`, `lines`: which, in their order; none: the usual ones, an empty list: not any. `signatures`: the words at their lines."""

    paper: Literal["A4", "A5", "receipt"] = "A4"
    direction: Literal["portrait", "landscape"] = "portrait"
    title: Annotated[str, msgspec.Meta(max_length=60)] = ""
    header: Line = ""
    footer: Annotated[str, msgspec.Meta(max_length=400)] = ""
    fields: Annotated[list[Field], msgspec.Meta(max_length=100)] | None = None
    lines: Annotated[list[Field], msgspec.Meta(max_length=30)] | None = None
    signatures: Annotated[list[Annotated[str, msgspec.Meta(max_length=20)]], msgspec.Meta(max_length=6)] = []


class Look(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`columns` on wide screens. `accent`: a name of the app's palette, whose colours are legible in light and dark. `text`: the
    line under the title."""

    columns: Literal[1, 2] | None = None
    labels: Literal["above", "beside"] | None = None
    spacing: Literal["roomy", "close"] | None = None
    accent: Literal["blue", "green", "orange", "red", "purple", "grey"] | None = None
    text: Line = ""
    paper: Print | None = None


class SaveArgs(msgspec.Struct, forbid_unknown_fields=True):
    """A template as it is from now on, the whole of it; form and purpose stay. `picture`: the hash of bytes that were sent to
    `/media/v1/uploads`. `in_force`: null leaves it as it is."""

    id: str
    record_type: str
    purpose: str
    name: Annotated[str, msgspec.Meta(max_length=40)]
    look: Look
    picture: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    in_force: bool | None = None


class UseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id` null: as the product has it."""

    record_type: str
    purpose: str
    id: str | None = None


@command("form_template.save", SaveArgs, permission="company.edit")
def save(context: Context, args: SaveArgs) -> dict[str, Any]:
    """Saves a form template, or changes one that is there; every device has it with its next sync. 422 template_malformed,
    template_purpose, template_other_form, template_picture_missing, template_picture_kind, template_picture_large,
    too_many_templates."""
    _check_form(args.record_type, args.purpose)
    name = " ".join(args.name.split())
    if not name:
        raise Rejected("template_malformed", field="name")
    _check_fields(context, args)
    row = context.find(FormTemplate, check_id(args.id))
    if row is None:
        _refuse_too_many(context)
        row = FormTemplate(id=args.id, name=name, record_type=args.record_type, purpose=args.purpose, in_force=False)
        context.add(row)
    elif (row.record_type, row.purpose) != (args.record_type, args.purpose):
        raise Rejected("template_other_form", field="id")
    if args.picture != row.picture:
        row.picture, row.picture_kind, row.picture_size = _picture(context.session, args.picture)
    row.name, row.look = name, msgspec.to_builtins(args.look)
    if args.in_force is not None:
        _put_in_force(context, args.record_type, args.purpose, row if args.in_force else None, off=row)
    return {"id": row.id}


@command("form_template.use", UseArgs, permission="company.edit")
def use(context: Context, args: UseArgs) -> dict[str, Any]:
    """Puts a form template in force instead of the one that was, or the product's look. 422 template_other_form."""
    _check_form(args.record_type, args.purpose)
    row = None
    if args.id is not None:
        row = context.need(FormTemplate, args.id, "edit")
        if (row.record_type, row.purpose) != (args.record_type, args.purpose):
            raise Rejected("template_other_form", field="id")
    _put_in_force(context, args.record_type, args.purpose, row)
    return {"id": args.id}


@command("form_template.delete", DeleteArgs, permission="company.edit")
def delete(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Deletes a form template. Where it was in force, the form looks as the product has it."""
    context.session.delete(context.need(FormTemplate, args.id, "edit"))
    return {"id": args.id}


def _check_form(record_type: str, purpose: str) -> None:
    if record_type not in RECORD_TYPES or purpose not in PURPOSES:
        raise Rejected("template_malformed", field="record_type" if record_type not in RECORD_TYPES else "purpose")
    if purpose not in purposes_of(record_type):
        raise Rejected("template_purpose", field="purpose")


def _check_fields(context: Context, args: SaveArgs) -> None:
    """Every field must have been one some day: one of the company's own may be gone meanwhile."""
    paper = args.look.paper
    if paper is None:
        return
    lines = LINES.get(args.record_type)
    names = (
        visible_fields(record_of(args.record_type)).keys() | own.catalog(context.session).of(args.record_type).keys()
    )
    line_names = visible_fields(record_named(lines)).keys() if lines else set()
    for chosen, known in ((paper.fields or [], names), (paper.lines or [], line_names)):
        if len(set(chosen)) < len(chosen) or not all(name in known or own.is_own(name) for name in chosen):
            raise Rejected("template_malformed", field="look")


def _picture(session: Session, sha256: str | None) -> tuple[str | None, str | None, int | None]:
    """The picture as its bytes are, whatever was said of them."""
    if sha256 is None:
        return None, None, None
    found = examination_of(session, sha256) if _HASH.fullmatch(sha256) else None
    if found is None:
        raise Rejected("template_picture_missing", field="picture")
    examination = found[0]
    kind = examination.content.kind if examination.content else None
    if (
        examination.size > MOST_PICTURE_BYTES
        or max(examination.width or 0, examination.height or 0) > MOST_PICTURE_EDGE
    ):
        raise Rejected(
            "template_picture_large", field="picture", kb=MOST_PICTURE_BYTES // 1024, edge=MOST_PICTURE_EDGE
        )
    if kind not in ("png", "jpg") or not examination.readable:
        raise Rejected("template_picture_kind", field="picture")
    return sha256, kind, examination.size


# unrestricted: forms are everybody's
def _put_in_force(
    context: Context, record_type: str, purpose: str, row: FormTemplate | None, off: FormTemplate | None = None
) -> None:
    """`off`: only this one is taken out of force where there is none to put in. Two who switch at once do it one after the other."""
    positions.serialize(context.session, "form_template")
    if row is None and off is not None:
        off.in_force = False
        return
    context.session.flush()
    statement = select(FormTemplate).where(
        FormTemplate.record_type == record_type, FormTemplate.purpose == purpose, FormTemplate.in_force.is_(True)
    )
    for other in context.session.scalars(statement):
        if row is None or other.id != row.id:
            other.in_force = False
    if row is not None:
        row.in_force = True


# unrestricted: they are counted
def _refuse_too_many(context: Context) -> None:
    if len(context.session.scalars(select(FormTemplate.id).limit(MOST_TEMPLATES)).all()) >= MOST_TEMPLATES:
        raise Rejected("too_many_templates", field="name", max=MOST_TEMPLATES)


def find_picture(session: Session, actor: Actor, template_id: str) -> tuple[str, str, int]:
    """(hash, jpg or png, bytes) of a template's picture. Raises `NotFound` not_found."""
    row = session.execute(
        select(FormTemplate.picture, FormTemplate.picture_kind, FormTemplate.picture_size).where(
            FormTemplate.id == template_id, FormTemplate.picture.is_not(None), visible(actor, FormTemplate)
        )
    ).first()
    if row is None:
        raise NotFound("not_found", record="form_template", id=template_id)
    return row.picture, row.picture_kind, row.picture_size
