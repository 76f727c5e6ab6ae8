"""Arranges a rep's day on the demo company, whatever the hour at which the test runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.office import Office

_ZONE = ZoneInfo("Asia/Shanghai")
#: Longer than the chapters of a file take together on a machine that has other things to do.
_A_STORY = timedelta(minutes=4)


def today() -> str:
    """The company's day. Asked when it is needed: between the start of a run and its last chapter midnight may lie."""
    return datetime.now(_ZONE).date().isoformat()


def wait_for_midnight() -> None:
    """A story is of one day: within minutes of its end none is begun."""
    now = datetime.now(_ZONE)
    midnight = datetime.combine(now.date() + timedelta(days=1), clock(), _ZONE)
    if midnight - now < _A_STORY:
        sleep((midnight - now).total_seconds() + 1)


def free_the_day(rep: Office) -> None:
    """Nothing is planned for today, no visit is running and the schedule is empty: the demo's own diary depends on the hour."""
    for visit in rep.all("visits", visitor_id=rep.id, state="open"):
        rep.do("visit.check_out", id=visit["id"], at=datetime.now(UTC).isoformat())
    for visit in rep.all("visits", visitor_id=rep.id, state="planned", planned_on=today()):
        rep.do("visit.drop", id=visit["id"])
    for entry in rep.all("schedule-entries", person_id=rep.id):
        rep.do("schedule_entry.delete", id=entry["id"])


def shop_with_credit(rep: Office, *, nth: int = 0) -> dict[str, Any]:
    """One of his customers, on the map, that may buy on credit for at least ¥2,000 more."""

    def left(row: dict[str, Any]) -> Decimal:
        if row["credit_limit"] is None:
            return Decimal(10**6)
        return Decimal(row["credit_limit"]) - Decimal(row["debt_total"])

    shops = [
        row
        for row in rep.all("customers", owner_id=rep.id, enabled="true", sort="customer_no")
        if row["geo_lat"] is not None and row["settlement_mode"] == "credit" and left(row) > 2000
    ]
    return shops[nth]
