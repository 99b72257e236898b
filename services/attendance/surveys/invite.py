"""Inviting to a survey: participants when the roll is attested, managers three months later.

No row knows which link went to whom: links are stored in the order of their digests, and stand with an address only in
the mail, and in the reminder that waits encrypted.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, insert
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlmodel import col

from services.attendance.notices.compose import Mailing
from services.attendance.people.contacts import contact_of
from services.attendance.surveys.definitions import newest
from services.attendance.surveys.events import emit_sent
from services.attendance.surveys.mails import Ask, Letter, mail_letter
from services.attendance.surveys.queries import (
    Asked,
    Session,
    present,
    sessions_for_managers,
    sessions_for_participants,
)
from services.attendance.surveys.remind import remind_later
from services.attendance.surveys.rules import OPEN_FOR, in_mails
from services.attendance.surveys.tables import SurveyInvitee, SurveyLink, SurveyRound
from services.attendance.surveys.waiting import sealed
from shared.database.unit_of_work import Unit, Units
from shared.mail.rendering import UNKNOWN, Reader
from shared.security.links import digest_of, new_token

Step = Callable[[Units], Awaitable[None]]


def inviting_participants(mailing: Mailing) -> Step:
    """The recurring step; each session is a transaction of its own."""

    async def step(units: Units) -> None:
        async with units.system() as unit:
            sessions = await sessions_for_participants(unit)
        for session in sessions:
            async with units.system() as unit:
                await _invite_participants(unit, mailing, session)

    return step


def inviting_managers(mailing: Mailing) -> Step:
    """The recurring step, once a day: what a manager is asked that day stands in as few mails as can be."""

    async def step(units: Units) -> None:
        async with units.system() as unit:
            await _invite_managers(unit, mailing, await sessions_for_managers(unit))

    return step


async def _invite_participants(unit: Unit, mailing: Mailing, session: Session) -> None:
    people = await present(unit, session, "participant")
    letters = []
    for person in people:
        contact = await contact_of(unit, person["participant_id"], person["employment_id"])
        if contact is not None and contact.reader.address:
            ask = Ask(session.id, session.course_title, session.last_day, new_token())
            letters.append(Letter("participant", contact.reader, [ask], person["registration_id"]))
    await _open(unit, session, "participant", people, letters)
    await _send(unit, mailing, letters)


async def _invite_managers(unit: Unit, mailing: Mailing, sessions: Sequence[Session]) -> None:
    asks: defaultdict[str, list[Ask]] = defaultdict(list)
    people: dict[UUID, Sequence[RowMapping]] = {}
    for session in sessions:
        people[session.id] = await present(unit, session, "manager")
        for manager in {one["manager_email"].lower() for one in people[session.id] if one["manager_email"]}:
            asks[manager].append(Ask(session.id, session.course_title, session.last_day, new_token()))
    letters = [
        Letter("manager", Reader(manager, "manager", UNKNOWN), few)
        for manager, many in asks.items()
        for few in in_mails(many)
    ]
    for session in sessions:
        await _open(unit, session, "manager", people[session.id], letters)
    await _send(unit, mailing, letters)


async def _open(
    unit: Unit, session: Session, survey: Asked, people: Sequence[RowMapping], letters: Sequence[Letter]
) -> None:
    """Stores the round of a session with its links, and publishes how many more were invited."""
    tokens = [ask.token for letter in letters for ask in letter.asks if ask.session_id == session.id]
    asked = newest(survey)
    row = {
        "session_id": session.id,
        "survey": survey,
        "version": asked.version,
        "roll_version": session.roll_version,
        "invited": len(tokens),
        "answered": 0,
        "closes_at": unit.recorded_at + OPEN_FOR,
        "waiting": sealed(unit, session.id, survey, []),
    }
    statement = insert_or_update(SurveyRound)
    changes: dict[str, Any] = {"roll_version": statement.excluded["roll_version"]}
    if tokens:  # who was added by a correction gets the whole time
        kept = func.coalesce(col(SurveyRound.waiting), statement.excluded["waiting"])
        changes |= {"closes_at": statement.excluded["closes_at"], "waiting": kept}
        changes["invited"] = col(SurveyRound.invited) + statement.excluded["invited"]
    await unit.execute(statement.on_conflict_do_update(index_elements=["session_id", "survey"], set_=changes), row)
    places = {"session_id": session.id, "survey": survey}
    if people:
        invitees = [{**places, "registration_id": one["registration_id"]} for one in people]
        await unit.execute(insert(SurveyInvitee), invitees)
    if tokens:
        links = [{**places, "digest": digest, "answered": False} for digest in sorted(map(digest_of, tokens))]
        await unit.execute(insert(SurveyLink), links)
    emit_sent(unit, session.id, asked, len(tokens))


async def _send(unit: Unit, mailing: Mailing, letters: Sequence[Letter]) -> None:
    for letter in letters:
        await mail_letter(unit, mailing, letter, "survey")
        await remind_later(unit, mailing, letter)
