"""Founding a company: its settings row, lists, roles, and the first administrator. Runs once on a new database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import COMPANY_ID, Company, Option
from server.company.zone import company_zone
from server.people import passwords
from server.people.commands import store_password
from server.people.models import Department, Employee, Role
from server.people.permissions import ROLES
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.records.editing import create_row
from server.records.ids import uuid7
from sync import journal

#: The lists a new company starts with; the first entry of each is the default (BUSINESS.md, settings lists).
LISTS: dict[str, tuple[str, ...]] = {
    "customer_category": ("潜在客户", "意向客户", "正式客户", "已签合同", "流失客户", "无意向客户"),
    "customer_source": ("主动开拓", "媒体广告", "线下活动", "公司推荐", "搜索引擎", "主动来电"),
    "customer_group": ("A组", "B组", "C组"),
    "customer_grade": ("普通", "银牌", "金牌"),
    "customer_relation": ("合作伙伴", "经销商", "终端客户"),
    "sales_region": ("一区", "二区", "三区"),
    "sales_stage": ("初步接触", "了解需求", "报价", "意向", "成交", "维护"),
    "contact_method": ("电话", "上门拜访", "微信", "短信", "电子邮件", "QQ"),
    "opportunity_stage": ("发现机会", "确认需求", "方案报价", "商务谈判"),
    "complaint_kind": ("产品质量", "送货", "服务", "价格", "建议", "其他"),
    "trial_category": ("意向强", "一般", "先了解"),
    "unit": ("个", "箱", "瓶", "袋", "件", "套", "KG"),
    "payment_method": ("现金", "微信", "支付宝", "银行转账", "支票"),
    "document_category": ("合同文档", "资质证照", "报价资料", "其他"),
    "report_category": ("常规", "市场动态", "客户问题", "培训学习"),
    "notice_category": ("内部通知", "规章制度", "促销政策", "放假安排"),
    "logistics": ("无需物流", "韵达快递", "顺丰速运", "德邦物流"),
}


#: What a visit has to show until an administrator says otherwise; the app's `DEFAULT_KINDS` are the same.
VISIT_TYPE = {
    "name": "常规拜访",
    "photos": [
        {"kind": "storefront", "required": 1},
        {"kind": "shelf", "required": 1},
        {"kind": "order_book", "required": 0},
        {"kind": "other", "required": 0},
    ],
    "sort": 10,
    "is_default": True,
}

#: When the pool takes customers back, by follow-up and by deal, until an administrator says otherwise: 30 days as in the
#: sources' example (CU-52); by deal half a year, which they leave open. Owners are warned three days before (CU-55).
RECOVERY = {"recovery_days": 30, "deal_days": 180}

#: When nobody is pushed to until an administrator says otherwise.
QUIET_HOURS = {"quiet_from": "21:30", "quiet_until": "07:30"}


@dataclass(frozen=True, slots=True)
class Founded:
    """Ids of what was made; `options` by list and name."""

    options: dict[tuple[str, str], str]
    roles: dict[str, str]
    department_id: str
    administrator_id: str


def is_founded(session: Session) -> bool:
    return session.scalar(select(Company.id).limit(1)) is not None


def system_context(session: Session, now: datetime | None = None) -> Context:
    """A context that acts as the system, at the company's clock, e.g. at set-up and in scheduled jobs."""
    moment = now or datetime.now(UTC)
    journal.of(session).cause = Cause(SYSTEM.employee_id, "system", moment)
    return Context(session=session, actor=SYSTEM, now=moment, zone=company_zone(session), command="system")


def found_company(
    session: Session, name: str, username: str, password: str, *, now: datetime | None = None
) -> Founded:
    """Creates the company. The administrator's password should be changed at the first login."""
    context = system_context(session, now)
    create_row(context, Company, COMPANY_ID, {"name": name, **QUIET_HOURS, **RECOVERY})
    options = {key: made for list_name in LISTS for key, made in add_list(context, list_name).items()}
    context.run("visit_type.create", {"id": uuid7(), "values": VISIT_TYPE})
    department_id = uuid7()
    create_row(context, Department, department_id, {"name": name})
    roles = _roles(context)
    administrator_id = uuid7()
    add_employee(
        context,
        administrator_id,
        {
            "username": username,
            "real_name": "超级管理员",
            "department_id": department_id,
            "role_id": roles["超级管理员"],
        },
        passwords.hash_password(password),
    )
    return Founded(options, roles, department_id, administrator_id)


def add_list(context: Context, list_name: str) -> dict[tuple[str, str], str]:
    """The entries that a new company starts with in one of its lists, by list and name."""
    made: dict[tuple[str, str], str] = {}
    for index, entry in enumerate(LISTS[list_name]):
        values = {"list_name": list_name, "name": entry, "sort": (index + 1) * 10, "is_default": index == 0}
        made[list_name, entry] = option_id = uuid7()
        context.run("option.create", {"id": option_id, "values": values})
    return made


# unrestricted: the company's lists are everybody's
def has_list(context: Context, list_name: str) -> bool:
    """Whether anything stands in it, for steps that bring a new list to a company that is there."""
    return context.session.scalar(select(Option.id).where(Option.list_name == list_name).limit(1)) is not None


def _roles(context: Context) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, permissions in {"超级管理员": {}, **ROLES}.items():
        found[name] = uuid7()
        create_row(context, Role, found[name], {"name": name, "permissions": permissions, "parent_id": None})
    administrator = context.get(Role, found["超级管理员"])
    administrator.is_administrator = True
    context.session.flush()
    return found


def add_employee(context: Context, employee_id: str, values: dict[str, Any], password_hash: str) -> None:
    """An employee with a password; the hash is made outside, because it takes long on purpose."""
    create_row(context, Employee, employee_id, values)
    store_password(context.session, employee_id, password_hash, context.now)
