"""The arithmetic of orders is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.orders import amounts


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("1.12", "260.0000", "291.20"),
        ("0.005", "1", "0.01"),
        ("0.0049", "1", "0.00"),
        ("2200", "1", "2200.00"),
        ("19.99", "0.3333", "6.66"),
    ],
)
def test_a_line_is_rounded_half_up_to_the_cent(price: str, quantity: str, expected: str) -> None:
    assert amounts.subtotal(Decimal(price), Decimal(quantity)) == Decimal(expected)


def test_debt_is_payable_less_discount_less_paid() -> None:
    """2,434.40 with a discount of 4.40 and 2,430.00 paid is settled (BUSINESS.md, OR-8)."""
    settled = amounts.debt(Decimal("2434.40"), Decimal("4.40"), Decimal("2430.00"), cancelled=False)
    assert settled == 0


def test_a_cancelled_order_owes_nothing_and_what_was_paid_is_the_customers() -> None:
    assert amounts.debt(Decimal(100), Decimal(0), Decimal(0), cancelled=True) == 0
    assert amounts.debt(Decimal(100), Decimal(0), Decimal(30), cancelled=True) == -30


_cents = st.decimals(0, 10**6, places=2)


@given(st.lists(_cents), _cents, _cents)
def test_totals_add_up(parts: list[Decimal], discount: Decimal, paid: Decimal) -> None:
    payable = amounts.total(parts)
    debt = amounts.debt(payable, discount, paid, cancelled=False)
    assert payable == debt + discount + paid
    assert payable == sum(parts)
