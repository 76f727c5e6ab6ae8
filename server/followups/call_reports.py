"""Writes of call reports: the first on a lead in full, later ones from the last one with what differs (BUSINESS.md, Leads &
follow-up, LF-2 – LF-5).

A report is a fact: it is kept whatever became of the customer meanwhile. It counts as a contact with the customer.
"""

from typing import Any

from sqlalchemy import select

from server.customers import service as customers
from server.customers.models import Contact, Customer
from server.followups.models import CallReport
from server.followups.spoken import recount
from server.records.commands import Context, command
from server.records.editing import CreateArgs, new_row, on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.own import PREFIX, catalog
from server.records.own_values import apart
from server.visits.models import Visit

error_texts(
    {
        "report_of_another": L(
            "这是同事的日报，您不能修改",
            "這是同事的日報，您不能修改",
            "This is a colleague's report; you cannot change it",
        ),
        "report_kind_elsewhere": L(
            "这种日报不适合客户现在的阶段",
            "這種日報不適合客戶現在的階段",
            "This kind of report does not fit the customer's stage",
        ),
        "visit_elsewhere": L("拜访属于另一位客户", "拜訪屬於另一位客戶", "The visit belongs to another customer"),
        "copied_elsewhere": L(
            "要复制的日报不在这位客户名下",
            "要複製的日報不在這位客戶名下",
            "The report to be copied is not one of this customer's",
        ),
    }
)

standard_commands(CallReport, create=False)

#: Which report a customer gets at which stage of its life.
KIND_AT = {"cold": "cold", "potential": "lead", "following": "lead", "existing": "existing"}


@command("call_report.create", CreateArgs, permission="call_report.create", fact=True)
def create(context: Context, args: CreateArgs) -> dict[str, Any]:
    """Files a report. `copied_from_id` carries over the call card of an earlier one: what is not sent is as it was there,
    what is sent counts. 422 required, report_kind_elsewhere, copied_elsewhere."""
    values = dict(args.values)
    customer = context.find(Customer, values.get("customer_id"))
    if customer is not None and not context.pushed and values.get("kind") != KIND_AT[customer.lead_stage]:
        raise Rejected("report_kind_elsewhere", field="kind")
    copied = _copied(context, values)
    report = new_row(context, CallReport, args.id, values, {"author_id": context.actor.employee_id}, asks_own=False)
    if copied is not None:
        sent = apart(values)[0]
        carried = {key: value for key, value in (copied.own or {}).items() if PREFIX + key not in sent}
        report.own = {**(report.own or {}), **_in_use(context, carried)} or None
    _compare(context, report, copied)
    if report.kind != "existing":
        _ask_card(context, report)
    return {"id": report.id}


def _copied(context: Context, values: dict[str, Any]) -> CallReport | None:
    """The report whose card is carried over. One that a phone names wrongly is left out: what it sent is whole anyway."""
    named = values.get("copied_from_id")
    found = context.find(CallReport, named)
    if found is not None and found.customer_id == values.get("customer_id") and values.get("kind") != "existing":
        return found
    if named is not None:
        if not context.pushed:
            raise Rejected("copied_elsewhere", field="copied_from_id")
        values["copied_from_id"] = None
        context.adjusted("copied_elsewhere", field="copied_from_id")
    return None


def _in_use(context: Context, own: dict[str, Any]) -> dict[str, Any]:
    """Without values of fields that the company has taken out of its card."""
    fields = catalog(context.session).of("call_report")
    return {
        key: value
        for key, value in own.items()
        if (f := fields.get(PREFIX + key)) is not None and f.state == "active"
    }


def _compare(context: Context, report: CallReport, copied: CallReport | None) -> None:
    """What of the card is not as in the report it was copied from; by name, so that nobody reads a value through it."""
    if copied is None:
        report.differing = None
        return
    now, before = _in_use(context, report.own or {}), _in_use(context, copied.own or {})
    differing = sorted(PREFIX + key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
    if report.differing != differing:
        report.differing = differing


def _ask_card(context: Context, report: CallReport) -> None:
    """At the desk a card is whole; a phone may not have known what it needs."""
    if context.pushed or context.actor.is_system:
        return
    for name, field in catalog(context.session).of("call_report").items():
        if field.state == "active" and field.must_fill(context.actor) and (report.own or {}).get(field.key) is None:
            raise Rejected("required", field=name, label=field.spec.label)


@on_create(CallReport)
def written(context: Context, report: CallReport) -> None:
    """It is a contact with the customer: last contact, stage, next contact follow the latest one."""
    report.reported_at = context.claimed_time(report.reported_at)
    _check_parts(context, report)
    customer = context.get(Customer, report.customer_id)
    latest = customer.last_contact_at is None or report.reported_at >= customer.last_contact_at
    customers.note_contact(
        context,
        customer.id,
        report.reported_at,
        report.sales_stage_id if latest else None,
        report.next_contact_at if latest else None,
    )


@on_edit(CallReport)
def edited(context: Context, report: CallReport, changed: dict[str, tuple[Any, Any]]) -> None:
    """By its author, or who may change his. What changes in the latest one changes for the customer, too."""
    if not changed:
        return
    _author_or_supervisor(context, report)
    _check_parts(context, report)
    _compare(context, report, context.find(CallReport, report.copied_from_id))
    for later in context.session.scalars(select(CallReport).where(CallReport.copied_from_id == report.id)):
        _compare(context, later, report)
    customer = context.get(Customer, report.customer_id)
    if "reported_at" in changed:
        report.reported_at = context.claimed_time(report.reported_at)
        recount(context, customer)
    if customer.last_contact_at is not None and report.reported_at < customer.last_contact_at:
        return  # somebody has spoken with the customer since
    if "sales_stage_id" in changed and report.sales_stage_id is not None:
        customers.set_sales_stage(customer, report.sales_stage_id)
    if "next_contact_at" in changed:
        customer.next_contact_at = report.next_contact_at


@on_delete(CallReport)
def deleted(context: Context, report: CallReport) -> None:
    """What was copied from it stands on its own from then on."""
    _author_or_supervisor(context, report)
    for later in context.session.scalars(select(CallReport).where(CallReport.copied_from_id == report.id)):
        later.copied_from_id, later.differing = None, None
    customer = context.get(Customer, report.customer_id)
    recount(context, customer, without=report.id)
    if report.next_contact_at is not None and customer.next_contact_at == report.next_contact_at:
        customer.next_contact_at = None


def _check_parts(context: Context, report: CallReport) -> None:
    """Contact and visit are this customer's. What a phone says wrongly is left out and named; the words stay."""
    for name, code, part in (
        ("contact_id", "contact_elsewhere", context.find(Contact, report.contact_id)),
        ("visit_id", "visit_elsewhere", context.find(Visit, report.visit_id)),
    ):
        if part is not None and part.customer_id != report.customer_id:
            if not context.pushed:
                raise Rejected(code, field=name)
            setattr(report, name, None)
            context.adjusted(code, field=name)


def _author_or_supervisor(context: Context, report: CallReport) -> None:
    """Serving the same customer lets one read a colleague's report, not rewrite it."""
    if context.actor.is_system:
        return
    scope = context.actor.scope("call_report.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and report.author_id not in members | {context.actor.employee_id}:
        raise Forbidden("report_of_another", id=report.id)
