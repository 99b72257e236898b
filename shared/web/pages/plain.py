"""Refusals in the words of a page: what the API calls a field, a header or an id is not what a form calls it."""

from collections.abc import Mapping
from typing import Final

from shared.web.errors import FAULT_AFTERWARDS, OUTCOME_UNKNOWN
from shared.web.pages.languages import LANGUAGE
from shared.web.problems import FieldError, Problem

FILL_IN: Final = ("Fyll i fältet.", "Fill in this field.")
_OPTION = ("Välj ett av alternativen.", "Choose one of the options.")
_TIME = ("Ange dag och klockslag.", "Give the day and the time.")
_AT_LEAST_ONE = ("Välj eller fyll i minst en.", "Choose or fill in at least one.")
FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": FILL_IN,
    "string_too_short": FILL_IN,
    "none_required": FILL_IN,
    "string_type": FILL_IN,
    "uuid_parsing": ("Välj i listan.", "Choose from the list."),
    "enum": _OPTION,
    "literal_error": _OPTION,
    "bool_parsing": _OPTION,
    "too_short": _AT_LEAST_ONE,
    "list_type": _AT_LEAST_ONE,
    "string_pattern_mismatch": ("Kontrollera hur det är skrivet.", "Check how it is written."),
    "before_from": ("Sista dagen ligger före den första.", "The last day lies before the first."),
    "not_iso": ("Skriv en dag som 2027-03-02.", "Write a day as 2027-03-02."),
    **dict.fromkeys(("datetime_parsing", "datetime_from_date_parsing", "timezone_aware"), _TIME),
}
"""What is wrong with a field, by the code of its error."""

_SENT_ALREADY = (
    "Formuläret är redan sparat en gång, med annat innehåll. Ska det som står här också sparas, så skicka det igen.",
    "This form was saved once before, with other content. If what stands here is to be saved too, send it again.",
)
_NEVER_TWICE = (
    "Förbindelsen bröts medan det sparades. Skicka igen: det sparas inte två gånger.",
    "The connection broke while it was being saved. Send it again: it is not saved twice.",
)
_CHANGED = (
    "Någon annan har ändrat det här sedan du öppnade sidan. Öppna den på nytt och gör om ändringen.",
    "Somebody else changed this since you opened the page. Open it anew and repeat your change.",
)
PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "stale-if-match": _CHANGED,
    "if-match-required": _CHANGED,
    "idempotency-key-reused": _SENT_ALREADY,
    "invalid-idempotency-key": (
        "Formuläret gick inte att ta emot, och inget är sparat. Skicka det igen.",
        "The form could not be taken, and nothing was saved. Send it again.",
    ),
    "request-in-progress": (
        "Det skickas redan. Vänta en stund och se efter om det är sparat.",
        "It is being sent already. Wait a moment and look whether it was saved.",
    ),
    "invalid-occurred-at": (
        "Ange dag och klockslag för när det bestämdes.",
        "Give the day and the time when it was decided.",
    ),
    "method-not-allowed": (
        "Sidan kan inte användas så. Gå tillbaka till den.",
        "The page cannot be used so. Go back to it.",
    ),
    "unsupported-media-type": ("Filen går inte att läsa. Välj en annan.", "The file cannot be read. Choose another."),
}
"""What is wrong with the whole, by the name of the problem."""
_KEYS: Final[Mapping[str, tuple[str, str]]] = {OUTCOME_UNKNOWN.sv: _NEVER_TWICE, FAULT_AFTERWARDS.sv: _NEVER_TWICE}
"""What a call may send again with the same key, by its sentence: a form that was refused keeps its key."""
_IDS: Final = (" Kontrollera id:t.", " Check the id.")


def said(refusal: Problem | FieldError) -> str:
    """The sentence of a refusal, in the page's language."""
    words = (refusal.sv, refusal.en)
    if isinstance(refusal, FieldError):
        words = FIELDS.get(refusal.code, words)
    else:
        words = _KEYS.get(refusal.sv) or PROBLEMS.get(refusal.name, words)
    chosen = LANGUAGE.get() != "sv"
    return words[chosen].removesuffix(_IDS[chosen])
