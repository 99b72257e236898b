"""Minutes: each belongs to the local day of its occasion, is stored as it was sealed, and is rounded once, at the end.

Rounding is the project's dated policy (product.md, Reporting 4). One `per: person_month` rounds a person's month with
one employer over all courses, and is the one in force on the 1st; one that begins within a month waits for the next.
Other policies round each occasion by its day's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.reporting.figures.basis import UNCREDITED, UNMATCHED

POLICIES: Final = """
    policy AS MATERIALIZED (
        SELECT day, CASE WHEN 'person_month' IN (begun.value ->> 'per', today.value ->> 'per')
                               THEN begun.value ELSE today.value END AS value,
               coalesce(required.value, 'null') NOT IN ('null', 'false', '0', '""', '[]', '{}') AS is_signature_required
          FROM (SELECT day FROM occasion UNION SELECT {first} UNION SELECT {to}) AS of
          LEFT JOIN setting AS today ON today.key = 'rounding' AND day >= today.valid_from AND day < today.until
          LEFT JOIN setting AS begun ON begun.key = 'rounding'
               AND CAST(date_trunc('month', day) AS date) >= begun.valid_from
               AND CAST(date_trunc('month', day) AS date) < begun.until
          LEFT JOIN setting AS required
               ON required.key = 'signature_required' AND day >= required.valid_from AND day < required.until
    ),
    monthly AS (SELECT day FROM policy WHERE value ->> 'per' = 'person_month'),
    cut AS (
        SELECT FROM (SELECT 1) AS one
          LEFT JOIN {at}.catalogue ON natural_key = 'project/project'
         CROSS JOIN LATERAL (SELECT data -> 'period') AS stated (period)
         WHERE (extract(day FROM {first}) <> 1 AND coalesce({first} > CAST(period ->> 'from' AS date), true)
                AND {first} IN (SELECT day FROM monthly))
            OR (extract(day FROM {to} + 1) <> 1 AND coalesce({to} < CAST(period ->> 'to' AS date), true)
                AND {to} IN (SELECT day FROM monthly))
    )"""
"""`cut`: a row when the period takes a part of a month that is rounded as a whole."""

CLAIMABLE: Final = f"""
    claim AS MATERIALIZED (
        SELECT given.*, policy.value AS policy, policy.value ->> 'per' = 'person_month' AS is_monthly
          FROM attested AS given JOIN policy USING (day)
          LEFT JOIN signed USING (session_id, person, occasion_id)
         WHERE municipality <> '{UNMATCHED}' AND day <= {{to}}
           AND (signed.minutes = given.minutes OR NOT is_signature_required)
    ),
    claimed AS MATERIALIZED (
        SELECT municipality, person, session_id, occasion_id, minutes AS before,
               (whole + CASE WHEN rest = 0 OR mode = 'down' THEN 0 WHEN mode = 'up' THEN 1
                                           WHEN mode = 'half_even' AND 2 * rest = unit THEN whole % 2
                                           WHEN 2 * rest >= unit THEN 1 ELSE 0 END) * unit AS minutes, day
          FROM (SELECT municipality, person, min(day) AS day, sum(minutes) AS minutes,
                       CASE WHEN is_monthly IS NOT TRUE THEN session_id END AS session_id,
                       CASE WHEN is_monthly IS NOT TRUE THEN occasion_id END AS occasion_id,
                       coalesce(CAST(policy ->> 'unit_minutes' AS bigint), 1) AS unit,
                       coalesce(policy ->> 'mode', 'half_up') AS mode
                  FROM claim
                 GROUP BY person, municipality, policy,
                       CASE WHEN is_monthly THEN date_trunc('month', day) END,
                       CASE WHEN is_monthly IS NOT TRUE THEN session_id END,
                       CASE WHEN is_monthly IS NOT TRUE THEN occasion_id END) AS one
         CROSS JOIN LATERAL (SELECT minutes / unit, minutes % unit) AS parts (whole, rest)
    )"""
"""Claimable is what an employer can be credited with and, where the project demands signatures that day, is signed
with the same minutes.
"""

IS_PART: Final = """(
    EXISTS (SELECT FROM cut) OR {course} IS NOT NULL AND EXISTS (SELECT FROM claim WHERE is_monthly))"""
"""Whether the question takes a part of what is rounded as a whole: nobody can say what is claimable of it."""

SQL: Final = f"""{POLICIES}, {CLAIMABLE},
    told AS (
        SELECT kind, minutes, person, session_id, occasion_id, day FROM ({{counted}}) AS one
         WHERE kind <> 'scheduled' OR session_id IN (SELECT session_id FROM held)
        UNION ALL SELECT 'unmatched_minutes', minutes, person, session_id, occasion_id, day
                    FROM attested WHERE municipality = '{UNMATCHED}'
        UNION ALL SELECT 'claimable', minutes, person, session_id, occasion_id, day FROM claim
    ),
    minutes AS (
        SELECT jsonb_build_object(
            'rows', (SELECT coalesce(jsonb_object_agg(kind, jsonb_build_array(sum, persons)), '{{}}')
                       FROM (SELECT kind, sum(minutes), count(*) AS persons
                               FROM (SELECT kind, person, sum(minutes) AS minutes FROM told
                                      GROUP BY kind, person) AS of_one
                              GROUP BY kind) AS each),
            'claimed', (SELECT coalesce(sum(minutes), 0) FROM claimed),
            'is_part', {IS_PART}) AS found
    )"""


_COLUMNS: Final = "kind, session_id, person, occasion_id, day, minutes"
OF_ALL: Final = SQL.replace("{counted}", f"SELECT {_COLUMNS} FROM attested UNION ALL {UNCREDITED}")
OF_ONE: Final = SQL.replace("{counted}", f"SELECT {_COLUMNS} FROM chosen WHERE kind <> 'seat'")
"""Only a municipality's minutes must be credited to somebody, whatever they are."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Minutes, and how many persons they rest on. None is a number that cannot be told of these rows alone."""

    minutes: int | None
    persons: int


def measures(found: Mapping[str, Any]) -> Mapping[str, Measure]:
    """Scheduled (seats confirmed at the start of held sessions × occasion without breaks), attended (current marks,
    attested or not), attested (sealed rolls), the part of them without an employer, signed, claimable (rounded once, by
    the dated policy; None for a part of what is rounded as a whole), and what that rounding lost.

    `lost_to_rounding` is negative where the policy rounds up more than down: attested evidence stays the measure.
    """
    rows = {name: Measure(*found["rows"].get(name, (0, 0))) for name in (*_SUMS, "claimable")}
    before, persons = rows["claimable"].minutes or 0, rows["claimable"].persons
    claimed = None if found["is_part"] else found["claimed"]
    return {
        **{name: rows[name] for name in _SUMS},
        "claimable": Measure(claimed, persons),
        "lost_to_rounding": Measure(None if claimed is None else before - claimed, persons),
    }


_SUMS: Final = ("scheduled", "attended", "attested", "unmatched_minutes", "signed")
