"""Capture records: what a browser really sends, and what is told apart from it."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from media.capture import CaptureError, canonical_json, load_device_key, parse_capture, verify_signature
from media.make import DeviceKey
from tests.media.scene import honest

# Made by WebCrypto: exportKey("spki"), sign({name: "ECDSA", hash: "SHA-256"}) over JSON.stringify with sorted keys.
BROWSER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZDrAderqAoVmnGyDZzXn2ljTA65tFt5SvWp407CQlWZX9M9J4RoyQyjDzJp5RXcjIOpWL0Dh63yV"
    "-oAnAAO7TA"
)
BROWSER_TEXT = '{"lat":36.0671,"lng":120.3826,"n":12,"s":0.00001,"t":"王记超市","v":1}'
BROWSER_SIGNATURE = "i4iW3KD7jp8l3T349bZlNQs-ZEbs5bbzrFExl-cnrUUJDwJeGsMfC90z50uUJXMklarOvtA1L-FuJyLaV8G1dg"


def broken(**fields) -> CaptureError:
    with pytest.raises(CaptureError) as caught:
        parse_capture(json.dumps({**honest().record(), **fields}))
    return caught.value


def test_signature_of_a_browser_is_accepted_and_covers_every_character():
    verify_signature(BROWSER_TEXT, BROWSER_SIGNATURE, BROWSER_KEY)

    with pytest.raises(CaptureError, match="signature_wrong"):
        verify_signature(BROWSER_TEXT + " ", BROWSER_SIGNATURE, BROWSER_KEY)


def test_our_canonical_text_is_the_browsers():
    value = {"v": 1, "t": "王记超市", "lat": 36.0671, "lng": 120.3826, "n": 12.0, "s": 0.00001}
    assert canonical_json(value) == BROWSER_TEXT


def test_record_with_only_what_is_required():
    record = honest().record()
    for optional in ("offset_minutes", "time_token", "since_token_ms", "samples"):
        record.pop(optional)

    assert parse_capture(json.dumps(record)).samples == ()


def test_fields_of_a_newer_app_are_ignored():
    assert parse_capture(json.dumps({**honest().record(), "lens": "wide"})).v == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"sha256": "A" * 64}, "sha256"),
        ({"capture_id": ""}, "id"),
        ({"visit_id": "x" * 65}, "id"),
        ({"offset_minutes": 900}, "offset_minutes"),
        ({"since_token_ms": -1}, "since_token_ms"),
        ({"since_token_ms": 1e13}, "since_token_ms"),
        ({"taken_at": "2026-11-21T08:01:02"}, "taken_at"),
        ({"taken_at": "9999-12-31T23:59:59Z"}, "taken_at"),
        ({"samples": [{"lat": 91, "lng": 0, "accuracy": 1, "at": "2026-11-21T08:01:02Z"}]}, "samples.position"),
        ({"samples": [{"lat": 1, "lng": 0, "accuracy": -1, "at": "2026-11-21T08:01:02Z"}]}, "samples.accuracy"),
        ({"samples": [{"lat": 1, "lng": 1, "accuracy": 1, "at": "2026-11-21T08:01:02Z"}] * 33}, "samples"),
        ({"time_token": "x" * 257}, "time_token"),
    ],
)
def test_values_no_device_can_have(fields, why):
    error = broken(**fields)
    assert (error.code, error.detail["why"]) == ("record_malformed", why)


@pytest.mark.parametrize("fields", [{"source": "scanner"}, {"taken_at": "noon"}, {"samples": [{}]}, {"v": "1"}])
def test_wrong_types_name_the_field(fields):
    error = broken(**fields)
    assert error.code == "record_malformed"
    assert next(iter(fields)) in str(error.detail["why"])


def test_nan_is_no_json():
    with pytest.raises(CaptureError, match="record_malformed"):
        parse_capture(json.dumps({**honest().record(), "since_token_ms": float("nan")}))


def test_only_p256_keys_are_enrolled():
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    spki = other.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    load_device_key(DeviceKey().public)
    for wrong in (
        base64.urlsafe_b64encode(spki).decode().rstrip("="),
        "",
        "AAAA",
        "x" * 5000,
        DeviceKey().public[:-4],
    ):
        with pytest.raises(CaptureError, match="key_malformed"):
            load_device_key(wrong)


def test_demo_keys_and_signatures_repeat_themselves():
    assert DeviceKey(b"seed").public == DeviceKey(b"seed").public
    assert DeviceKey(b"seed").public != DeviceKey(b"other").public
    assert DeviceKey(b"seed").sign("text") == DeviceKey(b"seed").sign("text")
