"""What a report rests on, copied in one snapshot: the rows, and what SQL answers from the same tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter

from services.reporting.days import Period
from services.reporting.figures.asking import Question, Statement, ask, counting
from services.reporting.figures.basis import basis
from services.reporting.figures.cofinancing import cofinancing
from services.reporting.figures.figures import figures
from services.reporting.figures.project import project_period
from services.reporting.recompute.model import Facts, Project
from services.reporting.reports.content import Json
from services.reporting.reports.periods import period_of
from services.reporting.reports.rows import collections
from shared.database.unit_of_work import Unit, Units

_MONTHS: Final = Statement(
    basis("attested"),
    "SELECT to_char(day, 'YYYY-MM') AS month, sum(minutes) AS attested FROM chosen GROUP BY 1",
)
_CATALOGUE: Final = (
    "SELECT data || jsonb_build_object('event_id', event_id) FROM {at}.catalogue "
    "WHERE natural_key LIKE '%s/%%' AND data IS NOT NULL"
)
_OCCASIONS: Final = (
    "coalesce((SELECT jsonb_agg(to_jsonb(occasion) ORDER BY %s) FROM {at}.occasions AS occasion "
    "WHERE occasion.session_id = one.session_id AND occasion.event_id %s one.event_id), '[]')"
)
_ROWS: Final = {
    "courses": _CATALOGUE % "course",
    "municipalities": _CATALOGUE % "municipality",
    "trainers": _CATALOGUE % "trainer",
    "persons": """
        SELECT to_jsonb(one) || jsonb_build_object('employments', coalesce((
            SELECT jsonb_agg(to_jsonb(employment) ORDER BY number) FROM {at}.employments AS employment
             WHERE employment.event_id = one.event_id), '[]')) FROM {at}.persons AS one""",
    "merges": """
        SELECT jsonb_build_object('participant_id', participant_id, 'into', became, 'event_id', event_id)
          FROM {at}.merges WHERE became IS NOT NULL""",
    "sessions": f"""
        SELECT to_jsonb(one) || jsonb_build_object(
            'occasions', {_OCCASIONS % ("starts_at, occasion_id", "=")},
            'former', {_OCCASIONS % ("occasion_id", "<>")}, 'cause', CASE WHEN cancelled THEN cause END)
          FROM {{at}}.sessions AS one LEFT JOIN (SELECT session_id, cause FROM {{at}}.cancellations) AS c
               USING (session_id)""",
    "registrations": """
        SELECT (array_agg(to_jsonb(one) ORDER BY sequence DESC, event_id DESC))[1] || jsonb_build_object(
            'steps', jsonb_agg(to_jsonb(one) ORDER BY sequence, event_id))
          FROM {at}.registration_steps AS one GROUP BY session_id, registration_id""",
    "rolls": """
        SELECT to_jsonb(one) || jsonb_build_object('lines', coalesce((
            SELECT jsonb_agg(to_jsonb(line) ORDER BY number) FROM {at}.roll_lines AS line
             WHERE line.event_id = one.event_id), '[]')) FROM {at}.rolls AS one WHERE attested""",
    "marks": "SELECT to_jsonb(one) FROM {at}.marks AS one",
    "signatures": """
        SELECT to_jsonb(line) FROM {at}.signatures AS one JOIN {at}.signed_lines AS line USING (event_id)
         WHERE one.signed""",
    "head_counts": "SELECT to_jsonb(one) FROM {at}.head_counts AS one",
    "invitations": "SELECT to_jsonb(one) FROM {at}.invitations AS one",
    "answers": "SELECT to_jsonb(one) FROM {at}.answers AS one",
}
"""The rows of each collection of `recompute.model.Facts`, as JSON with the names of its values."""


@dataclass(frozen=True)
class Stated:
    """What SQL answers; the recomputation from the rows must say the same."""

    figures: Json
    cofinancing: Json
    months: list[Json]


async def copy_state(units: Units, period: str, municipality: str | None) -> tuple[Facts, Stated]:
    """Reads everything as it is at one moment, which the figures name by their cut-off."""
    async with units.system() as version, units.snapshot() as unit:
        at = await counting(version)  # held outside: a snapshot that waited for a swap would be older than it
        stated = await _stated(unit, at, period_of(period, await project_period(unit, at)).days, municipality)
        return await facts_at(unit, at), stated


async def _stated(unit: Unit, at: str, days: Period, municipality: str | None) -> Stated:
    question = Question(days.first, days.last, municipality)
    months = {row["month"]: int(row["attested"]) for row in await ask(unit, at, _MONTHS, question)}
    return Stated(
        figures=await figures(unit, at, question),
        cofinancing=of_report(await cofinancing(unit, at, days.last, days.last), municipality),
        months=[{"month": month, "attested": attested} for month, attested in sorted(months.items())],
    )


def of_report(table: Json, municipality: str | None) -> Json:
    """A municipality's report names only itself beside the project."""
    return table | {"municipalities": [one for one in table["municipalities"] if municipality in (None, one["code"])]}


async def facts_at(unit: Unit, at: str) -> Facts:
    """The current state at a schema as the values that a report keeps."""
    async with unit.as_system():
        project = (await unit.execute((_CATALOGUE % "project").replace("{at}", at))).scalars().one_or_none()
        rows = {
            kind: (await unit.execute(statement.replace("{at}", at))).scalars().all()
            for kind, statement in _ROWS.items()
        }
    values: dict[str, Any] = {kind: adapter.validate_python(rows[kind]) for kind, adapter in collections().items()}
    return Facts(_project(project) if project else Project("", None, 0, ()), **values)


def _project(data: Json) -> Project:
    first, last = (date.fromisoformat(data["period"][name]) for name in ("from", "to"))
    settings = [{"value": None, **one} for one in data["settings"]]
    return TypeAdapter(Project).validate_python(data | {"period": Period(first, last), "settings": settings})
