"""Co-financing: the hours that employees attended, against the hours that their municipality promised.

Rule (product.md, Reporting 3): the project's attainment is Σ hours ÷ Σ commitments, never the mean of
the municipal ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import chain
from typing import Any

from services.reporting.days import Period
from services.reporting.forecast.rules import Standing, forecast, recent_days, show_rate
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of
from services.reporting.recompute.minutes import claimable, total
from services.reporting.recompute.model import Facts, Municipality
from services.reporting.shares import share


def cofinancing(facts: Facts, as_of: date, *, everything: bool = False) -> dict[str, Any]:
    """What GET /v1/cofinancing answers: occasions to that local day, commitments as promised on it.

    Hours without an employer are part of the project's attested minutes, and no municipality's. `everything` says that
    nobody asked for that day: it is the latest of all (`latest_day`) and cuts no month.
    """
    ledger, period = ledger_of(facts), Period(date.min, date.max if everything else as_of)
    attested = [row for row in ledger.attested if row.day in period]
    rows = _by_municipality(row for row in attested if row.employment is not None)
    municipalities = _municipalities(facts, rows)
    project = _line(ledger, attested, period, sum(one.commitment_on(as_of) for one in municipalities))
    unmatched = [row for row in attested if row.employment is None]
    lines = [
        {"code": one.code, "name": one.name} | _line(ledger, rows.get(one.code, []), period, one.commitment_on(as_of))
        for one in municipalities
    ]
    return {
        "project": project | {"unmatched_minutes": total(unmatched)},
        "municipalities": _with_forecasts(ledger, lines, rows, as_of),
    }


def latest_day(facts: Facts, today: date) -> date:
    """The day asked about when none is named: today, or that of a later occasion already attested."""
    return max([today, *(row.day for row in ledger_of(facts).attested)])


def _line(ledger: Ledger, rows: list[Attended], period: Period, commitment: int) -> dict[str, Any]:
    attested = total(rows)
    return {
        "commitment_minutes": commitment,
        "attested_minutes": attested,
        "claimable_minutes": claimable(ledger, rows, period, Selection())[1],
        "attainment": share(attested, commitment),
    }


def _with_forecasts(
    ledger: Ledger, lines: list[dict[str, Any]], rows: dict[str, list[Attended]], as_of: date
) -> list[dict[str, Any]]:
    seated = [row for row in ledger.seated if row.employment is not None]
    past = _by_municipality(row for row in seated if row.day <= as_of)
    coming = _by_municipality(row for row in seated if row.day > as_of)
    credited, scheduled = (chain.from_iterable(by.values()) for by in (rows, past))
    project_rate = show_rate(total(credited), total(scheduled), Fraction(1))
    result = []
    for line in lines:
        code = line["code"]
        standing = Standing(
            commitment=line["commitment_minutes"],
            attested=line["attested_minutes"],
            recent=total(row for row in rows.get(code, []) if row.day in recent_days(as_of)),
            scheduled_so_far=total(past.get(code, [])),
            booked=total(coming.get(code, [])),
        )
        result.append(line | forecast(standing, ledger.facts.project.period, as_of, project_rate))
    return result


def _by_municipality(rows: Iterable[Attended]) -> dict[str, list[Attended]]:
    groups: dict[str, list[Attended]] = defaultdict(list)
    for row in rows:
        groups[row.municipality].append(row)
    return groups


def _municipalities(facts: Facts, credited: Iterable[str]) -> list[Municipality]:
    """Those of the catalogue, and any with hours that the catalogue has not named yet; by code."""
    known = {one.code: one for one in facts.municipalities}
    unnamed = {code: Municipality(code, code, ()) for code in credited if code not in known}
    return [one for _, one in sorted((known | unnamed).items())]
