"""The waiting list in examples; `tests/property/test_promotion.py` has the invariants."""

from uuid import UUID

from services.booking.allocation.promotion import Entry, Fate, Member, Plan, QueueOrder, Why, closed, examine
from services.booking.allocation.seats import Seats

STRICT, SKIP = QueueOrder.STRICT, QueueOrder.SKIP_IF_TOO_BIG


def entry(
    number: int, *, size: int = 1, municipality: str = "1880", minimum: int = 1, whole: bool = False, blocked: int = 0
) -> Entry:
    members = [
        Member(UUID(int=100 * number + index), municipality, "overlapping-registration" if index < blocked else None)
        for index in range(size)
    ]
    return Entry(UUID(int=number), members, minimum, whole)


def told(plan: Plan) -> list[tuple[Fate, str]]:
    return [(verdict.fate, verdict.why) for verdict in plan.verdicts]


def test_the_head_of_the_queue_gets_the_seat_that_is_free() -> None:
    plan = examine([entry(1), entry(2)], Seats(10, {"1880": 9}), STRICT)
    assert told(plan) == [(Fate.PROMOTED, Why.SEAT_FREE), (Fate.WAITING, Why.SESSION_FULL)]


def test_a_strict_queue_waits_for_a_group_that_is_too_big() -> None:
    plan = examine([entry(1, size=3, whole=True), entry(2)], Seats(10, {"1880": 8}), STRICT)
    assert told(plan) == [(Fate.WAITING, Why.TOO_FEW_SEATS), (Fate.WAITING, Why.BEHIND_OTHERS)]


def test_a_skipping_queue_passes_a_group_that_is_too_big() -> None:
    plan = examine([entry(1, size=3, whole=True), entry(2)], Seats(10, {"1880": 8}), SKIP)
    assert told(plan) == [(Fate.SKIPPED, Why.TOO_FEW_SEATS), (Fate.PROMOTED, Why.SEAT_FREE)]


def test_who_may_not_take_part_any_more_is_skipped_in_both_orders() -> None:
    for order in QueueOrder:
        plan = examine([entry(1, blocked=1), entry(2)], Seats(10, {"1880": 9}), order)
        assert told(plan) == [(Fate.SKIPPED, "overlapping-registration"), (Fate.PROMOTED, Why.SEAT_FREE)]


def test_one_obstacle_keeps_a_whole_group_back() -> None:
    plan = examine([entry(1, size=2, whole=True, blocked=1)], Seats(10), STRICT)
    assert told(plan) == [(Fate.SKIPPED, "overlapping-registration")]


def test_a_group_at_least_goes_on_without_the_one_who_may_not() -> None:
    [verdict] = examine([entry(1, size=3, minimum=2, blocked=1)], Seats(10), STRICT).verdicts
    assert [member.registration_id for member in verdict.promoted] == [UUID(int=101), UUID(int=102)]


def test_a_group_larger_than_the_session_does_not_block_a_strict_queue() -> None:
    plan = examine([entry(1, size=3, whole=True), entry(2)], Seats(2), STRICT)
    assert told(plan) == [(Fate.SKIPPED, Why.LARGER_THAN_SESSION), (Fate.PROMOTED, Why.SEAT_FREE)]


def test_free_seats_that_are_guaranteed_to_another_municipality_are_not_given() -> None:
    plan = examine([entry(1)], Seats(10, {"1880": 6}, shares={"1884": 4}), STRICT)
    assert told(plan) == [(Fate.WAITING, Why.GUARANTEED_TO_OTHERS)]


def test_an_own_guaranteed_seat_is_given_past_another_municipality_that_waits() -> None:
    queue = [entry(1), entry(2, municipality="1884")]
    plan = examine(queue, Seats(10, {"1880": 6}, shares={"1884": 4}), STRICT)
    assert told(plan) == [(Fate.WAITING, Why.GUARANTEED_TO_OTHERS), (Fate.PROMOTED, Why.SEAT_FREE)]


def test_who_may_not_take_part_holds_no_share_back_from_the_others() -> None:
    mixed = Entry(
        UUID(int=1),
        [Member(UUID(int=101), "1880"), Member(UUID(int=102), "1884", "overlapping-registration")],
    )
    plan = examine([mixed, entry(2, municipality="1884")], Seats(10, {"1880": 6}, shares={"1884": 4}), STRICT)
    assert told(plan) == [(Fate.WAITING, Why.GUARANTEED_TO_OTHERS), (Fate.PROMOTED, Why.SEAT_FREE)]


def test_a_closed_queue_gives_nothing_and_keeps_from_a_newcomer_what_it_could_get_by_hand() -> None:
    plan = closed([entry(1, size=3, whole=True), entry(2)], Seats(10, {"1880": 8}), Why.PROMOTION_STOPPED)
    assert told(plan) == [(Fate.WAITING, Why.PROMOTION_STOPPED)] * 2
    assert plan.seats.available_to("1884") == 1, "of two seats the group can use none, who waits alone one"


def test_a_newcomer_sees_no_seat_behind_a_strict_queue() -> None:
    plan = examine([entry(1, size=3, whole=True)], Seats(10, {"1880": 8}), STRICT)
    assert plan.seats.available_to("1884") == 0
