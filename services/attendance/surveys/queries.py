"""Which sessions are to be asked about, who was there, and how many were asked and have answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, select, text, tuple_
from sqlmodel import col

from services.attendance.project.queries import settings
from services.attendance.project.rules import Settings
from services.attendance.rolls.tables import Roll
from services.attendance.surveys.rules import LATE_BY, is_invited, managers_asked_on
from shared.clock import day_start, last_day, local_day
from shared.database.unit_of_work import Unit
from shared.web.cursors import Listing, Page

Asked = Literal["participant", "manager"]
WITHIN = "invite_within_days"

# Participants again after each attesting: a correction may have brought somebody. Managers once.
SEALED = text(
    """
    SELECT roll.session_id, roll.course_title, roll.starts_at, roll.ends_at, seal.first_at, seal.last_at,
           seal.roll_version
      FROM rolls AS roll
     CROSS JOIN LATERAL (SELECT min(attested_at) AS first_at, max(attested_at) AS last_at,
                                max(roll_version) AS roll_version
                           FROM seals WHERE seals.session_id = roll.session_id) AS seal
      LEFT JOIN survey_rounds AS round ON round.session_id = roll.session_id AND round.survey = :survey
     WHERE roll.ends_at >= :since AND roll.ends_at < :until AND roll.state = 'attested' AND NOT roll.cancelled
       AND (round.roll_version IS NULL OR (:survey = 'participant' AND round.roll_version < seal.roll_version))
     ORDER BY roll.ends_at, roll.session_id
    """
)
PRESENT = text(
    """
    SELECT person.registration_id, person.participant_id, person.municipality, person.employment_id,
           people.contacts -> CAST(person.employment_id AS text) ->> 'manager_email' AS manager_email
      FROM roll_people AS person LEFT JOIN people USING (participant_id)
     WHERE person.session_id = :session_id
       AND EXISTS (SELECT FROM current_cells AS cell WHERE cell.session_id = :session_id
                      AND cell.participant_id = person.participant_id AND cell.minutes > 0)
       AND NOT EXISTS (SELECT FROM survey_invitees AS known
                        WHERE known.registration_id = person.registration_id AND known.survey = :survey)
     ORDER BY person.registration_id
    """
)

COUNTS = text(
    """
    SELECT session_id, survey, sum(invited) AS invited, sum(answered) AS answered
      FROM (SELECT session_id, survey, invited, answered FROM survey_rounds
             UNION ALL
            SELECT session_id, survey, coalesce(invited, 0), answered FROM survey_entries) AS asked
     WHERE session_id = ANY (CAST(:sessions AS uuid[])) GROUP BY session_id, survey
    """
)


@dataclass(frozen=True)
class Session:
    """A session that was attested soon enough to ask about it."""

    id: UUID
    course_title: str
    starts_at: datetime
    ends_at: datetime
    roll_version: int

    @property
    def last_day(self) -> date:
        return last_day(self.ends_at)


async def sessions_for_participants(unit: Unit) -> list[Session]:
    """Those whose roll was attested and not asked about since."""
    rules = await settings(unit)
    longest = max((value for _, value in rules.history(WITHIN)), default=rules.on(WITHIN, date.max))
    since = unit.recorded_at - timedelta(days=longest) - LATE_BY
    rows = await unit.all(SEALED, {"survey": "participant", "since": since, "until": unit.recorded_at})
    return [_session(row) for row in rows if _in_time(row, row["last_at"], rules)]


async def sessions_for_managers(unit: Unit) -> list[Session]:
    """Those that were over three months ago."""
    rules, today = await settings(unit), local_day(unit.recorded_at)
    since = day_start(today - timedelta(days=92)) - LATE_BY
    rows = await unit.all(SEALED, {"survey": "manager", "since": since, "until": unit.recorded_at})
    found = [_session(row) for row in rows if _in_time(row, row["first_at"], rules)]
    return [session for session in found if managers_asked_on(session.last_day) <= today]


async def present(unit: Unit, session: Session, survey: Asked) -> Sequence[RowMapping]:
    """Who was there and has not been thought of."""
    return await unit.all(PRESENT, {"session_id": session.id, "survey": survey})


def _in_time(row: RowMapping, attested_at: datetime, rules: Settings) -> bool:
    day = last_day(row["ends_at"])
    return is_invited(day, local_day(attested_at), rules.on(WITHIN, day))


def _session(row: RowMapping) -> Session:
    columns = ("course_title", "starts_at", "ends_at", "roll_version")
    return Session(row["session_id"], *(row[name] for name in columns))


@dataclass(frozen=True)
class Count:
    """How many were asked, by mail and on paper, and how many have answered."""

    invited: int = 0
    answered: int = 0


@dataclass(frozen=True)
class SurveysOf:
    """What was asked about a session."""

    session_id: UUID
    course_title: str
    ends_at: datetime
    participant: Count
    manager: Count


async def sessions_over(unit: Unit, page: Page) -> Listing[SurveysOf]:
    """The sessions that are over, the last ones first."""
    key = tuple_(col(Roll.ends_at), col(Roll.session_id))
    over = select(Roll).where(col(Roll.ends_at) < unit.recorded_at, col(Roll.cancelled).is_(False))
    after = page.key(datetime, UUID)
    if after is not None:
        over = over.where(key < after)
    rows = await unit.all(over.order_by(col(Roll.ends_at).desc(), col(Roll.session_id).desc()).limit(page.fetch))
    found = await surveys_of(unit, rows)
    return page.answer(found, lambda one: [one.ends_at, one.session_id], lambda one: one)


async def surveys_of(unit: Unit, rolls: Sequence[RowMapping]) -> list[SurveysOf]:
    """What was asked about sessions, in their order."""
    rows = await unit.all(COUNTS, {"sessions": [roll["session_id"] for roll in rolls]})
    counts = {(row["session_id"], row["survey"]): Count(row["invited"], row["answered"]) for row in rows}
    return [
        SurveysOf(
            roll["session_id"],
            roll["course_title"],
            roll["ends_at"],
            *(counts.get((roll["session_id"], survey), Count()) for survey in ("participant", "manager")),
        )
        for roll in rolls
    ]
