"""What becomes of a file: its content is compared with its name as soon as both are here; either may come first."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from media.documents import Content
from media.images import Examination
from server.attachments.models import Attachment
from server.photos.service import examination_of
from server.records.actor import Actor
from server.records.errors import NotFound, error_texts
from server.records.fields import L
from server.records.own import concealed_rows
from server.records.visibility import visible

#: Largest file, as BUSINESS.md has it.
MOST_FILE_BYTES = 10 * 1024 * 1024
#: How long a deleted one can be brought back.
KEPT = timedelta(days=30)
_SEALED = {"docx", "xlsx", "pptx"}

error_texts(
    {
        "file_empty": L("文件是空的", "檔案是空的", "The file is empty"),
        "file_too_large": L("文件太大，最多 {mb} MB", "檔案太大，最多 {mb} MB", "The file is larger than {mb} MB"),
        "file_content_differs": L(
            "文件内容与文件名不符：内容是 {looks}",
            "檔案內容與檔案名稱不符：內容是 {looks}",
            "The content is not what the name says: it is {looks}",
        ),
        "file_unknown": L(
            "文件内容与文件名不符，可能已损坏",
            "檔案內容與檔案名稱不符，可能已損壞",
            "The content is not what the name says; the file may be damaged",
        ),
        "file_bomb": L(
            "压缩包解开后过大，不予接收", "壓縮檔解開後過大，不予接收", "The archive would grow too large and is not taken"
        ),
        "file_damaged": L("文件已损坏，无法识别", "檔案已損壞，無法識別", "The file is damaged and cannot be recognised"),
        "file_refused": L(
            "文件未通过检查，不能下载", "檔案未通過檢查，不能下載", "The file did not pass the check and cannot be downloaded"
        ),
        "file_not_here": L(
            "文件还在添加人的设备上，尚未上传",
            "檔案還在新增人的裝置上，尚未上傳",
            "The file is still on the device of who added it",
        ),
    }
)  # fmt: skip


def check(session: Session, attachment: Attachment) -> None:
    """Compares content and name where the bytes are here, and writes what was found."""
    found = examination_of(session, attachment.sha256)
    if found is None:
        attachment.state, attachment.problem, attachment.looks = "waiting", None, None
        return
    examination, attachment.uploaded_at = found
    attachment.size = examination.size
    problem, looks = trouble(examination, attachment.kind)
    attachment.state = "refused" if problem else "ready"
    attachment.problem, attachment.looks = problem, looks


def trouble(examination: Examination, kind: str) -> tuple[str | None, str | None]:
    """(why these bytes are not taken under a name of this kind, what they seem to be); Nones where they are."""
    if examination.size > MOST_FILE_BYTES:
        return "file_too_large", None
    content = examination.content or Content()
    if content.problem is not None:
        return f"file_{content.problem}", content.looks
    if content.kind == kind or (content.sealed and kind in _SEALED):
        return None, None
    looks = content.kind or content.looks
    return ("file_content_differs" if looks else "file_unknown"), looks


def of_bytes(session: Session, sha256: str) -> list[Attachment]:
    return list(session.scalars(select(Attachment).where(Attachment.sha256 == sha256)))


def find_file(session: Session, actor: Actor, attachment_id: str) -> tuple[str, str, int]:
    """(name, hash, bytes) of a file that this actor may have. Raises `NotFound` not_found, file_not_here, file_refused."""
    row = session.execute(
        select(Attachment.name, Attachment.sha256, Attachment.size, Attachment.state).where(
            Attachment.id == attachment_id,
            Attachment.deleted_at.is_(None),
            visible(actor, Attachment),
            *concealed_rows(session, actor, Attachment),
        )
    ).first()
    if row is None:
        raise NotFound("not_found", record="attachment", id=attachment_id)
    if row.state != "ready":
        raise NotFound("file_refused" if row.state == "refused" else "file_not_here", id=attachment_id)
    return row.name, row.sha256, row.size


def expired(session: Session, now: datetime, most: int) -> list[Attachment]:
    """Deleted ones that cannot be brought back any more."""
    statement = (
        select(Attachment).where(Attachment.deleted_at < now - KEPT).order_by(Attachment.deleted_at).limit(most)
    )
    return list(session.scalars(statement))
