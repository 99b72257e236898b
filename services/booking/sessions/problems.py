"""The refusals of sessions, each with what to do. The names are stable: clients compare them."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import RowMapping

from services.booking.sessions.rules import Fault
from shared.clock import local_day
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
        f"Redan tagna platser: {taken}. Avboka först, eller behåll minst så många platser.",
        f"Seats already taken: {taken}. Cancel registrations first, or keep at least so many seats.",
        taken=taken,
    )


def shares_too_large(free: int) -> Problem:
    return conflict(
        "shares-exceed-free-seats",
        f"Lediga platser: {free}. Fler än så kan inte garanteras. Minska platskvoterna eller höj antalet platser.",
        f"Free seats: {free}. No more than these can be guaranteed. Lower the seat shares or raise the capacity.",
        free=free,
    )


def registrations_collide(rows: Sequence[RowMapping]) -> Problem:
    """409: moved there, persons would stand in two places at once."""
    problem = conflict(
        "overlapping-registration",
        "Personer har ett annat kurstillfälle vid den nya tiden. Avboka den ena anmälan först, eller välj att avboka "
        "dem här.",
        "Persons have another session at the new time. Cancel one of their registrations first, or choose to cancel "
        "them here.",
        registrations=[{"id": str(row["registration_id"]), "session": str(row["other_session"])} for row in rows],
    )
    courses = sorted({row["other_course"] for row in rows})
    problem.errors = [
        FieldError(
            "/occasions",
            "overlapping-registration",
            f"Anmälda till annat vid den tiden: {len(rows)} ({', '.join(courses)}).",
            f"Registered for something else at that time: {len(rows)} ({', '.join(courses)}).",
        )
    ]
    return problem


def roll_attested() -> Problem:
    return conflict(
        "roll-attested",
        "Närvarolistan är attesterad: datum står fast och tillfället kan inte ställas in. Rätta minuterna på listan.",
        "The roll is attested: its dates stand and the session cannot be cancelled. Correct the minutes on the roll.",
    )


def use_reschedule() -> Problem:
    return Problem(
        "use-reschedule",
        422,
        "Personer är anmälda. Ändra tiderna genom att flytta tillfället, så prövas vad de har annars.",
        "People are registered. Change the times by moving the session, which checks what else they have.",
        [FieldError("/occasions", "use-reschedule", "Flytta tillfället i stället.", "Move the session instead.")],
    )


def in_the_past(occasions: Iterable[int]) -> Problem:
    """422 for occasions, by their place, that have begun already."""
    return Problem(
        "in-the-past",
        422,
        "Datumtillfället har redan varit. Kontrollera året, eller ange när det bestämdes, om det läggs in i efterhand.",
        "The occasion has been already. Check the year, or say when it was decided, if you enter it afterwards.",
        [
            FieldError(f"/occasions/{index}/starts_at", "in-the-past", "Ligger i det förflutna.", "Lies in the past.")
            for index in occasions
        ],
    )


def outside_project(occasion: int, first: date, last: date) -> FieldError:
    return FieldError(
        f"/occasions/{occasion}",
        "outside-project",
        f"Ligger utanför projektet ({first} till {last}).",
        f"Lies outside the project ({first} to {last}).",
    )


def trainer_busy(rows: Iterable[tuple[str, RowMapping]]) -> Problem:
    """409 naming, for each pointer, the session that the trainer has at the time."""
    rows = list(rows)
    problem = conflict(
        "trainer-busy",
        "Utbildningsledaren har ett annat kurstillfälle vid den tiden. Välj en annan utbildningsledare eller tid.",
        "The trainer has another session at that time. Choose another trainer or time.",
        sessions=sorted({str(row["session_id"]) for _, row in rows}),
    )
    problem.errors = [
        FieldError(
            pointer,
            "trainer-busy",
            f"{row['name']} har {row['course']} {local_day(row['starts_at'])}.",
            f"{row['name']} has {row['course']} on {local_day(row['starts_at'])}.",
        )
        for pointer, row in rows
    ]
    return problem


def trainer_absent(rows: Iterable[tuple[str, RowMapping]]) -> Problem:
    """409 naming, for each pointer, the days on which the trainer is away."""
    problem = conflict(
        "trainer-busy",
        "Utbildningsledaren är frånvarande då. Välj en annan utbildningsledare eller tid.",
        "The trainer is absent then. Choose another trainer or time.",
    )
    problem.errors = [
        FieldError(
            pointer,
            "trainer-absent",
            f"{row['name']} är frånvarande {row['from_day']} till {row['to_day']}.",
            f"{row['name']} is absent from {row['from_day']} to {row['to_day']}.",
        )
        for pointer, row in rows
    ]
    return problem


def trainer_not_active(pointer: str, row: RowMapping) -> FieldError:
    """Names the trainer and the days between which it teaches, those of the two that are known."""
    begin, end = row["active_from"], row["active_to"]
    sv = " och ".join(said for day, said in ((begin, f"börjar {begin}"), (end, f"slutar {end}")) if day)
    en = " and ".join(said for day, said in ((begin, f"begins on {begin}"), (end, f"has left as of {end}")) if day)
    return FieldError(
        pointer,
        "trainer-not-active",
        f"{row['name']} {sv}. Byt utbildningsledare eller tid.",
        f"{row['name']} {en}. Choose another trainer or time.",
    )


def trainer_not_qualified(index: int, qualification: str, day: str) -> Problem:
    problem = conflict(
        "trainer-not-qualified",
        f"Kursen kräver {qualification}. Välj en utbildningsledare som har den på kursens första dag, {day}.",
        f"The course needs {qualification}. Choose a trainer who has it on the session's first day, {day}.",
    )
    problem.errors = [
        FieldError(f"/trainers/{index}", "not-qualified", f"Saknar {qualification}.", f"Lacks {qualification}.")
    ]
    return problem
