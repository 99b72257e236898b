"""The refusals of schedules, each with what to do."""

from services.reporting.schedules.rules import Every
from shared.web.problems import FieldError, Problem, conflict, invalid

_SV: dict[Every, tuple[str, str]] = {
    "month": ("månad", "2025-11"),
    "quarter": ("kvartal", "2025Q4"),
    "year": ("år", "2025"),
}


def already_delivered(period: str) -> Problem:
    """409: one report a period."""
    return conflict(
        "already-delivered",
        f"Rapporten för {period} är redan levererad. Beställ en ny version av den om något är rättat.",
        f"The report of {period} has been delivered already. Order a new version of it if something was corrected.",
    )


def other_period(every: Every) -> Problem:
    """422: the period is none of the schedule's."""
    word, example = _SV[every]
    return invalid(
        FieldError(
            "/period",
            "other-period",
            f"Schemat gäller varje {word}. Skriv perioden som {example}.",
            f"The schedule is of every {every}. Write the period as {example}.",
        )
    )


def needs_municipality() -> Problem:
    """422: a schedule names no municipality."""
    return invalid(
        FieldError(
            "/kind",
            "needs-municipality",
            "Den här rapporten gäller en kommun och beställs för sig. Välj en annan.",
            "This report is of one municipality and ordered by itself. Choose another.",
        )
    )
