"""The refusals of a session that takes no act. The names are stable: clients compare them."""

from shared.web.problems import Problem, conflict, not_found

OVER = ("session-cancelled", "session-completed")
STARTED = (*OVER, "session-started")
"""By which `ensure_not_over` refuses, and `ensure_open` also before registration opens."""


def seats(number: int) -> tuple[str, str]:
    """`1 plats`, `4 platser`; in English `1 seat`, `4 seats`."""
    return (f"{number} plats", f"{number} seat") if number == 1 else (f"{number} platser", f"{number} seats")


def session_cancelled() -> Problem:
    return conflict(
        "session-cancelled",
        "Kurstillfället är inställt. Välj ett annat.",
        "The session is cancelled. Choose another one.",
    )


def session_missing() -> Problem:
    return not_found("Kurstillfället", "The session")
