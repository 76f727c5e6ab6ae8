"""Birthdays by the lunar calendar, also on days that no date column could hold: entered, kept, found, told, in a workbook
and back, and brought along from a version that knew dates only."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from openpyxl import Workbook, load_workbook
from sqlalchemy import MetaData, Table, inspect, text

from server.customers import lunar
from server.customers.lunar import celebrated_on, is_day
from server.database import write_engine
from server.migrations.current import FOLDER
from server.records.ids import uuid7
from tests.customers.test_import import commit, upload
from tests.reports.asking import ask, labels
from tests.support.databases import NewDatabase
from tests.support.world import Person, Refused, World

#: A lunar day that no year of ours has, and one of a leap month.
BORN, LEAP = "1990-02-30", "1987-06-29"


def shop(person: Person, name: str = "王记超市", **values: object) -> str:
    mobile = f"138{abs(hash(name)) % 10**8:08}"
    return person.create("customer", name=name, mobile=mobile, **values)


def refused(person: Person, **values: object) -> tuple[str, str]:
    with pytest.raises(Refused) as found:
        person.create("contact", **values)
    return found.value.code, found.value.body["field"]


def test_the_thirtieth_of_the_second_month_is_a_birthday(world: World) -> None:
    rep = world.person("rep")
    customer = shop(rep, primary_contact="王强", birth_date=BORN, birth_calendar="lunar")
    assert rep.get(f"/api/customers/{customer}")["birth_date"] == BORN
    [main] = rep.get("/api/contacts", customer_id=customer)["items"]
    assert (main["birthday"], main["birth_calendar"]) == (BORN, "lunar")
    rep.do("customer.edit", id=customer, set={"birth_date": [BORN, "1991-02-29"]})
    assert rep.get(f"/api/contacts/{main['id']}")["birthday"] == "1991-02-29"
    rep.pull()
    assert rep.cache["customer"][customer]["birth_date"] == "1991-02-29"
    history = str(rep.get(f"/api/customers/{customer}/history"))
    assert BORN in history
    assert "1991-02-29" in history


def test_somebody_born_in_a_leap_month_says_so(world: World) -> None:
    rep = world.person("rep")
    customer = shop(rep)
    friend = rep.create("contact", customer_id=customer, name="闰生", birthday=LEAP, birth_calendar="lunar_leap")
    assert rep.get(f"/api/contacts/{friend}")["birth_calendar"] == "lunar_leap"
    other = {"customer_id": customer, "name": "老王"}
    assert refused(rep, **other, birthday="1988-06-15", birth_calendar="lunar_leap") == ("no_leap_day", "birthday")
    assert refused(rep, **other, birthday=BORN) == ("no_solar_day", "birthday")
    assert refused(rep, **other, birthday="1988-02-30", birth_calendar="lunar") == ("no_lunar_day", "birthday")
    assert refused(rep, **other, birthday="1990-13-01", birth_calendar="lunar") == ("wrong_type", "birthday")
    born = rep.create("contact", **other, birthday=BORN, birth_calendar="lunar")
    with pytest.raises(Refused) as found:  # the calendar alone is changed, and the day is none of that one
        rep.do("contact.edit", id=born, set={"birth_calendar": ["lunar", "solar"]})
    assert found.value.code == "no_solar_day"


def test_a_day_that_a_calendar_does_not_have_is_kept_from_the_road(world: World) -> None:
    rep = world.person("rep")
    customer, friend, leap = shop(rep), uuid7(), uuid7()
    values = {"customer_id": customer, "name": "老王", "birthday": BORN, "birth_calendar": "solar"}
    born = {**values, "birthday": "1988-06-15", "birth_calendar": "lunar_leap"}
    results = rep.push(
        rep.op("contact.create", {"id": friend, "values": values}),
        rep.op("contact.create", {"id": leap, "values": born}),
    )
    assert [(one["status"], one["code"]) for one in results] == [
        ("adjusted", "no_solar_day"), ("adjusted", "no_leap_day")
    ]  # fmt: skip
    assert rep.get(f"/api/contacts/{friend}")["birthday"] == BORN


def test_it_is_found_and_sorted_and_filtered_like_any_birthday(world: World) -> None:
    rep = world.person("rep")
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    # The next lunar day from the 30th on, of whatever month, that a birthday in a year with that day is celebrated on.
    on = next(today + timedelta(days=n) for n in range(60) if _ends_a_month(today + timedelta(days=n)))
    day = next(text for text in celebrated_on(on, lunar=True) if text.endswith("-30"))
    year = next(year for year in range(1980, 1990) if is_day(f"{year}-{day}", "lunar"))
    shop(rep, "月末店", birth_date=f"{year}-{day}", birth_calendar="lunar")
    shop(rep, "二月店", birth_date=BORN, birth_calendar="lunar")
    shop(rep, "阳历店", birth_date="1990-03-01")

    def names(**query: object) -> list[str]:
        return [row["name"] for row in rep.get("/api/customers", **query)["items"]]

    assert "月末店" in names(birthday_within=(on - today).days)
    assert names(birth_date__ge="1990-02-01", birth_date__le="1990-02-28") == []
    assert names(birth_date__ge="1990-02-29", sort="birth_date")[:2] == ["二月店", "阳历店"]
    assert names(birth_date=BORN) == ["二月店"]
    last = names(sort="birth_date", limit=1)
    assert last == names(sort="birth_date")[:1]
    counted = ask(rep, "customers.count", by="birth_date:month")
    assert labels(counted)["1990-02"][0] == labels(counted)["1990-03"][0] == 1
    [february] = [row["filter"] for row in counted["rows"] if row["label"] == "1990-02"]
    assert names(**february) == ["二月店"]


def _ends_a_month(day: date) -> bool:
    return any(text.endswith("-30") for text in celebrated_on(day, lunar=True))


def test_it_goes_into_a_workbook_and_comes_back_the_same(world: World) -> None:
    clerk = world.person("clerk")
    book = Workbook()
    book.active.title = "客户"
    book.active.append(["客户名称", "手机"])
    book.active.append(["王记超市", "13800000001"])
    people = book.create_sheet("联系人")
    people.append(["客户名称", "联系人", "生日", "公历/农历"])
    people.append(["王记超市", "月末", "1990年2月30日", "农历"])
    people.append(["王记超市", "闰生", LEAP, "农历闰月"])
    people.append(["王记超市", "早春", date(1990, 2, 28), None])
    people.append(["王记超市", "没有", "1988-02-30", "农历"])
    content = io.BytesIO()
    book.save(content)
    job = commit(clerk, upload(clerk, content.getvalue()))
    assert job["state"] == "done"
    exported = clerk.client.get("/api/contacts/export.xlsx", params={"columns": "name,birthday,birth_calendar"})
    sheet = load_workbook(io.BytesIO(exported.content)).active
    rows = {row[0]: (_day(row[1]), row[2]) for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["月末"] == (BORN, "农历")
    assert rows["闰生"] == (date(1987, 6, 29), "农历闰月")
    assert rows["早春"] == (date(1990, 2, 28), None)
    assert "没有" not in rows


def _day(cell: Any) -> Any:
    return cell.date() if isinstance(cell, datetime) else cell


def test_dates_of_before_are_birthdays_still(new_database: NewDatabase) -> None:
    engine = write_engine(new_database())
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "a41c9d27e5f0")
        columns = {str(column["name"]): column for column in inspect(connection).get_columns("contact")}
        assert str(columns["birthday"]["type"]) == "DATE"
        row = {name: _anything(column) for name, column in columns.items() if not column["nullable"]}
        row |= {"id": "1", "birthday": date(1990, 2, 28), "birth_calendar": "lunar"}
        table = Table("contact", MetaData(), autoload_with=connection)
        connection.execute(table.insert(), row)
        command.upgrade(config, "head")
        assert connection.scalar(text("SELECT birthday FROM contact")) == "1990-02-28"
        # Back again, a day that no date column holds is not kept; the contact is.
        connection.execute(text("UPDATE contact SET birthday = '1990-02-30'"))
        command.downgrade(config, "a41c9d27e5f0")
        assert connection.execute(text("SELECT id, birthday FROM contact")).all() == [("1", None)]
    engine.dispose()


def _anything(column: Any) -> object:
    return {bool: False, datetime: datetime.now(UTC), int: 1}.get(column["type"].python_type, "x")


def test_phone_and_server_have_the_same_calendar() -> None:
    """The table stands in both, for a phone counts without network."""
    source = (Path(__file__).parents[2] / "pwa" / "src" / "ui" / "lunar.ts").read_text(encoding="utf-8")
    assert source.split("const YEARS = `")[1].split("`")[0].split() == lunar._TABLE.split()
    assert f"const FIRST = {lunar._FIRST}\n" in source
