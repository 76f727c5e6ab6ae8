"""Every forgery of the catalogue is flagged for its reason, through the real intake; and every check is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from media import evidence
from media.evidence import CHECKS, Verdict
from media.facts import Facts
from media.reasons import REASONS, Reason
from server.photos.intake import judging_context
from server.photos.models import Photo
from server.photos.service import verdict_today
from server.settings import Settings
from tests.forgeries.catalogue import FORGERIES, Forgery
from tests.forgeries.field import Field
from tests.support.databases import _new_sqlite
from tests.support.fieldwork import codes
from tests.support.world import COMPANY, running

MILD_TO_HARSH = ("verified", "unverified", "suspect")
JUDGED = [one for one in FORGERIES if one.outcome != "refused"]
CAUGHT_BY_RECORD = [one for one in FORGERIES if one.outcome == "refused"]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, _sqlite_templates: Path) -> Iterator[Field]:
    """One company for all forgeries of a process: as in life, nothing is cleared away in between."""
    folder = tmp_path_factory.mktemp("forgeries")
    database = _new_sqlite(folder, _sqlite_templates, COMPANY)
    with running(Settings(data=folder / "data", database=database, pwa=folder / "no-pwa")) as world:
        yield Field(world)


@pytest.fixture(scope="module")
def photo_of(field: Field) -> Callable[[Forgery], str]:
    """The photo of a forgery; each is tried once."""
    known: dict[str, str] = {}

    def find(forgery: Forgery) -> str:
        if forgery.name not in known:
            known[forgery.name] = forgery.does(field)
        return known[forgery.name]

    return find


@pytest.mark.parametrize("forgery", JUDGED, ids=lambda one: one.name)
def test_it_is_flagged_for_its_reason(field: Field, photo_of: Callable[[Forgery], str], forgery: Forgery) -> None:
    photo = field.result(photo_of(forgery))
    assert forgery.flagged_for in codes(photo), (photo["verdict"], codes(photo))
    assert photo["verdict"] == forgery.outcome, codes(photo)


@pytest.mark.parametrize("forgery", CAUGHT_BY_RECORD, ids=lambda one: one.name)
def test_bytes_that_are_not_those_of_the_record_do_not_get_in(field: Field, forgery: Forgery) -> None:
    with pytest.raises(AssertionError):
        forgery.does(field)
    photos = field.world.person("boss").get("/api/photos", sort="-created_at", limit=1)["items"]
    assert photos[0]["verdict"] == "pending"


def test_the_catalogue_is_long_enough_and_nothing_is_in_it_twice() -> None:
    assert len(FORGERIES) >= 50
    assert len({one.name for one in FORGERIES}) == len(FORGERIES)


# --- with a check switched off -----------------------------------------------------------------------------------------


def judged_again(field: Field, photo_ids: list[str]) -> list[Verdict]:
    """What the server says of these photos now, from the same evidence."""

    def judge(session: Session) -> list[Verdict]:
        context = judging_context(session)
        found = [verdict_today(context, session.get_one(Photo, photo_id)) for photo_id in photo_ids]
        return [verdict for verdict in found if verdict is not None]

    return field.world.app.state.services.writer.call(judge)  # type: ignore[no-any-return]


def slip(found: list[Verdict], forgeries: list[Forgery]) -> list[str]:
    """The forgeries that come off better than they should."""
    return [
        forgery.name
        for forgery, verdict in zip(forgeries, found, strict=True)
        if MILD_TO_HARSH.index(verdict.outcome) < MILD_TO_HARSH.index(forgery.outcome)
    ]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_without_a_check_forgeries_slip_through(
    field: Field,
    photo_of: Callable[[Forgery], str],
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[[Facts], list[Reason]],
) -> None:
    photo_ids = [photo_of(forgery) for forgery in JUDGED]
    assert slip(judged_again(field, photo_ids), JUDGED) == []
    monkeypatch.setattr(evidence, "CHECKS", tuple(one for one in CHECKS if one is not check))
    assert slip(judged_again(field, photo_ids), JUDGED) != []


@pytest.mark.parametrize("forgery", JUDGED, ids=lambda one: one.name)
def test_without_its_reason_it_slips_through(
    field: Field, photo_of: Callable[[Forgery], str], monkeypatch: pytest.MonkeyPatch, forgery: Forgery
) -> None:
    """No forgery of the catalogue is caught by something else than what the catalogue says."""
    off = {forgery.flagged_for, *forgery.also}

    def without(check: Callable[[Facts], list[Reason]]) -> Callable[[Facts], list[Reason]]:
        return lambda facts: [found for found in check(facts) if found.code not in off]

    monkeypatch.setattr(evidence, "CHECKS", tuple(without(check) for check in CHECKS))
    assert slip(judged_again(field, [photo_of(forgery)]), [forgery]) == [forgery.name]


def test_every_accusation_has_its_forgery() -> None:
    """`bytes_changed` needs bytes in the store that are not those of their name: `tests/media/test_forged_photos.py`."""
    accusations = {code for code, kind in REASONS.items() if kind.effect == "accuse"} - {"bytes_changed"}
    assert accusations - {one.flagged_for for one in FORGERIES} == set()
