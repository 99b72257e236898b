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
    "sign": {
        "sv": Text("Skriv under timmarna för {month}", "{hours} på kurs i {month} väntar på underskrift."),
        "en": Text("Sign the hours of {month}", "{hours} on courses in {month} wait for a signature."),
    },
    "sign-again": {
        "sv": Text(
            "Skriv under igen: timmarna för {month} har rättats",
            "Timmarna för {month} har rättats, och underskriften gäller inte längre. Nu är det {hours}.",
        ),
        "en": Text(
            "Sign again: the hours of {month} were corrected",
            "The hours of {month} were corrected, and the signature no longer holds. Now they are {hours}.",
        ),
    },
    "code": {
        "sv": Text("Koden för att skriva under", "Koden är {code}. Skriv den på sidan där du skriver under."),
        "en": Text("The code to sign with", "The code is {code}. Enter it on the page where you sign."),
    },
}
ONCE: Words = {
    "sv": "Länken går att använda en gång, till och med {until}.",
    "en": "The link works once, up to and including {until}.",
}
_SIGNING: Words = {
    "sv": "Se först efter att timmarna stämmer. Gör de inte det: skriv inte under, utan säg till projektkontoret. "
    "Länken är personlig och gäller till {until}.",
    "en": "First see that the hours are right. If they are not, do not sign: tell the project office. "
    "The link is personal and valid until {until}.",
}
CLOSING: Mapping[str, Words] = {
    **dict.fromkeys(("survey-participant", "survey-reminder-participant"), ONCE),
    **dict.fromkeys(("survey-manager", "survey-reminder-manager"), ONCE),
    "link": {
        "sv": "Länken är personlig: skicka den inte vidare. Den gäller till {until}.",
        "en": "The link is personal: do not pass it on. It is valid until {until}.",
    },
    "sign": _SIGNING,
    "sign-again": _SIGNING,
    "code": {
        "sv": "Koden gäller till {until}. Ge den inte till någon annan. Har du inte bett om den, gör ingenting.",
        "en": "The code is valid until {until}. Give it to nobody else. If you did not ask for it, do nothing.",
    },
}
LABELS: Mapping[str, Words] = {
    "survey": {"sv": "Svara här", "en": "Answer here"},
    "link": {"sv": "Din sida", "en": "Your page"},
}
