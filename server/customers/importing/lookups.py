"""What the rows of a workbook are compared with: the company's lists, people and customers, read once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Option
from server.customers import duplicates
from server.customers.duplicates import Hit, normal_text
from server.customers.models import Customer
from server.people.models import Employee
from server.records.actor import Actor
from server.records.visibility import visible


@dataclass(slots=True)
class Lookups:
    """`options`: list → normal name → id. `customers`: normal name or number → id of one the importer may see."""

    checked: list[str]
    existing: dict[tuple[str, str], Hit]
    may_assign: bool
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    option_names: dict[str, list[str]] = field(default_factory=dict)
    employees: dict[str, list[str]] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)

    def customer_named(self, name: str) -> str | None:
        return self.customers.get(normal_text(name))


# unrestricted: the company's lists and names of colleagues; customers by name only as far as `visible`
def read_lookups(session: Session, actor: Actor, keys: set[tuple[str, str]], names: Iterable[str]) -> Lookups:
    checked = duplicates.checked_fields(session)
    found = Lookups(
        checked=checked,
        existing=duplicates.hits_by_key(session, keys, fields=checked),
        may_assign=actor.can("customer.assign"),
    )
    options = select(Option.id, Option.list_name, Option.name).where(Option.enabled).order_by(Option.sort, Option.id)
    for row_id, list_name, name in session.execute(options):
        found.options.setdefault(list_name, {}).setdefault(normal_text(name), row_id)
        found.option_names.setdefault(list_name, []).append(name)
    people = select(Employee.id, Employee.real_name, Employee.username).where(Employee.status == "enabled")
    for row_id, real_name, username in session.execute(people):
        for name in {normal_text(real_name), normal_text(username)}:
            found.employees.setdefault(name, []).append(row_id)
    _read_customers(session, actor, sorted(set(names)), found)
    return found


def _read_customers(session: Session, actor: Actor, names: list[str], found: Lookups) -> None:
    named = duplicates.hits_by_key(session, {("name", normal_text(name)) for name in names}, fields=["name"])
    ids = {hit.customer_id: key[1] for key, hit in named.items()}
    wanted = [*ids]
    for start in range(0, len(wanted), 500):
        statement = select(Customer.id).where(
            Customer.id.in_(wanted[start : start + 500]), visible(actor, Customer), Customer.enabled
        )
        for row_id in session.scalars(statement):
            found.customers[ids[row_id]] = row_id
    for start in range(0, len(names), 500):
        numbered = select(Customer.customer_no, Customer.id).where(
            Customer.customer_no.in_(names[start : start + 500]), visible(actor, Customer), Customer.enabled
        )
        for number, row_id in session.execute(numbered):
            found.customers.setdefault(normal_text(number or ""), row_id)
