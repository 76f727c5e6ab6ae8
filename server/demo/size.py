"""How large a demo company is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """`days`: how far back the diary goes; `agreed`: customers with prices of their own; `photos_a_rep`: at
    most so many."""

    customers: int
    products: int
    reps: int
    days: int
    photos_a_rep: int
    agreed: int
    new_customers_a_day: float
    processes: int


#: Three months; new customers come on top of those of the first day and make it 3,000.
FULL = Size(2700, 200, 12, 91, 100, 30, 0.33, 2)
#: For tests: the same shape, few rows.
SMALL = Size(56, 20, 2, 6, 12, 4, 0.4, 0)
