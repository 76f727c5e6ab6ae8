"""The least a server of this kind can do: one route of Litestar on granian, nothing else. `python -m … PORT`"""

import sys

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, get


@get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


app = Litestar([hello], logging_config=None)

if __name__ == "__main__":
    Granian("tests.bench.hello:app", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI).serve()
