"""Writes of visit types: which photos a visit of a type has to show, and how many."""

from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.company.models import Option
from server.photos.models import PHOTO_KINDS
from server.records.commands import Context
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.visits.models import VisitType

standard_commands(VisitType, delete=False)

MOST_REQUIRED, _MOST_KINDS = 20, 20

error_texts(
    {
        "visit_type_exists": L(
            "已有拜访类型“{name}”", "已有拜訪類型「{name}」", "There is already a visit type “{name}”"
        ),
        "visit_type_default_off": L(
            "默认的拜访类型不能停用，请先设另一个为默认",
            "預設的拜訪類型不能停用，請先設另一個為預設",
            "The default type stays in use; make another one the default first",
        ),
        "visit_photos_malformed": L(
            "照片要求有误：至少一种，每种 0 到 {most} 张",
            "照片要求有誤：至少一種，每種 0 到 {most} 張",
            "The photos are not understood: at least one kind, 0 to {most} of each",
        ),
        "visit_photos_twice": L("同一种照片只能列一次", "同一種照片只能列一次", "Each kind of photo is listed once"),
        "photo_kind_unknown": L("没有这种照片类型", "沒有這種照片類型", "There is no such kind of photo"),
    }
)


class PhotoNeed(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of photo of a visit type; `required` 0 means that it is welcome."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
    required: Annotated[int, msgspec.Meta(ge=0, le=MOST_REQUIRED)] = 0


@on_create(VisitType)
def new_type(context: Context, row: VisitType) -> None:
    _check(context, row)


@on_edit(VisitType)
def changed_type(context: Context, row: VisitType, changed: dict[str, tuple[Any, Any]]) -> None:
    _check(context, row, kinds="photos" in changed)


def _check(context: Context, row: VisitType, *, kinds: bool = True) -> None:
    """Names are unique; exactly one type is the default, and that one is in use."""
    context.memory.pop("photo_needs", None)
    others = context.session.scalars(select(VisitType).where(VisitType.id != row.id)).all()
    if any(other.name == row.name for other in others):
        raise Rejected("visit_type_exists", field="name", name=row.name)
    if row.is_default and not row.enabled:
        raise Rejected("visit_type_default_off", field="enabled")
    if row.is_default:
        for other in others:
            other.is_default = False
    if kinds:
        row.photos = _checked(context, row.photos)


def _checked(context: Context, photos: Any) -> list[dict[str, Any]]:
    try:
        needs = msgspec.convert(photos, list[PhotoNeed])
    except msgspec.ValidationError as error:
        raise Rejected("visit_photos_malformed", field="photos", most=MOST_REQUIRED) from error
    if not 0 < len(needs) <= _MOST_KINDS:
        raise Rejected("visit_photos_malformed", field="photos", most=MOST_REQUIRED)
    if len({need.kind for need in needs}) < len(needs):
        raise Rejected("visit_photos_twice", field="photos")
    for need in needs:
        if kind_of(context, need.kind) is None:
            raise Rejected("photo_kind_unknown", field="photos")
    return [msgspec.to_builtins(need) for need in needs]


def kind_of(context: Context, code: str) -> tuple[str, str | None] | None:
    """The kind a code stands for, with the company's own entry where it is one; None for a code of nobody."""
    if code in PHOTO_KINDS:
        return code, None
    option = context.find(Option, code)
    return ("other", option.id) if option is not None and option.list_name == "photo_kind" else None
