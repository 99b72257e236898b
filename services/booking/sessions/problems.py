"""The refusals of sessions, each with what to do. The names are stable: clients compare them."""

from collections.abc import Iterable
from datetime import datetime

from services.booking.sessions.lock import LockedSession
from services.booking.sessions.rules import Fault, State
from shared.web.problems import FieldError, Problem, conflict

FAULTS: dict[str, tuple[str, str]] = {
    "no-occasion": ("Ange minst ett datumtillfälle.", "Give at least one occasion."),
    "ends-before-start": ("Slutet ska ligga efter starten.", "The end must be after the start."),
    "break-too-long": ("Rasten är längre än datumtillfället.", "The break is longer than the occasion."),
    "occasions-overlap": ("Två datumtillfällen ligger på samma tid.", "Two occasions are at the same time."),
    "more-than-capacity": ("Fler än antalet platser.", "More than the number of seats."),
    "after-start": ("Ska inte ligga efter kursstarten.", "Must not be after the session's start."),
    "unknown-course": ("Kursen finns inte.", "There is no such course."),
    "unknown-municipality": ("Kommunen finns inte.", "There is no such municipality."),
    "unknown-trainer": ("Utbildningsledaren finns inte.", "There is no such trainer."),
    "repeated": ("Samma id står två gånger.", "The same id stands twice."),
    "occasion-taken": (
        "Datumtillfällets id hör till ett annat kurstillfälle.",
        "The occasion's id belongs to another session.",
    ),
}


def field_errors(faults: Iterable[Fault]) -> list[FieldError]:
    return [FieldError(fault.pointer, fault.code, *FAULTS[fault.code]) for fault in faults]


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


def capacity_too_small(taken: int) -> Problem:
    return conflict(
        "capacity-below-taken",
        f"{taken} platser är tagna. Avboka först, eller behåll minst så många platser.",
        f"{taken} seats are taken. Cancel registrations first, or keep at least so many seats.",
        taken=taken,
    )


def shares_too_large(free: int) -> Problem:
    return conflict(
        "shares-exceed-free-seats",
        f"Bara {free} platser är lediga: så många kan inte garanteras. Minska platskvoterna eller höj antalet platser.",
        f"Only {free} seats are free: not so many can be guaranteed. Lower the seat shares or raise the capacity.",
        free=free,
    )


def registrations_collide(errors: Iterable[FieldError]) -> Problem:
    """409: moved there, persons would stand in two places at once."""
    problem = conflict(
        "overlapping-registration",
        "Personer under errors har ett annat kurstillfälle vid den nya tiden. Avboka den ena anmälan först.",
        "Persons under errors have another session at the new time. Cancel one of their registrations first.",
    )
    problem.errors = list(errors)
    return problem


def trainer_not_qualified(index: int, qualification: str) -> Problem:
    problem = conflict(
        "trainer-not-qualified",
        f"Kursen kräver {qualification}. Välj en utbildningsledare som har den på kursens första dag.",
        f"The course needs {qualification}. Choose a trainer who has it on the session's first day.",
    )
    problem.errors = [
        FieldError(f"/trainers/{index}", "not-qualified", f"Saknar {qualification}.", f"Lacks {qualification}.")
    ]
    return problem
