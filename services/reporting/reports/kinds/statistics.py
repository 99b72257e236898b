"""The file for the statistics authority: the columns of its template, a row a person. The project office's alone."""

from dataclasses import asdict

from services.reporting.days import Period
from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Content, Json
from services.reporting.reports.formats.render_csv import DECIMAL_MARKS
from services.reporting.reports.formatting import hours, rounded
from services.reporting.reports.kinds.kind import ROWS, Kind
from services.reporting.reports.kinds.persons import Person, persons
from services.reporting.reports.listed import PARTICIPANT, Column, Form, Listed
from services.reporting.reports.sections.people import participants
from services.reporting.reports.words import Words
from services.reporting.statistics_file.queries import template_on
from services.reporting.statistics_file.rules import ToFix, Value, cell, to_fix
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid

NAME = "statistics-file"
_FORMS: dict[str, Form] = {
    "first_day": "date",
    "last_day": "date",
    "birth_year": "id",
    "participations": "count",
    "minutes": "count",
}


async def given(unit: Unit, at: str, days: Period) -> Json:
    """The template in force on the last day."""
    template = await template_on(unit, days.last)
    if template is None:
        raise invalid(
            FieldError(
                "/period",
                "no-template",
                "Ingen version av mallen gäller periodens sista dag. Ange en i mallen.",
                "No version of the template holds on the last day of the period. State one in the template.",
            )
        )
    return {"template": dict(template)}


def lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    words, columns = Words(content.order.language), content.given["template"]["columns"]
    heads = tuple(Column(one["name"], one["name"], _form(one)) for one in columns)
    rows = tuple(
        (known.participant_id, *(cell(one, _known(known, content)) for one in columns))
        for known in persons(facts, content)
    )
    first = Column(PARTICIPANT, words("participant"), "id")
    return (Listed(NAME, words("list.statistics-file"), (first, *heads), rows),)


def lacking(facts: Facts, content: Content) -> list[ToFix]:
    """What must be mended before the authority takes the file."""
    columns = content.given["template"]["columns"]
    return [fault for one in persons(facts, content) for fault in to_fix(columns, _known(one, content))]


def _form(column: Json) -> Form:
    return "text" if column.get("codes") else _FORMS.get(column["source"], "text")


def _known(one: Person, content: Content) -> dict[str, Value]:
    """A person's values, with days and hours as they are written."""
    written = f"{rounded(hours(one.minutes), 1)}".replace(".", DECIMAL_MARKS[content.order.language])
    days = {"first_day": one.first_day.isoformat(), "last_day": one.last_day.isoformat()}
    return {**asdict(one), "hours": written, **days}


KIND = Kind(
    "statistics-file",
    (participants,),
    readers=frozenset(),
    lists=lists,
    adds_up={NAME: {ROWS: "unique_participants.total"}},
    given=given,
)
