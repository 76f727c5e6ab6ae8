"""What waits for the writer's threads, and who may go beside whom."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar


class Turn(Protocol):
    """`weight`: how much of a batch it takes. `alone`: of one name, never two run beside each other; "" is nobody's."""

    @property
    def weight(self) -> int: ...

    @property
    def alone(self) -> str: ...


T = TypeVar("T", bound=Turn)


class Turns(Generic[T]):
    """A queue for several threads. Who takes a job of a name takes what else waits of that name, up to the limit, and
    nobody else gets any of it until `done`: two that would only wait for each other leave a thread to the rest."""

    def __init__(self) -> None:
        self._waiting: deque[T] = deque()
        self._busy: set[str] = set()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, job: T) -> None:
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def take(self, limit: int) -> list[T]:
        """The next jobs, in their order, until their weight reaches the limit; waits for the first. Empty once closed and
        nothing waits any more."""
        with self._changed:
            while not (batch := self._free(limit)):
                if self._closed and not self._waiting:
                    return []
                self._changed.wait()
            self._busy.update(job.alone for job in batch if job.alone)
            return batch

    def done(self, batch: Iterable[T]) -> None:
        """The jobs have run: others of their names may go."""
        with self._changed:
            self._busy.difference_update(job.alone for job in batch)
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will come; what waits is still given out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._waiting)

    def _free(self, limit: int) -> list[T]:
        batch: list[T] = []
        passed: list[T] = []
        weight = 0
        while self._waiting and weight < limit:
            job = self._waiting.popleft()
            if job.alone in self._busy:
                passed.append(job)
            else:
                batch.append(job)
                weight += job.weight
        self._waiting.extendleft(reversed(passed))
        return batch
