"""The rows behind each figure of a report make that figure, by the report's own rows."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from services.reporting.days import Period
from services.reporting.drill.measures import MEASURES, SHARES, found
from services.reporting.recompute.behind import BEHIND, Row, behind
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from services.reporting.recompute.indicators import indicators
from services.reporting.recompute.model import Facts
from services.reporting.recompute.narrow import narrowed
from tests.support.story import Story, at, employment

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))
HALF_HOURS = {"unit_minutes": 30, "mode": "up", "per": "occasion"}


def a_year(*, per: str = "occasion") -> Facts:
    """Two sessions in two months, one with two days, one cancelled; something behind each figure."""
    story = Story()
    story.project(("rounding", HALF_HOURS | {"per": per}, "2025-01-01"))
    story.municipality("1884", (60_000, "2025-01-01"), name="Nora")
    story.qualified("t", "2025-02-10", starts="2026-03-01", ends="2025-04-01")
    february = story.session("february", (at("2025-02-03"), 180), capacity=20)
    march = story.session("march", (at("2025-03-03"), 180), (at("2025-03-10"), 60), capacity=20)
    for number in range(8):
        who = f"p{number}"
        if number < 7:
            story.person(who, employment(who, "1884" if number else "1885"), birth_year=1960 + 8 * number)
        for session in (february, march):
            story.confirmed(session, who)
    story.cancelled(march, "p6", when=at("2025-03-02"), late=True)
    story.attest(february, *((f"p{number}", 100 + number) for number in range(4)))
    story.attest(march, *((f"p{number}", 100 + number) for number in (1, 2, 3, 7)))
    story.sign("p1", "2025-02", (february, 101))
    story.mark(march, "p5", 30)
    story.called_off(story.session("gone", (at("2025-03-04"), 180)))
    story.head_count(march, 3)
    story.invite(march, 9)
    for number in range(6):
        support = ("not_needed", "fully", "partly")[number % 3]
        grade = ("high", "fairly_high", "low")[number % 3]
        story.answer(march, helped=grade, confidence=3 + number % 3, language_support=support)
        story.answer(march, "manager", applied=grade, effect=number)
    return story.facts()


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(f"{path}.{key}" if path else key, inner)
    else:
        yield path, value


def stated(facts: Facts, period: Period, municipality: str | None) -> Iterator[tuple[str, int]]:
    """Every number that a report says and that has rows."""
    table = cofinancing(facts, period.last)
    lines = {one["code"]: one for one in table["municipalities"]}
    told = {
        **figures(facts, period, municipality),
        "cofinancing": {"project": table["project"], "municipalities": lines},
        **(indicators(facts, period) if municipality is None else {}),
    }
    for path, value in leaves("", told):
        if isinstance(value, int) and found(path) is not None and not SHARES.fullmatch(path):
            yield path, value


def amount(path: str, rows: list[Row]) -> int:
    for begin, summed in (("minutes.", "minutes"), ("cofinancing.", "minutes"), ("seats.offered", "capacity")):
        if path.startswith(begin):
            return sum(row[summed] for row in rows)
    return len(rows)


@pytest.mark.parametrize("municipality", [None, "1884"])
@pytest.mark.parametrize("period", [YEAR, MARCH])
@pytest.mark.parametrize("per", ["occasion", "person_month"])
def test_each_figure_of_a_report_is_its_rows(per: str, period: Period, municipality: str | None) -> None:
    taken = narrowed(a_year(per=per), period)
    seen = set()
    for path, value in stated(taken, period, municipality):
        name, keys = found(path) or ("", ())
        seen.add(name)
        assert amount(path, behind(taken, period, municipality, name, keys)) == value, path
    assert len(seen) > (40 if municipality is None else 20), "or nothing was compared"


def test_months_before_a_report_stand_as_their_sums() -> None:
    rows = behind(narrowed(a_year(), MARCH), MARCH, None, *(found("cofinancing.project.attested_minutes") or ("", ())))
    sums = [row for row in rows if "month" in row]
    assert {(row["month"], row["municipality"]): row["minutes"] for row in sums} == {
        ("2025-02", "1884"): 101 + 102 + 103,
        ("2025-02", "1885"): 100,
    }
    assert {"participant_id", "session_id", "day", "minutes"} <= set(next(row for row in rows if row not in sums))


def test_rows_name_nobody_behind_answers_and_tell_the_persons_group() -> None:
    facts = narrowed(a_year(), YEAR)
    answers = behind(facts, YEAR, None, "surveys.participant.helped.high", ())
    assert answers == [{"question": "helped", "answer": "high", "number": number} for number in (1, 2)]
    [first, *_] = behind(facts, YEAR, None, "unique_participants.total", ())
    assert set(first) == {"participant_id", "gender", "age_group"}


def test_whatever_has_rows_today_has_them_in_a_report() -> None:
    assert set(BEHIND) == set(MEASURES)
