"""The refusals of walk-ins, each with what to do. The names are stable: clients compare them."""

from datetime import date

from shared.web.problems import FieldError, Problem, conflict, invalid, not_found


def walk_in_missing() -> Problem:
    return not_found("Den som kom oanmäld", "The walk-in")


def walk_in_taken() -> Problem:
    return conflict(
        "walk-in-id-taken",
        "Samma walk_in_id finns på ett annat kurstillfälle. Skapa ett nytt id.",
        "The same walk_in_id stands on another session. Make a new id.",
    )


def not_begun(day: date) -> Problem:
    return conflict(
        "session-not-begun",
        f"Kurstillfället börjar {day}. Den som kommer oanmäld tas in på plats, tidigast dygnet innan.",
        f"The session begins on {day}. Who comes unregistered is taken in on the spot, a day before at the earliest.",
    )


def already_identified() -> Problem:
    return conflict(
        "walk-in-identified",
        "Det är redan klart vem det var. Är det fel person: rätta närvaron.",
        "It is settled who that was. If it is the wrong person, correct the attendance.",
    )


def staff_missing() -> Problem:
    """404 for staff that does not exist, or is another municipality's: the caller cannot tell which."""
    problem = not_found("Personen", "The person")
    problem.errors = [FieldError("/staff", "not-found", "Personen finns inte.", "The person does not exist.")]
    return problem


def nobody_named() -> Problem:
    """422 on the page: without number and name nobody can say later who it was."""
    return invalid(
        FieldError(
            "/name",
            "nobody-named",
            "Ange personnummer eller namn, så att det går att ta reda på vem det var.",
            "Give the personal number or the name, so that it can be found out who it was.",
        )
    )
