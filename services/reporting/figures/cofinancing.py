"""Co-financing: the hours that employees attended, against the hours that their municipality promised.

Rule (product.md, Reporting 3): the project's attainment is Σ hours ÷ Σ commitments, never the mean of the municipal
ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

from services.reporting.days import Period
from services.reporting.figures.asking import Question, Statement, ask
from services.reporting.figures.basis import UNMATCHED, basis
from services.reporting.figures.minutes import CLAIMABLE, POLICIES, Measure
from services.reporting.figures.released import released_minutes, with_suppressed
from services.reporting.forecast.rules import RECENT_DAYS, Standing, forecast, show_rate
from services.reporting.shares import share
from shared.database.unit_of_work import Unit

_SUMS: Final = f"""
    asked AS MATERIALIZED (
        SELECT last, CASE WHEN {{as_of}} IS NULL THEN last ELSE least(last, {{today}}) END AS ahead_from
          FROM (SELECT coalesce({{as_of}}, greatest({{today}}, (
                    SELECT max(day) FROM credited WHERE kind = 'attested'))) AS last) AS named
    ),
    of_one AS MATERIALIZED (
        SELECT municipality, person, sum(minutes) FILTER (WHERE kind = 'attested' AND day <= last) AS attested,
               sum(minutes) FILTER (WHERE kind = 'attested' AND day BETWEEN ahead_from - {RECENT_DAYS - 1}
                                                                AND ahead_from) AS recent,
               sum(minutes) FILTER (WHERE kind = 'scheduled' AND day <= ahead_from) AS past,
               sum(minutes) FILTER (WHERE kind = 'scheduled' AND day > ahead_from) AS booked
          FROM credited CROSS JOIN asked GROUP BY municipality, person
    ),
    part AS (
        SELECT municipality, person, name, minutes
          FROM of_one CROSS JOIN LATERAL (VALUES ('attested', attested), ('recent', recent), ('past', past),
                                                 ('booked', booked)) AS one (name, minutes)
         WHERE minutes IS NOT NULL
    ),
    summed AS (
        SELECT coalesce(municipality, 'project') AS code, name, sum(minutes) AS minutes,
               count(DISTINCT person) AS persons
          FROM part GROUP BY GROUPING SETS ((municipality, name), (name))
        UNION ALL
        SELECT 'credited', name, sum(minutes), count(DISTINCT person)
          FROM part WHERE municipality <> '{UNMATCHED}' GROUP BY name
        UNION ALL
        SELECT coalesce(municipality, 'project'), 'claimable', coalesce(sum(minutes), 0), count(DISTINCT person)
          FROM (SELECT municipality, person, sum(minutes) AS minutes FROM claimed GROUP BY municipality, person) AS of
         GROUP BY GROUPING SETS ((municipality), ())
    )"""
_PROMISED: Final = """
    promised AS (
        SELECT data ->> 'code' AS code, data ->> 'name' AS name, coalesce(minutes, 0) AS commitment
          FROM {at}.catalogue CROSS JOIN asked
          LEFT JOIN LATERAL (
                SELECT CAST(one ->> 'minutes' AS bigint) AS minutes
                  FROM jsonb_array_elements(data -> 'commitments') WITH ORDINALITY AS c (one, nr)
                 WHERE CAST(one ->> 'valid_from' AS date) <= last
                 ORDER BY CAST(one ->> 'valid_from' AS date) DESC, nr DESC LIMIT 1) AS stated ON true
         WHERE natural_key LIKE 'municipality/%' AND data IS NOT NULL
    )"""
_ELSEWHERE: Final = f"""
    of_day AS (
        SELECT day, municipality, sum(minutes) FILTER (WHERE kind = 'attested' AND day < {{since}}) AS attested,
               sum(minutes) FILTER (WHERE kind = 'attested' AND day < {{since}}
                                      AND day >= ahead_from - {RECENT_DAYS - 1}) AS recent,
               0 AS claimable,
               sum(minutes) FILTER (WHERE kind = 'scheduled' AND (day < {{since}} OR day > last)) AS scheduled
          FROM credited CROSS JOIN asked GROUP BY day, municipality
        UNION ALL
        SELECT day, municipality, 0, 0, sum(minutes), 0 FROM claimed WHERE day < {{since}} GROUP BY day, municipality
    ),
    elsewhere AS (
        SELECT to_char(day, 'YYYY-MM') AS month, municipality, coalesce(sum(attested), 0) AS attested,
               coalesce(sum(recent), 0) AS recent, sum(claimable) AS claimable,
               coalesce(sum(scheduled), 0) AS scheduled
          FROM of_day WHERE coalesce(attested, scheduled, nullif(claimable, 0)) IS NOT NULL
         GROUP BY 1, municipality
    )"""
"""What lies before `since` and after the day asked about, by month: what a report cannot count from its own rows."""
_ANSWER: Final = """
    SELECT (SELECT ahead_from FROM asked) AS day,
           EXISTS (SELECT FROM cut) AS is_part,
           (SELECT coalesce(jsonb_agg(to_jsonb(summed)), '[]') FROM summed) AS sums,
           (SELECT coalesce(jsonb_agg(to_jsonb(promised)), '[]') FROM promised) AS promised,
           (SELECT data -> 'period' FROM {at}.catalogue WHERE natural_key = 'project/project') AS period"""
_EXPRESSIONS: Final = [*basis("attested", "scheduled"), POLICIES, CLAIMABLE, _SUMS, _PROMISED]
_COFINANCING: Final = Statement(_EXPRESSIONS, _ANSWER)
_AND_ELSEWHERE: Final = Statement(
    [*_EXPRESSIONS, _ELSEWHERE],
    _ANSWER + ", (SELECT coalesce(jsonb_agg(to_jsonb(elsewhere)), '[]') FROM elsewhere) AS elsewhere",
)

_NONE: Final = Measure(0, 0)

Shown = Callable[[Measure], int | None]
"""How many of a measure's minutes the reader is told."""


async def cofinancing(unit: Unit, at: str, as_of: date | None, today: date) -> dict[str, Any]:
    """What GET /v1/cofinancing answers: occasions to that local day, commitments as promised on it.

    Hours without an employer are part of the project's attested minutes, and no municipality's. Without `as_of` it is
    today, or the day of a later occasion already attested, and no month is cut. A forecast looks ahead from today where
    `as_of` lies later: days that have not been tell of no pace.
    """
    return _Table(await _asked(unit, at, as_of, today)).shown(lambda measure: measure.minutes)


async def cofinancing_and_elsewhere(
    unit: Unit, at: str, as_of: date, since: date, today: date
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same table, and the sums in it that come from before `since` and after `as_of`, by month and employer."""
    [found] = await ask(unit, at, _AND_ELSEWHERE, Question(), to=as_of, as_of=as_of, today=today, since=since)
    return _Table(found).shown(lambda measure: measure.minutes), found["elsewhere"]


async def released_cofinancing(unit: Unit, at: str, as_of: date, today: date) -> dict[str, Any]:
    """The same for an evaluator, as of the end of a month: minutes rounded, and the shares that follow from them."""
    table = _Table(await _asked(unit, at, as_of, today))
    released = table.shown(lambda one: released_minutes(one.minutes, one.persons))
    return with_suppressed(table.shown(lambda one: one.minutes), released)


async def _asked(unit: Unit, at: str, as_of: date | None, today: date) -> Mapping[str, Any]:
    [found] = await ask(unit, at, _COFINANCING, Question(), to=as_of or date.max, as_of=as_of, today=today)
    return found


class _Table:
    """The sums that the table is made of."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.day: date = found["day"]
        period = found["period"]
        self.project = period and Period(date.fromisoformat(period["from"]), date.fromisoformat(period["to"]))
        self._is_part = found["is_part"]
        self._sums = {(one["code"], one["name"]): Measure(one["minutes"], one["persons"]) for one in found["sums"]}
        promised = {one["code"]: (one["name"], one["commitment"]) for one in found["promised"]}
        # Also those with hours that the catalogue has not named yet.
        unnamed = {code for code, name in self._sums if name == "attested"} - {
            *promised,
            "project",
            "credited",
            UNMATCHED,
        }
        self._promised = dict(sorted({**promised, **{code: (code, 0) for code in unnamed}}.items()))

    def of(self, code: str, name: str) -> Measure:
        """The minutes of a municipality, `project`, or `credited` (all municipalities)."""
        measure = self._sums.get((code, name), _NONE)
        return Measure(None, measure.persons) if name == "claimable" and self._is_part else measure

    def shown(self, shown: Shown) -> dict[str, Any]:
        rate = show_rate(
            shown(self.of("credited", "attested")) or 0, shown(self.of("credited", "past")) or 0, Fraction(1)
        )
        project = self._line("project", sum(commitment for _, commitment in self._promised.values()), shown)
        return {
            "project": project | {"unmatched_minutes": shown(self.of(UNMATCHED, "attested"))},
            "municipalities": [
                {"code": code, "name": name} | self._with_forecast(code, commitment, rate, shown)
                for code, (name, commitment) in self._promised.items()
            ],
        }

    def _line(self, code: str, commitment: int, shown: Shown) -> dict[str, Any]:
        attested = shown(self.of(code, "attested"))
        return {
            "commitment_minutes": commitment,
            "attested_minutes": attested,
            "claimable_minutes": shown(self.of(code, "claimable")),
            "attainment": None if attested is None else share(attested, commitment),
        }

    def _with_forecast(self, code: str, commitment: int, rate: Fraction, shown: Shown) -> dict[str, Any]:
        """A forecast gives away nothing that its line does not say: minutes as the reader is told them."""
        line = self._line(code, commitment, shown)
        recent, past, booked = (shown(self.of(code, name)) or 0 for name in ("recent", "past", "booked"))
        standing = Standing(commitment, line["attested_minutes"], recent, past, booked)
        return line | forecast(standing, self.project, self.day, rate)
