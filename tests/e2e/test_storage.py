"""Browsers that keep nothing, phones that are full, databases that vanish: the app says what is wrong and what to do,
and what was saved stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import PHONE
from tests.e2e.people import SYNC_TIMEOUT, Rep

_DENIED = "() => { throw new DOMException('The operation is insecure.', 'SecurityError') }"
NO_SITE_DATA = "".join(
    f"Object.defineProperty(window, '{name}', {{ get: {_DENIED} }});" for name in ("indexedDB", "localStorage")
)
NO_COOKIES = "Object.defineProperty(navigator, 'cookieEnabled', { get: () => false });"
#: While `window.full` is set, the outbox takes nothing more.
FULL_DISK = """
for (const name of ['add', 'put']) {
  const original = IDBObjectStore.prototype[name]
  IDBObjectStore.prototype[name] = function (...values) {
    if (window.full && this.name === 'ops') throw new DOMException('no space left', 'QuotaExceededError')
    return original.apply(this, values)
  }
}
"""


def test_a_browser_that_may_keep_nothing_says_so_before_anybody_types(stage: Stage) -> None:
    phone = stage.open("blocked", PHONE, lacking=[NO_SITE_DATA])
    page = phone.page
    expect(page.get_by_role("alert")).to_contain_text("此浏览器不能保存数据")
    expect(page.get_by_role("alert")).to_contain_text("普通窗口")
    phone.screenshot("storage-blocked")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("alert")).to_contain_text("This browser cannot keep data")
    page.get_by_role("button", name="繁體中文").click()
    expect(page.get_by_role("alert")).to_contain_text("此瀏覽器不能儲存資料")
    phone.expect_accessible()
    stage.put_away("blocked")


def test_a_browser_that_blocks_cookies_says_so_before_anybody_types(stage: Stage) -> None:
    phone = stage.open("cookies", PHONE, lacking=[NO_COOKIES])
    expect(phone.page.get_by_role("alert")).to_contain_text("浏览器禁止了 Cookie")
    stage.put_away("cookies")


@pytest.fixture(scope="module")
def shop(stage: Stage) -> str:
    with stage.office("rep1") as office:
        return str(shop_with_credit(office)["name"])


@pytest.fixture(scope="module")
def rep(stage: Stage, shop: str) -> Rep:
    rep = Rep(stage.open("phone", PHONE, lacking=[FULL_DISK]), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    return rep


def test_a_full_phone_refuses_clearly_and_saves_when_there_is_room(stage: Stage, rep: Rep, shop: str) -> None:
    rep.tab("客户")
    rep.find_customer(shop)
    rep.page.evaluate("window.full = true")
    rep.link("编辑").click()
    rep.fill("primary_contact", "晚班周姐")
    rep.tap("保存")
    rep.sees(re.compile("手机存储已满，这次没有存下"))
    rep.device.screenshot("storage-full")
    expect(rep.page.locator("input[name=primary_contact]")).to_have_value("晚班周姐")

    rep.page.evaluate("window.full = false")
    rep.tap("保存")
    expect(rep.page.locator("input[name=primary_contact]")).to_have_count(0)  # saved, the form is closed
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        assert office.one("customers", name=shop)["primary_contact"] == "晚班周姐"


def test_a_cache_that_was_deleted_comes_back_by_itself(rep: Rep, shop: str) -> None:
    rep.page.evaluate(
        """() => new Promise((resolve, reject) => {
             const request = indexedDB.deleteDatabase('xunke-cache')
             request.onsuccess = resolve
             request.onerror = () => reject(request.error)
           })"""
    )
    rep.go("/customers")
    rep.sees(shop, timeout=SYNC_TIMEOUT)
    rep.waits_for_everything()
