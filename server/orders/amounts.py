"""The arithmetic of an order, in exact decimals: line = price × quantity rounded half up to the cent (OR-8)."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
#: More than this in one order is a typing mistake, and would not fit the column.
LARGEST = Decimal(10) ** 12


def subtotal(price: Decimal, quantity: Decimal) -> Decimal:
    """The amount of a line in CNY: 1.1200 × 260.0000 = 291.20."""
    return (price * quantity).quantize(CENT, ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum in CNY, with its two decimals also when there is nothing to add."""
    return sum(amounts, Decimal("0.00"))


def debt(payable: Decimal, discount: Decimal, paid: Decimal, *, cancelled: bool) -> Decimal:
    """What is still owed in CNY; negative is the customer's money. A cancelled order owes nothing."""
    return -paid if cancelled else payable - discount - paid
