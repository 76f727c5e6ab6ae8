"""A failing seed becomes a short run, and the short run a story. What is played here goes wrong by a rule."""

from __future__ import annotations

import shlex

from tests.sim.__main__ import arguments
from tests.sim.shrink import shrink
from tests.sim.stage import FAULTS, Outcome, Piece

LAST = 60


def play(piece: Piece) -> Outcome:
    """Goes wrong where the rep writes in step 7, the server is killed in step 31, and somebody has more than 3 ops a
    turn; what else happens is of no account. Without the kill something of another kind goes wrong."""
    steps = set(piece.only or range(1, min(piece.steps, LAST) + 1))
    there = piece.devices is None or "rep" in piece.devices
    problems = []
    if {7, 31} <= steps and "server" in piece.faults and there and piece.burst >= 4:
        problems.append(f"rep: customer.create 0190f2c4-{len(steps):04d}: the server has never seen it")
    elif steps:
        problems.append("manager: is not at rest: offline")
    return Outcome(problems, ["    7  rep: writes customer.create"], {"steps": max(steps)})


def test_what_is_left_is_what_it_takes() -> None:
    piece = Piece(seed="long", steps=LAST)
    shorter, outcome = shrink(play, piece, play(piece))
    assert shorter.only == (7, 31)
    assert shorter.faults == ("server",)
    assert shorter.burst == 4
    assert shorter.devices == ("rep",)
    assert "has never seen it" in outcome.problems[0]
    assert set(FAULTS) > set(shorter.faults)


def test_the_command_that_plays_it_again_is_printed_whole() -> None:
    shorter = Piece(seed="long", only=(7, 31), faults=("server",), burst=4, devices=("rep", "rep's tablet"))
    words = shlex.split(arguments(shorter))
    told = dict(zip(words[::2], words[1::2], strict=True))
    assert told == {
        "--seed": "long",
        "--faults": "server",
        "--burst": "4",
        "--only": "7,31",
        "--devices": "rep,rep's tablet",
    }


def test_patience_ends() -> None:
    piece = Piece(seed="long", steps=LAST)
    shorter, outcome = shrink(play, piece, play(piece), patience=0)
    assert shorter == piece
    assert outcome.problems
