"""The end-to-end stage: a demo company, the server over a copy of it, and devices for its people.

A module has one stage: its tests share the server and whatever devices they leave open, because starting browsers
and pulling a company is what takes the time. When a test fails, pictures of the open devices and the server's log are
left in `build/e2e/`; when it passes, no device may have complained on its console without being expected to.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e.day import wait_for_midnight
from tests.e2e.device import PHONE, Device, Form
from tests.e2e.office import Office
from tests.support.chromium import Chromium
from tests.support.live_server import ROOT, LiveServer, run_xunke

_FAILED = pytest.StashKey[bool]()
_EVIDENCE = ROOT / "build" / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small demo company, made once. A stage works on a copy."""
    data = tmp_path_factory.mktemp("demo") / "data"
    run_xunke("demo", "--small", environment={"XUNKE_DATA": str(data)})
    return data


class Stage:
    """The server, and the devices by name."""

    def __init__(
        self, server: LiveServer, app: Path, playwright: Playwright, chromium: Chromium, profiles: Path
    ) -> None:
        self.server = server
        #: The built app as the server gives it out; a test may bring a newer version.
        self.app = app
        self.devices: dict[str, Device] = {}
        #: How many tests on this stage have failed: what builds on them is better skipped.
        self.failures = 0
        self._playwright = playwright
        self._chromium = chromium
        self._profiles = profiles

    @property
    def url(self) -> str:
        return self.server.url

    def office(self, username: str) -> Office:
        """Somebody at the company, to arrange what a story needs. Use it in a `with`."""
        return Office(self.server.url, username)

    def open(self, name: str, form: Form = PHONE, *, path: str = "/", **options: Any) -> Device:
        """`open("phone", PHONE, path="/", locale=…, place=…, color_scheme=…)`: a new device, switched on."""
        if name in self.devices:
            raise ValueError(f"there is a device “{name}” already")
        device = Device(
            playwright=self._playwright,
            chromium=self._chromium,
            url=self.server.url,
            profile=self._profiles / name,
            form=form,
            **{"pictures": _EVIDENCE, **options},
        )
        self.devices[name] = device
        device.open(path)
        return device

    def put_away(self, name: str) -> None:
        """Closes a device that nobody needs any more; what it complained about still counts."""
        self.devices[name].close()

    def complaints(self) -> list[str]:
        """What no device was expected to put on its console since this was last asked."""
        found = [f"{name}: {text}" for name, device in self.devices.items() for text in device.unexpected()]
        for device in self.devices.values():
            device.complaints.clear()
        return found

    def keep_evidence(self, name: str) -> None:
        _EVIDENCE.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^\w-]+", "-", name)
        (_EVIDENCE / f"{stem}.log").write_text(self.server.log)
        for who, device in self.devices.items():
            if device.is_open:
                device.screenshot(f"{stem}-{who}")

    def close(self) -> None:
        for device in self.devices.values():
            device.close()
        self.server.stop()


def copy_app(folder: Path) -> None:
    """A stage keeps its version of the app, whoever builds the next one meanwhile."""
    app = Path(os.environ.get("XUNKE_PWA", ROOT / "pwa" / "dist"))
    if not (app / "index.html").exists():
        raise RuntimeError(f"there is no built app in {app}: run `make install`")
    shutil.copytree(app, folder)


@pytest.fixture(scope="module")
def stage(
    demo_company: Path,
    playwright: Playwright,
    chromium: Chromium,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """The server over a fresh copy of the demo company; the app is that of pwa/dist, or of the folder XUNKE_PWA."""
    wait_for_midnight()
    folder = tmp_path_factory.mktemp("stage")
    shutil.copytree(demo_company, folder / "data")
    copy_app(folder / "app")
    server = LiveServer(folder / "data", {"XUNKE_PWA": str(folder / "app")})
    server.start()
    made = Stage(server, folder / "app", playwright, chromium, folder)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test on a stage: pictures if it failed, no surprises on the consoles if it passed."""
    if "stage" not in request.fixturenames:
        yield
        return
    stage: Stage = request.getfixturevalue("stage")
    yield
    if request.node.stash.get(_FAILED, False):
        stage.failures += 1
        stage.keep_evidence(request.node.name)
        stage.complaints()
    elif complaints := stage.complaints():
        stage.failures += 1
        stage.keep_evidence(request.node.name)
        raise AssertionError("errors on the console:\n" + "\n".join(complaints))
