"""The stages of building the demo company, inside one transaction."""

import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

import server.areas  # noqa: F401 - all tables and commands
from media.tokens import TimeTokens
from server.app import secret_of
from server.company.models import Company as CompanyRow
from server.company.setup import system_context
from server.customers.holding import refresh_team_access
from server.database import Writer, write_engine
from server.demo.alerts import write_alerts
from server.demo.calendar import Calendar
from server.demo.company import Company, found, level_prices
from server.demo.complaints import write_complaints
from server.demo.deposits import pay_ahead
from server.demo.diary import Diary, Shot
from server.demo.dice import Dice
from server.demo.followups import FollowUps
from server.demo.leads import stage_of, write_leads
from server.demo.load import Numbers, load
from server.demo.mails import address_of, write_mails
from server.demo.office import write_office
from server.demo.photos import file_photos, order_pictures
from server.demo.pictures import Made, Make, studio
from server.demo.pictures import Order as Picture
from server.demo.reports import write_reports, write_sum_ups
from server.demo.sales import Sales
from server.demo.shops import Shop, ShopMaker, shares
from server.demo.size import Size
from server.demo.targets import write_targets
from server.demo.trials import write_trials
from server.demo.troubles import Scene, make_trouble
from server.demo.views import share_views
from server.records.record import Record
from server.schema import migrate
from server.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
_TALK, _WRONG, _AHEAD = 1_000_003, 2_000_003, 3_000_003


def fill(settings: Settings, seed: int, size: Size, now: datetime) -> None:
    """Migrates the database and fills it in one transaction: either the whole company is there, or nothing."""
    say = Progress()
    with studio(size.processes) as make_all:
        engine = write_engine(settings.database_url)
        migrate(engine)
        writer = Writer(engine)
        try:
            writer.call(Stages(settings, seed, size, now, make_all, say).run)
        finally:
            writer.close()
    say("ready")


class Stages:
    """The stages of one build, inside one transaction."""

    def __init__(
        self, settings: Settings, seed: int, size: Size, now: datetime, make_all: Make, say: "Progress"
    ) -> None:
        self._size = size
        self._calendar = Calendar(now, ZONE, size.days)
        self._dice = Dice(seed, ZONE)
        #: Beside the other, so that what is told with it leaves the rest as it is.
        self._talk = Dice(seed + _TALK, ZONE)
        self._wrong = Dice(seed + _WRONG, ZONE)
        self._ahead = Dice(seed + _AHEAD, ZONE)
        self._make_all = make_all
        self._blobs = settings.blob_location
        self._tokens = TimeTokens(secret_of(settings.data))
        self._say = say
        self._numbers = Numbers()

    def run(self, session: Session) -> None:
        dice, calendar, size, say = self._dice, self._calendar, self._size, self._say
        founded_at = dice.at(calendar.today - timedelta(days=size.days + 3), 9)
        company = found(session, dice, founded_at, rep_count=size.reps, product_count=size.products)
        say("people and products", len(company.staff.reps) + 5, len(company.catalog.products))
        maker = ShopMaker(dice, company)
        shops = self._file_customers(company, maker)
        agreed = dice.some([shop.customer.id for shop in shops if shop.order_chance > 0.3], size.agreed)
        prices = level_prices(dice, company, agreed)
        sales = Sales(dice, company, calendar)
        diary = Diary(dice, company, maker, sales, calendar)
        shots: list[Shot] = []
        pictures: list[Picture] = []
        batches: list[Iterable[list[Made]]] = []
        for rep in company.staff.reps:
            found_shops, taken = diary.keep(
                rep, [shop for shop in shops if shop.rep is rep], new_chance=size.new_customers_a_day
            )
            shops += found_shops
            taken = taken[-size.photos_a_rep :]  # the latest are the interesting ones
            orders = order_pictures(dice, taken, self._tokens)
            batches.append(self._make_all(orders, self._blobs))  # drawn while the next rep goes his way
            shots += taken
            pictures += orders
        say("days in the field", len(diary.days))
        shops.sort(key=lambda shop: (shop.customer.created_at, shop.customer.id))
        for shop in shops:
            shop.customer.customer_no = self._number("CT", shop.customer.created_at)
        sales.payments += pay_ahead(self._ahead, company, shops)
        sales.finish(shops, self._number)
        for index, shop in enumerate(shops):
            shop.customer.email = address_of(index)
            shop.customer.lead_stage = stage_of(shop, sold=shop.customer.customer_status == "dealt")
        self._load(session, prices, [row for shop in shops for row in (*shop.contacts, *shop.terminals)])
        say("contacts and ship-to addresses", *(sum(len(found) for found in kind) for kind in _kinds(shops)))
        shared = shares(dice, shops, company.staff.reps, founded_at + timedelta(hours=3))
        self._load(session, shared, sales.orders, sales.lines, sales.payments)
        say("orders, lines and receipts", len(sales.orders), len(sales.lines), len(sales.payments))
        talk = FollowUps(self._talk, company, calendar)
        talk.write(diary.days, shops, shared, diary.visits)
        self._load(session, talk.opportunities, talk.records)
        say("contact records and opportunities", len(talk.records), len(talk.opportunities))
        # What gets something from a photo waits for it; the rest is loaded while they are made.
        seen = {shot.visit.id for shot in shots} | {shot.customer.id for shot in shots}
        customers = [shop.customer for shop in shops]
        self._load(session, [row for row in (*customers, *diary.visits) if row.id not in seen])
        geofence = float(session.scalar(select(CompanyRow.geofence_metres).limit(1)) or 300)
        made = self._wait(session, chain.from_iterable(batches))
        needs = {kind.id: kind.photos for kind in company.visit_kinds}
        photos = file_photos(session, shots, pictures, made, self._tokens, geofence, needs)
        self._load(session, photos, [row for row in (*customers, *diary.visits) if row.id in seen])
        say("photos", len(photos))
        say("customers and visits", len(shops), len(diary.visits))
        reports = write_reports(session, dice, company, diary.days, calendar)
        self._load(session, reports)
        say("reports and comments", len(reports))
        sum_ups = write_sum_ups(session, self._talk, company, diary.days, calendar)
        self._load(session, sum_ups)
        say("reports and plans of weeks and months", len(sum_ups))
        self._numbers.store(session)
        refresh_team_access(system_context(session, calendar.now))
        scene = Scene(session, dice, company, calendar, shops, self._tokens)
        make_trouble(scene)
        share_views(Scene(session, self._talk, company, calendar, shops, self._tokens))
        say("two conflicts, an order over credit, a forged photo")
        office = write_office(Scene(session, self._talk, company, calendar, shops, self._tokens))
        say("notices and schedule entries", *office)
        targets = write_targets(session, dice, company, calendar)
        self._load(session, targets)
        say("targets", len(targets))
        say("call reports on leads", write_leads(scene))
        more = Scene(session, self._talk, company, calendar, shops, self._tokens)
        alerts, mails = write_alerts(more), write_mails(more)
        self._load(session, alerts, mails)
        say("alerts and mails", len(alerts), len(mails))
        complaints = write_complaints(Scene(session, self._wrong, company, calendar, shops, self._tokens))
        self._load(session, complaints)
        say("complaints", len(complaints))
        trials = write_trials(more)
        self._load(session, trials)
        say("trial accounts", len(trials))

    def _file_customers(self, company: Company, maker: ShopMaker) -> list[Shop]:
        """What the company brought along on its first day; a few belong to nobody."""
        dice, reps = self._dice, company.staff.reps
        filed_by = company.staff.administrator_id
        shops = []
        for index in range(self._size.customers):
            rep = reps[index % len(reps)]
            at = company.founded_at + timedelta(hours=1, seconds=index)
            district = rep.districts[(index // len(reps)) % len(rep.districts)]
            owned = not dice.chance(0.015)
            shops.append(maker.make(district, rep, at, filed_by, owned=owned))
        return shops

    def _number(self, prefix: str, at: datetime) -> str:
        return self._numbers.next(prefix, self._dice.day_of(at))

    @staticmethod
    def _load(session: Session, *groups: Iterable[Record]) -> None:
        load(session, [row for group in groups for row in group])

    def _wait(self, session: Session, batches: Iterable[list[Made]]) -> list[Made]:
        made: list[Made] = []
        for batch in batches:
            made += batch
            session.execute(text("SELECT 1"))  # PostgreSQL ends transactions that are silent for long
            self._say.still(f"photos: {len(made)}")
        return made


def _kinds(shops: list[Shop]) -> tuple[list[list[Any]], list[list[Any]]]:
    return [list(shop.contacts) for shop in shops], [list(shop.terminals) for shop in shops]


class Progress:
    """A line for each stage, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shows_steps = sys.stdout.isatty()

    def __call__(self, stage: str, *counts: int) -> None:
        seconds = time.monotonic() - self._start
        numbers = " + ".join(f"{count:,}" for count in counts)
        over = "\r\033[K" if self._shows_steps else ""
        print(f"{over}{seconds:6.1f} s  {stage}{': ' + numbers if numbers else ''}", flush=True)

    def still(self, text: str) -> None:
        """A step within a stage, shown only where the line can be written over."""
        if self._shows_steps:
            print(f"\r          {text}", end="", flush=True)
