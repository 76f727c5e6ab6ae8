"""The per-field merge: on cases that the app shares (`pwa/src/sync/merge.test.ts`), and its laws."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sync.merge import Policy, merge
from tests.sync import draw_merge_cases
from tests.sync.draw_merge_cases import to_python

FOLDER = Path(__file__).parent
CASES: list[dict[str, Any]] = json.loads((FOLDER / "merge_cases.json").read_text("utf-8"))
DRAWN: list[dict[str, Any]] = json.loads((FOLDER / "merge_drawn.json").read_text("utf-8"))
POLICIES = draw_merge_cases.POLICIES

notes = st.lists(st.sampled_from(["老客户", "要新价目", " ", "\n", "\u3000", "a", "b"]), max_size=4).map("".join)
words = st.text("老客户要新价目ab", min_size=1, max_size=5)
ids = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)
amounts = st.decimals(-1000, 1000, places=2)
#: Three values of one field, with its policy: base, mine and current have one kind.
fields = st.one_of(
    *(
        st.tuples(st.sampled_from(POLICIES), *[st.one_of(st.none(), kind)] * 3)
        for kind in (notes, ids, amounts, st.integers(-9, 9), st.booleans(), st.dates())
    )
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    merged = merge(case["policy"], case["base"], case["mine"], case["current"])
    assert (merged.value, merged.outcome, merged.open) == (case["value"], case["outcome"], case.get("open", False))


def test_cases_drawn_by_chance() -> None:
    assert len(DRAWN) > 300
    for case in DRAWN:
        kind = case["kind"]
        merged = merge(case["policy"], *(to_python(kind, case[name]) for name in ("base", "mine", "current")))
        assert merged.value == to_python(kind, case["value"]), case
        assert (merged.outcome, merged.open) == (case["outcome"], case.get("open", False)), case
        assert merged.has_lost == ("lost" in case), case
        assert merged.lost == to_python(kind, case.get("lost")), case


# -- laws


@given(fields)
def test_no_value_is_lost(field: tuple[Policy, Any, Any, Any]) -> None:
    """What anybody wrote is what the field has now, or in the conflict record, or contained in the result."""
    policy, base, mine, current = field
    merged = merge(policy, base, mine, current)
    for value in (mine, current):
        if value == base:
            continue  # nobody wrote that
        if value in (merged.value, merged.lost if merged.has_lost else merged.value):
            continue
        assert policy in ("append", "union", "add")
        assert merged.outcome == "merged"
        assert _contains(policy, base, value, merged.value)


def _contains(policy: Policy, base: Any, value: Any, result: Any) -> bool:
    if policy == "append":
        return all(line.strip() in result for line in (value or "").removeprefix(base or "").split("\n"))
    if policy == "union":
        return set(value or []) - set(base or []) <= set(result)
    return True  # a sum: `test_add_applies_both_differences`


@given(fields)
def test_the_same_value_is_no_conflict(field: tuple[Policy, Any, Any, Any]) -> None:
    policy, base, mine, _ = field
    merged = merge(policy, base, mine, mine)
    assert (merged.value, merged.outcome, merged.has_lost, merged.open) == (mine, "same", False, False)


@given(fields)
def test_who_saw_the_newest_value_gets_what_he_wants(field: tuple[Policy, Any, Any, Any]) -> None:
    policy, _, mine, current = field
    merged = merge(policy, current, mine, current)
    assert merged.value == mine
    assert not merged.has_lost


@given(fields)
def test_a_person_is_asked_only_where_a_value_loses_and_the_servers_stands(
    field: tuple[Policy, Any, Any, Any],
) -> None:
    policy, base, mine, current = field
    merged = merge(policy, base, mine, current)
    if merged.open:
        assert (merged.value, merged.lost, merged.outcome) == (current, mine, "conflict")
    if merged.has_lost:
        assert merged.value != merged.lost


@given(fields)
def test_merging_again_changes_nothing(field: tuple[Policy, Any, Any, Any]) -> None:
    """Idempotent, except where something is added: there the inbox runs every op once (tests/crash)."""
    policy, base, mine, current = field
    assume(policy not in ("append", "add"))
    once = merge(policy, base, mine, current).value
    assert merge(policy, base, mine, once).value == once


def _two(policy: Policy, base: Any, first: Any, second: Any) -> Any:
    """What the server has after two phones, which had seen the same, have sent theirs."""
    return merge(policy, base, second, merge(policy, base, first, base).value).value


@given(ids, ids, ids)
def test_sets_come_out_the_same_in_any_order(base: list[str], a: list[str], b: list[str]) -> None:
    assert set(_two("union", base, a, b)) == set(_two("union", base, b, a))


@given(amounts, amounts, amounts)
def test_sums_come_out_the_same_in_any_order(base: Decimal, a: Decimal, b: Decimal) -> None:
    assume(a != b)  # two phones that want the same number get it: that is no addition
    assert _two("add", base, a, b) == _two("add", base, b, a)


@given(notes, words, words)
def test_notes_have_the_same_lines_in_any_order(base: str, a: str, b: str) -> None:
    first, second = f"{base}\n{a}", f"{base}\n{b}"
    assume(a != b)
    one, other = _two("append", base, first, second), _two("append", base, second, first)
    assert sorted(one.split()) == sorted(other.split()) == sorted(f"{first}\n{b}".split())


@given(st.permutations(["name", "mobile", "remark"]), st.data())
def test_fields_do_not_depend_on_each_others_order(order: list[str], data: st.DataObject) -> None:
    policies: dict[str, Policy] = {"name": "ask", "mobile": "latest", "remark": "append"}
    edits = {name: data.draw(st.tuples(notes, notes, notes), label=name) for name in policies}
    merged = {name: merge(policies[name], *edits[name]).value for name in order}
    assert merged == {name: merge(policies[name], *edits[name]).value for name in policies}


@given(ids, ids, ids)
def test_union_keeps_both_sides_additions_and_removals(base: list[str], mine: list[str], current: list[str]) -> None:
    merged = set(merge("union", base, mine, current).value or [])
    assert merged >= (set(mine) - set(base)) | (set(current) - set(base)) - (set(base) - set(mine))
    assert not merged & (set(base) - set(mine) - (set(current) - set(base)))


@given(amounts, amounts, amounts)
def test_add_applies_both_differences(base: Decimal, mine: Decimal, current: Decimal) -> None:
    assert merge("add", base, mine, current).value == current + mine - base or current in (mine, base)
