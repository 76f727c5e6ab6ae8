"""What the reps did on every working day: planned and unplanned visits, what was said, which photos were taken."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from media.geo import distance_m
from server.customers.models import Customer
from server.customers.service import address_of
from server.demo import words
from server.demo.calendar import AFTER_LUNCH, CLOSES, LUNCH, Calendar
from server.demo.company import Company, Rep
from server.demo.dice import Dice
from server.demo.places import District, moved
from server.demo.sales import Sales
from server.demo.shops import Shop, ShopMaker
from server.visits.models import Visit

#: Visits of these last days all have photos, of earlier ones a sample.
PHOTO_DAYS, PHOTO_SAMPLE = 7, 0.03
_SPEED_M_PER_MINUTE = 380.0
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Shot:
    """A photo to be made. `trouble`: what keeps an honest photo from being verified, if anything."""

    visit: Visit
    rep: Rep
    customer: Customer
    kind: str
    taken_at: datetime
    received_at: datetime
    synced_at: datetime
    place: tuple[float, float]
    accuracy_m: float
    trouble: str | None


@dataclass(slots=True)
class Day:
    """One rep's working day, as the daily report needs it."""

    rep: Rep
    day: date
    district: District
    visits: list[Visit] = field(default_factory=list)
    planned_next: list[str] = field(default_factory=list)
    orders: int = 0


class Diary:
    """Goes through the days of one rep after the other."""

    def __init__(self, dice: Dice, company: Company, maker: ShopMaker, sales: Sales, calendar: Calendar) -> None:
        self._dice = dice
        self._company = company
        self._maker = maker
        self._sales = sales
        self._calendar = calendar
        self.visits: list[Visit] = []
        self.days: list[Day] = []
        self._found: list[Shop] = []
        self._shots: list[Shot] = []
        self._synced = _NEVER

    def keep(self, rep: Rep, shops: list[Shop], *, new_chance: float) -> tuple[list[Shop], list[Shot]]:
        """All days of a rep, and his plan for tomorrow; returns the customers he found and the photos he took."""
        calendar = self._calendar
        self._found, self._shots, self._synced = [], [], _NEVER
        before: Day | None = None
        for index, day in enumerate(calendar.working_days()):
            page = Day(rep, day, rep.districts[index % len(rep.districts)])
            plan = self._plan(page.district, shops, day)
            evening = self._dice.at(day - timedelta(days=1), 17.9, 20)
            if not calendar.has_come(evening):
                evening = calendar.now - timedelta(hours=8)
            if before is not None and (day - before.day).days == 1:
                before.planned_next = [shop.customer.id for shop in plan]
            self._go(page, shops, [(shop, self._planned(rep, shop, day, evening)) for shop in plan], new_chance)
            self.days.append(page)
            before = page
        tomorrow = calendar.today + timedelta(days=1)
        plan = self._plan(rep.districts[len(calendar.working_days()) % len(rep.districts)], shops, tomorrow)
        for shop in plan:
            self._planned(rep, shop, tomorrow, calendar.now - timedelta(minutes=self._dice.between(5, 55)))
        return self._found, self._shots

    def _plan(self, district: District, shops: list[Shop], day: date) -> list[Shop]:
        """The most overdue customer of the district and those near him that are due, too; a short walk in between."""

        def overdue(shop: Shop) -> float:
            if shop.planned_for is not None and (day - shop.planned_for).days < 2:
                return 0.0  # still on yesterday's plan
            since = 400 if shop.last_visit is None else (day - shop.last_visit).days
            promised = shop.customer.next_contact_at
            is_expected = promised is not None and promised.astimezone(self._calendar.zone).date() <= day
            return since / shop.rhythm_days + (20 if is_expected else 0)

        due = sorted(
            (shop for shop in shops if shop.district is district and overdue(shop) >= 1.0), key=overdue, reverse=True
        )[:24]
        count = self._dice.between(4, 5) if day.weekday() == 5 else self._dice.between(6, 8)
        if len(due) < count:
            rest = [shop for shop in shops if shop.district is district and shop not in due]
            due += sorted(rest, key=overdue, reverse=True)[: count - len(due)]
        route: list[Shop] = []
        while due and len(route) < count:
            here = route[-1].place if route else due[0].place
            nearest = min(due, key=lambda shop, here=here: distance_m(*here, *shop.place))  # type: ignore[misc]
            route.append(nearest)
            due.remove(nearest)
        return route

    def _planned(self, rep: Rep, shop: Shop, day: date, at: datetime) -> Visit:
        at = max(at, shop.customer.created_at)
        shop.planned_for = day
        visit = Visit(
            id=self._dice.id_at(at), customer_id=shop.customer.id, visitor_id=rep.id, state="planned", planned_on=day,
            plan_note=self._dice.pick(words.PLANS) if self._dice.chance(0.3) else None, evidence="none",
            photo_count=0, received_at=at, created_at=at, created_by=rep.id,
        )  # fmt: skip
        self.visits.append(visit)
        return visit

    def _go(self, page: Day, shops: list[Shop], plan: list[tuple[Shop, Visit]], new_chance: float) -> None:
        """Walks through the plan until the day, or the present, ends it."""
        dice, calendar = self._dice, self._calendar
        hour = calendar.begins(page.day)
        clock = dice.at(page.day, hour, 30 if hour == 8.5 else 5)
        noon, after = dice.at(page.day, LUNCH), dice.at(page.day, AFTER_LUNCH, 20)
        closing = dice.at(page.day, CLOSES)
        stops: list[tuple[Shop | None, Visit | None]] = [(shop, visit) for shop, visit in plan]
        if dice.chance(new_chance):
            stops.insert(dice.between(1, max(1, len(stops))), (None, None))
        offline = dice.chance(0.12)
        here: tuple[float, float] | None = None
        for shop, visit in stops:
            if visit is not None and dice.chance(0.1):  # did not get there
                if dice.chance(0.4) and page.day < calendar.today:
                    visit.state = "dropped"
                continue
            found = shop is None
            if shop is None:
                shop = self._maker.make(page.district, page.rep, clock, page.rep.id)
            if here is not None:
                metres = distance_m(*here, *shop.place)
                clock += timedelta(minutes=min(35.0, metres / _SPEED_M_PER_MINUTE) + dice.span(8, 24))
            if calendar.has_lunch(page.day) and noon - timedelta(minutes=12) < clock < after:
                clock = after
            length = timedelta(minutes=dice.span(11, 46), seconds=dice.between(0, 59))
            if clock + length > closing and calendar.has_lunch(page.day):
                break
            if not calendar.has_come(clock + timedelta(minutes=2)):
                break
            if found:
                self._found.append(shop)
                shops.append(shop)
            self._visit(page, shop, visit, clock, clock + length, offline, found)
            here, clock = shop.place, clock + length

    def _visit(
        self, page: Day, shop: Shop, visit: Visit | None, start: datetime, end: datetime, offline: bool, found: bool
    ) -> None:
        dice, rep, customer = self._dice, page.rep, shop.customer
        start, end = start.replace(microsecond=0), end.replace(microsecond=0)
        # Without network the phone keeps everything; it arrives when there is one again.
        lag = timedelta(minutes=dice.between(40, 150)) if offline else timedelta(seconds=dice.between(2, 40))
        received = min(start + lag, self._calendar.now)
        if found:
            customer.created_at, customer.filed_at = received, start
            for row in (*shop.contacts, *shop.terminals):
                row.created_at = received
        if visit is None:
            visit = Visit(
                id=dice.id_at(start), customer_id=customer.id, visitor_id=rep.id, photo_count=0, evidence="none",
                created_at=received, created_by=rep.id,
            )  # fmt: skip
            self.visits.append(visit)
        page.visits.append(visit)
        kind = dice.weighted(self._company.visit_kinds)
        visit.checked_in_at, visit.received_at, visit.state = start, received, "open"
        visit.visit_type_id = kind.id
        lat, lng = moved(*shop.place, dice.rng.gauss(0, 14), dice.rng.gauss(0, 14))
        if not dice.chance(0.03):
            visit.in_lat, visit.in_lng, visit.in_accuracy = lat, lng, round(dice.span(4, 28), 1)
            visit.distance = round(distance_m(lat, lng, *shop.place), 1)
            visit.place = address_of(customer)
        self._take_photos(page, shop, visit, kind.required, (lat, lng), lag)
        if self._calendar.has_come(end):
            self._leave(page, shop, visit, end, lag)

    def _leave(self, page: Day, shop: Shop, visit: Visit, end: datetime, lag: timedelta) -> None:
        """Notes, check-out, and what the visit changes on the customer file (`server.customers.service.note_visit`)."""
        dice, customer = self._dice, shop.customer
        start = visit.checked_in_at
        assert start is not None
        visit.state, visit.checked_out_at = "done", end
        visit.duration_seconds = int((end - start).total_seconds())
        if visit.in_lat is not None and visit.in_lng is not None:
            visit.out_lat, visit.out_lng = moved(
                visit.in_lat, visit.in_lng, dice.rng.gauss(0, 6), dice.rng.gauss(0, 6)
            )
        met = dice.pick(shop.contacts)
        stage = dice.pick(shop.stages)
        product = dice.pick(self._company.catalog.products).name
        visit.contact_id, visit.visited_person = met.id, met.name
        visit.sales_stage_id = self._company.option("sales_stage", stage)
        visit.content = dice.pick(words.NOTES[stage]).format(product=product)
        if dice.chance(0.16):
            day = page.day + timedelta(days=dice.pick((1, 2, 3, 5, 7, 7, 10, 14)))
            visit.next_contact_at = dice.at(day, dice.pick((9, 9.5, 10, 14, 15, 16)))
        customer.visit_count += 1
        customer.last_visit_at = customer.last_contact_at = start
        customer.sales_stage_id = visit.sales_stage_id
        if visit.next_contact_at is not None:
            customer.next_contact_at = visit.next_contact_at
        elif customer.next_contact_at is not None and customer.next_contact_at <= start:
            customer.next_contact_at = None
        shop.last_visit = page.day
        moment = start + (end - start) * 0.7
        self._sales.collect(shop, page.rep, moment, lag)
        if dice.chance(shop.order_chance) and self._sales.place(shop, page.rep, visit, moment, lag):
            page.orders += 1

    def _take_photos(
        self, page: Day, shop: Shop, visit: Visit, kinds: list[str], place: tuple[float, float], lag: timedelta
    ) -> None:
        dice, calendar = self._dice, self._calendar
        start = visit.checked_in_at
        assert start is not None
        recent = (calendar.today - page.day).days < PHOTO_DAYS
        if not dice.chance(0.93 if recent else PHOTO_SAMPLE):
            return
        if dice.chance(0.06):  # in a hurry
            kinds = kinds[:1]
        trouble = dice.weighted({None: 90.0, "gallery": 3.0, "no_position": 3.0, "weak": 2.0, "no_token": 2.0})
        for index, kind in enumerate(kinds):
            taken = start + timedelta(
                seconds=25 + index * 70 + dice.between(0, 30), milliseconds=dice.between(0, 999)
            )
            if not calendar.has_come(taken):
                continue
            received = min(taken + lag + timedelta(seconds=dice.between(3, 30)), calendar.now)
            # Of several server times a phone has the newest.
            synced = self._synced = max(self._synced, start - timedelta(minutes=dice.between(4, 25)))
            spot = moved(*place, dice.rng.gauss(0, 5), dice.rng.gauss(0, 5))
            accuracy = round(dice.span(4, 25), 1)
            self._shots.append(
                Shot(visit, page.rep, shop.customer, kind, taken, received, synced, spot, accuracy, trouble)
            )
