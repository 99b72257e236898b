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
# session; the periods of an employment follow each other without a gap, so its first and last day tell, and they are
# looked at only where they do not hold all sessions. What is credited by none is looked up one by one, and day by day:
# it stands in the set of all. (Of that set the planner makes sums without sorting everything by municipality.)
MINUTES = text(
    """
    WITH held AS MATERIALIZED (
        SELECT s.id, (s.starts_at AT TIME ZONE 'Europe/Stockholm')::date AS day,
               (s.ends_at AT TIME ZONE 'Europe/Stockholm')::date AS last_day,
               CASE WHEN s.state = 'scheduled' AND sealed.session_id IS NULL THEN (
                    SELECT sum(floor(extract(epoch FROM o.ends_at - o.starts_at) / 60) - o.break_minutes)::integer
                      FROM occasions o WHERE o.session_id = s.id) END AS booked
          FROM sessions s
          LEFT JOIN (SELECT session_id FROM roll_states WHERE attested OFFSET 0) sealed ON sealed.session_id = s.id
    ), partly AS MATERIALIZED (
        SELECT employment_id, min(valid_from) AS first_day, max(coalesce(valid_to, 'infinity')) AS last_day
          FROM employment_periods
         WHERE valid_from > (SELECT min(day) FROM held) OR valid_to < (SELECT max(last_day) FROM held)
         GROUP BY employment_id
    ), found AS MATERIALIZED (
        SELECT municipality, sum(minutes) FILTER (WHERE employed) AS minutes, sum(booked) AS booked,
               array_agg(session_id) FILTER (WHERE NOT employed AND minutes IS NOT NULL) AS sessions,
               array_agg(participant_id) FILTER (WHERE NOT employed AND minutes IS NOT NULL) AS people,
               grouping(municipality) = 1 AS of_all
          FROM (SELECT r.municipality, session_id, participant_id, a.minutes, s.booked,
                       r.employment_id IS NOT NULL AND (p.employment_id IS NULL OR s.day >= p.first_day
                                                        AND s.last_day <= p.last_day) AS employed
                  FROM attended a
                  FULL JOIN (SELECT session_id, participant_id, employment_id, municipality FROM registrations
                              WHERE status = 'confirmed' AND NOT session_cancelled OFFSET 0) r
                         USING (session_id, participant_id)
                  JOIN held s ON s.id = session_id
                  LEFT JOIN partly p ON p.employment_id = r.employment_id) AS either
         GROUP BY GROUPING SETS ((municipality), ())
    ), by_day AS MATERIALIZED (
        SELECT a.session_id, a.participant_id, coalesce(CAST(part.minutes AS integer), a.minutes) AS minutes,
               coalesce((SELECT (starts_at AT TIME ZONE 'Europe/Stockholm')::date FROM occasions
                          WHERE id = CAST(part.occasion_id AS uuid)), s.day) AS day
          FROM found CROSS JOIN unnest(found.sessions, found.people) AS other (session_id, participant_id)
          JOIN attended a USING (session_id, participant_id)
          JOIN held s ON s.id = a.session_id
          LEFT JOIN LATERAL jsonb_each_text(CASE WHEN s.day <> s.last_day THEN a.by_occasion ELSE '{}' END)
                 AS part (occasion_id, minutes) ON true
         WHERE found.of_all
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
    )
    SELECT m.code, coalesce(attested.minutes, 0)::bigint AS attested, coalesce(found.booked, 0)::bigint AS booked
      FROM municipalities m
      LEFT JOIN attested ON attested.municipality = m.code
      LEFT JOIN found ON found.municipality = m.code
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
