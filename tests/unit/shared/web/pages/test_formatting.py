"""Days, times and numbers as people read them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

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
def swedish() -> None:
    LANGUAGE.set("sv")


def test_a_morning_in_swedish() -> None:
    assert formatting.when(MORNING) == "tisdag 2 mars 2027 kl. 09–12"
    assert formatting.when(LONGER) == "fredag 2 juli 2027 kl. 08.30–16"


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
    assert formatting.hours(750) == "12,5\u00a0timmar"
    assert formatting.hours(60) == "1\u00a0timme"
    assert formatting.percent(0.375) == "37,5\u00a0%"


def test_the_same_in_english(english: None) -> None:
    assert formatting.when(MORNING) == "Tuesday 2 March 2027 09:00–12:00"
    assert formatting.hours(750) == "12.5\u00a0hours"
    assert formatting.percent(0.375) == "37.5%"
    assert formatting.moment(MORNING.starts_at) == "Tuesday 2 March 2027 at 09:00"
