"""Rows in columns: the cases both sides share, and that whatever is packed comes out again."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.records.ids import uuid7
from server.records.values import to_wire
from sync.pages import Rows, TypePage, pack, put_rows, roots_by_rule, rows_of, unpack

CASES = json.loads((Path(__file__).parent / "page_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_page_is_read_as_the_shared_cases_say(case: dict[str, Any]) -> None:
    entry = msgspec.convert(case["page"], TypePage)
    rows = [{**dict.fromkeys(case["fields"]), **row} for row in rows_of(entry)]
    assert rows == case["rows"]


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_page_is_written_as_the_shared_cases_say(case: dict[str, Any]) -> None:
    found = case["rows"]
    rule = case["page"].get("root", "company")
    # The server holds moments as datetimes.
    moments = {"at"}
    fields = {
        name: [datetime.fromisoformat(row[name]) if name in moments and row[name] else row[name] for row in found]
        for name in case["fields"]
    }
    entry = TypePage(gone=case["page"].get("gone", []))
    rows = Rows([row["id"] for row in found], fields, rule)
    put_rows(entry, rows, [row["rev"] for row in found], [row["root"] for row in found])
    written = msgspec.json.decode(msgspec.json.encode(entry))
    # The order of columns is free but for the id.
    assert _by_name(written) == _by_name(case["page"])
    assert written.get("columns", ["id"])[0] == "id"


values = (
    st.none() | st.sampled_from(["a", "b", 1, True, 0, False]) | st.text(max_size=3) | st.integers(0, 3)
    | st.lists(st.text(max_size=2), max_size=2) | st.uuids().map(str) | st.builds(uuid7)
)  # fmt: skip


@given(st.lists(st.builds(uuid7) | st.uuids().map(str), min_size=1, max_size=9))
def test_ids_come_out_as_they_went_in(ids: list[str]) -> None:
    packed = msgspec.json.decode(msgspec.json.encode(pack(ids)))
    assert unpack(packed, len(ids)) == ids


digits = st.text("0123456789-", min_size=3, max_size=3)
numbers = st.integers(9_990, 10_010).map(lambda n: f"CT{n:06d}")
places = st.floats(0, 180).map(lambda value: round(value, 6))


@given(
    st.lists(st.none() | digits, min_size=1, max_size=9)
    | st.lists(numbers, min_size=1, max_size=9)
    | st.lists(numbers, min_size=1, max_size=9).map(sorted)
    | st.lists(st.none() | places | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9)
    | st.lists(st.none() | places, min_size=1, max_size=9)
)
def test_values_that_are_alike_come_out_as_they_went_in(column: list[Any]) -> None:
    packed = msgspec.json.decode(msgspec.json.encode(pack(column)))
    assert (unpack(packed, len(column)) if packed is not None else [None] * len(column)) == column


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=9))
def test_moments_come_out_to_the_millisecond(moments: list[datetime | None]) -> None:
    packed = pack(moments)
    found = unpack(packed, len(moments)) if packed is not None else [None] * len(moments)
    assert found == [to_wire(moment) for moment in moments]


@given(st.lists(st.tuples(values, values, st.sampled_from(["customer:a", "company", None])), max_size=6))
def test_what_is_packed_comes_out_again(cells: list[tuple[Any, Any, str | None]]) -> None:
    ids = [f"row{n}" for n in range(len(cells))]
    columns = {"name": [cell[0] for cell in cells], "owner": [cell[1] for cell in cells]}
    rows = Rows(ids, columns, "employee:owner")
    roots = [cell[2] or root for cell, root in zip(cells, roots_by_rule(rows), strict=True)]
    entry = TypePage()
    put_rows(entry, rows, list(range(len(ids))), roots)
    sent = msgspec.json.decode(msgspec.json.encode(entry), type=TypePage)
    assert [{"name": None, "owner": None, **row} for row in rows_of(sent)] == [
        {"id": row_id, "rev": n, "root": root, "name": name, "owner": owner}
        for n, (row_id, root, (name, owner, _)) in enumerate(zip(ids, roots, cells, strict=True))
    ]


def _by_name(page: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in page.items() if key not in ("columns", "values")}
    return rest | {"columns": dict(zip(page.get("columns", []), page.get("values", []), strict=True))}
