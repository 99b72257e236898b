"""The refusals of reservations, each with what to do. The names are stable: clients compare them."""

from sqlalchemy import RowMapping

from services.booking.allocation.problems import seats
from services.booking.registrations.problems import SESSION_FULL
from services.booking.reservations.rules import State
from shared.clock import STOCKHOLM
from shared.web.problems import FieldError, Problem, conflict, not_found

MORE_THAN_HELD = "more-than-held"
ENDED = ("reservation-ended", "before-its-reservation")
"""By which `ensure_open_at` refuses."""
DEADLINES = {
    "in-the-past": ("Ange en tid som inte har passerat.", "Give a time that has not passed."),
    "after-start": (
        "Namnen ska anges senast när kurstillfället börjar.",
        "The names must be given by the start of the session.",
    ),
}
WHY_ENDED = {
    State.LAPSED: (
        "Tiden för att ange namn har gått ut och platserna är släppta. Anmäl personerna direkt, om det finns plats.",
        "The time to give names is over and the seats are released. Register the persons directly, if there is room.",
    ),
    State.DELETED: (
        "Reservationen är borttagen. Reservera på nytt, eller anmäl personerna direkt.",
        "The reservation was deleted. Reserve again, or register the persons directly.",
    ),
    State.FILLED: (
        "Alla reserverade platser har fått namn: det finns inget kvar att ta bort. Avboka anmälningarna i stället.",
        "All reserved seats have names: nothing is left to delete. Cancel the registrations instead.",
    ),
}


def reservation_missing() -> Problem:
    return not_found("Platsreservationen", "The reservation")


def deadline_wrong(code: str) -> FieldError:
    return FieldError("/name_by", code, *DEADLINES[code])


def too_few_seats(available: int) -> Problem:
    """409: more seats than the municipality could get now."""
    sv, en = seats(available)
    sentences = (
        f"Kommunen kan få {sv} nu. Reservera färre, eller välj ett annat kurstillfälle.",
        f"The municipality can get {en} now. Reserve fewer, or choose another session.",
    )
    problem = conflict(SESSION_FULL, *sentences, available=available)
    problem.errors = [FieldError("/seats", SESSION_FULL, *sentences)]
    return problem


def more_than_held(held: int) -> Problem:
    sv, en = seats(held)
    return conflict(
        MORE_THAN_HELD,
        f"Reservationen har {sv} utan namn. Ange högst så många nya namn; ingen har fått plats.",
        f"The reservation has {en} without a name. Give at most so many new names; nobody got a seat.",
        held=held,
    )


def ended(state: State) -> Problem:
    return conflict("reservation-ended", *WHY_ENDED[state], reservation_state=state.value)


def before_reservation(row: RowMapping) -> Problem:
    """409 for an act that is dated before the seats were held."""
    when = row["reserved_at"].astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")
    return conflict(
        "before-its-reservation",
        f"Platserna är reserverade först från {when}. Ange när det hände: en tid efter det.",
        f"The seats are reserved from {when} only. Say when it happened: later than that.",
        reserved_at=row["reserved_at"].isoformat(),
    )


def municipality_missing() -> FieldError:
    return FieldError("/municipality", "missing", "Ange kommunen.", "Give the municipality.")


def not_your_municipality() -> FieldError:
    return FieldError(
        "/municipality",
        "not-your-municipality",
        "Ni kan bara reservera för er egen kommun.",
        "You can only reserve for your own municipality.",
    )


def other_municipality(index: int) -> FieldError:
    return FieldError(
        f"/staff/{index}",
        "other-municipality",
        "Personen har sin anställning i en annan kommun än den som har reserverat.",
        "The person is employed by another municipality than the one that reserved.",
    )
