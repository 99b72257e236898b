"""What booking's registration events make of a person on a roll."""

from typing import Any

from shared.contracts import booking_v1 as booking

CONFIRMED, WAITLISTED, WITHDRAWN = "confirmed", "waitlisted", "withdrawn"
CANCELLED, MOVED, SUBSTITUTED = "cancelled", "moved", "substituted"
KNOWN_TO_THE_ROLL = frozenset({CONFIRMED, CANCELLED, MOVED, SUBSTITUTED})
"""Marks of these count: who had a seat and gave it up may have come all the same. Of all others they are held."""


def registration_of(data: booking.RegistrationEvent, sequence: int, before: str | None = None) -> dict[str, Any]:
    """The roll entry that an event leaves behind; `before`: its state until then."""
    return {
        "session_id": data.session_id,
        "participant_id": data.participant_id,
        "registration_id": data.registration_id,
        "municipality": data.municipality,
        "employment_id": data.employment_id,
        "registration": _state(data, before),
        "sequence": sequence,
    }


def _state(data: booking.RegistrationEvent, before: str | None) -> str:
    match data:
        case booking.RegistrationConfirmed():
            return CONFIRMED
        case booking.RegistrationWaitlisted():
            return WAITLISTED
        case booking.RegistrationCancelled():
            return WITHDRAWN if data.was == "waitlisted" else CANCELLED
        case booking.RegistrationMovedOut() | booking.RegistrationSubstituted() if before in (WAITLISTED, WITHDRAWN):
            return WITHDRAWN  # there was no seat to give up
        case booking.RegistrationMovedOut():
            return MOVED
        case booking.RegistrationSubstituted():
            return SUBSTITUTED
    raise ValueError(f"attendance does not know what {data.ce_type} does to a roll")
