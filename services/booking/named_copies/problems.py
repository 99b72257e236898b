"""The refusals of named copies, each with what to do."""

from shared.web.problems import FieldError, Problem


def report_altered() -> Problem:
    """422: these bytes are no frozen report's."""
    sv = (
        "Filen är inte en fryst rapport, eller så har den ändrats. Hämta rapportens JSON eller XLSX igen och skicka "
        "den utan att öppna och spara den."
    )
    en = (
        "The file is no frozen report, or it was changed. Fetch the report's JSON or XLSX again and send it without "
        "opening and saving it."
    )
    return Problem("report-altered", 422, sv, en, [FieldError("/file", "report-altered", sv, en)])


def no_participants() -> Problem:
    """422: the report names nobody."""
    sv = "Rapporten har inga rader med deltagare att sätta namn på. Välj ett intyg, en sammanställning eller filen."
    en = "The report has no rows of participants to name. Choose certificates, a compilation or the statistics file."
    return Problem("no-participants", 422, sv, en, [FieldError("/file", "no-participants", sv, en)])
