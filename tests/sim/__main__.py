"""`make simulate`: see `pwa/sim/simulate.ts` for what is played. Ends with 1 when something that must hold did not."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.sim.campaign import campaign, summary, write_into
from tests.sim.shrink import shrink
from tests.sim.stage import FAULTS, Outcome, Piece
from tests.sim.theatre import Theatre


def main() -> int:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--ops", type=int, default=0, help="ends when so many have been written, whatever the steps")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--faults", default=",".join(FAULTS), help=f"any of {','.join(FAULTS)}")
    parser.add_argument("--sabotage", help="what is to go wrong on purpose (pwa/sim/sabotage.ts, audit.py)")
    parser.add_argument("--only", help="of all steps only these: 3,17,18")
    parser.add_argument("--devices", help="of all devices only these: rep,manager")
    parser.add_argument("--burst", type=int, default=40, help="most ops of one turn of a person")
    parser.add_argument(
        "--scenarios", nargs="?", const="", help="plain stories instead, those with this in the title"
    )
    parser.add_argument("--shrink", action="store_true", help="after a failure look for a shorter one")
    parser.add_argument(
        "--campaign", type=Path, help="plays company after company up to --ops; results in this folder, resumable"
    )
    parser.add_argument("--company-ops", type=int, default=4000, help="ops of one company of a campaign")
    parser.add_argument("--summary", type=Path, help="what the campaign in this folder came to, as markdown")
    parser.add_argument("--into", type=Path, help="with --summary: replaces the totals of this document")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the doors, so that nothing stays behind
    if chosen.summary:
        text = summary(chosen.summary)
        if chosen.into:
            write_into(chosen.into, text)
        else:
            print(text)
        return 0
    faults = tuple(name for name in chosen.faults.split(",") if name)
    unknown = set(faults) - set(FAULTS)
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    piece = Piece(
        seed=chosen.seed,
        steps=chosen.steps if not chosen.ops else 1_000_000,
        ops=chosen.ops,
        faults=faults,
        only=tuple(int(step) for step in chosen.only.split(",")) if chosen.only else None,
        burst=chosen.burst,
        devices=tuple(chosen.devices.split(",")) if chosen.devices else None,
        sabotage=chosen.sabotage,
    )
    with Theatre(chosen.database) as theatre:
        if chosen.campaign:
            return campaign(theatre, chosen.campaign, piece, chosen.ops or 100_000, chosen.company_ops)
        if chosen.scenarios is not None:
            piece = Piece("scenarios", seed=chosen.scenarios)
        outcome = theatre.play(piece, loud=True)
        report(outcome)
        if outcome.problems and chosen.shrink and piece.name == "simulate":
            shorter, outcome = shrink(theatre.play, piece, outcome)
            report(outcome)
            print(f"Again: python -m tests.sim --database {chosen.database} {arguments(shorter)}")
    return 1 if outcome.problems else 0


def arguments(piece: Piece) -> str:
    """The command line that plays a piece."""
    only = ",".join(map(str, piece.only or ()))
    words = [f"--seed {piece.seed}", f"--faults '{','.join(piece.faults)}'", f"--burst {piece.burst}"]
    words += [f"--only {only}"] if only else [f"--steps {piece.steps}"]
    words += [f'--devices "{",".join(piece.devices)}"'] if piece.devices else []
    words += [f"--sabotage '{piece.sabotage}'"] if piece.sabotage else []
    return " ".join(words)


def report(outcome: Outcome) -> None:
    for line in outcome.story:
        print(line)
    for problem in outcome.problems:
        print(f"PROBLEM {problem}")
    figures = ", ".join(f"{value} {name}" for name, value in outcome.figures.items())
    print(f"{figures}; {outcome.seconds:.0f} s; {len(outcome.problems)} problems")


if __name__ == "__main__":
    sys.exit(main())
