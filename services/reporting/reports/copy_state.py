"""What a report rests on, copied in one snapshot: the rows of its days, and what SQL answers from the same tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter

from services.reporting.days import Period
from services.reporting.figures.asking import Question, Statement, ask, counting
from services.reporting.figures.basis import MERGED, REPLACED, basis
from services.reporting.figures.cofinancing import cofinancing_and_elsewhere
from services.reporting.figures.figures import figures, released_figures
from services.reporting.figures.people import EVER_THERE
from services.reporting.figures.project import project_period
from services.reporting.recompute.model import Facts, Project
from services.reporting.recompute.narrow import days_taken
from services.reporting.reports.content import Json, Order
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.periods import period_of
from services.reporting.reports.rows import collections
from shared.database.unit_of_work import Unit, Units

_MONTHS: Final = Statement(
    basis("attested"),
    "SELECT to_char(day, 'YYYY-MM') AS month, sum(minutes) AS attested FROM chosen GROUP BY 1",
)
_TOUCHED: Final = """
    touched AS MATERIALIZED (SELECT DISTINCT session_id FROM {at}.occasions WHERE day BETWEEN {first} AND {last})"""
_OF_TOUCHED: Final = "session_id = ANY (ARRAY(SELECT session_id FROM touched))"
_SEALED: Final = f"""
    sealed AS MATERIALIZED (SELECT * FROM {{at}}.rolls WHERE attested AND {_OF_TOUCHED}),
    sealed_line AS MATERIALIZED (
        SELECT * FROM {{at}}.roll_lines WHERE event_id = ANY (ARRAY(SELECT event_id FROM sealed))
    )"""
_SIGNED: Final = f"""
    signed_line AS MATERIALIZED (
        SELECT line.* FROM {{at}}.signed_lines AS line JOIN {{at}}.signatures AS month USING (participant_id, month)
         WHERE month.signed AND month.event_id = line.event_id AND line.{_OF_TOUCHED}
    )"""
_NAMED: Final = f"""
    named AS (
        SELECT participant_id FROM {{at}}.registration_steps WHERE {_OF_TOUCHED}
         UNION SELECT participant_id FROM {{at}}.marks WHERE {_OF_TOUCHED}
         UNION SELECT participant_id FROM sealed_line
         UNION SELECT participant_id FROM signed_line
    ),
    people AS (
        SELECT participant_id FROM named UNION SELECT remains FROM named JOIN merged ON ended = participant_id
    )"""
_ATTENDER: Final = """
    attender AS MATERIALIZED (
        SELECT DISTINCT coalesce(remains, participant_id) AS person
          FROM sealed_line LEFT JOIN merged ON ended = participant_id WHERE minutes > 0
    )"""
_EXPRESSIONS: Final = (MERGED, _TOUCHED, REPLACED, _SEALED, _SIGNED, _NAMED, _ATTENDER, EVER_THERE)

_CATALOGUE: Final = (
    "SELECT data || jsonb_build_object('event_id', event_id) AS row FROM {at}.catalogue "
    "WHERE natural_key LIKE '%s/%%' AND data IS NOT NULL"
)
_OCCASIONS: Final = (
    "coalesce((SELECT jsonb_agg(to_jsonb(occasion) ORDER BY %s) FROM {at}.occasions AS occasion "
    "WHERE occasion.session_id = one.session_id AND occasion.event_id %s one.event_id), '[]')"
)
_PLAIN: Final = f"SELECT to_jsonb(one) AS row FROM {{at}}.%s AS one WHERE {_OF_TOUCHED}"
_ROWS: Final = {
    "courses": _CATALOGUE % "course",
    "municipalities": _CATALOGUE % "municipality",
    "trainers": _CATALOGUE % "trainer",
    "merges": """
        SELECT jsonb_build_object('participant_id', participant_id, 'into', became, 'event_id', event_id) AS row
          FROM {at}.merges WHERE became IS NOT NULL""",
    "persons": """
        SELECT to_jsonb(one) || jsonb_build_object('employments', coalesce((
            SELECT jsonb_agg(to_jsonb(employment) ORDER BY number) FROM {at}.employments AS employment
             WHERE employment.event_id = one.event_id), '[]')) AS row
          FROM {at}.persons AS one WHERE participant_id = ANY (ARRAY(SELECT participant_id FROM people))""",
    "sessions": f"""
        SELECT to_jsonb(one) || jsonb_build_object(
            'occasions', {_OCCASIONS % ("starts_at, occasion_id", "=")},
            'former', {_OCCASIONS % ("occasion_id", "<>")}, 'cause', CASE WHEN cancelled THEN cause END) AS row
          FROM {{at}}.sessions AS one LEFT JOIN (SELECT session_id, cause FROM {{at}}.cancellations) AS c
               USING (session_id) WHERE {_OF_TOUCHED}""",
    "registrations": f"""
        SELECT (array_agg(to_jsonb(one) ORDER BY sequence DESC, event_id DESC))[1] || jsonb_build_object(
            'steps', jsonb_agg(to_jsonb(one) ORDER BY sequence, event_id)) AS row
          FROM {{at}}.registration_steps AS one WHERE {_OF_TOUCHED} GROUP BY session_id, registration_id""",
    "rolls": """
        SELECT to_jsonb(one) || jsonb_build_object('lines', coalesce((
            SELECT jsonb_agg(to_jsonb(line) ORDER BY number) FROM {at}.roll_lines AS line
             WHERE line.event_id = one.event_id), '[]')) AS row FROM sealed AS one""",
    "marks": _PLAIN % "marks" + " AND (session_id, participant_id, occasion_id) NOT IN (SELECT * FROM replaced)",
    "signatures": "SELECT to_jsonb(one) AS row FROM signed_line AS one",
    "head_counts": _PLAIN % "head_counts",
    "invitations": _PLAIN % "invitations",
    "answers": _PLAIN % "answers",
    "first_days": """
        SELECT DISTINCT ON (participant_id)
               jsonb_build_object('participant_id', participant_id, 'day', day, 'event_id', event_id) AS row
          FROM ever_there WHERE day < {first} ORDER BY participant_id, day, event_id""",
}
"""The rows of each collection of `recompute.model.Facts`, as JSON with the names of its values."""
_STATEMENTS: Final = {kind: Statement(_EXPRESSIONS, select) for kind, select in _ROWS.items()}


@dataclass(frozen=True)
class Stated:
    """What SQL answers; the recomputation from the rows must say the same."""

    figures: Json
    cofinancing: Json
    months: list[Json]
    given: Json = field(default_factory=dict)
    """What the kind takes beside facts."""


async def copy_state(units: Units, order: Order) -> tuple[Facts, Stated]:
    """Reads what a report takes of its period as it is at one moment, which the figures name by their cut-off."""
    async with units.system() as version, units.snapshot() as unit:
        at = await counting(version)  # held outside: a snapshot that waited for a swap would be older than it
        return await state_at(unit, at, order)


async def state_at(unit: Unit, at: str, order: Order) -> tuple[Facts, Stated]:
    """The same of the unit's own moment, or moments."""
    of = KINDS[order.kind]
    days = period_of(order.period, await project_period(unit, at)).days
    table, elsewhere = await cofinancing_and_elsewhere(unit, at, days.last, days_taken(days).first, order.day)
    question = Question(days.first, days.last, order.municipality)
    months = {row["month"]: int(row["attested"]) for row in await ask(unit, at, _MONTHS, question)}
    stated = Stated(
        figures=await (released_figures if of.released else figures)(unit, at, question),
        cofinancing=of_report(table, order.municipality),
        months=[{"month": month, "attested": attested} for month, attested in sorted(months.items())],
        given=await of.given(unit, at, days) if of.given else {},
    )
    return await facts_at(unit, at, days_taken(days), elsewhere), stated


def of_report(table: Json, municipality: str | None) -> Json:
    """A municipality's report names only itself beside the project."""
    return table | {"municipalities": [one for one in table["municipalities"] if municipality in (None, one["code"])]}


async def facts_at(unit: Unit, at: str, taken: Period, elsewhere: list[Json]) -> Facts:
    """The current state at a schema as the values that a report of these days keeps."""
    question = Question(taken.first, taken.last)
    async with unit.as_system():
        project = await unit.scalar((_CATALOGUE % "project").replace("{at}", at))
    rows = {"elsewhere": elsewhere}
    for kind, statement in _STATEMENTS.items():
        rows[kind] = [found["row"] for found in await ask(unit, at, statement, question)]
    values: dict[str, Any] = {kind: adapter.validate_python(rows[kind]) for kind, adapter in collections().items()}
    return Facts(_project(project) if project else Project("", None, 0, ()), taken=taken, **values)


def _project(data: Json) -> Project:
    first, last = (date.fromisoformat(data["period"][name]) for name in ("from", "to"))
    settings = [{"value": None, **one} for one in data["settings"]]
    return TypeAdapter(Project).validate_python(data | {"period": Period(first, last), "settings": settings})
