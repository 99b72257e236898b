"""The refusals of walk-ins, each with what to do."""

from shared.web.problems import Problem, conflict


def walk_in_id_taken() -> Problem:
    """409: each walk-in has an id of its own."""
    return conflict(
        "walk-in-id-taken",
        "Samma walk_in_id finns på ett annat kurstillfälle. Skapa ett nytt id.",
        "The same walk_in_id stands on another session. Make a new id.",
    )
