"""Checks of the place: near the customer, a position a receiver can have measured, a way that can be travelled."""

from datetime import timedelta
from itertools import pairwise

from media import geo
from media.capture import Sample
from media.facts import Facts, Place, Stop, fixes, fresh_fixes
from media.reasons import Reason, reason

#: No phone knows where it is better than to half a metre; programs that make positions up like 0.
IMPOSSIBLE_ACCURACY_M = 0.5
#: So sure of itself a satellite receiver never gives the same digits twice.
_SATELLITE_ACCURACY_M = 10.0
_CONSTANT_SAMPLES = 3
_CONSTANT_SPAN = timedelta(seconds=3)
#: What a person may have typed, or looked up, before: not a place that was filed on the way in.
_COPIED_AFTER = timedelta(hours=12)
_SAME_DIGITS = 1e-8  # degrees: a millimetre
_MANY_CUSTOMERS = 3
_JUMP_SLACK_M = 100.0
#: Faster than any train from door to door; what lies below needs an aeroplane or an express and is only doubted.
_IMPOSSIBLE_TRAVEL = 3.0
_SURE_CLOCK, _UNSURE_CLOCK = timedelta(minutes=2), timedelta(minutes=10)


def check_place(facts: Facts) -> list[Reason]:
    """Near the customer, as far as the fix can tell: the geofence is widened by the accuracy of both positions."""
    if facts.live is None:
        return []
    at, place = facts.position, facts.given.customer_place
    reasons = [] if place is not None else [reason("place_unknown")]
    if at is None:
        return [*reasons, reason("position_stale" if fixes(facts.live) else "no_position")]
    if at.accuracy > facts.limits.weak_accuracy_m:
        reasons.append(reason("position_weak", accuracy_m=round(at.accuracy)))
    if place is not None and all(_reach(facts, place, one)[0] > 0 for one in _witnesses(facts, at)):
        beyond, metres = _reach(facts, place, at)
        reasons.append(reason("far_from_customer", distance_m=round(metres), allowed_m=round(metres - beyond)))
    return reasons


def _witnesses(facts: Facts, at: Sample) -> list[Sample]:
    """The fixes that may say that somebody was near: for whoever has just come by car the best one may be of the road, and a
    later one of the shop."""
    assert facts.live is not None
    later = [s for s in fresh_fixes(facts.live, facts.limits) if s.at > at.at]
    return [at, *(s for s in later if s.accuracy <= facts.limits.weak_accuracy_m)]


def _reach(facts: Facts, place: Place, sample: Sample) -> tuple[float, float]:
    """(metres beyond what is allowed, negative within; metres to the customer)."""
    metres = geo.distance_m(sample.lat, sample.lng, place.lat, place.lng)
    return metres - facts.limits.geofence_m - sample.accuracy - place.accuracy_m, metres


def check_made_up(facts: Facts) -> list[Reason]:
    """Signs of a position that a program made up. An honest phone may show one of them; two accuse."""
    if facts.live is None or facts.position is None:
        return []
    samples = fresh_fixes(facts.live, facts.limits)
    signs = [
        sign
        for sign, found in (
            ("accuracy_impossible", facts.position.accuracy < IMPOSSIBLE_ACCURACY_M),
            ("position_constant", _constant(samples, facts.limits.weak_accuracy_m)),
            ("position_copied", _copied(facts, samples)),
            ("position_jump", _jumps(samples, facts)),
        )
        if found
    ]
    reasons = [reason(sign) for sign in signs]
    harmless = signs == ["position_constant", "position_copied"] and facts.position.accuracy > _SATELLITE_ACCURACY_M
    if len(signs) > 1 and not harmless:  # a shop known by one wireless router gives the same digits every day
        reasons.append(reason("position_false", signs=len(signs)))
    return reasons


def _constant(samples: list[Sample], weak_accuracy_m: float) -> bool:
    """The same to the last digit for seconds; a cell tower's or router's place may be, a measured one is not."""
    if len(samples) < _CONSTANT_SAMPLES or samples[-1].at - samples[0].at < _CONSTANT_SPAN:
        return False
    return samples[0].accuracy <= weak_accuracy_m and len({(s.lat, s.lng, s.accuracy) for s in samples}) == 1


def _copied(facts: Facts, samples: list[Sample]) -> bool:
    """Every sample is the customer's filed place to the last digit."""
    place, record = facts.given.customer_place, facts.live
    if place is None or place.known_since is None or record is None:
        return False
    if record.taken_at - place.known_since < _COPIED_AFTER:
        return False
    return all(abs(s.lat - place.lat) < _SAME_DIGITS and abs(s.lng - place.lng) < _SAME_DIGITS for s in samples)


def _jumps(samples: list[Sample], facts: Facts) -> bool:
    """Between two good samples lies a way that nobody goes in that time."""
    good = [s for s in samples if s.accuracy <= facts.limits.weak_accuracy_m]
    metres_a_second = facts.limits.travel_kmh / 3.6
    return any(
        geo.distance_m(one.lat, one.lng, other.lat, other.lng) - one.accuracy - other.accuracy
        > metres_a_second * (other.at - one.at).total_seconds() + _JUMP_SLACK_M
        for one, other in pairwise(good)
    )


def check_shared_spot(facts: Facts) -> list[Reason]:
    """The same coordinates, to the last digit, as photos of several other customers."""
    if facts.position is None or facts.given.same_spot + 1 < _MANY_CUSTOMERS:
        return []
    return [reason("position_shared", customers=facts.given.same_spot + 1)]


def check_travel(facts: Facts) -> list[Reason]:
    """From and to the neighbouring photos of the same employee, at a speed that exists."""
    record, at = facts.live, facts.position
    if record is None or at is None:
        return []
    fastest = max((_speed_kmh(facts, at, stop) for stop in facts.given.stops), default=0.0)
    if fastest <= facts.limits.travel_kmh:
        return []
    code = "travel_impossible" if fastest > _IMPOSSIBLE_TRAVEL * facts.limits.travel_kmh else "travel_fast"
    return [reason(code, kmh=round(min(fastest, 99_999)))]


def _speed_kmh(facts: Facts, at: Sample, stop: Stop) -> float:
    """The least speed that explains both; the clocks of both photos may be off by what is not known better."""
    assert facts.record is not None
    exact = stop.exact and facts.time is not None and facts.time.certainty == "exact"
    metres = geo.distance_m(at.lat, at.lng, stop.lat, stop.lng) - at.accuracy - stop.accuracy_m
    if metres <= facts.limits.geofence_m:
        return 0.0
    span = abs(facts.record.taken_at - stop.taken_at) + (_SURE_CLOCK if exact else _UNSURE_CLOCK)
    return metres / span.total_seconds() * 3.6
