"""Words, numbers, periods: how a report speaks."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from math import dist

import pytest

from services.reporting.days import Period as Days
from services.reporting.reports.formats.markdown import to_html, to_tree
from services.reporting.reports.formatting import Unit, hours, instant, shown
from services.reporting.reports.periods import period_of
from services.reporting.reports.words import texts
from shared.emblem import HEIGHT, WIDTH, stars
from shared.sorting import swedish_order


@pytest.mark.parametrize(
    ("value", "unit", "swedish", "english"),
    [
        (1834, Unit.PERSONS, "1\u202f834", "1,834"),
        (hours(2_520_000), Unit.HOURS, "42\u202f000,0", "42,000.0"),
        (0.87, Unit.SHARE, "87,0\u202f%", "87.0%"),
        (1.1095, Unit.SHARE, "111,0\u202f%", "111.0%"),
        (4.6, Unit.MEAN, "4,60", "4.60"),
        (-15, Unit.MINUTES, "\u221215", "\u221215"),
        (None, Unit.MEAN, "–", "–"),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(
    value: int | float | Decimal | None, unit: Unit, swedish: str, english: str
) -> None:
    assert shown(value, unit, "sv") == swedish
    assert shown(value, unit, "en") == english


def test_a_value_is_rounded_half_up_from_the_unrounded_one() -> None:
    assert shown(hours(3), Unit.HOURS, "en") == "0.1"  # 0.05 hours
    assert shown(0.0005, Unit.SHARE, "en") == "0.1%"
    assert shown(hours(2), Unit.HOURS, "en") == "0.0"


def test_times_are_those_of_the_clock_in_sweden() -> None:
    assert instant(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "sv") == "1 januari 2026 kl. 00.30"


def test_names_stand_in_swedish_order() -> None:
    names = ["Örebro", "Askersund", "Ängelholm", "Åmål", "Laxå", "Lekeberg"]
    assert sorted(names, key=swedish_order) == ["Askersund", "Laxå", "Lekeberg", "Åmål", "Ängelholm", "Örebro"]


@pytest.mark.parametrize(
    ("written", "first", "last", "months"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31), 12),
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31), 3),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), 1),
    ],
)
def test_a_period_is_whole_months(written: str, first: date, last: date, months: int) -> None:
    period = period_of(written)
    assert (period.first, period.last) == (first, last)
    assert len(period.months()) == months
    assert period.months()[0].written == first.strftime("%Y-%m")


def test_the_projects_period_has_its_days_and_its_months_theirs() -> None:
    project = period_of("project", Days(date(2024, 11, 15), date(2025, 2, 28)))
    assert [(month.written, month.first.day, month.last.day) for month in project.months()] == [
        ("2024-11", 15, 30),
        ("2024-12", 1, 31),
        ("2025-01", 1, 31),
        ("2025-02", 1, 28),
    ]
    with pytest.raises(ValueError, match="not a period"):
        period_of("project", None)


@pytest.mark.parametrize("written", ["", "25", "2025Q5", "2025-13", "2025-1", "2025Q4 ", "1925", "2025-11-01"])
def test_anything_else_is_no_period(written: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        period_of(written)


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    for section in texts().values():
        for key, word in section.items():
            assert set(word) == {"sv", "en"}, key
            assert set(re.findall(r"{\w+}", word["sv"])) == set(re.findall(r"{\w+}", word["en"])), key


def test_the_flag_has_twelve_upright_stars_placed_like_the_hours() -> None:
    assert WIDTH * 2 == HEIGHT * 3
    tips = [tuple(map(float, points.split()[0].split(","))) for points in stars()]
    centres = [(x, y + HEIGHT / 18) for x, y in tips]  # each star stands on two legs, its first corner on top
    assert len(centres) == 12
    assert all(abs(dist(centre, (WIDTH / 2, HEIGHT / 2)) - HEIGHT / 3) < 0.02 for centre in centres)
    assert len({(round(x), round(y)) for x, y in centres}) == 12
    assert min(y for _, y in centres) == pytest.approx(HEIGHT / 2 - HEIGHT / 3, abs=0.02)


def test_markdown_cannot_bring_its_own_html_scripts_or_images() -> None:
    page = to_html("# A\n<script>x</script> [a](javascript:x) ![b](http://c/d.png) **e**")
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "<h3>A</h3>" in page
    assert "<strong>e</strong>" in page


def test_markdown_for_the_pdf_is_data() -> None:
    [paragraph, bullets] = to_tree('a *b* #panic("x")\n\n- c')
    assert paragraph["children"] == [
        {"kind": "text", "text": "a "},
        {"kind": "emphasis", "children": [{"kind": "text", "text": "b"}]},
        {"kind": "text", "text": ' #panic("x")'},
    ]
    assert bullets["kind"] == "bullets"
    assert bullets["children"][0]["kind"] == "item"
