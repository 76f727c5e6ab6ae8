"""A customer goes to a colleague: the phone keeps nothing of it, not even the pictures that were looked at; and who logs
out leaves none at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import PHONE
from tests.e2e.people import Rep

KEPT = """async () => {
  if (!(await caches.has('pictures-v1'))) return []
  return (await (await caches.open('pictures-v1')).keys()).map(({ url }) => new URL(url).pathname.split('/')[4])
}"""
#: What the browser's own cache has, without asking anybody; 0: nothing.
OFFLINE = """(id) => fetch(`/media/v1/photos/${id}/large`, { cache: 'only-if-cached', mode: 'same-origin' })
  .then(({ status }) => status, () => 0)"""


@pytest.fixture
def kept(stage: Stage) -> Callable[[], set[str]]:
    return lambda: set(stage.devices["phone"].page.evaluate(KEPT))


def test_pictures_leave_with_their_customer_and_with_their_reader(stage: Stage, kept: Callable[[], set[str]]) -> None:
    with stage.office("rep1") as office:
        photos = [photo for photo in office.all("photos") if photo["uploaded_at"] and photo["customer_id"]]
        mine = {row["id"]: row for row in office.all("customers", owner_id=office.id)}
    photos = [photo for photo in photos if photo["customer_id"] in mine]
    goes = photos[0]
    stays = next(photo for photo in photos if photo["customer_id"] != goes["customer_id"])
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    rep.device.wait_until_installed()
    page = rep.page
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    for photo in (goes, stays):
        for size in ("small", "large"):
            page.evaluate(
                "async (url) => { await (await fetch(url)).blob() }", f"/media/v1/photos/{photo['id']}/{size}"
            )
    rep.device.until(lambda: kept() >= {goes["id"], stays["id"]})
    assert page.evaluate(OFFLINE, goes["id"]) == 200

    with stage.office("rep2") as other, stage.office("admin") as office:
        office.do("customer.assign", ids=[goes["customer_id"]], owner_id=other.id, reason="片区调整")
    rep.waits_for_everything()
    rep.device.until(lambda: goes["id"] not in kept())
    assert stays["id"] in kept()
    rep.device.expect_complaint("ERR_CACHE_MISS|504")
    assert page.evaluate(OFFLINE, goes["id"]) in (0, 504)

    rep.tab("我的")
    rep.tap("退出登录")
    page.get_by_role("dialog").get_by_role("button", name="退出登录").click()
    expect(page.locator("input[name=username]")).to_be_visible()
    rep.device.until(lambda: not kept())
