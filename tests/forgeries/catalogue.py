"""The forgeries: what somebody does, and the reason it must be flagged for. Read it as a table.

`suspect` where an honest phone cannot produce it; `unverified` where it can, so that nobody is accused; `refused` where
the bytes do not even get in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import piexif
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from media.make import DeviceKey, make_exif
from tests.forgeries.field import HOUR, Field, encode, exif_in, new_id, opened, still, with_gps
from tests.support.fieldwork import NEAR, SHOP, Shot, picture

FAR = (NEAR[0] + 0.018, NEAR[1])  # two kilometres
BEIJING = (39.9042, 116.4074)
GPS = piexif.GPSIFD


@dataclass(frozen=True)
class Forgery:
    name: str
    does: Callable[[Field], str]  # returns the id of the photo
    flagged_for: str
    outcome: Literal["suspect", "unverified", "refused"] = "suspect"
    also: tuple[str, ...] = ()  # what else it cannot help being flagged for


FORGERIES: list[Forgery] = []


def forgery(
    name: str,
    flagged_for: str,
    outcome: Literal["suspect", "unverified", "refused"] = "suspect",
    also: tuple[str, ...] = (),
) -> Callable[[Callable[[Field], str]], Callable[[Field], str]]:
    def remember(does: Callable[[Field], str]) -> Callable[[Field], str]:
        FORGERIES.append(Forgery(name, does, flagged_for, outcome, also))
        return does

    return remember


def now() -> datetime:
    return datetime.now(UTC)


# --- another picture ---------------------------------------------------------------------------------------------


@forgery("a photo from the gallery", "from_gallery", "unverified")
def a_photo_from_the_gallery(field: Field) -> str:
    return field.send(field.shot(source="gallery"))


@forgery("a photo of last week, signed by a modified app", "exif_other_time")
def a_photo_of_last_week_signed_by_a_modified_app(field: Field) -> str:
    shot = field.shot()
    exif = make_exif(now() - timedelta(days=7), 480, shot.photo.capture_id, None)
    return field.send_as(encode(opened(shot.photo.jpeg), exif), shot)


@forgery("EXIF copied from an honest photo", "exif_other_capture")
def exif_copied_from_an_honest_photo(field: Field) -> str:
    donor = field.shot()
    return field.send_as(encode(picture(7001), exif_in(donor.photo.jpeg)))


@forgery("cut after the EXIF was written", "exif_other_size")
def cut_after_the_exif_was_written(field: Field) -> str:
    shot = field.shot()
    part = opened(shot.photo.jpeg).crop((0, 0, 600, 440))
    return field.send_as(encode(part, exif_in(shot.photo.jpeg)), shot)


@forgery("a thumbnail instead of the original", "picture_small", "unverified")
def a_thumbnail_instead_of_the_original(field: Field) -> str:
    shot = field.shot()
    small = opened(shot.photo.jpeg).resize((320, 240))
    return field.send_as(encode(small, field.exif_for(shot, small.size)), shot)


@forgery("a PNG renamed to .jpg", "not_jpeg", "unverified")
def a_png_renamed_to_jpg(field: Field) -> str:
    shot = field.shot()
    return field.send_as(encode(opened(shot.photo.jpeg), exif_in(shot.photo.jpeg), kind="PNG"), shot)


@forgery("a text file", "not_an_image", "unverified", also=("exif_missing",))
def a_text_file(field: Field) -> str:
    return field.send_as(b"I was there, believe me.\n" * 40 + new_id().encode())


@forgery("half a picture", "truncated", "unverified")
def half_a_picture(field: Field) -> str:
    shot = field.shot()
    return field.send_as(shot.photo.jpeg[: len(shot.photo.jpeg) // 2], shot)


@forgery("no EXIF at all", "exif_missing", "unverified")
def no_exif_at_all(field: Field) -> str:
    shot = field.shot()
    return field.send_as(encode(opened(shot.photo.jpeg)), shot)


# --- changed after it was signed -----------------------------------------------------------------------------------


def _changed(field: Field, change: Callable[[Image.Image, Shot], bytes]) -> str:
    """Other bytes under the hash that was signed."""
    shot = field.shot()
    changed = change(opened(shot.photo.jpeg), shot)
    return field.send(replace(shot, photo=replace(shot.photo, jpeg=changed)))


@forgery("a pixel changed after signing", "hash_mismatch", "refused")
def a_pixel_changed_after_signing(field: Field) -> str:
    def one_pixel(found: Image.Image, shot: Shot) -> bytes:
        found.putpixel((5, 5), (255, 0, 0))
        return encode(found, exif_in(shot.photo.jpeg), 95)

    return _changed(field, one_pixel)


@forgery("EXIF edited after signing", "hash_mismatch", "refused")
def exif_edited_after_signing(field: Field) -> str:
    return _changed(field, lambda found, shot: encode(found, make_exif(now(), 480, shot.photo.capture_id, None)))


@forgery("GPS removed after signing", "hash_mismatch", "refused")
def gps_removed_after_signing(field: Field) -> str:
    return _changed(field, lambda found, shot: with_gps(shot.photo.jpeg, {}))


@forgery("a pixel changed, and the hash in the record, too", "signature_wrong")
def a_pixel_changed_and_the_hash_in_the_record_too(field: Field) -> str:
    shot = field.shot()
    data = encode(opened(shot.photo.jpeg), exif_in(shot.photo.jpeg), 90)
    signature = shot.photo.signature
    changed = field.send_as  # what it signs is replaced below by the old signature
    honest_sign = field.person().key.sign
    try:
        field.person().key.sign = lambda text: signature  # type: ignore[method-assign]
        return changed(data, shot)
    finally:
        field.person().key.sign = honest_sign  # type: ignore[method-assign]


@forgery("GPS removed, signed again", "exif_no_position", "unverified")
def gps_removed_signed_again(field: Field) -> str:
    shot = field.shot()
    return field.send_as(with_gps(shot.photo.jpeg, {}), shot)


@forgery(
    "GPS moved to the shop, the record still says where it was", "exif_other_position", also=("far_from_customer",)
)
def gps_moved_to_the_shop_the_record_still_says_where_it_was(field: Field) -> str:
    shot = field.shot(place=FAR)
    return field.send_as(with_gps(shot.photo.jpeg, _gps(SHOP)), shot)


@forgery("GPS of 0/0", "exif_no_position", "unverified")
def gps_of_0_0(field: Field) -> str:
    shot = field.shot()
    return field.send_as(with_gps(shot.photo.jpeg, {**_gps(SHOP), GPS.GPSLatitude: ((0, 0),) * 3}), shot)


@forgery("GPS at zero degrees, zero degrees", "exif_no_position", "unverified")
def gps_at_zero_degrees_zero_degrees(field: Field) -> str:
    shot = field.shot()
    return field.send_as(with_gps(shot.photo.jpeg, _gps((0.0, 0.0))), shot)


@forgery("a place in the picture, none in the record", "exif_extra_position")
def a_place_in_the_picture_none_in_the_record(field: Field) -> str:
    return field.send_record(samples=[])


def _gps(place: tuple[float, float]) -> dict[int, object]:
    return {
        GPS.GPSLatitudeRef: "N",
        GPS.GPSLatitude: ((round(place[0] * 1e6), 10**6), (0, 1), (0, 1)),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: ((round(place[1] * 1e6), 10**6), (0, 1), (0, 1)),
    }


# --- another record --------------------------------------------------------------------------------------------------


@forgery("the record of another visit", "other_visit")
def the_record_of_another_visit(field: Field) -> str:
    return field.send_record(visit_id=new_id())


@forgery("the record of another customer", "other_customer")
def the_record_of_another_customer(field: Field) -> str:
    return field.send_record(customer_id=field.shop())


@forgery("the record of another device", "other_device", also=("token_other_device",))
def the_record_of_another_device(field: Field) -> str:
    return field.send_record(device_id=field.person("rep2").device_id)


@forgery("taken with a phone after it was revoked, delivered by the next", "device_revoked")
def taken_with_a_phone_after_it_was_revoked_delivered_by_the_next(field: Field) -> str:
    old = field.person("rep", new_id())
    shot = field.shot(old, at=now() + timedelta(seconds=5))
    field.world.person("boss").do("device.revoke", id=old.device_id)
    return field.send(shot)


@forgery("an unsigned record", "unsigned", "unverified")
def an_unsigned_record(field: Field) -> str:
    shot = field.shot()
    shot.op["args"]["signature"] = None
    return field.send(shot)


@forgery("signed with a key of one's own", "signature_wrong")
def signed_with_a_key_of_one_s_own(field: Field) -> str:
    shot = field.shot()
    shot.op["args"]["signature"] = DeviceKey().sign(shot.photo.capture)
    return field.send(shot)


@forgery("signed with a colleague's phone", "signature_wrong")
def signed_with_a_colleague_s_phone(field: Field) -> str:
    shot = field.shot()
    shot.op["args"]["signature"] = field.person("rep2").key.sign(shot.photo.capture)
    return field.send(shot)


@forgery("noise instead of a signature", "signature_wrong")
def noise_instead_of_a_signature(field: Field) -> str:
    shot = field.shot()
    shot.op["args"]["signature"] = "A" * 86
    return field.send(shot)


@forgery("a record edited after signing", "signature_wrong")
def a_record_edited_after_signing(field: Field) -> str:
    shot = field.shot()
    shot.op["args"]["capture"] = shot.photo.capture.replace('"kind":"storefront"', '"kind":"shelf"')
    return field.send(shot)


@forgery("no record", "record_missing", "unverified")
def no_record(field: Field) -> str:
    shot = field.shot()
    shot.op["args"].update(capture=None, signature=None, sha256=shot.photo.sha256)
    return field.send(shot)


@forgery("NaN as a position in the record", "record_malformed", "unverified")
def nan_as_a_position_in_the_record(field: Field) -> str:
    shot = field.shot()
    record = json.loads(shot.photo.capture)
    record["samples"][0]["lat"] = float("nan")
    text = json.dumps(record)
    shot.op["args"].update(capture=text, signature=field.person().key.sign(text), sha256=shot.photo.sha256)
    return field.send(shot)


@forgery("the capture id of another photo", "capture_id_reused")
def the_capture_id_of_another_photo(field: Field) -> str:
    first = field.shot()
    field.send(first)
    return field.send(field.shot(capture_id=first.photo.capture_id))


# --- another time ------------------------------------------------------------------------------------------------------


@forgery("the clock turned back a day", "before_token")
def the_clock_turned_back_a_day(field: Field) -> str:
    return field.send(field.shot(at=now() - timedelta(days=1)))


@forgery("the clock turned back while the app was counting", "before_token")
def the_clock_turned_back_while_the_app_was_counting(field: Field) -> str:
    at = now() - 4 * HOUR
    return field.send(field.shot(at=at, time_token=field.token(field.person(), 5 * HOUR), token_issued=at - 5 * HOUR))


@forgery("the clock turned forward six hours", "after_receipt")
def the_clock_turned_forward_six_hours(field: Field) -> str:
    return field.send(field.shot(at=now() + 6 * HOUR))


@forgery("more time counted than has passed", "uptime_impossible")
def more_time_counted_than_has_passed(field: Field) -> str:
    return field.send_record(since_token_ms=36_000_000)


@forgery("the server time of another device", "token_other_device")
def the_server_time_of_another_device(field: Field) -> str:
    return field.send_record(time_token=field.token(field.person("rep2"), HOUR))


@forgery("a forged server time", "token_forged")
def a_forged_server_time(field: Field) -> str:
    token = field.person().time_token
    return field.send_record(time_token=token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))


@forgery("an old server time kept for later", "token_replayed", "unverified")
def an_old_server_time_kept_for_later(field: Field) -> str:
    person = field.person("rep", new_id())
    at = now() - timedelta(minutes=50)
    issued = now() - timedelta(minutes=70)
    honest = field.shot(person, at=at, time_token=field.token(person, timedelta(minutes=70)), token_issued=issued)
    field.send(honest, person=person)
    at, issued = now() - timedelta(minutes=40), now() - 3 * HOUR
    return field.send(
        field.shot(person, at=at, time_token=field.token(person, 3 * HOUR), token_issued=issued), person=person
    )


@forgery("a server time older than the offline window", "long_offline", "unverified")
def a_server_time_older_than_the_offline_window(field: Field) -> str:
    return field.send_record(time_token=field.token(field.person(), timedelta(days=5)), since_token_ms=None)


@forgery("taken three hours before the visit began", "outside_visit", "unverified")
def taken_three_hours_before_the_visit_began(field: Field) -> str:
    shop = field.shop()
    person, at = field.person("rep", new_id()), now() - 3 * HOUR
    token = field.token(person, 4 * HOUR)
    shot = field.shot(
        person, shop=shop, visit=field.visit(shop, person), at=at, time_token=token, token_issued=at - HOUR
    )
    return field.send(shot, person=person)


# --- another place -----------------------------------------------------------------------------------------------------


@forgery("two kilometres off", "far_from_customer")
def two_kilometres_off(field: Field) -> str:
    return field.send(field.shot(place=FAR))


@forgery("a false position, constant to the last digit", "position_constant", "unverified")
def a_false_position_constant_to_the_last_digit(field: Field) -> str:
    return field.send_record(samples=still((NEAR[0] + 1e-5, NEAR[1])))


@forgery("a false position: the place in the customer's file, three metres", "position_false")
def a_false_position_the_place_in_the_customer_s_file_three_metres(field: Field) -> str:
    person = field.person()
    shot = field.shot(shop=field.shop(filed_days_ago=30), place=SHOP)
    return field.send(shot.signed(person, samples=still(SHOP, 3.0)))


@forgery("an accuracy of 0", "accuracy_impossible", "unverified")
def an_accuracy_of_0(field: Field) -> str:
    shot = field.shot()
    return field.send_record(shot, samples=[{**one, "accuracy": 0} for one in field.samples(shot)])


@forgery("a made-up position with accuracy 0", "position_false")
def a_made_up_position_with_accuracy_0(field: Field) -> str:
    return field.send_record(samples=still((NEAR[0] + 2e-5, NEAR[1]), 0.0))


@forgery("the false position switched on while the camera was open", "position_jump", "unverified")
def the_false_position_switched_on_while_the_camera_was_open(field: Field) -> str:
    shot = field.shot()
    at_home = [{**one, "lat": one["lat"] + 0.05} for one in field.samples(shot)[:2]]
    return field.send_record(shot, samples=[*at_home, *field.samples(shot)[2:]])


@forgery("sample times outside the visit: an hour before it began", "position_stale", "unverified")
def sample_times_outside_the_visit(field: Field) -> str:
    return field.send_record(samples=still(at=now() - HOUR))


@forgery("a receiver that says 0/0", "no_position", "unverified")
def a_receiver_that_says_0_0(field: Field) -> str:
    return field.send_record(field.shot(place=None), samples=still((0.0, 0.0)))


@forgery("the same spot for three customers", "position_shared", "unverified")
def the_same_spot_for_three_customers(field: Field) -> str:
    spot = (NEAR[0] + 7.7e-5, NEAR[1])
    samples = still(spot, 25.0)[:2]
    for _ in range(2):
        field.send_record(samples=samples)
    return field.send_record(samples=samples)


@forgery("two visits 550 km apart within minutes", "travel_impossible")
def two_visits_550_km_apart_within_minutes(field: Field) -> str:
    traveller = field.person("stranger")
    field.send(field.shot(traveller), person=traveller)
    far = field.shop(traveller, geo_lat=BEIJING[0], geo_lng=BEIJING[1])
    return field.send(field.shot(traveller, shop=far, place=BEIJING), person=traveller)


@forgery("two visits 300 km apart in ten minutes", "travel_impossible")
def two_visits_300_km_apart_in_ten_minutes(field: Field) -> str:
    traveller = field.person("manager")
    token = field.token(traveller, HOUR)
    first = now() - timedelta(minutes=10)
    near = field.shop(traveller)
    field.send(
        field.shot(
            traveller, shop=near, visit=field.visit(near, traveller, first), at=first, time_token=token,
            token_issued=now() - HOUR,
        ),
        person=traveller,
    )  # fmt: skip
    inland = (NEAR[0], NEAR[1] - 3.336)  # 300 km to the west
    far = field.shop(traveller, geo_lat=inland[0], geo_lng=inland[1])
    return field.send(
        field.shot(traveller, shop=far, visit=field.visit(far, traveller), place=inland), person=traveller
    )


# --- used before -------------------------------------------------------------------------------------------------------


@forgery("the same photo twice in one visit", "seen_in_visit", "unverified")
def the_same_photo_twice_in_one_visit(field: Field) -> str:
    shot = field.shot()
    field.send(shot)
    again = {**shot.op, "id": new_id(), "seq": shot.op["seq"] + 100_000, "args": {**shot.op["args"], "id": new_id()}}
    return field.send(replace(shot, id=again["args"]["id"], op=again))


@forgery("the same photo at another customer", "seen_before", also=("exif_other_capture",))
def the_same_photo_at_another_customer(field: Field) -> str:
    first = field.shot()
    field.send(first)
    return field.send_as(first.photo.jpeg)


@forgery("a copy saved again", "picture_seen_before")
def a_copy_saved_again(field: Field) -> str:
    return field.copy(lambda found: found, 3001, quality=35)


@forgery("a resized copy", "picture_seen_before")
def a_resized_copy(field: Field) -> str:
    return field.copy(lambda found: found.resize((500, 375)), 3002)


@forgery("a mirrored copy", "picture_seen_before")
def a_mirrored_copy(field: Field) -> str:
    return field.copy(ImageOps.mirror, 3003)


@forgery("a cropped copy", "picture_seen_before")
def a_cropped_copy(field: Field) -> str:
    return field.copy(lambda found: found.crop((32, 24, 608, 456)), 3004)


@forgery("a brighter copy with a stamp over its foot", "picture_seen_before")
def a_brighter_copy_with_a_stamp_over_its_foot(field: Field) -> str:
    def stamped(found: Image.Image) -> Image.Image:
        ImageDraw.Draw(found).rectangle((0, 430, 640, 480), fill=(20, 20, 20))
        return ImageEnhance.Brightness(found).enhance(1.15)

    return field.copy(stamped, 3005)


@forgery("last week's photo of the same shop, saved again", "picture_seen_before")
def last_week_s_photo_of_the_same_shop_saved_again(field: Field) -> str:
    shop, person = field.shop(), field.person()
    first = field.shot(shop=shop)
    field.send(first)
    again = field.shot(shop=shop)
    return field.send_as(encode(opened(first.photo.jpeg), field.exif_for(again, (640, 480)), 60), again, person)


# --- whoever's bytes come first ------------------------------------------------------------------------------------------


def _sent_before_its_original(field: Field, change: Callable[[Image.Image], Image.Image], seed: int) -> str:
    owner, shot = field.person("rep2"), field.shot(field.person("rep2"), seed=seed)
    owner.push(shot.op)
    mine, part = field.shot(), change(opened(shot.photo.jpeg).convert("RGB"))
    copy = field.send_as(encode(part, field.exif_for(mine, part.size), 80), mine)
    field.bytes_of(shot, owner)
    return copy


@forgery("a copy that is sent before the original, which waits for Wi-Fi", "picture_seen_before")
def a_copy_that_is_sent_before_the_original(field: Field) -> str:
    return _sent_before_its_original(field, lambda found: found.resize((560, 420)), 3006)


@forgery("a copy cut to its middle, sent before the original, which waits for Wi-Fi", "picture_seen_before")
def a_copy_cut_to_its_middle_sent_before_the_original(field: Field) -> str:
    return _sent_before_its_original(field, lambda found: found.crop((48, 36, 592, 444)), 3006)


@forgery("a copy cut at one side and mirrored, sent before the original", "picture_seen_before")
def a_copy_cut_at_one_side_and_mirrored_sent_before_the_original(field: Field) -> str:
    return _sent_before_its_original(field, lambda found: ImageOps.mirror(found.crop((64, 0, 640, 480))), 3006)


@forgery("550 km in minutes, the photo of the first place held back", "travel_impossible")
def the_photo_of_the_first_place_held_back(field: Field) -> str:
    traveller = field.person("stranger", new_id())
    first = field.shot(traveller)
    traveller.push(first.op)
    far = field.shop(traveller, geo_lat=BEIJING[0], geo_lng=BEIJING[1])
    second = field.send(field.shot(traveller, shop=far, place=BEIJING), person=traveller)
    field.bytes_of(first, traveller)
    return second


@forgery("the same spot for three customers, two of them held back", "position_shared", "unverified")
def the_same_spot_for_three_customers_two_of_them_held_back(field: Field) -> str:
    samples = still((NEAR[0] + 8.8e-5, NEAR[1]), 25.0)[:2]
    others = (field.person("rep2"), field.person("rep2", new_id()))
    held = [field.shot(person).signed(person, samples=samples) for person in others]
    for person, shot in zip(others, held, strict=True):
        person.push(shot.op)
    last = field.send_record(samples=samples)
    for person, shot in zip(others, held, strict=True):
        field.bytes_of(shot, person)
    return last


@forgery("an old server time kept for later, the photo with the newer one held back", "token_replayed", "unverified")
def an_old_server_time_the_photo_with_the_newer_one_held_back(field: Field) -> str:
    person = field.person("rep", new_id())
    at, issued = now() - 30 * HOUR, now() - 31 * HOUR
    honest = field.shot(person, at=at, time_token=field.token(person, 31 * HOUR), token_issued=issued)
    person.push(honest.op)
    at, issued = now() - timedelta(minutes=40), now() - 50 * HOUR
    later = field.shot(person, at=at, time_token=field.token(person, 50 * HOUR), token_issued=issued)
    field.send(later, person=person)
    field.bytes_of(honest, person)
    return later.id
