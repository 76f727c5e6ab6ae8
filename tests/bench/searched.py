"""A company of 50,000 customers with contacts, visits and orders, loaded in bulk, for the benchmark of search and lists."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all tables and commands
from server.company.setup import add_employee, system_context
from server.database import Writer, write_engine
from server.demo import company as demo
from server.demo.dice import Dice
from server.demo.load import Numbers, load
from server.demo.shops import Shop, ShopMaker
from server.orders.models import Order
from server.people import passwords
from server.records.record import Record
from server.schema import migrate
from server.visits.models import Visit

PASSWORD = "xunke-demo"
REP, MANAGER, ADMIN = "rep1", "manager2", "admin"
#: Customers of one rep; every fifth rep reports to `MANAGER`; one customer in 23 lies in the pool.
_EACH, _POOL = 250, 23
_NOTES = (
    "货架已整理，下周补货", "老板不在，留了名片", "谈了新品陈列，同意放两个端架", "欠款月底结清", "竞品在做买十送一",
    "堆头被移走，已和店长说好周五恢复", "要求送货改到上午", "冰柜温度偏高，报修",
)  # fmt: skip


@dataclass(slots=True)
class _Staff:
    company: demo.Company
    reps: list[str]


def build(url: str, customers: int) -> None:
    """Fills an empty database. Own field `own.sign` (店招) of customers holds a text and is searched."""
    engine = write_engine(url)
    migrate(engine)
    writer = Writer(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    began = now - timedelta(days=300)
    dice = Dice(1, ZoneInfo("Asia/Shanghai"))
    try:
        staff = writer.call(lambda session: _hire(session, dice, began, customers // _EACH))
        maker, numbers = ShopMaker(dice, staff.company), Numbers()
        step = timedelta(days=290) / customers
        for start in range(0, customers, 2500):
            rows: list[Record] = []
            for n in range(start, min(start + 2500, customers)):
                rows += _shop(dice, staff, maker, numbers, n, began + step * (n + 1))
            writer.call(partial(load, rows=rows))
        writer.call(numbers.store)
    finally:
        writer.close()


def _hire(session: Session, dice: Dice, at: datetime, count: int) -> _Staff:
    company = demo.found(session, dice, at, rep_count=4, product_count=60)
    context = system_context(session, at)
    context.run(
        "own_field.create",
        {
            "id": dice.id_at(at),
            "values": {"record_type": "customer", "key": "sign", "name": "店招", "kind": "text", "search": True},
        },
    )
    hashed = passwords.hash_password(PASSWORD)
    reps = [rep.id for rep in company.staff.reps]
    for n in range(len(reps), count):
        values = {
            "username": f"rep{n + 1}",
            "real_name": f"业务员{n + 1}",
            "role_id": company.founded.roles["销售员"],
            "department_id": company.founded.department_id,
            "supervisor_id": company.staff.manager_ids[1 if n % 5 == 4 else 0],
        }
        reps.append(dice.id_at(at))
        add_employee(context, reps[-1], values, hashed)
    return _Staff(company, reps)


def _shop(dice: Dice, staff: _Staff, maker: ShopMaker, numbers: Numbers, n: int, at: datetime) -> list[Record]:
    near = staff.company.staff.reps[n % 4]
    shop = maker.make(dice.pick(near.districts), near, at, near.id, owned=n % _POOL != 0)
    customer = shop.customer
    customer.customer_no = numbers.next("CT", dice.day_of(at))
    owner = customer.owner_id = staff.reps[n % len(staff.reps)] if customer.owner_id else None
    if n % 7 == 0:
        customer.own = {"sign": f"{dice.pick(('红底白字', '蓝底黄字', '霓虹灯', '木匾'))}{n:05d}"}
    rows: list[Record] = [customer, *shop.contacts, *shop.terminals]
    if owner is not None:
        rows += [_visit(dice, shop, owner, at + timedelta(hours=k + 1)) for k in range(2)]
        if n % 5 < 2:
            rows.append(_order(dice, shop, owner, numbers, at + timedelta(hours=2)))
        customer.visit_count = 2
        customer.last_visit_at = customer.last_contact_at = at + timedelta(hours=2)
        customer.next_contact_at = at + timedelta(days=dice.between(5, 400)) if dice.chance(0.3) else None
    return rows


def _visit(dice: Dice, shop: Shop, rep_id: str, at: datetime) -> Visit:
    lat, lng = shop.place
    return Visit(
        id=dice.id_at(at), customer_id=shop.customer.id, visitor_id=rep_id, state="done", checked_in_at=at,
        in_lat=lat, in_lng=lng, in_accuracy=12.0, distance=float(dice.between(1, 60)),
        checked_out_at=at + timedelta(minutes=20), duration_seconds=1200, content=dice.pick(_NOTES),
        visited_person=shop.customer.primary_contact, evidence="unverified", photo_count=0, received_at=at,
        created_at=at, created_by=rep_id,
    )  # fmt: skip


def _order(dice: Dice, shop: Shop, rep_id: str, numbers: Numbers, at: datetime) -> Order:
    total = Decimal(dice.between(5_000, 900_000)) / 100
    customer = shop.customer
    customer.sales_total = customer.debt_total = total
    customer.customer_status = "dealt"
    return Order(
        id=dice.id_at(at), order_no=numbers.next("DD", dice.day_of(at)), customer_id=customer.id, state="pending",
        settlement_mode="credit", consignee=customer.primary_contact, consignee_mobile=customer.mobile,
        address=customer.address, goods_total=total, payable=total, debt=total, ordered_at=at, clerk_id=rep_id,
        remark=dice.pick(("送货前打电话", "放后门", None, None)), created_at=at, created_by=rep_id,
    )  # fmt: skip


if __name__ == "__main__":
    # python -m tests.bench.searched FOLDER [CUSTOMERS]
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    build(f"sqlite:///{folder / 'xunke.db'}", int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
