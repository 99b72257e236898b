"""Co-financing: each municipality's hours against its commitment, and where it is heading."""

from services.reporting.reports.charts import Chart, bars
from services.reporting.reports.content import Json
from services.reporting.reports.formatting import Unit, hours
from services.reporting.reports.presentation import NOTHING, Cell, Row, Section, Table, cell
from services.reporting.reports.sections.reading import Reading
from shared.sorting import swedish_order


def cofinancing(reading: Reading) -> Section:
    """One line a municipality, in Swedish order, and the project's."""
    words, stated = reading.words, reading.content.cofinancing
    lines = sorted(stated["municipalities"], key=lambda one: swedish_order(one["name"]))
    paragraphs = [words("cofinancing_intro", last=reading.last_day)]
    if stated["project"]["unmatched_minutes"]:
        unmatched = reading.shown(hours(stated["project"]["unmatched_minutes"]), Unit.HOURS)
        paragraphs.append(words("cofinancing_unmatched", hours=unmatched))
    table = _attainment(reading, lines, stated["project"])
    tables = (table, _forecast(reading, lines))
    return Section("cofinancing", words("cofinancing"), tuple(paragraphs), tables, _chart(reading, table))


def _attainment(reading: Reading, lines: list[Json], project: Json) -> Table:
    rows = [Row(one["name"], _attainment_cells(_path(one), one)) for one in lines]
    if project["unmatched_minutes"]:
        nobodys = cell("cofinancing.project.unmatched_minutes", project["unmatched_minutes"], Unit.HOURS)
        rows.append(Row(reading.words("unmatched"), (NOTHING, nobodys, NOTHING, NOTHING)))
    # One municipality beside the project's sum is not a table that adds up: the last row says whose it is.
    last = "total" if reading.content.order.municipality is None else "whole_project"
    rows.append(Row(reading.words(last), _attainment_cells("cofinancing.project", project), total=True))
    header = reading.heads("municipality", "commitment_h", "attested_h", "claimable_h", "attainment")
    return Table("cofinancing", reading.words("cofinancing.caption"), header, tuple(rows))


def _chart(reading: Reading, table: Table) -> tuple[Chart, ...]:
    values = [(row.label, row.cells[3].value) for row in table.rows if not row.total and row.cells[3] is not NOTHING]
    if len(values) < 2:
        return ()
    title, alt = reading.words("attainment_chart"), reading.alt("attainment_alt")
    return bars("attainment", title, reading.language, Unit.SHARE, values, alt=alt)


def _forecast(reading: Reading, lines: list[Json]) -> Table:
    header = reading.heads("municipality", "forecast.low", "forecast.at_end", "forecast.high", "to_close_gap")
    rows = tuple(Row(one["name"], _forecast_cells(_path(one), one)) for one in lines)
    return Table("forecast", reading.words("forecast.caption"), header, rows)


def _path(line: Json) -> str:
    return f"cofinancing.municipalities.{line['code']}"


def _attainment_cells(path: str, line: Json) -> tuple[Cell, ...]:
    minutes = ("commitment_minutes", "attested_minutes", "claimable_minutes")
    cells = (cell(f"{path}.{name}", line[name], Unit.HOURS) for name in minutes)
    return *cells, cell(f"{path}.attainment", line["attainment"], Unit.SHARE)


def _forecast_cells(path: str, line: Json) -> tuple[Cell, ...]:
    forecast = line["forecast"]
    shares = (cell(f"{path}.forecast.{name}", forecast[name], Unit.SHARE) for name in ("low", "at_end", "high"))
    return *shares, cell(f"{path}.to_close_gap_minutes", line["to_close_gap_minutes"], Unit.HOURS)
