"""The same app in three sizes: every main screen in light and dark, in Chinese and English, with large text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e import screen
from tests.e2e.accessibility import serious
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET, Device, Form
from tests.e2e.office import Office
from tests.e2e.people import Person, Rep

Paths = Callable[[Office], list[str]]


def phone_screens(office: Office) -> list[str]:
    shop = office.all("customers", owner_id=office.id)[0]["id"]
    complaint = office.all("complaints")[0]["id"]
    order = office.all("orders", clerk_id=office.id)[0]
    visit = office.all("visits", visitor_id=office.id, state="done", sort="-photo_count")[0]["id"]
    report = office.all("work-reports", author_id=office.id)[0]["id"]
    trial = office.all("trial-accounts", owner_id=office.id, state="open")[0]["id"]
    return [
        "/today",
        "/today/arrange",
        "/customers",
        f"/customers/{shop}",
        "/customers/map",
        "/customers/new",
        "/orders",
        f"/orders/{order['id']}",
        f"/orders/new?customer={order['customer_id']}",
        f"/payments/new?customer={order['customer_id']}&order={order['id']}",
        "/alerts",
        f"/customers/{shop}/mails/new",
        "/mails/accounts",
        "/complaints",
        f"/complaints/{complaint}",
        f"/customers/{shop}/complaints/new",
        f"/trial-accounts/{trial}",
        "/visits/new",
        "/visits/plan",
        "/visits/route",
        f"/visits/start/{shop}",
        f"/visits/{visit}",
        "/worklogs",
        "/worklogs/today",
        f"/worklogs/{report}",
        "/sync",
        "/me",
    ]


def tablet_screens(office: Office) -> list[str]:
    rep = office.one("employees", username="rep1")["id"]
    photo = office.all("photos", verdict="verified")[0]["id"]
    return [
        "/today",
        "/today/arrange",
        "/team",
        f"/team/people/{rep}",
        "/team/behind/visits",
        "/alerts",
        "/complaints",
        "/review/orders",
        "/review/reports",
        "/review/photos",
        f"/review/photos/{photo}",
        "/customers",
        "/customers/map",
        "/devices",
        "/me",
    ]


def desk_screens(office: Office) -> list[str]:
    shop = office.all("customers")[0]["id"]
    complaint = office.all("complaints")[0]["id"]
    order = office.all("orders")[0]["id"]
    product = office.all("products")[0]["id"]
    return [
        "/desk",
        "/today/arrange",
        "/desk/customers",
        "/desk/customer-map",
        f"/desk/customers/{shop}",
        "/desk/orders",
        f"/desk/orders/{order}",
        "/desk/held-orders",
        "/desk/payments",
        "/desk/conflicts",
        "/desk/alerts",
        f"/desk/complaints/{complaint}",
        "/desk/trial-accounts",
        "/desk/mails",
        "/desk/imports",
        f"/desk/products/{product}",
        "/desk/visits",
        "/desk/employees",
        "/desk/departments",
        "/desk/roles",
        "/desk/lists",
        "/desk/company",
        "/devices",
        "/sync",
    ]


SIZES: list[tuple[Form, str, Paths]] = [
    (PHONE, "rep1", phone_screens),
    (TABLET, "manager", tablet_screens),
    (DESK, "admin", desk_screens),
]


@pytest.mark.parametrize(("form", "username", "paths"), SIZES, ids=lambda value: getattr(value, "name", None))
def test_main_screens(stage: Stage, form: Form, username: str, paths: Paths) -> None:
    """In English, and in Chinese: light, dark, 130 %. The app stays open, as it does for people: a language is chosen where
    they choose it, and one screen follows another."""
    with stage.office(username) as office:
        screens = paths(office)
    device = stage.open(form.name, form, path="/login")
    found: list[str] = []
    for language, look in ((_ENGLISH, _in_english), (_CHINESE, _in_chinese)):
        _choose(device, language)
        found += look(device, "/login")
    person = Rep(device, username) if form is PHONE else Person(device, username)
    person.log_in()
    if isinstance(person, Rep):
        person.waits_for_everything()
    for language, look in ((_ENGLISH, _in_english), (_CHINESE, _in_chinese)):
        _turn_to(device, "/me")
        _choose(device, language)
        for path in screens:
            _turn_to(device, path)
            found += look(device, path)
    stage.put_away(form.name)
    assert not found, "\n".join(found)


_ENGLISH, _CHINESE = "English", "简体中文"
#: As back and forward do. What stands on the screen that is left is marked, so that the next one is told from it.
_TURN = """(path) => {
  document.querySelectorAll('h1, [role=heading]').forEach((heading) => heading.setAttribute('data-left', path))
  history.pushState({ ...history.state, current: path }, '', path)
  dispatchEvent(new PopStateEvent('popstate', { state: history.state }))
}"""


def _choose(device: Device, language: str) -> None:
    chosen = device.page.get_by_role("button", name=language, exact=True)
    chosen.click()
    expect(chosen).to_have_attribute("aria-pressed", "true")


def _turn_to(device: Device, path: str) -> None:
    page = device.page
    if page.url == device.url + path:
        return
    page.evaluate(_TURN, path)
    expect(page.locator(f":is(h1, [role=heading]):not([data-left='{path}'])").first).to_be_visible()


def _noted(device: Device, path: str, how: str, complaints: list[str]) -> list[str]:
    return [f"{device.form.name} {path} ({how}): {complaint}" for complaint in complaints]


def _in_english(device: Device, path: str) -> list[str]:
    screen.settled(device)
    return _noted(device, path, "English", screen.complaints(device))


def _in_chinese(device: Device, path: str) -> list[str]:
    page = device.page
    screen.settled(device)
    found = _noted(device, path, "Chinese", screen.complaints(device))
    found += _noted(device, path, "light", serious(page))
    page.emulate_media(color_scheme="dark")
    screen.settled(device)
    # Nothing else differs.
    found += _noted(device, path, "dark", serious(page, only=("color-contrast",)))
    page.emulate_media(color_scheme="light")
    page.evaluate("() => (document.documentElement.style.fontSize = '130%')")
    screen.settled(device)
    found += _noted(device, path, "130 %", screen.complaints(device))
    page.evaluate("() => (document.documentElement.style.fontSize = '')")
    return found
