"""The customers of the demo company with their contacts and ship-to addresses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from server.customers.duplicates import normal_text
from server.customers.models import Contact, Customer, CustomerShare, Terminal
from server.customers.rules import main_contact
from server.demo import words
from server.demo.company import Company, Rep
from server.demo.dice import Dice
from server.demo.places import District, house
from server.orders.models import Order
from server.records.pinyin import initials

#: customer category → (how often, stages it may be in, how likely a visit brings an order)
_CATEGORIES: dict[str, tuple[float, tuple[str, ...], float]] = {
    "潜在客户": (22, ("初步接触", "了解需求"), 0.04),
    "意向客户": (20, ("报价", "意向"), 0.14),
    "正式客户": (40, ("成交", "维护"), 0.42),
    "已签合同": (8, ("维护", "成交"), 0.55),
    "流失客户": (6, ("维护", "了解需求"), 0.02),
    "无意向客户": (4, ("初步接触",), 0.0),
}
_GRADES = {"普通": 70.0, "银牌": 20.0, "金牌": 10.0}
_LIMITS = (3000, 5000, 8000, 10_000, 20_000, 50_000)
#: Days between visits → how many customers are looked after like that.
_RHYTHMS = {10: 15.0, 21: 35.0, 45: 35.0, 150: 15.0}


@dataclass(slots=True)
class Shop:
    """A customer with what the diary needs to know of it."""

    customer: Customer
    rep: Rep | None
    district: District
    stages: tuple[str, ...]
    order_chance: float
    rhythm_days: int
    contacts: list[Contact]
    terminals: list[Terminal]
    last_visit: date | None = None
    planned_for: date | None = None
    orders: list[Order] = field(default_factory=list)

    @property
    def place(self) -> tuple[float, float]:
        lat, lng = self.customer.geo_lat, self.customer.geo_lng
        assert lat is not None
        assert lng is not None
        return lat, lng


class ShopMaker:
    """Makes customers that differ in name, phone and place."""

    def __init__(self, dice: Dice, company: Company) -> None:
        self._dice = dice
        self._company = company
        self._names: set[str] = set()
        self._phones: set[str] = set()

    def make(self, district: District, rep: Rep, at: datetime, by: str, *, owned: bool = True) -> Shop:
        """One customer, filed at that moment by that employee. Its number comes later, in the order of filing."""
        dice, company = self._dice, self._company
        street = dice.rng.randrange(len(district.streets))
        number = dice.between(1, 280)
        lat, lng = house(district, street, number)
        boss, gender = words.person(dice)
        name, industry = self._free_name(rep, district, district.streets[street], boss)
        category = dice.weighted({key: entry[0] for key, entry in _CATEGORIES.items()})
        stages, chance = _CATEGORIES[category][1:]
        buys = chance > 0.2
        cash = dice.chance(0.15)
        grade = dice.weighted(_GRADES) if buys else "普通"
        limit = None if cash or dice.chance(0.3) else Decimal(dice.pick(_LIMITS) * (2 if grade == "金牌" else 1))
        customer = Customer(
            id=dice.id_at(at),
            name=name,
            pinyin_code=initials(name),
            primary_contact=boss,
            contact_gender=gender,
            job_title="老板" if dice.chance(0.7) else dice.pick(words.JOBS),
            mobile=self._free_phone(dice.mobile),
            landline=self._free_phone(lambda: f"{rep.city.area_code}-8{dice.rng.randrange(10**7):07d}")
            if dice.chance(0.3)
            else None,
            province=rep.city.province,
            city=rep.city.name,
            district=district.name,
            address=f"{district.name}{district.streets[street]}{number}号",
            geo_lat=lat,
            geo_lng=lng,
            sales_region_id=company.option("sales_region", rep.city.region),
            category_id=company.option("customer_category", category),
            source_id=company.option(
                "customer_source", dice.pick(("主动开拓", "主动开拓", "线下活动", "公司推荐", "主动来电"))
            ),
            group_id=company.option("customer_group", dice.pick(("A组", "B组", "C组"))) if dice.chance(0.5) else None,
            grade_id=company.option("customer_grade", grade),
            relation_id=company.option("customer_relation", "经销商" if "有限公司" in name else "终端客户"),
            industry=industry,
            sales_stage_id=company.option("sales_stage", dice.pick(stages)),
            settlement_mode="cash" if cash else "credit",
            credit_limit=limit,
            month_end_day=dice.pick((10, 15, 20, 25, 30)) if buys and not cash else None,
            owner_id=rep.id if owned else None,
            remark="老板下午在，上午是店员。" if dice.chance(0.06) else None,
            visit_count=0,
            sales_total=Decimal("0.00"),
            debt_total=Decimal("0.00"),
            deposit_total=Decimal("0.00"),
            customer_status="open",
            enabled=True,
            filed_at=at,
            created_at=at,
            created_by=by,
        )
        return Shop(
            customer, rep if owned else None, district, stages, chance, dice.weighted(_RHYTHMS),
            self._contacts(customer, at, by), self._terminals(customer, district, at, by),
        )  # fmt: skip

    def _free_name(self, rep: Rep, district: District, street: str, boss: str) -> tuple[str, str]:
        for attempt in range(100):
            name, industry = words.shop(self._dice, rep.city.name, district.name, street, boss)
            if attempt >= 5:  # the good words are used up here: the owner's whole name tells them apart
                name = f"{boss}{name}" if attempt < 50 else f"{street}{self._dice.between(1, 999)}号{name}"
            key = normal_text(name)
            if key not in self._names:
                self._names.add(key)
                return name, industry
        raise RuntimeError("no free name for a shop")

    def _free_phone(self, draw: Callable[[], str]) -> str:
        while True:
            phone = draw()
            if phone not in self._phones:
                self._phones.add(phone)
                return phone

    def _contacts(self, customer: Customer, at: datetime, by: str) -> list[Contact]:
        dice = self._dice
        main = main_contact(customer)
        main.created_at, main.created_by = at, by
        found = [main]
        for _ in range(dice.weighted({0: 70.0, 1: 22.0, 2: 8.0})):
            name, gender = words.person(dice)
            found.append(
                Contact(
                    id=dice.id_at(at), customer_id=customer.id, name=name, gender=gender,
                    department=dice.pick(words.DEPARTMENTS), job_title=dice.pick(words.JOBS[1:]),
                    phone=self._free_phone(dice.mobile), is_primary=False, created_at=at, created_by=by,
                )
            )  # fmt: skip
        return found

    def _terminals(self, customer: Customer, district: District, at: datetime, by: str) -> list[Terminal]:
        """Larger customers have branches the goods go to."""
        dice = self._dice
        if not dice.chance(0.1):
            return []
        found = []
        for place in dice.some(range(len(district.streets)), dice.between(1, 3)):
            street, number = district.streets[place], dice.between(1, 280)
            lat, lng = house(district, place, number)
            keeper, _ = words.person(dice)
            found.append(
                Terminal(
                    id=dice.id_at(at), customer_id=customer.id, name=f"{street}分店",
                    address=f"{district.name}{street}{number}号", contact=keeper, phone=self._free_phone(dice.mobile),
                    geo_lat=lat, geo_lng=lng, enabled=True, created_at=at, created_by=by,
                )
            )  # fmt: skip
        return found


def shares(dice: Dice, shops: list[Shop], reps: list[Rep], at: datetime) -> list[CustomerShare]:
    """About two in a hundred customers are served together with a colleague of the same city."""
    found = []
    for shop in shops:
        colleagues = [rep for rep in reps if shop.rep and rep.city is shop.rep.city and rep is not shop.rep]
        if shop.rep is None or not colleagues or not dice.chance(0.02):
            continue
        moment = max(at, shop.customer.created_at)
        found.append(
            CustomerShare(
                id=dice.id_at(moment), customer_id=shop.customer.id, employee_id=dice.pick(colleagues).id,
                shared_by=shop.rep.id, created_at=moment, created_by=shop.rep.id,
            )
        )  # fmt: skip
    return found
