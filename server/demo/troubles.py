"""What needs somebody's decision: two conflicts, an order over credit, a visit with a forged photo.

All of it happens by real commands, as it would in the field.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from media.capture import canonical_json
from media.make import DeviceKey
from media.tokens import TimeTokens
from server.demo.calendar import Calendar
from server.demo.company import Company, Rep
from server.demo.dice import Dice
from server.demo.places import moved
from server.demo.shops import Shop
from server.people.logins import load_actor
from server.photos.models import Photo
from server.photos.service import TIME_TOKENS
from server.records.actor import Actor
from server.records.commands import Context, run


@dataclass(slots=True)
class Scene:
    """What the troubles are made from."""

    session: Session
    dice: Dice
    company: Company
    calendar: Calendar
    shops: list[Shop]
    tokens: TimeTokens

    def context(self, employee_id: str, at: datetime, device_id: str | None = None) -> Context:
        """Acts as this employee at that moment."""
        actor = load_actor(self.session, employee_id)
        assert actor is not None
        actor = Actor(
            **{**{name: getattr(actor, name) for name in Actor.__dataclass_fields__}, "device_id": device_id}
        )
        return Context(session=self.session, actor=actor, now=at, zone=self.calendar.zone, at=at)

    def by_rep(self, rep: Rep, at: datetime) -> Context:
        return self.context(rep.id, at, rep.device_id)

    def known(self, rep: Rep) -> list[Shop]:
        """The rep's customers that were visited, latest first."""
        mine = [shop for shop in self.shops if shop.rep is rep and shop.last_visit is not None]
        return sorted(mine, key=lambda shop: (shop.last_visit, shop.customer.id), reverse=True)


def make_trouble(scene: Scene) -> None:
    """All of it, some hours before now. Raises where a command did not answer as it should."""
    scene.session.info[TIME_TOKENS] = scene.tokens
    reps = scene.company.staff.reps
    first, second = reps[0], reps[min(1, len(reps) - 1)]
    _conflict(scene, first, 3, "address", "（后门卸货）", "（大门东侧）")
    _conflict(scene, second, 4, "remark_phone", "", "")
    _order_over_credit(scene, first)
    _forged_visit(scene, second)


def _conflict(scene: Scene, rep: Rep, index: int, field: str, desk: str, phone: str) -> None:
    """The rep changed a field without network; meanwhile the desk had changed it, too."""
    customer = scene.known(rep)[index].customer
    at = scene.calendar.now - timedelta(hours=2, minutes=scene.dice.between(0, 40))
    if field == "address":
        before = customer.address or ""
        theirs, mine = before + desk, before + phone
    else:
        field, before = "mobile", customer.mobile or ""
        theirs, mine = scene.dice.mobile(), scene.dice.mobile()
    _edit(scene.context(scene.company.staff.clerk_id, at), customer.id, field, before, theirs)
    pushed = scene.by_rep(rep, at + timedelta(minutes=50))
    pushed.at = at - timedelta(minutes=70)
    _edit(pushed, customer.id, field, before, mine)
    if pushed.status != "conflict":
        raise RuntimeError(f"two edits of {field} should be a conflict, not {pushed.status}")


def _edit(context: Context, customer_id: str, field: str, base: str, wanted: str) -> None:
    run(context, "customer.edit", 1, {"id": customer_id, "set": {field: [base, wanted]}})


def _order_over_credit(scene: Scene, rep: Rep) -> None:
    """A good customer wants more than his limit allows."""
    shop = next(
        shop
        for shop in scene.known(rep)
        if shop.customer.settlement_mode == "credit" and shop.customer.credit_limit is not None
    )
    limit = shop.customer.credit_limit
    assert limit is not None
    products = [p for p in scene.company.catalog.products if p.on_shelf][:3]
    at = scene.calendar.now - timedelta(minutes=35)
    lines: list[dict[str, Any]] = []
    for product in products:
        quantity = (limit / product.price / 2).to_integral_value() + 1
        lines.append({"id": scene.dice.id_at(at), "product_id": product.id, "quantity": str(quantity)})
    context = scene.by_rep(rep, at)
    values = {"id": scene.dice.id_at(at), "customer_id": shop.customer.id, "lines": lines, "remark": "店庆活动备货"}
    run(context, "order.place", 1, values)
    if context.status != "held" or context.code != "credit_exceeded":
        raise RuntimeError(f"the order over credit should be held, not {context.status} {context.code}")


def _forged_visit(scene: Scene, rep: Rep) -> None:
    """A visit from a desk: far from the shop, with a photo of another shop that was handed in before."""
    at = scene.calendar.now - timedelta(minutes=50)
    seen = scene.session.execute(
        select(Photo.sha256, Photo.customer_id)
        .where(
            Photo.taken_by == rep.id, Photo.kind == "storefront", Photo.verdict == "verified", Photo.created_at < at
        )
        .order_by(Photo.taken_at.desc())
        .limit(1)
    ).one()
    shop = next(shop for shop in reversed(scene.known(rep)) if shop.customer.id != seen.customer_id)
    lat, lng = moved(*shop.place, 4200, -3100)
    visit_id, photo_id = scene.dice.id_at(at), scene.dice.id_at(at + timedelta(minutes=1))
    place = {"lat": lat, "lng": lng, "accuracy": 15.0}
    run(
        scene.by_rep(rep, at),
        "visit.check_in",
        1,
        {"id": visit_id, "customer_id": shop.customer.id, "at": at.isoformat(), **place},
    )
    taken = at + timedelta(minutes=1)
    capture = canonical_json(
        {
            "v": 1,
            "capture_id": scene.dice.id_at(taken),
            "sha256": seen.sha256,
            "visit_id": visit_id,
            "customer_id": shop.customer.id,
            "device_id": rep.device_id,
            "kind": "storefront",
            "source": "camera",
            "taken_at": taken,
            "offset_minutes": 480,
            "time_token": scene.tokens.issue(rep.device_id, at - timedelta(minutes=20)),
            "since_token_ms": 21 * 60_000,
            "samples": [{**place, "at": taken - timedelta(seconds=2)}],
        }
    )
    signature = DeviceKey(rep.key_seed).sign(capture)
    attach = {
        "id": photo_id,
        "visit_id": visit_id,
        "customer_id": shop.customer.id,
        "kind": "storefront",
        "capture": capture,
        "signature": signature,
    }
    answer = run(scene.by_rep(rep, taken + timedelta(seconds=20)), "photo.attach", 1, attach)
    if answer["verdict"] != "suspect":
        raise RuntimeError(f"the forged photo should be suspect, not {answer['verdict']}")
    left = at + timedelta(minutes=4)
    edits = {"content": [None, "老板在，货架正常，下周再来。"], "visited_person": [None, shop.contacts[0].name]}
    run(scene.by_rep(rep, left), "visit.edit", 1, {"id": visit_id, "set": edits})
    run(scene.by_rep(rep, left), "visit.check_out", 1, {"id": visit_id, "at": left.isoformat(), **place})
