"""Codes that are printed, read out and typed again."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from media.codes import photo_code, read_code

HASHES = st.binary(max_size=8).map(lambda data: hashlib.sha256(data).hexdigest())
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_the_code_is_the_beginning_of_the_hash() -> None:
    """Worked out by hand, and the same in pwa/src/camera/code.test.ts: phone and server must print one code."""
    assert photo_code("ab" * 32) == "NENT-QAXB-NENZ"
    assert photo_code("0" * 64) == "0000-0000-0000"
    assert photo_code("0123456789abcdef" + "0" * 48) == "04HM-ASW9-NF6G"


@given(HASHES)
def test_a_code_is_read_however_it_is_typed(sha256: str) -> None:
    code = photo_code(sha256)
    assert read_code(code) == code
    assert read_code(code.lower().replace("-", " ")) == code
    assert read_code(code.replace("-", "").replace("0", "o").replace("1", "l")) == code


@given(HASHES, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(sha256: str, place: int, letter: str) -> None:
    code = photo_code(sha256).replace("-", "")
    typed = code[:place] + letter + code[place + 1 :]
    assert (read_code(typed) is not None) == (typed == code)


def test_what_is_no_code_is_none() -> None:
    for typed in (
        "",
        "----",
        "NENT-QAXB-NEN",
        "NENT-QAXB-NENZZ",
        "核验码核验码核验码核验",
        "NENT/QAXB/NENZ",
        "Ⅷ" * 12,
    ):
        assert read_code(typed) is None
