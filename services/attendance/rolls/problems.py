"""The refusals of rolls, each with what to do."""

from shared.web.problems import Problem, conflict


def unknown_session() -> Problem:
    """404 for a session that does not exist, has not arrived from booking yet, or is another trainer's."""
    return Problem(
        "not-found",
        404,
        "Kurstillfället finns inte här. Kontrollera att det är rätt, eller vänta om det nyss lades upp i bokningen.",
        "There is no such session here. Check that it is the right one, or wait if it was just entered in booking.",
    )


def cancelled() -> Problem:
    """409 for what a session that does not take place cannot have."""
    return conflict(
        "session-cancelled",
        "Kurstillfället är inställt. Kontrollera att det är rätt tillfälle.",
        "The session was cancelled. Check that it is the right one.",
    )
