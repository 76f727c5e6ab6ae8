"""The types of visits of the demo company, each with its own photos; one kind of photo is the company's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.demo.dice import Dice
from server.visits.models import VisitType

FREEZER = "冰柜"
#: Name → required photos in the order of the camera, and which share of the visits is of this type.
_FURTHER: dict[str, tuple[dict[str, int], float]] = {
    "陈列检查": ({"storefront": 1, FREEZER: 1, "shelf": 2}, 0.07),
    "送货对账": ({"order_book": 1, "storefront": 0}, 0.08),
}


@dataclass(frozen=True)
class VisitKind:
    """`needs` as in `VisitType.photos`."""

    id: str
    needs: tuple[tuple[str, int], ...]

    @property
    def photos(self) -> list[dict[str, Any]]:
        return [{"kind": kind, "required": required} for kind, required in self.needs]

    @property
    def required(self) -> list[str]:
        """The kinds of the photos that have to be taken, one after the other."""
        return [kind for kind, required in self.needs for _ in range(required)]


def make_visit_kinds(session: Session, dice: Dice, at: datetime) -> dict[VisitKind, float]:
    """Files the types beside the default one, and says how often each is made."""
    context = system_context(session, at)
    usual = session.scalars(select(VisitType).where(VisitType.is_default)).one()
    freezer = dice.id_at(at)
    context.run("option.create", {"id": freezer, "values": {"list_name": "photo_kind", "name": FREEZER, "sort": 10}})
    found = {VisitKind(usual.id, tuple((need["kind"], need["required"]) for need in usual.photos)): 1.0}
    for index, (name, (needs, share)) in enumerate(_FURTHER.items(), start=2):
        named = tuple((freezer if kind == FREEZER else kind, required) for kind, required in needs.items())
        kind = VisitKind(dice.id_at(at), named)
        values = {"name": name, "photos": kind.photos, "sort": index * 10}
        context.run("visit_type.create", {"id": kind.id, "values": values})
        found[kind] = share
    return found
