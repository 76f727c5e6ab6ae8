"""Draws merge cases by chance, with a fixed seed: `python -m tests.sync.draw_merge_cases` writes `merge_drawn.json`,
which Python and TypeScript both check. Run it after a change of the rules, and read what differs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sync.merge import Policy, merge

FILE = Path(__file__).parent / "merge_drawn.json"
SEED = 20261121
EXAMPLES = 400

#: Notes that share beginnings, with the blanks and the characters that two languages may treat differently.
_notes = st.lists(
    st.sampled_from(["老客户", "要新价目", " ", "\n", "\u3000", "\u00a0", "\ufeff", "é", "😀", "a"]), max_size=4
)
_text = _notes.map("".join)
_ids = st.lists(st.sampled_from("abcde"), unique=True, max_size=4)
_amount = st.decimals(-100, 100, places=2).map(str)
_day = st.sampled_from(["2026-11-21", "2026-11-22", "2027-01-01"])
_maybe = {
    "text": st.one_of(st.none(), _text),
    "ids": st.one_of(st.none(), _ids),
    "int": st.one_of(st.none(), st.integers(-5, 5)),
    "decimal": st.one_of(st.none(), _amount),
    "date": st.one_of(st.none(), _day),
    "bool": st.one_of(st.none(), st.booleans()),
}
POLICIES: tuple[Policy, ...] = ("ask", "server", "latest", "append", "union", "add")
_DECIDING: tuple[Policy, ...] = ("ask", "server", "latest")
#: Joining is for the kinds it makes sense for; on the wire an amount and a note look alike.
_JOINING: list[tuple[str, Policy]] = [("text", "append"), ("ids", "union"), ("int", "add"), ("decimal", "add")]


def to_python(kind: str, value: Any) -> Any:
    """A value of the cases as the server's column has it: amounts are decimals, not text."""
    return Decimal(value) if kind == "decimal" and value is not None else value


def to_json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _case(kind: str, policy: Policy, base: Any, mine: Any, current: Any) -> dict[str, Any]:
    merged = merge(policy, *(to_python(kind, value) for value in (base, mine, current)))
    case = {"kind": kind, "policy": policy, "base": base, "mine": mine, "current": current}
    case |= {"value": to_json(merged.value), "outcome": merged.outcome}
    if merged.has_lost:
        case["lost"] = to_json(merged.lost)
    return {**case, "open": True} if merged.open else case


def draw() -> list[dict[str, Any]]:
    cases: dict[str, dict[str, Any]] = {}
    pairs = [(kind, policy) for kind in _maybe for policy in _DECIDING] + _JOINING * 6
    drawn = st.sampled_from(pairs).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), _three(pair[0]))
    )

    @seed(SEED)
    @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(drawn)
    def collect(one: tuple[str, Policy, tuple[Any, Any, Any]]) -> None:
        kind, policy, values = one
        case = _case(kind, policy, *values)
        cases[json.dumps(case, ensure_ascii=False, sort_keys=True)] = case

    collect()
    return list(cases.values())


def _three(kind: str) -> st.SearchStrategy[tuple[Any, Any, Any]]:
    """Base, mine and current; notes often begin with their base, which is what appending is about."""
    values = _maybe[kind]
    free = st.tuples(values, values, values)
    if kind != "text":
        return free
    return st.one_of(free, st.tuples(_text, _text, _text).map(lambda t: (t[0], t[0] + t[1], t[0] + t[2])))


def main() -> None:
    lines = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in draw())
    for unseen in "\u00a0\ufeff\u3000":  # a reader should see what is there
        lines = lines.replace(unseen, f"\\u{ord(unseen):04x}")
    FILE.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
