"""Totals that are kept, counted once more from every row, without SQL's help."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from server.company.models import Company
from server.customers.models import Customer
from server.orders.models import Payment
from server.records.record import column_of
from server.reports.totals import declared_totals


# unrestricted: what is kept for everybody
def drifted_totals(engine: Engine) -> list[str]:
    """What is kept and is not so, or is so and is not kept."""
    problems: list[str] = []
    with engine.connect() as connection:
        zone = ZoneInfo(connection.scalar(select(Company.time_zone).limit(1)) or "Asia/Shanghai")
        for totals in declared_totals():
            columns = [column_of(totals.record, name) for name in totals.keys]
            moment = column_of(totals.record, totals.moment)
            found: dict[tuple[object, ...], list[datetime]] = defaultdict(list)
            for at, *keys in connection.execute(select(moment, *columns).where(moment.is_not(None))):
                found[at.astimezone(zone).year, *keys].append(at)
            so = {cell: (len(moments), max(moments)) for cell, moments in found.items()}
            kept = {
                tuple(row[: len(columns) + 1]): tuple(row[len(columns) + 1 :])
                for row in connection.execute(select(totals.table))
            }
            problems += [
                f"{totals.table.name} {cell}: {kept.get(cell)} is kept, {so.get(cell)} is so"
                for cell in so.keys() | kept.keys()
                if kept.get(cell) != so.get(cell)
            ]
        found_money: dict[str, Decimal] = defaultdict(Decimal)
        for customer_id, deposit in connection.execute(select(Payment.customer_id, Payment.deposit)):
            found_money[customer_id] += deposit
        problems += [
            f"deposit of customer {customer_id}: {kept_money} is kept, {found_money[customer_id]} is so"
            for customer_id, kept_money in connection.execute(select(Customer.id, Customer.deposit_total))
            if kept_money != found_money[customer_id]
        ]
    return problems
