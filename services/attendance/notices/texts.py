"""What attendance's mails say: one table, Swedish and English. The words fit the person and the manager alike."""

from collections.abc import Mapping

from shared.mail.rendering import Text, Words

TEXTS: Mapping[str, Mapping[str, Text]] = {
    "link": {
        "sv": Text(
            "Din sida för kurserna",
            "På din sida ser du dina kurser och dina timmar. Där skriver du under timmarna och hämtar dina intyg.",
        ),
        "en": Text(
            "Your page for the courses",
            "On your page you see your courses and your hours. There you sign the hours and get your certificates.",
        ),
    },
}
CLOSING: Mapping[str, Words] = {
    "link": {
        "sv": "Länken är personlig: skicka den inte vidare. Den gäller till {until}.",
        "en": "The link is personal: do not pass it on. It is valid until {until}.",
    },
}
LABELS: Mapping[str, Words] = {
    "link": {"sv": "Din sida", "en": "Your page"},
}
