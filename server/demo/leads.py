"""Leads with their call cards: what the company asks in them, and what the reps reported of shops that do not buy yet."""

from typing import Any

from sqlalchemy import select

from server.company.setup import system_context
from server.customers.models import Customer
from server.demo import words
from server.demo.company import Rep
from server.demo.dice import Dice
from server.demo.shops import Shop
from server.demo.troubles import Scene
from server.followups.call_reports import KIND_AT
from server.records.commands import run
from server.records.values import to_wire
from server.visits.models import Visit

#: How many leads of each rep have reports, and how many reports at most.
_LEADS, _REPORTS = 6, 3
_CHOICES = {
    "size": ("经营规模", "經營規模", "Size of the shop", (("small", "小型", "Small"), ("medium", "中型", "Medium"), ("large", "大型", "Large"))),
    "interest": ("合作意向", "合作意向", "Interest", (("high", "高", "High"), ("some", "一般", "Some"), ("low", "低", "Low"))),
}  # fmt: skip


def stage_of(shop: Shop, *, sold: bool) -> str:
    """How far a customer has come: who has bought is an existing one, who was found at the door and seen once is cold."""
    customer = shop.customer
    if sold:
        return "existing"
    if customer.visit_count == 1 and shop.rep is not None and customer.created_by == shop.rep.id:
        return "cold"
    return "following" if customer.visit_count > 0 else "potential"


def write_leads(scene: Scene) -> int:
    """The card first, then reports of visits that are loaded. How many."""
    _make_card(scene)
    return sum(_of_rep(scene, rep) for rep in scene.company.staff.reps)


def _make_card(scene: Scene) -> None:
    context = system_context(scene.session, scene.company.founded_at)
    fields: list[dict[str, Any]] = [
        {"key": key, "name": name, "name_tw": tw, "name_en": en, "kind": "choice", "required": True,
         "choices": [{"key": one, "name": zh, "name_tw": zh, "name_en": e} for one, zh, e in choices]}
        for key, (name, tw, en, choices) in _CHOICES.items()
    ]  # fmt: skip
    fields.append({"key": "supplier", "name": "现有供应商", "name_tw": "現有供應商", "name_en": "Present supplier", "kind": "text", "required": True})  # fmt: skip
    fields.append(
        {"key": "fridges", "name": "冰柜数量", "name_tw": "冰櫃數量", "name_en": "Fridges", "kind": "number"}
    )
    for place, values in enumerate(fields, 1):
        context.run(
            "own_field.create",
            {
                "id": scene.dice.id_at(context.now),
                "values": {"record_type": "call_report", "sort": place * 10, **values},
            },
        )


# unrestricted: the whole company is being made
def _of_rep(scene: Scene, rep: Rep) -> int:
    dice, session, made = scene.dice, scene.session, 0
    leads = [shop for shop in scene.known(rep) if shop.customer.owner_id == rep.id]
    rows = session.execute(select(Customer.id, Customer.lead_stage).where(Customer.owner_id == rep.id))
    stages = {row.id: row.lead_stage for row in rows}
    chosen = [shop for shop in leads if stages.get(shop.customer.id) not in (None, "existing")][:_LEADS]
    for shop in chosen:
        card, before = _card(dice), None
        done = select(Visit).where(Visit.customer_id == shop.customer.id, Visit.state == "done")
        visits = session.scalars(done.order_by(Visit.checked_in_at)).all()[-_REPORTS:]
        for visit in visits:
            assert visit.checked_in_at is not None
            if before is not None:
                card = _changed(dice, card)
            report_id = dice.id_at(visit.checked_in_at)
            values = {
                "customer_id": shop.customer.id, "kind": KIND_AT[stages[shop.customer.id]], "visit_id": visit.id,
                "contact_id": visit.contact_id, "reported_at": to_wire(visit.checked_in_at),
                "content": visit.content or dice.pick(words.PLANS), **card,
                **({"copied_from_id": before} if before else {}),
            }  # fmt: skip
            received = visit.received_at or scene.calendar.now
            run(scene.by_rep(rep, received), "call_report.create", 1, {"id": report_id, "values": values})
            before, made = report_id, made + 1
    return made


def _card(dice: Dice) -> dict[str, Any]:
    return {
        "own.size": dice.pick(("small", "small", "medium", "large")),
        "own.interest": dice.pick(("high", "some", "low")),
        "own.supplier": dice.pick(("批发市场", "本地经销商", "网上平台", "厂家直供")),
        "own.fridges": dice.between(0, 4),
    }


def _changed(dice: Dice, card: dict[str, Any]) -> dict[str, Any]:
    """What a second look finds: mostly nothing or one thing."""
    later = _card(dice)
    names = dice.some(sorted(card), dice.pick((0, 1, 1, 2)))
    return {name: later[name] if name in names else value for name, value in card.items()}
