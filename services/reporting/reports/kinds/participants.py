"""The compilation of participants: one pseudonymous row a person."""

from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Content
from services.reporting.reports.kinds.kind import ROWS, Kind
from services.reporting.reports.kinds.persons import Person, employers, persons
from services.reporting.reports.listed import PARTICIPANT, Column, Listed
from services.reporting.reports.sections.people import participants
from services.reporting.reports.words import Words

NAME = "participants"


def lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    words = Words(content.order.language)
    columns = (
        Column(PARTICIPANT, words("participant"), "id"),
        Column("gender", words("by_gender")),
        Column("age_group", words("by_age")),
        Column("municipality", words("municipality")),
        Column("title", words("by_title")),
        Column("category", words("by_category")),
        Column("first_day", words("first_day"), "date"),
        Column("last_day", words("last_day"), "date"),
        Column("participations", words("participations"), "count"),
        Column("minutes", words("attested_time"), "minutes"),
    )
    rows = tuple(_row(content, words, one) for one in persons(facts, content))
    return (Listed(NAME, words("list.participants"), columns, rows),)


def _row(content: Content, words: Words, one: Person) -> tuple[str | int, ...]:
    return (
        one.participant_id,
        words.named("one_gender", one.gender),
        words.named("age", one.age_group),
        employers(content, one.municipalities),
        words.named("title", one.title),
        words.named("category", one.category),
        one.first_day.isoformat(),
        one.last_day.isoformat(),
        one.participations,
        one.minutes,
    )


KIND = Kind(
    "participants",
    (participants,),
    lists=lists,
    adds_up={
        NAME: {
            ROWS: "unique_participants.total",
            "participations": "participations.total",
            "minutes": "minutes.attested",
        }
    },
)
