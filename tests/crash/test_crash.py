"""A few rounds of `make crash`: SIGKILL under load, nothing that was acknowledged is lost or done twice."""

from __future__ import annotations

import sys

import pytest

from tests.crash.__main__ import stage

pytestmark = [
    pytest.mark.sim,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of a server in /proc"),
]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_was_acknowledged_survives_sigkill(database: str) -> None:
    with stage(database, seed=7) as crash:
        figures = crash.play(rounds=5)
    assert not figures.problems, "\n".join(figures.problems)
    assert sum(figures.rounds.values()) == 5
    assert figures.acknowledged > 20
