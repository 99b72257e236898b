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


def is_rounded() -> Problem:
    return _wrong(
        "released-has-no-rows",
        "Siffrorna i den här rapporten är avrundade och har inga egna rader. Fråga efter lägesrapportens.",
        "The figures of this report are rounded and have no rows of their own. Ask for those of a progress report.",
    )


def days_missing(*names: str) -> Problem:
    """422: only a report has days of its own."""
    return invalid(
        *(
            FieldError(
                f"/query/{name}",
                "missing",
                "Ange dagarna, eller en fryst rapport med report.",
                "Give the days, or a frozen report by report.",
            )
            for name in names
        )
    )


def has_own(*names: str) -> Problem:
    """422: a report has its own days, municipality and courses."""
    return invalid(
        *(
            FieldError(
                f"/query/{name}",
                "of-the-report",
                "En rapport har sin egen period och kommun. Ta bort det här filtret.",
                "A report has a period and municipality of its own. Leave this filter out.",
            )
            for name in names
        )
    )


def _wrong(code: str, sv: str, en: str) -> Problem:
    return invalid(FieldError("/query/figure", code, sv, en))
