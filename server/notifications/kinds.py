"""What people are told of (BUSINESS.md, Reminder centre): each area declares its kinds beside the rules they follow.

    FOLLOW_UP = kind("customer.follow_up", L("客户回访提醒", …), L("{customer} 约好现在联系", …), lead_days=0)

A placeholder is filled from the `args` of `notify`. A name that ends with `_at` is a moment and one with `_on` a day; they
are shown in the reader's language and, moments, in the company's time zone.
"""

from dataclasses import dataclass
from datetime import time

from server.records.fields import Label


@dataclass(frozen=True, slots=True)
class Kind:
    """`push`: also shown on locked phones unless company or person says otherwise. `lead_days`: how many days before, for
    kinds about a day to come. `at`: the time of the company's day when it comes, for kinds that come once a day. `needs`:
    the permission without which nobody is ever told, so that others are not asked about it."""

    name: str
    label: Label
    text: Label
    push: bool
    lead_days: int | None
    at: time | None
    needs: str | None = None


_kinds: dict[str, Kind] = {}


def kind(
    name: str,
    label: Label,
    text: Label,
    *,
    push: bool = True,
    lead_days: int | None = None,
    at: time | None = None,
    needs: str | None = None,
) -> Kind:
    """Declares a kind; its defaults are what a new company starts with."""
    if name in _kinds:
        raise RuntimeError(f"the notification kind {name} is declared twice")
    _kinds[name] = Kind(name, label, text, push, lead_days, at, needs)
    return _kinds[name]


def kinds() -> list[Kind]:
    return [_kinds[name] for name in sorted(_kinds)]


def kind_named(name: str) -> Kind | None:
    return _kinds.get(name)
