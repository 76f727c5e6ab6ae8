"""What a stolen table of passwords is worth."""

import runpy

from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.people import passwords


def test_production_does_the_recommended_work_for_each_hash() -> None:
    """The module as a server loads it; this process hashes with less (`tests/support/world.py`)."""
    hasher: PasswordHasher = runpy.run_path(str(passwords.__file__))["hasher"]
    found: Parameters = extract_parameters(hasher.hash("a password"))
    assert found == RFC_9106_LOW_MEMORY


def test_a_password_fits_itself_only_and_an_unknown_name_has_none() -> None:
    stored = passwords.hash_password("a password")
    assert passwords.verify(stored, "a password")
    assert not passwords.verify(stored, "a passwore")
    assert not passwords.verify(None, "nobody has this password")
