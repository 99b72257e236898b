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
    "survey-participant": {
        "sv": Text(
            "Vad tyckte du om kursen? {course}",
            "Kursen {course} {day} är slut. Svara på tre korta frågor: det tar en minut. Ingen får veta vem som "
            "svarade vad.",
        ),
        "en": Text(
            "What did you think of the course? {course}",
            "The course {course} on {day} is over. Answer three short questions: it takes a minute. Nobody learns who "
            "answered what.",
        ),
    },
    "survey-reminder-participant": {
        "sv": Text(
            "Påminnelse: vad tyckte du om kursen? {course}",
            "Du hinner fortfarande svara på tre korta frågor om kursen {course} {day}. Det här är den enda "
            "påminnelsen. Ingen får veta vem som svarade vad.",
        ),
        "en": Text(
            "Reminder: what did you think of the course? {course}",
            "There is still time to answer three short questions about the course {course} on {day}. This is the only "
            "reminder. Nobody learns who answered what.",
        ),
    },
    "survey-manager": {
        "sv": Text(
            "Har kurserna hjälpt dina medarbetare?",
            "Medarbetare hos dig gick kurs för tre månader sedan. Svara på tre korta frågor om varje kurs: det tar en "
            "minut. Ingen får veta vem som svarade vad.",
        ),
        "en": Text(
            "Have the courses helped your staff?",
            "Staff of yours took a course three months ago. Answer three short questions about each course: it takes a "
            "minute. Nobody learns who answered what.",
        ),
    },
    "survey-reminder-manager": {
        "sv": Text(
            "Påminnelse: har kurserna hjälpt dina medarbetare?",
            "Du hinner fortfarande svara om kurserna som dina medarbetare gick för tre månader sedan. Det här är den "
            "enda påminnelsen. Ingen får veta vem som svarade vad.",
        ),
        "en": Text(
            "Reminder: have the courses helped your staff?",
            "There is still time to answer about the courses that staff of yours took three months ago. This is the "
            "only reminder. Nobody learns who answered what.",
        ),
    },
}
ONCE: Words = {
    "sv": "Länken går att använda en gång, till och med {until}.",
    "en": "The link works once, up to and including {until}.",
}
CLOSING: Mapping[str, Words] = {
    **dict.fromkeys(("survey-participant", "survey-reminder-participant"), ONCE),
    **dict.fromkeys(("survey-manager", "survey-reminder-manager"), ONCE),
    "link": {
        "sv": "Länken är personlig: skicka den inte vidare. Den gäller till {until}.",
        "en": "The link is personal: do not pass it on. It is valid until {until}.",
    },
}
LABELS: Mapping[str, Words] = {
    "survey": {"sv": "Svara här", "en": "Answer here"},
    "link": {"sv": "Din sida", "en": "Your page"},
}
