"""Reports: every number is the list behind it, everybody gets those of what he may see, and what one may not read is in no
sum. On both engines, through the public API."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest

from server.records.ids import uuid7
from server.reports.declaring import declared, declared_named
from tests.orders.trade import line, place, product
from tests.reports.asking import Lists, ask, labels
from tests.support.fieldwork import check_in, new_shop
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories
ZONE = ZoneInfo("Asia/Shanghai")


def visit(person: Person, customer: str, **more: Any) -> None:
    [result] = person.push(check_in(person, customer, **more))
    assert result["status"] in ("done", "adjusted", "applied"), result


def a_company(world: World) -> dict[str, str]:
    """Two departments, three people with customers of all kinds, visits, orders, papers and daily reports."""
    boss, rep, colleague, stranger = (world.person(name) for name in ("boss", "rep", "rep2", "stranger"))
    top = boss.me["employee"]["department_id"]
    south = boss.create("department", name="华南部", parent_id=top)
    shenzhen = boss.create("department", name="深圳组", parent_id=south)
    boss.do("employee.edit", id=colleague.id, set={"department_id": [top, south]})
    boss.do("employee.edit", id=stranger.id, set={"department_id": [top, shenzhen]})
    regions = [
        world.person("boss").create("option", list_name="sales_region", name=name) for name in ("华东", "华南")
    ]
    kinds = {"shop": world.option("customer_category", _first(boss, "customer_category"))}
    shops = {
        "one": new_shop(
            rep, "王记超市", province="山东", city="青岛", sales_region_id=regions[0], category_id=kinds["shop"]
        ),
        "two": new_shop(rep, "李记超市", province="山东", city="济南", sales_region_id=regions[0]),
        "three": new_shop(rep, "南风商店", province="广东", city="深圳", sales_region_id=regions[1]),
        "four": new_shop(colleague, "海口小店", province="海南"),
        "five": new_shop(stranger, "无名店"),
    }
    for name, times in (("one", 3), ("two", 1)):
        for _ in range(times):
            visit(rep, shops[name])
    visit(colleague, shops["four"])
    visit(stranger, shops["five"])
    for to in (stranger, colleague):
        world.person("clerk").do("customer.assign", ids=[shops["four"]], owner_id=to.id)
    goods = product(world)
    place(rep, shops["one"], line(goods, "10"))
    paid = place(rep, shops["two"], line(goods, "2.5"))
    rep.do("payment.record", id=uuid7(), order_id=paid.id, amount="5.00", paid_at=datetime.now(UTC).isoformat())
    day = datetime.now(ZONE).date().isoformat()
    for person in (rep, colleague):
        person.do("report.submit", id=uuid7(), kind="day", report_date=day, summary="跑店")
    rep.do(
        "customer.request_change",
        id=uuid7(),
        customer_id=shops["one"],
        set={"name": ["王记超市", "王记"]},
        reason="改名",
    )
    return {**shops, "south": south, "top": top, "shenzhen": shenzhen}


def _first(person: Person, list_name: str) -> str:
    return str(person.get("/api/options", list_name=list_name)["items"][0]["name"])


def measures_of(name: str) -> dict[str, tuple[str, str]]:
    report = declared_named(name)
    assert report is not None
    return {measure.name: (measure.kind, measure.field) for measure in report.measured}


@pytest.mark.slow
def test_every_number_of_every_report_is_the_list_behind_it(world: World) -> None:
    """By every dimension for who sees all, as it opens for everybody."""
    a_company(world)
    compared = 0
    for username in ("boss", "manager", "rep"):
        person = world.person(username)
        lists = Lists(person)
        for entry in person.get("/api/reports")["items"]:
            names = [choice["name"] for choice in entry["dimensions"]]
            asked: list[dict[str, Any]] = [{}]
            if username == "boss":
                asked += [{"by": name} for name in names]
                asked += [{"by": names[0], "across": names[-1]}, {"by": "", "period": "this_year"}]
            for params in asked:
                compared += lists.check(ask(person, entry["name"], **params), measures_of(entry["name"]))
    assert compared > 500


def test_everybody_gets_the_numbers_of_what_he_may_see(world: World) -> None:
    a_company(world)
    counts = {
        name: ask(world.person(name), "customers.count", by="")["totals"][0][0]
        for name in ("boss", "manager", "rep", "rep2", "stranger", "clerk")
    }
    assert counts == {"boss": 5, "clerk": 5, "manager": 4, "rep": 3, "rep2": 1, "stranger": 1}
    assert labels(ask(world.person("rep2"), "visits.by_customer")).keys() == {"海口小店"}


def test_one_goes_down_the_organisation_to_the_person(world: World) -> None:
    company, boss = a_company(world), world.person("boss")
    tree = "owner_id.department_id:tree"
    report = ask(boss, "customers.count", by=tree)
    [top] = report["rows"]
    assert report["cells"][0][0][0] == 5
    assert top["within"]
    below = ask(boss, "customers.count", by=tree, **top["within"])
    numbers = {row["key"]: cells[0][0] for row, cells in zip(below["rows"], below["cells"], strict=True)}
    assert numbers == {company["top"]: 3, company["south"]: 2}
    south = next(row for row in below["rows"] if row["key"] == company["south"])
    people = labels(ask(boss, "customers.count", by="owner_id", **south["within"]))
    assert {name: cells[0] for name, cells in people.items()} == {"李四": 1, "赵六": 1}


def test_what_is_behind_a_place_one_may_not_see_is_not_told(world: World) -> None:
    """赵六 visited a shop that has since gone to 李四: the visit is still his, the shop's region is not for him."""
    company, boss = a_company(world), world.person("boss")
    stranger, colleague = world.person("stranger"), world.person("rep2")
    boss.do("customer.edit", id=company["five"], set={"province": [None, "西藏"]})
    before = labels(ask(stranger, "visits.all", by="customer_id.province"))
    assert set(before) == {"西藏"}
    boss.do("customer.assign", ids=[company["five"]], owner_id=colleague.id)
    report = ask(stranger, "visits.all", by="customer_id.province")
    assert set(labels(report)) == {"未填写"}
    assert len(Lists(stranger).behind(report, report["rows"][0]["filter"])) == 1
    assert labels(ask(stranger, "visits.all", by="customer_id")).keys() == {"（无权查看）"}
    assert ask(stranger, "visits.all", **{"customer_id.province": "西藏"})["totals"][0][0] == 0


def test_amounts_that_one_may_not_read_are_in_no_sum_and_no_order(world: World) -> None:
    a_company(world)
    boss, rep = world.person("boss"), world.person("rep")
    whole = ask(rep, "orders.mine")
    assert labels(whole)["王记超市"][1] == "120.00"
    assert [row["label"] for row in whole["rows"]] == ["王记超市", "李记超市"]
    boss.do("role.grant", ids=[rep.me["role"]["id"]], fields={"money": "hidden"})
    hidden = ask(rep, "orders.mine", sort="payable", compare=1)
    assert [measure["concealed"] for measure in hidden["measures"]] == [False, True, True, True]
    assert all(cells[0][1:] == [None, None, None] for cells in hidden["cells"])
    assert hidden["totals"][0][0] == 2
    assert hidden["totals"][0][1:] == [None] * 3
    with pytest.raises(Refused) as refused:
        ask(rep, "orders.mine", payable__gt="100")
    assert refused.value.code == "unknown_field"
    with pytest.raises(Refused) as refused:
        ask(rep, "customers.all", by="debt_total")
    assert refused.value.code == "unknown_field"
    boss.do("role.grant", ids=[rep.me["role"]["id"]], fields={"money": None, "customer.mobile": "masked"})
    with pytest.raises(Refused):
        ask(rep, "customers.all", by="mobile")


def test_the_months_of_a_year_are_the_companys_own(world: World) -> None:
    """A visit at half past midnight in China on the first of the month is in that month, though it is not yet in UTC."""
    rep = world.person("rep")
    shop = new_shop(rep)
    today = datetime.now(ZONE)
    start = today.replace(day=1, hour=0, minute=30, second=0, microsecond=0)
    for moment in (start, start - timedelta(hours=1)):
        visit(rep, shop, at=moment.astimezone(UTC))
    report = ask(
        rep, "visits.mine", by="checked_in_at:month", from_=f"{start.year - 1}-01-01", to=f"{start.year}-12-31"
    )
    numbers = {label: cells[0] for label, cells in labels(report).items() if cells[0]}
    earlier = start - timedelta(hours=1)
    assert numbers == {f"{start:%Y-%m}": 1, f"{earlier:%Y-%m}": 1}
    assert len(report["rows"]) == 24


def test_a_number_is_compared_with_the_period_before(world: World) -> None:
    rep = world.person("rep")
    shop, other = new_shop(rep), new_shop(rep, "老店")
    now = datetime.now(UTC)
    visit(rep, shop)
    yesterday = (now - timedelta(days=1)).astimezone(ZONE).date()
    visit(rep, shop, at=now - timedelta(days=1))
    visit(rep, other, at=now - timedelta(days=1))
    report = ask(rep, "visits.all", by="customer_id", period="today", compare=1)
    assert labels(report)["王记超市"][0] == 1
    assert report["before"][0][0] == 1
    assert report["total_before"][0] == 2
    day = ask(rep, "visits.all", by="", from_=yesterday.isoformat(), to=yesterday.isoformat())
    assert day["totals"][0][0] == 2


def test_a_report_is_taken_along_as_a_workbook_and_on_paper(world: World) -> None:
    a_company(world)
    manager, rep = world.person("manager"), world.person("rep")
    response = manager.client.get("/api/reports/customers.new_by_region/export.xlsx", params={"language": "en"})
    assert response.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert rows[0][0] == "New customers this year"
    assert {row[0] for row in rows[3:]} == {"华东", "华南", "Not filled in", "Total"}
    assert sum(rows[-1][1:]) == 4
    pdf = manager.client.get("/api/reports/customers.count/export.pdf", params={"by": "province"})
    assert pdf.status_code == 200
    text = pypdfium2.PdfDocument(pdf.content)[0].get_textpage().get_text_range()
    assert "客户数量报表" in text
    assert "山东" in text
    assert "合计" in text
    assert rep.client.get("/api/reports/customers.count/export.xlsx").status_code == 403
    response = manager.client.get("/api/reports/visits.by_customer/export.xlsx")
    last = openpyxl.load_workbook(io.BytesIO(response.content)).active["C4"].value
    assert abs(last - datetime.now(ZONE).replace(tzinfo=None)) < timedelta(minutes=5)
    # What it is narrowed to stands on it: nobody sees the filters of a sheet of paper.
    wanted = {"owner_id": rep.id, "province": "山东", "lead_stage__in": "cold,potential", "mobile__empty": "0"}
    response = manager.client.get("/api/reports/customers.count/export.xlsx", params={"language": "en", **wanted})
    about = openpyxl.load_workbook(io.BytesIO(response.content)).active["A2"].value
    assert about == "Lead stage: Cold, Potential · Mobile: filled in · Owner: 张三 · Province: 山东"
    pdf = manager.client.get("/api/reports/customers.count/export.pdf", params={"province": "山东", "by": "city"})
    assert "省份: 山东" in pypdfium2.PdfDocument(pdf.content)[0].get_textpage().get_text_range()


def test_reports_have_words_in_three_languages(world: World) -> None:
    boss = world.person("boss")
    found = {lang: boss.get("/api/reports", language=lang)["items"] for lang in ("zh-CN", "zh-TW", "en")}
    assert [len(items) for items in found.values()] == [len(list(declared()))] * 3
    first = {lang: items[0]["label"] for lang, items in found.items()}
    assert len(set(first.values())) == 3


def test_what_cannot_be_asked_is_said(world: World) -> None:
    boss = world.person("boss")
    for name, params, code in (
        ("visits.all", {"by": "content"}, "not_filterable"),
        ("visits.all", {"by": "visit_type_id:tree"}, "not_filterable"),
        ("visits.all", {"by": "nothing"}, "unknown_field"),
        ("visits.all", {"by": "customer_id.nothing.city"}, "unknown_field"),
        ("visits.all", {"period": "this_millennium"}, "unknown_field"),
        ("visits.all", {"from": "2026-02-30", "to": "2026-03-01"}, "wrong_type"),
        ("visits.all", {"from": "2026-03-02", "to": "2026-03-01"}, "period_reversed"),
        ("visits.all", {"by": "checked_in_at:day", "from": "2020-01-01", "to": "2026-03-01"}, "too_many_periods"),
        ("visits.all", {"limit": "5000"}, "too_large"),
        ("nothing.at_all", {}, "not_found"),
    ):
        with pytest.raises(Refused) as refused:
            ask(boss, name, **params)
        assert refused.value.code == code, (name, params)


def test_a_report_is_saved_given_to_everybody_and_counts_for_each_reader(world: World) -> None:
    a_company(world)
    boss, rep = world.person("boss"), world.person("rep")
    declaration = {
        "record": "visit",
        "moment": "checked_in_at",
        "period": "this_year",
        "measures": [{"name": "n", "kind": "count", "label": ["次数", "次數", "Times"]}],
        "dimensions": ["customer_id.city", "visitor_id"],
        "by": "customer_id.city",
        "chart": "bar",
    }
    mine = rep.create("saved_report", name="我的城市", declaration=declaration)
    assert labels(ask(rep, mine))["青岛"] == [3]
    with pytest.raises(Refused) as refused:
        ask(world.person("rep2"), mine)
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        rep.do("saved_report.publish", id=mine, everyone=True)
    assert refused.value.status == 403
    shared = boss.create("saved_report", name="各城市拜访", declaration=declaration)
    boss.do("saved_report.publish", id=shared, everyone=True)
    assert ask(boss, shared)["totals"][0] == [6]
    assert ask(rep, shared)["totals"][0] == [4]
    assert "各城市拜访" in [one["label"] for one in rep.get("/api/reports")["items"]]
    for wrong in (
        {"record": "credential"},
        {**declaration, "by": "nothing"},
        {**declaration, "chart": "3d"},
        {"x": 1},
    ):
        with pytest.raises(Refused) as refused:
            boss.create("saved_report", name="坏", declaration=wrong)
        assert refused.value.status == 422


def test_a_saved_report_outlives_the_own_field_it_counts_by(world: World) -> None:
    boss = world.person("boss")
    field = boss.create("own_field", record_type="customer", name="冰柜", kind="text")
    key = boss.get(f"/api/own-fields/{field}")["key"]
    new_shop(world.person("rep"))
    declaration = {"record": "customer", "by": f"own.{key}", "dimensions": [f"own.{key}", "city"]}
    saved = boss.create("saved_report", name="冰柜", declaration=declaration)
    assert labels(ask(boss, saved)) == {"未填写": [1]}
    boss.do("own_field.delete", id=field)
    [entry] = [one for one in boss.get("/api/reports")["items"] if one["name"] == saved]
    assert [one["name"] for one in entry["dimensions"]] == ["city"]
    with pytest.raises(Refused) as refused:
        ask(boss, saved)
    assert refused.value.code == "unknown_field"
    assert ask(boss, saved, by="city")["totals"][0] == [1]
