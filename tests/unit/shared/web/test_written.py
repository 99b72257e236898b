"""Numbers are read as their writers meant them, or not at all."""

from decimal import Decimal, InvalidOperation

import pytest

from shared.web.written import as_amount


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1 250,5", "1250.5"),
        ("1\u00a0250", "1250"),
        ("−12,50", "-12.5"),
        ("1250,00", "1250"),
        ("0,8", "0.8"),
        ("1.25", "1.25"),
    ],
)
def test_an_amount_is_read_as_people_write_it(written: str, meant: str) -> None:
    assert Decimal(as_amount(written)) == Decimal(meant)


@pytest.mark.parametrize("written", ["1,250", "-12,500", " 999,000 ", "1.250,5", "1,250.5", "1,000,000"])
def test_what_may_mean_two_numbers_is_none(written: str) -> None:
    with pytest.raises(InvalidOperation):
        Decimal(as_amount(written))
