"""Writes of trial accounts: asked for at the customer, opened, prolonged, closed and put back by an administrator
(BUSINESS.md, Leads & follow-up, LF-13)."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.company.models import COMPANY_ID, Company
from server.customers.models import Customer, CustomerShare
from server.followups.models import TrialAccount
from server.followups.reminders import tell_asked, tell_decided
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, on_create, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of

error_texts(
    {
        "trials_off": L(
            "本公司没有启用试用账号，可在公司设置中启用",
            "本公司沒有啟用試用帳號，可在公司設定中啟用",
            "This company has no trial accounts; they are switched on in the company settings",
        ),
        "trial_decided": L(
            "申请已经处理，只能由管理试用账号的人修改；您可以补充备注",
            "申請已經處理，只能由管理試用帳號的人修改；您可以補充備註",
            "It is decided; whoever manages trial accounts changes it, you may add a remark",
        ),
        "trial_of_another": L(
            "这是同事申请的试用账号，您不能修改",
            "這是同事申請的試用帳號，您不能修改",
            "A colleague asked for this trial account; you cannot change it",
        ),
        "trial_state": L(
            "试用账号现在的状态不能这样处理，请刷新后再看",
            "試用帳號現在的狀態不能這樣處理，請重新整理後再看",
            "This cannot be done with a trial account in its state; look at it again",
        ),
        "trial_ends_before": L(
            "到期日期要在今天或以后，并晚于现在的到期日期",
            "到期日期要在今天或以後，並晚於現在的到期日期",
            "It must end today or later, and later than it ends now",
        ),
        "trial_keeper_elsewhere": L(
            "此人不负责也未共享该客户，请先指派或共享客户",
            "此人不負責也未共享該客戶，請先指派或共享客戶",
            "This person neither owns nor shares the customer; assign or share the customer first",
        ),
    }
)  # fmt: skip

standard_commands(TrialAccount, delete=False)

_Reason = Annotated[str, msgspec.Meta(max_length=400)]


class OpenArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`login_name`: as it was made in the product; None: as it was asked for. `keeper_id`: None: who asked for it,
    or the customer's owner where that one does not serve it."""

    id: str
    ends_on: date
    login_name: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    keeper_id: str | None = None


class AssignArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    keeper_id: str


class ExtendArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    ends_on: date
    reason: _Reason = ""


class ReasonArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    reason: _Reason


@on_create(TrialAccount)
def asked(context: Context, trial: TrialAccount) -> None:
    """Pending, whoever asks. 422 trials_off."""
    if not context.get(Company, COMPANY_ID, lock=False).trial_accounts:
        raise Rejected("trials_off", field="customer_id")
    trial.state, trial.owner_id = "pending", context.actor.employee_id
    trial.login_name = _tidy(trial.login_name) or None
    tell_asked(context, trial)


@on_edit(TrialAccount)
def changed(context: Context, trial: TrialAccount, changed: dict[str, tuple[Any, Any]]) -> None:
    """While it is pending by who asked for it; later by who manages trial accounts. 422 trial_decided."""
    if not changed:
        return
    if "login_name" in changed:
        trial.login_name = _tidy(trial.login_name) or None
    if context.actor.is_system or context.may(trial, "manage"):
        return
    scope = context.actor.scope("trial_account.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and trial.owner_id not in members | {context.actor.employee_id}:
        raise Forbidden("trial_of_another", id=trial.id)
    if trial.state != "pending" and set(changed) - {"remark"}:
        raise Rejected("trial_decided", field="id")


@command("trial_account.open", OpenArgs, permission="trial_account.manage")
def open_account(context: Context, args: OpenArgs) -> dict[str, Any]:
    """Agrees to it: the customer may try until the day. The same once more changes nothing. 422 trial_state,
    trial_ends_before, trial_keeper_elsewhere, required."""
    trial = context.need(TrialAccount, args.id, "manage")
    login = _tidy(args.login_name) or trial.login_name
    keeper = args.keeper_id or trial.keeper_id or _usual_keeper(context, trial)
    wanted = (args.ends_on, login, keeper)
    if trial.state == "open" and (trial.ends_on, trial.login_name, trial.keeper_id) == wanted:
        return {"id": trial.id, "state": trial.state}
    _check_state(trial, ("pending", "refused"))
    if args.ends_on < context.today:
        raise Rejected("trial_ends_before", field="ends_on")
    if not login:
        raise Rejected("required", field="login_name", label=fields_of(TrialAccount)["login_name"].label)
    if args.keeper_id is not None:
        _check_keeper(context, trial, args.keeper_id)
    trial.login_name, trial.keeper_id = login, keeper
    trial.state, trial.opened_at, trial.ends_on, trial.reason = "open", context.now, args.ends_on, None
    tell_decided(context, trial)
    return {"id": trial.id, "state": trial.state}


@command("trial_account.refuse", ReasonArgs, permission="trial_account.manage")
def refuse(context: Context, args: ReasonArgs) -> dict[str, Any]:
    """Says no, and why. It can be opened all the same later."""
    trial = context.need(TrialAccount, args.id, "manage")
    reason = _said(args.reason)
    if (trial.state, trial.reason) != ("refused", reason):
        _check_state(trial, ("pending",))
        trial.state, trial.reason = "refused", reason
        tell_decided(context, trial)
    return {"id": trial.id, "state": trial.state}


@command("trial_account.assign", AssignArgs, permission="trial_account.manage")
def assign(context: Context, args: AssignArgs) -> dict[str, Any]:
    """Who looks after the customer meanwhile: somebody who serves it. 422 trial_keeper_elsewhere."""
    trial = context.need(TrialAccount, args.id, "manage")
    if trial.keeper_id != args.keeper_id:
        _check_keeper(context, trial, args.keeper_id)
        trial.keeper_id = args.keeper_id
    return {"id": trial.id}


@command("trial_account.extend", ExtendArgs, permission="trial_account.manage")
def extend(context: Context, args: ExtendArgs) -> dict[str, Any]:
    """延期: until a later day; one that has expired is open again. 422 trial_state, trial_ends_before."""
    trial = context.need(TrialAccount, args.id, "manage")
    if trial.state == "open" and trial.ends_on == args.ends_on:
        return {"id": trial.id, "ends_on": args.ends_on}
    _check_state(trial, ("open", "expired"))
    if args.ends_on < context.today or (trial.ends_on is not None and args.ends_on <= trial.ends_on):
        raise Rejected("trial_ends_before", field="ends_on")
    trial.state, trial.ends_on, trial.reason = "open", args.ends_on, _tidy(args.reason) or None
    tell_decided(context, trial)
    return {"id": trial.id, "ends_on": args.ends_on}


@command("trial_account.close", ReasonArgs, permission="trial_account.manage")
def close(context: Context, args: ReasonArgs) -> dict[str, Any]:
    """Into the recycle bin, from wherever it is."""
    trial = context.need(TrialAccount, args.id, "manage")
    if trial.state != "closed":
        trial.state, trial.reason = "closed", _said(args.reason)
        tell_decided(context, trial)
    return {"id": trial.id, "state": trial.state}


@command("trial_account.restore", DeleteArgs, permission="trial_account.manage")
def restore(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Out of the recycle bin, as it would be today: open until its last day, or pending where it never was."""
    trial = context.need(TrialAccount, args.id, "manage")
    if trial.state == "closed":
        trial.state, trial.reason = "pending", None
        if trial.ends_on is not None:
            trial.state = "open" if trial.ends_on >= context.today else "expired"
        if trial.state == "open":
            tell_decided(context, trial)
    return {"id": trial.id, "state": trial.state}


def _check_state(trial: TrialAccount, wanted: Iterable[str]) -> None:
    if trial.state not in wanted:
        raise Rejected("trial_state", field="id")


def _check_keeper(context: Context, trial: TrialAccount, person: str) -> None:
    """Nobody is put in charge of a customer that he may not see."""
    if not _serves(context, trial, person):
        raise Rejected("trial_keeper_elsewhere", field="keeper_id")


def _usual_keeper(context: Context, trial: TrialAccount) -> str:
    """Whoever asked, unless somebody in the office did for the customer's owner."""
    owner = context.get(Customer, trial.customer_id, lock=False).owner_id
    return trial.owner_id if owner is None or _serves(context, trial, trial.owner_id) else owner


# unrestricted: whether somebody serves the customer of the account
def _serves(context: Context, trial: TrialAccount, person: str) -> bool:
    if context.get(Customer, trial.customer_id, lock=False).owner_id == person:
        return True
    shared = select(CustomerShare.id).where(
        CustomerShare.customer_id == trial.customer_id, CustomerShare.employee_id == person
    )
    return context.session.scalar(shared.limit(1)) is not None


def _tidy(text: str | None) -> str:
    return " ".join((text or "").replace("\x00", "").split())


def _said(reason: str) -> str:
    said = _tidy(reason)
    if not said:
        raise Rejected("required", field="reason", label=fields_of(TrialAccount)["reason"].label)
    return said
