"""What a person's day and month are worth: never more than took place, and never what was not certified as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.attendance.cells.stays import MINUTE, Stay, overlap
from services.attendance.occasions.rules import Schedule
from services.attendance.signatures.rules import Item, Month
from services.reporting.days import Period
from services.reporting.recompute.figures import figures
from shared.contracts.participants_v1 import ParticipantsMerged
from tests.property import worlds
from tests.support.story import Story

EIGHT = datetime(2025, 3, 3, 7, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


@st.composite
def stays(draw: st.DrawFn) -> Stay:
    """Somewhere in a day: marked with times, or minutes that a person fixed."""
    begins, length = draw(st.integers(0, 8)), draw(st.integers(1, 6))
    breaks = draw(st.sampled_from((0, 15)))
    schedule = Schedule(UUID(int=1), EIGHT + begins * HALF_HOUR, EIGHT + (begins + length) * HALF_HOUR, breaks)
    if draw(st.booleans()):
        minutes = draw(st.integers(0, schedule.scheduled_minutes))
        return Stay(schedule.starts_at, schedule.ends_at, schedule.starts_at, schedule.ends_at, minutes, decided=True)
    arrived, left = sorted(draw(st.tuples(st.integers(0, length), st.integers(0, length))))
    begin, end = schedule.clipped(schedule.starts_at + arrived * HALF_HOUR, schedule.starts_at + left * HALF_HOUR)
    minutes = schedule.attended_minutes(begin, end)
    return Stay(schedule.starts_at, schedule.ends_at, begin, end, minutes, decided=False)


@given(st.lists(stays(), max_size=5))
@settings(deadline=None)
def test_nobody_has_more_minutes_on_a_day_than_sessions_took(day: list[Stay]) -> None:
    counted: list[Stay] = []
    for one in day:
        if not overlap(one, *counted):
            counted.append(one)
    taken = {one.occasion_starts + n * MINUTE for one in counted for n in range(_length(one))}
    assert sum(one.minutes for one in counted) <= len(taken)


def _length(one: Stay) -> int:
    return (one.occasion_ends - one.occasion_starts) // MINUTE


@st.composite
def months(draw: st.DrawFn) -> Month:
    minutes = draw(st.lists(st.integers(1, 420), min_size=1, max_size=5))
    items = tuple(
        Item(UUID(int=n // 2), UUID(int=n), one, starts.date(), starts, starts + timedelta(hours=7), "HLR", starts)
        for n, one in enumerate(minutes)
        for starts in [EIGHT + timedelta(days=n)]
    )
    return Month(UUID(int=99), "2025-03", items)


@given(months(), st.data())
def test_a_month_is_signed_as_long_as_all_of_it_is_as_it_was(month: Month, data: st.DataObject) -> None:
    signed = replace(month, signed={item.occasion_id: item.minutes for item in month.items})
    assert (month.state, signed.state) == ("unsigned", "signed")
    mixed = replace(signed, items=tuple(data.draw(st.permutations(signed.items))))
    assert (mixed.state, mixed.document_hash) == ("signed", month.document_hash)
    changed = data.draw(st.sampled_from(signed.items))
    others = tuple(item for item in signed.items if item is not changed)
    corrected = changed._replace(minutes=data.draw(st.integers(1, 420).filter(lambda n: n != changed.minutes)))
    joined = changed._replace(occasion_id=UUID(int=50))
    for items in ((*others, corrected), (*signed.items, joined)):
        other = replace(signed, items=items)
        assert other.state == "unsigned"
        assert other.document_hash != signed.document_hash


@given(worlds.years())
@settings(max_examples=40, deadline=None)
def test_where_signatures_are_demanded_what_counts_is_both_signed_and_attested(story: Story) -> None:
    """Booking refuses to merge two who sat on one session (`participants-collide`); these stories have no booking."""
    assume(not any(isinstance(told.data, ParticipantsMerged) for told in story.told))
    story.project(("signature_required", True, "2025-01-01"))
    found = figures(story.facts(), YEAR)["minutes"]
    assert found["claimable"] <= min(found["signed"], found["attested"])
