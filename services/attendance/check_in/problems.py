"""Why somebody cannot check in, with what to do."""

from shared.web.problems import FieldError, Problem, conflict, invalid


def no_occasion_now() -> Problem:
    """409: nothing takes place now for which a code could be shown."""
    return conflict(
        "no-occasion-now",
        "Inget datumtillfälle pågår eller börjar inom en timme. Visa koden närmare start.",
        "No occasion is under way or begins within an hour. Show the code closer to the start.",
    )


def wrong_code() -> Problem:
    """422: no code of an occasion that the person is registered on and that takes place now."""
    return invalid(
        FieldError(
            "/code",
            "wrong-code",
            "Koden stämmer inte, har bytts ut, eller hör till ett kurstillfälle där du inte är anmäld. Skanna skärmen "
            "igen, eller säg till utbildningsledaren.",
            "The code is wrong, has been replaced, or belongs to a session that you are not registered on. Scan the "
            "screen again, or tell the trainer.",
        )
    )


def too_many_tries(seconds: int) -> Problem:
    """429: too many wrong codes by one link."""
    return Problem(
        "too-many-codes",
        429,
        "För många felaktiga koder. Säg till utbildningsledaren, som kan markera dig närvarande.",
        "Too many wrong codes. Tell the trainer, who can mark you present.",
        headers={"Retry-After": str(seconds)},
    )


def checked_in_already() -> Problem:
    """409: a person checks in once at an occasion."""
    return conflict(
        "already-checked-in",
        "Du har redan checkat in. Du behöver inte göra något mer.",
        "You have checked in already. There is nothing more to do.",
    )


def sealed() -> Problem:
    """409: the roll has been attested."""
    return conflict(
        "roll-sealed",
        "Närvarolistan är redan attesterad. Säg till utbildningsledaren, som kan rätta den.",
        "The roll has been attested already. Tell the trainer, who can correct it.",
    )
