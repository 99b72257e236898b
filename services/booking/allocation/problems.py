"""The refusals of a session that takes no act. The names are stable: clients compare them."""

from datetime import datetime

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.rules import State
from shared.web.problems import Problem, conflict


def ensure_not_over(session: LockedSession, at: datetime) -> None:
    """Raises 409 for a session that is cancelled, or over when the act happened."""
    state = session.state_at(at)
    if state is State.CANCELLED:
        raise session_cancelled()
    if state is State.COMPLETED:
        raise conflict(
            "session-completed",
            "Kurstillfället är genomfört. Samordnaren kan lägga in i efterhand med Kursnav-Occurred-At.",
            "The session is over. The coordinator can enter what happened before with Kursnav-Occurred-At.",
        )


def ensure_open(session: LockedSession, at: datetime) -> None:
    """Raises 409 unless registrations are taken at this moment."""
    ensure_not_over(session, at)
    if session.has_started(at):
        raise conflict(
            "session-started",
            "Kurstillfället har börjat. Utbildningsledaren kan lägga till den som kommer på plats.",
            "The session has started. The trainer can add those who come.",
        )
    if session.registration_opens_at is not None and at < session.registration_opens_at:
        raise conflict(
            "registration-not-open",
            "Anmälan har inte öppnat än.",
            "Registration has not opened yet.",
            opens_at=session.registration_opens_at.isoformat(),
        )


def session_cancelled() -> Problem:
    return conflict(
        "session-cancelled",
        "Kurstillfället är inställt. Välj ett annat.",
        "The session is cancelled. Choose another one.",
    )
