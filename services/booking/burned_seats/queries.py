"""Counting burned seats. Whether a seat was filled depends on everybody's registrations: read in system scope."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.burned_seats.bodies import BurnedSeatsShown, BurnedShown
from services.booking.burned_seats.rules import Burned, Had, burned
from services.booking.catalogue.tables import Municipality
from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit

# Session by session (OFFSET keeps PostgreSQL from joining all rolls with all registrations). Whom an attested roll does
# not list was registered after the seal: not a no-show.
HAD = text(
    """
    SELECT s.id, s.capacity, s.starts_at, s.minutes, r.participant_id, r.municipality, r.confirmed_at, r.ended_at,
           coalesce(r.late, false) AS late, coalesce(r.neutral, false) AS neutral,
           coalesce(a.minutes, 0) > 0 AS came,
           CASE WHEN r.status <> 'confirmed' THEN NULL
                WHEN a.no_show THEN 'no_show'
                WHEN a.minutes = 0 THEN 'neutral' END AS absent
      FROM (SELECT s.id, s.capacity, s.starts_at,
                   (SELECT sum(extract(epoch FROM o.ends_at - o.starts_at) / 60 - o.break_minutes)::integer
                      FROM occasions o WHERE o.session_id = s.id) AS minutes
              FROM sessions s
             WHERE s.state = 'scheduled' AND s.ends_at >= :begins AND s.ends_at < :ends OFFSET 0) s
      JOIN registrations r ON r.session_id = s.id AND r.confirmed_at IS NOT NULL
      LEFT JOIN LATERAL (SELECT minutes, no_show FROM attended
                          WHERE session_id = s.id AND participant_id = r.participant_id OFFSET 0) a ON true
     ORDER BY s.id
    """
)


async def burned_seats(unit: Unit, first: date, last: date) -> list[BurnedSeatsShown]:
    """What each municipality burned on sessions whose last occasion lies in these local days; a municipality's own."""
    async with unit.as_system():
        rows = await unit.all(HAD, {"begins": day_start(first), "ends": day_end(last)})
    counts: dict[tuple[str, Burned], BurnedShown] = defaultdict(BurnedShown)
    for _, of_session in groupby(rows, key=lambda row: row["id"]):
        _count(counts, list(of_session))
    codes = await unit.all(select(col(Municipality.code)).order_by(col(Municipality.code)))
    seen = [row["code"] for row in codes if unit.municipality in (None, row["code"])]
    return [BurnedSeatsShown(municipality=code, **{kind: counts[code, kind] for kind in Burned}) for code in seen]


def _count(counts: dict[tuple[str, Burned], BurnedShown], rows: Sequence[RowMapping]) -> None:
    session = rows[0]
    for place in burned(session["capacity"], session["starts_at"], [_had(row) for row in rows]):
        counts[place].seats += 1
        counts[place].minutes += session["minutes"]


def _had(row: RowMapping) -> Had:
    return Had(
        row["participant_id"],
        row["municipality"],
        row["confirmed_at"],
        row["ended_at"],
        row["late"],
        row["neutral"],
        row["came"],
        Burned(row["absent"]) if row["absent"] else None,
    )
