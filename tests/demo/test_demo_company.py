"""What somebody finds who plays with the demo company, and how it is made, kept and thrown away."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from server.catalog.models import Product, ProductCategory
from server.customers.models import Contact, Customer, CustomerShare
from server.demo.build import NotADemo, build_demo, describe_accounts, has_company, reset
from server.demo.calendar import Calendar
from server.demo.places import CITIES, house
from server.demo.stages import ZONE
from server.followups.models import (
    COMPLAINT_STATES,
    CONTACT_KINDS,
    Complaint,
    ContactRecord,
    Opportunity,
    TrialAccount,
)
from server.orders.models import ORDER_STATES, Order, Payment
from server.people.models import Device, Employee
from server.photos.models import Photo
from server.records.record import records
from server.settings import Settings
from server.visits.models import Visit
from server.worklogs.models import ReportComment, WorkReport
from tests.demo.conftest import NOW, SMALL, Demo, settings_in
from tests.support.world import Refused, build_company

TODAY = NOW.astimezone(ZONE).date()


def counts(session: Session) -> dict[str, int]:
    return {
        record.__tablename__: session.scalar(select(func.count()).select_from(record)) or 0 for record in records()
    }


def fingerprint(settings: Settings) -> dict[str, object]:
    """What two builds must have in common; only ids made by the founding commands differ."""
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        found: dict[str, object] = {
            "counts": counts(session),
            "names": sorted(session.execute(select(Customer.customer_no, Customer.name, Customer.mobile)).all()),
            "orders": sorted(session.execute(select(Order.order_no, Order.payable, Order.debt, Order.state)).all()),
            "photos": sorted(session.execute(select(Photo.sha256, Photo.verdict)).all()),
            "visits": sorted(str(at) for at in session.scalars(select(Visit.checked_in_at))),
        }
    engine.dispose()
    return found


# -- making, keeping, throwing away


@pytest.mark.slow
@pytest.mark.skipif(not SMALL, reason="builds a second company to compare")
def test_same_seed_and_moment_give_the_same_company(built: Settings, tmp_path: Path):
    again = settings_in(tmp_path)
    build_demo(again, seed=1, small=True, now=NOW)
    assert fingerprint(again) == fingerprint(built)


@pytest.mark.slow
def test_another_seed_gives_another_company(built: Settings, tmp_path: Path):
    other = settings_in(tmp_path)
    build_demo(other, seed=2, small=True, now=NOW)
    assert fingerprint(other)["names"] != fingerprint(built)["names"]


def test_second_start_keeps_what_is_there(built: Settings):
    before = fingerprint(built)
    assert not build_demo(built, seed=7, small=True)
    assert fingerprint(built) == before


def test_accounts_are_told(built: Settings):
    told = describe_accounts(built)
    assert "http://127.0.0.1:8000" in told
    assert "xunke-demo" in told
    assert "rep1 " in told
    assert "李经理，销售经理" in told
    assert "陈内勤，内勤" in told


@pytest.mark.slow
def test_reset_starts_over(tmp_path: Path):
    settings = settings_in(tmp_path)
    build_demo(settings, small=True, now=NOW)
    reset(settings)
    assert not has_company(settings)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_build_that_was_cut_short_can_be_reset_and_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def power_cut(*given: object) -> None:
        raise KeyboardInterrupt

    settings = settings_in(tmp_path)
    monkeypatch.setattr("server.demo.stages.make_trouble", power_cut)
    with pytest.raises(KeyboardInterrupt):
        build_demo(settings, small=True, now=NOW)
    monkeypatch.undo()
    assert not has_company(settings)
    assert build_demo(settings, small=True, now=NOW)


def test_somebodys_own_company_is_not_thrown_away(tmp_path: Path):
    settings = settings_in(tmp_path)
    build_company(settings.database_url)
    with pytest.raises(NotADemo):
        reset(settings)
    assert has_company(settings)
    assert "xunke-demo" not in describe_accounts(settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 11, 22, 16, 5, tzinfo=UTC), id="five past midnight"),
        pytest.param(datetime(2026, 11, 21, 21, 10, tzinfo=UTC), id="early on a Sunday"),
        pytest.param(datetime(2026, 12, 31, 15, 50, tzinfo=UTC), id="just before midnight of new year"),
        pytest.param(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), id="at nine on a Monday"),
    ],
)
def test_it_can_be_built_at_any_hour(now: datetime, tmp_path: Path):
    settings = settings_in(tmp_path)
    assert build_demo(settings, small=True, now=now)
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        for column in (Visit.checked_in_at, Visit.checked_out_at, Photo.taken_at, Order.ordered_at, Payment.paid_at,
                       WorkReport.submitted_at, ContactRecord.contacted_at, Opportunity.created_at, Opportunity.closed_at,
                       Complaint.reported_at, Complaint.answered_at, Complaint.closed_at,
                       ReportComment.created_at, Customer.created_at, Visit.created_at):  # fmt: skip
            latest = session.scalar(select(func.max(column)))
            assert latest is None or latest <= now, column
    engine.dispose()


def test_company_is_the_same_on_both_databases(built: Settings, engine_url: str, tmp_path: Path):
    settings = settings_in(tmp_path, engine_url)
    assert build_demo(settings, small=True, now=NOW)
    if SMALL:
        assert fingerprint(settings)["counts"] == fingerprint(built)["counts"]
    assert not build_demo(settings, small=True, now=NOW)
    assert "rep1" in describe_accounts(settings)


# -- what is there


def test_size(session: Session):
    found = counts(session)
    if SMALL:
        assert found["customer"] >= 56
        assert found["product"] == 20
    else:
        assert 2950 <= found["customer"] <= 3050
        assert found["product"] == 200
        assert found["employee"] == 17
        assert found["visit"] > 5000
        assert found["photo"] > 800
    assert session.scalar(
        select(func.count()).select_from(ProductCategory).where(ProductCategory.parent_id.is_(None))
    )


def test_people_have_departments_and_supervisors(session: Session):
    people = {row.username: row for row in session.scalars(select(Employee))}
    assert people["manager"].real_name == "李经理"
    assert people["rep1"].supervisor_id == people["manager"].id
    assert people["rep1"].department_id == people["manager"].department_id
    assert people["clerk"].department_id != people["manager"].department_id
    assert people["manager2"].supervisor_id == people["manager"].id
    phones = session.scalars(select(Device.employee_id)).all()
    assert sorted(phones) == sorted(row.id for name, row in people.items() if name.startswith("rep"))


def test_everybody_works_when_people_work_and_never_in_the_future(session: Session):
    for visit in session.scalars(select(Visit).where(Visit.checked_in_at.is_not(None))):
        start = visit.checked_in_at
        assert start is not None
        local = start.astimezone(ZONE)
        assert 8 <= local.hour < 18, local
        assert local.weekday() < 6 or local.date() == TODAY
        assert start <= NOW
        assert visit.checked_out_at is None or start < visit.checked_out_at <= NOW
        assert visit.received_at is not None
        assert start <= visit.received_at <= NOW or visit.planned_on is not None
    for order in session.scalars(select(Order)):
        steps = [order.ordered_at, order.approved_at, order.shipped_at, order.completed_at]
        known = [step for step in steps if step is not None]
        assert known == sorted(known)
        assert known[-1] <= NOW


def test_nobody_is_at_two_places_at_once(session: Session):
    suspects = set(session.scalars(select(Visit.id).where(Visit.evidence == "suspect")))
    visits = session.scalars(
        select(Visit).where(Visit.checked_out_at.is_not(None)).order_by(Visit.visitor_id, Visit.checked_in_at)
    ).all()
    honest = [visit for visit in visits if visit.id not in suspects]
    for one, following in pairwise(honest):
        if one.visitor_id == following.visitor_id:
            assert one.checked_out_at is not None
            assert following.checked_in_at is not None
            assert one.checked_out_at <= following.checked_in_at


def test_today_is_alive(session: Session):
    def visits(*conditions: object) -> int:
        return session.scalar(select(func.count()).select_from(Visit).where(*conditions)) or 0  # type: ignore[arg-type]

    midnight = datetime.combine(TODAY, datetime.min.time(), ZONE).astimezone(UTC)
    reps = session.scalars(select(Employee.id).where(Employee.username.like("rep%"))).all()
    for rep in reps:
        assert visits(Visit.visitor_id == rep, Visit.checked_in_at >= midnight) > 0
        assert visits(Visit.visitor_id == rep, Visit.planned_on == TODAY) > 0
        assert visits(Visit.visitor_id == rep, Visit.planned_on == TODAY + timedelta(days=1)) > 0
    assert session.scalar(select(func.count()).select_from(Photo).where(Photo.taken_at >= midnight))


def test_there_is_something_of_everything(session: Session):
    def has(*conditions: object) -> bool:
        return bool(session.scalar(select(func.count()).select_from(Customer).where(*conditions)))  # type: ignore[arg-type]

    assert has(Customer.last_visit_at < NOW - timedelta(days=7)) or SMALL
    assert has(Customer.last_visit_at.is_(None)) or not SMALL
    assert has(Customer.debt_total > 0)
    assert has(Customer.deposit_total > 0, Customer.prepay_allowed)
    assert has(Customer.next_contact_at.is_not(None))
    assert has(Customer.storefront_photo.is_not(None))
    states = set(session.scalars(select(Order.state)))
    assert states == set(ORDER_STATES) or SMALL
    assert {"pending", "completed"} <= states
    assert session.scalar(select(func.count()).select_from(WorkReport))
    assert session.scalar(select(func.count()).select_from(ReportComment))
    assert session.scalar(select(func.count()).select_from(Contact).where(Contact.is_primary.is_(False)))
    stages = {row.stage_id for row in session.scalars(select(Opportunity).where(Opportunity.state == "open"))}
    assert len(stages) == 4
    assert set(session.scalars(select(Opportunity.state))) == {"open", "won", "lost"}
    assert set(session.scalars(select(Complaint.state))) == set(COMPLAINT_STATES) or SMALL
    assert {"pending", "open", "expired", "closed"} <= set(session.scalars(select(TrialAccount.state)))
    assert {"week", "week_plan", "month_plan", "day"} <= set(session.scalars(select(WorkReport.kind)))
    assert set(session.scalars(select(ContactRecord.kind))) == set(CONTACT_KINDS) or SMALL
    if not SMALL:
        assert "month" in set(session.scalars(select(WorkReport.kind)))
        assert session.scalar(select(func.count()).select_from(WorkReport).where(WorkReport.asks))
        assert has(Customer.owner_id.is_(None))
        assert session.scalar(select(func.count()).select_from(CustomerShare))
        assert session.scalar(select(func.count()).select_from(Product).where(Product.on_shelf.is_(False)))


def test_every_rep_has_contacts_that_are_due_and_the_manager_has_what_to_read(demo: Demo):
    """Nobody who looks at the lists of due contacts, reports, targets and views finds them empty."""
    manager = demo.sign_in("manager")
    midnight = datetime.combine(TODAY, datetime.min.time(), ZONE)
    for number in range(1, 3):
        rep = demo.sign_in(f"rep{number}")
        mine = {"contact_by": rep.id, "next_contact_at__empty": "0"}
        late = rep.get("/api/customers", **mine, next_contact_at__lt=midnight.isoformat())["items"]
        soon = rep.get("/api/customers", **mine, next_contact_at__ge=midnight.isoformat())["items"]
        assert late
        assert soon
        assert rep.get("/api/opportunities", state="open", owner_id=rep.id)["items"]
        assert {view["name"] for view in rep.get("/api/saved-views")["items"]} >= {"本周要联系的", "快成交的商机"}
    # Who signs in as rep1 has the last week's report still to write; somebody's is there.
    last = manager.get("/api/report-rounds", kind="week", day=str(TODAY - timedelta(days=7)))
    assert last["missing"] > 0
    assert any(one["report_id"] for one in last["people"])
    assert len(manager.get("/api/saved-views")["items"]) == 5
    [view] = [one for one in manager.get("/api/saved-views")["items"] if one["name"] == "快成交的商机"]
    assert manager.get("/api/opportunities", **view["filters"])["items"]


def test_work_that_waits_for_a_decision(demo: Demo):
    manager, clerk = demo.sign_in("manager"), demo.sign_in("clerk")
    held = clerk.get("/api/orders", hold_reason="credit_exceeded")["items"]
    assert [row["state"] for row in held] == ["pending"]
    conflicts = clerk.get("/api/conflicts", state="open")["items"]
    assert {row["field"] for row in conflicts} == {"address", "mobile"}
    suspects = manager.get("/api/visits", evidence="suspect")["items"]
    assert len(suspects) == 1
    [photo] = manager.get("/api/photos", visit_id=suspects[0]["id"])["items"]
    assert {"exif_other_capture", "far_from_customer", "seen_before"} <= {found["code"] for found in photo["reasons"]}
    clerk.do("conflict.resolve", id=conflicts[0]["id"], resolution="mine")
    clerk.do("order.release", id=held[0]["id"], decision="approve")


def test_new_work_goes_on_after_the_loaded(demo: Demo):
    rep = demo.sign_in("rep1")
    [product] = rep.get("/api/products", on_shelf="true", limit=1)["items"]
    [customer] = rep.get("/api/customers", owner_id=rep.id, settlement_mode="cash", limit=1)["items"]
    lines = [{"id": "0193a000-0000-7000-8000-000000000001", "product_id": product["id"], "quantity": "1"}]
    placed = rep.do("order.place", id="0193a000-0000-7000-8000-000000000002", customer_id=customer["id"], lines=lines)
    assert placed["result"]["order_no"].startswith("XS")
    with pytest.raises(Refused) as refused:
        rep.create("customer", name=customer["name"], mobile="13900001234")
    assert refused.value.code == "duplicate"


def test_streets_stay_inside_their_district():
    for city in CITIES:
        for district in city.districts:
            for street in range(len(district.streets)):
                for number in range(1, 281, 9):
                    lat, lng = house(district, street, number)
                    assert abs(lat - district.lat) < 0.02
                    assert abs(lng - district.lng) < 0.024


def test_sunday_is_a_day_off_unless_it_is_today():
    sunday = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    days = Calendar(sunday, ZONE, 14).working_days()
    assert date(2026, 11, 22) in days
    assert date(2026, 11, 15) not in days
