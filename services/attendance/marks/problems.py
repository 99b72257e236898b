"""Why marks are refused, in words. A refused mark lets the rest of its batch be recorded."""

from services.attendance.cells.rules import Refusal
from shared.web.problems import FieldError, Problem, invalid

TEXTS: dict[Refusal, tuple[int, str, str]] = {
    Refusal.MALFORMED: (
        422,
        "Markeringen går inte att läsa. Rätta det som står under errors och skicka den igen.",
        "The mark cannot be read. Correct what is under errors and send it again.",
    ),
    Refusal.VERSION_AHEAD: (
        409,
        "base_version är högre än listans version. Hämta listan igen och markera efter den.",
        "base_version is beyond the version of the roll. Get the roll again and mark by it.",
    ),
    Refusal.TRAINER_REPLACED: (
        409,
        "Du var inte längre utbildningsledare här när markeringen gjordes. Be den som tog över att markera.",
        "You no longer taught this session when the mark was made. Ask who took over to mark it.",
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


def no_trainer_of_the_session() -> Problem:
    """422 for acting on behalf of somebody who does not teach the session."""
    return invalid(
        FieldError(
            "/on_behalf_of",
            "not-a-trainer-of-the-session",
            "Ange en av kurstillfällets utbildningsledare.",
            "Give one of the trainers of this session.",
        )
    )
