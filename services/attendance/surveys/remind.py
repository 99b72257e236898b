"""One reminder of a survey, to whoever has not answered. Until then it waits encrypted: it alone knows whose a link
is.
"""

from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import text

from services.attendance.notices.compose import Mailing
from services.attendance.surveys.links import unanswered
from services.attendance.surveys.mails import Letter, mail_letter
from services.attendance.surveys.rules import REMINDED_AFTER
from shared.database.unit_of_work import Unit
from shared.jobs.job import Job
from shared.jobs.queue import enqueue
from shared.jobs.worker import Kind

REMIND: Final = "remind-of-survey"
LETTER: Final = TypeAdapter(Letter)
ERASED = text("SELECT coalesce(bool_or(erased), false) FROM people_on_rolls WHERE registration_id = :registration_id")


async def remind_later(unit: Unit, mailing: Mailing, letter: Letter) -> None:
    """Queues the reminder with the invitation."""
    due = unit.recorded_at + REMINDED_AFTER
    await enqueue(unit, REMIND, {}, run_at=due, content=LETTER.dump_json(letter), cipher=mailing.postbox.cipher)


def reminding(mailing: Mailing) -> Kind:
    """The job that reminds."""

    async def run(job: Job) -> None:
        async with job.effect() as unit, unit.as_system():
            await _remind(unit, mailing, LETTER.validate_json(job.content or b""))

    return Kind(REMIND, run)


async def _remind(unit: Unit, mailing: Mailing, letter: Letter) -> None:
    gone = {"registration_id": letter.registration_id}
    if letter.registration_id is not None and await unit.scalar(ERASED, gone):
        return
    open_ = set(await unanswered(unit, [ask.token for ask in letter.asks]))
    asks = [ask for ask in letter.asks if ask.token in open_]
    if asks:
        await mail_letter(unit, mailing, replace(letter, asks=asks), "survey-reminder")
