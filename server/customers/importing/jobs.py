"""Imports in the database: each workbook with its rows, so that a preview survives a restart and a commit goes on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from server.customers.importing.preview import ImportRow, Problem
from server.customers.importing.texts import in_words
from server.customers.tables import import_job, import_part, import_row
from server.records.actor import Actor
from server.records.errors import NotFound, sentence
from server.records.values import to_wire

#: A job at work says so at least this often; a silent one was interrupted and may be taken up again.
SILENCE = timedelta(seconds=60)
KEPT = timedelta(days=30)
_AT_WORK = ("reading", "importing")
_GOOD = ("ok", "warning")
_GROUPS = {"errors": ("error", "refused"), "warnings": ("warning",), "ok": ("ok", "imported")}
MAX_PAGE = 500


def new_job(
    session: Session, actor: Actor, job_id: str, file_name: str, headers: dict[str, dict[str, str]], total: int = 0
) -> None:
    """A job at its start; old ones go, they hold what companies keep to themselves."""
    now = datetime.now(UTC)
    old = select(import_job.c.id).where(import_job.c.created_at < now - KEPT)
    for table in (import_row, import_part):
        session.execute(delete(table).where(table.c.job_id.in_(old)))
    session.execute(delete(import_job).where(import_job.c.created_at < now - KEPT))
    session.execute(
        insert(import_job).values(
            id=job_id, employee_id=actor.employee_id, file_name=file_name[:200], state="reading", params={},
            headers=headers, total=total, done=0, created_at=now, touched_at=now,
        )
    )  # fmt: skip


def keep_part(session: Session, job_id: str, part: int, content: bytes) -> None:
    """A piece of the workbook, until all of it is read."""
    session.execute(insert(import_part).values(job_id=job_id, part=part, content=content))


def kept_workbook(session: Session, job_id: str) -> bytes:
    parts = select(import_part.c.content).where(import_part.c.job_id == job_id).order_by(import_part.c.part)
    return b"".join(session.scalars(parts))


def forget_workbook(session: Session, job_id: str) -> None:
    session.execute(delete(import_part).where(import_part.c.job_id == job_id))


def touch(session: Session, job_id: str, **values: Any) -> None:
    session.execute(
        update(import_job).where(import_job.c.id == job_id).values(touched_at=datetime.now(UTC), **values)
    )


def fail(session: Session, job_id: str, code: str, params: dict[str, Any]) -> None:
    forget_workbook(session, job_id)
    touch(session, job_id, state="failed", code=code, params=params)


def store_rows(session: Session, job_id: str, rows: Sequence[ImportRow], first: int) -> None:
    session.execute(
        insert(import_row),
        [
            {
                "job_id": job_id,
                "seq": first + index,
                "sheet": row.sheet,
                "row_no": row.row_no,
                "state": row.state,
                "record_id": row.record_id,
                "cells": row.cells,
                "values": row.values,
                "problems": [asdict(problem) for problem in row.problems],
                "title": row.title,
                "turn": row.turn,
            }
            for index, row in enumerate(rows)
        ],
    )


def stored_rows(session: Session, job_id: str) -> dict[str, int]:
    """How many rows of each sheet are read."""
    counts = (
        select(import_row.c.sheet, func.count()).where(import_row.c.job_id == job_id).group_by(import_row.c.sheet)
    )
    return {row[0]: row[1] for row in session.execute(counts)}


def read_page(session: Session, job_id: str, sheet: str, after: int, limit: int) -> list[tuple[int, ImportRow]]:
    """Rows of a sheet as they are stored, with their `seq`."""
    chosen = and_(import_row.c.sheet == sheet, import_row.c.seq > after)
    return _stored(session, job_id, chosen, limit)


def rows_named(session: Session, job_id: str, record_ids: Sequence[str]) -> list[tuple[int, ImportRow]]:
    """Rows whose parents are still to be found, of these."""
    chosen = and_(import_row.c.turn < 0, import_row.c.record_id.in_(record_ids))
    return _stored(session, job_id, chosen, len(record_ids))


def _stored(session: Session, job_id: str, chosen: ColumnElement[bool], limit: int) -> list[tuple[int, ImportRow]]:
    statement = (
        select(import_row).where(import_row.c.job_id == job_id, chosen).order_by(import_row.c.seq).limit(limit)
    )
    return [
        (
            row.seq,
            ImportRow(
                row.sheet, row.row_no, row.cells, row._mapping["values"],
                [Problem(**problem) for problem in row.problems], row.record_id, row.turn,
            ),
        )
        for row in session.execute(statement)
    ]  # fmt: skip


def rewrite_rows(session: Session, job_id: str, rows: Iterable[tuple[int, ImportRow]]) -> None:
    """What became of rows that were stored before."""
    for seq, row in rows:
        session.execute(
            update(import_row)
            .where(import_row.c.job_id == job_id, import_row.c.seq == seq)
            .values(
                {"state": row.state, "values": row.values, "problems": [asdict(one) for one in row.problems], "turn": row.turn}
            )
        )  # fmt: skip


def preview_ready(session: Session, job_id: str) -> None:
    """All rows are read: how many can be imported."""
    good = select(func.count()).where(import_row.c.job_id == job_id, import_row.c.state.in_(_GOOD))
    forget_workbook(session, job_id)
    touch(session, job_id, state="preview", total=session.scalar(good) or 0, done=0)


def begin_commit(session: Session, actor: Actor, job_id: str) -> bool:
    """Takes the job for importing; False where it is under way or done. An interrupted one is taken up again."""
    job = _job(session, actor, job_id)
    interrupted = job.state == "importing" and job.touched_at < datetime.now(UTC) - SILENCE
    return (job.state == "preview" or interrupted) and _take(session, job, "importing")


def _take(session: Session, job: Any, state: str) -> bool:
    """False where somebody else took it in this very moment."""
    taken = session.execute(
        update(import_job)
        .where(import_job.c.id == job.id, import_job.c.state == job.state, import_job.c.touched_at == job.touched_at)
        .values(state=state, touched_at=datetime.now(UTC))
        .returning(import_job.c.id)
    )
    return taken.first() is not None


def take_interrupted(session: Session, but: Iterable[str], silence: timedelta = SILENCE) -> list[Any]:
    """Jobs that nobody works at any more, taken: `(id, employee_id, state)`. Those of `but` are at work here."""
    for job_id in but:
        session.execute(
            update(import_job)
            .where(import_job.c.id == job_id, import_job.c.state.in_(_AT_WORK))
            .values(touched_at=datetime.now(UTC))
        )
    silent = select(import_job).where(
        import_job.c.state.in_(_AT_WORK),
        import_job.c.touched_at <= datetime.now(UTC) - silence,
        import_job.c.id.not_in(list(but)),
    )
    return [job for job in session.execute(silent).all() if _take(session, job, job.state)]


def _job(session: Session, actor: Actor, job_id: str) -> Any:
    """The job, if it is the actor's own. Raises `NotFound`."""
    row = session.execute(
        select(import_job).where(import_job.c.id == job_id, import_job.c.employee_id == actor.employee_id)
    ).first()
    if row is None:
        raise NotFound("not_found", record="import", id=job_id)
    return row


def describe(session: Session, actor: Actor, job_id: str, language: str) -> dict[str, Any]:
    """State, progress and counts of a job, for the person who uploaded it."""
    job = _job(session, actor, job_id)
    state, code = job.state, job.code
    if state in _AT_WORK and job.touched_at < datetime.now(UTC) - SILENCE:
        state, code = "interrupted", "import_interrupted"
    counts: dict[str, dict[str, int]] = {}
    statement = (
        select(import_row.c.sheet, import_row.c.state, func.count())
        .where(import_row.c.job_id == job_id)
        .group_by(import_row.c.sheet, import_row.c.state)
    )
    for sheet, row_state, count in session.execute(statement):
        counts.setdefault(sheet, {})[row_state] = count
    return {
        "id": job.id,
        "file_name": job.file_name,
        "state": state,
        "code": code,
        "text": sentence(code, language, job.params) if code else "",
        "params": job.params,
        "headers": job.headers,
        "total": job.total,
        "done": job.done,
        "counts": counts,
        "created_at": to_wire(job.created_at),
    }


def list_rows(
    session: Session, actor: Actor, job_id: str, only: str, sheet: str, after: int, limit: int, language: str
) -> dict[str, Any]:
    """Rows in the order of the file, each with what is wrong in words; `next` continues."""
    job = _job(session, actor, job_id)
    statement = select(import_row).where(import_row.c.job_id == job_id, import_row.c.seq > after)
    if only in _GROUPS:
        statement = statement.where(import_row.c.state.in_(_GROUPS[only]))
    if sheet:
        statement = statement.where(import_row.c.sheet == sheet)
    rows = session.execute(statement.order_by(import_row.c.seq).limit(limit + 1)).all()
    items = [_shown(row, job.headers, language) for row in rows[:limit]]
    return {"items": items, "next": rows[limit - 1].seq if len(rows) > limit else None}


def _shown(row: Any, headers: dict[str, dict[str, str]], language: str) -> dict[str, Any]:
    told = [in_words(problem, headers.get(row.sheet, {}), language) for problem in row.problems]
    return {
        "seq": row.seq,
        "sheet": row.sheet,
        "row": row.row_no,
        "state": row.state,
        "title": row.title,
        "cells": row.cells,
        "values": row.values,
        "id": row.record_id if row.state == "imported" else None,
        "errors": [problem for problem in told if problem["level"] == "error"],
        "warnings": [problem for problem in told if problem["level"] == "warning"],
        "changes": [problem for problem in told if problem["level"] == "change"],
    }


def good_rows(session: Session, job_id: str, after: tuple[int, int], limit: int) -> list[Any]:
    """What is still to be imported after `(turn, seq)`, in the order of import: `(turn, seq, sheet, row_no, record_id,
    values)`."""
    row = import_row.c
    further = or_(row.turn > after[0], and_(row.turn == after[0], row.seq > after[1]))
    statement = (
        select(row.turn, row.seq, row.sheet, row.row_no, row.record_id, row["values"])
        .where(row.job_id == job_id, further, row.state.in_(_GOOD))
        .order_by(row.turn, row.seq)
        .limit(limit)
    )
    return list(session.execute(statement))


def still_good(session: Session, job_id: str, seqs: Sequence[int]) -> set[int]:
    """Which of the rows nobody has imported meanwhile; locked."""
    statement = select(import_row.c.seq).where(
        import_row.c.job_id == job_id, import_row.c.seq.in_(seqs), import_row.c.state.in_(_GOOD)
    )
    return set(session.scalars(statement.with_for_update()))


def mark_rows(session: Session, job_id: str, states: Iterable[tuple[int, str]]) -> None:
    """`(seq, state)` of rows that were settled."""
    for state in ("imported", "refused"):
        seqs = [seq for seq, found in states if found == state]
        for start in range(0, len(seqs), 500):
            session.execute(
                update(import_row)
                .where(import_row.c.job_id == job_id, import_row.c.seq.in_(seqs[start : start + 500]))
                .values(state=state)
            )


def add_problem(session: Session, job_id: str, seq: int, problem: dict[str, Any]) -> None:
    row = session.execute(
        select(import_row.c.problems).where(import_row.c.job_id == job_id, import_row.c.seq == seq)
    ).one()
    session.execute(
        update(import_row)
        .where(import_row.c.job_id == job_id, import_row.c.seq == seq)
        .values(problems=[*row.problems, problem])
    )


def rest_of(
    session: Session, actor: Actor, job_id: str, language: str
) -> tuple[dict[str, dict[str, str]], Iterator[Any]]:
    """The headers, and the rows that were not imported as `(sheet, row_no, cells, why)`, customers first."""
    job = _job(session, actor, job_id)
    statement = (
        select(import_row.c.sheet, import_row.c.row_no, import_row.c.cells, import_row.c.problems)
        .where(import_row.c.job_id == job_id, import_row.c.state != "imported")
        .order_by(import_row.c.seq)
        .execution_options(yield_per=500)
    )

    def rows() -> Iterator[Any]:
        for row in session.execute(statement):
            told = [in_words(problem, job.headers.get(row.sheet, {}), language) for problem in row.problems]
            why = "；".join(f"{one['column']} {one['text']}".strip() for one in told if one["level"] == "error")
            yield row.sheet, row.row_no, row.cells, why

    return job.headers, rows()


def count(session: Session, job_id: str, done: int) -> None:
    """Moves the progress on by so many rows."""
    touch(session, job_id, done=import_job.c.done + done)
