"""Sending accounts, as their owners and, for the company's, those who may change everybody's keep them."""

from typing import Annotated, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.mails.addresses import is_address
from server.mails.models import MailAccount
from server.mails.smtp import Server, Smtp
from server.mails.vault import Vault
from server.notifications.outgoing import AddressRefused
from server.records.actor import Actor
from server.records.audit import Cause
from server.records.commands import Context
from server.records.errors import Forbidden, NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.visibility import allowed, visible
from sync import journal

error_texts(
    {
        "mail_server_refused": L(
            "不能使用这个邮件服务器：{why}", "不能使用這個郵件伺服器：{why}", "This mail server cannot be used: {why}"
        ),
        "mail_account_gone": L(
            "发件账号已停用或不能使用，请另选一个",
            "寄件帳號已停用或不能使用，請另選一個",
            "The sending account is switched off or not yours; choose another one",
        ),
        "mail_account_public": L(
            "公共账号由管理员维护", "公共帳號由管理員維護", "The company's accounts are kept by administrators"
        ),
    }
)
WHY = {
    "private_address": L("地址在内网", "位址在內網", "its address lies in a private network"),
    "port": L(
        "端口不是邮件端口（25、465、587、994、2525）",
        "連接埠不是郵件連接埠（25、465、587、994、2525）",
        "its port is none of mail (25, 465, 587, 994, 2525)",
    ),
    "not_encrypted": L("公网服务器须加密", "公網伺服器須加密", "servers outside must be encrypted"),
}


class AccountArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`password`: None keeps what is there, an empty one takes it away (no sign-in). `public`: the company's."""

    name: Annotated[str, msgspec.Meta(max_length=60)]
    address: Annotated[str, msgspec.Meta(max_length=200)]
    host: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[A-Za-z0-9.:-]+$")]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    security: Literal["ssl", "starttls", "none"] = "ssl"
    sender_name: Annotated[str, msgspec.Meta(max_length=60)] = ""
    username: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=600)] = 20
    is_default: bool = False
    enabled: bool = True
    public: bool = False


def check_server(smtp: Smtp, args: AccountArgs, language: str) -> None:
    """Raises `Rejected` mail_server_refused."""
    try:
        smtp.check(Server(args.host, args.port, args.security, "", None))
    except AddressRefused as error:
        why = WHY[error.why].of(language) if error.why in WHY else error.why
        raise Rejected("mail_server_refused", field="host", why=why) from error


def save(session: Session, actor: Actor, vault: Vault, row_id: str, args: AccountArgs) -> None:
    """Adds or changes an account. Raises `Rejected`, `Forbidden`."""
    context = _context(session, actor, "mail_account.save")
    name = args.name.replace("\x00", "").strip()
    for field, value in (("name", name), ("host", args.host)):
        if not value:
            raise Rejected("required", field=field, label=field)
    if not is_address(args.address):
        raise Rejected("mail_address", field="address", value=args.address[:80])
    if args.public:
        _need_everybodys(actor)
    account = context.find(MailAccount, row_id)
    if account is None:
        actor.require("mail_account.create")
        account = context.add(MailAccount(id=row_id, name=name, address=args.address, host=args.host, port=args.port))
    elif not _may(session, actor, row_id, "edit"):
        raise Forbidden("outside_scope", record="mail_account", id=row_id)
    changed_server = (account.host, account.username) != (args.host, args.username or args.address)
    account.name, account.address, account.sender_name = name, args.address, args.sender_name.strip() or None
    account.host, account.port, account.security = args.host, args.port, args.security
    account.username = args.username or args.address
    if args.password is not None:
        account.password = vault.close(args.password) if args.password else None
    elif changed_server:
        account.password = None  # a password is not sent to a server it was not given for
    account.per_minute, account.enabled = args.per_minute, args.enabled
    account.employee_id = None if args.public else account.employee_id or actor.employee_id
    account.is_default = args.is_default
    if args.is_default:
        _only_default(session, account)


# unrestricted: among the accounts of one person, or of the company
def _only_default(session: Session, account: MailAccount) -> None:
    same = MailAccount.employee_id.is_not_distinct_from(account.employee_id)
    for other in session.scalars(select(MailAccount).where(same, MailAccount.id != account.id)):
        other.is_default = False


# unrestricted: looks itself whether it may be deleted
def remove(session: Session, actor: Actor, row_id: str) -> None:
    """Mails that wait for it fail. Raises `NotFound`."""
    context = _context(session, actor, "mail_account.delete")
    if not _may(session, actor, row_id, "delete"):
        raise NotFound("not_found", record="mail_account", id=row_id)
    session.delete(context.get(MailAccount, row_id))


def _may(session: Session, actor: Actor, row_id: str, operation: str) -> bool:
    rule = select(MailAccount.id).where(MailAccount.id == row_id, allowed(actor, MailAccount, operation))
    return session.scalar(rule) is not None


def _need_everybodys(actor: Actor) -> None:
    """The company's accounts are for those whose right knows no bounds."""
    if actor.scope("mail_account.edit") != "all":
        raise Forbidden("mail_account_public")


def _context(session: Session, actor: Actor, command: str) -> Context:
    context = system_context(session)
    context.actor = actor
    journal.of(session).cause = Cause(actor.employee_id, command, context.now, actor.device_id)
    return context


def usable(session: Session, actor: Actor, row_id: str) -> MailAccount:
    """An account this person may send from. Raises `Rejected` mail_account_gone."""
    rule = select(MailAccount).where(
        MailAccount.id == row_id, MailAccount.enabled, visible(actor, MailAccount),
        MailAccount.employee_id.is_(None) | (MailAccount.employee_id == actor.employee_id),
    )  # fmt: skip
    account = session.scalar(rule)
    if account is None:
        raise Rejected("mail_account_gone", field="account_id")
    return account


def server_of(account: MailAccount, vault: Vault) -> Server | None:
    """None where the password is lost."""
    password = vault.open(account.password) if account.password else None
    if account.password and password is None:
        return None
    return Server(account.host, account.port, account.security, account.username or account.address, password)
