"""What every test may ask for. The machinery lives in `tests/support/`; this file only brings it in."""

from tests.support.chromium import chromium
from tests.support.databases import _postgres_copies, _sqlite_templates, engine_url, new_database, postgres_server
from tests.support.outside import outside
from tests.support.s3 import s3, s3_endpoint
from tests.support.world import make_world, open_world, world

__all__ = [
    "_postgres_copies",
    "_sqlite_templates",
    "chromium",
    "engine_url",
    "make_world",
    "new_database",
    "open_world",
    "outside",
    "postgres_server",
    "s3",
    "s3_endpoint",
    "world",
]
