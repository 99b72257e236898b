"""Two participants who are one person count as one, under whichever id a fact came."""

from datetime import date
from itertools import permutations
from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from services.reporting.recompute.model import Facts
from tests.support.story import Story, at, employment

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


def told_twice() -> Story:
    """One person who was entered under two numbers: an hour as Ana at 1884, two as Anna at 1880."""
    story = Story()
    story.project(("signature_required", True, "2025-01-01"))
    story.municipality("1884")
    story.municipality("1880")
    story.person("Ana", employment("Ana", "1884"), gender="unknown", birth_year=None)
    story.person("Anna", employment("Anna", "1880"))
    first, second = story.session("s1", (at("2025-03-03"), 60)), story.session("s2", (at("2025-04-03"), 120))
    story.confirmed(first, "Ana")
    story.confirmed(second, "Anna", at_employer="1880")
    story.mark(first, "Ana", 60)
    story.mark(second, "Anna", 120)
    story.attest(first, ("Ana", 60))
    story.attest(second, ("Anna", 120))
    story.sign("Ana", "2025-03", (first, 60))
    story.sign("Anna", "2025-04", (second, 120))
    return story


def both() -> tuple[dict[str, object], ...]:
    return employment("Ana", "1884"), employment("Anna", "1880")


def merged() -> Story:
    story = told_twice()
    story.merge("Ana", "Anna", *both())
    return story


def of_the_year(facts: Facts) -> dict[str, Any]:
    return figures(facts, YEAR)


def test_who_was_entered_twice_is_one_unique_person_from_then_on() -> None:
    before, after = of_the_year(told_twice().facts()), of_the_year(merged().facts())
    assert before["unique_participants"]["total"] == 2
    assert after["unique_participants"]["total"] == 1
    assert after["unique_participants"]["by_gender"] == {"woman": 1, "man": 0, "non_binary": 0, "unknown": 0}
    assert after["unique_participants"]["by_municipality"] == {"1880": 1, "1884": 1}
    assert after["participations"]["total"] == 2
    assert after["minutes"] == before["minutes"]
    assert cofinancing(merged().facts(), YEAR.last) == cofinancing(told_twice().facts(), YEAR.last)


def test_the_merge_may_come_before_or_after_everything_else() -> None:
    story = merged()
    expected = of_the_year(story.facts())
    for told in ([*story.told[-2:], *story.told[:-2]], list(reversed(story.told))):
        assert of_the_year(story.facts(told)) == expected


def test_a_chain_of_merges_ends_at_the_last_participant_in_any_order() -> None:
    story = merged()
    story.merge("Anna", "Anneli", *both())
    *rest, one, of_anna, two, of_anneli = story.told
    for merges in permutations((one, of_anna, two, of_anneli)):
        answer = of_the_year(story.facts([*rest, *merges]))
        assert answer["unique_participants"]["total"] == 1
        assert answer["participations"]["by_municipality"] == {"1880": 1, "1884": 1}


def test_a_month_signed_under_both_ids_is_signed_once() -> None:
    story = merged()
    session = story.session("s1", (at("2025-03-03"), 60))
    story.sign("Anna", "2025-03", (session, 60))
    minutes = of_the_year(story.facts())["minutes"]
    assert (minutes["signed"], minutes["claimable"]) == (180, 180)


def test_merges_in_a_ring_end_the_counting_of_nothing_else() -> None:
    story = merged()
    story.merge("Anna", "Ana", *both())
    story.person("Bo")
    session = story.session("s3", (at("2025-05-05"), 60))
    story.attest(session, ("Bo", 60))
    assert of_the_year(story.facts())["minutes"]["attested"] == 240
