"""What is counted while the server runs, in Prometheus' terms. Every set of labels is bounded, none holds data of people.

One registry per application, so that two in one process (tests) do not count together. Figures that stand in the
database are not counted here; `figures.py` reads them when somebody asks.
"""

from collections.abc import Callable, Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from server.notifications.sending import State
from server.records.errors import ERROR_TEXTS

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
#: Results that the protocol knows; a label takes no other value.
_STATUSES = frozenset({"applied", "merged", "adjusted", "held", "conflict", "rejected"})
_CODES = frozenset({"quarantined", "server_error", "unknown_command", "needs_missing", "needs_rejected", "set_aside"})


def known_code(code: str | None) -> str:
    """A code as a label: codes that nobody declared count as one, so that the set stays bounded."""
    if not code:
        return ""
    return code if code in ERROR_TEXTS or code in _CODES else "other"


class Metrics:
    """The counters of one application."""

    def __init__(self, version: str) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("xunke_build_info", "1; the version is the label", ["version"], registry=registry).labels(version).set(
            1
        )
        self._requests = Counter(
            "xunke_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "xunke_request_seconds",
            "Time to the end of the answer",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._problems = Counter("xunke_problems", "Requests refused, by code", ["code"], registry=registry)
        self._ops = Counter(
            "xunke_push_ops", "Ops of pushes, by what became of them", ["status", "code"], registry=registry
        )
        self._pages = Counter(
            "xunke_pull_pages", "Pages of pulls; `empty` had nothing new", ["kind"], registry=registry
        )
        self._rows = Counter("xunke_pull_rows", "Rows sent by pulls", registry=registry)
        self._jobs = Histogram(
            "xunke_commit_jobs",
            "Jobs that shared one commit",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
            registry=registry,
        )
        self._commit = Histogram(
            "xunke_commit_seconds",
            "A transaction of the writer, commit included",
            buckets=_SECONDS,
            registry=registry,
        )
        self._failed = Counter("xunke_commit_failures", "Transactions that were rolled back whole", registry=registry)
        self._messages = Counter(
            "xunke_delivery_messages",
            "Tries to tell a browser (push) or a chat group, by what became of them",
            ["channel", "outcome"],
            registry=registry,
        )
        for kind in ("page", "empty"):
            self._pages.labels(kind)
        for channel in ("push", "group"):
            for outcome in get_args(State):
                self._messages.labels(channel, outcome)

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        gauge = Gauge("xunke_writer_waiting", "Jobs that wait for a writer", registry=self.registry)
        gauge.set_function(waiting)

    def request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """`seconds` None: a stream, whose length says nothing."""
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def problem(self, code: str) -> None:
        self._problems.labels(known_code(code)).inc()

    def ops(self, results: Iterable[tuple[str, str | None]]) -> None:
        """(status, code) of each op of a push."""
        for status, code in results:
            self._ops.labels(status if status in _STATUSES else "other", known_code(code)).inc()

    def message(self, channel: str, outcome: str) -> None:
        """`channel`: push or group; `outcome` as in `notifications.sending`."""
        self._messages.labels(channel, outcome).inc()

    def page(self, rows: int, empty: bool) -> None:
        self._pages.labels("empty" if empty else "page").inc()
        self._rows.inc(rows)

    def committed(self, jobs: int, seconds: float) -> None:
        """`jobs` 0: the transaction failed whole."""
        if not jobs:
            self._failed.inc()
            return
        self._jobs.observe(jobs)
        self._commit.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)
