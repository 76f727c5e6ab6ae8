"""What became of a message that was sent, whoever it was sent to."""

from dataclasses import dataclass
from typing import Literal

#: sent; limited (too fast: later); failed (later); gone (nobody is there any more); refused (this message never);
#: unknown (perhaps it arrived)
State = Literal["sent", "limited", "failed", "gone", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error`: for people who look after it; without addresses and keys. `retry_after`: seconds the other side asks for."""

    state: State
    error: str | None = None
    retry_after: float | None = None
