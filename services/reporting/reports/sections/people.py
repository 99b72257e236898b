"""People: unique participants, and their participations."""

from services.reporting.reports.charts import bars, columns
from services.reporting.reports.content import Json
from services.reporting.reports.formatting import Unit
from services.reporting.reports.presentation import Row, Section, Table, cell
from services.reporting.reports.sections.reading import Reading
from shared.sorting import swedish_order


def participants(reading: Reading) -> Section:
    """Each person once: by gender, by age, by employer."""
    words = reading.words
    genders = reading.shares("by_gender", "unique_participants", "by_gender", "gender")
    ages = reading.shares("by_age", "unique_participants", "by_age", "age")
    values = [(row.label, row.cells[0].value) for row in ages.rows if not row.total]
    chart = columns("age", words("age_chart"), reading.language, Unit.PERSONS, values, alt=reading.alt("age_alt"))
    tables = (genders, ages, *_by_municipality(reading))
    return Section("participants", words("participants"), (words("participants_intro"),), tables, chart)


def participations(reading: Reading) -> Section:
    """Persons on sessions: by course, by category and by title."""
    words, courses = reading.words, reading.content.names["courses"]

    def table(word: str, group: str) -> Table:
        unit, labels = Unit.PARTICIPATIONS, {"by_course": lambda code: str(courses.get(code, code))}
        label = labels.get(word, lambda code: words.named(group, code))
        return reading.counts(word, "participations", word, label, "total", unit)

    by_course = table("by_course", "course")
    values = [(row.label, row.cells[0].value) for row in by_course.rows if not row.total]
    title, alt = words("course_chart"), reading.alt("course_alt")
    chart = bars("courses", title, reading.language, Unit.PARTICIPATIONS, values, alt=alt)
    tables = (by_course, table("by_category", "category"), table("by_title", "title"))
    return Section("participations", words("participations"), (words("participations_intro"),), tables, chart)


def _by_municipality(reading: Reading) -> tuple[Table, ...]:
    """Persons and participations beside each other. Who had two employers stands in two rows and once in the total.

    Of released figures one may be told without the other: what rounds to nothing is left out.
    """
    persons: Json = reading.figures["unique_participants"]["by_municipality"]
    ones: Json = reading.figures["participations"]["by_municipality"]
    codes = sorted(persons.keys() | ones.keys(), key=lambda code: swedish_order(reading.municipality(code)))
    if not codes:
        return ()
    rows = [
        Row(
            reading.municipality(code),
            (
                cell(f"unique_participants.by_municipality.{code}", persons.get(code), Unit.PERSONS),
                cell(f"participations.by_municipality.{code}", ones.get(code), Unit.PARTICIPATIONS),
            ),
        )
        for code in codes
    ]
    total = (
        reading.at("unique_participants.total", Unit.PERSONS),
        reading.at("participations.total", Unit.PARTICIPATIONS),
    )
    rows.append(Row(reading.words("total"), total, total=True))
    header = reading.heads("municipality", "participants", "participations")
    return (Table("municipalities", reading.words("by_municipality"), header, tuple(rows)),)
