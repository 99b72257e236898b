"""Merged participants: whatever the order of events, the figures are those of people who had one id all the time."""

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.days import Period
from services.reporting.facts.natural_key import natural_key
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from services.reporting.recompute.model import Facts
from shared.contracts.participants_v1 import ParticipantChanged, ParticipantsMerged
from shared.messaging.delivery import Event
from tests.support.assemble import StoredFact, assemble
from tests.support.story import Story, at, employment, id_of, stored

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
MUNICIPALITIES = ("1880", "1884")
MINUTES = st.sampled_from((0, 45, 60))
Became = dict[str, str]
"""The name of an id that ended -> the name of the one that remained."""


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, Became]:
    """People who were entered under one to three numbers each, on each session under one of them; some are marked
    again, and sealed, under another."""
    story = Story()
    story.project(("signature_required", True, "2025-01-01"))
    for code in MUNICIPALITIES:
        story.municipality(code)
    people = [[f"p{n}.{i}" for i in range(draw(st.integers(1, 3)))] for n in range(draw(st.integers(1, 4)))]
    employers = {name: draw(st.sampled_from(MUNICIPALITIES)) for names in people for name in names}
    for name, code in employers.items():
        story.person(name, employment(name, code))
    for number in range(draw(st.integers(1, 5))):
        present = [(draw(st.sampled_from(names)), draw(MINUTES)) for names in people]
        again = [(draw(st.sampled_from(names)), draw(MINUTES)) for names in people] if draw(st.booleans()) else []
        _session(story, number, present, again, employers, signed=draw(st.booleans()))
    return story, _merge(story, draw, people, employers)


def _session(
    story: Story,
    number: int,
    present: list[tuple[str, int]],
    again: list[tuple[str, int]],
    employers: dict[str, str],
    *,
    signed: bool,
) -> None:
    day = at("2025-01-15") + timedelta(days=60 * number)
    session = story.session(f"s{number}", (day, 60))
    for name, minutes in present:
        story.confirmed(session, name, at_employer=employers[name])
        story.mark(session, name, minutes)
    for name, minutes in again:
        story.mark(session, name, minutes)
    story.attest(session, *(again or present))
    for name, minutes in (again or present) if signed else ():
        story.sign(name, day.strftime("%Y-%m"), (session, minutes))


def _merge(story: Story, draw: st.DrawFn, people: list[list[str]], employers: dict[str, str]) -> Became:
    """In chains (a into b, b into c) or all into the last, in an order that is drawn."""
    became: Became = {}
    for names in people:
        last = names[-1]
        of_all = [employment(name, employers[name]) for name in names]
        for name, following in draw(st.permutations(list(pairwise(names)))):
            story.merge(name, draw(st.sampled_from((following, last))), *of_all)
            became[name] = last
        if len(names) > 1:
            story.person(last, *of_all)
    return became


def answers(facts: Facts) -> list[dict[str, Any]]:
    answered = [figures(facts, YEAR), *(figures(facts, YEAR, code) for code in MUNICIPALITIES)]
    return [*answered, cofinancing(facts, YEAR.last)]


@given(told=stories(), seed=st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_any_order_of_merges_and_facts_gives_the_figures_of_one_person(told: tuple[Story, Became], seed: int) -> None:
    story, became = told
    shuffled = sorted(story.told, key=lambda one: hash((seed, one.id)))
    as_one = assemble(_as_one(one, became) for one in story.told if not _of_ended(one, became))
    assert answers(story.facts(shuffled)) == answers(as_one)


def _as_one(told: Event, became: Became) -> StoredFact:
    """The fact as it would have come if the person had had the last id from the beginning."""
    fact = stored(told)
    ids = {str(id_of(name)): str(id_of(last)) for name, last in became.items()}
    text = json.dumps(fact.data)
    for ended, remains in ids.items():
        text = text.replace(ended, remains)
    data, key = json.loads(text), ids.get(fact.key, fact.key)
    place = natural_key(fact.type, key, fact.event_id, data)
    times = (fact.sequence, fact.occurred_at, fact.recorded_at)
    return StoredFact(fact.event_id, fact.type, key, place, *times, data)


def _of_ended(told: Event, became: Became) -> bool:
    """What nobody publishes of a person who had one id all the time: attributes under another, and the merge."""
    ended = {str(id_of(name)) for name in became}
    merge, attributes = ParticipantsMerged.ce_type, ParticipantChanged.ce_type
    return told.type == merge or (told.type == attributes and told.key in ended)
