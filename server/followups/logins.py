"""What is kept of a trial account's login in the product that is tried: its password, for whoever tells it to the customer,
and when the customer was there last (BUSINESS.md, LF-13)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, false, not_, or_, select
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.followups.models import TrialAccount
from server.mails.vault import Vault
from server.records.actor import Actor
from server.records.audit import Cause
from server.records.commands import Context, command
from server.records.errors import Forbidden, NotFound, error_texts
from server.records.fields import L
from server.records.listing import list_filter
from server.records.visibility import allowed, visible
from sync import journal

error_texts(
    {
        "trial_no_password": L(
            "还没有登记登录密码，请联系管理试用账号的人",
            "還沒有登記登入密碼，請聯絡管理試用帳號的人",
            "No login password is kept yet; ask whoever manages trial accounts",
        ),
        "trial_login_unknown": L(
            "没有这个登录名的试用账号：{login_name}",
            "沒有這個登入名稱的試用帳號：{login_name}",
            "There is no trial account with this login name: {login_name}",
        ),
    }
)

#: Who was there within so long counts as online.
ONLINE = timedelta(minutes=15)
#: A product may tell of every click; what is written goes to every device that holds the customer.
_NOT_AGAIN_WITHIN = timedelta(minutes=5)


class PasswordArgs(msgspec.Struct, forbid_unknown_fields=True):
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class TrialLogin(msgspec.Struct):
    login_name: str | None
    password: str


class SeenArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`seen_at`: UTC; None: now."""

    login_name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    seen_at: datetime | None = None


@command("trial_account.seen", SeenArgs, permission="trial_account.report")
def seen(context: Context, args: SeenArgs) -> dict[str, Any]:
    """The product that is tried says that a customer is using it. 404 trial_login_unknown."""
    found = select(TrialAccount).where(
        TrialAccount.login_name == args.login_name,
        TrialAccount.state.in_(("open", "expired")),
        allowed(context.actor, TrialAccount, "report"),
    )
    accounts = list(context.session.scalars(found))
    if not accounts:
        raise NotFound("trial_login_unknown", login_name=args.login_name)
    at = context.claimed_time(args.seen_at)
    for account in accounts:
        if account.seen_at is None or at - account.seen_at >= _NOT_AGAIN_WITHIN:
            account.seen_at = at
    return {"ids": [account.id for account in accounts]}


@list_filter(TrialAccount, "online")
# unrestricted: only narrows the list of trial accounts
def online(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """1: whose customer is there now; 0: the others."""
    there = TrialAccount.seen_at >= datetime.now(UTC) - ONLINE
    return there if text == "1" else or_(TrialAccount.seen_at.is_(None), not_(there)) if text == "0" else false()


def set_password(session: Session, actor: Actor, vault: Vault, row_id: str, password: str) -> None:
    """Raises `NotFound`, `Forbidden`."""
    context = system_context(session)
    context.actor = actor
    journal.of(session).cause = Cause(actor.employee_id, "trial_account.password", context.now, actor.device_id)
    trial = context.find(TrialAccount, row_id)
    if trial is None or not context.may(trial, "view"):
        raise NotFound("not_found", record="trial_account", id=row_id)
    if not context.may(trial, "manage"):
        raise Forbidden("outside_scope", record="trial_account", id=row_id)
    trial.login_password, trial.password_at = vault.close(password), context.now


def login_of(session: Session, actor: Actor, vault: Vault, row_id: str) -> TrialLogin:
    """For who asked for the account, who looks after the customer, and who manages trial accounts. Raises `NotFound`."""
    mine = or_(
        TrialAccount.owner_id == actor.employee_id,
        TrialAccount.keeper_id == actor.employee_id,
        allowed(actor, TrialAccount, "manage"),
    )
    row = session.execute(
        select(TrialAccount.login_name, TrialAccount.login_password).where(
            visible(actor, TrialAccount, [row_id]), mine
        )
    ).first()
    if row is None:
        raise NotFound("not_found", record="trial_account", id=row_id)
    password = vault.open(row.login_password) if row.login_password else None
    if password is None:
        raise NotFound("trial_no_password")
    return TrialLogin(row.login_name, password)
