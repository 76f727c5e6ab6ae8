"""What of a database is compared with the declarations."""

from server.records.search.tables import GRAMS


def is_declared(item: object, name: str | None, kind: str, reflected: bool, counterpart: object) -> bool:
    """The grams of the search index are made for each engine by their migration and stand in no declaration."""
    return not (reflected and counterpart is None and (name or "").startswith(GRAMS))
