"""How well a text has a word: the better, the smaller. `pwa/src/search/ranking.ts` is the same for what a device holds;
`tests/search/ranking_cases.json` holds both to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.records.search.docs import INITIALS, NAME, NUMBER, PINYIN, REST, Doc

#: Digits that are looked for inside of a phone number; fewer are in nearly every one.
_PHONE_DIGITS = 3
WORST = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """Normal texts of one record, as far as the actor may search in them."""

    number: str = ""
    name: str = ""
    initials: str = ""
    pinyin: str = ""
    phones: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


def entry_of(doc: Doc, *, words: bool, phones: bool, own: Iterable[str]) -> Entry:
    """`words`, `phones`: whether the actor may search there; `own`: the keys of own fields he may search in."""
    lines = doc.words.split("\n") if words else [""] * REST
    owned = tuple(doc.own[key] for key in own if key in doc.own) if doc.own else ()
    return Entry(
        lines[NUMBER], lines[NAME], lines[INITIALS], lines[PINYIN],
        tuple(doc.phones.split("\n")) if phones and doc.phones else (),
        (*lines[REST:], *owned),
    )  # fmt: skip


def rank(entry: Entry, word: str) -> int | None:
    """0: it is the word; 8: a name that has its characters in this order; None: it has it nowhere."""
    number, name, phones = entry.number, entry.name, entry.phones
    if word in (number, name) or word in phones:
        return 0
    if number.startswith(word) or name.startswith(word):
        return 1
    if entry.initials.startswith(word) or entry.pinyin.startswith(word):
        return 2
    alone = len(word) == 1 and word.isascii()
    if alone:  # one letter is everywhere; it counts where something begins with it
        return 4 if any(phone.startswith(word) for phone in phones) else None
    if word in name:
        return 3
    if number.endswith(word):
        return 4
    if len(word) >= _PHONE_DIGITS and any(word in phone for phone in phones):
        return 4 if any(phone.startswith(word) or phone.endswith(word) for phone in phones) else 5
    if word in entry.initials or word in entry.pinyin:
        return 6
    if word in number or any(word in text for text in entry.rest):
        return 7
    return WORST if _in_order(name, word) else None


def _in_order(name: str, word: str) -> bool:
    """王超市 finds 王记超市: the characters in this order, others between. Not for letters: those are in everything."""
    if len(word) < 2 or any(character.isascii() for character in word):
        return False
    rest = iter(name)
    return all(character in rest for character in word)


def total(entry: Entry, words: Sequence[str]) -> int | None:
    """All words together; None unless each is there. Two words found well come before three found badly."""
    ranks = [rank(entry, word) for word in words]
    return sum(found for found in ranks if found is not None) if None not in ranks else None
