"""The code of a photo: a short name for its bytes that can be printed, read out and typed again.

Eleven letters are the first 55 bits of the SHA-256, the twelfth finds typing errors; so whoever has the original can work
the code out, and nobody can make another picture to a given code. The app does the same in `pwa/src/camera/code.ts`.
"""

#: Crockford's base 32: without I, L, O and U, which are mistaken for 1, 1, 0 and V.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_MEANT = str.maketrans("OIL", "011")
_LETTERS = 11


def photo_code(sha256: str) -> str:
    """`K7QX-9M2P-DR4T` for the hash in hex."""
    bits = int(sha256[:14], 16) >> 1
    letters = "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(_LETTERS)))
    return _grouped(letters + _check_letter(letters))


def read_code(typed: str) -> str | None:
    """What somebody typed as the code is written; None where it is mistyped or no code at all."""
    letters = "".join(c for c in typed.upper().translate(_MEANT) if c not in " -–—_.")
    if len(letters) != _LETTERS + 1 or not set(letters) <= _VALUES.keys():
        return None
    return _grouped(letters) if letters[-1] == _check_letter(letters[:-1]) else None


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _check_letter(letters: str) -> str:
    """Luhn's check for base 32: it finds every single wrong letter and nearly every swap of two neighbours."""
    total = 0
    for index, letter in enumerate(reversed(letters)):
        value = _VALUES[letter] * (2 if index % 2 == 0 else 1)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]
