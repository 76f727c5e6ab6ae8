"""The duplicate check (撞单, CU-22…26): one customer is filed once in the whole system, whoever may see it.

Values are compared in a normal form kept in `customer_key`: names without white space and width, phones as digits. A
phone number counts wherever it stands: the mobile of one customer meets the office phone of another.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, event, func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import instance_state

from server.company.models import COMPANY_ID, DUPLICATE_FIELDS, Company
from server.customers.models import Customer
from server.customers.tables import customer_key
from server.database import CommandSession
from server.people.models import Employee
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.loading import flush_for
from sync.statements import Statement

error_texts(
    {
        "duplicate": L(
            "{label}已存在,客户编号:{customer_no},客户名称:{name},客服专员:{owner}",
            "{label}已存在，客戶編號：{customer_no}，客戶名稱：{name}，客服專員：{owner}",
            "{label} exists already: customer {customer_no}, {name}, owner {owner}",
        ),
    }
)

_CHUNK = 500
#: Values whose normal form is remembered: the same ones are looked at several times while they are filed.
_LATELY = 8192
PHONES = ("mobile", "landline", "office_phone")
_SEPARATORS = re.compile(r"[/、,;|]|\s或\s?|\n")
_EXTENSION = re.compile(r"(转|轉|ext\.?|#|x).*$", re.IGNORECASE)


@lru_cache(maxsize=_LATELY)
def normal_text(text: str) -> str:
    """Full and half width, case, white space and invisible characters make no difference; 有限公司 does."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():  # nearly all are, and have nothing to leave out
        return folded[:200]
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))[:200]


@lru_cache(maxsize=_LATELY)
def normal_phone(text: str) -> str:
    """Digits of one number without +86, e.g. +86 532 8888 6666 and (0532)88886666 are both 053288886666."""
    text = unicodedata.normalize("NFKC", text).strip()
    international = re.match(r"(\+|00)\s*86", text)
    digits = "".join(c for c in _EXTENSION.sub("", text) if c.isdigit() and c.isascii())
    if international:
        rest = digits.removeprefix("00").removeprefix("86")
        return rest if _is_mobile(rest) or rest.startswith(("0", "400", "800")) else f"0{rest}"
    if len(digits) == 13 and digits.startswith("86") and _is_mobile(digits[2:]):
        return digits[2:]
    return digits


def _is_mobile(digits: str) -> bool:
    return len(digits) == 11 and digits.startswith("1")


def keys_of(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """`(field, normal form)` of every value that can be compared; numbers too short to say anything are left out."""
    found: set[tuple[str, str]] = set()
    for name in DUPLICATE_FIELDS:
        value = values.get(name)
        if not value:
            continue
        if name in PHONES or name == "fax":
            parts = (normal_phone(part) for part in _SEPARATORS.split(unicodedata.normalize("NFKC", value)))
            found.update((name, part) for part in parts if len(part) >= 5)
        else:
            found.add((name, normal_text(value)))
    return found


def keys_of_customer(customer: Customer) -> set[tuple[str, str]]:
    return keys_of({name: getattr(customer, name) for name in DUPLICATE_FIELDS})


@dataclass(frozen=True, slots=True)
class Hit:
    """An existing customer with the same value. `field` is the field of the new one that met it."""

    field: str
    value: str
    customer_id: str
    customer_no: str
    name: str
    owner: str
    owner_id: str | None

    def params(self) -> dict[str, Any]:
        """What the message says (CU-23): field, number, name, owner."""
        return {
            "label": DUPLICATE_FIELDS[self.field].zh_cn,
            "customer_no": self.customer_no,
            "name": self.name,
            "owner": self.owner,
        }

    def told(self) -> dict[str, Any]:
        """The same, for who reads it in any language."""
        return {**self.params(), "label": DUPLICATE_FIELDS[self.field]}

    def error(self) -> Rejected:
        return Rejected("duplicate", field=self.field, **self.told())


_MEETS = (
    customer_key.c.kind.in_(bindparam("kinds", expanding=True)),
    customer_key.c.value.in_(bindparam("words", expanding=True)),
)
_ANYBODY = Statement("SELECT 1 FROM customer_key WHERE value IN :words* AND kind IN :kinds* LIMIT 1")
_TAKEN = Statement("SELECT DISTINCT value FROM customer_key WHERE kind IN :kinds* AND value IN :words*")
_STORE = Statement(
    "INSERT INTO customer_key (kind, value, customer_id) VALUES (:kind, :value, :customer_id)",
    row="kind text, value text, customer_id text",
)
_filed, _kept = aliased(Customer), aliased(Customer)
_WHO = (
    select(
        customer_key.c.kind, customer_key.c.value, _kept.id, _kept.customer_no, _kept.name, _kept.owner_id,
        Employee.real_name,
    )
    .select_from(customer_key)
    .join(_filed, _filed.id == customer_key.c.customer_id)
    .join(_kept, _kept.id == func.coalesce(_filed.merged_into, _filed.id))
    .outerjoin(Employee, Employee.id == _kept.owner_id)
    .where(*_MEETS)
    .order_by(_kept.created_at, _kept.id)
)  # fmt: skip


def checked_fields(session: Session) -> list[str]:
    """The fields the company compares (CU-22), in the order of the settings."""
    company = company_of(session)
    return [name for name in DUPLICATE_FIELDS if name in company.duplicate_fields]


# unrestricted: the company's rules
def company_of(session: Session) -> Company:
    """The settings; held for the batch of commands (`Context.memory`)."""
    memory: dict[str, Any] = session.info.setdefault("memory", {})
    if "company" not in memory:
        memory["company"] = session.get_one(Company, COMPANY_ID)
    company: Company = memory["company"]
    return company


def find(
    session: Session, keys: Iterable[tuple[str, str]], *, exclude: str | None = None, fields: list[str] | None = None
) -> list[Hit]:
    """Existing customers that have one of the keys, one hit a customer, in the order of the checked fields."""
    found: dict[str, Hit] = {}
    for hit in hits_by_key(session, keys, exclude=exclude, fields=fields).values():
        found.setdefault(hit.customer_id, hit)
    return list(found.values())


#: Values of which it is known that nobody has them, as long as the transaction stores none.
_NOBODYS = "keys_nobody_has"
#: On a customer that waits to be written: the keys that are written with it; and the values of all of them.
_WITH_IT, _ON_THE_WAY = "keys_written_with_it", "keys_on_the_way"


def look_ahead(session: Session, keys: Iterable[tuple[str, str]]) -> None:
    """Before many customers are filed: asks once which of their keys somebody has; the others are not asked for again."""
    values = sorted({value for _, value in keys})
    taken: set[str] = set()
    for start in range(0, len(values), _CHUNK):
        taken.update(
            value
            for (value,) in _TAKEN.rows(session, kinds=list(DUPLICATE_FIELDS), words=values[start : start + _CHUNK])
        )
    session.info.setdefault(_NOBODYS, set()).update(set(values) - taken)


def _waiting(session: Session) -> Iterator[tuple[Customer, set[tuple[str, str]]]]:
    """The customers that wait to be written with their keys."""
    for row in session.new:
        if isinstance(row, Customer) and _WITH_IT in row.__dict__:
            yield row, row.__dict__[_WITH_IT]


# unrestricted: the check spans the whole system (CU-26); the hit says only number, name and owner
def hits_by_key(
    session: Session,
    keys: Iterable[tuple[str, str]],
    *,
    exclude: str | None = None,
    fields: list[str] | None = None,
) -> dict[tuple[str, str], Hit]:
    """For each key the first customer that has it; a merged one answers as what it became."""
    checked = fields if fields is not None else checked_fields(session)
    wanted = sorted((key for key in keys if key[0] in checked), key=lambda key: (checked.index(key[0]), key[1]))
    phones = [name for name in PHONES if name in checked]
    sought = {value for _, value in wanted}
    if not sought.isdisjoint(session.info.get(_ON_THE_WAY, ())):
        session.flush()  # it was filed a moment ago
    values = sorted(sought - session.info.get(_NOBODYS, set()))
    there: dict[tuple[str, str], Hit] = {}
    for start in range(0, len(values), _CHUNK):
        part = {"kinds": checked, "words": values[start : start + _CHUNK]}
        # Nearly every new customer meets nobody: only a hit is worth asking who that is.
        if not checked or not _ANYBODY.rows(session, **part):
            continue
        flush_for(session, Customer)
        for kind, value, row_id, number, name, owner_id, owner in session.execute(_WHO, part):
            if row_id != exclude:
                hit = Hit(kind, value, row_id, number or "", name, owner or "", owner_id)
                there.setdefault((kind, value), hit)
    found: dict[tuple[str, str], Hit] = {}
    for kind, value in wanted:
        others = phones if kind in PHONES else [kind]
        for other in sorted(others, key=lambda name: name != kind):
            if (other, value) in there:
                found[kind, value] = replace(there[other, value], field=kind)
                break
    return found


def store_new(session: Session, customer: Customer, keys: set[tuple[str, str]]) -> None:
    """Has the keys of a customer that is being filed written together with it, and those of many at once."""
    if instance_state(customer).pending:
        customer.__dict__[_WITH_IT] = keys
        session.info.setdefault(_ON_THE_WAY, set()).update(value for _, value in keys)
    else:
        _store(session, _lines(customer.id, keys))


@event.listens_for(CommandSession, "after_flush", insert=True)  # before the journal counts what the flush wrote
def _store_with_them(session: Session, _context: Any) -> None:
    lines: list[dict[str, str]] = []
    for customer, keys in _waiting(session):
        lines += _lines(customer.id, keys)
        del customer.__dict__[_WITH_IT]
    session.info.pop(_ON_THE_WAY, None)
    _store(session, lines)


def store_keys(session: Session, customer_id: str, keys: Iterable[tuple[str, str]]) -> None:
    """Makes these the customer's keys."""
    for customer, _ in list(_waiting(session)):
        if customer.id == customer_id:
            del customer.__dict__[_WITH_IT]
    session.execute(delete(customer_key).where(customer_key.c.customer_id == customer_id))
    _store(session, _lines(customer_id, keys))


def _lines(customer_id: str, keys: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"kind": kind, "value": value, "customer_id": customer_id} for kind, value in sorted(keys)]


def _store(session: Session, lines: list[dict[str, str]]) -> None:
    session.info.get(_NOBODYS, set()).difference_update(line["value"] for line in lines)
    _STORE.many(session, lines)
