"""The unit of a figure, from its dotted path."""

from services.reporting.reports.formatting import Unit

_BY_LAST_NAME = {
    "share": Unit.SHARE,
    "fill_rate": Unit.SHARE,
    "attainment": Unit.SHARE,
    "mean": Unit.MEAN,
    "courses_offered": Unit.COURSES,
    "at_end": Unit.SHARE,
    "low": Unit.SHARE,
    "high": Unit.SHARE,
}
_BY_GROUP = {
    "unique_participants": Unit.PERSONS,
    "participations": Unit.PARTICIPATIONS,
    "sessions": Unit.SESSIONS,
    "seats": Unit.SEATS,
    "minutes": Unit.MINUTES,
    "surveys": Unit.ANSWERS,
    "trainers": Unit.TRAINERS,
    "approximate": Unit.COUNT,
    "cofinancing": Unit.MINUTES,
    "months": Unit.MINUTES,
}


def unit_of(path: str) -> Unit:
    """`minutes.attested` → minutes. Raises KeyError for a group that no figure has."""
    group, *rest = path.split(".")
    if group == "surveys" and rest[-1] in ("high", "low"):
        return Unit.ANSWERS  # grades of an answer, not the bounds of a forecast
    if group in ("unique_participants", "participations"):
        return _BY_GROUP[group]  # a title or course may be called anything
    return _BY_LAST_NAME.get(rest[-1], _BY_GROUP[group])
