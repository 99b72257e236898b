"""What was delivered: hours, sessions and seats, trainers."""

from services.reporting.reports.charts import Chart, columns
from services.reporting.reports.formatting import Unit
from services.reporting.reports.presentation import Cell, Row, Section, Table, cell
from services.reporting.reports.sections.reading import Reading

_MINUTES = ("scheduled", "attended", "attested", "unmatched_minutes", "signed", "claimable", "lost_to_rounding")
_SESSIONS = (("held", Unit.SESSIONS), ("cancelled", Unit.SESSIONS), ("courses_offered", Unit.COURSES))
_SEATS = ("offered", "confirmed", "cancelled_in_time", "cancelled_late", "no_show", "walk_in")


def attested_hours(reading: Reading) -> Section:
    """The measures of time, and the attested time month by month."""
    words = reading.words
    rows = tuple(Row(words(f"minutes.{name}"), _both(reading, f"minutes.{name}")) for name in _MINUTES)
    measures = Table("minutes", words("hours.caption"), reading.heads("figure", "minutes", "hours_column"), rows)
    if len(reading.content.months) < 2:
        return Section("hours", words("hours"), (words("hours_intro"),), (measures,))
    months = _months(reading)
    chart = _chart(reading, months)
    return Section("hours", words("hours"), (words("hours_intro"),), (measures, months), chart)


def sessions(reading: Reading) -> Section:
    """Sessions held and cancelled, and what became of the seats."""
    words, header = reading.words, reading.heads("figure", "number_of")
    held = tuple(reading.row(f"sessions.{name}", f"sessions.{name}", unit) for name, unit in _SESSIONS)
    seats = [reading.row(f"seats.{name}", f"seats.{name}", Unit.SEATS) for name in _SEATS]
    seats.append(reading.row("seats.fill_rate", "seats.fill_rate", Unit.SHARE))
    tables = [
        Table("sessions", words("sessions.caption"), header, held),
        Table("seats", words("seats"), header, tuple(seats)),
    ]
    if reading.figures["sessions"]["cancelled_by_cause"]:

        def label(code: str) -> str:
            return words.named("cause", code)

        causes = reading.counts("cause", "sessions", "cancelled_by_cause", label, "cancelled", Unit.SESSIONS)
        tables.append(causes)
    return Section("sessions", words("sessions"), (), tuple(tables))


def trainers(reading: Reading) -> Section:
    """Trainers at the end of the period, and head counts, which are neither persons nor hours."""
    words, header = reading.words, reading.heads("figure", "number_of")
    qualified = sorted(reading.figures["trainers"]["qualified"].items())
    rows = [
        Row(words("trainers.qualified", code=code), (cell(f"trainers.qualified.{code}", count, Unit.TRAINERS),))
        for code, count in qualified
    ]
    rows += [reading.row(f"trainers.{name}", f"trainers.{name}", Unit.TRAINERS) for name in ("starting_later", "left")]
    heads = (reading.row("approximate.head_counts", "approximate.head_counts", Unit.COUNT),)
    tables = (
        Table("trainers", words("trainers.caption"), header, tuple(rows)),
        Table("approximate", words("approximate.caption"), header, heads),
    )
    return Section("trainers", words("trainers"), (), tables)


def _months(reading: Reading) -> Table:
    rows = []
    for month in reading.content.months:
        path = f"months.{month['month']}.attested"
        cells = tuple(cell(path, month["attested"], unit) for unit in (Unit.MINUTES, Unit.HOURS))
        rows.append(Row(reading.month(month["month"]), cells))
    rows.append(Row(reading.words("total"), _both(reading, "minutes.attested"), total=True))
    header = reading.heads("by_month", "minutes", "hours_column")
    return Table("months", reading.words("by_month.caption"), header, tuple(rows))


def _chart(reading: Reading, months: Table) -> tuple[Chart, ...]:
    if len(months.rows) > 13:
        return ()  # beyond a year the names stand in each other's way
    values = [(row.label[:3], row.cells[1].value) for row in months.rows if not row.total]
    title, alt = reading.words("month_chart"), reading.alt("month_alt")
    return columns("months", title, reading.language, Unit.HOURS, values, alt=alt)


def _both(reading: Reading, path: str) -> tuple[Cell, ...]:
    return reading.at(path, Unit.MINUTES), reading.at(path, Unit.HOURS)
