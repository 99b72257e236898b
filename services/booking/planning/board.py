"""The planning board: what is held where in which week."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from services.booking.allocation.blackouts import BlackedOut, blackouts_of
from services.booking.allocation.rules import state_at
from services.booking.allocation.taken import seats_of
from services.booking.planning.bodies import BoardPlaceShown, BoardSessionShown, BoardShown, BoardWeekShown
from services.booking.planning.working_days import red_days
from shared.clock import day_end, day_start, local_day
from shared.database.unit_of_work import Unit

HELD = """
    SELECT s.id, s.course, c.title, s.host_municipality, s.venue, s.state, s.ends_at AS over_at, s.capacity,
           s.min_participants, o.starts_at, o.ends_at, registered.people, registered.waiting,
           s.state = 'scheduled'
               AND NOT EXISTS (SELECT FROM session_trainers t WHERE t.session_id = s.id) AS without_trainer,
           s.state = 'scheduled' AND coalesce(registered.people < s.min_participants, false) AS too_few MORE
      FROM occasions o JOIN sessions s ON s.id = o.session_id JOIN courses c ON c.code = s.course
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.status = 'confirmed') AS people,
                                count(*) FILTER (WHERE r.status = 'waitlisted') AS waiting
                           FROM registrations r WHERE r.session_id = s.id) AS registered
     WHERE o.ends_at > :begins AND o.starts_at < :ends AND (CAST(:course AS text) IS NULL OR s.course = :course)
     ORDER BY o.starts_at, s.id
"""
MORE = """,
           (SELECT coalesce(sum(seats), 0)::integer FROM (SEATS) AS kind WHERE what <> 'waitlisted') AS taken,
           BLACKOUTS AS blackouts
""".replace("SEATS", seats_of("s.id", ":now")).replace("BLACKOUTS", blackouts_of("s.id"))
OCCASIONS = text(HELD.replace("MORE", ""))
WITH_SEATS = text(HELD.replace("MORE", MORE)).columns(blackouts=JSONB)


async def occasions_between(
    unit: Unit, begins: datetime, ends: datetime, course: str | None = None
) -> Sequence[RowMapping]:
    """What is held between two times, cancelled sessions too, in order of their start, with what may go wrong."""
    async with unit.as_system():
        return await unit.all(OCCASIONS, {"begins": begins, "ends": ends, "course": course})


async def _with_seats(unit: Unit, begins: datetime, ends: datetime) -> Sequence[RowMapping]:
    """The same with the seats that are taken, and the blackouts."""
    async with unit.as_system():
        asked = {"begins": begins, "ends": ends, "now": unit.recorded_at, "course": None}
        return await unit.all(WITH_SEATS, asked)


async def board(unit: Unit, first: date, last: date) -> BoardShown:
    """The weeks that these days touch, with the places where something is held; cancelled sessions are left out."""
    monday = monday_of(first)
    held: dict[date, list[RowMapping]] = defaultdict(list)
    for row in await _with_seats(unit, day_start(monday), day_end(_sunday(last))):
        if row["state"] == "scheduled":
            held[max(monday, monday_of(local_day(row["starts_at"])))].append(row)
    return BoardShown(weeks=[_week(unit, each, held[each]) for each in _mondays(monday, last)])


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _mondays(monday: date, last: date) -> Iterator[date]:
    while monday <= last:
        yield monday
        monday += timedelta(days=7)


def _week(unit: Unit, monday: date, rows: Sequence[RowMapping]) -> BoardWeekShown:
    year, number, _ = monday.isocalendar()
    days = [monday + timedelta(days=each) for each in range(7)]
    places: dict[str, list[BoardSessionShown]] = defaultdict(list)
    for row in rows:
        places[row["host_municipality"]].append(_session(unit, row))
    return BoardWeekShown(
        week=f"{year}-W{number:02d}",
        monday=monday,
        red_days=[day for day in days if day in red_days(day.year)],
        places=[BoardPlaceShown(host_municipality=code, sessions=held) for code, held in sorted(places.items())],
    )


def _session(unit: Unit, row: RowMapping) -> BoardSessionShown:
    return BoardSessionShown(
        id=row["id"],
        course=row["course"],
        course_title=row["title"],
        venue=row["venue"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        state=state_at(row["state"], row["over_at"], unit.recorded_at),
        capacity=row["capacity"],
        free=max(0, row["capacity"] - row["taken"]),
        has_trainer=not row["without_trainer"],
        blacked_out=[each.municipality for each in BlackedOut.all(row["blackouts"])],
    )
