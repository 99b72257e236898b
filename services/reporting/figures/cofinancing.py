"""Co-financing: the hours that employees attended, against the hours that their municipality promised.

Rule (product.md, Reporting 3): the project's attainment is Σ hours ÷ Σ commitments, never the mean of
the municipal ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from services.reporting.figures.forecast import Standing, forecast, recent_days, show_rate
from services.reporting.figures.ledger import Attended, Ledger, ledger_of
from services.reporting.figures.minutes import claimable_rows, total
from services.reporting.figures.model import UNMATCHED, Facts, Municipality
from services.reporting.figures.rounding import rounded, share


def cofinancing(facts: Facts, as_of: date) -> dict[str, Any]:
    """What GET /v1/cofinancing answers: occasions to that local day, commitments as promised on it.

    Hours without an employment in force are credited to nobody: they stand in the project's `unmatched_minutes`, not in
    its attainment, so the municipalities' rows sum to the project's line.
    """
    ledger = ledger_of(facts)
    rows = _by_municipality(row for row in ledger.attested if row.day <= as_of)
    unmatched = total(rows.pop(UNMATCHED, []))
    lines = [_line(ledger, one, rows.get(one.code, []), as_of) for one in _municipalities(facts, rows)]
    attested = sum(line["attested_minutes"] for line in lines)
    commitment = sum(line["commitment_minutes"] for line in lines)
    project = {
        "commitment_minutes": commitment,
        "attested_minutes": attested,
        "claimable_minutes": sum(line["claimable_minutes"] for line in lines),
        "attainment": share(attested, commitment),
        "unmatched_minutes": unmatched,
    }
    return {"project": project, "municipalities": _with_forecasts(ledger, lines, rows, as_of)}


def latest_day(facts: Facts, today: date) -> date:
    """The day asked about when none is named: today, or that of a later occasion already attested."""
    return max([today, *(row.day for row in ledger_of(facts).attested)])


def _line(ledger: Ledger, municipality: Municipality, rows: list[Attended], as_of: date) -> dict[str, Any]:
    commitment, attested = municipality.commitment_on(as_of), total(rows)
    return {
        "code": municipality.code,
        "name": municipality.name,
        "commitment_minutes": commitment,
        "attested_minutes": attested,
        "claimable_minutes": rounded(claimable_rows(ledger, rows), ledger.facts.project),
        "attainment": share(attested, commitment),
    }


def _with_forecasts(
    ledger: Ledger, lines: list[dict[str, Any]], rows: dict[str, list[Attended]], as_of: date
) -> list[dict[str, Any]]:
    past = _by_municipality(row for row in ledger.seated if row.day <= as_of)
    coming = _by_municipality(row for row in ledger.seated if row.day > as_of)
    attested = sum(line["attested_minutes"] for line in lines)
    project_rate = show_rate(attested, sum(total(past.get(line["code"], [])) for line in lines), Fraction(1))
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
