"""What goes wrong between phone and company, and what must not: nothing is lost, nothing arrives twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day, shop_with_credit
from tests.e2e.device import PHONE, Place
from tests.e2e.people import SYNC_TIMEOUT, Rep

PRODUCT = "金穗花生油"
# The server is gone for a while, and says so in its own way when it is back.
_SERVER_GONE = r"net::ERR_|\b50\d\b|\b401\b"
_KEPT = """async () => {
  const name = (await caches.keys()).find((one) => one.includes('precache'))
  const cache = await caches.open(name)
  return Promise.all((await cache.keys()).map(async (request) => {
    const kept = await cache.match(request)
    return [new URL(request.url).pathname, kept.headers.has('cache-control')]
  }))
}"""
_NEWER_WAITS = """async () => {
  const registration = await navigator.serviceWorker.ready
  while (!registration.waiting) await new Promise((again) => setTimeout(again, 50))
}"""


@pytest.fixture(scope="module")
def shop(stage: Stage) -> str:
    with stage.office("rep1") as office:
        free_the_day(office)
        found = shop_with_credit(office)
    rep = Rep(stage.open("phone", PHONE, place=Place(found["geo_lat"], found["geo_lng"], 9)), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    return str(found["name"])


@pytest.fixture
def rep(stage: Stage, shop: str) -> Rep:
    return Rep(stage.devices["phone"], "rep1")


def test_the_server_is_killed_in_the_middle_of_a_sync(stage: Stage, rep: Rep, shop: str) -> None:
    rep.device.expect_complaint(_SERVER_GONE)
    with stage.office("rep1") as office:
        before = {order["id"] for order in office.all("orders", clerk_id=office.id)}
    rep.device.go_offline()
    for quantity in (3, 4):
        rep.order_at(shop)
        rep.choose(PRODUCT, quantity)
        rep.hand_in_order()

    # The push reaches the server and is carried out; the server dies before its answer arrives.
    after_push(rep, stage.server.kill)
    stage.server.start()

    rep.waits_for_everything()
    with stage.office("rep1") as office:
        orders = [order["id"] for order in office.all("orders", clerk_id=office.id) if order["id"] not in before]
        lines = [line for order in orders for line in office.all("order-lines", order_id=order)]
    assert len(orders) == 2
    assert sorted(Decimal(line["quantity"]) for line in lines) == [3, 4]


def test_the_session_ends_in_the_middle_of_the_day(stage: Stage, rep: Rep, shop: str) -> None:
    rep.device.expect_complaint(r"\b401\b")
    with stage.office("rep1") as office:
        office.end_other_logins()
    rep.tab("客户")
    rep.find_customer(shop)
    rep.edit_customer(primary_contact="晚班周姐")
    rep.sees("登录已过期，内容都在，重新登录后继续。", timeout=SYNC_TIMEOUT)
    rep.go("/sync")
    rep.sees(re.compile(f"修改客户 · {shop}"))

    rep.link(re.compile("登录已过期")).click()
    expect(rep.page.locator("input[name=username]")).to_have_value("rep1")
    rep.log_in()
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        assert office.one("customers", name=shop)["primary_contact"] == "晚班周姐"


def test_of_two_tabs_one_leads_and_both_know(rep: Rep, shop: str) -> None:
    first = rep.page
    second = rep.device.context.new_page()
    pulls: list[str] = []
    second.on("request", lambda request: pulls.append(request.url) if "/sync/v1/" in request.url else None)
    second.goto(rep.device.url + "/today")
    rep.tab("客户")
    rep.find_customer(shop)
    rep.edit_customer(primary_contact="早班老周")
    rep.sees("早班老周")

    first.goto(rep.device.url + "/customers")
    first.get_by_role("searchbox").fill(shop)
    first.get_by_role("link", name=re.compile(f"^{shop}")).click()
    expect(first.get_by_text("早班老周")).to_be_visible()
    held = second.evaluate(
        "async () => (await navigator.locks.query()).held.filter((one) => /leader/.test(one.name))"
    )
    assert len(held) == 1
    second.close()


def test_the_app_is_kept_in_one_piece(stage: Stage, rep: Rep) -> None:
    """What the phone keeps of the app is all of it, and the files with hashed names came together: a phone far out would
    need a round trip for each."""
    kept = rep.page.evaluate(_KEPT)
    names = {f"/assets/{file.name}" for file in (stage.app / "assets").iterdir() if file.suffix != ".br"}
    assert {path for path, _ in kept if path.startswith("/assets/")} == names
    # The server's answer for a single file says how long it may be kept.
    assert [path for path, alone in kept if alone and path.startswith("/assets/")] == []
    assert {path for path, alone in kept if alone} >= {"/index.html", "/manifest.webmanifest"}


def test_a_new_version_waits_for_a_half_filled_form(stage: Stage, rep: Rep) -> None:
    page = rep.page
    rep.go("/customers")
    rep.tap("新客户")
    rep.fill("name", "写到一半的店")
    page.evaluate("() => (window.notReloaded = true)")

    worker = stage.app / "sw.js"
    worker.write_text(f"{worker.read_text()}\n// a newer version\n")
    page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    page.evaluate(_NEWER_WAITS)
    page.wait_for_timeout(1000)
    expect(page.locator("input[name=name]")).to_have_value("写到一半的店")
    assert page.evaluate("() => window.notReloaded") is True

    rep.tap("返回")
    rep.sees("有新版本")
    rep.tap("更新")
    page.wait_for_function("() => window.notReloaded !== true")
    rep.tap("新客户")
    expect(page.locator("input[name=name]")).to_have_value("写到一半的店")


def after_push(rep: Rep, then: Callable[[], None]) -> None:
    """Goes online; when the push has been carried out, but before its answer arrives, does `then`."""
    page = rep.page
    done: list[bool] = []

    def swallow(route: Route) -> None:
        route.fetch()
        done.append(True)
        then()
        route.abort()

    page.route("**/sync/v1/push", swallow, times=1)
    rep.device.go_online()
    rep.device.until(lambda: bool(done))
