"""Every forgery of the catalogue is flagged for its reason, through the real intake; and every check is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from media import evidence
from media.evidence import CHECKS, Evidence, Thresholds, judge
from media.facts import Facts
from media.reasons import REASONS, Reason
from server.photos import known
from server.photos.intake import judging_context
from server.photos.models import Photo
from server.photos.service import examination_of
from server.settings import Settings
from tests.forgeries.catalogue import FORGERIES, Forgery
from tests.forgeries.field import Field
from tests.support.databases import _new_sqlite
from tests.support.fieldwork import codes
from tests.support.world import COMPANY, running

Check = Callable[[Facts], list[Reason]]
Known = tuple[Evidence, Thresholds]
MILD_TO_HARSH = ("verified", "unverified", "suspect")
JUDGED = [one for one in FORGERIES if one.outcome != "refused"]
REFUSED = [one for one in FORGERIES if one.outcome == "refused"]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, _sqlite_templates: Path) -> Iterator[Field]:
    """One company for all forgeries of a process: as in life, nothing is cleared away in between."""
    folder = tmp_path_factory.mktemp("forgeries")
    database = _new_sqlite(folder, _sqlite_templates, COMPANY)
    with running(Settings(data=folder / "data", database=database, pwa=folder / "no-pwa")) as world:
        yield Field(world)


def known_of(field: Field, photo_id: str) -> Known:
    """What the server knew when it judged this photo."""
    services = field.world.app.state.services

    def look(session: Session) -> Known:
        context, photo = judging_context(session), session.get_one(Photo, photo_id)
        found = examination_of(session, photo.sha256 or "")
        assert found is not None
        limits, most = known.thresholds(session)
        return known.evidence(context, photo, found[0], services.tokens, limits, most), limits

    return services.writer.call(look)  # type: ignore[no-any-return]


def slips(forgery: Forgery, of: Known) -> bool:
    """Whether it comes off better than it should, by the checks that are switched on."""
    return MILD_TO_HARSH.index(judge(*of).outcome) < MILD_TO_HARSH.index(forgery.outcome)


@pytest.mark.parametrize("forgery", JUDGED, ids=lambda one: one.name)
def test_it_is_flagged_for_its_reason_and_for_nothing_else(
    field: Field, monkeypatch: pytest.MonkeyPatch, forgery: Forgery
) -> None:
    photo_id = forgery.does(field)
    photo = field.result(photo_id)
    assert forgery.flagged_for in codes(photo), (photo["verdict"], codes(photo))
    assert photo["verdict"] == forgery.outcome, codes(photo)

    off, of = {forgery.flagged_for, *forgery.also}, known_of(field, photo_id)
    assert not slips(forgery, of)

    def without(check: Check) -> Check:
        return lambda facts: [found for found in check(facts) if found.code not in off]

    monkeypatch.setattr(evidence, "CHECKS", tuple(without(check) for check in CHECKS))
    assert slips(forgery, of)


@pytest.mark.parametrize("forgery", REFUSED, ids=lambda one: one.name)
def test_bytes_that_are_not_those_of_the_record_do_not_get_in(field: Field, forgery: Forgery) -> None:
    with pytest.raises(AssertionError):
        forgery.does(field)
    photos = field.world.person("boss").get("/api/photos", sort="-created_at", limit=1)["items"]
    assert photos[0]["verdict"] == "pending"


@pytest.mark.slow
def test_with_any_check_switched_off_forgeries_slip_through(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = [(forgery, known_of(field, forgery.does(field))) for forgery in JUDGED]
    assert [forgery.name for forgery, of in tried if slips(forgery, of)] == []
    for off in CHECKS:
        monkeypatch.setattr(evidence, "CHECKS", tuple(check for check in CHECKS if check is not off))
        assert any(slips(forgery, of) for forgery, of in tried), f"nothing needs {off.__name__}"


def test_every_accusation_has_its_forgery() -> None:
    """`bytes_changed` needs bytes in the store that are not those of their name: `tests/media/test_forged_photos.py`."""
    accusations = {code for code, kind in REASONS.items() if kind.effect == "accuse"} - {"bytes_changed"}
    assert accusations - {one.flagged_for for one in FORGERIES} == set()


def test_the_catalogue_is_long_enough_and_nothing_is_in_it_twice() -> None:
    assert len(FORGERIES) >= 50
    assert len({one.name for one in FORGERIES}) == len(FORGERIES)
