"""What the administrator asks of a visit, what the rep then takes without a network, and a printed code that is checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day, shop_with_credit
from tests.e2e.device import DESK, PHONE, TABLET, Place
from tests.e2e.people import Clerk, Person, Rep

TYPE, KIND = "送货拜访", "地堆"
CODE = r"(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}"
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


@pytest.fixture(autouse=True)
def chapter(stage: Stage) -> None:
    if stage.failures:
        pytest.skip("an earlier chapter of the story failed")


@dataclass
class Story:
    """What the chapters know of each other."""

    stage: Stage
    rep: Rep
    shop: str
    code: str = ""
    moment: str = ""


@pytest.fixture(scope="module")
def story(stage: Stage) -> Story:
    with stage.office("rep1") as office:
        free_the_day(office)
        shop = shop_with_credit(office)
    place = Place(shop["geo_lat"] + 0.0002, shop["geo_lng"], 9)
    found = Rep(stage.open("phone", PHONE, place=place), "rep1")
    found.log_in()
    found.waits_for_everything()
    found.plan_for_today(shop["name"])
    found.waits_for_everything()
    return Story(stage, found, shop["name"])


def taken(camera: Locator, n: int) -> Locator:
    photos = camera.get_by_role("button", name=re.compile("^查看照片："))
    expect(photos).to_have_count(n)
    return photos


def choose_kind(camera: Locator, kind: str) -> None:
    camera.get_by_role("group", name="照片类型").get_by_role("button", name=re.compile(f"^{kind}")).click()


def test_the_administrator_says_what_a_delivery_has_to_show(story: Story) -> None:
    boss = Clerk(story.stage.open("desk of admin", DESK), "admin")
    boss.log_in()
    boss.go("/desk/lists?list=photo_kind")
    page = boss.page
    page.get_by_label("新选项").fill(KIND)
    page.keyboard.press("Enter")
    expect(page.locator("input.name").last).to_have_value(KIND)
    boss.go("/desk/visit-photos")
    page.get_by_label("新的拜访类型").fill(TYPE)
    page.keyboard.press("Enter")
    card = page.locator("section.type").filter(has=page.locator("li")).last
    expect(card.locator("input.name")).to_have_value(TYPE)
    card.get_by_role("button", name=KIND, exact=True).click()
    card.get_by_role("button", name=f"{KIND}多一张").click()
    expect(card.get_by_role("group", name=f"必拍 {KIND}")).to_contain_text("2")
    card.get_by_role("button", name=f"上移{KIND}").click()
    expect(card.get_by_role("listitem").first).to_contain_text(KIND)
    boss.device.screenshot("visit-types")
    boss.device.expect_accessible()
    story.rep.waits_for_everything()


def test_the_rep_takes_it_without_a_network(story: Story) -> None:
    story.rep.device.go_offline()
    story.rep.tab("今日")
    story.rep.start_next_stop(story.shop)
    page = story.rep.page
    page.get_by_role("group", name="拜访类型").get_by_role("button", name=TYPE).click()
    story.rep.device.screenshot("check-in-type")
    story.rep.check_in()
    camera = page.get_by_role("region", name="拍照")
    shutter = camera.get_by_role("button", name=f"拍照：{KIND}")
    expect(shutter).to_be_enabled()
    for n in (1, 2):
        shutter.click()
        taken(camera, n)
    choose_kind(camera, KIND)
    story.rep.device.screenshot("camera-kinds")

    # One is blurred: it is taken again and steps back.
    taken(camera, 2).first.click()
    camera.get_by_label("照片备注").fill("左边地堆")
    camera.get_by_role("button", name="重拍").click()
    shutter.click()
    expect(page.get_by_role("region", name="拍照").locator(".pending")).to_have_count(0)
    taken(camera, 2)
    choose_kind(camera, "门头")
    camera.get_by_role("button", name="拍照：门头").click()
    taken(camera, 3)
    camera.get_by_role("button", name="完成").click()
    story.rep.sees("必拍的都拍好了")
    expect(page.locator(".photos button")).to_have_count(3)


def test_what_the_phone_shows_is_stamped(story: Story) -> None:
    page = story.rep.page
    page.locator(".photos button").last.click()
    stamp = page.locator("figcaption.stamp")
    expect(stamp).to_contain_text(story.shop)
    expect(stamp).to_contain_text(re.compile(MOMENT))
    expect(stamp).to_contain_text("±9 m")
    expect(stamp).to_contain_text(re.compile(CODE))
    story.rep.device.screenshot("stamp-on-the-phone")
    story.code = _found(CODE, stamp.inner_text())
    story.moment = _found(MOMENT, stamp.inner_text())
    page.get_by_role("button", name="关闭").click()
    story.rep.tap("下一步：记录")
    story.rep.check_out()
    story.rep.device.go_online()
    story.rep.waits_for_everything()


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[0]


def test_the_company_keeps_what_was_set_aside_and_believes_the_visit(story: Story) -> None:
    with story.stage.office("rep1") as office:
        visit = office.all("visits", visitor_id=office.id, state="done", sort="-checked_in_at")[0]
        photos = office.all("photos", visit_id=visit["id"])
        assert visit["visit_type_id"] == office.one("visit-types", name=TYPE)["id"]
        kind = office.one("options", list_name="photo_kind", name=KIND)["id"]
    assert (visit["evidence"], visit["photo_count"]) == ("verified", 3)
    assert sorted((one["kind_id"] == kind, one["withdrawn_at"] is not None) for one in photos) == [
        (False, False), (True, False), (True, False), (True, True),
    ]  # fmt: skip
    [away] = [one for one in photos if one["withdrawn_at"]]
    assert (away["note"], away["uploaded_at"]) == ("左边地堆", None)  # it was not even sent


def _stranger(story: Story) -> str:
    """A colleague who may not see the photo."""
    for username in ("rep2", "rep3"):
        with story.stage.office(username) as office:
            if not office.all("photos", code=story.code):
                return username
    raise AssertionError("everybody sees the photo")


@pytest.mark.parametrize("may_see", [True, False])
def test_a_printed_code_is_checked_by_anybody(story: Story, may_see: bool) -> None:
    username = "manager" if may_see else _stranger(story)
    checker = Person(story.stage.open(f"tablet of {username}", TABLET), username)
    checker.log_in()
    checker.go("/verify")
    page: Page = checker.page
    code = story.code
    page.locator("input[name=code]").fill(code.lower().replace("-", "")[:-1])
    checker.tap("核验")
    checker.sees("核验码有误，请逐字核对")
    page.locator("input[name=code]").fill(code.lower().replace("-", ""))
    checker.tap("核验")
    checker.sees("真实")
    expect(page).to_have_url(re.compile(f"/verify/{code}$"))
    for line in (story.shop, story.moment, code):
        expect(page.locator("dl").first).to_contain_text(line)
    picture = page.locator("figure img").first
    if may_see:
        expect(picture).to_be_visible()
        page.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    else:
        checker.sees(re.compile("您无权查看这张照片"))
    checker.device.screenshot(f"verify-{'manager' if may_see else 'colleague'}")
    checker.device.expect_accessible()
    page.locator("input[name=code]").fill("NENT-QAXB-NENZ")
    checker.device.expect_complaint(r"404.*/api/verify/NENT-QAXB-NENZ")
    checker.tap("核验")
    checker.sees("查无此码")
