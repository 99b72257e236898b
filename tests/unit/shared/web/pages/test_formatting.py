"""Days, times and numbers as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.web.pages import formatting
from shared.web.pages.languages import LANGUAGE


@dataclass
class Occasion:
    starts_at: datetime
    ends_at: datetime


MORNING = Occasion(datetime(2027, 3, 2, 8, tzinfo=UTC), datetime(2027, 3, 2, 11, tzinfo=UTC))
LONGER = Occasion(datetime(2027, 7, 2, 6, 30, tzinfo=UTC), datetime(2027, 7, 2, 14, tzinfo=UTC))


@pytest.fixture
def english() -> None:
    LANGUAGE.set("en")


@pytest.fixture(autouse=True)
def swedish() -> Iterator[None]:
    before = LANGUAGE.set("sv")
    yield
    LANGUAGE.reset(before)


def test_a_morning_in_swedish() -> None:
    assert formatting.when(MORNING) == "tisdag 2 mars 2027 kl. 09–12"
    assert formatting.when(LONGER) == "fredag 2 juli 2027 kl. 08.30–16"


@pytest.mark.parametrize(
    ("value", "sv", "en"),
    [
        (0.8, "0,8", "0.8"),
        (Decimal("23731055.50"), "23731055,50", "23731055.50"),
        (1250.0, "1250", "1250"),
        ("i alla", "i alla", "i alla"),
        (14, 14, 14),
    ],
)
def test_a_number_in_a_field_is_as_people_write_it(value: Any, sv: Any, en: Any) -> None:
    assert formatting.in_field(value) == sv
    LANGUAGE.set("en")
    assert formatting.in_field(value) == en


def test_an_address_breaks_between_its_parts_and_is_escaped() -> None:
    shown = formatting.address("a.b@<c>.se")
    assert shown == '<span class="app-address">a.<wbr>b@<wbr>&lt;c&gt;.<wbr>se</span>'


def test_the_address_of_a_page_breaks_between_its_parts() -> None:
    shown = formatting.address("http://a.se/intyg/1")
    assert shown == '<span class="app-address">http://a.<wbr>se/<wbr>intyg/<wbr>1</span>'


@pytest.mark.parametrize(
    ("written", "sv", "en"),
    [
        ("2025", "2025", "2025"),
        ("2025Q4", "kvartal 4 2025", "quarter 4 of 2025"),
        ("2025-11", "november 2025", "November 2025"),
        ("2027H1", "våren 2027", "spring 2027"),
        ("2026H2", "hösten 2026", "autumn 2026"),
        ("project", "hela projektet", "the whole project"),
        ("2025Q5", "2025Q5", "2025Q5"),
        ("", "", ""),
    ],
)
def test_a_period_is_told_in_words(written: str, sv: str, en: str) -> None:
    assert formatting.period(written) == sv
    LANGUAGE.set("en")
    assert formatting.period(written) == en


def test_a_time_stays_on_one_line_of_a_page() -> None:
    shown = formatting.FILTERS["days"]([LONGER, MORNING])
    assert shown == '2 juli 2027, <span class="app-unbroken">kl. 08.30–16</span> (+1)'
    LANGUAGE.set("en")
    assert formatting.FILTERS["time_of"](LONGER) == '<span class="app-unbroken">08:30–16:00</span>'


def test_several_occasions_say_how_many_more() -> None:
    assert formatting.days([MORNING, LONGER]) == "2 mars 2027, kl. 09–12 (+1)"


def test_a_day_is_the_day_in_sweden() -> None:
    assert formatting.day(datetime(2027, 12, 31, 23, 30, tzinfo=UTC)) == "lördag 1 januari 2028"
    assert formatting.day(date(2027, 1, 1)) == "fredag 1 januari 2027"


def test_numbers_have_their_spaces_and_commas() -> None:
    assert formatting.number(1834) == "1\u00a0834"
    assert [formatting.number(one) for one in (-0.0, 0.0, Decimal("-0"), 0)] == ["0"] * 4
    assert formatting.hours(750) == "12,5\u00a0timmar"
    assert formatting.hours(60) == "1\u00a0timme"
    assert formatting.hours(61) == "1\u00a0timme", "by the number that is shown"
    assert formatting.hours(75) == "1,3\u00a0timmar", "half up, as in reports"
    assert formatting.percent(0.375) == "37,5\u00a0%"
    assert formatting.percent(0.2835) == "28,4\u00a0%", "of the fraction as it stands: 0.2835 * 100 is a little less"
    assert formatting.number(4.125) == "4,13"


def test_the_same_in_english(english: None) -> None:
    assert formatting.when(MORNING) == "Tuesday 2 March 2027 09:00–12:00"
    assert formatting.hours(750) == "12.5\u00a0hours"
    assert formatting.percent(0.375) == "37.5%"
    assert formatting.moment(MORNING.starts_at) == "Tuesday 2 March 2027 at 09:00"
