"""Reading absences, the sessions that they touch, and who could teach these."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.absences.bodies import AbsenceShown, AffectedShown, CandidateShown
from services.booking.absences.rules import Colleague
from services.booking.allocation.rules import Period
from services.booking.trainers.rules import is_active
from services.booking.trainers.tables import Trainer, TrainerAbsence
from shared.clock import day_end, day_start, last_day, local_day
from shared.codes import code_key
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.sorting import swedish_order
from shared.web.cursors import Page
from shared.web.problems import not_found

AROUND: Final = timedelta(days=30)
TAUGHT = text(
    """
    SELECT s.id FROM sessions s
      JOIN session_trainers teaching ON teaching.session_id = s.id AND teaching.trainer_id = :trainer
     WHERE s.state = 'scheduled'
       AND EXISTS (SELECT FROM occasions o WHERE o.session_id = s.id AND o.ends_at > :at
                      AND o.starts_at < :ends AND o.ends_at > :begins)
       AND NOT EXISTS (SELECT FROM roll_states r WHERE r.session_id = s.id AND r.attested)
     ORDER BY s.starts_at, s.id
    """
)
COLLEAGUES = text(
    """
    SELECT t.id, t.name, t.home_municipality, t.qualifications, t.active_from, t.active_to,
           EXISTS (SELECT FROM trainer_absences a WHERE a.trainer_id = t.id
                      AND EXISTS (SELECT FROM unnest(CAST(:days AS date[])) AS day
                                   WHERE day BETWEEN a.from_day AND a.to_day)) AS absent,
           EXISTS (SELECT FROM session_trainers x
                     JOIN sessions s ON s.id = x.session_id AND s.state = 'scheduled'
                     JOIN occasions o ON o.session_id = s.id
                     JOIN unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
                          AS wanted (starts_at, ends_at)
                       ON wanted.starts_at < o.ends_at AND o.starts_at < wanted.ends_at
                    WHERE x.trainer_id = t.id) AS busy,
           (SELECT count(*) FROM session_trainers x
              JOIN sessions s ON s.id = x.session_id AND s.state = 'scheduled'
             WHERE x.trainer_id = t.id AND s.starts_at BETWEEN :earliest AND :latest) AS assignments
      FROM trainers t
     WHERE NOT EXISTS (SELECT FROM session_trainers own WHERE own.session_id = :session AND own.trainer_id = t.id)
    """
)


async def sessions_taught(unit: Unit, trainer_id: UUID, first: date, last: date, at: datetime) -> list[UUID]:
    """The trainer's sessions with an occasion on these days that is not over, in order of their start; a session whose
    roll is attested has been taught.
    """
    asked = {"trainer": trainer_id, "begins": day_start(first), "ends": day_end(last), "at": at}
    return [row["id"] for row in await unit.all(TAUGHT, asked)]


async def colleagues_of(
    unit: Unit, session_id: UUID, periods: Sequence[Period], starts_at: datetime, qualification: str | None
) -> list[Colleague]:
    """Every trainer who does not teach the session yet, as it stands to the occasions that are left of it."""
    days = {day for one in periods for day in (local_day(one.starts_at), last_day(one.ends_at))}
    asked = {
        "session": session_id,
        "days": list(days),
        "starts": [period.starts_at for period in periods],
        "ends": [period.ends_at for period in periods],
        "earliest": starts_at - AROUND,
        "latest": starts_at + AROUND,
    }
    first_day = local_day(starts_at)
    return [_colleague(row, days, first_day, qualification) for row in await unit.all(COLLEAGUES, asked)]


def _colleague(row: RowMapping, days: Collection[date], first_day: date, qualification: str | None) -> Colleague:
    held = {
        code_key(each["code"]) for each in row["qualifications"] if date.fromisoformat(each["obtained_on"]) <= first_day
    }
    return Colleague(
        row["id"],
        row["home_municipality"],
        qualified=qualification is None or code_key(qualification) in held,
        active=is_active(row["active_from"], row["active_to"], days),
        absent=row["absent"],
        busy=row["busy"],
        assignments=row["assignments"],
        sort_name=swedish_order(row["name"]),
    )


async def absence(unit: Unit, trainer_id: UUID, absence_id: UUID) -> AbsenceShown:
    """One absence of a trainer. Raises 404."""
    own = (col(TrainerAbsence.id) == absence_id, col(TrainerAbsence.trainer_id) == trainer_id)
    row = await unit.found(select(TrainerAbsence).where(*own), missing=not_found("Frånvaron", "The absence"))
    [shown] = await absences_shown(unit, [row])
    return shown


async def absences_page(unit: Unit, trainer_id: UUID, page: Page) -> Sequence[RowMapping]:
    """A trainer's absences in the order in which they were reported."""
    statement = select(TrainerAbsence).where(col(TrainerAbsence.trainer_id) == trainer_id)
    return await unit.all(page.cut(statement, col(TrainerAbsence.id)))


async def absences_shown(unit: Unit, rows: Sequence[RowMapping]) -> list[AbsenceShown]:
    """Absences with the present names of those who could stand in."""
    ids = {UUID(one["trainer_id"]) for row in rows for session in row["affected"] for one in session["candidates"]}
    known = {row["id"]: row for row in await unit.all(select(Trainer).where(among(col(Trainer.id), ids)))}
    return [
        AbsenceShown(
            id=row["id"],
            trainer_id=row["trainer_id"],
            from_=row["from_day"],
            to=row["to_day"],
            reason=row["reason"],
            affected=[_affected(session, known) for session in row["affected"]],
        )
        for row in rows
    ]


def _affected(session: Mapping[str, Any], known: Mapping[UUID, RowMapping]) -> AffectedShown:
    trainers = [(known[UUID(one["trainer_id"])], one["assignments"]) for one in session["candidates"]]
    return AffectedShown(
        session_id=session["session_id"],
        outcome=session["outcome"],
        candidates=[
            CandidateShown(
                trainer_id=trainer["id"],
                name=trainer["name"],
                home_municipality=trainer["home_municipality"],
                assignments=assignments,
            )
            for trainer, assignments in trainers
        ],
    )
