"""What the figures cannot place is shown with its reason."""

from collections.abc import Iterable

import pytest

from shared.messaging.delivery import Event
from tests.support.current import CurrentState
from tests.support.story import Story, at, employment, id_of

START = at("2025-03-03")


def reasons(current: CurrentState, told: Iterable[Event]) -> list[tuple[str, int]]:
    current.tell(told)
    return [(one["reason"], one["minutes"]) for one in current.unmatched()]


def test_nothing_is_unmatched_when_everything_has_its_counterpart(current: CurrentState) -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (START, 60))
    story.attest(session, ("Ada", 60))
    assert reasons(current, story.told) == []


@pytest.mark.parametrize("missing", ["session-scheduled", "participant-changed"])
def test_minutes_wait_visibly_for_what_has_not_arrived(current: CurrentState, missing: str) -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (START, 60))
    story.attest(session, ("Ada", 60))
    arrived = [told for told in story.told if missing not in told.type]
    expected = {"session-scheduled": "session-unknown", "participant-changed": "person-unknown"}[missing]
    assert reasons(current, arrived) == [(expected, 60)]


def test_minutes_of_a_cancelled_session_are_shown(current: CurrentState) -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (START, 60))
    story.attest(session, ("Ada", 60))
    story.called_off(session)
    assert reasons(current, story.told) == [("session-cancelled", 60)]


def test_hours_outside_every_employment_are_shown_with_their_day(current: CurrentState) -> None:
    story = Story()
    story.person("Ada", employment("Ada", until="2025-01-31"))
    session = story.session("s", (START, 60))
    story.attest(session, ("Ada", 60))
    current.tell(story.told)
    [line] = current.unmatched()
    assert (line["reason"], str(line["day"]), line["participant_id"]) == (
        "no-employment",
        "2025-03-03",
        str(id_of("Ada")),
    )
