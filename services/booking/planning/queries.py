"""Reading demand, and what a plan must know: sizes, closed days, and where each commitment stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.blackouts.queries import blackouts_between
from services.booking.catalogue.queries import all_commitments, by_municipality
from services.booking.planning.bodies import DemandShown, DemandsShown, MunicipalityDemandShown
from services.booking.planning.rules import median
from services.booking.planning.tables import Demand
from shared.database.unit_of_work import Unit

USUAL_CAPACITY: Final = 12
COURSES = text(
    """
    SELECT c.code, c.duration_minutes,
           (SELECT coalesce(array_agg(s.capacity), '{}') FROM sessions s
             WHERE s.course = c.code AND s.state = 'scheduled') AS capacities
      FROM courses c
    """
)
# Attested minutes are credited as reporting does it: to the employer of the registration if it was one that day, else
# to whoever was. Nearly all of them to the employer of the only registration that stands, who was it on all days of the
# session: those are joined and added up. What is found by none is looked up one by one, and day by day.
MINUTES = text(
    """
    WITH held AS MATERIALIZED (
        SELECT id, (starts_at AT TIME ZONE 'Europe/Stockholm')::date AS day,
               (ends_at AT TIME ZONE 'Europe/Stockholm')::date AS last_day
          FROM sessions
    ), found AS MATERIALIZED (
        SELECT p.municipality, sum(a.minutes) AS minutes,
               array_agg(a.session_id) FILTER (WHERE p.municipality IS NULL) AS sessions,
               array_agg(a.participant_id) FILTER (WHERE p.municipality IS NULL) AS people
          FROM attended a
          JOIN held s ON s.id = a.session_id
          LEFT JOIN (SELECT session_id, participant_id, employment_id FROM registrations
                      WHERE status = 'confirmed' AND NOT session_cancelled OFFSET 0) r
                 USING (session_id, participant_id)
          LEFT JOIN (SELECT employment_id, municipality, valid_from, valid_to FROM employment_periods OFFSET 0) p
            ON p.employment_id = r.employment_id
               AND s.day >= p.valid_from AND s.last_day <= coalesce(p.valid_to, 'infinity')
         GROUP BY p.municipality
    ), by_day AS MATERIALIZED (
        SELECT a.session_id, a.participant_id, coalesce(CAST(part.minutes AS integer), a.minutes) AS minutes,
               coalesce((SELECT (starts_at AT TIME ZONE 'Europe/Stockholm')::date FROM occasions
                          WHERE id = CAST(part.occasion_id AS uuid)), s.day) AS day
          FROM found CROSS JOIN unnest(found.sessions, found.people) AS other (session_id, participant_id)
          JOIN attended a USING (session_id, participant_id)
          JOIN held s ON s.id = a.session_id
          LEFT JOIN LATERAL jsonb_each_text(CASE WHEN s.day <> s.last_day THEN a.by_occasion ELSE '{}' END)
                 AS part (occasion_id, minutes) ON true
         WHERE found.municipality IS NULL
    ), credited AS (
        SELECT municipality, minutes FROM found
         UNION ALL
        SELECT coalesce((
            SELECT p.municipality FROM registrations r JOIN employment_periods p ON p.employment_id = r.employment_id
             WHERE r.session_id = a.session_id AND r.participant_id = a.participant_id
               AND a.day BETWEEN p.valid_from AND coalesce(p.valid_to, 'infinity')
             ORDER BY r.status = 'confirmed' DESC, r.id DESC LIMIT 1), (
            SELECT p.municipality FROM employment_periods p
             WHERE p.participant_id = a.participant_id
               AND a.day BETWEEN p.valid_from AND coalesce(p.valid_to, 'infinity')
             ORDER BY p.kind <> 'employed', p.valid_from DESC, p.employment_id LIMIT 1)), a.minutes
          FROM by_day a
    ), attested AS (
        SELECT municipality, sum(minutes) AS minutes FROM credited WHERE municipality IS NOT NULL GROUP BY municipality
    ), booked AS (
        SELECT r.municipality, sum(s.minutes)::bigint AS minutes
          FROM (SELECT s.id, (SELECT sum(floor(extract(epoch FROM o.ends_at - o.starts_at) / 60) - o.break_minutes)
                                FROM occasions o WHERE o.session_id = s.id) AS minutes
                  FROM sessions s
                 WHERE s.state = 'scheduled'
                   AND (SELECT attested FROM roll_states WHERE session_id = s.id) IS NOT TRUE OFFSET 0) s
          JOIN registrations r ON r.session_id = s.id AND r.status = 'confirmed'
         GROUP BY r.municipality
    )
    SELECT m.code, coalesce(attested.minutes, 0)::bigint AS attested, coalesce(booked.minutes, 0)::bigint AS booked
      FROM municipalities m
      LEFT JOIN attested ON attested.municipality = m.code
      LEFT JOIN booked ON booked.municipality = m.code
     ORDER BY m.code
    """
)


async def demand_row(unit: Unit, municipality: str, term: str, *, lock: bool = False) -> RowMapping | None:
    key = (col(Demand.municipality) == municipality, col(Demand.term) == term)
    statement = select(Demand).where(*key)
    return await unit.one_or_none(statement.with_for_update() if lock else statement)


async def demand(unit: Unit, municipality: str, term: str) -> tuple[DemandShown, int | None]:
    """A municipality's wishes and their revision; none at all when it has not stated any."""
    row = await demand_row(unit, municipality, term)
    if row is None:
        return DemandShown(wishes=[]), None
    return DemandShown.model_validate({"wishes": row["wishes"]}), row["revision"]


async def demands(unit: Unit, term: str) -> DemandsShown:
    """The wishes of all municipalities that the scope shows."""
    rows = await unit.all(select(Demand).where(col(Demand.term) == term).order_by(col(Demand.municipality)))
    return DemandsShown(items=[MunicipalityDemandShown.model_validate(dict(row)) for row in rows])


@dataclass(frozen=True)
class PlannedCourse:
    """How long a course is, and how many seats a session of it usually has."""

    duration_minutes: int
    size: int


async def planned_courses(unit: Unit) -> dict[str, PlannedCourse]:
    return {
        row["code"]: PlannedCourse(row["duration_minutes"], median(row["capacities"], USUAL_CAPACITY))
        for row in await unit.all(COURSES)
    }


async def closed_days(unit: Unit, first: date, last: date) -> Mapping[str, set[date]]:
    """The days on which each municipality can send nobody."""
    closed: dict[str, set[date]] = defaultdict(set)
    for row in await blackouts_between(unit, first, last):
        begin, end = max(row["from_day"], first), min(row["to_day"], last)
        closed[row["municipality"]] |= {begin + timedelta(days=number) for number in range((end - begin).days + 1)}
    return closed


@dataclass(frozen=True)
class Standing:
    """Where a municipality's commitment stands."""

    municipality: str
    commitment_minutes: int
    attested_minutes: int
    booked_minutes: int


async def standings(unit: Unit, day: date) -> Sequence[Standing]:
    """Of every municipality, with the commitment in force that day. Only in system scope."""
    histories = by_municipality(await all_commitments(unit))
    found = []
    for row in await unit.all(MINUTES):
        begun = [each.minutes for each in histories[row["code"]] if each.valid_from <= day]
        promised = begun[-1] if begun else next((each.minutes for each in histories[row["code"]]), 0)
        found.append(Standing(row["code"], promised, row["attested"], row["booked"]))
    return found
