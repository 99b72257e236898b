"""Mails that ask somebody to answer: one link for each session, in as few words as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal
from uuid import UUID

from services.attendance.notices.compose import Mailing
from services.attendance.surveys.queries import Asked
from services.attendance.surveys.rules import OPEN_FOR, REMINDED_AFTER
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.mail.rendering import Reader
from shared.web.pages.formatting import short_day

PAGE = "/enkat/{}"
Kind = Literal["survey", "survey-reminder"]
LEFT = {"survey": OPEN_FOR, "survey-reminder": OPEN_FOR - REMINDED_AFTER}


@dataclass(frozen=True)
class Ask:
    """One session that somebody is asked about."""

    session_id: UUID
    course: str
    day: date
    token: str


@dataclass(frozen=True)
class Letter:
    """What one mail asks. A participant's is about one session and their registration on it."""

    survey: Asked
    reader: Reader
    asks: Sequence[Ask]
    registration_id: UUID | None = None


async def mail_letter(unit: Unit, mailing: Mailing, letter: Letter, kind: Kind) -> None:
    until = unit.recorded_at + LEFT[kind]
    first = letter.asks[0]
    key = f"{kind}/{letter.survey}/{first.session_id}/{letter.registration_id or letter.reader.address}"
    links = partial(_links, mailing, letter)
    words = {"course": first.course, "day": first.day, "until": local_day(until), "survey": links}
    about = {"session_id": first.session_id if len(letter.asks) == 1 else None}
    await mailing.post_to(unit, letter.reader, f"{kind}-{letter.survey}", key, until, about, **words)


def _links(mailing: Mailing, letter: Letter) -> list[str]:
    """The address alone; of several sessions each with its course and day, in the language of just then."""
    addresses = [mailing.site + PAGE.format(ask.token) for ask in letter.asks]
    if len(addresses) == 1:
        return addresses
    named = [f"{ask.course}, {short_day(ask.day)}: " for ask in letter.asks]
    return [name + address for name, address in zip(named, addresses, strict=True)]
