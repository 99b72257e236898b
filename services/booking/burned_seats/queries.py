"""Counting burned seats. Whether a seat was filled depends on everybody's registrations: read in system scope."""

from datetime import date

from sqlalchemy import select, text
from sqlmodel import col

from services.booking.burned_seats.bodies import BurnedSeatsShown, BurnedShown
from services.booking.catalogue.tables import Municipality
from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit

KINDS = ("late", "no_show", "neutral")
# Of the seats that were left late as many are burned as stayed empty at the start: what was left first was filled
# first. Who had a seat again, or came all the same, burned none; who left once it had begun burned theirs (`kept`).
# Before the start it is what would be burned now. Whom an attested roll does not list was registered after the seal:
# not a no-show. An occasion that lasts beyond midnight is of the day on which it began, as in the figures.
COUNTED = text(
    """
    WITH held AS MATERIALIZED (
        SELECT s.id, s.capacity, s.starts_at, taught.minutes
          FROM sessions s
         CROSS JOIN LATERAL (
               SELECT max(o.starts_at) AS last,
                      sum(floor(extract(epoch FROM o.ends_at - o.starts_at) / 60) - o.break_minutes)::integer AS minutes
                 FROM occasions o WHERE o.session_id = s.id) AS taught
         WHERE s.state = 'scheduled' AND s.ends_at > :begins AND s.starts_at < :ends
           AND taught.last >= :begins AND taught.last < :ends
    ), left_late AS (
        SELECT r.municipality, CASE WHEN r.neutral THEN 'neutral' ELSE 'late' END AS kind, h.minutes,
               coalesce(at_start.kept, false) AS kept, coalesce(at_start.again, false) AS again,
               row_number() OVER (PARTITION BY h.id, coalesce(at_start.again, false)
                                  ORDER BY r.ended_at DESC, r.participant_id DESC) <= h.capacity - at_start.seats
                   AS is_empty
          FROM held h
          JOIN registrations r ON r.session_id = h.id AND r.late
                              AND r.confirmed_at IS NOT NULL AND r.ended_at IS NOT NULL
         CROSS JOIN LATERAL (
               SELECT count(*) AS seats, bool_or(o.id = r.id) AS kept,
                      bool_or(o.participant_id = r.participant_id) AS again
                 FROM registrations o
                WHERE o.session_id = h.id AND o.confirmed_at <= h.starts_at
                  AND (o.ended_at IS NULL OR o.ended_at > h.starts_at)) AS at_start
         WHERE NOT EXISTS (SELECT FROM attended a WHERE a.session_id = h.id
                              AND a.participant_id = r.participant_id AND a.minutes > 0)
    ), burned AS (
        SELECT municipality, kind, minutes FROM left_late WHERE kept OR NOT again AND is_empty
         UNION ALL
        SELECT r.municipality, CASE WHEN a.no_show THEN 'no_show' ELSE 'neutral' END, h.minutes
          FROM held h
          JOIN attended a ON a.session_id = h.id AND (a.no_show OR a.minutes = 0)
          JOIN registrations r ON r.session_id = h.id AND r.participant_id = a.participant_id
                              AND r.status = 'confirmed' AND r.confirmed_at IS NOT NULL
    )
    SELECT municipality, kind, count(*) AS seats, sum(minutes)::integer AS minutes FROM burned GROUP BY 1, 2
    """
)


async def burned_seats(unit: Unit, first: date, last: date) -> list[BurnedSeatsShown]:
    """What each municipality burned on sessions whose last occasion lies in these local days; a municipality's own."""
    async with unit.as_system():
        rows = await unit.all(COUNTED, {"begins": day_start(first), "ends": day_end(last)})
    counts = {
        (row["municipality"], row["kind"]): BurnedShown(seats=row["seats"], minutes=row["minutes"]) for row in rows
    }
    codes = await unit.all(select(col(Municipality.code)).order_by(col(Municipality.code)))
    seen = [row["code"] for row in codes if unit.municipality in (None, row["code"])]
    nothing = BurnedShown()
    return [
        BurnedSeatsShown(municipality=code, **{kind: counts.get((code, kind), nothing) for kind in KINDS})
        for code in seen
    ]
