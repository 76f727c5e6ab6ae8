"""`make simulate`: see `pwa/sim/simulate.ts` for what is played. Ends with 1 when something that must hold did not."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sim.stage import FAULTS, Outcome, Stage, bundle
from tests.support.postgres import PostgresServer
from tests.support.world import build_company


@contextmanager
def new_stage(database: str) -> Iterator[Stage]:
    """A stage over a new company on the engine of that name."""
    folder = Path(tempfile.mkdtemp(prefix="xunke-sim-"))
    try:
        program = bundle(folder / "program")
        if database == "sqlite":
            url = f"sqlite:///{folder / 'company.db'}"
            build_company(url)
            with Stage(url, folder / "stage", program) as stage:
                yield stage
            return
        with PostgresServer() as server:
            url = server.new_database()
            build_company(url)
            with Stage(url, folder / "stage", program) as stage:
                yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"any of {','.join(FAULTS)}")
    parser.add_argument(
        "--scenarios", nargs="?", const="", help="plain stories instead, those with this in the title"
    )
    parser.add_argument("--shrink", action="store_true", help="after a failure look for a shorter one")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the doors, so that nothing stays behind
    faults = tuple(name for name in chosen.faults.split(",") if name)
    with new_stage(chosen.database) as stage:
        if chosen.scenarios is not None:
            outcome = stage.play("scenarios", seed=chosen.scenarios)
        else:
            outcome = stage.play("simulate", chosen.seed, chosen.steps, faults, loud=True)
    if outcome.problems and chosen.shrink and chosen.scenarios is None:
        report(outcome)
        outcome = shrink(chosen.database, chosen.seed, outcome, faults)
    report(outcome)
    return 1 if outcome.problems else 0


def shrink(database: str, seed: str, failed: Outcome, faults: tuple[str, ...]) -> Outcome:
    """A shorter run that still goes wrong: fewer kinds of faults first, then fewer steps."""

    def play(steps: int, some: tuple[str, ...]) -> Outcome:
        with new_stage(database) as stage:
            outcome = stage.play("simulate", seed, steps, some)
        print(f"  {steps} steps with {', '.join(some) or 'no faults'}: {len(outcome.problems)} problems", flush=True)
        return outcome

    best, steps = failed, int(failed.figures["steps"])
    for fault in faults:
        fewer = tuple(name for name in faults if name != fault)
        outcome = play(steps, fewer)
        if outcome.problems:
            best, faults, steps = outcome, fewer, int(outcome.figures["steps"])
    good = 0
    while steps - good > max(5, steps // 50):
        middle = (good + steps) // 2
        outcome = play(middle, faults)
        if outcome.problems:
            best, steps = outcome, int(outcome.figures["steps"])
        else:
            good = middle
    print(f"Seed {seed} goes wrong with {steps} steps and {', '.join(faults) or 'no faults'}.")
    return best


def report(outcome: Outcome) -> None:
    for line in outcome.story:
        print(line)
    for problem in outcome.problems:
        print(f"PROBLEM {problem}")
    figures = ", ".join(f"{value} {name}" for name, value in outcome.figures.items())
    print(f"{figures}; {outcome.seconds:.0f} s; {len(outcome.problems)} problems")


if __name__ == "__main__":
    sys.exit(main())
