"""What every test may ask for. The machinery lives in `tests/support/`; this file only brings it in."""

from tests.support.chromium import chromium
from tests.support.databases import engine_url, postgres_server

__all__ = ["chromium", "engine_url", "postgres_server"]
