"""What can be wrong with a row, each with what to do; never with its number."""

from shared.web.problems import FieldError

TEXTS = {
    "missing": ("Fyll i cellen.", "Fill in the cell."),
    "not-an-id": (
        "Det är inget kurstillfälles id. Kopiera det, eller ange kurskod och datum.",
        "This is no id of a session. Copy it, or give the course's code and the date.",
    ),
    "not-a-date": ("Det finns ingen sådan dag. Skriv som 2025-03-01.", "There is no such day. Write it as 2025-03-01."),
    "unknown-session": (
        "Kurstillfället finns inte. Kontrollera dess id, eller ange kurskod och datum.",
        "There is no such session. Check its id, or give the course's code and the date.",
    ),
    "no-session-that-day": (
        "Kursen ges inte den dagen. Kontrollera kurskoden och datumet.",
        "The course is not given that day. Check the course's code and the date.",
    ),
    "several-sessions-that-day": (
        "Kursen ges flera gånger den dagen. Ange kurstillfällets id.",
        "The course is given several times that day. Give the session's id.",
    ),
    "not-your-municipality": (
        "Ni kan bara anmäla er egen kommuns personal.",
        "You can only register staff of your own municipality.",
    ),
    "unknown-person": (
        "Personen finns inte i kommunens personal. Lägg in personen först, och kontrollera numret.",
        "The person is not among the municipality's staff. Enter the person first, and check the number.",
    ),
    "several-employers": (
        "Personen är anställd i flera kommuner den dagen. Ange vilken i kolumnen municipality.",
        "The person is employed by several municipalities that day. Say which one in the column municipality.",
    ),
}


def row_error(name: str, code: str) -> FieldError:
    return FieldError(f"/{name}", code, *TEXTS[code])


def twice(earlier: int) -> FieldError:
    return FieldError(
        "/personal_number",
        "twice-in-file",
        f"Personen står redan på rad {earlier} för samma kurstillfälle. Ta bort den ena raden.",
        f"The person already stands on row {earlier} for the same session. Remove one of the rows.",
    )
