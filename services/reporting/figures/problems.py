"""The refusals of figures, each with what to do."""

from shared.web.problems import FieldError, Problem


def too_fine(*pointers: str) -> Problem:
    """422: figures that are released tell of whole months, by what is known now."""
    sv = "Utvärderare får siffror för hela månader, efter det som är känt nu. Ange månadens första och sista dag."
    en = "Evaluators get figures of whole months, by what is known now. Give a month's first and last day."
    errors = [FieldError(pointer, "period-too-fine", sv, en) for pointer in pointers]
    return Problem("period-too-fine", 422, sv, en, errors)
