"""What falls due by itself: reminders of a session and of a reservation, and word of a session with too few people."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.catalogue.queries import municipality_row, setting_on
from services.booking.notices import queries
from services.booking.notices.compose import Message, Source, about_session, mail, place_mails
from services.booking.notices.queries import told_session
from services.booking.notices.rules import reminder_due
from services.booking.notices.texts import without_names
from services.booking.reservations.remind import take_due_reminders
from shared.clock import local_day
from shared.database.unit_of_work import Unit, Units
from shared.mail.rendering import Reader, written_in
from shared.mail.sending import Postbox, posted
from shared.web.pages.formatting import moment

AT_ONCE = 200
# Who has a seat on a session that begins within the longest time before which anybody is reminded.
COMING = text(
    """
    SELECT r.id, r.session_id, r.confirmed_at, s.starts_at
      FROM sessions s JOIN registrations r ON r.session_id = s.id
     WHERE s.state = 'scheduled' AND s.starts_at > :now AND s.starts_at <= :until AND r.status = 'confirmed'
     ORDER BY s.starts_at, r.id
    """
)
TOO_FEW = text(
    """
    SELECT s.id, s.min_participants AS minimum, s.cancellation_deadline, taken.confirmed
      FROM sessions s
     CROSS JOIN LATERAL (SELECT count(*) AS confirmed FROM registrations r
                          WHERE r.session_id = s.id AND r.status = 'confirmed') AS taken
     WHERE s.state = 'scheduled' AND s.starts_at > :now AND s.cancellation_deadline <= :now
       AND taken.confirmed < s.min_participants
     ORDER BY s.id
    """
)

Step = Callable[[Units], Awaitable[None]]


def reminding(postbox: Postbox) -> Step:
    """The recurring step. Each kind is a transaction of its own; what was mailed is known by its key."""

    async def step(units: Units) -> None:
        for remind in (_participants, _municipalities, _office):
            async with units.system() as unit:
                await remind(unit, postbox)

    return step


async def _participants(unit: Unit, postbox: Postbox) -> None:
    now = unit.recorded_at
    hours = await setting_on(unit, "reminder_hours", local_day(now))
    until = now + timedelta(hours=max(hours, default=0))
    rows = await unit.all(COMING, {"now": now, "until": until})
    due = {key: row for row in rows if (key := _reminder_key(row, hours, now))}
    for key, row in (await _new(unit, due)).items():
        place, told = await queries.place(unit, row["id"]), await told_session(unit, row["session_id"])
        if place is not None and told is not None:
            message = Message("reminder", told, told.meetings)
            await postbox.post(unit, list(place_mails(Source(key, now), place, message, [])))


def _reminder_key(row: RowMapping, hours: list[int], now: datetime) -> str | None:
    """Another start is another reminder."""
    before = reminder_due(hours, row["starts_at"], row["confirmed_at"], now)
    return None if before is None else f"reminder/{before}/{row['starts_at']:%Y%m%dT%H%M%S}/{row['id']}"


async def _new(unit: Unit, due: dict[str, RowMapping]) -> dict[str, RowMapping]:
    """Those that nothing was mailed under yet, some at a time."""
    stored = {f"booking/{key}/{row['id']}/0": key for key, row in due.items()}
    known = await posted(unit, stored)
    fresh = [key for full, key in stored.items() if full not in known]
    return {key: due[key] for key in fresh[:AT_ONCE]}


async def _municipalities(unit: Unit, postbox: Postbox) -> None:
    for row in await take_due_reminders(unit):
        told = await told_session(unit, row["session_id"])
        municipality = await municipality_row(unit, row["municipality"])
        if told is None or municipality is None:
            continue
        words = {"missing": without_names(row["held"]), "name_by": _in_words(row["name_by"])}
        message = Message("reservation", told, told.meetings, words)
        reader = Reader(municipality["contact_email"], "municipality")
        key = f"reservation/{row['id']}"
        await postbox.post(unit, [mail(key, reader, message, about_session(told.id, row["municipality"]))])


async def _office(unit: Unit, postbox: Postbox) -> None:
    address = await setting_on(unit, "office_email", local_day(unit.recorded_at))
    for row in await unit.all(TOO_FEW, {"now": unit.recorded_at}):
        key = f"too-few/{row['id']}/{row['cancellation_deadline']:%Y%m%dT%H%M%S}"
        told = await _told_unless_mailed(unit, row["id"], key)
        if told is not None:
            words = {"confirmed": str(row["confirmed"]), "minimum": str(row["minimum"])}
            message = Message("too-few", told, told.meetings, words)
            await postbox.post(unit, [mail(key, Reader(address, "office"), message, about_session(told.id))])


async def _told_unless_mailed(unit: Unit, session_id: UUID, key: str) -> queries.Told | None:
    known = await posted(unit, [f"booking/{key}"])
    return None if known else await told_session(unit, session_id)


def _in_words(at: datetime) -> dict[str, str]:
    words = {}
    for language in ("sv", "en"):
        with written_in(language):
            words[language] = moment(at)
    return words
