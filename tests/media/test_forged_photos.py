"""Somebody was not there, or not then. Each forgery gets the reason it deserves."""

import io
from datetime import timedelta

import piexif
import pytest
from PIL import Image, ImageOps

from media.evidence import Sighting, Stop
from media.images import examine
from media.make import DeviceKey, make_exif
from tests.media.scene import DEVICE, KEY, NOON, PHOTO, PICTURE, SHOP, TOKENS, VISIT, Scene, codes, honest


def jpeg(picture: Image.Image, exif: bytes = b"", quality: int = 70) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def exif_of(scene: Scene, **changes) -> bytes:
    values = {"taken_at": NOON, "offset_minutes": 480, "capture_id": scene.photo.capture_id, "fix": None}
    return make_exif(**{**values, **changes})


def suspect(scene: Scene, code: str) -> None:
    verdict = scene.verdict()
    assert verdict.outcome == "suspect"
    assert code in codes(verdict)
    assert verdict.score < 40


def test_photo_two_kilometres_from_the_customer():
    scene = honest(lat=SHOP.lat + 0.018)
    suspect(scene, "far_from_customer")
    detail = next(r.detail for r in scene.verdict().reasons if r.code == "far_from_customer")
    assert detail == {"distance_m": pytest.approx(2001, abs=5), "allowed_m": 312}


@pytest.mark.parametrize(
    "what", ["pixel", "re-encoded", "cropped", "mirrored", "resized", "exif edited", "gps removed"]
)
def test_picture_changed_after_signing(what):
    scene = honest()
    picture = Image.open(io.BytesIO(scene.photo.jpeg))
    exif = picture.info["exif"]
    if what == "pixel":
        picture.putpixel((5, 5), (255, 0, 0))
    changed = {
        "pixel": lambda: jpeg(picture, exif),
        "re-encoded": lambda: jpeg(picture, exif, quality=60),
        "cropped": lambda: jpeg(picture.crop((10, 10, 600, 400)), exif),
        "mirrored": lambda: jpeg(ImageOps.mirror(picture), exif),
        "resized": lambda: jpeg(picture.resize((320, 240)), exif),
        "exif edited": lambda: jpeg(picture, exif_of(scene, taken_at=NOON - timedelta(days=1))),
        "gps removed": lambda: jpeg(picture, exif_of(scene)),
    }[what]()

    suspect(scene.with_bytes(changed), "bytes_changed")


def test_exif_copied_from_another_photo_even_if_a_modified_app_signs_it():
    scene, other = honest(), honest()
    stolen = jpeg(PICTURE, Image.open(io.BytesIO(other.photo.jpeg)).info["exif"], quality=50)

    suspect(scene.with_bytes(stolen, signed_again=True), "exif_other_capture")


def test_exif_of_another_time_or_place():
    scene = honest()
    last_week = jpeg(PICTURE, exif_of(scene, taken_at=NOON - timedelta(days=7)))
    suspect(scene.with_bytes(last_week, signed_again=True), "exif_other_time")

    elsewhere = honest(lat=SHOP.lat + 0.02).photo.jpeg
    suspect(scene.with_bytes(elsewhere, signed_again=True), "exif_other_position")


def test_place_in_the_picture_but_none_in_the_record():
    suspect(honest().with_record(samples=[]), "exif_extra_position")


def test_wrong_key_and_garbage_instead_of_a_signature():
    suspect(honest().with_record(key=DeviceKey()), "signature_wrong")
    suspect(honest().but(signature="AAAA"), "signature_wrong")
    suspect(honest().but(signature="不是签名"), "signature_wrong")
    suspect(honest().but(signature="A" * 86), "signature_wrong")


def test_record_edited_after_signing():
    scene = honest()
    assert scene.evidence.capture
    suspect(scene.but(capture=scene.evidence.capture.replace("36.0674", "36.0675")), "signature_wrong")


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"visit_id": "visit-2"}, "other_visit"),
        ({"customer_id": "customer-2"}, "other_customer"),
        ({"device_id": "device-2"}, "other_device"),
    ],
)
def test_record_of_something_else(known, code):
    suspect(honest().but(**known), code)


def test_revoked_device():
    suspect(honest().but(revoked_at=NOON - timedelta(hours=1)), "device_revoked")

    taken_before = honest().but(revoked_at=NOON + timedelta(hours=1)).verdict()
    assert (taken_before.outcome, codes(taken_before)) == ("unverified", ["device_revoked_since"])


def test_clock_turned_back_to_fake_yesterday():
    suspect(honest(clock_off=timedelta(days=-1), restarted=True), "before_token")
    suspect(honest(clock_off=timedelta(hours=-2)), "before_token")


def test_clock_turned_forward():
    suspect(honest(clock_off=timedelta(hours=6)), "after_receipt")
    suspect(honest(clock_off=timedelta(hours=6), has_token=False), "after_receipt")


def test_clock_turned_back_while_the_app_was_counting():
    scene = honest(since_sync=timedelta(hours=5))
    suspect(scene.with_record(taken_at=NOON - timedelta(hours=4)), "before_token")


def test_more_time_counted_than_has_passed():
    suspect(honest().with_record(since_token_ms=36_000_000), "uptime_impossible")


def test_token_of_another_device_and_forged_tokens():
    scene = honest()
    others = TOKENS.issue("device-2", NOON - timedelta(minutes=5))
    suspect(scene.with_record(time_token=others), "token_other_device")
    suspect(scene.with_record(time_token="x"), "token_forged")
    token = scene.record()["time_token"]
    suspect(scene.with_record(time_token=token[:-1] + ("A" if token[-1] != "A" else "E")), "token_forged")


def test_same_photo_at_another_visit():
    scene = honest()
    earlier = Sighting("photo-0", "visit-0", scene.photo.sha256)
    suspect(scene.but(sightings=(earlier,)), "seen_before")


def test_same_photo_twice_in_one_visit_is_marked_but_accuses_nobody():
    scene = honest()
    verdict = scene.but(sightings=(Sighting("photo-0", VISIT, scene.photo.sha256),)).verdict()

    assert (verdict.outcome, codes(verdict)) == ("unverified", ["seen_in_visit"])


def test_sighting_of_the_photo_itself_is_no_reuse():
    scene = honest()
    itself = Sighting(PHOTO, VISIT, scene.photo.sha256)
    assert scene.but(sightings=(itself,)).verdict().outcome == "verified"


def test_capture_id_of_another_photo():
    suspect(honest().but(sightings=(Sighting("photo-0", VISIT, "0" * 64),)), "capture_id_reused")


# --- not proven is enough ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"capture": None}, "record_missing"),
        ({"capture": "{"}, "record_malformed"),
        ({"capture": '{"v":7}'}, "record_version"),
        ({"capture": "x" * 20_000}, "record_too_large"),
        ({"signature": None}, "unsigned"),
        ({"device_key": None}, "key_unknown"),
        ({"device_key": "AAAA"}, "key_unknown"),
    ],
)
def test_missing_proof_is_unverified_and_says_why(known, code):
    verdict = honest().but(**known).verdict()
    if "capture" in known:  # what cannot be read cannot have been signed, either
        verdict = honest().but(**known, signature=KEY.sign(known["capture"]) if known["capture"] else None).verdict()

    assert verdict.outcome == "unverified"
    assert code in codes(verdict)


def test_gallery_photo_is_only_ever_unverified_whatever_its_old_exif_says():
    scene = honest(source="gallery")
    verdict = scene.verdict()
    assert (verdict.outcome, codes(verdict)) == ("unverified", ["from_gallery"])

    old = jpeg(PICTURE, make_exif(NOON - timedelta(days=9), 480, "0" * 32, None))
    assert codes(scene.with_bytes(old, signed_again=True).verdict()) == ["from_gallery"]


def test_gallery_photo_that_was_used_before_is_suspect():
    scene = honest(source="gallery")
    suspect(scene.but(sightings=(Sighting("photo-0", "visit-0", scene.photo.sha256),)), "seen_before")


def test_photo_without_exif_png_and_cut_photo():
    scene = honest()
    bare = scene.with_bytes(jpeg(PICTURE), signed_again=True).verdict()
    assert (bare.outcome, codes(bare)) == ("unverified", ["exif_missing"])

    out = io.BytesIO()
    PICTURE.save(out, "PNG")
    png = scene.with_bytes(out.getvalue(), signed_again=True).verdict()
    assert (png.outcome, codes(png)) == ("unverified", ["not_jpeg", "exif_missing"])

    cut = scene.with_bytes(scene.photo.jpeg[: len(scene.photo.jpeg) // 2], signed_again=True).verdict()
    assert (cut.outcome, codes(cut)) == ("unverified", ["truncated"])


def test_gps_of_zero_over_zero_counts_as_missing():
    scene = honest()
    exif = piexif.dump(
        {
            "Exif": {piexif.ExifIFD.DateTimeOriginal: "2026:11:21 12:00:00"},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: "N",
                piexif.GPSIFD.GPSLatitude: ((0, 0), (0, 0), (0, 0)),
                piexif.GPSIFD.GPSLongitudeRef: "E",
                piexif.GPSIFD.GPSLongitude: ((0, 0), (0, 0), (0, 0)),
            },
        }
    )
    verdict = scene.with_bytes(jpeg(PICTURE, exif), signed_again=True).verdict()
    assert (verdict.outcome, codes(verdict)) == ("unverified", ["exif_no_position"])


def test_accuracy_of_zero_is_noticed():
    scene = honest()
    exact = [{**s, "accuracy": 0} for s in scene.record()["samples"]]
    assert codes(scene.with_record(samples=exact).verdict()) == ["accuracy_impossible"]


def test_device_of_the_record_is_the_one_the_token_was_given_to():
    assert honest(device_id=DEVICE).verdict().outcome == "verified"


def test_a_photo_that_is_wrong_in_every_way_says_so_in_the_order_of_the_checks():
    """Picture, EXIF against the record, signature, belonging, time, place, reuse, travel."""
    scene = honest(lat=SHOP.lat + 0.02)
    verdict = scene.but(
        examination=examine(jpeg(PICTURE, exif_of(scene, taken_at=NOON - timedelta(days=7)))),
        signature="A" * 86,
        visit_id="visit-2",
        received_at=NOON - timedelta(days=1),
        sightings=(Sighting("photo-0", "visit-0", scene.photo.sha256),),
        stops=(Stop("photo-0", NOON - timedelta(minutes=10), SHOP.lat + 3, SHOP.lng, 15.0, True),),
    ).verdict()
    assert codes(verdict) == [
        "exif_no_position", "exif_other_time", "bytes_changed", "signature_wrong", "other_visit",
        "token_after_receipt", "after_receipt", "far_from_customer", "capture_id_reused", "travel_impossible",
    ]  # fmt: skip
