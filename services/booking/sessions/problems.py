"""The refusals of sessions, each with what to do. The names are stable: clients compare them."""

from collections.abc import Iterable

from services.booking.sessions.rules import Fault
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
