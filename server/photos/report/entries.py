"""Which photos a report is of, and what is printed of each. Both permissions count: to see, and to export."""

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from media.reasons import REASONS
from server.company.models import Option
from server.people.models import Employee
from server.photos.models import Photo, blob
from server.photos.report.job import MOST_PHOTOS, Entry, Format, Job, Words
from server.photos.stamp import stamp_lines
from server.photos.verifying import Language
from server.photos.wall import KIND, ORDER, moments_of, taken_within
from server.records.actor import Actor
from server.records.errors import NotFound, Rejected, error_texts
from server.records.export import in_language
from server.records.fields import L, Label
from server.records.record import fields_of
from server.records.visibility import checked, visible

error_texts(
    {
        "report_too_large": L(
            "一次最多导出 {max} 张照片，现有 {count} 张，请缩小范围",
            "一次最多匯出 {max} 張照片，現有 {count} 張，請縮小範圍",
            "At most {max} photos can be exported at a time, these are {count}; choose fewer",
        ),
        "report_empty": L("没有可导出的照片", "沒有可匯出的照片", "There are no photos to export"),
        "report_failed": L(
            "报告没有生成，请减少照片后重试",
            "報告沒有產生，請減少照片後重試",
            "The report could not be made; try again with fewer photos",
        ),
    }
)

_TITLE = L("照片报告", "照片報告", "Photo report")
_MADE = L("{who} 导出于 {when}，{n} 张", "{who} 匯出於 {when}，{n} 張", "{n} photos, exported by {who} on {when}")
_NO_PICTURE = L("图片未上传", "圖片未上傳", "Picture not uploaded")
_PAGE = L("第 {page} 页，共 {all} 页", "第 {page} 頁，共 {all} 頁", "Page {page} of {all}")
_OVERRULED = L("人工判定：{note}", "人工判定：{note}", "Decided by hand: {note}")
_PICTURE = L("照片", "照片", "Photo")
_WHERE = L("位置", "位置", "Place")


class ReportArgs(msgspec.Struct, forbid_unknown_fields=True):
    """Either `ids`, in the order in which they are printed, or business days with filters as on the wall.

    `progress`: the answer begins with lines of JSON that say how many photos are done, before the file itself.
    """

    format: Format = "pdf"
    language: Language = "zh-CN"
    ids: Annotated[list[Annotated[str, msgspec.Meta(max_length=36)]], msgspec.Meta(max_length=5000)] | None = None
    since: date | None = None
    until: date | None = None
    taken_by: str | None = None
    customer_id: str | None = None
    kind: str | None = None
    verdict: str | None = None
    progress: bool = False


def job_for(
    session: Session, actor: Actor, zone: ZoneInfo, now: datetime, args: ReportArgs, blobs: str, out: str
) -> Job:
    """Raises `Forbidden` without the export permission, `Rejected`: report_too_large, report_empty and those of days."""
    actor.require("visit.export")
    where = [checked(actor, Photo), checked(actor, Photo, "export"), *_chosen(args, zone, now)]
    count = session.scalar(select(func.count()).select_from(Photo).where(*where)) or 0
    if count > MOST_PHOTOS or (args.ids is not None and len(args.ids) > MOST_PHOTOS):
        raise Rejected("report_too_large", max=MOST_PHOTOS, count=max(count, len(args.ids or ())))
    photos = list(session.scalars(select(Photo).where(*where).order_by(*ORDER)))
    if args.ids is not None:
        place = {photo_id: index for index, photo_id in enumerate(args.ids)}
        photos.sort(key=lambda photo: place[photo.id])
        if len(photos) < len(place):
            # Somebody's choice is exported whole or not at all: a report that silently lacks photos misleads.
            missing = next(iter(set(place) - {photo.id for photo in photos}))
            raise NotFound("not_found", record="photo", id=missing)
    if not photos:
        raise Rejected("report_empty")
    words = _words(session, actor, zone, now, args, count)
    return Job(args.format, args.language, blobs, out, words, _entries(session, actor, photos, zone, args.language))


def _chosen(args: ReportArgs, zone: ZoneInfo, now: datetime) -> list[ColumnElement[bool]]:
    if args.ids is not None:
        return [Photo.id.in_(args.ids)]
    until = args.until or now.astimezone(zone).date()
    found = [taken_within(moments_of(zone, args.since or until, until))]
    for column, value in (
        (Photo.taken_by, args.taken_by),
        (Photo.customer_id, args.customer_id),
        (KIND, args.kind),
        (func.coalesce(Photo.overruled_to, Photo.verdict), args.verdict),
    ):
        if value is not None:
            found.append(column == value)
    return found


def _words(session: Session, actor: Actor, zone: ZoneInfo, now: datetime, args: ReportArgs, count: int) -> Words:
    who = session.scalar(select(Employee.real_name).where(visible(actor, Employee, [actor.employee_id])))
    when = now.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    def say(label: Label) -> str:
        return in_language(label, args.language)

    fields = fields_of(Photo)
    columns = [_PICTURE, fields["customer_id"].label, fields["taken_by"].label, fields["kind"].label,
               fields["taken_at"].label, _WHERE, fields["verdict"].label, fields["reasons"].label,
               fields["note"].label, fields["code"].label]  # fmt: skip
    return Words(
        title=say(_TITLE),
        text=say(_MADE).format(who=who or "–", when=when, n=count),
        no_picture=say(_NO_PICTURE),
        page=say(_PAGE),
        columns=[say(label) for label in columns],
    )


def _entries(session: Session, actor: Actor, photos: list[Photo], zone: ZoneInfo, language: str) -> list[Entry]:
    lines = stamp_lines(session, photos, zone, language)
    hashes = {photo.sha256 for photo in photos if photo.sha256}
    arrived = set(session.scalars(select(blob.c.sha256).where(blob.c.sha256.in_(sorted(hashes)))))
    own = select(Option.id, Option.name).where(visible(actor, Option), Option.list_name == "photo_kind")
    kinds = {row.id: row.name for row in session.execute(own)}
    fields = fields_of(Photo)

    def choice(field: str, value: str) -> str:
        label = fields[field].choices.get(value)
        return in_language(label, language) if label else value

    found = []
    for photo in photos:
        outcome = photo.overruled_to or photo.verdict
        marks = [_sentence(reason, language) for reason in photo.reasons or ()]
        if photo.withdrawn_at is not None:
            marks.insert(0, in_language(fields["withdrawn_at"].label, language))
        if photo.overruled_to:
            marks.insert(0, in_language(_OVERRULED, language).format(note=photo.overrule_note or ""))
        found.append(
            Entry(
                sha256=photo.sha256 if photo.sha256 in arrived else None,
                stamp=lines[photo.id],
                kind=kinds.get(photo.kind_id or "") or choice("kind", photo.kind),
                verdict=choice("verdict", outcome),
                outcome=outcome,
                marks=marks,
                note=photo.note or "",
            )
        )
    return found


def _sentence(reason: dict[str, Any], language: str) -> str:
    """A reason in words; one that this version does not know stands by its code."""
    code = str(reason.get("code"))
    kind = REASONS.get(code)
    if kind is None:
        return code
    text = in_language(L(kind.zh_cn, kind.zh_tw, kind.en), language)
    for name, value in (reason.get("detail") or {}).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
