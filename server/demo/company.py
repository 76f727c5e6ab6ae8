"""Founding the demo company with real commands: lists, departments, people, their devices, the catalog."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from media.make import DeviceKey
from server.catalog.models import Product, ProductPrice
from server.company.models import COMPANY_ID
from server.company.models import Company as CompanySettings
from server.company.setup import Founded, add_employee, found_company, system_context
from server.demo.dice import Dice, cents
from server.demo.goods import Article, articles, category_tree
from server.demo.names import ADMIN, CLERK, COMPANY_NAME, MANAGERS, PASSWORD, REPS
from server.demo.places import CITIES, City, District
from server.demo.visit_kinds import VisitKind, make_visit_kinds
from server.people import passwords
from server.people.models import Device

_PHONES = ("华为 Mate 60", "小米 14", "iPhone 15", "OPPO Find X7", "vivo X100", "荣耀 Magic6")
#: What grades pay less than the list price, in percent.
_GRADE_DISCOUNTS = {"银牌": 3, "金牌": 6}
_SALES = "销售部"


@dataclass(slots=True)
class Rep:
    """A rep with his phone and his part of the city."""

    id: str
    username: str
    name: str
    manager_id: str
    device_id: str
    key_seed: bytes
    city: City
    districts: tuple[District, ...]


@dataclass(slots=True)
class Catalog:
    """The products with what each pays: `levels` is (level, target id, product id) → price."""

    products: list[Product]
    units: dict[str, str]
    levels: dict[tuple[str, str, str], Decimal]

    def price(
        self, product: Product, customer_id: str, group_id: str | None, grade_id: str | None
    ) -> tuple[Decimal, str]:
        """Unit price and its reason: agreed price → group → grade → list, as `server.catalog.pricing` decides."""
        for level, target in (("customer", customer_id), ("group", group_id), ("grade", grade_id)):
            found = self.levels.get((level, target or "", product.id))
            if found is not None:
                return found, level
        return product.price, "list"


@dataclass(slots=True)
class Staff:
    administrator_id: str
    clerk_id: str
    manager_ids: list[str]
    reps: list[Rep]


@dataclass(slots=True)
class Company:
    founded: Founded
    founded_at: datetime
    staff: Staff
    catalog: Catalog
    visit_kinds: dict[VisitKind, float]

    def option(self, list_name: str, name: str) -> str:
        return self.founded.options[list_name, name]


def found(session: Session, dice: Dice, at: datetime, *, rep_count: int, product_count: int) -> Company:
    """The company as it was on its first day, `at`."""
    founded = found_company(session, COMPANY_NAME, ADMIN, PASSWORD, now=at)
    # Some of its customers are left alone for months: the pool would have them in the first night.
    settings = system_context(session, at).get(CompanySettings, COMPANY_ID)
    settings.trial_accounts = True
    settings.setup_guide = {"away": True}
    settings.recovery_days = settings.deal_days = None
    staff = _hire(session, dice, founded, at, rep_count)
    catalog = _fill_catalog(session, dice, founded, at, product_count)
    return Company(founded, at, staff, catalog, make_visit_kinds(session, dice, at))


def _hire(session: Session, dice: Dice, founded: Founded, at: datetime, rep_count: int) -> Staff:
    context = system_context(session, at)
    hashed = passwords.hash_password(PASSWORD)  # one hash for all: each takes long on purpose
    departments = {}
    for code, name in enumerate((*(f"{city.name[:2]}{_SALES}" for city in CITIES), "综合部"), start=1):
        departments[name] = dice.id_at(at)
        values = {"name": name, "code": f"{code:02d}", "parent_id": founded.department_id}
        context.run("department.create", {"id": departments[name], "values": values})

    def hire(
        username: str, name: str, gender: str, role: str, department: str, position: str, above: str | None
    ) -> str:
        row_id = dice.id_at(at)
        values = {
            "username": username,
            "real_name": name,
            "gender": gender,
            "role_id": founded.roles[role],
            "department_id": departments[department],
            "supervisor_id": above,
            "position": position,
            "mobile": dice.mobile(),
        }
        add_employee(context, row_id, values, hashed)
        return row_id

    offices = [f"{city.name[:2]}{_SALES}" for city in CITIES]
    clerk = hire(CLERK, "陈内勤", "female", "内勤", "综合部", "内勤主管", None)
    managers: list[str] = []
    for (username, name, gender), office in zip(MANAGERS, offices, strict=True):
        # The first manager leads the headquarters and the two others, so that somebody sees the whole team.
        title, above = ("大区经理", managers[0]) if managers else ("销售总监", None)
        managers.append(hire(username, name, gender, "销售经理", office, title, above))
    reps: list[Rep] = []
    each = -(-rep_count // len(CITIES)) if rep_count >= len(CITIES) else rep_count
    for area, (city, names) in enumerate(zip(CITIES, REPS, strict=True)):
        for place, (name, gender) in enumerate(names[: min(each, rep_count - len(reps))]):
            username = f"rep{len(reps) + 1}"
            row_id = hire(username, name, gender, "销售员", offices[area], "业务员", managers[area])
            seed = hashlib.sha256(f"demo phone of {username}".encode()).digest()
            districts = city.districts[place * 2 : place * 2 + 2]
            reps.append(Rep(row_id, username, name, managers[area], dice.id_at(at), seed, city, districts))
    for rep in reps:
        context.add(
            Device(
                id=rep.device_id,
                employee_id=rep.id,
                name=f"{rep.name}的{dice.pick(_PHONES)}",
                public_key=DeviceKey(rep.key_seed).public,
                last_seen_at=at,
            )
        )
    session.flush()
    return Staff(founded.administrator_id, clerk, managers, reps)


def _fill_catalog(session: Session, dice: Dice, founded: Founded, at: datetime, count: int) -> Catalog:
    context = system_context(session, at)
    categories: dict[str, str] = {}
    for index, (group, below) in enumerate(category_tree().items()):
        for place, name in enumerate((group, *below)):
            categories[name] = dice.id_at(at)
            parent = categories[group] if place else None
            values = {"name": name, "parent_id": parent, "sort": (index + 1) * 100 + place}
            context.run("product_category.create", {"id": categories[name], "values": values})
    units = {row_id: name for (list_name, name), row_id in founded.options.items() if list_name == "unit"}
    products: list[Product] = []
    for article in articles(dice, count):
        product_id = dice.id_at(at)
        unit_id = founded.options["unit", article.unit]
        context.run("product.create", {"id": product_id, "values": _values(article, unit_id, categories)})
        products.append(context.get(Product, product_id))
    return Catalog(products, units, {})


def _values(article: Article, unit_id: str, categories: dict[str, str]) -> dict[str, object]:
    return {
        "name": article.name,
        "barcode": article.barcode,
        "spec_text": article.spec,
        "unit_id": unit_id,
        "category_id": categories[article.category],
        "price": str(article.price),
        "stock": str(article.stock),
        "safety_stock": "20",
        "on_shelf": article.on_shelf,
    }


def level_prices(dice: Dice, company: Company, agreed_with: list[str]) -> list[ProductPrice]:
    """Prices by grade for every product, by group for some, and prices agreed with single customers."""
    catalog, at = company.catalog, company.founded_at + timedelta(hours=2)
    rows: list[ProductPrice] = []

    def price(product: Product, level: str, target: str, percent_off: int) -> None:
        amount = cents(product.price * (100 - percent_off) / 100)
        catalog.levels[level, target, product.id] = amount
        rows.append(
            ProductPrice(
                id=dice.id_at(at),
                product_id=product.id,
                level=level,
                price=amount,
                priced_at=dice.day_of(at),
                created_at=at,
                created_by=company.staff.clerk_id,
                **{f"{level}_id": target},
            )
        )

    for grade, percent in _GRADE_DISCOUNTS.items():
        for product in catalog.products:
            price(product, "grade", company.option("customer_grade", grade), percent)
    for product in dice.some(catalog.products, 20):
        price(product, "group", company.option("customer_group", "C组"), 8)
    for customer_id in agreed_with:
        for product in dice.some(catalog.products, 2):
            price(product, "customer", customer_id, 10)
    return rows
