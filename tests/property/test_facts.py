"""Facts: whatever the order and however often events arrive, the figures are the same."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.days import Period
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from services.reporting.recompute.model import Facts
from tests.support.assemble import Assembly
from tests.support.story import Session, Story, at, employment, stored

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
MUNICIPALITIES = ("1880", "1884", "1885")
TITLES = (("assistant_nurse", "base"), ("support_assistant", "base"), ("nurse", "licensed"), ("unit_manager", "other"))
GENDERS = ("woman", "man", "non_binary", "unknown")

draws = st.integers(0, 2**31)


@st.composite
def stories(draw: st.DrawFn, people: int = 12, sessions: int = 4) -> Story:
    """Some people on some sessions: registered, cancelled, marked, attested, corrected, signed, asked."""
    story = Story()
    story.project(
        ("rounding", {"unit_minutes": 30, "mode": "half_up", "per": "occasion"}, "2025-01-01"),
        ("signature_required", True, "2025-06-01"),
    )
    for code in MUNICIPALITIES:
        story.municipality(code)
    who = [_person(story, draw, number) for number in range(draw(st.integers(1, people)))]
    for number in range(draw(st.integers(1, sessions))):
        _session(story, draw, number, who)
    return story


def _person(story: Story, draw: st.DrawFn, number: int) -> tuple[str, str]:
    name, code = f"p{number}", draw(st.sampled_from(MUNICIPALITIES))
    title, category = draw(st.sampled_from(TITLES))
    gender, born = draw(st.sampled_from(GENDERS)), draw(st.sampled_from((1960, 1980, 2000, None)))
    story.person(name, employment(name, code, title=title, category=category), gender=gender, birth_year=born)
    return name, code


def _session(story: Story, draw: st.DrawFn, number: int, people: list[tuple[str, str]]) -> None:
    day = at("2025-02-01") + timedelta(days=80 * number)
    session = story.session(f"s{number}", (day, 100), (day + timedelta(days=1), 50), course=draw(st.sampled_from("AB")))
    lines: list[tuple[str, int, int]] = []
    for name, code in people:
        fate = draw(st.sampled_from(("absent", "present", "partial", "cancelled", "elsewhere")))
        if fate == "elsewhere":
            continue
        story.confirmed(session, name, at_employer=code)
        if fate == "cancelled":
            story.cancelled(session, name, when=day - timedelta(days=1), late=draw(st.booleans()))
            continue
        minutes = {"absent": 0, "present": 100, "partial": 35}[fate]
        story.mark(session, name, minutes)
        lines += [(name, minutes, 0), (name, minutes // 2, 1)]
    _end(story, draw, session, day.strftime("%Y-%m"), lines)


def _end(story: Story, draw: st.DrawFn, session: Session, month: str, lines: list[tuple[str, int, int]]) -> None:
    story.attest(session, *lines)
    if draw(st.booleans()):
        story.reopen(session)
        if draw(st.booleans()):
            story.attest(session, *((who, minutes // 2, occasion) for who, minutes, occasion in lines))
    for who, minutes, occasion in lines:
        if occasion == 0 and draw(st.booleans()):
            story.sign(who, month, (session, minutes))
    for grade in draw(st.lists(st.sampled_from(("high", "fairly_high", "low")), max_size=12)):
        story.answer(session, helped=grade, confidence=4)
    if draw(st.integers(0, 5)) == 0:
        story.called_off(session)


def everything(facts: Facts) -> list[dict[str, Any]]:
    """All that reporting answers about these facts."""
    by_municipality = [figures(facts, YEAR, code) for code in MUNICIPALITIES]
    return [figures(facts, YEAR), *by_municipality, figures(facts, YEAR, None, "A"), cofinancing(facts, YEAR.last)]


@given(story=stories(), seed=draws)
@settings(max_examples=40, deadline=None)
def test_any_order_and_any_duplication_of_events_gives_the_same_figures(story: Story, seed: int) -> None:
    told = [*story.told, *story.told[:: 1 + seed % 3]]
    shuffled = sorted(told, key=lambda one: hash((seed, one.id)))
    assert everything(story.facts(shuffled)) == everything(story.facts())


@given(story=stories(), cut=draws)
@settings(max_examples=25, deadline=None)
def test_facts_added_bit_by_bit_are_the_facts_added_at_once(story: Story, cut: int) -> None:
    kept = [stored(one) for one in story.told]
    cut %= len(kept)
    assembly = Assembly()
    for part in (kept[cut:], kept[:cut], kept[cut:]):
        assembly.add(part)
        assembly.facts()
    assert len(assembly) == len(kept)
    assert everything(assembly.facts()) == everything(story.facts())


@given(story=stories())
@settings(max_examples=40, deadline=None)
def test_the_parts_sum_to_the_whole(story: Story) -> None:
    whole, *parts, _, shares = everything(story.facts())
    for measure, minutes in whole["minutes"].items():
        assert sum(part["minutes"][measure] for part in parts) == minutes, measure
    for fate in ("confirmed", "cancelled_in_time", "cancelled_late", "no_show", "walk_in"):
        assert sum(part["seats"][fate] for part in parts) == whole["seats"][fate], fate
    for name in ("by_category", "by_title", "by_course", "by_municipality"):
        assert sum(whole["participations"][name].values()) == whole["participations"]["total"], name
    for name in ("by_gender", "by_age"):
        assert sum(whole["unique_participants"][name].values()) == whole["unique_participants"]["total"], name
    assert shares["project"]["attested_minutes"] == whole["minutes"]["attested"]
    assert shares["project"]["claimable_minutes"] == whole["minutes"]["claimable"]
