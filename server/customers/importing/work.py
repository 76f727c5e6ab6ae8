"""The work of an import, in a thread of its own: reading a workbook, and running the commands of its good rows.

Both go on where they were when the process was killed: what was read and what was imported stands in the database, the
workbook too until it is read. Only some rows are in memory at a time. Rows go through `customer.create` and
`contact.create` like everything else, in batches, so that phones that push meanwhile wait for a hundred rows at most.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.api.state import Services
from server.company.setup import system_context
from server.company.zone import company_zone
from server.customers.duplicates import keys_of, look_ahead, normal_phone, normal_text
from server.customers.importing import jobs
from server.customers.importing.columns import CONTACTS, CUSTOMERS, Sheet, sheets_for
from server.customers.importing.lookups import Lookups, read_lookups
from server.customers.importing.preview import (
    ImportRow,
    check_rows,
    keys_to_look_up,
    place_parent,
    read_rows,
    remember,
)
from server.customers.importing.seen import FileIndex
from server.customers.importing.workbook import Opened, open_workbook
from server.customers.models import Contact, Customer
from server.customers.reminders import tell_imported
from server.customers.rules import main_contact_id
from server.database import savepoint
from server.people.logins import load_actor
from server.people.models import Role
from server.records.actor import Actor
from server.records.commands import Context, run
from server.records.errors import WORDS, BusinessError, Rejected, error_texts
from server.records.fields import L
from server.records.numbering import reserved
from server.records.own import PREFIX, is_own

log = logging.getLogger("xunke.import")

error_texts(
    {
        "import_failed": L(
            "读取文件时出错，请联系管理员",
            "讀取檔案時出錯，請聯絡管理員",
            "The file could not be read; ask an administrator",
        ),
        "import_interrupted": L(
            "导入被中断，可以继续", "匯入被中斷，可以繼續", "The import was interrupted and can be continued"
        ),
    }
)

_BATCH = 100
#: Rows that are read, compared and stored together, and asked for together when they are imported.
_STORE = 1_000
#: Bytes of the workbook that are stored in one transaction.
_PIECE = 1 << 20
T = TypeVar("T")
_worker = ThreadPoolExecutor(1, thread_name_prefix="import")
#: Jobs that this process works at or has in its queue.
_at_work: set[str] = set()


class _Stopping(Exception):
    """The server ends; another, or this one when it starts again, goes on."""


def keep_workbook(services: Services, job_id: str, content: bytes) -> None:
    """Stores the workbook until it is read. A job without all of its pieces is one that was never uploaded."""
    for part, start in enumerate(range(0, len(content), _PIECE)):
        piece = content[start : start + _PIECE]
        services.writer.call(partial(_keep_part, job_id, part, piece))


def _keep_part(job_id: str, part: int, piece: bytes, session: Session) -> None:
    jobs.keep_part(session, job_id, part, piece)
    jobs.touch(session, job_id)


def start_reading(services: Services, actor: Actor, job_id: str, opened: Opened) -> None:
    """Reads the workbook behind the request; the job says how far it is."""
    _start(services, job_id, lambda: _read_and_close(services, actor, job_id, opened))


def start_commit(services: Services, actor: Actor, job_id: str) -> None:
    """Imports the good rows behind the request. The job was taken by `jobs.begin_commit`."""
    _start(services, job_id, lambda: _commit(services, actor, job_id))


def go_on(services: Services, silence: timedelta = jobs.SILENCE) -> list[str]:
    """Takes up what was interrupted: the ids of the jobs. Those whose uploader has left wait for nobody."""
    taken = services.writer.call(lambda session: jobs.take_interrupted(session, set(_at_work), silence))
    for job_id, employee_id, state in [(job.id, job.employee_id, job.state) for job in taken]:
        actor = services.writer.call(partial(load_actor, employee_id=employee_id))
        if actor is None or not actor.can("customer.import"):
            services.writer.call(partial(jobs.fail, job_id=job_id, code="import_failed", params={}))
        elif state == "importing":
            start_commit(services, actor, job_id)
        else:
            _start(services, job_id, partial(_read_again, services, actor, job_id))
    return [job.id for job in taken]


def left_off(within: float = 5.0) -> None:
    """Waits until nothing is at work here; not for ever, for a step may take long."""
    end = time.monotonic() + within
    while _at_work and time.monotonic() < end:
        time.sleep(0.02)


def _start(services: Services, job_id: str, work: Callable[[], None]) -> None:
    _at_work.add(job_id)
    _worker.submit(_guarded, services, job_id, work)


def _guarded(services: Services, job_id: str, work: Callable[[], None]) -> None:
    try:
        _go_on(services)
        work()
    except _Stopping:
        log.info("import %s waits for the next start", job_id)
    except BusinessError as error:
        code, params = error.code, error.detail()
        services.writer.call(lambda session: jobs.fail(session, job_id, code, params))
    except Exception:
        log.exception("import %s failed", job_id)
        services.writer.call(lambda session: jobs.fail(session, job_id, "import_failed", {}))
    finally:
        _at_work.discard(job_id)


def _go_on(services: Services) -> None:
    if services.stopping.is_set():
        raise _Stopping


def _read_again(services: Services, actor: Actor, job_id: str) -> None:
    content, sheets = services.writer.call(
        lambda session: (jobs.kept_workbook(session, job_id), sheets_for(session, actor))
    )
    _read_and_close(services, actor, job_id, open_workbook(content, sheets))


def _read_and_close(services: Services, actor: Actor, job_id: str, opened: Opened) -> None:
    with closing(opened):
        _read(services, actor, job_id, opened)


def _read(services: Services, actor: Actor, job_id: str, opened: Opened) -> None:
    stored = services.writer.call(lambda session: jobs.stored_rows(session, job_id))
    seq = sum(stored.values())
    index = FileIndex()
    for table in opened.tables:
        there = stored.get(table.sheet.key, 0)
        if there and table.sheet.key == CUSTOMERS.key:
            _remember(services, actor, job_id, table.sheet, index)
        for batch in _parts(read_rows(opened, table, there), _STORE):
            _go_on(services)
            check_rows(batch, _lookups(services, actor, batch, table.sheet), table.sheet, index)
            services.writer.call(partial(_store, job_id, batch, seq + 1))
            seq += len(batch)
        if table.sheet.key == CUSTOMERS.key:
            _place(services, job_id, index)
    if seq == 0:
        raise Rejected("no_rows", field="file")
    services.writer.call(lambda session: jobs.preview_ready(session, job_id))


def _lookups(services: Services, actor: Actor, rows: Sequence[ImportRow], sheet: Sheet) -> Lookups:
    keys, names = keys_to_look_up(rows, [sheet])
    return services.writer.call(lambda session: read_lookups(session, actor, keys, names))


def _remember(services: Services, actor: Actor, job_id: str, sheet: Sheet, index: FileIndex) -> None:
    """What the customers that are stored already mean for those that follow."""
    after = 0
    while page := services.writer.call(partial(_page, job_id, sheet.key, after)):
        rows = [row for _, row in page]
        lookups = _lookups(services, actor, rows, sheet)
        for row in rows:
            remember(row, lookups, index)
        after = page[-1][0]


def _page(job_id: str, sheet: str, after: int, session: Session) -> list[tuple[int, ImportRow]]:
    return jobs.read_page(session, job_id, sheet, after, _STORE)


def _place(services: Services, job_id: str, index: FileIndex) -> None:
    """Finds parents, those above first, so that it can be gone on with after each part."""
    for part in _parts(index.in_order(), _BATCH):
        _go_on(services)
        services.writer.call(partial(_place_part, job_id, index, [seen.record_id for seen in part]))


def _place_part(job_id: str, index: FileIndex, ids: Sequence[str], session: Session) -> None:
    rows = jobs.rows_named(session, job_id, ids)
    for _, row in rows:
        place_parent(row, index.waiting[row.record_id], index)
    jobs.rewrite_rows(session, job_id, rows)
    jobs.touch(session, job_id)


def _store(job_id: str, rows: Sequence[ImportRow], first: int, session: Session) -> None:
    jobs.store_rows(session, job_id, rows, first)
    jobs.touch(session, job_id, done=first + len(rows) - 1)


def _commit(services: Services, actor: Actor, job_id: str) -> None:
    to_pool = services.writer.call(lambda session: _to_pool(session, actor))
    after = (-1, 0)
    while rows := services.writer.call(partial(_good, job_id, after)):
        for batch in _parts(rows, _BATCH):
            _go_on(services)
            services.writer.call(partial(_run_batch, actor, job_id, batch, to_pool))
        after = (rows[-1].turn, rows[-1].seq)
    services.writer.call(lambda session: _finish(session, job_id))


def _good(job_id: str, after: tuple[int, int], session: Session) -> list[Any]:
    return jobs.good_rows(session, job_id, after, _STORE)


def _parts(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _finish(session: Session, job_id: str) -> None:
    jobs.touch(session, job_id, state="done")
    tell_imported(system_context(session), job_id)


# unrestricted: the importer's own role
def _to_pool(session: Session, actor: Actor) -> bool:
    """What an administrator imports belongs to nobody at first; everybody else's is their own (CU-46)."""
    role = session.get(Role, actor.role_id) if actor.role_id else None
    return actor.is_system or (role is not None and role.is_administrator)


def _run_batch(actor: Actor, job_id: str, rows: Sequence[Any], to_pool: bool, session: Session) -> None:
    """Runs the rows; what became of each is stored in the same transaction.

    The rows were checked before, so all run in one savepoint; only if one fails does each get its own.
    """
    now, zone = datetime.now(UTC), company_zone(session)
    good = jobs.still_good(session, job_id, [row.seq for row in rows])
    rows = [row for row in rows if row.seq in good]  # who else took the job for a silent one has imported the others

    look_ahead(session, (key for row in rows if row.sheet != CONTACTS.key for key in keys_of(row.values)))

    def run_rows(some: Sequence[Any]) -> None:
        for row in some:
            context = Context(session=session, actor=actor, now=now, zone=zone, op_id=f"import:{job_id}")
            _run_row(context, row, to_pool)

    try:
        with savepoint(session), _numbers_for(session, rows, now.astimezone(zone).date()):
            run_rows(rows)
        states = [(row.seq, "imported") for row in rows]
    except BusinessError:
        states = _one_by_one(session, job_id, rows, run_rows)
    jobs.mark_rows(session, job_id, states)
    jobs.count(session, job_id, sum(state == "imported" for _, state in states))


def _numbers_for(session: Session, rows: Sequence[Any], day: date) -> AbstractContextManager[None]:
    assert Customer.spec.number is not None
    return reserved(session, Customer.spec.number.prefix, day, sum(row.sheet == CUSTOMERS.key for row in rows))


def _one_by_one(
    session: Session, job_id: str, rows: Sequence[Any], run_rows: Callable[[Sequence[Any]], None]
) -> list[tuple[int, str]]:
    states: list[tuple[int, str]] = []
    for row in rows:
        try:
            with savepoint(session):
                run_rows([row])
            states.append((row.seq, "imported"))
        except BusinessError as error:
            states.append((row.seq, "refused"))
            params = {name: value if name == WORDS else str(value) for name, value in error.params.items()}
            problem = {"level": "error", "code": error.code, "field": error.field, "value": "", "params": params}
            jobs.add_problem(session, job_id, row.seq, problem)
    return states


def _run_row(context: Context, row: Any, to_pool: bool) -> None:
    values = dict(row.values)
    if row.sheet == CONTACTS.key:
        _import_contact(context, row.record_id, values)
        return
    owner_id = values.pop("owner_id", None)
    args: dict[str, Any] = {"id": row.record_id, "values": values}
    if owner_id is not None:
        args["owner_id"] = owner_id
    elif to_pool:
        args["owner_id"] = None
    run(context, "customer.create", 1, args)


def _import_contact(context: Context, contact_id: str, values: dict[str, Any]) -> None:
    """A contact that is the customer's main one adds to it instead of standing there twice."""
    customer = context.find(Customer, values["customer_id"])
    main = context.find(Contact, main_contact_id(customer.id)) if customer is not None else None
    if main is None or not _same_person(main, values):
        run(context, "contact.create", 1, {"id": contact_id, "values": values})
        return
    more = {name: [None, value] for name, value in values.items() if name != "customer_id" and _lacks(main, name)}
    if more:
        run(context, "contact.edit", 1, {"id": main.id, "set": more})


def _lacks(main: Contact, name: str) -> bool:
    if is_own(name):
        return name.removeprefix(PREFIX) not in (main.own or {})
    return getattr(main, name) is None


def _same_person(main: Contact, values: dict[str, Any]) -> bool:
    same_phone = not values.get("phone") or normal_phone(values["phone"]) == normal_phone(main.phone or "")
    return normal_text(main.name) == normal_text(str(values.get("name") or "")) and same_phone
