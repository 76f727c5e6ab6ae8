"""Measuring and printing: medians of several runs, and how they compare with a reference."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Table:
    """Collects lines and prints them aligned at the end."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, work: str, figure: str, reference: str = "", ratio: str = "") -> None:
        self.rows.append((work, figure, reference, ratio))
        print(f"  {work}: {figure}  {reference}  {ratio}", flush=True)

    def text(self) -> str:
        head = ("work", "measured", "reference in the same run", "ratio")
        widths = [max(len(row[n]) for row in [head, *self.rows]) for n in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in [head, *self.rows]
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join(lines)


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """The median wall time of one call."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rate(work: Callable[[], object], seconds: float = 2.0) -> float:
    """Calls a second, one after the other."""
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        work()
        count += 1
    return count / elapsed


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def kb(count: int) -> str:
    return f"{count / 1000:.1f} kB"
