"""Writes of photos: the capture record from the phone, the server's verdict, a manager's."""

from typing import Annotated, Any, Literal

import msgspec

from media.capture import CaptureError, CaptureRecord, parse_capture
from media.codes import photo_code
from server.customers import service as customers
from server.people.models import Device
from server.photos.later import judge_later_ones
from server.photos.models import Photo
from server.photos.service import (
    as_system,
    judge_photo,
    lock_hash,
    note_attention,
    photos_of,
    settle_visit,
    without_bytes,
)
from server.records.commands import Context, command
from server.records.editing import check_id, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.visits.completeness import note_missing
from server.visits.models import Visit
from server.visits.types import kind_of

standard_commands(Photo, create=False, delete=False)

error_texts(
    {
        "own_photo": L("不能判定自己拍的照片", "不能判定自己拍的照片", "You cannot decide on your own photos"),
        "photo_of_another": L(
            "这是同事的照片，您不能修改",
            "這是同事的照片，您不能修改",
            "This is a colleague's photo; you cannot change it",
        ),
        "hash_mismatch": L(
            "照片在传输中损坏，将重新发送",
            "照片在傳輸中損壞，將重新傳送",
            "The photo was damaged on the way and will be sent again",
        ),
        "blob_too_large": L("照片太大，最多 {mb} MB", "照片太大，最多 {mb} MB", "The photo is larger than {mb} MB"),
        "not_uploaded": L(
            "照片还没有上传，请稍后再看",
            "照片還沒有上傳，請稍後再看",
            "The photo has not arrived yet; look again later",
        ),
        "original_removed": L(
            "原图已过保留期限，只保留缩略图",
            "原圖已過保留期限，只保留縮圖",
            "The original is past the time it is kept for; its thumbnails remain",
        ),
        "no_preview": L("这张照片无法显示", "這張照片無法顯示", "This photo cannot be shown"),
    }
)


class AttachArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`capture`: the record's text exactly as it was signed (docs/sync-protocol.md). `sha256` names the bytes where there
    is no record."""

    id: str
    visit_id: str
    customer_id: str
    kind: str
    note: str | None = None
    capture: str | None = None
    signature: str | None = None
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None


class OverruleArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    verdict: Literal["verified", "unverified", "suspect"]
    note: Annotated[str, msgspec.Meta(max_length=400)]


class WithdrawArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class JudgeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """One photo, or all photos of some bytes."""

    id: str | None = None
    sha256: str | None = None


@command("photo.attach", AttachArgs, permission="visit.create", fact=True)
def attach(context: Context, args: AttachArgs) -> dict[str, Any]:
    """Adds a photo to one's visit. Stored whatever its record looks like; the verdict comes with the bytes."""
    visit = context.get(Visit, args.visit_id, lock=False)
    if visit.visitor_id != context.actor.employee_id and not context.actor.is_system:
        raise Forbidden("visit_of_another", id=visit.id)
    record, trouble = _read(args.capture)
    kind, kind_id = kind_of(context, args.kind) or ("other", None)
    photo = Photo(
        id=check_id(args.id),
        customer_id=visit.customer_id,
        visit_id=visit.id,
        kind=kind,
        kind_id=kind_id,
        source=record.source if record else "gallery",
        note=" ".join((args.note or "").replace("\x00", "").split())[:400] or None,
        taken_by=context.actor.employee_id,
        taken_at=context.claimed_time(record.taken_at if record else None),
        sha256=record.sha256 if record else _named_bytes(args),
        capture_id=record.capture_id if record else None,
        capture=None if args.capture is None else args.capture.replace("\x00", ""),
        signature=None if args.signature is None else args.signature.replace("\x00", "")[:100],
        device_id=_camera(context, record),
        verdict="pending",
    )
    if photo.sha256:
        photo.code = photo_code(photo.sha256)
        lock_hash(context.session, photo.sha256)
    context.add(photo)
    with as_system(context, "photo.judge") as system:
        if photo.sha256 is None:
            without_bytes(photo, trouble.code if trouble else "record_missing", **(trouble.detail if trouble else {}))
        if judge_photo(system, photo) is None:
            settle_visit(system, photo)
        else:
            judge_later_ones(system, photo)  # pushes are not answered in the order in which they came
        note_missing(system, context.get(Visit, visit.id))
    return {"id": photo.id, "sha256": photo.sha256, "verdict": photo.verdict}


def _camera(context: Context, record: CaptureRecord | None) -> str | None:
    """The device that took it: the one that sends, or one of the sender's own whose work it delivers, because the phone
    was enrolled anew since or its outbox was imported."""
    device = context.find(Device, record.device_id) if record else None
    return device.id if device and device.employee_id == context.actor.employee_id else context.device_id


@command("photo.withdraw", WithdrawArgs, permission="visit.create", fact=True)
def withdraw(context: Context, args: WithdrawArgs) -> dict[str, Any]:
    """Sets a photo of one's own aside, mostly for one taken again: it is kept and does not speak for the visit. A suspect
    one goes on speaking against it."""
    photo = context.get(Photo, args.id)
    if photo.taken_by != context.actor.employee_id and not context.actor.is_system:
        raise Forbidden("photo_of_another", id=photo.id)
    if photo.withdrawn_at is None:
        photo.withdrawn_at = context.now
        note_attention(photo)
        customers.forget_storefront(context, photo.customer_id, photo.id)
        with as_system(context, "photo.judge") as system:
            settle_visit(system, photo)
            if photo.visit_id is not None:
                note_missing(system, context.get(Visit, photo.visit_id))
    return {"id": photo.id}


@command("photo.judge", JudgeArgs, internal=True)
def judge(context: Context, args: JudgeArgs) -> list[dict[str, Any]]:
    """The server's verdict on a photo, or on all photos of the bytes that arrived. Also to judge again."""
    photos = photos_of(context.session, args.sha256) if args.sha256 else []
    if args.id is not None:
        photos.append(context.get(Photo, args.id))
    for photo in photos:
        first = photo.verdict == "pending"
        if judge_photo(context, photo) is not None and first:
            judge_later_ones(context, photo)
    return [
        {"id": photo.id, "taken_by": photo.taken_by, "verdict": photo.verdict, "score": photo.score}
        for photo in photos
    ]


@command("photo.overrule", OverruleArgs, permission="visit.overrule")
def overrule(context: Context, args: OverruleArgs) -> dict[str, Any]:
    """A manager's verdict, with a note, on a photo of his people. The server's own verdict stays beside it."""
    note = args.note.replace("\x00", "").strip()
    if not note:
        raise Rejected("required", field="note", label=L("判定说明", "判定說明", "Note"))
    photo = context.need(Photo, args.id, "overrule")
    if photo.taken_by == context.actor.employee_id:
        raise Forbidden("own_photo", id=photo.id)
    photo.overruled_to, photo.overruled_by, photo.overrule_note = args.verdict, context.actor.employee_id, note
    note_attention(photo)
    settle_visit(context, photo)
    return {"id": photo.id}


@on_edit(Photo)
def edited(context: Context, photo: Photo, changed: dict[str, tuple[Any, Any]]) -> None:
    """The note is the photographer's."""
    if changed and photo.taken_by != context.actor.employee_id:
        raise Forbidden("photo_of_another", id=photo.id)


def _read(capture: str | None) -> tuple[CaptureRecord | None, CaptureError | None]:
    if capture is None:
        return None, None
    try:
        return parse_capture(capture), None
    except (CaptureError, UnicodeError) as error:
        return None, error if isinstance(error, CaptureError) else CaptureError("record_malformed")


class _Hint(msgspec.Struct):
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def _named_bytes(args: AttachArgs) -> str | None:
    """Which bytes a record speaks of that is otherwise unreadable, e.g. of a newer app."""
    try:
        return msgspec.json.decode(args.capture or "", type=_Hint).sha256
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return args.sha256
