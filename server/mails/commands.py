"""Writes of mails: one to a customer, one text to many, stop, and send again. Sending itself is the mailer's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from server.attachments.models import Attachment
from server.attachments.service import MOST_FILE_BYTES
from server.customers.models import Contact, Customer
from server.mails.accounts import usable
from server.mails.addresses import MOST_ADDRESSES, addresses, check_placeholders, filled, is_address
from server.mails.models import MOST_TEXT, Mail, MailBatch, mail_queue
from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.editing import check_id
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.own import concealed_rows, readable
from server.records.record import fields_of
from server.records.visibility import visible

#: Customers that one text goes to.
MOST_MAILS = 500

error_texts(
    {
        "mail_nobody": L(
            "所选客户都没有可用的邮箱地址",
            "所選客戶都沒有可用的郵件地址",
            "None of these customers has an e-mail address that can be used",
        ),
        "mail_files_too_large": L(
            "附件合计最多 {mb} MB", "附件合計最多 {mb} MB", "The attachments together may have {mb} MB"
        ),
        "mail_file_gone": L(
            "附件“{name}”还没有上传或已删除，没有寄出",
            "附件「{name}」還沒有上傳或已刪除，沒有寄出",
            "The document {name} is not there yet or any more; the mail was not sent",
        ),
        "mail_not_again": L(
            "只有发送失败或已停止的邮件可以重新发送",
            "只有傳送失敗或已停止的郵件可以重新傳送",
            "Only mails that failed or were stopped can be sent again",
        ),
    }
)

Id = Annotated[str, msgspec.Meta(max_length=36)]
Subject = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=MOST_TEXT)]


class SendArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`to` and `cc`: addresses with semicolons between. `attachments`: ids of the customer's documents."""

    id: str
    customer_id: Id
    account_id: Id
    to: Annotated[str, msgspec.Meta(max_length=1000)]
    subject: Subject
    body: Text
    cc: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    contact_id: Id | None = None
    attachments: Annotated[list[Id], msgspec.Meta(max_length=20)] = []


class BatchArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`subject` and `body` may name {customer}, {contact} and {rep}, who owns the customer."""

    id: str
    account_id: Id
    customer_ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MOST_MAILS)]
    subject: Subject
    body: Text


class OneArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


@command("mail.send", SendArgs, permission="mail.create")
def send(context: Context, args: SendArgs) -> dict[str, Any]:
    """Writes a mail to a customer; the server sends it soon, and its state says what became of it.

    422 mail_account_gone, mail_address, mail_too_many, mail_file_gone, mail_files_too_large, required.
    """
    context.need(Customer, args.customer_id, "view")
    account = usable(context.session, context.actor, args.account_id)
    to, cc = addresses(args.to, "to"), addresses(args.cc, "cc")
    cc = [one for one in cc if one not in to]
    subject, body = _texts(args.subject, args.body)
    if not to:
        raise Rejected("required", field="to", label=fields_of(Mail)["recipients"].label)
    if len(to) + len(cc) > MOST_ADDRESSES:
        raise Rejected("mail_too_many", field="to", max=MOST_ADDRESSES)
    contact = context.find(Contact, args.contact_id)
    mail = Mail(
        id=check_id(args.id),
        customer_id=args.customer_id,
        contact_id=contact.id if contact is not None and contact.customer_id == args.customer_id else None,
        account_id=account.id,
        recipients="; ".join(to),
        cc="; ".join(cc) or None,
        subject=subject,
        body=body,
        attachments=_files(context, args.customer_id, args.attachments),
        sender_id=context.actor.employee_id,
        state="waiting",
    )
    context.add(mail)
    _queue(context, [mail])
    return {"id": mail.id, "state": mail.state}


def _texts(subject: str, body: str) -> tuple[str, str]:
    """Subject in one line and body, neither empty. Raises `Rejected` required."""
    subject = " ".join(subject.replace("\x00", "").split())
    body = body.replace("\x00", "").replace("\r\n", "\n").strip()
    for field, value in (("subject", subject), ("body", body)):
        if not value:
            raise Rejected("required", field=field, label=fields_of(Mail)[field].label)
    return subject, body


def _files(context: Context, customer_id: str, ids: Sequence[str]) -> list[dict[str, Any]] | None:
    """Documents of this customer that the sender may read. Raises `Rejected`."""
    if not ids:
        return None
    rows = context.session.execute(
        select(Attachment.id, Attachment.name, Attachment.size, Attachment.state).where(
            Attachment.id.in_(ids), Attachment.customer_id == customer_id, Attachment.deleted_at.is_(None),
            visible(context.actor, Attachment), *concealed_rows(context.session, context.actor, Attachment),
        )
    )  # fmt: skip
    found = {row.id: row for row in rows}
    for one in ids:
        if one not in found or found[one].state != "ready":
            raise Rejected("mail_file_gone", field="attachments", name=found[one].name if one in found else one)
    if sum(row.size for row in found.values()) > MOST_FILE_BYTES:
        raise Rejected("mail_files_too_large", field="attachments", mb=MOST_FILE_BYTES // 2**20)
    return [{"id": one, "name": found[one].name} for one in dict.fromkeys(ids)]


def _queue(context: Context, mails: Iterable[Mail]) -> None:
    lines = [
        {
            "mail_id": mail.id,
            "account_id": mail.account_id,
            "queued_at": context.now,
            "due_at": context.now,
            "tries": 0,
        }
        for mail in mails
    ]
    context.session.flush()
    if lines:
        context.session.execute(insert(mail_queue), lines)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom one text goes to: a customer, by its main contact where that has an address."""

    customer_id: str
    name: str
    contact_id: str | None
    contact: str
    rep: str
    address: str | None

    @property
    def values(self) -> dict[str, str]:
        return {"customer": self.name, "contact": self.contact or self.name, "rep": self.rep}


def addressees(session: Session, actor: Actor, ids: Sequence[str]) -> list[Addressee]:
    """Those of these customers that the actor may see, in the order of their names. Addresses he may not read are none."""
    rows = session.execute(
        select(Customer.id, Customer.name, Customer.primary_contact, Customer.email, Employee.real_name)
        .outerjoin(Employee, Employee.id == Customer.owner_id)
        .where(Customer.id.in_(ids), visible(actor, Customer))
        .order_by(Customer.name, Customer.id)
    ).all()
    of_file = "email" in readable(session, actor, Customer).fields
    people: dict[str, Any] = {}
    if "email" in readable(session, actor, Contact).fields:
        contacts = select(Contact.id, Contact.customer_id, Contact.name, Contact.email).where(
            Contact.customer_id.in_([row.id for row in rows]), Contact.email.is_not(None), visible(actor, Contact)
        )
        for contact in session.execute(contacts.order_by(Contact.is_primary.desc(), Contact.created_at)):
            if is_address(contact.email.strip()):
                people.setdefault(contact.customer_id, contact)
    found: list[Addressee] = []
    for row in rows:
        person, own = people.get(row.id), (row.email or "").strip() if of_file else ""
        address = person.email.strip() if person else own if is_address(own) else None
        who = person.name if person else row.primary_contact or ""
        found.append(Addressee(row.id, row.name, person.id if person else None, who, row.real_name or "", address))
    return found


@command("mail.send_many", BatchArgs, permission="mail.send_many")
def send_many(context: Context, args: BatchArgs) -> dict[str, Any]:
    """Writes one mail to each of these customers, none where there is no address; they are sent as fast as the account
    may. 422 mail_nobody, mail_placeholder, mail_account_gone, required."""
    account = usable(context.session, context.actor, args.account_id)
    subject, body = _texts(args.subject, args.body)
    for field, text in (("subject", subject), ("body", body)):
        check_placeholders(text, field)
    wanted = list(dict.fromkeys(args.customer_ids))
    people = addressees(context.session, context.actor, wanted)
    with_address = [one for one in people if one.address]
    if not with_address:
        raise Rejected("mail_nobody", field="customer_ids")
    batch = context.add(
        MailBatch(
            id=check_id(args.id), subject=subject, body=body, account_id=account.id,
            sender_id=context.actor.employee_id, total=len(with_address), skipped=len(wanted) - len(with_address),
            state="running",
        )
    )  # fmt: skip
    mails = [
        context.add(
            Mail(
                id=uuid7(), customer_id=one.customer_id, contact_id=one.contact_id, account_id=account.id,
                batch_id=batch.id, recipients=one.address, subject=filled(subject, one.values)[:200],
                body=filled(body, one.values), sender_id=context.actor.employee_id, state="waiting",
            ),
            fresh=True,
        )
        for one in with_address
    ]  # fmt: skip
    _queue(context, mails)
    return {"id": batch.id, "total": batch.total, "skipped": batch.skipped}


@command("mail.stop", OneArgs, permission="mail.send_many")
def stop(context: Context, args: OneArgs) -> dict[str, Any]:
    """Stops a mailing: what has not gone out stays here. By who started it."""
    batch = context.get(MailBatch, args.id)
    _own_or_everybodys(context, batch.sender_id, args.id, "mail_batch")
    if batch.state != "running":
        return {"id": batch.id, "stopped": 0}
    mine = context.session.scalars(select(Mail.id).where(Mail.batch_id == batch.id, Mail.state == "waiting")).all()
    waiting = delete(mail_queue).where(mail_queue.c.mail_id.in_(mine), mail_queue.c.busy_until.is_(None))
    ids = list(context.session.scalars(waiting.returning(mail_queue.c.mail_id)))
    for mail in context.session.scalars(select(Mail).where(Mail.id.in_(ids))):
        mail.state = "stopped"
    batch.state = "stopped"
    return {"id": batch.id, "stopped": len(ids)}


@command("mail.send_again", OneArgs, permission="mail.create")
def send_again(context: Context, args: OneArgs) -> dict[str, Any]:
    """Sends a mail that failed or was stopped, by its sender. 422 mail_not_again, mail_account_gone."""
    mail = context.need(Mail, args.id, "view")
    _own_or_everybodys(context, mail.sender_id, mail.id, "mail")
    if mail.state not in ("failed", "stopped"):
        raise Rejected("mail_not_again", field="id")
    usable(context.session, context.actor, mail.account_id)
    mail.state, mail.error, mail.said = "waiting", None, None
    _queue(context, [mail])
    return {"id": mail.id}


def _own_or_everybodys(context: Context, sender_id: str, row_id: str, record: str) -> None:
    if sender_id != context.actor.employee_id and context.actor.scope("mail.create") != "all":
        raise Forbidden("outside_scope", record=record, id=row_id)
