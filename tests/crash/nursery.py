"""Starts servers quickly, for tests that kill many: a process that has loaded the program once and is forked for each
start. What runs in the child is the command line `xunke serve`, with everything but the imports still to do.

    python -m tests.crash.nursery        one line of JSON in, `{"env": {…}, "log": "<file>"}`; one line out, the pid
"""

from __future__ import annotations

import json
import os
import signal
import sys

from tests.support.processes import die_with_parent


def main() -> int:
    import granian.server  # noqa: F401 - loaded here, so that no child has to

    import server.app  # noqa: F401
    from server.cli import main as xunke

    end_with_nursery = die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for line in sys.stdin:
        wish = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            end_with_nursery()
            os.environ.update(wish["env"])
            log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for number in (1, 2):
                os.dup2(log, number)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            sys.argv = ["xunke", "serve"]
            os._exit(xunke(["serve"]))
        print(pid, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
