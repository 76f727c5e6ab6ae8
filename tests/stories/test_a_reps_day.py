"""A rep works a whole day without network; in the evening everything arrives at once and the manager sees it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from tests.orders.trade import line, product
from tests.support.fieldwork import check_in, codes, new_shop, shoot, shop_values, upload
from tests.support.world import Person, World

ZONE = ZoneInfo("Asia/Shanghai")


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def business_day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def this_morning() -> datetime:
    """Fifty minutes ago, or late last evening where midnight has been since: all of it on one business day."""
    now = datetime.now(UTC)
    start = now - timedelta(minutes=50)
    if business_day(start) == business_day(now):
        return start
    midnight = datetime.combine(business_day(now), datetime.min.time(), ZONE)
    return midnight.astimezone(UTC) - timedelta(hours=2)


def test_the_whole_day_in_one_push(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    goods, stage = product(world, price="12.00"), world.option("sales_stage", "报价")
    known = new_shop(rep, "王记超市")
    start = this_morning()
    day = business_day(start)

    # In the morning, still in the office: the plan and the last pull.
    visit_id = uuid7()
    rep.do("visit.plan", id=visit_id, customer_id=known, planned_on=day.isoformat(), plan_note="谈陈列")
    rep.pull()
    assert rep.cache["visit"][visit_id]["state"] == "planned"
    pulled = start - timedelta(minutes=5)
    token = world.app.state.services.tokens.issue(rep.device_id, pulled)  # what a pull of that time gave him

    # Offline: the planned visit with photo, order and money, …
    arrive = check_in(rep, known, start, id=visit_id)
    shot = shoot(
        rep,
        visit_id,
        known,
        at=start + timedelta(minutes=2),
        time_token=token,
        token_issued=pulled,
        needs=[arrive["id"]],
    )
    order_id, payment_id = uuid7(), uuid7()
    order = rep.op(
        "order.place",
        {"id": order_id, "customer_id": known, "visit_id": visit_id, "lines": [line(goods, "10", "12.00")]},
        at=start + timedelta(minutes=10),
    )
    paid_at = start + timedelta(minutes=15)
    money = rep.op(
        "payment.record",
        {"id": payment_id, "order_id": order_id, "amount": "100.00", "paid_at": paid_at.isoformat()},
        needs=[order["id"]],
    )
    notes = rep.op(
        "visit.edit", {"id": visit_id, "set": {"content": [None, "陈列两层"], "sales_stage_id": [None, stage]}}
    )
    leave = rep.op("visit.check_out", {"id": visit_id, "at": (start + timedelta(minutes=20)).isoformat()})
    # … a shop he found on the way, and the report.
    new_id = uuid7()
    found = rep.op("customer.create", {"id": new_id, "values": shop_values("新开的便利店")})
    second = check_in(rep, new_id, start + timedelta(minutes=30))
    second["needs"] = [found["id"]]
    gone = rep.op(
        "visit.check_out",
        {"id": second["args"]["id"], "at": (start + timedelta(minutes=40)).isoformat()},
        needs=[second["id"]],
    )
    report_id = uuid7()
    report = rep.op(
        "report.submit",
        {
            "id": report_id,
            "kind": "day",
            "report_date": day.isoformat(),
            "summary": "两家，成交一单",
            "next_plan": "送货",
            "next_customers": [known],
        },
    )

    ops = [arrive, shot.op, order, money, notes, leave, found, second, gone, report]
    assert statuses(rep.push(*ops)) == ["applied"] * len(ops)
    assert rep.push(*ops) == rep.push(*ops)  # the answer was lost, the phone sends it all again
    assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201

    # The phone has it all after a pull.
    rep.pull()
    visit, customer = rep.cache["visit"][visit_id], rep.cache["customer"][known]
    assert (visit["state"], visit["duration_seconds"], visit["photo_count"]) == ("done", 1200, 1)
    assert (visit["evidence"], rep.cache["photo"][shot.id]["time_certainty"]) == ("verified", "exact")
    assert (customer["visit_count"], customer["sales_stage_id"]) == (1, stage)
    assert rep.cache["order"][order_id]["order_no"].startswith("XS")
    counts = rep.cache["work_report"][report_id]["counts"]
    assert (counts["visits"], counts["orders"], counts["order_amount"]) == (2, 1, "120.00")
    assert (counts["payments"], counts["payment_amount"]) == (1, "100.00")
    planned = [row for row in rep.cache["visit"].values() if row["state"] == "planned"]
    assert [(row["customer_id"], row["planned_on"]) for row in planned] == [
        (known, (day + timedelta(days=1)).isoformat())
    ]

    # The manager sees the day, and what he says reaches the phone.
    team = manager.get("/api/team/today", day=day.isoformat())
    [mine] = [person for person in team["reps"] if person["employee_id"] == rep.id]
    numbers = mine["numbers"]
    assert (numbers["planned"], numbers["planned_done"], numbers["visits"]) == (1, 1, 2)
    assert (numbers["order_amount"], numbers["payment_amount"]) == ("120.00", "100.00")
    assert mine["report_id"] == report_id
    events = manager.get(f"/api/team/{rep.id}/day", day=day.isoformat())["events"]
    kinds = [event["kind"] for event in events if event["kind"] != "customer"]
    assert kinds == ["check_in", "photo", "order", "payment", "check_out", "gap", "check_in", "check_out"]
    assert manager.client.get(f"/media/v1/photos/{shot.id}/large").status_code == 200
    comment_id = uuid7()
    manager.do("report.comment", id=comment_id, report_id=report_id, text="陈列拍照很好")
    rep.pull()
    assert rep.cache["report_comment"][comment_id]["commenter_id"] == manager.id


HONEST: dict[str, dict[str, Any]] = {
    "no fix in the cellar": {"place": None},
    "a weak fix": {"accuracy_m": 900.0},
    "the browser was restarted": {"token_issued": None},
    "before the first pull": {"time_token": None, "token_issued": None},
    "from the gallery": {"source": "gallery"},
    "clock five minutes fast": {"at": timedelta(minutes=5)},
    "clock five minutes slow": {"at": -timedelta(minutes=5)},
}


@pytest.mark.parametrize("trouble", HONEST)
def test_an_honest_rep_in_trouble_is_never_suspect(world: World, trouble: str) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.pull()
    more = dict(HONEST[trouble])
    if "at" in more:
        more["at"] = datetime.now(UTC) + more["at"]
    arrive = check_in(rep, shop)
    photo = _hand_in(rep, arrive, shoot(rep, arrive["args"]["id"], shop, **more))
    assert photo["verdict"] in ("verified", "unverified"), codes(photo)


FORGED: dict[str, dict[str, Any]] = {
    "taken at home": {"place": (36.2, 120.6)},
    "yesterday's clock": {"at": -timedelta(days=1)},
    "tomorrow's clock": {"at": timedelta(days=1)},
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_photo_is_kept_flagged_and_shown_to_the_manager(world: World, forgery: str) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    rep.pull()
    more = dict(FORGED[forgery])
    if "at" in more:
        more["at"] = datetime.now(UTC) + more["at"]
    arrive = check_in(rep, shop)
    photo = _hand_in(rep, arrive, shoot(rep, arrive["args"]["id"], shop, **more))
    assert photo["verdict"] == "suspect"
    assert photo["reasons"]
    visit = manager.get(f"/api/visits/{arrive['args']['id']}")
    assert (visit["evidence"], visit["state"]) == ("suspect", "open")
    suspects = manager.get("/api/photos", verdict="suspect", overruled_to__empty="1")["items"]
    assert [row["id"] for row in suspects] == [photo["id"]]
    manager.do("photo.overrule", id=photo["id"], verdict="verified", note="已核实")
    rep.pull()
    assert rep.cache["visit"][arrive["args"]["id"]]["evidence"] == "verified"


def _hand_in(rep: Person, arrive: dict[str, Any], shot: Any) -> dict[str, Any]:
    """Arrival, photo and bytes; the photo as the phone then holds it."""
    assert statuses(rep.push(arrive, shot.op)) == ["applied", "applied"]
    assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    rep.pull()
    photo: dict[str, Any] = rep.cache["photo"][shot.id]
    return photo


def test_report_numbers_follow_the_rest_of_the_day(world: World) -> None:
    """The report went through at the edge of coverage; the visits, the order and the money came hours later."""
    rep, clerk = world.person("rep"), world.person("clerk")
    goods, shop = product(world, price="10.00"), new_shop(rep)
    now = datetime.now(UTC)
    report_id = uuid7()
    submit = {"id": report_id, "kind": "day", "report_date": business_day(now).isoformat(), "summary": "忙"}
    assert statuses(rep.push(rep.op("report.submit", submit))) == ["applied"]

    def counts() -> dict[str, Any]:
        found: dict[str, Any] = rep.get(f"/api/work-reports/{report_id}")["counts"]
        return found

    assert (counts()["visits"], counts()["orders"]) == (0, 0)
    order_id = uuid7()
    order = rep.op("order.place", {"id": order_id, "customer_id": shop, "lines": [line(goods, "5", "10.00")]})
    money = rep.op("payment.record", {"id": uuid7(), "order_id": order_id, "amount": "50.00"}, needs=[order["id"]])
    assert statuses(rep.push(check_in(rep, shop, now), order, money)) == ["applied"] * 3
    assert (counts()["visits"], counts()["order_amount"], counts()["payment_amount"]) == (1, "50.00", "50.00")

    clerk.do("order.approve", id=order_id)
    clerk.do("order.cancel", id=order_id, reason="客户改主意")
    assert (counts()["orders"], counts()["order_amount"], counts()["payment_amount"]) == (0, "0.00", "50.00")
    rep.pull()
    assert rep.cache["work_report"][report_id]["counts"] == counts()
