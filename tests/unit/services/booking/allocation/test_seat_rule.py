"""THE rule of seats in examples; `tests/property/test_seats.py` has the invariants."""

from services.booking.allocation.seats import SeatRequest, Seats, decide


def seated(seats: Seats, persons: list[str], minimum: int) -> tuple[bool, ...]:
    return decide(SeatRequest(seats, persons, minimum)).granted


def test_everybody_is_seated_while_there_is_room() -> None:
    assert seated(Seats(10, {"1880": 7}), ["1884"] * 3, 3) == (True, True, True)


def test_fewer_than_the_minimum_are_not_seated_at_all() -> None:
    decision = decide(SeatRequest(Seats(10, {"1880": 8}), ["1884"] * 3, 3))
    assert decision.granted == (False, False, False)
    assert decision.available == 2
    assert decision.seats == Seats(10, {"1880": 8})


def test_the_first_of_a_group_are_seated_when_the_minimum_allows() -> None:
    assert seated(Seats(10, {"1880": 8}), ["1884"] * 3, 2) == (True, True, False)


def test_an_unreleased_share_is_kept_from_the_others() -> None:
    seats = Seats(10, {"1880": 6}, shares={"1884": 4})
    assert seats.available_to("1880") == 0
    assert seats.available_to("1884") == 4
    assert seated(seats, ["1880", "1884"], 1) == (False, True)


def test_an_own_share_is_used_before_the_common_pool() -> None:
    seats = Seats(10, {"1884": 5}, shares={"1884": 4})
    assert seats.pool_left == 5
    assert seats.guaranteed_left("1884") == 0


def test_a_capacity_that_fell_below_what_is_taken_gives_nothing() -> None:
    assert Seats(3, {"1880": 5}).available_to("1880") == 0
