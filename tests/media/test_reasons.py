"""Every reason can be told to a person in every language."""

import re

import pytest

from media.capture import canonical_json
from media.geo import distance_m
from media.reasons import REASONS, explain, reason


@pytest.mark.parametrize("kind", REASONS.values(), ids=lambda kind: kind.code)
def test_words_in_three_languages_use_the_same_values(kind):
    texts = (kind.zh_cn, kind.zh_tw, kind.en)
    assert all(texts)
    assert kind.en.isascii()
    assert len({frozenset(re.findall(r"{\w+}", text)) for text in texts}) == 1


def test_weights_follow_the_effect():
    for kind in REASONS.values():
        low, high = {"accuse": (60, 100), "doubt": (10, 50), "note": (1, 10)}[kind.effect]
        assert low <= kind.weight <= high, kind.code


def test_reason_in_words():
    far = reason("far_from_customer", distance_m=2001, allowed_m=312)
    assert explain(far.code, far.detail) == "离客户 2001 米，超出允许的 312 米"
    assert explain(far.code, far.detail, "en") == "2001 m from the customer, 312 m are allowed"
    assert explain(far.code, {}, "en") == "? m from the customer, ? m are allowed"
    assert explain("from_a_newer_server", {}) == "from_a_newer_server"


def test_record_text_is_what_javascript_would_write():
    value = {"b": [1, 12.0, 0.5, 0.00001, 1e-7, 120.3826, True, None], "a": '店铺\n"', "é": {"z": 1e21, "y": -3.5e20}}
    expected = (
        '{"a":"店铺\\n\\"","b":[1,12,0.5,0.00001,1e-7,120.3826,true,null],"é":{"y":-350000000000000000000,"z":1e+21}}'
    )
    assert canonical_json(value) == expected


def test_distance_between_known_places():
    assert distance_m(36.0671, 120.3826, 36.0671, 120.3826) == 0
    assert distance_m(39.9042, 116.4074, 31.2304, 121.4737) == pytest.approx(
        1_067_000, rel=0.005
    )  # Beijing, Shanghai
    assert distance_m(0, 179.999, 0, -179.999) == pytest.approx(222.4, abs=0.1)
