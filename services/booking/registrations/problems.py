"""The refusals of registrations, each with what to do. The names are stable: clients compare them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.allocation.eligibility import Obstacle, Refusal
from services.booking.allocation.problems import STARTED
from services.booking.allocation.tables import ACTIVE
from shared.clock import STOCKHOLM
from shared.web.problems import FieldError, Problem, conflict, invalid, not_found

SESSION_FULL = "session-full"
GROUP_NOT_COMPLETE = "group-not-complete"
ENDED = ("registration-ended", "before-its-registration")
"""By which `ensure_active` refuses."""
NO_SEAT = (*STARTED, "registration-not-open", "outside-project", *Obstacle, SESSION_FULL)
"""Why a person does not get a seat."""

TEXTS: Mapping[str, tuple[str, str]] = {
    Obstacle.ALREADY_REGISTERED: (
        "Personen är redan anmäld till kurstillfället.",
        "The person is already registered on this session.",
    ),
    Obstacle.OVERLAPPING: (
        "Personen är anmäld till ett annat kurstillfälle ({about}) vid samma tid. Avboka det först.",
        "The person is registered on another session ({about}) at the same time. Cancel that first.",
    ),
    Obstacle.NOT_EMPLOYED: (
        "Anställningen gäller inte kurstillfällets första dag, {about}. Kontrollera anställningens datum.",
        "The employment is not in force on the session's first day, {about}. Check the dates of the employment.",
    ),
    Obstacle.NOT_IN_TARGET_GROUP: (
        "Personen hör inte till målgruppen för {about}. Samordnaren kan göra undantag med en motivering.",
        "The person is not in the target group of {about}. The coordinator can make an exception with a reason.",
    ),
    Obstacle.PREREQUISITE_MISSING: (
        "Förkunskapskursen {about} saknas. Anmäl personen till den först; samordnaren kan göra undantag.",
        "The prerequisite {about} is missing. Register the person on it first; the coordinator can make an exception.",
    ),
    SESSION_FULL: (
        "Det finns ingen ledig plats för kommunen. Välj att vänta på reservlistan, eller ett annat tillfälle.",
        "There is no free seat for the municipality. Choose to wait in the queue, or another session.",
    ),
    GROUP_NOT_COMPLETE: (
        "För många i gruppen kan inte delta, så ingen av dem anmäldes. Ta bort dem, eller anmäl dem som kan.",
        "Too many of the group may not take part, so nobody was registered. Leave them out, or register those who can.",
    ),
}


OCCUPIED_ELSEWHERE = (
    "Personen är upptagen vid samma tid. Välj ett annat kurstillfälle, eller fråga personen.",
    "The person is occupied at the same time. Choose another session, or ask the person.",
)
"""Where is another municipality's business."""


def nobody_chosen() -> Problem:
    return invalid(FieldError("/staff", "nobody-chosen", "Välj minst en person.", "Choose at least one person."))


def text_of(name: str, about: str | None = None) -> tuple[str, str]:
    """What a refusal says, in Swedish and in English."""
    sv, en = OCCUPIED_ELSEWHERE if name == Obstacle.OVERLAPPING and about is None else TEXTS[name]
    return sv.format(about=about), en.format(about=about)


def problem_of(refusal: Refusal) -> Problem:
    """The refusal of one person as a problem."""
    return conflict(refusal.obstacle, *text_of(refusal.obstacle, refusal.about))


def session_full(without_seat: Sequence[int] = ()) -> Problem:
    """409 with those of the request for whom there is no seat, by their place in it."""
    problem = conflict(SESSION_FULL, *TEXTS[SESSION_FULL])
    problem.errors = [FieldError(f"/staff/{index}", SESSION_FULL, *TEXTS[SESSION_FULL]) for index in without_seat]
    return problem


def no_seat_to_move_to() -> Problem:
    """409: a move never ends in a queue."""
    return conflict(
        SESSION_FULL,
        "Det finns ingen ledig plats för kommunen, och en flytt ställer ingen i kö. Välj ett annat tillfälle.",
        "There is no free seat for the municipality, and a move puts nobody into a queue. Choose another session.",
    )


def group_not_complete() -> Problem:
    return conflict(GROUP_NOT_COMPLETE, *TEXTS[GROUP_NOT_COMPLETE])


def nobody_eligible(refusals: Sequence[Refusal | None]) -> Problem:
    """The refusal of a whole request because of who is in it, named after the obstacle when there is only one kind."""
    errors = [
        FieldError(f"/staff/{index}", refusal.obstacle, *text_of(refusal.obstacle, refusal.about))
        for index, refusal in enumerate(refusals)
        if refusal is not None
    ]
    found = {refusal.obstacle: refusal for refusal in refusals if refusal is not None}
    problem = problem_of(next(iter(found.values()))) if len(found) == 1 else group_not_complete()
    problem.errors = errors
    return problem


def at_least_out_of_range(persons: int) -> FieldError:
    return FieldError(
        "/at_least",
        "out-of-range",
        f"Ange ett tal från 1 till {persons}, antalet personer.",
        f"Give a number from 1 to {persons}, the number of persons.",
    )


def staff_missing(staff: Sequence[UUID], found: Sequence[UUID]) -> Problem:
    """404 for staff that does not exist, or is another municipality's: the caller cannot tell which."""
    problem = not_found("En eller flera av de angivna personerna", "One or more of the persons given")
    problem.errors = [
        FieldError(f"/staff/{index}", "not-found", "Personen finns inte.", "The person does not exist.")
        for index, staff_id in enumerate(staff)
        if staff_id not in found
    ]
    return problem


def substitute_missing() -> Problem:
    """404 for staff that does not exist, or is another municipality's: the caller cannot tell which."""
    problem = not_found("Ersättaren", "The substitute")
    problem.errors = [FieldError("/staff", "not-found", "Personen finns inte.", "The person does not exist.")]
    return problem


def other_municipality() -> FieldError:
    return FieldError(
        "/staff",
        "other-municipality",
        "Ersättaren måste ha en anställning i samma kommun som den som ersätts.",
        "The substitute must be employed by the same municipality as the one replaced.",
    )


def registration_missing() -> Problem:
    return not_found("Anmälan", "The registration")


def ensure_active(row: RowMapping, at: datetime) -> None:
    """Raises 409 for a registration that has ended, or that did not hold yet at that moment."""
    if row["status"] not in ACTIVE:
        raise already_ended(row["status"])
    began = row["confirmed_at"] or row["registered_at"]
    if at < began:
        raise before_registration(began)


def already_ended(status: str) -> Problem:
    """409 for a registration that is not active any more."""
    return conflict(
        "registration-ended",
        "Anmälan gäller inte längre: den är redan avbokad eller ersatt.",
        "The registration is not active any more: it was cancelled or substituted before.",
        registration_status=status,
    )


def before_registration(began: datetime) -> Problem:
    """409 for an act that is dated before the registration held."""
    when = began.astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
    return conflict(
        "before-its-registration",
        f"Anmälan gäller först från {when}. Ange när det hände: en tid efter det.",
        f"The registration holds from {when} only. Say when it happened: later than that.",
        registered_at=began.isoformat(),
    )


def override_not_allowed() -> Problem:
    return Problem(
        "coordinator-only",
        403,
        "Bara samordnaren får göra undantag. Be projektkontoret.",
        "Only the coordinator may make exceptions. Ask the project office.",
    )
