"""What only mails have: accounts with their passwords, whom a mailing reaches, and how far one is."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api.errors import language_of
from server.api.security import actor_of, require, signed_in
from server.api.state import Services
from server.mails import accounts, queue
from server.mails.accounts import AccountArgs
from server.mails.addresses import check_placeholders, filled
from server.mails.commands import MOST_MAILS, addressees
from server.mails.models import MOST_TEXT, MailAccount, MailBatch
from server.mails.queue import Letter
from server.mails.vault import Vault
from server.people.logins import Login
from server.records.actor import Actor
from server.records.editing import check_id
from server.records.errors import NotFound
from server.records.fields import L
from server.records.ids import uuid7
from server.records.visibility import allowed, visible

_TEST = L("巡客测试邮件", "巡客測試郵件", "Test mail of Xunke")
_TEST_BODY = L(
    "收到这封邮件，说明发件账号可以使用。",
    "收到這封郵件，表示寄件帳號可以使用。",
    "That you receive this mail shows that the sending account works.",
)


class MailTest(msgspec.Struct):
    """What became of the test mail; `error`: a code and what the other side said."""

    sent: bool
    error: str | None


class MailingArgs(msgspec.Struct, forbid_unknown_fields=True):
    customer_ids: Annotated[list[str], msgspec.Meta(max_length=MOST_MAILS)]
    subject: Annotated[str, msgspec.Meta(max_length=200)] = ""
    body: Annotated[str, msgspec.Meta(max_length=MOST_TEXT)] = ""


class Without(msgspec.Struct):
    id: str
    name: str


class PreviewMail(msgspec.Struct):
    customer: str
    to: str
    subject: str
    body: str


class MailPreview(msgspec.Struct):
    """`total`: mails that would go out. `without`: customers without an address. `first`: the first few as they would be."""

    total: int
    without: list[Without]
    first: list[PreviewMail]


class MailAccountController(Controller):
    path = "/api/mail-senders"
    tags = ("mails",)
    guards = (signed_in,)

    @put("/{row_id:str}", operation_id="save_mail_account", status_code=204)
    async def save(
        self,
        row_id: FromPath[str],
        data: JSONBody[AccountArgs],
        services: NamedDependency[Services],
        request: Request[Any, Login, Any],
    ) -> None:
        """Adds or changes an account. Not a command, because commands are kept as they came and this one carries a password.
        422 mail_server_refused, mail_address, required; 403 mail_account_public."""
        actor = require(request, "mail_account.edit")
        check_id(row_id)
        mailer = services.mailer
        await asyncio.to_thread(accounts.check_server, mailer.smtp, data, language_of(request))
        await services.writer.run(lambda session: accounts.save(session, actor, mailer.vault, row_id, data))

    @delete("/{row_id:str}", operation_id="delete_mail_account", status_code=204)
    async def remove(
        self, row_id: FromPath[str], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> None:
        """Removes an account; what waits for it fails. 404 not_found."""
        actor = require(request, "mail_account.delete")
        await services.writer.run(lambda session: accounts.remove(session, actor, row_id))

    @post("/{row_id:str}/test", operation_id="test_mail_account", status_code=200)
    async def test(
        self, row_id: FromPath[str], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> MailTest:
        """Sends one mail from the account to itself and says what became of it. 404 not_found."""
        actor, language = require(request, "mail_account.edit"), language_of(request)
        vault = services.mailer.vault
        letter = await services.reader.run(lambda session: _test_letter(session, actor, vault, row_id, language))
        outcome = await services.mailer.try_out(letter)
        return MailTest(outcome.state == "sent", outcome.error)


def _test_letter(session: Session, actor: Actor, vault: Vault, row_id: str, language: str) -> Letter:
    rule = select(MailAccount).where(MailAccount.id == row_id, allowed(actor, MailAccount, "edit"))
    account = session.scalar(rule)
    if account is None:
        raise NotFound("not_found", record="mail_account", id=row_id)
    server = accounts.server_of(account, vault)
    text = _TEST.of(language), _TEST_BODY.of(language)
    return Letter(uuid7(), account.id, server, account.address, account.sender_name or "", account.address, "", *text)


class MailingController(Controller):
    path = "/api/mailings"
    tags = ("mails",)
    guards = (signed_in,)

    @post("/preview", operation_id="preview_mailing", status_code=200)
    async def preview(
        self, data: JSONBody[MailingArgs], services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> MailPreview:
        """Whom a text would reach, who has no address, and how it would read. 422 mail_placeholder."""
        actor = require(request, "mail.send_many")
        for field, text in (("subject", data.subject), ("body", data.body)):
            check_placeholders(text, field)
        people = await services.reader.run(lambda session: addressees(session, actor, data.customer_ids))
        reached = [one for one in people if one.address]
        return MailPreview(
            len(reached),
            [Without(one.customer_id, one.name) for one in people if not one.address],
            [
                PreviewMail(
                    one.name, one.address or "", filled(data.subject, one.values), filled(data.body, one.values)
                )
                for one in reached[:5]
            ],
        )

    @get("/progress", operation_id="mailing_progress")
    async def progress(
        self, services: NamedDependency[Services], request: Request[Any, Login, Any]
    ) -> dict[str, dict[str, int]]:
        """How many mails of one's latest mailings are in which state, by the mailing's id."""
        actor = actor_of(request)
        return await services.reader.run(lambda session: _progress(session, actor))


def _progress(session: Session, actor: Actor) -> dict[str, dict[str, int]]:
    latest = select(MailBatch.id).where(visible(actor, MailBatch)).order_by(MailBatch.created_at.desc()).limit(50)
    return queue.counts(session, list(session.scalars(latest)))


routes = [MailAccountController, MailingController]
