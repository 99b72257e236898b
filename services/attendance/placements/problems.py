"""Refusals of placements that say what to do."""

from shared.web.problems import FieldError, Problem, conflict

UNKNOWN_PARTICIPANT = FieldError(
    "/participant_id",
    "unknown-participant",
    "Personen är inte anställd hos kommunen den dagen. Lägg till personen i personallistan först.",
    "The person is not employed by the municipality on that day. Add them to the staff first.",
)
SEVERAL_EMPLOYERS = FieldError(
    "/municipality",
    "several-employers",
    "Personen är anställd av flera kommuner. Ange vilken det gäller.",
    "Several municipalities employ this person. Say which of them it is.",
)
OUTSIDE = FieldError(
    "/week",
    "week-outside-placement",
    "Veckan ligger utanför placeringen. Kontrollera veckan, eller ändra placeringens dagar.",
    "The week lies outside the placement. Check the week, or change the days of the placement.",
)
AHEAD = FieldError(
    "/week", "week-ahead", "Veckan har inte börjat. Följ upp den när den har gått.", "The week has not begun."
)


def already_noted(week: str) -> Problem:
    return conflict(
        "week-already-noted",
        f"{week} är redan uppföljd. Ändra den uppföljningen i stället.",
        f"{week} has been noted. Change that note instead.",
    )
