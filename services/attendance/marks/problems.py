"""Why single marks are refused, in words. The rest of the batch is recorded all the same."""

from services.attendance.cells.rules import Refusal
from shared.web.problems import Problem

TEXTS: dict[Refusal, tuple[int, str, str]] = {
    Refusal.ROLL_SEALED: (
        409,
        "Närvarolistan är attesterad. Rätta den med en rättelse (corrections) och attestera igen.",
        "The roll has been attested. Correct it with a correction and attest again.",
    ),
    Refusal.SESSION_CANCELLED: (
        409,
        "Kurstillfället är inställt. Kontrollera att markeringen hör till rätt tillfälle.",
        "The session was cancelled. Check that the mark belongs to this session.",
    ),
    Refusal.UNKNOWN_OCCASION: (
        422,
        "Datumtillfället (occasion_id) hör inte till kurstillfället. Hämta listan igen.",
        "The occasion (occasion_id) is not one of this session. Get the roll again.",
    ),
    Refusal.MARK_ID_REUSED: (
        409,
        "mark_id har redan använts för en annan markering. Ge varje markering ett eget id.",
        "This mark_id was used for another mark. Give each mark an id of its own.",
    ),
    Refusal.MINUTES_OUT_OF_RANGE: (
        422,
        "Minuterna ska vara från 0 till tillfällets längd utan raster.",
        "The minutes must be between 0 and the length of the occasion without breaks.",
    ),
    Refusal.MINUTES_OF_ABSENT: (
        422,
        "Den som är frånvarande har varken minuter eller tider. Ta bort dem eller ange present.",
        "Who is absent has neither minutes nor times. Remove them, or mark as present.",
    ),
    Refusal.LEFT_BEFORE_ARRIVED: (
        422,
        "left_at ligger före arrived_at. Rätta tiderna.",
        "left_at lies before arrived_at. Correct the times.",
    ),
    Refusal.OCCASION_NOT_BEGUN: (
        422,
        "Närvaro kan inte markeras före datumtillfällets dag.",
        "Nobody can be marked present before the day of the occasion.",
    ),
}


def problem_of(refusal: Refusal) -> Problem:
    """The refusal as a problem that tells the device what to do."""
    status, sv, en = TEXTS[refusal]
    return Problem(refusal.value, status, sv, en)
