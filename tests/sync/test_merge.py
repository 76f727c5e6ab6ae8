"""The per-field merge: on cases that the app shares, and in general."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.merge import Policy, merge

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "merge_cases.json").read_text("utf-8"))
values = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.booleans())
policies = st.sampled_from(["ask", "server", "latest", "append", "union", "add"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    merged = merge(case["policy"], case["base"], case["mine"], case["current"])
    assert (merged.value, merged.outcome, merged.open) == (case["value"], case["outcome"], case.get("open", False))


@given(policies, values, values, values)
def test_no_value_is_lost(policy: Policy, base: Any, mine: Any, current: Any) -> None:
    """What a person wrote is either what the field has now, or in the conflict record, or contained in the result."""
    merged = merge(policy, base, mine, current)
    if merged.outcome in ("same", "applied"):
        assert merged.value == mine
    elif merged.has_lost:
        assert merged.lost in (mine, current)
        assert merged.value in (mine, current)
        assert merged.value != merged.lost
    else:
        assert policy in ("append", "union", "add")


@given(
    st.lists(st.integers(0, 9), unique=True),
    st.lists(st.integers(0, 9), unique=True),
    st.lists(st.integers(0, 9), unique=True),
)
def test_union_keeps_both_sides_additions_and_removals(base: list[int], mine: list[int], current: list[int]) -> None:
    merged = set(merge("union", base, mine, current).value or [])
    assert merged >= (set(mine) - set(base)) | (set(current) - set(base)) - (set(base) - set(mine))
    assert not merged & (set(base) - set(mine) - (set(current) - set(base)))


@given(st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2), st.decimals(-1000, 1000, places=2))
def test_add_applies_both_differences(base: Decimal, mine: Decimal, current: Decimal) -> None:
    assert merge("add", base, mine, current).value == current + mine - base or current in (mine, base)
