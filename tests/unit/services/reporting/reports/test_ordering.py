"""Which periods can be reported."""

from datetime import date

import pytest

from services.reporting.days import Period
from services.reporting.reports.order_report import check_period
from shared.web.problems import Problem

PROJECT = Period(date(2025, 1, 1), date(2027, 6, 30))
TODAY = date(2026, 2, 10)


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("2024", "period-outside-project"),
        ("2024Q4", "period-outside-project"),
        ("2027-07", "period-outside-project"),
        ("2031", "period-outside-project"),
        ("2026-03", "period-not-begun"),
        ("2027", "period-not-begun"),
    ],
)
def test_a_period_outside_the_project_or_not_begun_is_refused(written: str, refused: str) -> None:
    with pytest.raises(Problem) as found:
        check_period(written, PROJECT, TODAY)
    assert (found.value.status, found.value.name, found.value.errors[0].pointer) == (422, refused, "/period")


@pytest.mark.parametrize("written", ["2025", "2026", "2026Q1", "2026-02", "project"])
def test_a_period_that_has_begun_can_be_reported(written: str) -> None:
    check_period(written, PROJECT, TODAY)


def test_the_projects_period_has_to_be_known() -> None:
    with pytest.raises(Problem, match="period-outside-project"):
        check_period("project", None, TODAY)
    check_period("2025", None, TODAY)
