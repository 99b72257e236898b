"""Local days and identifiers."""

from datetime import UTC, date, datetime, timedelta

from shared.clock import day_end, day_start, last_day, local_day
from shared.ids import SystemIds


def test_a_late_evening_in_utc_is_the_next_day_in_sweden() -> None:
    assert local_day(datetime(2025, 6, 1, 22, 30, tzinfo=UTC)) == date(2025, 6, 2)
    assert local_day(datetime(2025, 12, 1, 22, 30, tzinfo=UTC)) == date(2025, 12, 1)


def test_a_day_has_23_24_or_25_hours() -> None:
    hours = {day: (day_end(day) - day_start(day)) // timedelta(hours=1) for day in DAYS}
    assert hours == {date(2025, 3, 30): 23, date(2025, 6, 1): 24, date(2025, 10, 26): 25}


DAYS = (date(2025, 3, 30), date(2025, 6, 1), date(2025, 10, 26))


def test_every_instant_of_a_day_is_on_that_day() -> None:
    for day in DAYS:
        assert local_day(day_start(day)) == day
        assert local_day(day_end(day) - timedelta(microseconds=1)) == day
        assert local_day(day_end(day)) == day + timedelta(days=1)
        assert last_day(day_end(day)) == day
        assert last_day(day_end(day) + timedelta(minutes=1)) == day + timedelta(days=1)


def test_identifiers_are_of_their_kind_and_differ() -> None:
    ids = SystemIds()
    timed, random = [ids.uuid7() for _ in range(100)], [ids.uuid4() for _ in range(100)]
    assert {one.version for one in timed} == {7}
    assert {one.version for one in random} == {4}
    assert {one.variant for one in timed + random} == {"specified in RFC 4122"}
    assert len({*timed, *random}) == 200


def test_a_timed_identifier_tells_when() -> None:
    before = datetime.now(UTC)
    milliseconds = SystemIds().uuid7().int >> 80
    assert abs(milliseconds / 1000 - before.timestamp()) < 5
