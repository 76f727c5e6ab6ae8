"""The judgement of one photo: can it be believed?

Two principles decide every threshold here. A *contradiction* that an honest phone does not produce accuses and makes
a photo `suspect`. *Missing proof* (no fix, weak GPS, days offline, no signature, a broken file) only makes it
`unverified`, because it happens to honest people every day. Field work is never refused: the outcome is a mark.

The checks run in the order of `CHECKS`. Each is a pure function of what is known; nothing here reads a clock, a file
or a database. Words and weights of all reasons: `media.reasons`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from media import checks, geo, position
from media.capture import Sample
from media.facts import DEFAULT_THRESHOLDS, Evidence, Facts, Lookalike, Place, Sighting, Stop, Thresholds, gather
from media.reasons import Reason
from media.timing import TimeFinding

Outcome: TypeAlias = Literal["verified", "unverified", "suspect"]

# The outcome can be read off the score, so that a list sorted by score has the suspects on one side.
_BANDS: dict[Outcome, tuple[int, int]] = {"verified": (80, 100), "unverified": (40, 79), "suspect": (0, 39)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mark a photo gets. `reasons` is in the order of the checks; empty for a perfect photo."""

    outcome: Outcome
    score: int  # 0 to 100: verified from 80, unverified from 40
    reasons: tuple[Reason, ...]
    time: TimeFinding | None = None
    position: Sample | None = None  # the best fix of the moment
    distance_m: float | None = None  # to the customer's place
    capture_id: str | None = None


#: Size, magic bytes, dimensions and decoding; EXIF; record; signature and device; time; place; reuse; travel.
CHECKS: tuple[Callable[[Facts], list[Reason]], ...] = (
    checks.check_picture,
    checks.check_exif,
    checks.check_agreement,
    checks.check_record,
    checks.check_signature,
    checks.check_belonging,
    checks.check_time,
    checks.check_visit,
    position.check_place,
    position.check_made_up,
    position.check_shared_spot,
    checks.check_reuse,
    checks.check_lookalikes,
    position.check_travel,
)


def judge(evidence: Evidence, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Verdict:
    """Runs all checks. Never raises, whatever the photo and the record contain."""
    facts = gather(evidence, thresholds)
    reasons = tuple(found for check in CHECKS for found in check(facts))
    effects = {found.effect for found in reasons}
    outcome: Outcome = "suspect" if "accuse" in effects else "unverified" if "doubt" in effects else "verified"
    lowest, highest = _BANDS[outcome]
    place, at = evidence.customer_place, facts.position
    return Verdict(
        outcome,
        score=min(highest, max(lowest, 100 - sum(found.weight for found in reasons))),
        reasons=reasons,
        time=facts.time,
        position=at,
        distance_m=geo.distance_m(at.lat, at.lng, place.lat, place.lng) if at and place else None,
        capture_id=facts.record.capture_id if facts.record else None,
    )


__all__ = [
    "CHECKS",
    "DEFAULT_THRESHOLDS",
    "Evidence",
    "Lookalike",
    "Outcome",
    "Place",
    "Sighting",
    "Stop",
    "Thresholds",
    "Verdict",
    "judge",
]
