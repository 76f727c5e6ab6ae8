"""Exports in the database: who asked for which file, how far it is, and its bytes until they are old."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from server.exports.making import MEDIA_TYPES, Asked, file_name, maker_of
from server.exports.models import export_job, export_part
from server.records.actor import Actor
from server.records.errors import Conflict, Forbidden, NotFound, TooMany, error_texts, sentence
from server.records.fields import L
from server.records.values import to_wire

#: How long a file is there for its person.
KEPT = timedelta(hours=12)
#: A job at work says so at least this often, where another server may be the one that works at it.
SILENCE = timedelta(seconds=30)
#: How many files of one person are made at a time, and how many are kept.
MOST_WRITING, MOST_KEPT = 3, 20
PIECE = 1 << 20

error_texts(
    {
        "export_failed": L("导出时出错，请联系管理员", "匯出時出錯，請聯絡管理員", "The export failed; ask an administrator"),
        "export_interrupted": L(
            "导出被中断，请重新开始", "匯出被中斷，請重新開始", "The export was interrupted; start it again"
        ),
        "export_not_ready": L("文件还没有做好", "檔案還沒有做好", "The file is not ready yet"),
        "export_outdated": L(
            "您的权限已有变化，请重新导出", "您的權限已有變化，請重新匯出", "What you may see has changed; export it again"
        ),
        "exports_busy": L(
            "已有 {max} 个导出正在进行，请等它们完成",
            "已有 {max} 個匯出正在進行，請等它們完成",
            "{max} exports are under way; wait until one is done",
        ),
    }
)  # fmt: skip

#: Whether nobody works at a job of this id any more that was heard of at this time.
Gone = Callable[[str, datetime], bool]


class ExportState(msgspec.Struct):
    """`state`: writing, done, failed. `rows`: written so far. `size` in bytes, 0 until it is done. `until`: when the file is
    thrown away. `asked` again starts it again."""

    id: str
    asked: Asked
    state: str
    code: str | None
    text: str
    rows: int
    file_name: str
    size: int
    created_at: str
    until: str


def rights_of(actor: Actor) -> str:
    """A short text that is another one when the actor may see more or less than before."""
    parts = (
        actor.role_id, actor.department_id, sorted(actor.permissions.items()), sorted(actor.subordinates),
        sorted(actor.department), actor.field_rights,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def new_job(session: Session, actor: Actor, job_id: str, asked: Asked, gone: Gone) -> None:
    """Raises `TooMany` exports_busy. The oldest files of a person make room for a new one."""
    mine = session.execute(
        select(export_job.c.id, export_job.c.state, export_job.c.touched_at)
        .where(export_job.c.employee_id == actor.employee_id)
        .order_by(export_job.c.created_at.desc(), export_job.c.id.desc())
    ).all()
    if sum(job.state == "writing" and not gone(job.id, job.touched_at) for job in mine) >= MOST_WRITING:
        raise TooMany("exports_busy", max=MOST_WRITING)
    for job in [one for one in mine if one.state != "writing"][MOST_KEPT - 1 :]:
        forget(session, job.id)
    now = datetime.now(UTC)
    session.execute(
        insert(export_job).values(
            id=job_id, employee_id=actor.employee_id, asked=msgspec.to_builtins(asked), rights=rights_of(actor),
            state="writing", params={}, rows=0, file_name=file_name(asked), media_type=MEDIA_TYPES[asked.ending],
            size=0, sha256="", created_at=now, touched_at=now,
        )
    )  # fmt: skip


def touch(session: Session, job_id: str, **values: Any) -> None:
    session.execute(
        update(export_job)
        .where(export_job.c.id == job_id, export_job.c.state == "writing")
        .values(touched_at=datetime.now(UTC), **values)
    )


def keep_piece(session: Session, job_id: str, part: int, piece: bytes) -> None:
    session.execute(insert(export_part).values(job_id=job_id, part=part, content=piece))
    touch(session, job_id)


def fail(session: Session, job_id: str, code: str, params: dict[str, Any]) -> None:
    session.execute(delete(export_part).where(export_part.c.job_id == job_id))
    touch(session, job_id, state="failed", code=code, params=params)


def forget(session: Session, job_id: str) -> None:
    session.execute(delete(export_part).where(export_part.c.job_id == job_id))
    session.execute(delete(export_job).where(export_job.c.id == job_id))


def forget_old(session: Session, now: datetime, most: int = 100) -> tuple[int, bool]:
    """How many were removed, and whether there are more."""
    old = select(export_job.c.id).where(export_job.c.created_at < now - KEPT).limit(most)
    ids = list(session.scalars(old))
    for job_id in ids:
        forget(session, job_id)
    return len(ids), len(ids) == most


def job_of(session: Session, actor: Actor, job_id: str) -> Any:
    """The job, if it is the actor's own and not too old. Raises `NotFound`."""
    statement = select(export_job).where(
        export_job.c.id == job_id,
        export_job.c.employee_id == actor.employee_id,
        export_job.c.created_at >= datetime.now(UTC) - KEPT,
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("not_found", record="export", id=job_id[:80])
    return row


def jobs_of(session: Session, actor: Actor) -> list[Any]:
    """The actor's, the newest first."""
    statement = select(export_job).where(
        export_job.c.employee_id == actor.employee_id, export_job.c.created_at >= datetime.now(UTC) - KEPT
    )
    return list(session.execute(statement.order_by(export_job.c.created_at.desc(), export_job.c.id.desc())))


def state_of(job: Any, language: str, gone: Gone) -> ExportState:
    state, code = job.state, job.code
    if state == "writing" and gone(job.id, job.touched_at):
        state, code = "failed", "export_interrupted"
    return ExportState(
        id=job.id, asked=msgspec.convert(job.asked, Asked), state=state, code=code,
        text=sentence(code, language, job.params) if code else "", rows=job.rows, file_name=job.file_name,
        size=job.size, created_at=to_wire(job.created_at), until=to_wire(job.created_at + KEPT),
    )  # fmt: skip


def file_of(session: Session, actor: Actor, job_id: str) -> Any:
    """The job of a file that the actor may have now. Raises `NotFound`, `Conflict` export_not_ready, `Forbidden` where the
    right to export is gone or he may see other things than when it was made."""
    job = job_of(session, actor, job_id)
    if job.state != "done":
        raise Conflict("export_not_ready")
    asked = msgspec.convert(job.asked, Asked)
    maker_of(asked).check(session, actor, asked)
    if job.rights != rights_of(actor):
        raise Forbidden("export_outdated")
    return job


def piece_of(session: Session, job_id: str, part: int) -> bytes:
    """Empty where it was thrown away meanwhile."""
    statement = select(export_part.c.content).where(export_part.c.job_id == job_id, export_part.c.part == part)
    return bytes(session.scalar(statement) or b"")
