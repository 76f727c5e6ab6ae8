"""Rules of the customer file, its contacts and terminals: what must be there, what follows, what may be deleted."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select

from server.attachments.models import Attachment
from server.catalog.models import ProductPrice
from server.company.models import DUPLICATE_FIELDS, Company
from server.customers import duplicates
from server.customers.holding import end_access
from server.customers.lunar import is_day
from server.customers.models import (
    Contact,
    Customer,
    CustomerDepartment,
    CustomerMove,
    CustomerShare,
    Terminal,
)
from server.customers.places import note_typed_place
from server.customers.tables import customer_key
from server.followups.models import CallReport, Complaint, ContactRecord, Opportunity, TrialAccount
from server.orders.models import Order, Payment
from server.own.models import OwnRow
from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context
from server.records.conflict import Conflict
from server.records.editing import keep_conflict, on_create, on_delete, on_edit
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L, Label
from server.records.loading import flush_for
from server.records.pinyin import initials
from server.records.record import Record, fields_of
from server.records.rights import limits, mask, may_read, told_of
from server.visits.models import Visit

error_texts(
    {
        "needs_phone": L(
            "手机、联系电话、办公电话、传真至少填写一个",
            "手機、聯絡電話、辦公電話、傳真至少填寫一個",
            "At least one of mobile, landline, office phone and fax is required",
        ),
        "bad_phone": L(
            "{label}不是电话号码：{value}", "{label}不是電話號碼：{value}", "{label} is not a phone number: {value}"
        ),
        "dates_reversed": L(
            "合同止日不能早于合同始日", "合約止日不能早於合約始日", "The contract cannot end before it begins"
        ),
        "no_lunar_day": L(
            "农历 {year} 年 {month} 月没有 {day} 日，请核对日期，或改为公历",
            "農曆 {year} 年 {month} 月沒有 {day} 日，請核對日期，或改為公曆",
            "Month {month} of the lunar year {year} has no day {day}; check the date, or choose the solar calendar",
        ),
        "no_leap_day": L(
            "农历 {year} 年没有闰 {month} 月 {day} 日，请核对日期，或改为农历",
            "農曆 {year} 年沒有閏 {month} 月 {day} 日，請核對日期，或改為農曆",
            "The lunar year {year} has no day {day} of a leap month {month}; check the date, or choose the lunar calendar",
        ),
        "no_solar_day": L(
            "公历 {year} 年 {month} 月没有 {day} 日，请核对日期，或改为农历",
            "公曆 {year} 年 {month} 月沒有 {day} 日，請核對日期，或改為農曆",
            "Month {month} of the year {year} has no day {day}; check the date, or choose the lunar calendar",
        ),
        "place_incomplete": L(
            "经度和纬度要一起填写", "經度和緯度要一起填寫", "Longitude and latitude belong together"
        ),
        "chains_only": L(
            "“可跨店消费”只在连锁版中使用，已按未勾选保存",
            "「可跨店消費」只在連鎖版中使用，已按未勾選儲存",
            "Cross-branch is for chains only; it was left out",
        ),
        "unknown_rep_code": L(
            "没有编号为 {value} 的业务员，请核对编号",
            "沒有編號為 {value} 的業務員，請核對編號",
            "No rep has the code {value}; please check it",
        ),
        "parent_circle": L(
            "上级客户不能是自己或自己的下级",
            "上級客戶不能是自己或自己的下級",
            "The parent customer cannot be itself or one of its own subsidiaries",
        ),
        "customer_in_use": L(
            "客户已有订单、收款、协议价或拜访，不能删除，请改为停用",
            "客戶已有訂單、收款、協議價或拜訪，不能刪除，請改為停用",
            "The customer has orders, receipts, agreed prices or visits; disable it instead",
        ),
    }
)

PHONE_FIELDS = ("landline", "mobile", "office_phone", "fax")
#: Main contact of the file → the contact row it is kept in (CU-13).
_MAIN_CONTACT = {
    "primary_contact": "name",
    "contact_gender": "gender",
    "job_title": "job_title",
    "im_account": "im_account",
    "email": "email",
    "birth_date": "birthday",
    "birth_calendar": "birth_calendar",
}
_PHONE = re.compile(r"[0-9+()\-*#./、,;|~ ]|转|轉|分机|分機|或|ext\.?|x", re.IGNORECASE)


def main_contact_id(customer_id: str) -> str:
    """The id of the contact made with a customer: the customer's, a millisecond later. So a phone knows it too, and
    next to its customer it costs nothing on the wire."""
    made = (int(customer_id[:8] + customer_id[9:13], 16) + 1) % 2**48
    time = f"{made:012x}"
    return f"{time[:8]}-{time[8:]}{customer_id[13:]}"


# -- what every customer must be


def tidy(customer: Customer) -> None:
    """Reads numbers as they are meant: half width; 0/0 is what devices without a position send, not a place."""
    for name in PHONE_FIELDS:
        value = getattr(customer, name)
        if value is not None:
            _set(customer, name, tidy_phone(fields_of(Customer)[name].label, name, value))
    if customer.geo_lat == 0 and customer.geo_lng == 0:
        customer.geo_lat = customer.geo_lng = None


def tidy_phone(label: Label, name: str, value: str) -> str:
    """The number in half width. Raises `Rejected` bad_phone where it is words."""
    number = " ".join(unicodedata.normalize("NFKC", value).split())
    if sum(c.isdigit() for c in number) < 5 or _PHONE.sub("", number):
        raise Rejected("bad_phone", field=name, label=label, value=value[:40])
    return number


def _set(row: Record, name: str, value: Any) -> None:
    if getattr(row, name) != value:
        setattr(row, name, value)


def check(context: Context, customer: Customer) -> None:
    if not any(getattr(customer, name) for name in PHONE_FIELDS) and _may_write_phones(context):
        raise Rejected("needs_phone", field="mobile")
    if customer.contract_start and customer.contract_end and customer.contract_end < customer.contract_start:
        raise Rejected("dates_reversed", field="contract_end")
    if (customer.geo_lat is None) != (customer.geo_lng is None):
        raise Rejected("place_incomplete", field="geo_lng" if customer.geo_lng is None else "geo_lat")
    _check_parent(context, customer)


def check_birthday(context: Context, row: Customer | Contact, field: str) -> None:
    """A day that its calendar has not is refused at the desk; from a phone it is kept, celebrated on the last of that
    month, and its author told."""
    day: str | None = getattr(row, field)
    if day is None or is_day(day, row.birth_calendar):
        return
    code = {"lunar": "no_lunar_day", "lunar_leap": "no_leap_day"}.get(row.birth_calendar or "", "no_solar_day")
    said = dict(zip(("year", "month", "day"), map(int, day.split("-")), strict=True))
    if not context.pushed:
        raise Rejected(code, field=field, **said)
    context.adjusted(code, field=field, **said)


def _may_write_phones(context: Context) -> bool:
    """Nobody is asked for a number that he may not write."""
    limited = limits(context.actor, Customer)
    return any(limited.get(name) not in ("read", "hidden") for name in PHONE_FIELDS)


# unrestricted: the company's switches
def _switches(context: Context) -> tuple[bool, bool]:
    """Whether it is a chain, whether codes are asked for; once for a batch of commands."""
    if "customer_switches" not in context.memory:
        found = context.session.execute(select(Company.chain_edition, Company.rep_codes).limit(1)).first()
        context.memory["customer_switches"] = (bool(found[0]), bool(found[1])) if found else (False, False)
    known: tuple[bool, bool] = context.memory["customer_switches"]
    return known


def is_chain(context: Context) -> bool:
    return _switches(context)[0]


@on_edit(Company)
def switched(context: Context, company: Company, changed: dict[str, tuple[Any, Any]]) -> None:
    if {"chain_edition", "rep_codes"} & changed.keys():
        context.memory.pop("customer_switches", None)


# unrestricted: whether a code is somebody's
def check_switched(context: Context, customer: Customer, *, new: bool = False) -> None:
    """What only some companies have: the mark of chains (CU-9), and the rep code that is entered when a customer is filed
    (PP-18). At the desk what does not fit is refused; what a phone filed in the field is kept, and its author told."""
    chain, coded = _switches(context)
    if customer.cross_branch and not chain:
        if not context.pushed:
            raise Rejected("chains_only", field="cross_branch")
        customer.cross_branch = False
        context.adjusted("chains_only", field="cross_branch")
    if customer.rep_code:
        customer.rep_code = customer.rep_code.upper()
        flush_for(context.session, Employee)
        known = context.session.scalar(select(Employee.id).where(Employee.rep_code == customer.rep_code).limit(1))
        problem = None if known else "unknown_rep_code"
    else:
        imported = (context.op_id or "").startswith("import:")  # files of before the code
        problem = "required_now" if coded and new and not imported and not context.actor.is_system else None
    if problem is None:
        return
    label = fields_of(Customer)["rep_code"].label
    if not context.pushed:
        code = "required" if problem == "required_now" else problem
        raise Rejected(code, field="rep_code", label=label, value=customer.rep_code)
    context.adjusted(problem, field="rep_code", label=label, value=customer.rep_code)
    if problem == "unknown_rep_code":
        customer.rep_code = None


def _check_parent(context: Context, customer: Customer) -> None:
    seen, above = {customer.id}, customer.parent_id
    while above is not None:
        if above in seen:
            raise Rejected("parent_circle", field="parent_id")
        seen.add(above)
        parent = context.find(Customer, above)
        above = parent.parent_id if parent is not None else None


# -- create, edit, delete


@on_create(Customer, looks=False)
def new_customer(context: Context, customer: Customer) -> None:
    """CU-2, CU-13: a phone number never stands without a name, a private person is his own main contact."""
    tidy(customer)
    if not customer.primary_contact:
        customer.primary_contact = customer.name[:60]
    check(context, customer)
    check_birthday(context, customer, "birth_date")
    check_switched(context, customer, new=True)
    customer.pinyin_code = initials(customer.name)
    customer.filed_at = context.claimed_time()  # a rep without network files today what arrives tomorrow
    keys = duplicates.keys_of_customer(customer)
    hits = duplicates.find(context.session, keys, exclude=customer.id)
    if hits and not context.pushed:
        raise hits[0].error()
    if hits:
        mark_duplicate(context, customer, hits[0])
    duplicates.store_new(context.session, customer, keys)
    context.add(main_contact(customer), fresh=True)


def main_contact(customer: Customer) -> Contact:
    """The contact row that goes with the file (CU-13)."""
    values = {target: getattr(customer, source) for source, target in _MAIN_CONTACT.items()}
    values["phone"] = _main_phone(customer)
    return Contact(
        id=main_contact_id(customer.id),
        customer_id=customer.id,
        is_primary=True,
        **{name: value for name, value in values.items() if value is not None},
    )


def _main_phone(customer: Customer) -> str | None:
    return customer.mobile or customer.landline or customer.office_phone


def mark_duplicate(context: Context, customer: Customer, hit: duplicates.Hit) -> Conflict:
    """A customer that was met in the field is kept with what hangs on it; people decide what it is (CU-26)."""
    customer.duplicate_of = hit.customer_id
    theirs = {"customer_id": hit.customer_id, **hit.params(), "field": hit.field}
    mine = {
        "customer_id": customer.id,
        "customer_no": customer.customer_no,
        "name": customer.name,
        "owner": context.actor.name,
        "field": hit.field,
        "value": getattr(customer, hit.field),
    }
    conflict = keep_conflict(context, customer, "duplicate", None, theirs, mine, "ask", "open", "duplicate")
    conflict.theirs_by = hit.owner_id
    context.report("conflict", "duplicate", field=hit.field, **hit.told())
    return conflict


@told_of(Conflict, "mine")
@told_of(Conflict, "theirs")
def duplicate_told(actor: Actor, value: Any, of: Callable[[str], Any]) -> Any:
    """A duplicate names the value that two customers have."""
    if of("field") != "duplicate" or not isinstance(value, dict) or may_read(actor, Customer, value.get("field", "")):
        return value
    return {**value, "value": mask(value["value"])} if "value" in value else value


def check_owner(context: Context, customer: Customer) -> None:
    """The file is its owner's to change (PP-16)."""
    actor = context.actor
    if customer.owner_id not in (None, actor.employee_id) and not actor.can("customer.edit_others"):
        raise Forbidden("forbidden", permission="customer.edit_others")


@on_edit(Customer)
def changed_customer(context: Context, customer: Customer, changed: dict[str, tuple[Any, Any]]) -> None:
    if not changed:
        return
    check_owner(context, customer)
    tidy(customer)
    if not customer.primary_contact:
        customer.primary_contact = customer.name[:60]
    check(context, customer)
    if {"birth_date", "birth_calendar"} & changed.keys():
        check_birthday(context, customer, "birth_date")
    if {"cross_branch", "rep_code"} & changed.keys():
        check_switched(context, customer)
    if {"geo_lat", "geo_lng"} & changed.keys():
        note_typed_place(customer)
    if "name" in changed:
        customer.pinyin_code = initials(customer.name)
    if "sales_stage_id" in changed and customer.sales_stage_id and customer.lead_stage == "potential":
        customer.lead_stage = "following"  # LF-1
    if DUPLICATE_FIELDS.keys() & changed.keys():
        _check_again(context, customer, set(changed))
    _follow_main_contact(context, customer, changed)


def _check_again(context: Context, customer: Customer, changed: set[str]) -> None:
    """Only what was changed is compared: what was filed twice on purpose stays editable."""
    keys = duplicates.keys_of_customer(customer)
    hits = duplicates.find(context.session, {key for key in keys if key[0] in changed}, exclude=customer.id)
    if hits:
        raise hits[0].error()
    duplicates.store_keys(context.session, customer.id, keys)


def _follow_main_contact(context: Context, customer: Customer, changed: dict[str, tuple[Any, Any]]) -> None:
    """The row of the main contact follows the file, as far as nobody gave it values of its own."""
    phones = {"mobile", "landline", "office_phone"} & changed.keys()
    if not phones and not _MAIN_CONTACT.keys() & changed.keys():
        return
    contact = context.session.scalar(
        select(Contact).where(Contact.customer_id == customer.id, Contact.is_primary).limit(1)
    )
    if contact is None:
        return
    for source, target in _MAIN_CONTACT.items():
        if source in changed and getattr(contact, target) == changed[source][0]:
            setattr(contact, target, getattr(customer, source))
    before = [changed[name][0] for name in phones]
    if phones and (contact.phone is None or contact.phone in before):
        contact.phone = _main_phone(customer)


@on_delete(Customer)
def delete_customer(context: Context, customer: Customer) -> None:
    """Only while unused (CU-61); what belongs to the file goes with it."""
    for record in (Order, Payment, ProductPrice, Visit):
        column = record.customer_id
        if context.session.scalar(select(record.id).where(column == customer.id).limit(1)) is not None:
            raise Rejected("customer_in_use", field="id")
    if context.session.scalar(select(Customer.id).where(Customer.merged_into == customer.id).limit(1)) is not None:
        raise Rejected("customer_in_use", field="id")
    for other in context.session.scalars(
        select(Customer).where((Customer.parent_id == customer.id) | (Customer.duplicate_of == customer.id))
    ):
        other.parent_id = None if other.parent_id == customer.id else other.parent_id
        other.duplicate_of = None if other.duplicate_of == customer.id else other.duplicate_of
    for part in (
        Contact,
        Terminal,
        CustomerDepartment,
        CustomerMove,
        CustomerShare,
        Attachment,
        ContactRecord,
        CallReport,
        Opportunity,
        TrialAccount,
        Complaint,
        OwnRow,
        Conflict,
    ):
        for row in context.session.scalars(select(part).where(part.customer_id == customer.id)):
            context.session.delete(row)
    context.session.execute(delete(customer_key).where(customer_key.c.customer_id == customer.id))
    context.session.flush()
    end_access(context, customer)


# -- contacts and terminals


@on_create(Contact, looks=False)
def new_contact(context: Context, contact: Contact) -> None:
    _tidy_contact(contact)
    check_birthday(context, contact, "birthday")
    if contact.is_primary:
        context.session.flush()
        _only_main_contact(context, contact)


@on_edit(Contact)
def changed_contact(context: Context, contact: Contact, changed: dict[str, tuple[Any, Any]]) -> None:
    if "phone" in changed:
        _tidy_contact(contact)
    if {"birthday", "birth_calendar"} & changed.keys():
        check_birthday(context, contact, "birthday")
    if contact.is_primary and ("is_primary" in changed or set(changed) & set(_MAIN_CONTACT.values())):
        _only_main_contact(context, contact)


def _tidy_contact(contact: Contact) -> None:
    if contact.phone:
        _set(contact, "phone", tidy_phone(fields_of(Contact)["phone"].label, "phone", contact.phone))


def _only_main_contact(context: Context, contact: Contact) -> None:
    """A customer has one main contact, and the file shows that person's name, title and position."""
    others = select(Contact).where(
        Contact.customer_id == contact.customer_id, Contact.is_primary, Contact.id != contact.id
    )
    for other in context.session.scalars(others):
        other.is_primary = False
    customer = context.find(Customer, contact.customer_id)
    if customer is not None:
        _set(customer, "primary_contact", contact.name)
        _set(customer, "contact_gender", contact.gender)
        _set(customer, "job_title", contact.job_title)


@on_create(CustomerDepartment, looks=False)
def new_department(context: Context, row: CustomerDepartment) -> None:
    _tidy_department(row)


@on_edit(CustomerDepartment)
def changed_department(context: Context, row: CustomerDepartment, changed: dict[str, tuple[Any, Any]]) -> None:
    if "phone" in changed:
        _tidy_department(row)


def _tidy_department(row: CustomerDepartment) -> None:
    if row.phone:
        _set(row, "phone", tidy_phone(fields_of(CustomerDepartment)["phone"].label, "phone", row.phone))


@on_create(Terminal, looks=False)
def new_terminal(context: Context, terminal: Terminal) -> None:
    _check_terminal(terminal)


@on_edit(Terminal)
def changed_terminal(context: Context, terminal: Terminal, changed: dict[str, tuple[Any, Any]]) -> None:
    _check_terminal(terminal)


def _check_terminal(terminal: Terminal) -> None:
    if terminal.phone:
        _set(terminal, "phone", tidy_phone(fields_of(Terminal)["phone"].label, "phone", terminal.phone))
    if terminal.geo_lat == 0 and terminal.geo_lng == 0:
        terminal.geo_lat = terminal.geo_lng = None
    if (terminal.geo_lat is None) != (terminal.geo_lng is None):
        raise Rejected("place_incomplete", field="geo_lng" if terminal.geo_lng is None else "geo_lat")
