"""The refusals of reports, each with what to do."""

from sqlalchemy import RowMapping

from shared.web.problems import Problem, conflict


def not_frozen(row: RowMapping) -> Problem:
    """409: the report has no content yet, or never will."""
    if row["state"] == "failed":
        return conflict(
            "report-failed",
            f"Rapporten kunde inte färdigställas: {row['reason']}. Beställ en ny.",
            f"The report could not be finished: {row['reason']}. Order a new one.",
            state=row["state"],
        )
    return conflict(
        "report-not-frozen",
        "Rapporten är inte färdig än. Vänta en stund och hämta den igen.",
        "The report is not finished yet. Wait a moment and get it again.",
        state=row["state"],
    )
