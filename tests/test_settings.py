"""Settings: listed, checked at start, and wrong ones named all at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.settings import SettingError, Settings, describe, load


def test_defaults_need_no_environment() -> None:
    settings = load({})
    assert settings.port == 8000
    assert settings.database_url.startswith("sqlite:///")


def test_every_wrong_setting_is_named_with_what_is_expected() -> None:
    wrong = {"PORT": "abc", "XUNKE_SECURE_COOKIES": "maybe", "XUNKE_DATABASE": "mysql://x", "XUNKE_PROT": "1"}
    with pytest.raises(SettingError) as error:
        load(wrong)
    text = str(error.value)
    for name in wrong:
        assert name in text
    assert "a whole number from 1 to 65535" in text


def test_a_plain_postgresql_url_is_understood() -> None:
    assert load({"XUNKE_DATABASE": "postgresql://u:p@h/n"}).database_url == "postgresql+psycopg://u:p@h/n"


def test_the_list_hides_secrets_and_covers_every_setting() -> None:
    rows = describe(Settings(database="postgresql+psycopg://user:hunter2@host/name"))
    assert "hunter2" not in str(rows)
    assert {"XUNKE_DATA", "PORT", "XUNKE_DATABASE", "XUNKE_BLOBS"} <= {row[0] for row in rows}


def test_the_command_line_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    environment = {**os.environ, "PORT": "0", "XUNKE_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "serve"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr
