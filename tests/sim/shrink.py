"""From a long run that goes wrong to a short one: fewer faults, fewer devices, smaller turns, fewer steps.

Steps take their chance from the seed and their own number, so any of them can be left out. What is left out changes
what the others meet; a shorter run counts when something of the same kind goes wrong in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.sim.stage import Outcome, Piece

#: Seconds after which what has been found is good enough.
_PATIENCE = 900


def shrink(
    play: Callable[[Piece], Outcome], piece: Piece, failed: Outcome, patience: float = _PATIENCE
) -> tuple[Piece, Outcome]:
    """The shortest run found that goes wrong, and its outcome."""
    search = _Search(play, piece, failed, patience)
    last = int(failed.figures["steps"]) if piece.only is None else max(piece.only)
    search.better(steps=last)
    if piece.only is None:
        search.better(only=tuple(range(1, last + 1)))
    search.steps()
    for fault in search.best.faults:
        search.better(faults=tuple(name for name in search.best.faults if name != fault))
    for most in (1, 2, 4, 10):
        if most < search.best.burst and search.better(burst=most):
            break
    search.devices()
    search.steps()
    only = search.best.only or ()
    print(f"Seed {piece.seed} goes wrong with {len(only)} steps and {', '.join(search.best.faults) or 'no faults'}.")
    return search.best, search.outcome


def _kinds(outcome: Outcome) -> set[str]:
    """What went wrong, without whom and which: "customer … of … is missing"."""
    plain = (re.sub(r"\S*[\d·]\S*|'[^']*'|\"[^\"]*\"", "…", problem) for problem in outcome.problems)
    return {problem.splitlines()[0].partition(": ")[2][:60] or problem[:60] for problem in plain}


class _Search:
    def __init__(self, play: Callable[[Piece], Outcome], piece: Piece, failed: Outcome, patience: float) -> None:
        self.best, self.outcome = piece, failed
        self._play = play
        self._end = time.monotonic() + patience
        self._kinds = _kinds(failed)

    def better(self, **change: Any) -> bool:
        """Tries the best so far with a change; keeps it if that goes wrong, too."""
        if time.monotonic() > self._end:
            return False
        tried = replace(self.best, **change)
        outcome = self._play(tried)
        what = f"{len(tried.only or ())} steps, {len(tried.faults)} kinds of faults, turns of {tried.burst}"
        print(f"  {what}: {len(outcome.problems)} problems", flush=True)
        same = bool(_kinds(outcome) & self._kinds)
        if same:
            self.best, self.outcome = tried, outcome
        return same

    def steps(self) -> None:
        """Leaves out ever smaller stretches of steps, the early ones first."""
        size = max(1, len(self.best.only or ()) // 2)
        while size >= 1 and time.monotonic() < self._end:
            at, found = 0, False
            while self.best.only and at < len(self.best.only):
                fewer = self.best.only[:at] + self.best.only[at + size :]
                if fewer and self.better(only=fewer):
                    found = True
                else:
                    at += size
            size = size // 2 if not found or size > 1 else 0

    def devices(self) -> None:
        """Leaves out devices nobody misses."""
        everybody = (
            "rep", "rep's tablet", "rep2", "stranger", "manager", "clerk's phone", "boss's phone",
        )  # fmt: skip
        for name in everybody:
            here = self.best.devices or everybody
            fewer = tuple(other for other in here if other != name)
            if fewer:
                self.better(devices=fewer)
