"""The refusals of drilling, each with what to do."""

from shared.web.problems import FieldError, Problem, invalid


def unknown_figure() -> Problem:
    return _wrong(
        "unknown-figure",
        "Ange en siffra med sin väg i svaret från /figures, till exempel minutes.attested.",
        "Give a figure by its path in the answer of /figures, for example minutes.attested.",
    )


def is_share() -> Problem:
    return _wrong(
        "share-has-no-rows",
        "Andelar och medelvärden har inga egna rader. Fråga efter antalen som de räknas av.",
        "Shares and means have no rows of their own. Ask for the counts that they are made of.",
    )


def not_told() -> Problem:
    return _wrong(
        "figure-not-told",
        "Siffran lämnas inte ut med de här filtren: svaren är färre än fem, den gäller bara hela projektet, eller "
        "perioden delar en månad som avrundas i sin helhet. Ändra period, kommun eller kurs.",
        "The figure is not told with these filters: fewer than five have answered, it is of the whole project only, "
        "or the period cuts a month that is rounded as a whole. Change period, municipality or course.",
    )


def _wrong(code: str, sv: str, en: str) -> Problem:
    return invalid(FieldError("/query/figure", code, sv, en))
