"""The waiting list under every queue that hypothesis finds."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from services.booking.allocation.promotion import Entry, Fate, Member, Plan, QueueOrder, examine, promotions
from services.booking.allocation.seats import SeatRequest, Seats, decide

MUNICIPALITIES = ("1880", "1884", "1863")


@st.composite
def sessions(draw: st.DrawFn) -> Seats:
    capacity = draw(st.integers(1, 15))
    shares: dict[str, int] = {}
    taken: dict[str, int] = {}
    for code in MUNICIPALITIES:
        shares[code] = draw(st.integers(0, capacity - sum(shares.values())))
    for code in MUNICIPALITIES:
        seats = Seats(capacity, taken, shares)
        taken = {**taken, code: draw(st.integers(0, seats.available_to(code)))}
    return Seats(capacity, taken, shares)


@st.composite
def queues(draw: st.DrawFn) -> list[Entry]:
    entries: list[Entry] = []
    number = 0
    for _ in range(draw(st.integers(0, 8))):
        size = draw(st.integers(1, 5))
        mixed = draw(st.booleans())
        codes = st.sampled_from(MUNICIPALITIES) if mixed else st.just(draw(st.sampled_from(MUNICIPALITIES)))
        members = []
        for _ in range(size):
            number += 1
            obstacle = draw(st.sampled_from([None, None, None, "overlapping-registration"]))
            members.append(Member(UUID(int=number), draw(codes), obstacle))
        entries.append(
            Entry(
                id=UUID(int=1000 + number),
                members=members,
                minimum=draw(st.integers(1, size)),
                whole=draw(st.booleans()),
            )
        )
    return entries


orders = st.sampled_from(list(QueueOrder))


def left_behind(queue: Sequence[Entry], plan: Plan) -> list[Entry]:
    """The queue after the plan was carried out; who is left of a group that got seats waits for any seat."""
    remaining = []
    for verdict in plan.verdicts:
        members = [member for member in verdict.entry.members if member not in verdict.promoted]
        if members:
            minimum = 1 if verdict.promoted else verdict.entry.minimum
            remaining.append(replace(verdict.entry, members=members, minimum=minimum))
    return remaining


@given(queues(), sessions(), orders)
def test_promotion_never_oversells(queue: list[Entry], seats: Seats, order: QueueOrder) -> None:
    after = examine(queue, seats, order).seats
    assert sum(after.taken.values()) <= after.capacity
    from_pool = sum(max(0, taken - after.shares.get(code, 0)) for code, taken in after.taken.items())
    assert from_pool <= after.capacity - sum(after.shares.values())


@given(queues(), sessions(), orders)
def test_a_group_all_is_never_split(queue: list[Entry], seats: Seats, order: QueueOrder) -> None:
    for verdict in examine(queue, seats, order).verdicts:
        if verdict.entry.whole:
            assert len(verdict.promoted) in (0, len(verdict.entry.members))


@given(queues(), sessions(), orders)
def test_a_group_at_least_gets_its_minimum_at_once_or_nothing(
    queue: list[Entry], seats: Seats, order: QueueOrder
) -> None:
    for verdict in examine(queue, seats, order).verdicts:
        assert not verdict.promoted or len(verdict.promoted) >= verdict.entry.needed


@given(queues(), sessions(), orders)
def test_nobody_with_an_obstacle_is_promoted(queue: list[Entry], seats: Seats, order: QueueOrder) -> None:
    assert all(member.obstacle is None for _, member in promotions(examine(queue, seats, order)))


MIXED = Entry(UUID(int=1005), [*(Member(UUID(int=n), "1880") for n in (1, 2)), Member(UUID(int=3), "1884")])
ALONE = Entry(UUID(int=1008), [Member(UUID(int=8), "1884")])


# Found once: a guaranteed seat stayed free behind a group whose member of that municipality already had one.
@example([MIXED, ALONE], Seats(2, {}, {"1884": 2}), QueueOrder.STRICT)
@given(queues(), sessions(), orders)
def test_a_second_step_promotes_nobody(queue: list[Entry], seats: Seats, order: QueueOrder) -> None:
    first = examine(queue, seats, order)
    seats = replace(first.seats, pool_closed=False, closed_shares=frozenset())
    second = examine(left_behind(queue, first), seats, order)
    assert list(promotions(second)) == []


@given(queues(), sessions())
def test_in_a_strict_queue_nobody_takes_a_pool_seat_past_an_entry_that_waits(queue: list[Entry], seats: Seats) -> None:
    blocked: set[str] = set()
    for verdict in examine(queue, seats, QueueOrder.STRICT).verdicts:
        for member in verdict.promoted:
            if blocked:
                assert member.municipality not in blocked
                assert seats.guaranteed_left(member.municipality) > 0
            seats = seats.give(member.municipality, 1)
        if verdict.fate is Fate.WAITING or 0 < len(verdict.promoted) < len(verdict.entry.ready):
            blocked |= {member.municipality for member in verdict.entry.ready if member not in verdict.promoted}


@given(queues(), sessions())
def test_with_skipping_whoever_fits_when_its_turn_comes_is_promoted(queue: list[Entry], seats: Seats) -> None:
    for verdict in examine(queue, seats, QueueOrder.SKIP_IF_TOO_BIG).verdicts:
        ready = [member.municipality for member in verdict.entry.ready]
        decision = decide(SeatRequest(seats, ready, verdict.entry.needed))
        assert len(verdict.promoted) == decision.seated
        seats = decision.seats


@given(queues(), sessions(), orders)
def test_every_entry_gets_a_verdict_with_a_reason(queue: list[Entry], seats: Seats, order: QueueOrder) -> None:
    verdicts = examine(queue, seats, order).verdicts
    assert [verdict.entry for verdict in verdicts] == queue
    assert all(verdict.why for verdict in verdicts)
