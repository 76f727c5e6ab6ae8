"""Finds a browser for the tests and gives it what it lacks: shared libraries and a Chinese font.

Looked for in this order: `XUNKE_CHROMIUM` (a path), the system's Chromium or Chrome, the build in the npm package
`@sparticuz/chromium`, which is unpacked once into `build/`. A machine without Chinese fonts would draw boxes, and one
with others would draw other pictures, so the test browser gets a fontconfig file of its own with Noto Sans CJK from a
wheel and nothing else; the machine's own set-up stays as it is.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import brotli
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
_PACKAGED = ROOT / "pwa" / "node_modules" / "@sparticuz" / "chromium"
_SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Nothing of a test browser may look for the internet: without these it asks for updates and accounts at every start.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--font-render-hinting=none",
]


class BrowserMissingError(RuntimeError):
    """No browser on this machine and none in the app's packages."""


@dataclass(frozen=True)
class Chromium:
    """What Playwright's `launch` and `launch_persistent_context` take as `executable_path`, `args` and `env`."""

    executable: Path
    args: list[str]
    env: dict[str, str | float | bool]


def find_chromium() -> Chromium:
    """Raises BrowserMissingError with what to do if there is none."""
    wanted = os.environ.get("XUNKE_CHROMIUM")
    if wanted:
        executable = Path(wanted)
        if not os.access(executable, os.X_OK):
            raise BrowserMissingError(f"XUNKE_CHROMIUM={wanted} is not an executable file")
        return Chromium(executable, [*QUIET], _environment())
    for name in _SYSTEM_NAMES:
        found = shutil.which(name)
        if found:
            return Chromium(Path(found), [*QUIET], _environment())
    return packaged_chromium()


def packaged_chromium() -> Chromium:
    """The browser from npm: headless only, without the system libraries and fonts that a desktop would have."""
    if not _PACKAGED.is_dir():
        raise BrowserMissingError(
            "no browser found: install chromium or google-chrome, name one in XUNKE_CHROMIUM, "
            "or run `make check` once, which installs @sparticuz/chromium into pwa/node_modules"
        )
    version = json.loads((_PACKAGED / "package.json").read_text())["version"]
    folder = BUILD / f"chromium-{version}"
    if not folder.is_dir():
        _unpack(_PACKAGED / "bin", folder)
    environment = _environment()
    paths = [os.environ.get("LD_LIBRARY_PATH", ""), str(folder / "lib")]
    environment["LD_LIBRARY_PATH"] = ":".join(path for path in paths if path)
    # The processor draws either way; without a process that plays a graphics card it costs half.
    graphics = ["--disable-gpu"]
    return Chromium(folder / "chromium", [*QUIET, *graphics, "--no-zygote"], environment)


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    return find_chromium()


def _unpack(archives: Path, folder: Path) -> None:
    # Into a folder beside it and renamed at the end: half an unpacking, or two at once, are never taken for one.
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="chromium-") as name:
        fresh = Path(name) / "chromium"
        fresh.mkdir()
        _decompress(archives / "chromium.br", fresh / "chromium")
        (fresh / "chromium").chmod(0o755)
        _untar(archives / "swiftshader.tar.br", fresh)
        _untar(archives / "al2023.tar.br", fresh)  # lib/: NSS and expat, which a minimal system does not have
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _decompress(source: Path, target: Path) -> None:
    decompressor = brotli.Decompressor()
    with source.open("rb") as packed, target.open("wb") as plain:
        while chunk := packed.read(1 << 20):
            plain.write(decompressor.process(chunk))


def _untar(source: Path, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(brotli.decompress(source.read_bytes()))) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter  # Python before 3.11.4 has none; the lock vouches for it
        archive.extractall(folder)


def _environment() -> dict[str, str | float | bool]:
    return {**os.environ, "FONTCONFIG_FILE": str(_fontconfig())}


def _fontconfig() -> Path:
    """A fontconfig file that knows the one font: it has Latin, both Chinese scripts, and every weight."""
    spec = importlib.util.find_spec("manimgx_fonts_cjk")
    if spec is None or spec.origin is None:
        raise RuntimeError("the wheel manimgx-fonts-cjk is not installed: run `make check` once")
    fonts = BUILD / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    text = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{escape(str(Path(spec.origin).parent))}</dir>
  <cachedir>{escape(str(fonts / "cache"))}</cachedir>
  <alias binding="weak">
    <family>sans-serif</family>
    <prefer><family>Noto Sans CJK SC</family></prefer>
  </alias>
</fontconfig>
"""
    path = fonts / "fonts.conf"
    if not path.exists() or path.read_text() != text:
        # Replaced in one step: several test processes write the same file.
        handle, name = tempfile.mkstemp(dir=fonts)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(name, path)
    return path
