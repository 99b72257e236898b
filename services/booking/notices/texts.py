"""What notices say: one table, Swedish and English. The words fit whoever reads them, the person or the manager."""

from collections.abc import Mapping

from shared.mail.rendering import Text

Kind = str

TEXTS: Mapping[Kind, Mapping[str, Text]] = {
    "invitation": {
        "sv": Text("Kallelse: {course} {day}", "Anmälan till {course} är bekräftad."),
        "en": Text("Invitation: {course} {day}", "The registration for {course} is confirmed."),
    },
    "promotion": {
        "sv": Text(
            "Plats från reservlistan: {course} {day}", "En plats har blivit ledig: anmälan till {course} är bekräftad."
        ),
        "en": Text(
            "Seat from the waiting list: {course} {day}",
            "A seat came free: the registration for {course} is confirmed.",
        ),
    },
    "substitution": {
        "sv": Text("Kallelse som ersättare: {course} {day}", "En kollegas plats på {course} har tagits över."),
        "en": Text("Invitation as a substitute: {course} {day}", "A colleague's seat on {course} was taken over."),
    },
    "move": {
        "sv": Text("Ny tid: {course} {day}", "Anmälan har flyttats till det här tillfället av {course}."),
        "en": Text("New session: {course} {day}", "The registration was moved to this session of {course}."),
    },
    "change": {
        "sv": Text("Ändrad tid eller plats: {course} {day}", "Kurstillfället har ändrats. Det här gäller nu:"),
        "en": Text("Changed time or place: {course} {day}", "The session has changed. This holds from now on:"),
    },
    "cancellation": {
        "sv": Text("Avbokad plats: {course} {day}", "Anmälan till {course} är avbokad. De här tiderna gäller inte:"),
        "en": Text(
            "Cancelled seat: {course} {day}", "The registration for {course} is cancelled. These times do not hold:"
        ),
    },
    "substituted": {
        "sv": Text(
            "Platsen övertagen: {course} {day}", "En kollega har tagit över platsen. De här tiderna gäller inte längre:"
        ),
        "en": Text(
            "Seat taken over: {course} {day}", "A colleague has taken over the seat. These times no longer hold:"
        ),
    },
    "moved-out": {
        "sv": Text(
            "Flyttad anmälan: {course} {day}",
            "Anmälan har flyttats till ett annat tillfälle, som det kommer en egen kallelse till. De här tiderna "
            "gäller inte längre:",
        ),
        "en": Text(
            "Moved registration: {course} {day}",
            "The registration was moved to another session, with an invitation of its own. These times no longer hold:",
        ),
    },
    "session-cancelled": {
        "sv": Text("Inställt: {course} {day}", "Kurstillfället är inställt ({cause}). De här tiderna gäller inte:"),
        "en": Text("Cancelled: {course} {day}", "The session is cancelled ({cause}). These times do not hold:"),
    },
    "occasion": {
        "sv": Text("Datum för {course}: {day}", "Fler datum för samma kurs. Alla står i det första mejlet."),
        "en": Text(
            "Date of {course}: {day}", "A further date of the same course. All of them stand in the first mail."
        ),
    },
    "occasion-cancelled": {
        "sv": Text("Struket datum för {course}: {day}", "Det här datumet gäller inte längre."),
        "en": Text("Cancelled date of {course}: {day}", "This date no longer holds."),
    },
    "reminder": {
        "sv": Text("Påminnelse: {course} {day}", "Snart är det dags för {course}."),
        "en": Text("Reminder: {course} {day}", "{course} is coming up."),
    },
    "session-cancelled-manager": {
        "sv": Text(
            "Inställt: {course} {day}",
            "Kurstillfället är inställt ({cause}). Ingen belastas för det. De som hade plats, med andra tillfällen:",
        ),
        "en": Text(
            "Cancelled: {course} {day}",
            "The session is cancelled ({cause}). It is held against nobody. Who had a seat, with other sessions:",
        ),
    },
    "rebooking": {
        "sv": Text(
            "Förslag på nytt tillfälle: {course}",
            "Kurstillfället har flyttats till en tid då personen har en annan kurs, och platsen är avbokad. Ingen "
            "belastas för det. Lediga tillfällen i stället:",
        ),
        "en": Text(
            "Proposals of a new session: {course}",
            "The session was moved to a time at which the person has another course, and the seat is cancelled. It is "
            "held against nobody. Free sessions instead:",
        ),
    },
    "substitution-manager": {
        "sv": Text("Ersättare: {course} {day}", "Någon annan går på kursen i stället."),
        "en": Text("Substitute: {course} {day}", "Somebody else takes the course instead."),
    },
    "trainer-assigned": {
        "sv": Text("Uppdrag: {course} {day}", "Du är utbildningsledare för kurstillfället."),
        "en": Text("Assignment: {course} {day}", "You are the trainer of this session."),
    },
    "trainer-replaced": {
        "sv": Text("Ändrat uppdrag: {course} {day}", "En annan utbildningsledare tar kurstillfället i ditt ställe."),
        "en": Text("Changed assignment: {course} {day}", "Another trainer takes the session in your place."),
    },
    "reservation": {
        "sv": Text(
            "Namnge reserverade platser: {course} {day}",
            "{missing} Ange namn senast {name_by}, annars går det som är kvar till andra.",
        ),
        "en": Text(
            "Name the reserved seats: {course} {day}",
            "{missing} Enter names by {name_by}, or what is left goes to others.",
        ),
    },
    "too-few": {
        "sv": Text(
            "För få anmälda: {course} {day}",
            "Sista dag för avbokning är förbi, med {confirmed} anmälda av minst {minimum}. Inget händer av sig självt: "
            "bestäm om tillfället ska ges eller ställas in.",
        ),
        "en": Text(
            "Too few registered: {course} {day}",
            "The cancellation deadline has passed with {confirmed} registered of at least {minimum}. Nothing happens "
            "by itself: decide whether the session is given or cancelled.",
        ),
    },
}


def without_names(held: int) -> Mapping[str, str]:
    """How many reserved seats have no names, in a sentence."""
    if held == 1:
        return {"sv": "En reserverad plats saknar namn.", "en": "One reserved seat has no name."}
    return {"sv": f"{held} reserverade platser saknar namn.", "en": f"{held} reserved seats have no names."}


CLOSING: Mapping[Kind, Mapping[str, str]] = {
    kind: {
        "sv": "Går det inte att komma? Säg till din chef så snart som möjligt, så att någon annan kan få platsen.",
        "en": "Unable to come? Tell your manager as soon as possible, so that somebody else can have the seat.",
    }
    for kind in ("invitation", "promotion", "substitution", "move", "reminder")
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "course": {"sv": "Kurs", "en": "Course"},
    "time": {"sv": "Tid", "en": "Time"},
    "venue": {"sv": "Plats", "en": "Place"},
}
REPLACED, SUBSTITUTE = {"sv": "Ersätts", "en": "Replaced"}, {"sv": "Går i stället", "en": "Goes instead"}
NO_SESSION = {"sv": "inget ledigt tillfälle just nu", "en": "no session with a free seat right now"}
BOOK = {"sv": "Boka", "en": "Book"}
CAUSES: Mapping[str, Mapping[str, str]] = {
    "trainer-absent": {"sv": "utbildningsledaren är frånvarande", "en": "the trainer is absent"},
    "too-few": {"sv": "för få anmälda", "en": "too few registered"},
    "venue": {"sv": "lokalen går inte att använda", "en": "the venue cannot be used"},
    "blackout": {"sv": "spärrad period", "en": "a blackout period"},
    "other": {"sv": "annan orsak", "en": "another cause"},
}
