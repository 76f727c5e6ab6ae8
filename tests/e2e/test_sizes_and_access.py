"""The same app in three sizes: every main screen in light and dark, in Chinese and English, with large text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e import screen
from tests.e2e.accessibility import serious
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET, Device, Form
from tests.e2e.office import Office
from tests.e2e.people import Person, Rep

# Where a mark stands is what a map says (WCAG 2.5.8, "essential"); the lists beside it lead to the same visits.
_ON_THE_MAP = (".leaflet-marker-pane",)
Paths = Callable[[Office], list[str]]


def phone_screens(office: Office) -> list[str]:
    shop = office.all("customers", owner_id=office.id)[0]["id"]
    order = office.all("orders", clerk_id=office.id)[0]
    visit = office.all("visits", visitor_id=office.id, state="done", sort="-photo_count")[0]["id"]
    report = office.all("work-reports", author_id=office.id)[0]["id"]
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
    with stage.office(username) as office:
        screens = paths(office)
    device = stage.open(form.name, form)
    found = _look(device, "/login")
    person = Rep(device, username) if form is PHONE else Person(device, username)
    person.log_in()
    if isinstance(person, Rep):
        person.waits_for_everything()
    for path in screens:
        found += _look(device, path)
    stage.put_away(form.name)
    assert not found, "\n".join(found)


def _look(device: Device, path: str) -> list[str]:
    """One screen in English, and in Chinese: light, dark, 130 %. Leaves the device in Chinese."""
    found: list[str] = []

    def note(how: str, complaints: list[str]) -> None:
        found.extend(f"{device.form.name} {path} ({how}): {complaint}" for complaint in complaints)

    page = device.page
    for language in ("en", "zh-CN"):
        page.evaluate("(language) => localStorage.setItem('xunke.language', language)", language)
        page.goto(device.url + path)
        screen.settled(device)
        note(language, screen.complaints(device))
        if language == "en":
            continue
        note("light", _serious(page))
        page.emulate_media(color_scheme="dark")
        screen.settled(device)
        note("dark", _serious(page, "color-contrast"))  # nothing else differs
        page.emulate_media(color_scheme="light")
        page.evaluate("() => (document.documentElement.style.fontSize = '130%')")
        screen.settled(device)
        note("130 %", screen.complaints(device))
    return found


def _serious(page: Page, *only: str) -> list[str]:
    """What stays: colours follow a change from light to dark within some frames, on a busy machine some more."""
    found = serious(page, exclude=_ON_THE_MAP, only=only)
    if found:
        page.wait_for_timeout(1500)
        found = serious(page, exclude=_ON_THE_MAP, only=only)
    return found
