"""An outbox that comes as a file: made by the sync page of a phone that cannot reach the server any more
(`pwa/src/sync/export.ts`), read by an administrator. The ops go the way of a push, as their author on their device, so a
phone that delivers the same ops after all gets the results stored here.
"""

import base64
import binascii
import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from media.bounded import shared
from server.api.decoding import clean
from server.api.running import run_outbox
from server.api.state import Services
from server.api.sync import parse_op
from server.people.logins import load_actor
from server.people.models import Device, Employee
from server.photos.intake import PhotoIntake
from server.records.errors import BusinessError, Rejected, error_texts
from server.records.fields import L
from sync.inbox import Op, Result, stored_results
from sync.push import MAX_OPS

log = logging.getLogger("xunke.kept")

FORMAT = "xunke-outbox"
VERSION = 2

error_texts(
    {
        "not_an_outbox": L(
            "这不是从同步页导出的文件：{problem}",
            "這不是從同步頁匯出的檔案：{problem}",
            "This is no file exported from the sync page: {problem}",
        ),
        "outbox_too_new": L(
            "文件版本是 {version}，服务器只认识到 {known}：请先升级服务器",
            "檔案版本是 {version}，伺服器只認識到 {known}：請先升級伺服器",
            "The file has version {version}, this server knows {known}: upgrade the server first",
        ),
        "outbox_damaged": L(
            "文件不完整或已损坏（{problem}）：请从手机重新导出",
            "檔案不完整或已損壞（{problem}）：請從手機重新匯出",
            "The file is incomplete or damaged ({problem}): export it again on the phone",
        ),
    }
)


class OutboxDevice(msgspec.Struct):
    id: str


class OutboxPerson(msgspec.Struct):
    id: str
    name: str = ""


class OutboxPhoto(msgspec.Struct):
    """`bytes`: base64, or null where the picture lies beside the file, named `<sha256>.jpg`."""

    photo_id: str
    sha256: str
    employee: str = ""
    bytes: str | None = None


class OutboxFile(msgspec.Struct):
    """The file. Of each op also `employee`, its author ("" where nobody had signed in), and `result`, which is not read."""

    format: str
    version: int
    device: OutboxDevice
    employee: OutboxPerson
    ops: list[msgspec.Raw]
    photos: list[OutboxPhoto] = []
    app: str = ""
    exported_at: str = ""


class _Author(msgspec.Struct):
    employee: str = ""


@dataclass(slots=True)
class Outbox:
    """A file that was read and found whole."""

    device_id: str
    employee: str
    ops: list[tuple[str, Op]]  #: author, op; in the order they were made
    photos: dict[str, bytes] = field(default_factory=dict)  #: pictures in the file, by SHA-256
    takers: dict[str, str] = field(default_factory=dict)  #: who took each picture, by SHA-256
    beside: list[str] = field(default_factory=list)  #: hashes of pictures that are not in the file
    app: str = ""
    exported_at: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one op; `known`: the server had it before."""

    op: Op
    employee: str
    result: Result
    known: bool


def read_outbox(raw: bytes) -> Outbox:
    """The file's content. Raises `Rejected`: not_an_outbox, outbox_too_new, outbox_damaged, each saying where."""
    file = _decode(raw)
    if len(file.device.id) != 36:
        raise Rejected("outbox_damaged", field="device.id", problem="device.id")
    ops: list[tuple[str, Op]] = []
    for index, entry in enumerate(file.ops):
        try:
            author = msgspec.json.decode(entry, type=_Author).employee or file.employee.id
            ops.append((clean(author), parse_op(entry, index)))
        except (BusinessError, msgspec.DecodeError) as error:
            detail = error.detail() if isinstance(error, BusinessError) else {}
            what = detail.get("message") or getattr(error, "code", None) or str(error)
            raise Rejected("outbox_damaged", field=f"ops[{index}]", problem=f"ops[{index}]: {what}") from error
    photos, beside = _photos(file.photos)
    ops.sort(key=lambda entry: entry[1].seq)
    return Outbox(
        device_id=clean(file.device.id),
        employee=clean(file.employee.name),
        ops=ops,
        photos=photos,
        takers={photo.sha256: clean(photo.employee or file.employee.id) for photo in file.photos},
        beside=beside,
        app=file.app,
        exported_at=file.exported_at,
    )


def _decode(raw: bytes) -> OutboxFile:
    try:
        head = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if raw.lstrip()[:1] != b"{":
            raise Rejected("not_an_outbox", problem=f"JSON: {error}") from error
        raise Rejected("outbox_damaged", problem=f"JSON: {error}") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        found = head.get("format") if isinstance(head, dict) else type(head).__name__
        raise Rejected("not_an_outbox", field="format", problem=f"format = {str(found)[:40]}")
    version = head.get("version")
    if not isinstance(version, int) or version < 1:
        raise Rejected("outbox_damaged", field="version", problem="version")
    if version > VERSION:
        raise Rejected("outbox_too_new", field="version", version=version, known=VERSION)
    if version == 1:
        head = _from_first(head)
        raw = msgspec.json.encode(head)
    try:
        return msgspec.json.decode(raw, type=OutboxFile)
    except msgspec.DecodeError as error:
        raise Rejected("outbox_damaged", problem=str(error)) from error


def _from_first(head: dict[str, Any]) -> dict[str, Any]:
    """The first version named device and employee by id alone and called photos blobs."""
    return {
        **{name: value for name, value in head.items() if name != "blobs"},
        "device": {"id": head.get("device")},
        "employee": {"id": head.get("employee")},
        "photos": head.get("blobs", []),
    }


def _photos(entries: Iterable[OutboxPhoto]) -> tuple[dict[str, bytes], list[str]]:
    inside: dict[str, bytes] = {}
    beside: list[str] = []
    for index, photo in enumerate(entries):
        if photo.bytes is None:
            beside.append(photo.sha256)
            continue
        try:
            content = base64.b64decode(photo.bytes, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Rejected("outbox_damaged", field=f"photos[{index}]", problem=f"photos[{index}].bytes") from error
        if hashlib.sha256(content).hexdigest() != photo.sha256:
            raise Rejected("outbox_damaged", field=f"photos[{index}]", problem=f"photos[{index}].sha256")
        inside[photo.sha256] = content
    return inside, beside


async def import_outbox(services: Services, outbox: Outbox) -> list[Imported]:
    """Delivers the file: ops in their order, then the pictures that are in it."""
    done: list[Imported] = []
    for author, ops in batches(outbox):
        work = partial(deliver, device_id=outbox.device_id, author=author, ops=ops)
        done += await services.writer.run(work, len(ops), author)
    # Giving up old originals is for the server's own way in, not for an hour at the console.
    intake = PhotoIntake(services.blobs, services.writer, services.reader, shared(), _tidied=time.monotonic())
    for sha256, content in outbox.photos.items():
        await intake.accept(sha256, content, outbox.takers.get(sha256, ""))
    return done


def batches(outbox: Outbox) -> list[tuple[str, list[Op]]]:
    """(author, ops) in order, each no more than a push may have."""
    found: list[tuple[str, list[Op]]] = []
    for author, entries in groupby(outbox.ops, key=lambda entry: entry[0]):
        ops = [op for _, op in entries]
        found += [(author, ops[at : at + MAX_OPS]) for at in range(0, len(ops), MAX_OPS)]
    return found


# unrestricted: an administrator delivers for others
def deliver(session: Session, device_id: str, author: str, ops: list[Op]) -> list[Imported]:
    """Runs ops of one author as a push of his device would. To be called in the writer; what a revoked device made, or
    somebody who has left, is quarantined; ops of somebody whose account is no more are not taken (`author_gone`)."""
    employee = session.get(Employee, author)
    name = employee.real_name if employee is not None else author
    actor = load_actor(session, author, also_left=True)
    if actor is None or employee is None:
        gone = [Result(op.id, "rejected", "author_gone") for op in ops]
        return [Imported(op, name, result, False) for op, result in zip(ops, gone, strict=True)]
    before = stored_results(session, device_id, author, [op.id for op in ops])
    device = session.get(Device, device_id)
    held = employee.status != "enabled" or (device is not None and device.revoked_at is not None)
    results = run_outbox(session, actor, device_id, ops, datetime.now(UTC), quarantined=held)
    log.info("%d ops of device %s by %s were imported from a file", len(ops), device_id, author)
    return [Imported(op, name, result, op.id in before) for op, result in zip(ops, results, strict=True)]
