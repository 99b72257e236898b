"""Minutes: each belongs to the local day of its occasion, and is stored as it was sealed."""

from __future__ import annotations

from collections.abc import Iterable

from services.reporting.figures.ledger import Attended, Ledger, Selection, within
from services.reporting.figures.model import DatedSetting, Period
from services.reporting.figures.rounding import rounded


def minutes(ledger: Ledger, period: Period, selection: Selection) -> dict[str, int]:
    """Scheduled (seats confirmed at the start × occasion without breaks), attended (current marks, attested or not),
    attested (sealed rolls), signed, claimable (rounded once, by the dated policy), and what that rounding lost.

    `lost_to_rounding` is negative where the policy rounds up more than down: attested evidence stays the measure.
    """
    attested = within(ledger.attested, period, selection)
    provable = claimable_rows(ledger, attested)
    claimable = rounded(provable, ledger.facts.project)
    return {
        "scheduled": total(within(ledger.seated, period, selection)),
        "attended": total(within(ledger.marked, period, selection)),
        "attested": total(attested),
        "signed": total(within(ledger.signed, period, selection)),
        "claimable": claimable,
        "lost_to_rounding": total(provable) - claimable,
    }


def total(rows: Iterable[Attended]) -> int:
    return sum(row.minutes for row in rows)


def claimable_rows(ledger: Ledger, rows: Iterable[Attended]) -> list[Attended]:
    """Attested rows that, where the project demands signatures that day, are signed with the same minutes."""
    required = DatedSetting(ledger.facts.project, "signature_required")
    return [row for row in rows if row.signed == row.minutes or not required.on(row.day)]
