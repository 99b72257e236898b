"""Years in which everything happens that the figures know: for those who must agree about them."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from shared.contracts import booking_v1, participants_v1
from tests.support.story import Session, Story, at, employment, id_of, occasion

CODES = ("1880", "1884")
TITLES = (("assistant_nurse", "base"), ("nurse", "licensed"), ("manager", "other"))
MODES = ("half_up", "half_even", "down", "up")
Draw = st.DrawFn


@st.composite
def years(draw: Draw) -> Story:
    """Settings that change within a month, people with several employers, sessions that are moved and cancelled,
    seats that change hands, rolls that are opened again, months that are voided, people who are merged or erased.
    """
    story = Story()
    story.project(*_settings(draw))
    story.municipality("1884", (60_000, "2025-01-01"), (90_000, "2025-03-01"))
    if draw(st.booleans()):
        story.qualified("t", "2025-02-10", starts="2025-03-01", ends=draw(st.sampled_from((None, "2025-04-01"))))
    people = [f"p{number}" for number in range(draw(st.integers(2, 6)))]
    for name in people:
        _person(story, draw, name)
    sessions = [_session(story, draw, number) for number in range(draw(st.integers(1, 3)))]
    for session in sessions:
        _seats(story, draw, session, people, sessions)
        _roll(story, draw, session, people)
    _later(story, draw, sessions, people)
    return story


def _settings(draw: Draw) -> list[tuple[str, Any, str]]:
    days = st.sampled_from(("2025-01-01", "2025-02-01", "2025-02-15", "2025-03-01"))
    policies = st.fixed_dictionaries(
        {
            "unit_minutes": st.sampled_from((1, 30, 45)),
            "mode": st.sampled_from(MODES),
            "per": st.sampled_from(("occasion", "person_month")),
        }
    )
    policies_stated = [("rounding", draw(st.none() | policies), draw(days)) for _ in range(draw(st.integers(0, 2)))]
    stated: list[tuple[str, Any, str]] = [*policies_stated]
    stated += [("signature_required", draw(st.booleans()), draw(days)) for _ in range(draw(st.integers(0, 2)))]
    return [*stated, *(("breaks", draw(st.sampled_from(("counted", "unpaid"))), draw(days)) for _ in range(2))]


def _person(story: Story, draw: Draw, name: str) -> None:
    since, until = st.sampled_from(("2020-01-01", "2025-02-10")), st.sampled_from((None, "2025-02-20"))
    employments: list[dict[str, Any]] = []
    for code in draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True)):
        title, category = draw(st.sampled_from(TITLES))
        kind = draw(st.sampled_from(("employed", "placement")))
        given: dict[str, Any] = {
            "title": title,
            "category": category,
            "kind": kind,
            "since": draw(since),
            "until": draw(until),
        }
        employments.append(employment(name, code, **given))
    born = draw(st.sampled_from((1960, 1995, 2009, None)))
    group: dict[str, Any] = {} if born else {"erased": True, "age_group": draw(st.sampled_from((None, "30_54")))}
    gender = draw(st.sampled_from(("woman", "man", "unknown")))
    is_known = bool(employments) or draw(st.booleans())
    if is_known:  # who is not known yet has no attributes
        story.person(name, *employments or [employment(name)], gender=gender, birth_year=born, **group)


def _session(story: Story, draw: Draw, number: int) -> Session:
    day = at(draw(st.sampled_from(("2025-01-31", "2025-02-14", "2025-02-28", "2025-04-21"))), 22 if number == 2 else 9)
    occasions = [(day + timedelta(days=nr), draw(st.sampled_from((50, 95)))) for nr in range(draw(st.integers(1, 2)))]
    course, host = draw(st.sampled_from("AB")), draw(st.sampled_from(CODES))
    return story.session(
        f"s{number}", *occasions, course=course, breaks=15, host=host, capacity=draw(st.integers(0, 9))
    )


def _seats(story: Story, draw: Draw, session: Session, people: list[str], others: list[Session]) -> None:
    begins = session.occasions[0].starts_at
    for name in people:
        when = begins - timedelta(days=draw(st.integers(-2, 9)))
        fate = draw(
            st.sampled_from(("none", "kept", "waits", "promoted", "cancelled", "moved", "substituted", "walks in"))
        )
        if fate in ("waits", "promoted"):
            story.waitlisted(session, name)
        if fate in ("kept", "cancelled", "moved", "substituted"):
            story.confirmed(session, name, at_employer=draw(st.sampled_from(CODES)))
        if fate == "promoted":
            story.confirmed(session, name, via="promotion", when=when)
        if fate == "cancelled":
            story.cancelled(session, name, when=when, late=draw(st.booleans()))
        if fate == "moved":
            story.move(session, name, draw(st.sampled_from(others)), when=when, late=draw(st.booleans()))
        if fate == "substituted":
            story.substitute(session, name, draw(st.sampled_from(people)), when=when, waiting=draw(st.booleans()))
        if fate == "walks in":
            story.confirmed(session, name, via="walk-in", when=when)


def _roll(story: Story, draw: Draw, session: Session, people: list[str]) -> None:
    there = draw(st.lists(st.sampled_from(people), unique=True))
    lines = [
        (name, draw(st.sampled_from((0, 20, 50))), draw(st.sampled_from(range(len(session.occasions)))))
        for name in there
    ]
    for name, minutes, nr in lines:
        story.mark(session, name, minutes, occasion=nr)
    story.attest(session, *lines, excused=there[:1] if draw(st.booleans()) else ())
    if draw(st.integers(0, 3)) == 0:
        story.reopen(session)
    for name, minutes, _ in lines:
        if draw(st.booleans()):
            story.sign(name, f"{session.occasions[0].starts_at:%Y-%m}", (session, minutes))
    grades: st.SearchStrategy[Any] = st.sampled_from(("high", "low", 3))
    for grade in draw(st.lists(grades, max_size=7)):
        audience: Any = draw(st.sampled_from(("participant", "manager")))
        story.answer(session, audience, helped=grade, confidence=draw(st.integers(1, 5)))
    story.invite(session, 4)
    story.head_count(session, draw(st.integers(0, 9)))


def _later(story: Story, draw: Draw, sessions: list[Session], people: list[str]) -> None:
    for session in sessions:
        happens = draw(st.sampled_from(("nothing", "nothing", "moved", "cancelled", "smaller")))
        if happens == "moved":
            story.rescheduled(session, occasion(session.name, 0, at("2025-03-03"), 60, 0))
        if happens == "smaller":
            story.changed(session, booking_v1.SessionCapacityChanged, capacity=3)
        if happens == "cancelled":
            story.called_off(session)
    if draw(st.booleans()):
        story.void(people[0], "2025-02")
    if draw(st.booleans()):
        story.merge(people[0], people[1], employment(people[0]), employment(people[1], "1880"))
    if draw(st.booleans()):
        story.bury(participants_v1.ParticipantChanged, str(id_of(people[-1])))
