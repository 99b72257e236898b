"""Once a day: what has waited long enough goes out, all sessions shuffled together. The rest waits on."""

import secrets
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from services.attendance.surveys.checks import Given
from services.attendance.surveys.definitions import Survey, definition
from services.attendance.surveys.events import emit_answers
from services.attendance.surveys.rules import go_now
from services.attendance.surveys.tables import SurveyRound
from services.attendance.surveys.waiting import opened, sealed
from shared.database.unit_of_work import Unit, Units

KEEP = text("UPDATE survey_rounds SET waiting = :waiting WHERE (session_id, survey) = (:session_id, :survey)")
FORGET_LINKS = text(
    "DELETE FROM survey_links AS link USING survey_rounds AS round "
    "WHERE (link.session_id, link.survey) = (round.session_id, round.survey) "
    "AND round.closes_at < CAST(:now AS timestamptz) - interval '90 days'"
)
FORGET_INVITEES = text(
    "DELETE FROM survey_invitees AS one USING rolls WHERE rolls.session_id = one.session_id "
    "AND rolls.ends_at < CAST(:now AS timestamptz) - interval '365 days'"
)


async def publish_answers(units: Units) -> None:
    """One transaction for all sessions: nothing tells which of them went first."""
    async with units.system() as unit:
        now = unit.recorded_at
        statement = select(SurveyRound).where(col(SurveyRound.waiting).is_not(None))
        ordered = statement.order_by(col(SurveyRound.session_id), col(SurveyRound.survey)).with_for_update()
        batch: list[tuple[UUID, Survey, Given]] = []
        for row in await unit.all(ordered):
            answers, is_over = opened(unit, row), row["closes_at"] <= now
            goes = go_now(len(answers), row["closes_at"], now)
            if goes:
                survey = definition(row["survey"], row["version"])
                batch += [(row["session_id"], survey, answer) for answer in answers]
            if goes or is_over:
                left = None if is_over else sealed(unit, row["session_id"], row["survey"], [])
                await unit.execute(KEEP, {**row, "waiting": left})
        secrets.SystemRandom().shuffle(batch)
        emit_answers(unit, batch)
        await _forget(unit)


async def _forget(unit: Unit) -> None:
    """Links that have long been closed, and whom one asked about a session of a year ago."""
    for statement in (FORGET_LINKS, FORGET_INVITEES):
        await unit.execute(statement, {"now": unit.recorded_at})
