"""The demo's own book: seats, queue, marks and figures of one session, worked out by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from infra.demo import recomputation
from infra.demo.book import Book, SessionBook, minutes_of
from infra.demo.fortnight import HOME
from infra.demo.plan import (
    TINY,
    Cancelling,
    Correcting,
    Mark,
    Moving,
    PlannedSession,
    Policy,
    Reason,
    Registering,
    Reserving,
    Substituting,
)
from infra.demo.workdays import at, occasions_on
from infra.demo.year import plan_year

ID = UUID(int=1)
DAY = date(2025, 9, 10)
BEFORE = at(date(2025, 8, 20), 9)
YEAR = plan_year(2025, TINY)
COURSE = YEAR.courses[1]


def session(capacity: int) -> SessionBook:
    occasions = occasions_on([DAY], COURSE.duration_minutes, morning=True)
    deadline = at(date(2025, 9, 3), 12)
    plan = PlannedSession("X-01", COURSE, "1884", "Sal", capacity, occasions, (), (), BEFORE, deadline)
    return SessionBook(plan, ID, (ID,))


def call(*staff: str, policy: Policy = "all", at_least: int | None = None, waitlist: bool = True) -> Registering:
    return Registering(BEFORE, staff, policy, at_least, waitlist)


def leaving(staff: str, when: datetime = BEFORE, reason: Reason = "work") -> Cancelling:
    return Cancelling(when, staff, reason)


def test_a_group_all_is_confirmed_whole_or_waits_whole() -> None:
    book = session(2)
    assert book.register(call("a", "b", "c")) == {"a": "waitlisted", "b": "waitlisted", "c": "waitlisted"}
    assert book.register(call("d", "e")) == {"d": "confirmed", "e": "confirmed"}


def test_any_fills_what_is_free_and_the_rest_wait() -> None:
    book = session(1)
    assert book.register(call("a", "b", policy="any")) == {"a": "confirmed", "b": "waitlisted"}


def test_at_least_takes_the_seats_when_there_are_enough() -> None:
    book = session(2)
    outcome = book.register(call("a", "b", "c", policy="at_least", at_least=2))
    assert outcome == {"a": "confirmed", "b": "confirmed", "c": "waitlisted"}


def test_a_full_session_refuses_whoever_will_not_wait() -> None:
    book = session(1)
    book.register(call("a"))
    assert book.register(call("b", waitlist=False)) is None


def test_a_freed_seat_passes_a_group_that_is_too_big() -> None:
    book = session(1)
    for staff in (("a",), ("b", "c"), ("d",)):
        book.register(call(*staff))
    book.cancel(leaving("a"))
    assert (book.confirmed, book.promoted, book.waiting) == (["d"], ["d"], ["b", "c"])


def test_two_freed_seats_take_the_group() -> None:
    book = session(2)
    for staff in (("a", "x"), ("b", "c")):
        book.register(call(*staff))
    book.cancel(leaving("a"))
    assert book.waiting == ["b", "c"]
    book.cancel(leaving("x"))
    assert book.confirmed == ["b", "c"]


def test_a_cancellation_is_late_after_the_deadline_and_illness_is_neutral() -> None:
    book = session(2)
    book.register(call("a", "b"))
    in_time = book.cancel(leaving("a", book.plan.cancellation_deadline))
    late = book.cancel(leaving("b", book.plan.cancellation_deadline + timedelta(minutes=1), "illness"))
    assert in_time is not None
    assert late is not None
    assert (in_time.late, late.late, in_time.neutral, late.neutral) == (False, True, False, True)


def test_leaving_the_waiting_list_is_never_late() -> None:
    book = session(1)
    book.register(call("a"))
    book.register(call("b"))
    left = book.cancel(leaving("b", book.plan.cancellation_deadline + timedelta(minutes=1), "changed-job"))
    assert left is not None
    assert (left.was, left.late, left.neutral) == ("waitlisted", False, True)


def test_minutes_are_clipped_to_the_occasion() -> None:
    occasion = session(1).plan.occasions[0]
    early = Mark(True, arrived_at=occasion.starts_at - timedelta(hours=1))
    late = Mark(True, arrived_at=occasion.starts_at + timedelta(minutes=45))
    assert minutes_of(early, occasion) == occasion.minutes
    assert minutes_of(late, occasion) == occasion.minutes - 45
    assert minutes_of(Mark(False, reason="illness"), occasion) == 0


def test_a_correction_leaves_no_attested_minutes_until_the_roll_is_attested_again() -> None:
    book = session(1)
    book.register(call("a"))
    book.mark("a", 0, Mark(True))
    book.attest()
    book.correct(Correcting("a", 0, 30, "left", "left-early"))
    assert not book.held
    book.attest()
    assert book.minutes_of("a") == 30


def test_who_was_ill_is_no_no_show() -> None:
    book = session(3)
    book.register(call("a", "b", "c"))
    for staff, mark in zip("abc", (Mark(True), Mark(False, reason="illness"), Mark(False)), strict=True):
        book.mark(staff, 0, mark)
    book.attest()
    assert (book.present, book.no_shows) == (["a"], ["c"])


def test_held_seats_are_nobody_elses_and_the_named_have_theirs() -> None:
    book = session(3)
    book.reserve(Reserving("1880", 2, book.plan.cancellation_deadline, named=("a",)))
    assert (book.confirmed, book.free) == (["a"], 1)
    book.register(call("b"))
    assert book.register(call("c")) == {"c": "waitlisted"}


def test_who_walks_in_is_taken_beyond_capacity() -> None:
    book = session(1)
    book.register(call("a"))
    book.walk_in("b")
    assert (book.confirmed, book.walked_in, book.free) == (["a", "b"], ["b"], 0)


def test_minutes_in_dispute_count_as_none() -> None:
    book = session(1)
    book.register(call("a"))
    book.plan.contested["a"], book.plan.decided = Mark(True, minutes=30), False
    book.mark("a", 0, Mark(True))
    assert book.marked == {("a", 0): 0}


def test_shares_have_four_decimals_rounded_half_up() -> None:
    assert recomputation.share(1, 3) == 0.3333
    assert recomputation.share(12345, 100_000) == 0.1235
    assert recomputation.share(1, 0) is None


def test_the_figures_of_a_year_of_one_session() -> None:
    book = Book(YEAR)
    rows = [row for row in YEAR.staff.values() if row.title.category in COURSE.categories][:3]
    one = session(4)
    book.sessions["X-01"] = one
    one.register(call(*(row.key for row in rows)))
    for row, mark in zip(rows, (Mark(True), Mark(True, minutes=60), Mark(False)), strict=True):
        one.mark(row.key, 0, mark)
    one.attest()
    found = recomputation.figures(book)
    assert found["unique_participants"]["total"] == found["participations"]["total"] == 2
    assert found["seats"] == {
        "offered": 4,
        "confirmed": 3,
        "cancelled_in_time": 0,
        "cancelled_late": 0,
        "no_show": 1,
        "walk_in": 0,
        "fill_rate": 0.5,
    }
    assert found["minutes"]["scheduled"] == 3 * COURSE.duration_minutes
    assert found["minutes"]["attested"] == COURSE.duration_minutes + 60
    assert recomputation.cofinancing(book)["project"]["attested_minutes"] == COURSE.duration_minutes + 60


def test_a_difference_names_its_place_and_nobody_is_counted_elsewhere() -> None:
    expected, found = {"a": {"b": 1}}, {"a": {"b": 2}}
    assert [str(one) for one in recomputation.differences("figures", expected, found)] == [
        "figures.a.b: expected 1, found 2"
    ]
    assert [one.where for one in recomputation.surplus("by", {"1884": 1}, {"1884": 1, "unmatched": 3})] == [
        "by.unmatched"
    ]


def test_a_substitute_has_the_seat_of_the_one_replaced_and_nobody_dropped_out() -> None:
    book = session(1)
    book.register(call("a"))
    assert book.substitute(Substituting(BEFORE, "a", "b"))
    assert not book.substitute(Substituting(BEFORE, "a", "c"))
    assert (book.confirmed, book.dropouts) == (["b"], [])


def test_a_move_needs_a_free_seat_and_is_late_only_when_the_seat_left_stays_empty() -> None:
    left, target, evening = session(2), session(2), at(date(2025, 9, 9), 17)
    for staff in ("a", "b", "c"):
        left.register(call(staff))
    assert left.move(Moving(evening, "a", "X-02"), target)
    assert (left.confirmed, left.dropouts[-1].late) == (["b", "c"], False)
    assert left.move(Moving(evening, "b", "X-02"), target)
    assert (left.confirmed, left.dropouts[-1].late, target.confirmed) == (["c"], True, ["a", "b"])
    assert not left.move(Moving(evening, "c", "X-02"), target)


def test_what_was_signed_counts_as_long_as_it_is_what_was_sealed() -> None:
    book = Book(YEAR)
    plan = replace(session(5).plan, occasions=occasions_on([DAY], 180, morning=True))
    [anna, bo] = [key for key, row in YEAR.staff.items() if row.municipality == HOME][:2]
    one = book.open(plan, ID, (ID,))
    for staff in (anna, bo):
        one.register(call(staff))
        one.mark(staff, 0, Mark(True))
    one.attest()
    number = YEAR.staff[anna].person.number
    book.sign(book.months(HOME)[number, "2025-09"])
    assert (one.is_signed(anna), one.signed_of(anna), one.signed_of(bo)) == (True, 180, 0)
    minutes = recomputation.figures(book)["minutes"]
    assert (minutes["attested"], minutes["signed"], minutes["claimable"]) == (360, 180, 360)
    one.correct(Correcting(anna, 0, 150, "gick tidigare", "left-early"))
    one.attest()
    assert one.signed_of(anna) == 0


def test_from_the_second_year_on_only_signed_minutes_can_be_claimed() -> None:
    book = Book(YEAR)
    day = date(2026, 1, 12)
    [anna, bo] = [key for key, row in YEAR.staff.items() if row.municipality == HOME][:2]
    one = book.open(replace(session(5).plan, occasions=occasions_on([day], 180, morning=True)), ID, (ID,))
    for staff in (anna, bo):
        one.register(call(staff))
        one.mark(staff, 0, Mark(True))
    one.attest()
    book.sign(book.months(HOME)[YEAR.staff[bo].person.number, "2026-01"])
    minutes = recomputation.figures(book, (day, day))["minutes"]
    assert (minutes["attested"], minutes["signed"], minutes["claimable"]) == (360, 180, 180)
    standing = recomputation.cofinancing(book, day)["project"]
    assert (standing["attested_minutes"], standing["claimable_minutes"]) == (360, 180)
