"""Targets of the reps for this month and quarter: most in force, one a draft, and one rep has none yet."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from server.demo.calendar import Calendar
from server.demo.company import Company
from server.demo.dice import Dice
from server.records.record import Record
from server.targets.models import Target
from server.targets.periods import name_of
from server.worklogs.periods import period_of
from server.worklogs.service import count

#: How ambitious each rep's target is beside what he does, in percent.
_AIMS = (92, 108, 118, 101, 130, 97)


def write_targets(session: Session, dice: Dice, company: Company, calendar: Calendar) -> list[Record]:
    """Visits, customers, orders and receipts must be loaded already: the goals follow from what people do."""
    rows: list[Record] = []
    for index, rep in enumerate(company.staff.reps):
        if index % 6 == 2:
            continue  # whoever leads him has it still to draft
        for kind in ("month", "quarter"):
            period = period_of(kind, calendar.today)
            done = count(session, rep.id, period, calendar.zone)
            days, whole = (calendar.today - period.start).days + 1, (period.end - period.start).days + 1
            aim = _AIMS[index % len(_AIMS)] * whole
            at = dice.at(max(period.start - timedelta(days=3), company.founded_at.date()), 10.0, 60)
            approved = index % 6 != 3 or kind == "quarter"
            rows.append(
                Target(
                    id=dice.id_at(at),
                    person_id=rep.id,
                    kind=kind,
                    period=name_of(kind, period),
                    start_date=period.start,
                    end_date=period.end,
                    visits=max(10, done["visits"] * aim // (days * 100)),
                    new_customers=max(2, done["new_customers"] * aim // (days * 100)),
                    deal_amount=_round(Decimal(done["order_amount"]) * aim / (days * 100)),
                    received_amount=_round(Decimal(done["payment_amount"]) * aim / (days * 100)),
                    state="approved" if approved else "draft",
                    approved_at=at if approved else None,
                    created_at=at,
                    created_by=rep.id,
                )
            )
    return rows


def _round(amount: Decimal) -> Decimal:
    """Whole thousands, as one agrees on them."""
    return max(Decimal(10_000), amount.quantize(Decimal("1E3"))).quantize(Decimal("0.01"))
