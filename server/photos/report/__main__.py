"""`python -m server.photos.report`: makes the report it is told of on stdin, and says on stdout how far it is.

A process of its own, so that a report of 500 pictures slows no push: it gives way to everything else on the machine and
has limits of memory and time. It does so from its first step: the libraries alone take a second to read.
"""

import os
from contextlib import suppress

MEMORY_BYTES = 1024 * 1024 * 1024
#: Of processor time; 500 photos take about 30 s of it.
SECONDS = 600
_RESTING = 10  # niceness


def _bounded() -> None:
    """Not every system can; what asked for the report ends it when nobody waits any more."""
    with suppress(OSError, AttributeError):
        os.nice(_RESTING)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


if __name__ == "__main__":
    _bounded()
    from server.photos.report.making import make

    make()
