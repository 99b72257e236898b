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
    attested = within(ledger.attested, period, selection)
    scheduled = [row for row in within(ledger.seated, period, selection) if row.session.session_id in ledger.held]
    before, claimed = claimable(ledger, attested, period, selection)
    return {
        "scheduled": total(scheduled),
        "attended": total(within(ledger.marked, period, selection)),
        "attested": total(attested),
        "unmatched_minutes": total([row for row in attested if row.employment is None]),
        "signed": total(within(ledger.signed, period, selection)),
        "claimable": claimed,
        "lost_to_rounding": None if claimed is None else before - claimed,
    }


def claimable(
    ledger: Ledger, attested: Iterable[Attended], period: Period, selection: Selection
) -> tuple[int, int | None]:
    """What of these attested rows can be claimed, before and after rounding; None where they are a part of what is
    rounded as a whole.

    Claimable is what an employer can be credited with and, where the project demands signatures that day, is signed
    with the same minutes.
    """
    required, rounding = DatedSetting(ledger.facts.project, "signature_required"), Rounding(ledger.facts.project)
    rows = [
        row
        for row in attested
        if row.employment is not None and (row.signed == row.minutes or not required.on(row.day))
    ]
    one_course_of_months = selection.course is not None and any(rounding.is_monthly(row.day) for row in rows)
    if one_course_of_months or rounding.cuts(period):
        return total(rows), None
    return total(rows), rounding.total(rows)


def total(rows: Iterable[Attended]) -> int:
    return sum(row.minutes for row in rows)
