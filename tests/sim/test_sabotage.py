"""Every check can fail: something is broken on purpose, in the network, on a device or in what the audit sees, and the
simulator must say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.sim.audit import SABOTAGES
from tests.sim.copies import copies_of
from tests.sim.stage import Piece, Stage, bundle
from tests.support.live_server import ROOT
from tests.support.world import build_company

pytestmark = pytest.mark.sim

#: What is broken → what the simulator says.
NOTICED = {
    "row lost": r"customer \S+ of customer:\S+ is missing",
    "value altered": r"customer \S+ \(rev \d+\): name is .* here, .* there",
    "foreign row": r"customer \S+ .* is on the device, but (not to be seen|customer:\S+ is not for it)",
    "drop lost": r"is on the device, but customer:\S+ is not for it",
    "lie about an op": r"customer.create \S+: the server has never seen it",
    "op lost": r"has left the outbox without an answer",
    "flicker": r"shows \w+ = .*, its author wrote",
    "shadow left": r"is on the device unseen",
    "an effect twice": r"took effect 2 times",
    "an effect of a rejected op": r"rejected \(\w+\), yet it changed",
    "a number missing": r"missing or given twice",
    "a conflict missing": r"is nowhere kept|is neither written nor in a conflict",
    "a write unseen": r"the audit trail says 'another'",
    "an op unknown": r"the server has never seen it",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("sabotage")
    url = f"sqlite:///{folder / 'company.db'}"
    build_company(url)
    with Stage(url, folder / "stage", bundle(folder / "program"), copies_of(url)) as stage:
        yield stage


def test_every_sabotage_has_its_answer():
    text = (ROOT / "pwa" / "sim" / "sabotage.ts").read_text(encoding="utf-8")
    kinds = text[text.index("export const SABOTAGES") :]
    devices = {a or b for a, b in re.findall(r"^  (?:'([\w ]+)'|(\w+)): (?:\(\)|on\w+)", kinds, re.MULTILINE)}
    assert devices | set(SABOTAGES) == set(NOTICED)


@pytest.mark.parametrize("sabotage", NOTICED)
def test_it_is_noticed(stage: Stage, sabotage: str):
    """What there is to spoil depends on what was drawn: a company without a conflict cannot lose one. The next may."""
    for number in range(5):
        seed = f"spoiled-{number}"
        outcome = stage.play(
            Piece(seed=seed, ops=120, faults=("access",), devices=("rep", "rep2"), sabotage=sabotage)
        )
        if outcome.problems:
            break
    assert any(re.search(NOTICED[sabotage], problem) for problem in outcome.problems), outcome
