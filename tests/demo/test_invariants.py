"""What was loaded in bulk is what the commands would have left."""

import asyncio
from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from media.store import BlobStore
from media.tokens import TimeTokens
from server.app import secret_of
from server.catalog.models import Product
from server.catalog.pricing import prices_for
from server.customers.duplicates import keys_of_customer
from server.customers.models import Contact, Customer, CustomerShare
from server.customers.tables import customer_key
from server.database import CommandSession, write_engine
from server.demo.stages import ZONE
from server.followups.models import ContactRecord, Opportunity
from server.orders.models import Order, OrderLine, Payment
from server.orders.service import debt_of, deposit_of, is_paid_and_booked, sales_of
from server.people.logins import load_actor
from server.people.models import Employee
from server.photos.intake import judging_context
from server.photos.models import Photo, blob
from server.photos.service import TIME_TOKENS, judge_photo
from server.records import audit
from server.records.numbering import running_number
from server.records.record import records
from server.records.visibility import visible
from server.settings import Settings
from server.visits.completeness import lacking
from server.visits.models import Visit, VisitType
from server.visits.service import roll_up
from server.worklogs.models import ReportComment, ReportReader, WorkReport
from server.worklogs.periods import Period, period_of
from server.worklogs.service import count
from sync.schema import access, change_log
from tests.demo.conftest import Demo


def test_totals_of_customers_are_what_the_order_service_computes(session: Session):
    for customer in session.scalars(select(Customer)):
        assert customer.sales_total == sales_of(session, customer.id), customer.name
        assert customer.debt_total == debt_of(session, customer.id), customer.name
        assert customer.deposit_total == deposit_of(session, customer.id) >= 0, customer.name
        if customer.sales_total > 0:
            assert (customer.customer_status, customer.lead_stage) == ("dealt", "existing")


def test_nobody_is_over_the_credit_limit_unless_it_is_held(session: Session):
    for customer in session.scalars(select(Customer).where(Customer.credit_limit.is_not(None))):
        assert customer.credit_limit is not None
        assert customer.debt_total <= customer.credit_limit


def test_amounts_of_orders_add_up(session: Session):
    goods: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str | None, Decimal] = defaultdict(Decimal)
    for order_id, total in session.execute(
        select(OrderLine.order_id, func.sum(OrderLine.subtotal)).group_by(OrderLine.order_id)
    ):
        goods[order_id] = total
    for paid_for, total in session.execute(
        select(Payment.order_id, func.sum(Payment.amount)).group_by(Payment.order_id)
    ):
        paid[paid_for] = total
    for order in session.scalars(select(Order)):
        assert order.goods_total == goods[order.id]
        assert order.payable == order.goods_total + order.freight
        assert order.paid == paid[order.id]
        owed = -order.paid if order.state == "cancelled" else order.payable - order.discount - order.paid
        assert order.debt == owed
        if order.settlement_mode == "cash" and order.state != "pending":
            assert is_paid_and_booked(session, order)


def test_prices_are_the_company_s(session: Session):
    orders = session.scalars(select(Order).order_by(Order.id).limit(40)).all()
    products = {product.id: product for product in session.scalars(select(Product))}
    for order in orders:
        prices = prices_for(session, products.values(), session.get_one(Customer, order.customer_id))
        for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id)):
            assert (line.price, line.price_reason) == prices[line.product_id][:2]


def test_visits_are_counted_on_the_customer_file(session: Session):
    done: dict[str, list[Visit]] = defaultdict(list)
    for visit in session.scalars(select(Visit).where(Visit.state == "done").order_by(Visit.checked_in_at)):
        done[visit.customer_id].append(visit)
    for customer in session.scalars(select(Customer)):
        visits = done[customer.id]
        assert customer.visit_count == len(visits)
        assert customer.last_visit_at == (visits[-1].checked_in_at if visits else None)


def test_what_was_said_last_is_the_customers(session: Session):
    """Visits and what people wrote, one after the other, leave last contact, appointment and stage as the commands would."""
    told: dict[str, list[tuple[datetime, datetime | None, str | None]]] = defaultdict(list)
    for visit in session.scalars(select(Visit).where(Visit.state == "done")):
        assert visit.checked_in_at is not None
        told[visit.customer_id].append((visit.checked_in_at, visit.next_contact_at, visit.sales_stage_id))
    for record in session.scalars(select(ContactRecord).where(~ContactRecord.automatic)):
        told[record.customer_id].append((record.contacted_at, record.next_contact_at, record.sales_stage_id))
    for customer in session.scalars(select(Customer).where(Customer.id.in_(list(told)))):
        due: datetime | None = None
        stage: str | None = None
        for at, following, said in sorted(told[customer.id], key=lambda one: one[0]):
            due = following or (None if due is not None and due <= at else due)
            stage = said or stage
        assert customer.last_contact_at == max(at for at, _, _ in told[customer.id])
        assert customer.next_contact_at == due, customer.name
        assert stage is None or customer.sales_stage_id == stage


def test_records_speak_of_their_customers_people_and_opportunities(session: Session):
    contacts = {row.id: row.customer_id for row in session.scalars(select(Contact))}
    chances = {row.id: row for row in session.scalars(select(Opportunity))}
    shared = {(row.customer_id, row.employee_id) for row in session.scalars(select(CustomerShare))}
    owners = {row.id: row.owner_id for row in session.scalars(select(Customer))}
    about = set()
    for record in session.scalars(select(ContactRecord).where(~ContactRecord.automatic)):
        assert contacts[record.contact_id or ""] == record.customer_id
        assert owners[record.customer_id] == record.clerk_id
        assert record.next_person_id is None or (record.customer_id, record.next_person_id) in shared
        if record.opportunity_id is not None:
            chance = chances[record.opportunity_id]
            about.add(chance.id)
            assert chance.customer_id == record.customer_id
            assert chance.created_at <= record.contacted_at
            assert chance.closed_at is None or record.contacted_at <= chance.closed_at
    assert about == set(chances)
    for chance in chances.values():
        assert (chance.state == "open") == (chance.closed_at is None) == (chance.close_reason is None)


def test_evidence_of_visits_is_what_their_photos_say(session: Session):
    photos: dict[str, list[Photo]] = defaultdict(list)
    for photo in session.scalars(select(Photo)):
        photos[photo.visit_id or ""].append(photo)
    for visit in session.scalars(select(Visit)):
        stored = (visit.evidence, visit.evidence_score, visit.photo_count)
        roll_up(visit, photos[visit.id])
        assert (visit.evidence, visit.evidence_score, visit.photo_count) == stored


def test_order_numbers_have_no_gaps(session: Session):
    for column, prefix in ((Order.order_no, "XS"), (Customer.customer_no, "CT"), (Product.product_no, "PD")):
        serials: dict[str, list[int]] = defaultdict(list)
        for number in session.scalars(select(column)):
            assert number is not None
            serials[number[2:10]].append(int(number[10:]))
        counters = session.execute(select(running_number).where(running_number.c.prefix == prefix))
        assert {f"{line.day:%Y%m%d}": line.last for line in counters} == {day: len(s) for day, s in serials.items()}
        for day, found in serials.items():
            assert sorted(found) == list(range(1, len(found) + 1)), day


def test_every_row_has_its_line_in_the_change_log(session: Session):
    logged = {
        (line.type, line.row_id): line.root
        for line in session.execute(select(change_log).where(change_log.c.op == "w"))
    }
    for record in records():
        for row in session.scalars(select(record)):
            assert logged.pop((record.__tablename__, row.id)) == row.root()
    assert not logged


def test_every_row_tells_who_made_it(session: Session):
    for record in records():
        rows = {row.id for row in session.scalars(select(record))}
        told = set(
            session.scalars(
                select(audit.audit_trail.c.row_id).where(audit.audit_trail.c.type == record.__tablename__)
            )
        )
        assert rows <= told, record.__tablename__


def test_duplicate_keys_are_there(session: Session):
    stored: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in session.execute(select(customer_key)):
        stored[line.customer_id].add((line.kind, line.value))
    for customer in session.scalars(select(Customer)):
        assert stored[customer.id] == keys_of_customer(customer)


def test_reports_say_what_the_server_counts(session: Session):
    reports = session.scalars(select(WorkReport).order_by(WorkReport.id.desc()).limit(60)).all()
    for report in reports:
        period = Period(report.period_start, report.period_end)
        assert report.counts == count(session, report.author_id, period, ZONE)
        comments = select(func.count()).where(ReportComment.report_id == report.id)
        assert report.comment_count == session.scalar(comments)
        assert (report.period_start, report.period_end) == (
            period_of(report.kind, report.report_date).start,
            period.end,
        )
        readers = session.scalars(select(ReportReader).where(ReportReader.report_id == report.id)).all()
        assert {one.reader_id for one in readers if one.addressed} == set(report.report_to or ())
        commenters = select(ReportComment.commenter_id).where(ReportComment.report_id == report.id)
        assert set(session.scalars(commenters)) == {one.reader_id for one in readers if one.read_at is not None}


def test_a_device_holds_what_its_owner_may_see(demo: Demo):
    rep = demo.sign_in("rep1")
    rep.pull()
    with Session(demo.engine) as session:
        actor = load_actor(session, rep.id)
        assert actor is not None
        served = visible(actor, Customer) & Customer.owner_id.is_not(None)
        wanted = set(session.scalars(select(Customer.id).where(served)))
        shared = set(session.scalars(select(CustomerShare.customer_id).where(CustomerShare.employee_id == rep.id)))
        roots = set(session.scalars(select(access.c.root).where(access.c.employee_id == rep.id, access.c.live)))
        assert {f"customer:{row_id}" for row_id in wanted} <= roots
        assert shared <= wanted
        for record in (Visit, Order, Photo):
            mine = set(session.scalars(select(record.id).where(record.customer_id.in_(wanted))))
            assert set(rep.cache.get(record.__tablename__, {})) == mine
    assert set(rep.cache["customer"]) == wanted
    assert wanted


def test_rep_of_one_city_holds_nothing_of_another(demo: Demo):
    with Session(demo.engine) as session:
        names = {row.username: row.id for row in session.scalars(select(Employee))}
        first, last = names["rep1"], names[f"rep{len([n for n in names if n.startswith('rep')])}"]
        held = {
            name: set(session.scalars(select(access.c.root).where(access.c.employee_id == name)))
            for name in (first, last)
        }
        shared = {f"customer:{row_id}" for row_id in session.scalars(select(CustomerShare.customer_id))}
    common = {root for root in held[first] & held[last] if not root.startswith(("saved_view:", "notice:"))}
    assert common - shared == {"company"}


def test_photos_are_judged_again_as_they_were(built: Settings):
    engine = write_engine(built.database_url)
    tokens = TimeTokens(secret_of(built.data))
    with CommandSession(engine) as session:
        session.info[TIME_TOKENS] = tokens
        photos = session.scalars(select(Photo).order_by(Photo.sha256).limit(60)).all()
        for photo in photos:
            before = {name: getattr(photo, name) for name in (
                "verdict", "score", "reasons", "time_certainty", "width", "height", "size", "uploaded_at", "lat", "lng",
                "accuracy", "distance",
            )}  # fmt: skip
            judge_photo(judging_context(session, photo.created_at), photo)
            assert {name: getattr(photo, name) for name in before} == before
        session.rollback()
    engine.dispose()


def test_bytes_of_photos_are_in_the_store(built: Settings, session: Session):
    known = set(session.scalars(select(blob.c.sha256)))
    assert known == set(session.scalars(select(Photo.sha256)))

    async def look() -> set[str]:
        store = BlobStore.open(built.blob_location)
        for sha256 in sorted(known)[:10]:
            assert await store.verify(sha256) == "ok"
            assert await store.head("large", sha256) is not None
            assert await store.head("small", sha256) is not None
        return {name async for name in store.hashes()}

    assert asyncio.run(look()) == known


def test_what_visits_lack_is_what_their_type_asks_for(session: Session):
    needs: dict[str | None, list[dict[str, int]]] = {row.id: row.photos for row in session.scalars(select(VisitType))}
    needs[None] = session.scalars(select(VisitType.photos).where(VisitType.is_default)).one()
    assert (
        len({tuple((need["kind"], need["required"]) for need in photos) for photos in needs.values()}) == 3
    )  # None is the default
    taken: dict[str, list[str]] = defaultdict(list)
    for photo in session.scalars(select(Photo)):
        taken[photo.visit_id or ""].append(photo.kind_id or photo.kind)
    seen = set[str | None]()
    for visit in session.scalars(select(Visit).where(Visit.missing_photos.is_not(None))):
        seen.add(visit.visit_type_id)
        assert visit.state == "done"
        assert visit.missing_photos == lacking(needs[visit.visit_type_id], taken[visit.id])
    assert len(seen) > 1
    assert session.scalar(select(func.count()).select_from(Visit).where(Visit.missing_photos > 0))
