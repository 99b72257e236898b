"""What the centre costs each member, to the öre."""

from decimal import Decimal

from services.reporting.scenarios.rules import prices, total_cost


def test_fixed_and_variable_costs_are_shared_by_employees_to_the_last_ore() -> None:
    total = total_cost(Decimal("1000000.00"), Decimal("12500.50"), 40)
    assert total == Decimal("1500020.00")
    # 3/7, 2/7, 2/7 of 150,002,000 öre: 64,286,571.43, 42,857,714.29 twice. One öre is left, for the largest remainder.
    assert prices(total, {"1880": 300, "1881": 200, "1882": 200}) == {
        "1880": Decimal("642865.72"),
        "1881": Decimal("428577.14"),
        "1882": Decimal("428577.14"),
    }


def test_who_is_left_alone_pays_everything() -> None:
    assert prices(Decimal("99.99"), {"1880": 17}) == {"1880": Decimal("99.99")}


def test_nothing_costs_nobody_anything() -> None:
    assert prices(Decimal("0.00"), {"1880": 1, "1881": 2}) == {"1880": Decimal("0.00"), "1881": Decimal("0.00")}
