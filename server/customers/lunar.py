"""Birthdays by either calendar: when the next one is. The lunar calendar from 1900 to 2100 as a table, because it is
decided by astronomers of one meridian and years of simple arithmetic get it wrong (the leap months of 1917, 1987, the new
years of 1954, 2027, 2030)."""

from calendar import monthrange
from datetime import date, timedelta

#: A year each, hexadecimal: 13 bits say which months have 30 days (the first month is the lowest), 4 bits which month is
#: followed by its leap month, the rest how many days after January 1st the year begins.
_TABLE = """
    3d16d2 620752 4c0ea5 38b64a 5c064b 440a9b 309556 56056a 400b59 2a5752 500752 3adb25 600b25 480a4b
    32b4ab 5802ad 42056b 2c4b69 520da9 3efd92 640e92 4c0d25 36ba4d 5c0a56 4602b6 2e95b5 5606d4 400ea9
    2c5e92 500e92 3acd26 5e052b 480a57 32b2b6 580b5a 4406d4 2e6ec9 520749 3cf693 620a93 4c052b 34ca5b
    5a0aad 46056a 309b55 560ba4 400b49 2a5a93 500a95 38f52d 5e0536 480aad 34b5aa 5805b2 420da5 2e7d4a
    540d4a 3d0a95 600a97 4c0556 36cab5 5a0ad5 4606d2 308ea5 560ea5 40064a 286c97 4e0a9b 3af55a 5e056a
    480b69 34b752 5a0b52 420b25 2c964b 520a4b 3d14ab 6002ad 4a056d 36cb69 5c0da9 460d92 309d25 560d25
    415a4d 640a56 4e02b6 38c5b5 5e06d5 480ea9 34be92 5a0e92 440d26 2c6a56 500a57 3d14d6 62035a 4a06d5
    36b6c9 5c0749 460693 2e952b 54052b 3e0a5b 2a555a 4e056a 38fb55 600ba4 4a0b49 32ba93 580a95 42052d
    2c8aad 500ab5 3d35aa 6205d2 4c0da5 36dd4a 5c0d4a 460c95 30952e 540556 3e0ab5 2a55b2 5006d2 38cea5
    5e0725 48064b 32ac97 560cab 42055a 2c6ad6 520b69 3d7752 620b52 4c0b25 36da4b 5a0a4b 4404ab 2ea55b
    5405ad 3e0b6a 2a5b52 500d92 3afd25 5e0d25 480a55 32b4ad 5804b6 4005b5 2c6daa 520ec9 3f1e92 620e92
    4c0d26 36ca56 5a0a57 4404d6 2e86d5 540755 400749 286e93 4e0693 38f52b 5e052b 460a5b 32b55a 58056a
    420b65 2c974a 520b4a 3d1a95 620a95 4a052d 34caad 5a0ab5 4605aa 2e8ba5 540da5 400d4a 2a7c95 4e0c96
    38f94e 5e0556 480ab5 32b5b2 5806d2 420ea5 2e8e4a 50068b 3b0c97 6004ab 4a055b 34cad6 5a0b6a 460752
    309725 540b45 3e0a8b 28549b 4e04ab
"""
_YEARS = [int(text, 16) for text in _TABLE.split()]
_FIRST = 1900
#: The calendars of the moon: of a month, and of the leap month that follows it.
LUNAR = ("lunar", "lunar_leap")


def lunar_to_solar(year: int, month: int, day: int) -> date | None:
    """The solar day of a day of an ordinary lunar month; the last day of the month where the month has no such day. None
    outside of 1900–2100 and for a month or day that no year has."""
    if not (0 <= year - _FIRST < len(_YEARS) and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    entry = _YEARS[year - _FIRST]
    leap = entry >> 13 & 0xF
    before = month - 1 + (1 if 0 < leap < month else 0)
    lengths = [30 if entry >> index & 1 else 29 for index in range(before + 1)]
    days = (entry >> 17) + sum(lengths[:before]) + min(day, lengths[before]) - 1
    return date(year, 1, 1) + timedelta(days=days)


def is_day(text: str, calendar: str | None) -> bool:
    """Whether the calendar has this day ("YYYY-MM-DD"). A lunar one may lie in the month or in the leap month that follows
    it; `lunar_leap` is the leap month alone. Of lunar years that are not in the table only the 31st is known not to exist."""
    year, month, day = _parts(text)
    if calendar not in LUNAR:
        return day <= monthrange(year, month)[1]
    if not 0 <= year - _FIRST < len(_YEARS):
        return day <= 30
    entry = _YEARS[year - _FIRST]
    leap = entry >> 13 & 0xF
    before = month - 1 + (1 if 0 < leap < month else 0)
    places = ([] if calendar == "lunar_leap" else [before]) + ([before + 1] if leap == month else [])
    return any(day <= (30 if entry >> place & 1 else 29) for place in places)


def next_birthday(birthday: str, calendar: str | None, day: date) -> date | None:
    """The next birthday on or after a day. Who was born in a leap month celebrates in the month before it, who was born on
    a day that the year does not have on the last of that month. None where it cannot be said."""
    _, month, number = _parts(birthday)
    in_year = lunar_to_solar if calendar in LUNAR else _solar
    days = [in_year(year, month, number) for year in (day.year - 1, day.year, day.year + 1)]
    return min((one for one in days if one is not None and one >= day), default=None)


def _parts(text: str) -> tuple[int, int, int]:
    year, month, day = (int(part) for part in text.split("-"))
    return year, month, day


def _solar(year: int, month: int, day: int) -> date | None:
    return date(year, month, min(day, monthrange(year, month)[1])) if 1 <= year <= 9999 else None


def celebrated_on(day: date, *, lunar: bool) -> set[str]:
    """The "MM-DD" of birthdays that are celebrated on a day: several where the last day of a month stands for days that
    the year does not have."""
    in_year = lunar_to_solar if lunar else _solar
    return {
        f"{month:02}-{number:02}"
        for month in range(1, 13)
        for number in range(1, 32)
        if any(in_year(year, month, number) == day for year in (day.year - 1, day.year))
    }
