"""THE rule of seats in examples; `tests/property/test_seats.py` has the invariants."""

from services.booking.sessions.seats import Decision, SeatRequest, Seats, decide


def test_what_is_wanted_is_given_while_there_is_room() -> None:
    assert decide(SeatRequest(Seats(10, {"1880": 7}), "1884", 3, 3)) == Decision(granted=3, available=3)


def test_less_than_the_minimum_is_not_given_at_all() -> None:
    assert decide(SeatRequest(Seats(10, {"1880": 8}), "1884", 3, 3)) == Decision(granted=0, available=2)


def test_a_partial_answer_is_given_when_the_minimum_allows() -> None:
    assert decide(SeatRequest(Seats(10, {"1880": 8}), "1884", 3, 2)) == Decision(granted=2, available=2)


def test_an_unreleased_share_is_kept_from_the_others() -> None:
    seats = Seats(10, {"1880": 6}, shares={"1884": 4})
    assert seats.available_to("1880") == 0
    assert seats.available_to("1884") == 4


def test_an_own_share_is_used_before_the_common_pool() -> None:
    seats = Seats(10, {"1884": 5}, shares={"1884": 4})
    assert seats.pool_left == 5
    assert seats.guaranteed_left("1884") == 0


def test_a_capacity_that_fell_below_what_is_taken_gives_nothing() -> None:
    assert Seats(3, {"1880": 5}).available_to("1880") == 0
