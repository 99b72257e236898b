"""Unique participants and participations: people with attested minutes > 0, once per project or per session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.reporting.figures.basis import counts

GENDERS: Final = ("woman", "man", "non_binary", "unknown")
AGE_GROUPS: Final = ("under_18", "18_29", "30_54", "55_plus", "unknown")
CATEGORIES: Final = ("base", "licensed", "other")

EVER_THERE: Final = """
    once_there AS MATERIALIZED (
        SELECT coalesce(remains, participant_id) AS person, participant_id, session_id, event_id, occasion_id
          FROM {at}.roll_lines LEFT JOIN merged ON ended = participant_id
         WHERE minutes > 0 AND participant_id = ANY (ARRAY(
                   SELECT person FROM attender
                    UNION SELECT ended FROM merged WHERE remains IN (SELECT person FROM attender)))
    ),
    place AS MATERIALIZED (SELECT DISTINCT session_id FROM once_there),
    day_there AS MATERIALIZED (
        SELECT session_id, occasion_id, event_id, day FROM {at}.occasions
         WHERE session_id = ANY (ARRAY(SELECT session_id FROM place))
    ),
    counting_roll AS (
        SELECT roll.event_id FROM {at}.rolls AS roll JOIN {at}.sessions AS one USING (session_id)
         WHERE roll.attested AND NOT one.cancelled AND one.event_id IN (SELECT event_id FROM day_there)
           AND roll.session_id = ANY (ARRAY(SELECT session_id FROM place))
           AND one.session_id = ANY (ARRAY(SELECT session_id FROM place))
    ),
    ever_there AS (
        SELECT person, participant_id, once_there.event_id, day
          FROM once_there JOIN day_there USING (session_id, occasion_id)
         WHERE once_there.event_id IN (SELECT event_id FROM counting_roll)
    )"""
"""On which days of the project each `attender` attended, under whatever id."""

DESCRIBED: Final = f"""
    attender AS MATERIALIZED (SELECT DISTINCT person FROM attested), {EVER_THERE},
    first_attended AS (SELECT person, min(day) AS day FROM ever_there GROUP BY person),
    described AS MATERIALIZED (
        SELECT person, day, coalesce(gender, 'unknown') AS gender,
               CASE WHEN birth_year IS NULL THEN coalesce(age_group, 'unknown')
                    WHEN age < 18 THEN 'under_18' WHEN age < 30 THEN '18_29' WHEN age < 55 THEN '30_54' ELSE '55_plus'
               END AS age_group
          FROM attender JOIN first_attended USING (person)
          LEFT JOIN known USING (person)
         CROSS JOIN LATERAL (SELECT extract(year FROM day) - birth_year) AS at_first (age)
    )"""
"""Whoever attended in the period, with the first attended day in the project and the age of then."""

SQL: Final = f"""{DESCRIBED},
    employed AS (SELECT DISTINCT municipality, person FROM attested),
    unique_participants AS (
        SELECT jsonb_build_object(
            'total', (SELECT count(*) FROM attender),
            'by_gender', {counts("gender", "described")},
            'by_age', {counts("age_group", "described")},
            'by_municipality', {counts("municipality", "employed")}) AS found
    ),
    participation AS MATERIALIZED (
        SELECT DISTINCT session_id, person FROM attested
    ),
    first_of_session AS MATERIALIZED (
        SELECT DISTINCT ON (session_id, person) session_id, person, category, title
          FROM participation JOIN credited USING (session_id, person) JOIN occasion USING (session_id, occasion_id)
         WHERE kind = 'attested'
         ORDER BY session_id, person, starts_at, occasion_id
    ),
    taking_part AS (SELECT DISTINCT municipality, session_id, person FROM attested),
    participations AS (
        SELECT jsonb_build_object(
            'total', (SELECT count(*) FROM participation),
            'by_category', {counts("category", "first_of_session")},
            'by_title', {counts("title", "first_of_session")},
            'by_course', {counts("course", "participation JOIN session USING (session_id)")},
            'by_municipality', {counts("municipality", "taking_part")}) AS found
    )"""


def unique_participants(found: Mapping[str, Any]) -> dict[str, Any]:
    """Each person once in all, and once at each employer credited: who has two employers is one in the county.

    Age: year of the first attended occasion in the project minus birth year; an erased person keeps the group it had.
    """
    return {
        "total": found["total"],
        "by_gender": _fixed(GENDERS, found["by_gender"]),
        "by_age": _fixed(AGE_GROUPS, found["by_age"]),
        "by_municipality": _sorted(found["by_municipality"]),
    }


def participations(found: Mapping[str, Any]) -> dict[str, Any]:
    """Each person once per session; at each employer credited with minutes of it in the period.

    Category and title are those in force on the first attended occasion of the session, even one before the period.
    """
    return {
        "total": found["total"],
        "by_category": _fixed(CATEGORIES, found["by_category"]),
        **{name: _sorted(found[name]) for name in ("by_title", "by_course", "by_municipality")},
    }


def _fixed(keys: tuple[str, ...], counted: Mapping[str, int]) -> dict[str, int]:
    """A distribution that always shows its keys; others (`unmatched`) only when they occur."""
    others = {key: count for key, count in counted.items() if key not in keys}
    return {key: counted.get(key, 0) for key in keys} | _sorted(others)


def _sorted(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))
