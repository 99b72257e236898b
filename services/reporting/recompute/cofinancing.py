"""Co-financing: the hours that employees attended, against the hours that their municipality promised.

Rule (product.md, Reporting 3): the project's attainment is Σ hours ÷ Σ commitments, never the mean of
the municipal ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from services.reporting.days import Period
from services.reporting.forecast.rules import Standing, forecast, recent_days, show_rate
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of
from services.reporting.recompute.minutes import claimable, total
from services.reporting.recompute.model import UNMATCHED, Elsewhere, Facts, Municipality
from services.reporting.shares import share


@dataclass
class _Hours:
    """What is known of one municipality (or `unmatched`): rows, and sums of what lies outside the days of a report."""

    attested: list[Attended] = field(default_factory=list)
    past: list[Attended] = field(default_factory=list)
    booked: list[Attended] = field(default_factory=list)
    before: list[Elsewhere] = field(default_factory=list)
    after: list[Elsewhere] = field(default_factory=list)

    @property
    def attested_minutes(self) -> int:
        return total(self.attested) + sum(one.attested for one in self.before)

    @property
    def past_minutes(self) -> int:
        return total(self.past) + sum(one.scheduled for one in self.before)

    def standing(self, commitment: int, ahead_from: date) -> Standing:
        recent = [row for row in self.attested if row.day in recent_days(ahead_from)]
        return Standing(
            commitment=commitment,
            attested=self.attested_minutes,
            recent=total(recent) + sum(one.recent for one in self.before),
            scheduled_so_far=self.past_minutes,
            booked=total(self.booked) + sum(one.scheduled for one in self.after),
        )


def cofinancing(facts: Facts, as_of: date, today: date = date.max, *, everything: bool = False) -> dict[str, Any]:
    """What GET /v1/cofinancing answers: occasions to that local day, commitments as promised on it.

    Hours without an employer are part of the project's attested minutes, and no municipality's. `everything` says that
    nobody asked for that day: it is the latest of all (`latest_day`) and cuts no month. Facts that are a report's can
    say it of the last of its days only. A forecast looks ahead from today where `as_of` lies later.
    """
    ledger, period = ledger_of(facts), Period(date.min, date.max if everything else as_of)
    ahead_from = min(as_of, today)
    hours = _hours(ledger, period, ahead_from)
    municipalities = _municipalities(facts, (code for code, one in hours.items() if one.attested_minutes))
    commitments = {one.code: one.commitment_on(as_of) for one in municipalities}
    project = _line(ledger, list(hours.values()), period, sum(commitments.values()))
    credited = [one for code, one in hours.items() if code != UNMATCHED]
    rate = show_rate(
        sum(one.attested_minutes for one in credited), sum(one.past_minutes for one in credited), Fraction(1)
    )
    lines = []
    for one in municipalities:
        theirs, commitment = hours[one.code], commitments[one.code]
        line = {"code": one.code, "name": one.name} | _line(ledger, [theirs], period, commitment)
        standing = theirs.standing(commitment, ahead_from)
        lines.append(line | forecast(standing, facts.project.period, ahead_from, rate))
    unmatched = hours[UNMATCHED].attested_minutes
    return {"project": project | {"unmatched_minutes": unmatched}, "municipalities": lines}


def latest_day(facts: Facts, today: date) -> date:
    """The day asked about when none is named: today, or that of a later occasion already attested."""
    return max([today, *(row.day for row in ledger_of(facts).attested)])


def _hours(ledger: Ledger, period: Period, ahead_from: date) -> dict[str, _Hours]:
    facts = ledger.facts
    hours: dict[str, _Hours] = defaultdict(_Hours)
    for row in ledger.attested:
        if facts.takes(row.day) and row.day in period:
            hours[row.municipality].attested.append(row)
    for row in ledger.seated:
        if facts.takes(row.day):
            one = hours[row.municipality]
            (one.past if row.day <= ahead_from else one.booked).append(row)
    for sums in facts.elsewhere:
        one = hours[sums.municipality]
        (one.before if facts.is_before(sums) else one.after).append(sums)
    return hours


def _line(ledger: Ledger, hours: list[_Hours], period: Period, commitment: int) -> dict[str, Any]:
    attested = sum(one.attested_minutes for one in hours)
    claimed = claimable(ledger, [row for one in hours for row in one.attested], period, Selection())[1]
    before = sum(sums.claimable for one in hours for sums in one.before)
    return {
        "commitment_minutes": commitment,
        "attested_minutes": attested,
        "claimable_minutes": None if claimed is None else claimed + before,
        "attainment": share(attested, commitment),
    }


def _municipalities(facts: Facts, credited: Iterable[str]) -> list[Municipality]:
    """Those of the catalogue, and any with hours that the catalogue has not named yet; by code."""
    known = {one.code: one for one in facts.municipalities}
    unnamed = {code: Municipality(code, code, ()) for code in credited if code not in {*known, UNMATCHED}}
    return [one for _, one in sorted((known | unnamed).items())]
