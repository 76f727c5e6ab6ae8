"""Reports and the lists behind their numbers, as a reader asks for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.support.world import Person


def ask(person: Person, name: str, **params: Any) -> dict[str, Any]:
    """`from_` stands for `from`."""
    return dict(person.get(f"/api/reports/{name}", **{key.rstrip("_"): value for key, value in params.items()}))


def labels(report: dict[str, Any]) -> dict[str, list[Any]]:
    """The first column's numbers by the label of the row."""
    return {row["label"]: cells[0] for row, cells in zip(report["rows"], report["cells"], strict=True)}


#: How many empty groups of a report are looked at: a calendar has hundreds.
_EMPTY_ONES = 3


@dataclass
class Lists:
    """What somebody's lists say, each asked for once."""

    person: Person
    known: dict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def behind(self, report: dict[str, Any], *filters: dict[str, str]) -> list[dict[str, Any]]:
        """The whole list of a number."""
        params = dict(report["params"])
        for one in filters:
            params |= one
        key = (report["path"], *sorted(params.items()))
        if key not in self.known:
            self.known[key] = self._asked(report["path"], params)
        return self.known[key]

    def _asked(self, path: str, params: dict[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.person.get(path, limit=200, **params, **({"after": after} if after else {}))
            found += page["items"]
            after = page["next"] or ""
            if not after:
                return found

    def check(self, report: dict[str, Any], fields: dict[str, tuple[str, str]]) -> int:
        """Compares each number with the list that it names; `fields`: kind and field of each measure. Returns how many
        numbers were compared."""
        compared, empty = 0, 0
        whole = self.behind(report)
        filters = [{}, *[row["filter"] for row in report["rows"]]]
        for row_filter, cells in zip(filters, [report["totals"], *report["cells"]], strict=True):
            for column, values in zip(report["columns"], cells, strict=True):
                if not any(values):
                    empty += 1
                    if empty > _EMPTY_ONES:
                        continue
                group = self.behind(report, row_filter, column["filter"])
                for measure, value in zip(report["measures"], values, strict=True):
                    kind, name = fields[measure["name"]]
                    rows = self.behind(report, row_filter, column["filter"], measure["filter"])
                    where = f"{report['report']['name']} by {report['by']} × {report['across']}: {measure['name']}"
                    assert value == expected(kind, name, rows, group, whole, measure["kind"]), (
                        f"{where} of {row_filter}"
                    )
                    compared += 1
        return compared


def expected(
    kind: str,
    field: str,
    rows: list[dict[str, Any]],
    group: list[dict[str, Any]],
    whole: list[dict[str, Any]],
    form: str,
) -> Any:
    """The number as somebody with the list and a pencil finds it."""
    if kind == "count":
        return len(rows)
    if kind == "rate":
        return round(len(rows) / len(group), 4) if group else None
    if kind == "share":
        return round(len(rows) / len(whole), 4) if whole else None
    values = [row[field] for row in rows if row[field] is not None]
    if not values:
        return None
    if kind == "latest":
        return max(values)
    total = sum((Decimal(value) for value in values), Decimal(0))
    if kind == "sum":
        return int(total) if form == "int" else str(total)
    return str((total / len(values)).quantize(Decimal("0.01")))
