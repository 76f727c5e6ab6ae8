"""A person's device: Chromium with a profile of its own that outlives closing, a position, a camera and a network
switch. Everything it complains about on the console is collected, and must be expected or absent."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, WebError

from tests.e2e import accessibility
from tests.support.chromium import Chromium

ColorScheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Form:
    """What kind of device: CSS pixels, device pixels per CSS pixel, fingers or mouse."""

    name: str
    width: int
    height: int
    scale: float
    touch: bool


PHONE = Form("phone", 390, 844, 2, touch=True)
TABLET = Form("tablet", 1024, 768, 1, touch=True)
DESK = Form("desk", 1440, 900, 1, touch=False)


@dataclass(frozen=True)
class Place:
    """WGS-84 degrees; accuracy in metres, as the device claims it."""

    latitude: float
    longitude: float
    accuracy: float = 12.0


QINGDAO = Place(36.0671, 120.3826)

# A browser that is offline says so for every request; that is the situation, not a fault.
_OFFLINE_NOISE = re.compile(r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|NETWORK_CHANGED|FAILED)")
_ECHO_SECONDS = 5.0
# Questions to which "no" is an answer: who is logged in at the first start, and whether an upload may go on whose last
# request was cut off with its page a moment ago.
_ANSWERED_NO = [re.compile(r"\b401\b.*/api/me\b"), re.compile(r"\b423\b.*/media/v1/uploads\b")]
_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

#: Chromium's moved position is the same to the last digit every time, which the server takes for made up; a receiver's
#: varies by centimetres.
_MEASURED = """(() => {
  const vary = (value) => value + (Math.random() - 0.5) * 2e-6
  const measured = (heard) => ({ coords, timestamp }) => heard({ timestamp, coords: {
    latitude: vary(coords.latitude), longitude: vary(coords.longitude), accuracy: coords.accuracy,
    altitude: null, altitudeAccuracy: null, heading: null, speed: null } })
  for (const name of ['getCurrentPosition', 'watchPosition']) {
    const ask = Geolocation.prototype[name]
    Geolocation.prototype[name] = function (heard, ...rest) { return ask.call(this, measured(heard), ...rest) }
  }
})()"""


_STORED = """async ([name, table]) => {
  const answer = (asked) => new Promise((told, failed) => {
    asked.onsuccess = () => told(asked.result)
    asked.onerror = () => failed(asked.error)
  })
  const database = await answer(indexedDB.open(name))
  const rows = await answer(database.transaction(table).objectStore(table).getAll())
  database.close()
  return JSON.stringify(rows)
}"""


@dataclass
class Device:
    """`open()` it, use `page`, `close()` it; a second `open()` finds the profile as it was left."""

    playwright: Playwright
    chromium: Chromium
    url: str
    profile: Path
    pictures: Path
    form: Form = PHONE
    place: Place = QINGDAO
    locale: str = "zh-CN"
    color_scheme: ColorScheme = "light"
    #: A motion JPEG file that the camera shows; otherwise it shows Chromium's test picture.
    camera: Path | None = None
    #: JavaScript that runs before the app in every page: a browser that lacks something.
    lacking: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _context: BrowserContext | None = None
    _expected: list[re.Pattern[str]] = field(default_factory=lambda: [*_ANSWERED_NO])
    _offline: bool = False
    _online_since: float = -math.inf

    @property
    def context(self) -> BrowserContext:
        if self._context is None:
            raise RuntimeError(f"the {self.form.name} is closed")
        return self._context

    @property
    def page(self) -> Page:
        """The page that was opened last."""
        return self.context.pages[-1]

    @property
    def is_open(self) -> bool:
        return self._context is not None

    def open(self, path: str = "/") -> Page:
        """Start the browser and load `path`. The network is as it was when the device was closed."""
        self._context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.chromium.executable,
            args=[*self.chromium.args, *_CAMERA, *self._camera_shows()],
            env=self.chromium.env,
            viewport={"width": self.form.width, "height": self.form.height},
            device_scale_factor=self.form.scale,
            has_touch=self.form.touch,
            is_mobile=self.form.touch and self.form is PHONE,
            locale=self.locale,
            timezone_id="Asia/Shanghai",
            color_scheme=self.color_scheme,
            reduced_motion="reduce",
            permissions=["geolocation", "camera", "notifications"],
            geolocation={
                "latitude": self.place.latitude,
                "longitude": self.place.longitude,
                "accuracy": self.place.accuracy,
            },
            accept_downloads=True,
        )
        self._context.add_init_script(_MEASURED)
        for script in self.lacking:
            self._context.add_init_script(script)
        self._context.on("console", self._hear)
        self._context.on("weberror", self._catch)
        self._context.set_default_timeout(15_000)
        self._context.set_offline(self._offline)
        page = self._context.pages[0] if self._context.pages else self._context.new_page()
        page.goto(self.url + path)
        return page

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
            self._context = None

    def reopen(self, path: str = "/") -> Page:
        """Close the browser as a person or the system would, and start it again with the same storage."""
        self.close()
        return self.open(path)

    def go_offline(self) -> None:
        self._offline = True
        self.context.set_offline(True)

    def go_online(self) -> None:
        self._offline = False
        self._online_since = time.monotonic()
        self.context.set_offline(False)

    @contextmanager
    def offline(self) -> Iterator[None]:
        self.go_offline()
        try:
            yield
        finally:
            self.go_online()

    def move_to(self, place: Place) -> None:
        self.place = place
        self.context.set_geolocation(
            {"latitude": place.latitude, "longitude": place.longitude, "accuracy": place.accuracy}
        )

    def wait_until_installed(self) -> None:
        """Until the service worker is active: from here on the app starts without a network."""
        self.page.evaluate("async () => { await navigator.serviceWorker.ready }")

    def until(self, check: Callable[[], bool], *, seconds: float = 45) -> None:
        """Listens to the browser until `check` is true."""
        end = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < end, "it did not happen"
            self.page.wait_for_timeout(50)

    def wait_until_stored(self, database: str, table: str, *words: str) -> None:
        """Until a table of a database in the browser says all this: what is written behind a screen shows nowhere."""
        self.until(lambda: all(word in self.page.evaluate(_STORED, [database, table]) for word in words))

    def screenshot(self, name: str, *, full_page: bool = False) -> Path:
        """A picture `<name>.png`, without a blinking cursor and running animations."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{name}.png"
        self.page.screenshot(path=path, full_page=full_page, animations="disabled", caret="hide")
        return path

    def expect_accessible(self, *, exclude: tuple[str, ...] = ()) -> None:
        """Fails with the list of serious and critical axe-core findings on what the page shows now."""
        accessibility.expect_no_serious_findings(self.page, exclude=exclude)

    def expect_complaint(self, pattern: str) -> None:
        """Console messages that match are part of the story, from now on and in hindsight."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(pattern.search(text) for pattern in self._expected)]

    def _camera_shows(self) -> list[str]:
        return [] if self.camera is None else [f"--use-file-for-fake-video-capture={self.camera}"]

    def _hear(self, message: ConsoleMessage) -> None:
        # What the page said before the network came is often heard after it.
        offline = self._offline or time.monotonic() - self._online_since < _ECHO_SECONDS
        if message.type == "error" and not (offline and _OFFLINE_NOISE.search(message.text)):
            location = message.location
            self.complaints.append(f"{message.text} ({location.get('url', '')}:{location.get('lineNumber', '')})")

    def _catch(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error.stack or error.error.message}")
