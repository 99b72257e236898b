"""Who may go to a session, and what keeps the others: asked before anybody registers. To explain, never to decide."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, text
from starlette.requests import Request
from starlette.responses import RedirectResponse

from services.booking.allocation.eligibility import OVERRIDABLE, Refusal
from services.booking.allocation.lock import Candidate, read_session
from services.booking.allocation.situation import Situation, load_situation
from services.booking.registrations.problems import problem_of
from services.booking.registrations.register import refusals_of
from shared.database.sorting import by_index
from shared.database.unit_of_work import Unit
from shared.web.pages.views import entered
from shared.web.problems import Problem

MOST = 200
# Only what is asked for stands in the statement: PostgreSQL keeps one plan for all values of a parameter, and one that
# may be null would make it read all staff.
PEOPLE = """
    SELECT f.id, f.participant_id, f.employment_id, f.municipality, f.given_name, f.family_name, f.workplace
      FROM staff f
     WHERE EXISTS (SELECT 1 FROM employment_periods p WHERE p.employment_id = f.employment_id
                      AND p.valid_from <= :day AND (p.valid_to IS NULL OR p.valid_to >= :day))
"""
ASKED = {
    "staff": "f.id = ANY(CAST(:staff AS uuid[]))",
    "municipality": "f.municipality = :municipality",
    "workplace": "f.workplace = :workplace",
    "near": "f.workplace = :near",
    "not_near": "f.workplace <> :not_near",
    "begin": """(f.name_key >= :begin AND f.name_key < CAST(:begin AS text) || chr(1114111)
            OR f.family_name_key >= :begin AND f.family_name_key < CAST(:begin AS text) || chr(1114111))""",
}
FEW = {"staff", "workplace", "near", "begin"}
"""What leaves few to be put in order."""


@cache
def _people(asked: frozenset[str]) -> TextClause:
    """The statement with these of its conditions."""
    conditions = "".join(f" AND {ASKED[name]}" for name in sorted(asked))
    return text(f"{PEOPLE}{conditions} ORDER BY f.name_order, f.id LIMIT :most")


LATEST_WORKPLACE = text(
    """
    SELECT f.workplace
      FROM (SELECT target FROM audit WHERE actor = :actor ORDER BY id DESC LIMIT 200) done
      JOIN registrations r ON done.target = 'registration/' || r.id
      JOIN staff f ON f.id = r.staff_id
     WHERE r.municipality = :municipality
     ORDER BY r.id DESC LIMIT 1
    """
)


@dataclass(frozen=True)
class Prospect:
    """A person, and the refusal that registering would meet now; None: the person may go.

    `overridable`: the coordinator may set the refusal aside.
    """

    staff_id: UUID
    name: str
    workplace: str
    problem: Problem | None
    overridable: bool


async def latest_workplace(unit: Unit) -> str | None:
    """Where those work whom the caller, of a municipality, registered last: a manager registers own people."""
    async with unit.as_system():  # a municipality does not read the audit
        found = await unit.one_or_none(LATEST_WORKPLACE, {"actor": unit.actor, "municipality": unit.municipality})
    return found["workplace"] if found else None


async def where_to_begin(unit: Unit, request: Request) -> RedirectResponse | None:
    """The way to the same page with the workplace of those whom the caller chose last; none when anything is asked, or
    the page shows a refusal.
    """
    if (
        entered(request).problem is not None
        or request.scope["searched"]
        or (latest := await latest_workplace(unit)) is None
    ):
        return None
    return RedirectResponse(f"{request.url.path}?{urlencode({'workplace': latest})}", 303)


async def prospects(
    unit: Unit,
    session_id: UUID,
    *,
    staff: Sequence[UUID] | None = None,
    municipality: str | None = None,
    workplace: str | None = None,
    begins_with: str | None = None,
    near: str | None = None,
    leaving: UUID | None = None,
) -> list[Prospect]:
    """Up to `MOST` persons of those that the caller may see and who are employed on the session's first day.

    Those of the workplace `near` stand first; `leaving` is a registration that would be given up for this.
    """
    session = await read_session(unit, session_id)
    given = {
        "staff": staff,
        "municipality": municipality,
        "workplace": workplace,
        "begin": begins_with.lower() if begins_with else None,
    }
    wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    rows: list[RowMapping] = []
    for part in [{}] if near is None else [{"near": near}, {"not_near": near}]:
        rows += await _asked(unit, wanted | part, session.first_day, MOST - len(rows))
    if not rows:
        return []
    candidates = [_candidate(row) for row in rows]
    async with unit.as_system():
        situation = _without(leaving, await load_situation(unit, session, candidates, unit.occurred_at))
    refusals = [found and found.as_seen_by(unit.municipality) for found in refusals_of(candidates, situation)]
    return [_prospect(row, found) for row, found in zip(rows, refusals, strict=True)]


async def _asked(unit: Unit, wanted: dict[str, Any], day: date, most: int) -> Sequence[RowMapping]:
    async with by_index(unit) if wanted.keys().isdisjoint(FEW) else nullcontext():
        return await unit.all(_people(frozenset(wanted)), wanted | {"day": day, "most": most})


def _candidate(row: RowMapping) -> Candidate:
    return Candidate(row["id"], row["participant_id"], row["employment_id"], row["municipality"])


def _prospect(row: RowMapping, found: Refusal | None) -> Prospect:
    name = f"{row['given_name']} {row['family_name']}"
    problem = problem_of(found) if found else None
    return Prospect(row["id"], name, row["workplace"], problem, found is not None and found.obstacle in OVERRIDABLE)


def _without(leaving: UUID | None, situation: Situation) -> Situation:
    if leaving is None:
        return situation
    return replace(situation, people={key: one.without(leaving) for key, one in situation.people.items()})
