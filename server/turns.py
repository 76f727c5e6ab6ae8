"""What waits for the writer's threads, and who may go beside whom."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar


class Turn(Protocol):
    """`weight`: how much of a batch it takes. `alone`: of one name, never two run beside each other; "" is nobody's."""

    @property
    def weight(self) -> int: ...

    @property
    def alone(self) -> str: ...


T = TypeVar("T", bound=Turn)

#: Seconds in which somebody who was just answered comes again.
MOMENT = 0.002


class Turns(Generic[T]):
    """A queue for several threads. Who takes a job of a name takes what else waits of that name, up to the limit, and
    nobody else gets any of it until `done`: two that would only wait for each other leave a thread to the rest.

    Threads with patience leave what has just come to the one without: together it costs less than apart. That one waits
    a moment for those whom it has just answered, as long as they keep coming: who is in a hurry comes again at once, and a
    transaction for half of them, then one for the other half, is two where one would do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: deque[tuple[float, T]] = deque()
        self._busy: set[str] = set()
        lock = threading.Lock()
        self._last = 1  #: How many jobs were given out together the last time.
        self._first = threading.Condition(lock)
        self._others = threading.Condition(lock)
        self._closed = False

    def put(self, job: T) -> None:
        with self._first:
            self._waiting.append((self._clock(), job))
            self._first.notify()
            if len(self._waiting) == 1:
                self._others.notify()

    def take(self, limit: int, patience: float = 0.0) -> list[T]:
        """The next jobs, in their order, until their weight reaches the limit; waits for the first. Empty once closed and
        nothing waits any more. `patience`: seconds that a job must have waited."""
        with self._first:
            back = self._last + len(self._waiting)  # so many may be there in a moment
            while True:
                left = self._left(patience)
                if left is not None and (left <= 0 or self._closed):
                    if not patience:
                        self._gather(min(limit, back), limit)
                    if batch := self._free(limit):
                        break
                    continue
                if self._closed and not self._waiting:
                    return []
                if patience:
                    self._others.wait(left)
                else:
                    self._first.wait()
            if not patience:
                self._last = len(batch)
            self._busy.update(job.alone for job in batch if job.alone)
            if self._waiting:
                self._others.notify()
            return batch

    def done(self, batch: Iterable[T]) -> None:
        """The jobs have run: others of their names may go."""
        with self._first:
            self._busy.difference_update(job.alone for job in batch)
            if self._waiting:
                self._first.notify_all()
                self._others.notify_all()

    def close(self) -> None:
        """Nothing more will come; what waits is still given out."""
        with self._first:
            self._closed = True
            self._first.notify_all()
            self._others.notify_all()

    def __len__(self) -> int:
        return len(self._waiting)

    def _gather(self, jobs: int, weight: int) -> None:
        """Waits until so many jobs or so much weight is there, or none has come for `MOMENT`; five times that at most."""
        end = self._clock() + 5 * MOMENT
        while not self._closed and len(self._waiting) < jobs and self._clock() < end:
            found = len(self._waiting)
            if sum(job.weight for _, job in self._waiting) >= weight or not self._first.wait(MOMENT):
                return
            if len(self._waiting) <= found:
                return

    def _left(self, patience: float) -> float | None:
        """Seconds until the first job that may go has waited long enough; None where there is none."""
        for since, job in self._waiting:
            if job.alone not in self._busy:
                return since + patience - self._clock()
        return None

    def _free(self, limit: int) -> list[T]:
        batch: list[T] = []
        passed: list[tuple[float, T]] = []
        weight = 0
        while self._waiting and weight < limit:
            since, job = self._waiting.popleft()
            if job.alone in self._busy:
                passed.append((since, job))
            else:
                batch.append(job)
                weight += job.weight
        self._waiting.extendleft(reversed(passed))
        return batch
