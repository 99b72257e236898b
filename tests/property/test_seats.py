"""THE rule of seats under every order of acts that hypothesis finds, on one session and between two."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.booking.allocation.seats import SeatRequest, Seats, decide, everybody_fits, shares_hold

MUNICIPALITIES = ("1880", "1884", "1863")


@st.composite
def sessions(draw: st.DrawFn) -> Seats:
    capacity = draw(st.integers(1, 30))
    shares: dict[str, int] = {}
    for code in MUNICIPALITIES:
        shares[code] = draw(st.integers(0, capacity - sum(shares.values())))
    return Seats(capacity, shares=shares)


wishes = st.lists(
    st.tuples(st.sampled_from(MUNICIPALITIES), st.integers(1, 8), st.integers(1, 8), st.booleans()), max_size=40
)


def common_pool_given(seats: Seats) -> int:
    return sum(max(0, taken - seats.shares.get(code, 0)) for code, taken in seats.taken.items())


@given(sessions(), wishes)
def test_no_prefix_of_acts_gives_more_seats_than_exist(seats: Seats, acts: list[tuple[str, int, int, bool]]) -> None:
    for municipality, wanted, minimum, leaves in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
        if leaves and seats.taken.get(municipality):
            seats = seats.give(municipality, -1)
        assert sum(seats.taken.values()) <= seats.capacity
        assert common_pool_given(seats) <= seats.capacity - sum(seats.shares.values())


@given(sessions(), wishes)
def test_a_municipality_always_gets_what_is_left_of_its_own_unreleased_share(
    seats: Seats, acts: list[tuple[str, int, int, bool]]
) -> None:
    for municipality, wanted, minimum, _ in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
    for code in MUNICIPALITIES:
        left = seats.guaranteed_left(code)
        assert decide(SeatRequest(seats, [code] * left, left)).seated == left


@given(sessions(), wishes)
def test_a_decision_gives_nothing_or_at_least_the_minimum_and_never_more_than_wanted(
    seats: Seats, acts: list[tuple[str, int, int, bool]]
) -> None:
    for municipality, wanted, minimum, _ in acts:
        decision = decide(SeatRequest(seats, [municipality] * wanted, minimum))
        assert decision.seated == 0 or minimum <= decision.seated <= wanted
        assert decision.seated in (0, decision.available)
        assert decision.seats.free == seats.free - decision.seated
        seats = decision.seats


@given(sessions(), st.lists(st.sampled_from(MUNICIPALITIES), min_size=1, max_size=12), st.randoms())
def test_how_many_of_a_mixed_group_are_seated_does_not_depend_on_their_order(
    seats: Seats, persons: list[str], random: Random
) -> None:
    shuffled = random.sample(persons, len(persons))
    assert decide(SeatRequest(seats, persons, 1)).seated == decide(SeatRequest(seats, shuffled, 1)).seated


@given(sessions(), st.sampled_from(MUNICIPALITIES), st.sampled_from(MUNICIPALITIES))
def test_behind_a_waiting_entry_only_another_municipalitys_own_share_is_open(
    seats: Seats, waiting: str, other: str
) -> None:
    behind = seats.behind([waiting])
    assert behind.available_to(other) == (0 if other == waiting else seats.shares[other])


@given(sessions(), wishes, st.integers(1, 40))
def test_a_capacity_fits_exactly_when_everybody_keeps_a_seat(
    seats: Seats, acts: list[tuple[str, int, int, bool]], capacity: int
) -> None:
    for municipality, wanted, minimum, _ in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
    changed = replace(seats, capacity=capacity)
    assert everybody_fits(changed) == (capacity >= sum(seats.taken.values()))


@given(sessions(), wishes)
def test_what_anybody_could_get_is_what_all_get_one_after_the_other(
    seats: Seats, acts: list[tuple[str, int, int, bool]]
) -> None:
    for municipality, wanted, minimum, _ in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
    offered = seats.available_to_anybody()
    given_away = decide(SeatRequest(seats, [code for code in MUNICIPALITIES for _ in range(seats.capacity)], 1)).seated
    assert given_away == offered


@given(sessions(), wishes)
def test_whatever_is_given_every_share_still_holds(seats: Seats, acts: list[tuple[str, int, int, bool]]) -> None:
    for municipality, wanted, minimum, _ in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
    assert shares_hold(seats)


moves = st.lists(
    st.tuples(st.sampled_from(MUNICIPALITIES), st.booleans(), st.sampled_from(["register", "move", "substitute"])),
    max_size=40,
)


@given(sessions(), sessions(), moves)
def test_moves_between_two_sessions_never_give_more_than_either_has(
    first: Seats, second: Seats, acts: list[tuple[str, bool, str]]
) -> None:
    """A move asks the other session's seats as a newcomer does, and only then gives its own up."""
    for municipality, swapped, act in acts:
        here, there = (second, first) if swapped else (first, second)
        persons = here.taken.get(municipality, 0) + there.taken.get(municipality, 0)
        if act == "register":
            here = decide(SeatRequest(here, [municipality], 1)).seats
        elif act == "move" and here.taken.get(municipality) and there.available_to(municipality):
            here, there = here.give(municipality, -1), there.give(municipality, 1)
        first, second = (there, here) if swapped else (here, there)
        for seats in (first, second):
            assert sum(seats.taken.values()) <= seats.capacity
            assert common_pool_given(seats) <= seats.capacity - sum(seats.shares.values())
            assert shares_hold(seats)
        if act != "register":
            assert persons == here.taken.get(municipality, 0) + there.taken.get(municipality, 0)


@given(sessions(), wishes, st.sampled_from(MUNICIPALITIES), st.sampled_from(MUNICIPALITIES))
def test_a_seat_may_change_hands_within_a_municipality_and_not_between_two(
    seats: Seats, acts: list[tuple[str, int, int, bool]], gives: str, gets: str
) -> None:
    """Why a substitute is of the same municipality: then nothing changes for anybody else."""
    for municipality, wanted, minimum, _ in acts:
        seats = decide(SeatRequest(seats, [municipality] * wanted, minimum)).seats
    if not seats.taken.get(gives):
        return
    after = seats.give(gives, -1).give(gets, 1)
    others = [code for code in MUNICIPALITIES if code != gives]
    if gets == gives:
        assert [after.available_to(code) for code in MUNICIPALITIES] == [
            seats.available_to(code) for code in MUNICIPALITIES
        ]
    assert all(after.taken.get(code, 0) >= seats.taken.get(code, 0) for code in others)
