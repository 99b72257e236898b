"""From facts to values: the last one of each thing."""

from shared.contracts import catalogue_v1, participants_v1
from tests.support.story import Story, at, id_of, occasion

START = at("2025-03-03")


def test_a_registration_keeps_its_steps_in_order_of_sequence() -> None:
    story = Story()
    session = story.session("s", (START, 60))
    story.waitlisted(session, "Ada")
    story.confirmed(session, "Ada", via="promotion")
    story.cancelled(session, "Ada", when=at("2025-02-01"), late=False)
    [registration] = story.facts(reversed(story.told)).registrations
    assert [step.status for step in registration.steps] == ["waitlisted", "confirmed", "cancelled"]
    assert (registration.confirmed, registration.via) == (False, "promotion")


def test_a_cancelled_session_keeps_its_cause() -> None:
    story = Story()
    session = story.session("s", (START, 60))
    story.called_off(session, "venue")
    [value] = story.facts().sessions
    assert (value.cancelled, value.cause) == (True, "venue")


def test_an_occasion_that_was_given_again_is_kept_and_one_that_was_not_is_former() -> None:
    story = Story()
    session = story.session("s", (START, 60), (at("2025-03-04"), 60))
    kept = occasion("s", 0, at("2025-03-10"), 60, 0)
    story.rescheduled(session, kept)
    [value] = story.facts().sessions
    assert [(one.occasion_id, one.day.isoformat()) for one in value.occasions] == [(str(id_of("s#0")), "2025-03-10")]
    assert [one.occasion_id for one in value.former] == [str(id_of("s#1"))]


def test_a_tombstone_takes_a_trainer_away_and_leaves_a_persons_attributes() -> None:
    story = Story()
    story.qualified("t", "2025-01-01")
    story.person("Ada")
    story.bury(catalogue_v1.TrainerChanged, f"trainer/{id_of('t')}")
    story.bury(participants_v1.ParticipantChanged, str(id_of("Ada")))
    for facts in (story.facts(), story.facts(reversed(story.told))):
        assert facts.trainers == ()
        assert [person.gender for person in facts.persons] == ["woman"]


def test_the_commitment_and_the_setting_in_force_follow_the_day() -> None:
    story = Story()
    story.project(("breaks", "unpaid", "2025-01-01"), ("breaks", "counted", "2025-07-01"))
    story.municipality("1884", (1_000, "2025-01-01"), (2_000, "2026-01-01"))
    facts = story.facts()
    breaks = [facts.project.setting_on("breaks", at(day).date()) for day in ("2024-12-31", "2025-06-30", "2025-07-01")]
    assert breaks == [None, "unpaid", "counted"]
    promised = [
        facts.municipalities[0].commitment_on(at(day).date()) for day in ("2024-12-31", "2025-12-31", "2026-01-01")
    ]
    assert promised == [0, 1_000, 2_000]
