"""A company of any size for the benchmarks: its customers are filed by the real command, one rep owns them all."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all tables and commands
from server.company.setup import system_context
from server.customers.models import Customer
from server.database import Writer, write_engine
from server.demo import company as demo
from server.demo.dice import Dice
from server.demo.load import load
from server.demo.shops import ShopMaker
from server.records.fields import FieldSpec
from server.records.record import fields_of
from server.schema import migrate
from server.visits.models import Visit

REP, MANAGER, ADMIN = "rep1", "manager", "admin"
_SHARE_A_COMMIT = 10


def build(url: str, customers: int, visits_each: int = 0) -> None:
    """Fills an empty database: customers with name, address, mobile, place and codes as the demo draws them, filed over
    the last hundred days; each with its main contact, and with finished visits where asked for."""
    engine = write_engine(url)
    migrate(engine)
    writer = Writer(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    began = now - timedelta(days=100)
    dice = Dice(1, ZoneInfo("Asia/Shanghai"))
    try:
        company = writer.call(lambda session: demo.found(session, dice, began, rep_count=4, product_count=60))
        maker = ShopMaker(dice, company)
        rep = company.staff.reps[0]
        fields = fields_of(Customer)
        step = (now - began) / (customers + 1)
        for start in range(0, customers, _SHARE_A_COMMIT):
            filed = []
            for n in range(start, min(start + _SHARE_A_COMMIT, customers)):
                near = company.staff.reps[n % 4]
                at = began + step * (n + 1)
                shop = maker.make(dice.pick(near.districts), near, at, rep.id)
                filed.append((at, shop.customer.id, _values(shop.customer, fields)))
            writer.call(partial(_file, owner_id=rep.id, filed=filed))
            if visits_each:
                writer.call(partial(_visit, dice=dice, rep_id=rep.id, filed=filed, each=visits_each))
    finally:
        writer.close()


def _values(customer: Customer, fields: dict[str, FieldSpec]) -> dict[str, Any]:
    """What a form sends: the fields a person may fill."""
    found = {name: getattr(customer, name) for name, spec in fields.items() if not (spec.readonly or spec.secret)}
    found.pop("owner_id", None)
    found.pop("enabled", None)
    return {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in found.items()
        if value is not None
    }


def _file(session: Session, owner_id: str, filed: list[tuple[datetime, str, dict[str, Any]]]) -> None:
    for at, customer_id, values in filed:
        args = {"id": customer_id, "values": values, "owner_id": owner_id}
        system_context(session, at).run("customer.create", args)


def _visit(
    session: Session, dice: Dice, rep_id: str, filed: list[tuple[datetime, str, dict[str, Any]]], each: int
) -> None:
    rows = []
    for at, customer_id, values in filed:
        for n in range(each):
            begun = at + timedelta(hours=n + 1)
            rows.append(
                Visit(
                    id=dice.id_at(begun), customer_id=customer_id, visitor_id=rep_id, state="done",
                    checked_in_at=begun, in_lat=values["geo_lat"], in_lng=values["geo_lng"],
                    in_accuracy=float(dice.between(5, 40)), distance=float(dice.between(1, 60)),
                    checked_out_at=begun + timedelta(minutes=20), duration_seconds=1200,
                    content=dice.pick(("货架已整理，下周补货", "老板不在，留了名片", "谈了新品陈列")),
                    evidence="unverified", photo_count=0, received_at=begun, created_at=begun, created_by=rep_id,
                )
            )  # fmt: skip
    load(session, rows, "visit.check_in")


if __name__ == "__main__":
    # python -m tests.bench.company FOLDER CUSTOMERS [VISITS_EACH]
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    build(f"sqlite:///{folder / 'xunke.db'}", int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
