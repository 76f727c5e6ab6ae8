"""The app's own sync engine against the real server: plain stories, and a short stretch of chance with every fault.

`make simulate SEED=… STEPS=… DATABASE=…` plays longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.copies import Copies, PostgresCopies, copies_of
from tests.sim.stage import Outcome, Piece, Stage, bundle
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY

pytestmark = pytest.mark.sim


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("simulator"))


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path, program: Path
) -> Iterator[Stage]:
    url = new_database(COMPANY)
    if url.startswith("sqlite"):
        copies: Copies = copies_of(url)
    else:
        copies = PostgresCopies(request.getfixturevalue("postgres_server"), url)
    with Stage(url, tmp_path / "stage", program, copies) as stage:
        yield stage


def _whole(outcome: Outcome) -> None:
    assert not outcome.problems, "\n".join([*outcome.problems, *outcome.story])


def test_the_phone_and_the_server_agree_in_every_plain_story(stage: Stage):
    _whole(stage.play(Piece("scenarios", seed="")))


def test_nothing_is_lost_or_done_twice_whatever_fails(stage: Stage):
    outcome = stage.play(Piece(seed="spring", ops=600))
    _whole(outcome)
    assert outcome.figures["ops"] > 500
