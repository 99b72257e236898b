"""The price of each member: fixed and variable costs, shared by employees. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from shared.apportioning import largest_remainder

ORE = Decimal("0.01")


def total_cost(fixed_costs: Decimal, cost_per_session: Decimal, sessions: int) -> Decimal:
    return (fixed_costs + cost_per_session * sessions).quantize(ORE)


def prices(total: Decimal, employees: Mapping[str, int]) -> dict[str, Decimal]:
    """Each member's part in whole öre; what rounding down leaves goes to the largest remainders."""
    parts = largest_remainder(int(total / ORE), employees)
    return {code: part * ORE for code, part in parts.items()}
