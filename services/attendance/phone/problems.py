"""The refusals of phones, each with what to do."""

from shared.web.problems import Problem, forbidden


def noted_by_another() -> Problem:
    """403: what one trainer noted is not sent in another's name."""
    return forbidden(
        "Det här noterades av en annan utbildningsledare. Den som noterade det loggar in och skickar det.",
        "Another trainer noted this. Whoever did has to sign in and send it.",
    )
