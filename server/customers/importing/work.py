"""The work of an import, in a thread of its own: reading a workbook, and running the commands of its good rows.

Rows go through `customer.create` and `contact.create` like everything else, in batches, so that phones that push
meanwhile wait for a hundred rows at most.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from server.api.state import Services, company_zone
from server.company.setup import system_context
from server.customers.duplicates import normal_phone, normal_text
from server.customers.importing import jobs
from server.customers.importing.columns import CONTACTS, CUSTOMERS
from server.customers.importing.lookups import read_lookups
from server.customers.importing.preview import ImportRow, check_rows, keys_to_look_up, read_rows
from server.customers.importing.workbook import Opened
from server.customers.models import Contact, Customer
from server.customers.reminders import tell_imported
from server.customers.rules import main_contact_id
from server.database import savepoint
from server.people.models import Role
from server.records.actor import Actor
from server.records.commands import Context, run
from server.records.errors import BusinessError, error_texts
from server.records.fields import L
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
_STORE = 2_000
_worker = ThreadPoolExecutor(1, thread_name_prefix="import")


def start_reading(services: Services, actor: Actor, job_id: str, opened: Opened) -> None:
    """Reads the workbook behind the request; the job says how far it is."""
    _worker.submit(_guarded, services, job_id, lambda: _read(services, actor, job_id, opened))


def start_commit(services: Services, actor: Actor, job_id: str) -> None:
    """Imports the good rows behind the request. The job was taken by `jobs.begin_commit`."""
    _worker.submit(_guarded, services, job_id, lambda: _commit(services, actor, job_id))


def _guarded(services: Services, job_id: str, work: Callable[[], None]) -> None:
    try:
        work()
    except BusinessError as error:
        code, params = error.code, error.detail()
        services.writer.call(lambda session: jobs.fail(session, job_id, code, params))
    except Exception:
        log.exception("import %s failed", job_id)
        services.writer.call(lambda session: jobs.fail(session, job_id, "import_failed", {}))


def _read(services: Services, actor: Actor, job_id: str, opened: Opened) -> None:
    def progress(count: int) -> None:
        services.writer.submit(lambda session: jobs.touch(session, job_id, done=count))

    rows = read_rows(opened, progress)
    sheets = [table.sheet for table in opened.tables]
    keys, names = keys_to_look_up(rows, sheets)
    lookups = services.writer.call(lambda session: read_lookups(session, actor, keys, names))
    check_rows(rows, lookups, sheets)
    for start in range(0, len(rows), _STORE):
        part = rows[start : start + _STORE]
        services.writer.call(partial(_store, job_id, part, start + 1))
    total = sum(row.state != "error" for row in rows)
    services.writer.call(lambda session: jobs.touch(session, job_id, state="preview", total=total, done=0))


def _store(job_id: str, rows: Sequence[ImportRow], first: int, session: Session) -> None:
    jobs.store_rows(session, job_id, rows, first)


def _commit(services: Services, actor: Actor, job_id: str) -> None:
    rows, to_pool = services.writer.call(lambda session: (jobs.good_rows(session, job_id), _to_pool(session, actor)))
    for batch in _batches(_in_order(rows)):
        services.writer.call(partial(_run_batch, actor, job_id, batch, to_pool))
    services.writer.call(lambda session: _finish(session, job_id))


def _finish(session: Session, job_id: str) -> None:
    jobs.touch(session, job_id, state="done")
    tell_imported(system_context(session), job_id)


def _batches(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]


def _in_order(rows: Sequence[Any]) -> list[Any]:
    """Parents before their children, customers before contacts, else the order of the file."""
    customers = {row.record_id: row for row in rows if row.sheet == CUSTOMERS.key}
    ordered: dict[str, Any] = {}
    for row in customers.values():
        line = []
        while row is not None and row.record_id not in ordered and row not in line:
            line.append(row)
            row = customers.get(row.values.get("parent_id"))
        ordered.update({found.record_id: found for found in reversed(line)})
    return [*ordered.values(), *(row for row in rows if row.sheet == CONTACTS.key)]


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

    def run_rows(some: Sequence[Any]) -> None:
        for row in some:
            context = Context(session=session, actor=actor, now=now, zone=zone, op_id=f"import:{job_id}")
            _run_row(context, row, to_pool)

    try:
        with savepoint(session):
            run_rows(rows)
        states = [(row.seq, "imported") for row in rows]
    except BusinessError:
        states = _one_by_one(session, job_id, rows, run_rows)
    jobs.mark_rows(session, job_id, states)
    jobs.count(session, job_id, sum(state == "imported" for _, state in states))


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
            params = {name: str(value) for name, value in error.params.items()}
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
