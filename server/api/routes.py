"""Routes that only one area has: each area that needs some declares `routes` in its `routes.py`."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from server.areas import AREAS


def area_routes() -> list[Any]:
    """All areas' own route handlers, in the order of the areas."""
    found: list[Any] = []
    for area in AREAS:
        name = f"server.{area}.routes"
        if find_spec(name) is not None:
            found += import_module(name).routes
    return found
