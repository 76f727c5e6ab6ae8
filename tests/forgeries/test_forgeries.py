"""Every forgery of the catalogue is flagged for its reason, through the real intake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import Settings
from tests.forgeries.catalogue import FORGERIES, Forgery
from tests.forgeries.field import Field
from tests.support.databases import _new_sqlite
from tests.support.fieldwork import codes
from tests.support.world import COMPANY, running


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, _sqlite_templates: Path) -> Iterator[Field]:
    """One company for all forgeries of a process: as in life, nothing is cleared away in between."""
    folder = tmp_path_factory.mktemp("forgeries")
    database = _new_sqlite(folder, _sqlite_templates, COMPANY)
    with running(Settings(data=folder / "data", database=database, pwa=folder / "no-pwa")) as world:
        yield Field(world)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda one: one.name)
def test_it_is_flagged_for_its_reason(field: Field, forgery: Forgery) -> None:
    if forgery.outcome == "refused":
        with pytest.raises(AssertionError):
            forgery.does(field)
        photos = field.world.person("boss").get("/api/photos", sort="-created_at", limit=1)["items"]
        assert photos[0]["verdict"] == "pending"
        return
    photo = field.result(forgery.does(field))
    assert forgery.flagged_for in codes(photo), (photo["verdict"], codes(photo))
    assert photo["verdict"] == forgery.outcome, codes(photo)


def test_the_catalogue_is_long_enough_and_nothing_is_in_it_twice() -> None:
    assert len(FORGERIES) >= 50
    assert len({one.name for one in FORGERIES}) == len(FORGERIES)
