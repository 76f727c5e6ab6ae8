"""A rep did nothing wrong: the photo is verified, or at worst not proven. Never suspect."""

from datetime import UTC, datetime, timedelta

import pytest

from media.evidence import Place
from media.tokens import TimeTokens
from tests.media.scene import NOON, SHOP, codes, honest


def test_photo_in_front_of_the_shop_is_verified_without_a_word():
    verdict = honest().verdict()

    assert verdict.outcome == "verified"
    assert verdict.score == 100
    assert verdict.reasons == ()
    assert verdict.time
    assert verdict.time.certainty == "exact"
    assert verdict.distance_m == pytest.approx(33.4, abs=1)


def test_customer_without_a_place_is_verified_and_says_what_was_not_checked():
    verdict = honest().but(customer_place=None).verdict()

    assert verdict.outcome == "verified"
    assert codes(verdict) == ["place_unknown"]
    assert verdict.distance_m is None
    assert verdict.position is not None


def test_customer_whose_place_comes_from_an_address_gets_a_wider_fence():
    shop_600_m_away = Place(SHOP.lat + 0.0055, SHOP.lng, accuracy_m=500)

    assert honest().but(customer_place=shop_600_m_away).verdict().outcome == "verified"


def test_record_of_a_duplicate_customer_that_was_merged_is_still_of_this_customer():
    merged = honest().but(customer_id="customer-9", former_customer_ids=frozenset({"customer-1"}))

    assert merged.verdict().outcome == "verified"


@pytest.mark.parametrize(
    ("changes", "outcome", "reasons", "certainty"),
    [
        pytest.param({"restarted": True}, "verified", [], "window", id="browser was restarted after the last sync"),
        pytest.param(
            {"restarted": True, "until_received": timedelta(minutes=1), "since_sync": timedelta(minutes=2)},
            "verified", [], "minutes", id="restarted, but sent at once",
        ),
        pytest.param({"clock_off": timedelta(minutes=5)}, "verified", [], "window", id="clock five minutes fast"),
        pytest.param(
            {"clock_off": timedelta(minutes=-5)}, "verified", ["clock_off"], "window", id="clock five minutes slow"
        ),
        pytest.param({"has_token": False}, "unverified", ["no_token"], "unknown", id="no server time yet"),
        pytest.param(
            {"since_sync": timedelta(days=6), "restarted": True}, "unverified", ["long_offline"], "unknown",
            id="a week in the mountains",
        ),
        pytest.param({"lat": None}, "unverified", ["no_position"], "exact", id="indoors without a fix"),
        pytest.param({"accuracy_m": 900.0}, "unverified", ["position_weak"], "exact", id="weak GPS"),
        pytest.param(
            {"accuracy_m": 20_000.0, "lat": SHOP.lat + 0.1}, "unverified", ["position_weak"], "exact",
            id="cell tower eleven kilometres away",
        ),
        pytest.param(
            {"clock_off": timedelta(days=-4000), "restarted": True}, "unverified", ["clock_reset"], "unknown",
            id="battery was pulled, clock starts in the past",
        ),
        pytest.param({"offset_minutes": -210}, "verified", [], "exact", id="phone set to another time zone"),
        pytest.param(
            {"taken_at": datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)}, "verified", [], "exact",
            id="midnight of new year",
        ),
    ],
)  # fmt: skip
def test_everyday_troubles(changes, outcome, reasons, certainty):
    verdict = honest(**changes).verdict()

    assert (verdict.outcome, codes(verdict)) == (outcome, reasons)
    assert verdict.time
    assert verdict.time.certainty == certainty


def test_receiver_that_says_zero_zero_has_no_position():
    nowhere = [{"lat": 0, "lng": 0, "accuracy": 10, "at": "2026-11-21T03:59:59.000Z"}]

    verdict = honest(lat=None).with_record(samples=nowhere).verdict()

    assert (verdict.outcome, codes(verdict)) == ("unverified", ["no_position"])


def test_cold_start_is_judged_by_its_best_fix():
    scene = honest()
    record = scene.record()
    tower = {"lat": SHOP.lat + 0.05, "lng": SHOP.lng, "accuracy": 6000, "at": record["samples"][0]["at"]}

    assert scene.with_record(samples=[tower, *record["samples"]]).verdict().outcome == "verified"


def test_of_equally_good_fixes_the_latest_counts():
    """As in the app (`bestSample`): who comes from the car park is where he stands now."""
    scene = honest(lat=SHOP.lat + 400 / 111_195)
    here = [
        {"lat": SHOP.lat + metres / 111_195, "lng": SHOP.lng, "accuracy": 9.0, "at": (NOON - ago).isoformat()}
        for metres, ago in ((380, timedelta(seconds=80)), (200, timedelta(seconds=40)), (20, timedelta(seconds=2)))
    ]
    verdict = scene.with_record(samples=here).verdict()
    assert verdict.position is not None
    assert verdict.position.lat == here[-1]["lat"]
    assert verdict.distance_m == pytest.approx(20, abs=1)


def test_an_excellent_fix_of_the_road_is_not_where_the_rep_stands():
    """As in the app: it is 80 s old, and the customer's place may be taken from this photo."""
    road = {"lat": SHOP.lat + 250 / 111_195, "lng": SHOP.lng, "accuracy": 3.0}
    scene = honest(accuracy_m=20.0)
    fixes = [{**road, "at": (NOON - timedelta(seconds=80)).isoformat()}, *scene.record()["samples"]]
    verdict = scene.with_record(samples=fixes).verdict()
    assert verdict.outcome == "verified"
    assert verdict.distance_m == pytest.approx(33.4, abs=1)


def test_old_fix_says_nothing_about_the_moment_of_the_photo():
    scene = honest()
    stale = [{**s, "at": "2026-11-21T03:20:00.000Z"} for s in scene.record()["samples"]]

    verdict = scene.with_record(samples=stale).verdict()

    assert (verdict.outcome, codes(verdict)) == ("unverified", ["position_stale"])


def test_phone_that_slept_counts_less_time_than_has_passed():
    verdict = honest(since_sync=timedelta(hours=5)).with_record(since_token_ms=60_000).verdict()

    assert verdict.outcome == "verified"
    assert verdict.time
    assert verdict.time.certainty == "window"


def test_replaced_server_secret_does_not_turn_old_tokens_into_forgeries():
    knows_the_old_one = TimeTokens(b"a brand new secret, quite long", b"a secret of sixteen bytes or more")
    lost_the_old_one = TimeTokens(b"a brand new secret, quite long")

    assert honest().but(tokens=knows_the_old_one).verdict().outcome == "verified"
    assert codes(honest().but(tokens=lost_the_old_one).verdict()) == ["token_unknown_key"]
    assert honest().but(tokens=lost_the_old_one).verdict().outcome == "unverified"
