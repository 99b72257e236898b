"""Minutes: each belongs to the local day of its occasion, and is stored as it was sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.reporting.days import Period
from services.reporting.recompute.ledger import Attended, Ledger, Selection, within
from services.reporting.recompute.model import DatedSetting
from services.reporting.recompute.rounding import Rounding


def measures(ledger: Ledger, period: Period, selection: Selection) -> Mapping[str, int | None]:
    """Scheduled (seats confirmed at the start of held sessions × occasion without breaks), attended (current marks,
    attested or not), attested (sealed rolls), the part of them without an employer, signed, claimable (rounded once, by
    the dated policy), and what that rounding lost.

    `lost_to_rounding` is negative where the policy rounds up more than down: attested evidence stays the measure.
    """
    rows = rows_of_kinds(ledger, period, selection)
    before, claimed = claimable(ledger, rows["attested"], period, selection)
    sums = {name: total(rows[name]) for name in rows if name != "claimable"}
    return {**sums, "claimable": claimed, "lost_to_rounding": None if claimed is None else before - claimed}


def persons_behind(ledger: Ledger, period: Period, selection: Selection) -> Mapping[str, int]:
    """How many persons each measure rests on."""
    rows = rows_of_kinds(ledger, period, selection)
    persons = {name: len({row.participant_id for row in of}) for name, of in rows.items()}
    return {**persons, "lost_to_rounding": persons["claimable"]}


def rows_of_kinds(ledger: Ledger, period: Period, selection: Selection) -> dict[str, list[Attended]]:
    """The rows that each measure sums up."""
    attested = within(ledger.attested, period, selection)
    seated = within(ledger.seated, period, selection)
    return {
        "scheduled": [row for row in seated if row.session.session_id in ledger.held],
        "attended": within(ledger.marked, period, selection),
        "attested": attested,
        "unmatched_minutes": [row for row in attested if row.employment is None],
        "signed": within(ledger.signed, period, selection),
        "claimable": claimed_rows(ledger, attested),
    }


def claimable(
    ledger: Ledger, attested: Iterable[Attended], period: Period, selection: Selection
) -> tuple[int, int | None]:
    """What of these attested rows can be claimed, before and after rounding; None where they are a part of what is
    rounded as a whole.

    Claimable is what an employer can be credited with and, where the project demands signatures that day, is signed
    with the same minutes.
    """
    rounding, rows = Rounding(ledger.facts.project), claimed_rows(ledger, attested)
    one_course_of_months = selection.course is not None and any(rounding.is_monthly(row.day) for row in rows)
    if one_course_of_months or rounding.cuts(period):
        return total(rows), None
    return total(rows), rounding.total(rows)


def claimed_rows(ledger: Ledger, attested: Iterable[Attended]) -> list[Attended]:
    required = DatedSetting(ledger.facts.project, "signature_required")
    return [
        row
        for row in attested
        if row.employment is not None and (row.signed == row.minutes or not required.on(row.day))
    ]


def total(rows: Iterable[Attended]) -> int:
    return sum(row.minutes for row in rows)
