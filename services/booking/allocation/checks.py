"""What must hold of a locked session before an act on it."""

from datetime import date, datetime

from services.booking.allocation.lock import LockedSession
from services.booking.allocation.problems import session_cancelled
from services.booking.allocation.rules import State
from shared.clock import STOCKHOLM, last_day
from shared.web.problems import conflict


def ensure_not_over(session: LockedSession, at: datetime) -> None:
    """Raises 409 for a session that is cancelled, or over when the act happened."""
    state = session.state_at(at)
    if state is State.CANCELLED:
        raise session_cancelled()
    if state is State.COMPLETED:
        raise conflict(
            "session-completed",
            "Kurstillfället är genomfört. Samordnaren kan lägga in i efterhand vad som hände.",
            "The session is over. The coordinator can enter afterwards what happened.",
        )


def ensure_not_cancelled(session: LockedSession) -> None:
    """Raises 409 for a session that is cancelled, whatever the time."""
    if session.state == State.CANCELLED:
        raise session_cancelled()


def ensure_open(session: LockedSession, at: datetime, *, opening_overridden: bool = False) -> None:
    """Raises 409 unless registrations are taken at this moment."""
    ensure_not_over(session, at)
    if session.has_started(at):
        raise conflict(
            "session-started",
            "Kurstillfället har börjat. Utbildningsledaren kan lägga till den som kommer på plats.",
            "The session has started. The trainer can add those who come.",
        )
    opens_at = session.registration_opens_at
    if opens_at is not None and at < opens_at and not opening_overridden:
        when = opens_at.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
        raise conflict(
            "registration-not-open",
            f"Anmälan öppnar {when}.",
            f"Registration opens at {when}.",
            opens_at=opens_at.isoformat(),
        )


def ensure_within_project(session: LockedSession, period: tuple[date, date] | None) -> None:
    """Raises 409 for a session that lies outside the project: its hours could never be reported."""
    if period is None or (period[0] <= session.first_day and last_day(session.ends_at) <= period[1]):
        return
    raise conflict(
        "outside-project",
        f"Kurstillfället ligger utanför projektet ({period[0]} till {period[1]}). Välj ett annat.",
        f"The session lies outside the project ({period[0]} to {period[1]}). Choose another one.",
    )
