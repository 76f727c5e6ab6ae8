"""How text is made comparable, and the grams it is found by.

A *gram* is a short piece of a text: one or two characters of Chinese, two or three letters or digits. It is kept as a
number, made with the record's type, so that each type has grams of its own. An index of grams answers a word of any
length, needs no extension of the database and is the same on both engines; what it gives is checked against the text.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from zlib import crc32

#: Letters, digits, marks and symbols such as emoji. Blanks, brackets and hyphens never decide whether something is found.
_KEPT = {"L", "N", "M"}
_KEPT_SYMBOLS = {"So", "Sk"}
#: More grams of one word say nothing more.
_MOST_GRAMS = 24
MOST_WORDS = 8
#: Before the first characters of a value, and before a value that is the whole word.
_START, _WHOLE = "^", "="
_STARTS = 3


class _Keep(dict[int, int | None]):
    def __missing__(self, code: int) -> int | None:
        kind = unicodedata.category(chr(code))
        self[code] = found = code if kind[0] in _KEPT or kind in _KEPT_SYMBOLS else None
        return found


_keep = _Keep()


def normal(text: str) -> str:
    """Half width, lower case, without blanks and punctuation: as people type, whatever their keyboard does."""
    if text.isascii():
        lower = text.lower()
        return lower if lower.isalnum() else lower.translate(_keep)
    return unicodedata.normalize("NFKC", text).lower().translate(_keep)


def words_of(query: str) -> list[str]:
    """The words of a query, all of which have to be found. Nothing of it is a syntax."""
    found = [normal(word) for word in unicodedata.normalize("NFKC", query).split()]
    return [word for word in dict.fromkeys(found) if word][:MOST_WORDS]


@cache
def _seed(record_type: str) -> int:
    return crc32(record_type.encode())


def _numbers(record_type: str, grams: Iterable[str]) -> list[int]:
    seed = _seed(record_type)
    return [crc32(gram.encode(), seed) >> 1 for gram in grams]


def grams_of(
    record_type: str, texts: Iterable[str], starting: Iterable[str], phones: Iterable[str] = ()
) -> list[int]:
    """The grams of normal texts, each by itself. `starting`: values that are also found by how they begin. `phones` are
    not found by two digits: nearly all of them would be."""
    found: set[str] = set()
    for phone in phones:
        found.update([phone[at : at + 3] for at in range(len(phone) - 2)])
    for text in texts:
        found.update(map("".join, pairwise(text)))
        if text.isascii():
            found.update([text[at : at + 3] for at in range(len(text) - 2)])
        else:
            found.update(character for character in text if not character.isascii())
            found.update(text[at : at + 3] for at in range(len(text) - 2) if text[at : at + 3].isascii())
    for value in starting:
        found.update(_START + value[:count] for count in range(1, min(_STARTS, len(value)) + 1))
        found.add(_WHOLE + value)
    return sorted(_numbers(record_type, found))


def grams_for(record_type: str, word: str) -> list[int]:
    """The grams that every text with this word has. One letter or digit alone is found where a value begins with it."""
    if len(word) == 1:
        return _numbers(record_type, [_START + word if word.isascii() else word])
    found = []
    for at in range(len(word) - 1):
        if word[at : at + 3].isascii() and len(word) - at > 2:
            found.append(word[at : at + 3])
        elif not (at and word[at - 1 : at + 2].isascii()):
            found.append(word[at : at + 2])
    return _numbers(record_type, dict.fromkeys(found[:_MOST_GRAMS]))


def loose_grams(record_type: str, word: str) -> list[int]:
    """The characters of a word of Chinese, for texts that have them with others between; none for other words."""
    if len(word) < 2 or any(character.isascii() for character in word):
        return []
    return _numbers(record_type, dict.fromkeys(word[:_MOST_GRAMS]))


def start_gram(record_type: str, word: str) -> int:
    return _numbers(record_type, [_START + word[:_STARTS]])[0]


def whole_gram(record_type: str, word: str) -> int:
    return _numbers(record_type, [_WHOLE + word])[0]
