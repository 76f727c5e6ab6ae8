"""What was said with customers beside the visits, whom to speak with next, and what may be sold to them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from server.customers.models import CustomerShare
from server.demo import words
from server.demo.calendar import Calendar
from server.demo.company import Company, Rep
from server.demo.diary import Day
from server.demo.dice import Dice
from server.demo.shops import Shop
from server.followups.models import ContactRecord, Opportunity
from server.visits.models import Visit

_METHODS = {"电话": 58.0, "微信": 30.0, "短信": 7.0, "QQ": 3.0, "电子邮件": 2.0}
_KINDS = {"follow_up": 58.0, "return": 24.0, "service": 8.0, "collection": 10.0}
#: Days until the next contact that stands in the list of everybody's due contacts: late, today, soon.
_DUE = (-1, 0, 1, 4)
#: How an opportunity of each stage looks: stage (None: it is over), chance, how it ended.
_STAGES: tuple[tuple[str, int, str], ...] = (
    ("商务谈判", 80, "open"), ("发现机会", 20, "open"), ("方案报价", 55, "open"), ("方案报价", 60, "won"),
    ("确认需求", 35, "open"), ("商务谈判", 70, "lost"), ("商务谈判", 75, "won"), ("方案报价", 40, "lost"),
)  # fmt: skip


class FollowUps:
    """Goes through the reps after their diaries: the records of all days, then the opportunities."""

    def __init__(self, dice: Dice, company: Company, calendar: Calendar) -> None:
        self._dice, self._company, self._calendar = dice, company, calendar
        self.records: list[ContactRecord] = []
        self.opportunities: list[Opportunity] = []

    def write(
        self, days: Iterable[Day], shops: Sequence[Shop], shares: Sequence[CustomerShare], visits: Iterable[Visit]
    ) -> None:
        """Customers must not be loaded yet: what was said last is theirs."""
        of_rep: dict[str, list[Shop]] = defaultdict(list)
        for shop in shops:
            if shop.rep is not None:
                of_rep[shop.rep.id].append(shop)
        shared = {share.customer_id: share.employee_id for share in shares}
        pages: dict[str, list[Day]] = defaultdict(list)
        for page in days:
            pages[page.rep.id].append(page)
        for rep in self._company.staff.reps:
            others = self._due(of_rep[rep.id], shared)
            for page in pages[rep.id]:
                self._calls(page, others, shared)
            self._opportunities(rep, others)
        self._tell_customers(shops, visits)

    def _calls(self, page: Day, shops: list[Shop], shared: dict[str, str]) -> None:
        """One to three calls or messages a day, before the first visit or after the last."""
        dice, calendar = self._dice, self._calendar
        met = {visit.customer_id for visit in page.visits}
        for shop in dice.some(shops, dice.between(1, 3)):
            early = dice.chance(0.4) and calendar.begins(page.day) >= 8.0
            at = dice.at(page.day, 8.0 if early else 17.2, 25)
            if shop.customer.id in met or shop.customer.created_at > at or not calendar.has_come(at):
                continue
            following = None
            if dice.chance(0.3):
                day = page.day + timedelta(days=dice.pick((1, 2, 3, 5, 7, 7, 10, 14)))
                following = dice.at(day, dice.pick((9, 9.5, 10, 14, 15, 16)))
            self._record(page.rep, shop, at, following, shared)

    def _due(self, shops: list[Shop], shared: dict[str, str]) -> list[Shop]:
        """Everybody has somebody whom he should have spoken with, whom he speaks with today, and soon: who was not visited
        for longest. Returns the others."""
        dice, calendar = self._dice, self._calendar
        shops = sorted(shops, key=lambda shop: (shop.last_visit or date.min, shop.customer.id))
        for shop, days in zip(shops, _DUE, strict=False):
            said = dice.at(calendar.today - timedelta(days=max(1, 3 - days)), 16.6, 40)
            said = max(said, shop.customer.created_at)
            following = dice.at(calendar.today + timedelta(days=days), dice.pick((10, 15, 16.5)))
            if shop.rep is not None:
                self._record(shop.rep, shop, said, following, shared)
        return shops[len(_DUE) :]

    def _record(
        self, rep: Rep, shop: Shop, at: datetime, following: datetime | None, shared: dict[str, str], about: str = ""
    ) -> None:
        dice, company = self._dice, self._company
        kind = "follow_up" if about else dice.weighted(_KINDS)
        stage = dice.pick(shop.stages)
        product = dice.pick(company.catalog.products).name
        contact = dice.pick(shop.contacts)
        text = dice.pick(words.SAID_OF_CHANCES if about else words.SAID[kind]).format(product=product)
        at = at.replace(microsecond=0)
        self.records.append(
            ContactRecord(
                id=dice.id_at(at), customer_id=shop.customer.id, contact_id=contact.id, phone=contact.phone,
                opportunity_id=about or None, method_id=company.option("contact_method", dice.weighted(_METHODS)),
                kind=kind, contacted_at=at, content=text,
                sales_stage_id=company.option("sales_stage", stage) if dice.chance(0.5) else None,
                next_contact_at=following,
                next_goal=dice.pick(words.GOALS) if following is not None and dice.chance(0.7) else None,
                next_person_id=shared.get(shop.customer.id) if following is not None else None,
                clerk_id=rep.id, automatic=False, created_at=at, created_by=rep.id,
            )
        )  # fmt: skip

    def _opportunities(self, rep: Rep, shops: list[Shop]) -> None:
        """Of every stage and every end, with the reason, and with what was said about them."""
        dice, calendar, company = self._dice, self._calendar, self._company
        known = [shop for shop in shops if shop.last_visit is not None] or shops
        for index, shop in enumerate(dice.some(known, len(_STAGES))):
            stage, chance, state = _STAGES[index]
            earliest = max(shop.customer.created_at, company.founded_at + timedelta(hours=4))
            age = timedelta(days=dice.between(2, min(40, calendar.days_back)), minutes=dice.between(0, 500))
            at = self._by_day(calendar.now - age, earliest, calendar.now)
            over = None
            if state != "open":
                over = self._by_day(at + (calendar.now - at) * dice.span(0.5, 0.9), at, calendar.now)
            name, amount = dice.pick(words.CHANCES)
            row = Opportunity(
                id=dice.id_at(at), customer_id=shop.customer.id, name=name,
                stage_id=company.option("opportunity_stage", stage), chance=chance + 5 * dice.between(-2, 2),
                expected_amount=Decimal(amount * dice.between(2, 12)).quantize(Decimal("0.01")),
                expected_on=calendar.today + timedelta(days=dice.between(-4, 45)) if over is None else dice.day_of(over),
                state=state, owner_id=rep.id, remark=dice.pick(words.GOALS) if dice.chance(0.3) else None,
                close_reason=dice.pick(words.ENDS[state]) if over is not None else None,
                closed_at=over, created_at=at, created_by=rep.id,
            )  # fmt: skip
            self.opportunities.append(row)
            until = over or calendar.now
            for part in sorted(dice.span(0.05, 0.9) for _ in range(dice.between(1, 3))):
                said = self._by_day(at + (until - at) * part, at, until)
                self._record(rep, shop, said, None, {}, about=row.id)

    def _by_day(self, moment: datetime, earliest: datetime, latest: datetime) -> datetime:
        """At an hour when people work, if that is possible on that day."""
        found = self._dice.at(self._dice.day_of(moment), 9.2, 430)
        return (found if earliest < found <= latest else max(moment, earliest)).replace(microsecond=0)

    def _tell_customers(self, shops: Iterable[Shop], visits: Iterable[Visit]) -> None:
        """Last contact, next appointment and stage as visits and records left them, each in its turn
        (`server.customers.service.note_contact`)."""
        said: dict[str, list[tuple[datetime, datetime | None, str | None]]] = defaultdict(list)
        for record in self.records:
            said[record.customer_id].append((record.contacted_at, record.next_contact_at, record.sales_stage_id))
        for visit in visits:
            if visit.state == "done" and visit.customer_id in said and visit.checked_in_at is not None:
                said[visit.customer_id].append((visit.checked_in_at, visit.next_contact_at, visit.sales_stage_id))
        for shop in shops:
            customer = shop.customer
            if customer.id not in said:
                continue
            customer.next_contact_at = None
            for at, following, stage in sorted(said[customer.id], key=lambda one: one[0]):
                customer.last_contact_at = at
                if following is None and customer.next_contact_at is not None and customer.next_contact_at <= at:
                    customer.next_contact_at = None
                customer.next_contact_at = following or customer.next_contact_at
                if stage not in (None, customer.sales_stage_id) and customer.lead_stage == "potential":
                    customer.lead_stage = "following"
                customer.sales_stage_id = stage or customer.sales_stage_id
