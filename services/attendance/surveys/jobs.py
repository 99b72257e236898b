"""What surveys do by themselves."""

from datetime import time, timedelta

from services.attendance.notices.compose import Mailing
from services.attendance.surveys.invite import inviting_managers, inviting_participants
from services.attendance.surveys.publish_answers import publish_answers
from services.attendance.surveys.remind import reminding
from shared.jobs.recurring import Daily, Every
from shared.jobs.worker import Kind, recurring


def survey_jobs(mailing: Mailing) -> list[Kind]:
    """Inviting, reminding, and the daily batch of answers: at night, when nobody answers."""
    return [
        recurring("invite-participants", Every(timedelta(minutes=1)), inviting_participants(mailing)),
        recurring("invite-managers", Daily(time(8)), inviting_managers(mailing)),
        recurring("publish-answers", Daily(time(3)), publish_answers),
        reminding(mailing),
    ]
