"""Mails on their way: what is due, who sends it, and what became of it. The mailer runs `claim`, sends, and runs `settle`;
each is one transaction.

A mail goes out once: one that a server was cut off at may have arrived, so it fails and a person decides. What cannot be
delivered now is tried again ever more rarely and given up after some hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from server.attachments.models import Attachment
from server.company.models import Option
from server.company.setup import system_context
from server.customers.service import note_contact
from server.followups.models import ContactRecord
from server.mails.accounts import server_of
from server.mails.models import Mail, MailAccount, MailBatch, mail_queue
from server.mails.reminders import tell_failed
from server.mails.smtp import Server
from server.mails.vault import Vault
from server.notifications.sending import Outcome
from server.records.commands import Context
from server.records.ids import uuid7

#: How long a server may be at what it has taken.
LEASE = timedelta(minutes=10)
#: Waits after each failure; after the last it is given up.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
#: Mails of one account that are sent over one round.
_AT_ONCE = 10

_q = mail_queue.c


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail and where it leaves from. `server` None: the password is lost. `files`: (name, hash)."""

    id: str
    account_id: str
    server: Server | None
    address: str
    sender_name: str
    to: str
    cc: str
    subject: str
    body: str
    files: tuple[tuple[str, str], ...] = ()


# unrestricted: only whether there is something to send
def is_due(session: Session, now: datetime) -> bool:
    """Reads only: looking is no commit."""
    found = select(_q.mail_id).where(_q.due_at <= now, or_(_q.busy_until.is_(None), _q.busy_until <= now)).limit(1)
    return session.scalar(found) is not None


# unrestricted: the mailer sends what everybody wrote
def claim(session: Session, vault: Vault, now: datetime) -> list[Letter]:
    """The mails that this server is to send now. Nobody else sends them meanwhile."""
    context = system_context(session, now)
    cut_off = delete(mail_queue).where(_q.busy_until <= now).returning(_q.mail_id)
    for mail_id in session.scalars(cut_off).all():
        _fail(context, mail_id, "interrupted", None)
    letters: list[Letter] = []
    due = select(_q.account_id).where(_q.due_at <= now, _q.busy_until.is_(None)).distinct()
    for account_id in session.scalars(due).all():
        account = session.get(MailAccount, account_id)
        if account is None or not account.enabled:
            gone = delete(mail_queue).where(_q.account_id == account_id, _q.busy_until.is_(None))
            for mail_id in session.scalars(gone.returning(_q.mail_id)).all():
                _fail(context, mail_id, "account_gone", None)
            continue
        letters += _take(session, vault, account, now)
    return letters


# unrestricted: see `claim`
def _take(session: Session, vault: Vault, account: MailAccount, now: datetime) -> list[Letter]:
    """As many as the account may send now."""
    recent = select(func.count()).where(Mail.account_id == account.id, Mail.sent_at > now - timedelta(minutes=1))
    busy = select(func.count()).where(_q.account_id == account.id, _q.busy_until.is_not(None))
    room = account.per_minute - (session.scalar(recent) or 0) - (session.scalar(busy) or 0)
    if room <= 0:
        return []
    chosen = (
        select(_q.mail_id)
        .where(_q.account_id == account.id, _q.due_at <= now, _q.busy_until.is_(None))
        .order_by(_q.queued_at, _q.mail_id)
        .limit(min(room, _AT_ONCE))
    )
    taken = update(mail_queue).where(_q.mail_id.in_(chosen), _q.busy_until.is_(None)).values(busy_until=now + LEASE)
    ids = session.scalars(taken.returning(_q.mail_id)).all()
    server = server_of(account, vault)
    mails = session.scalars(select(Mail).where(Mail.id.in_(ids)).order_by(Mail.created_at, Mail.id))
    return [_letter(session, account, server, mail) for mail in mails]


# unrestricted: see `claim`
def _letter(session: Session, account: MailAccount, server: Server | None, mail: Mail) -> Letter:
    ids = [one["id"] for one in mail.attachments or ()]
    hashes: dict[str, str] = {}
    if ids:
        rows = select(Attachment.id, Attachment.sha256).where(
            Attachment.id.in_(ids), Attachment.deleted_at.is_(None), Attachment.state == "ready"
        )
        hashes = {row.id: row.sha256 for row in session.execute(rows)}
    files = tuple((one["name"], hashes.get(one["id"], "")) for one in mail.attachments or ())
    return Letter(
        mail.id, account.id, server, account.address, account.sender_name or "", mail.recipients, mail.cc or "",
        mail.subject, mail.body, files,
    )  # fmt: skip


# unrestricted: see `claim`
def settle(session: Session, results: Iterable[tuple[Letter, Outcome]], now: datetime) -> None:
    """Writes what became of mails."""
    context = system_context(session, now)
    batches: set[str] = set()
    for letter, outcome in results:
        mail = session.get(Mail, letter.id)
        if mail is None:
            session.execute(delete(mail_queue).where(_q.mail_id == letter.id))
            continue
        if mail.batch_id is not None:
            batches.add(mail.batch_id)
        if outcome.state == "sent":
            session.execute(delete(mail_queue).where(_q.mail_id == mail.id))
            mail.state, mail.sent_at, mail.error, mail.said = "sent", now, None, outcome.error
            _write_down(context, mail)
        elif outcome.state == "failed":
            _later(context, mail, outcome)
        else:
            session.execute(delete(mail_queue).where(_q.mail_id == mail.id))
            reason, _, said = (outcome.error or "").partition(": ")
            unknown = outcome.state == "unknown"
            _fail(context, mail.id, "interrupted" if unknown else reason, outcome.error if unknown else said)
    session.flush()
    for batch_id in sorted(batches):
        _end_batch(session, batch_id)


def _later(context: Context, mail: Mail, outcome: Outcome) -> None:
    """Again after a while; the mail says meanwhile why it is not there yet."""
    session = context.session
    tries = session.scalar(select(_q.tries).where(_q.mail_id == mail.id)) or 0
    reason, _, said = (outcome.error or "").partition(": ")
    batch = session.get(MailBatch, mail.batch_id) if mail.batch_id else None
    if tries >= len(WAITS) or (batch is not None and batch.state == "stopped"):
        session.execute(delete(mail_queue).where(_q.mail_id == mail.id))
        _fail(context, mail.id, reason, said)
        return
    due = {"due_at": context.now + WAITS[tries], "tries": tries + 1, "busy_until": None}
    session.execute(update(mail_queue).where(_q.mail_id == mail.id).values(due))
    mail.error, mail.said = reason[:40], said[:300] or None


def _fail(context: Context, mail_id: str, reason: str, said: str | None) -> None:
    mail = context.session.get(Mail, mail_id)
    if mail is None:
        return
    mail.state, mail.error, mail.said = "failed", reason[:40], (said or "")[:300] or None
    tell_failed(context, mail)


def _write_down(context: Context, mail: Mail) -> None:
    """A mail is a contact like a call (LF-12); one of many is noted, but is no follow-up that keeps a customer from the
    pool."""
    many = mail.batch_id is not None
    context.add(
        ContactRecord(
            id=uuid7(),
            customer_id=mail.customer_id,
            contact_id=mail.contact_id,
            clerk_id=mail.sender_id,
            kind="follow_up",
            method_id=_mail_method(context),
            contacted_at=context.now,
            content=f"{mail.subject}\n→ {mail.recipients}",
            automatic=many,
        ),
        fresh=True,
    )
    if not many:
        note_contact(context, mail.customer_id, context.now)


def _mail_method(context: Context) -> str | None:
    """What the company calls it in its own list."""
    options = select(Option.id, Option.name).where(Option.list_name == "contact_method", Option.enabled)
    names = ("邮件", "郵件", "mail")
    rows = context.session.execute(options.order_by(Option.sort, Option.id))
    return next((row.id for row in rows if any(name in row.name.lower() for name in names)), None)


# unrestricted: see `claim`
def _end_batch(session: Session, batch_id: str) -> None:
    batch = session.get(MailBatch, batch_id)
    left = select(exists().where(Mail.batch_id == batch_id, Mail.state == "waiting"))
    if batch is not None and batch.state == "running" and not session.scalar(left):
        batch.state = "done"


# unrestricted: counts of mailings that the caller may see
def counts(session: Session, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many mails of each mailing are in which state; the caller may see the mailings."""
    found: dict[str, dict[str, int]] = {one: {} for one in ids}
    rows: Any = session.execute(
        select(Mail.batch_id, Mail.state, func.count().label("n"))
        .where(Mail.batch_id.in_(ids))
        .group_by(Mail.batch_id, Mail.state)
    )
    for row in rows:
        found[row.batch_id][row.state] = row.n
    return found
