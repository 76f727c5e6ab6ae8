"""Column types that behave the same on SQLite and PostgreSQL: exact decimals, aware UTC times, days of any calendar."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

#: SQLite numbers rows itself only in a column that is exactly INTEGER.
BigInt = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")
#: An object that is not there where it has nothing in it.
OwnValues = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Scaled(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, stored as an integer of its smallest unit: 12.50 is 1250 with 2 places.

    SQLite would store NUMERIC as a float; sums of integers are exact on both engines.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self.unit = Decimal(1).scaleb(-places)

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(Decimal(value).quantize(self.unit, ROUND_HALF_UP).scaleb(self.places))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places).quantize(self.unit)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, always UTC, in whole milliseconds: what is stored is what the wire says, so that a page of a list
    goes on where the last one ended. A naive value is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: say which zone it is in")
        value = value.astimezone(UTC)
        value = value.replace(microsecond=value.microsecond // 1000 * 1000)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DayText(TypeDecorator[str]):
    """A day as "YYYY-MM-DD", also one that only another calendar has, like the 30th of the second lunar month. It is
    compared with dates."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | str | None, dialect: Dialect) -> str | None:
        return value.isoformat() if isinstance(value, date) else value
