"""The ranking, held to the cases it shares with the app (`pwa/src/search/ranking.test.ts`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.records.search.ranking import Entry, total
from server.records.search.text import grams_for, grams_of, normal, words_of

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "ranking_cases.json").read_text("utf-8"))


def entry(name: str) -> Entry:
    values = CASES["entries"][name]
    return Entry(**{**values, "phones": tuple(values["phones"]), "rest": tuple(values["rest"])})


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: str(case["query"]))
def test_each_text_gets_the_rank_that_the_app_gives_it(case: dict[str, Any]) -> None:
    words = words_of(case["query"])
    ranks = {name: total(entry(name), words) for name in CASES["entries"]} if words else {}
    assert {name: rank for name, rank in ranks.items() if rank is not None} == case["ranks"]


@pytest.mark.parametrize("case", CASES["orders"], ids=lambda case: str(case["query"]))
def test_of_equal_ones_the_shorter_name_comes_first(case: dict[str, Any]) -> None:
    words = words_of(case["query"])
    found = [(total(entry(name), words), len(entry(name).name), name) for name in CASES["entries"]]
    assert [name for rank, _, name in sorted(f for f in found if f[0] is not None)] == case["ids"]


@pytest.mark.parametrize(
    "text",
    [
        "王记超市",
        "ct2026112100007",
        "a王b记",
        "王a",
        "a王",
        "ab王记cd",
        "😀店",
        "é",
        "13800001234",
        "ßx",
        "ｱｲｳ",
        "𠮷野家",
    ],
)
def test_every_part_of_a_text_has_no_grams_that_the_text_lacks(text: str) -> None:
    """What is in a text must be found by it, or a hit would be lost before it is looked at."""
    kept = normal(text)
    grams = set(grams_of("customer", [kept], [kept]))
    for start in range(len(kept)):
        for end in range(start + 1, len(kept) + 1):
            word = kept[start:end]
            if len(word) == 1 and word.isascii() and start:
                continue  # one letter is found where a value begins with it
            assert set(grams_for("customer", word)) <= grams, word


def test_types_have_grams_of_their_own() -> None:
    assert not set(grams_for("customer", "王记")) & set(grams_for("contact", "王记"))
