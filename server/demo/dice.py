"""Chance that can be repeated: everything random in the demo comes from one seed."""

import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")


class Dice:
    """A random generator with what the demo needs of it. `zone` is the company's."""

    def __init__(self, seed: int, zone: ZoneInfo) -> None:
        self.rng = random.Random(seed)
        self.zone = zone

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[self.rng.randrange(len(items))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.rng.randint(low, high)

    def span(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)

    def some(self, items: Sequence[T], count: int) -> list[T]:
        return self.rng.sample(list(items), min(count, len(items)))

    def id_at(self, moment: datetime) -> str:
        """A UUIDv7 as if it had been made at that moment."""
        milliseconds = int(moment.timestamp() * 1000)
        value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | self.rng.getrandbits(80)
        value = value & ~(0xF << 76) | (0x7 << 76)
        value = value & ~(0x3 << 62) | (0x2 << 62)
        return str(uuid.UUID(int=value))

    def at(self, day: date, hour: float, spread_minutes: float = 0) -> datetime:
        """A moment of a day of the company, some minutes later at random; UTC, whole seconds."""
        midnight = datetime.combine(day, time(), self.zone)
        minutes = hour * 60 + self.span(0, spread_minutes)
        return (midnight + timedelta(minutes=minutes)).astimezone(UTC).replace(microsecond=0)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def mobile(self) -> str:
        """A mobile number as they look; the ranges exist, whose number it is nobody knows."""
        return self.pick(_MOBILE_PREFIXES) + f"{self.rng.randrange(10**8):08d}"


_MOBILE_PREFIXES = ("135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "176", "186", "187", "188")


def cents(value: Decimal) -> Decimal:
    """Rounded half up to the cent, as order lines are."""
    return value.quantize(Decimal("0.01"), "ROUND_HALF_UP")
