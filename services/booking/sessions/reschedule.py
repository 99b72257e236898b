"""New dates for a session: nobody may come to stand in two places at once."""

from collections.abc import Sequence

from sqlalchemy import text

from services.booking.allocation.lock import LockedSession, lock_persons
from services.booking.sessions.bodies import OccasionBody
from services.booking.sessions.problems import registrations_collide
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError

PERSONS = text(
    "SELECT DISTINCT participant_id FROM registrations "
    "WHERE session_id = :session AND status IN ('confirmed', 'waitlisted')"
)
COLLISIONS = text(
    """
    SELECT DISTINCT mine.id AS registration_id, other.session_id AS other_session
      FROM registrations mine
      JOIN registrations other ON other.participant_id = mine.participant_id AND other.session_id <> mine.session_id
       AND other.status IN ('confirmed', 'waitlisted')
      JOIN sessions s ON s.id = other.session_id AND s.state = 'scheduled'
      JOIN occasions o ON o.session_id = other.session_id
      JOIN unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS moved (starts_at, ends_at)
        ON moved.starts_at < o.ends_at AND o.starts_at < moved.ends_at
     WHERE mine.session_id = :session AND mine.status IN ('confirmed', 'waitlisted')
     ORDER BY mine.id
    """
)


async def check_collisions(unit: Unit, session: LockedSession, occasions: Sequence[OccasionBody]) -> None:
    """Raises 409 naming the registrations whose persons have another session at the new time.

    Only in system scope, with the session locked. The persons are locked too, so none is booked elsewhere meanwhile.
    """
    rows = await unit.all(PERSONS, {"session": session.id})
    await lock_persons(unit, [row["participant_id"] for row in rows])
    starts, ends = [each.starts_at for each in occasions], [each.ends_at for each in occasions]
    colliding = await unit.all(COLLISIONS, {"session": session.id, "starts": starts, "ends": ends})
    if colliding:
        raise registrations_collide(
            FieldError(
                "/occasions",
                "overlapping-registration",
                f"Anmälan {row['registration_id']}: personen är anmäld till kurstillfälle {row['other_session']}.",
                f"Registration {row['registration_id']}: the person is registered on session {row['other_session']}.",
            )
            for row in colliding
        )
