"""Minutes: each belongs to the local day of its occasion, and is stored as it was sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.reporting.days import Period
from services.reporting.recompute.ledger import Attended, Ledger, Selection, within
from services.reporting.recompute.model import DatedSetting
from services.reporting.recompute.rounding import Rounding


@dataclass(frozen=True, slots=True)
class Measure:
    """Minutes, and the rows that they rest on. None is a number that cannot be told of these rows alone."""

    rows: list[Attended]
    minutes: int | None

    @property
    def persons(self) -> int:
        return len({row.participant_id for row in self.rows})


def measures(ledger: Ledger, period: Period, selection: Selection) -> Mapping[str, Measure]:
    """Scheduled (seats confirmed at the start of held sessions × occasion without breaks), attended (current marks,
    attested or not), attested (sealed rolls), the part of them without an employer, signed, claimable (rounded once, by
    the dated policy), and what that rounding lost.

    `lost_to_rounding` is negative where the policy rounds up more than down: attested evidence stays the measure.
    """
    attested = within(ledger.attested, period, selection)
    scheduled = [row for row in within(ledger.seated, period, selection) if row.session.session_id in ledger.held]
    claimed = claimable(ledger, attested, period, selection)
    lost = None if claimed.minutes is None else total(claimed.rows) - claimed.minutes
    return {
        "scheduled": _sum(scheduled),
        "attended": _sum(within(ledger.marked, period, selection)),
        "attested": _sum(attested),
        "unmatched_minutes": _sum([row for row in attested if row.employment is None]),
        "signed": _sum(within(ledger.signed, period, selection)),
        "claimable": claimed,
        "lost_to_rounding": Measure(claimed.rows, lost),
    }


def claimable(ledger: Ledger, attested: Iterable[Attended], period: Period, selection: Selection) -> Measure:
    """What of these attested rows can be claimed; None where they are a part of what is rounded as a whole.

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
        return Measure(rows, None)
    return Measure(rows, rounding.total(rows))


def total(rows: Iterable[Attended]) -> int:
    return sum(row.minutes for row in rows)


def _sum(rows: list[Attended]) -> Measure:
    return Measure(rows, total(rows))
