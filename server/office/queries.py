"""Who has read a notice, and who has not."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.office.holding import addressed
from server.office.models import Notice, NoticeReader
from server.people.models import Employee
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.visibility import allowed


class Read(msgspec.Struct):
    """A person whom a notice is for; `read_at` is null for one who has not read it."""

    employee_id: str
    name: str
    read_at: datetime | None


class Readership(msgspec.Struct):
    """Those whom it is for and those who have read it when it was for them, too; who has not comes first."""

    read: int
    people: list[Read]


# unrestricted: the people of a notice that one may change
def readership(session: Session, actor: Actor, notice_id: str) -> Readership:
    """Raises `NotFound` where one may not change the notice."""
    seen = select(Notice.publisher_id).where(Notice.id == notice_id, allowed(actor, Notice, "edit"))
    publisher = session.scalar(seen)
    if publisher is None:
        raise NotFound("not_found", record=Notice.__tablename__, id=notice_id)
    found = addressed(Notice.id == notice_id).subquery("people")
    rows = session.execute(
        select(Employee.id, Employee.real_name, NoticeReader.read_at)
        .outerjoin(NoticeReader, (NoticeReader.reader_id == Employee.id) & (NoticeReader.notice_id == notice_id))
        .where(Employee.id.in_(select(found.c.employee_id)) | NoticeReader.read_at.is_not(None))
        .where(Employee.id != publisher)
        .order_by(NoticeReader.read_at.is_not(None), NoticeReader.read_at.desc(), Employee.real_name, Employee.id)
    )
    people = [Read(*row) for row in rows]
    return Readership(sum(one.read_at is not None for one in people), people)
