"""Sessions and seats belong to the day of the last occasion; registrations of a cancelled session count nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.reporting.figures.basis import counts
from services.reporting.shares import share

SQL: Final = f"""
    hosted AS (
        SELECT of_period.*, coalesce(cause, 'other') AS cause
          FROM of_period LEFT JOIN {{at}}.cancellations USING (session_id)
         WHERE {{municipality}} IS NULL OR host_municipality = {{municipality}}
    ),
    sessions AS (
        SELECT jsonb_build_object(
            'held', (SELECT count(*) FROM hosted JOIN held USING (session_id)),
            'cancelled', (SELECT count(*) FROM hosted WHERE cancelled),
            'cancelled_by_cause', {counts("cause", "hosted WHERE cancelled")},
            'courses_offered', (SELECT count(DISTINCT course) FROM hosted WHERE NOT cancelled)) AS found
    ),
    on_roll AS (
        SELECT session_id, person, bool_and(minutes = 0) AND NOT bool_and(excused) AS stayed_away
          FROM line GROUP BY session_id, person
    ),
    seat AS (
        SELECT registration.*, held.session_id IS NOT NULL AS is_held, sealed_by IS NOT NULL AS is_sealed,
               coalesce(stayed_away, false) AS missing
          FROM registration JOIN of_period USING (session_id)
          LEFT JOIN held USING (session_id)
          LEFT JOIN on_roll ON on_roll.session_id = registration.session_id AND on_roll.person = registration.person
         WHERE NOT cancelled {{theirs}}
    ),
    seats AS (
        SELECT jsonb_build_object(
            'offered', (SELECT coalesce(sum(capacity), 0) FROM of_period JOIN held USING (session_id)),
            'confirmed', count(*) FILTER (WHERE is_held AND at_start),
            'cancelled_in_time', count(*) FILTER (WHERE gave_its_seat_up AND NOT late AND NOT afterwards),
            'cancelled_late', count(*) FILTER (WHERE gave_its_seat_up AND late),
            'no_show', count(*) FILTER (WHERE is_sealed AND confirmed AND missing),
            'walk_in', count(*) FILTER (WHERE confirmed AND walked_in),
            'attended', (
                SELECT count(*) FROM (
                    SELECT DISTINCT session_id, person FROM credited JOIN of_period USING (session_id)
                     WHERE kind = 'attested' AND ({{municipality}} IS NULL OR municipality = {{municipality}})) AS those
                )) AS found
          FROM seat
    )"""
"""No-show: confirmed, not cancelled since, no minutes on the attested roll, and not excused on every occasion that it
lists. One whom the roll does not list was registered after the seal, whatever day the registration is dated, and is
not a no-show. An employment that turns out to have ended takes its seats back when sessions have been held: such a seat
was not cancelled in time.
"""


OF_ALL: Final = SQL.replace("{theirs}", "")
OF_ONE: Final = SQL.replace(
    "{theirs}",
    "AND (registration.session_id, registration_id) IN ("
    "SELECT session_id, registration_id FROM chosen WHERE kind = 'seat')",
)
"""Only a municipality's seats must be credited to somebody."""


def sessions(found: Mapping[str, Any]) -> dict[str, Any]:
    """Sessions held (attested with minutes > 0) and cancelled; courses with at least one session not cancelled.

    With a municipality: the sessions that it hosts.
    """
    return {
        "held": found["held"],
        "cancelled": found["cancelled"],
        "cancelled_by_cause": dict(sorted(found["cancelled_by_cause"].items())),
        "courses_offered": found["courses_offered"],
    }


def seats(found: Mapping[str, Any], *, projects: bool) -> dict[str, Any]:
    """Registrations by their fate. `fill_rate` = persons who attended held sessions (walk-ins too) ÷ seats offered.

    With a municipality: the registrations credited to it. Seats are offered to all alike, so they are nobody's.
    """
    fates = ("confirmed", "cancelled_in_time", "cancelled_late", "no_show", "walk_in")
    return {
        "offered": found["offered"] if projects else None,
        **{fate: found[fate] for fate in fates},
        "fill_rate": share(found["attended"], found["offered"]) if projects else None,
    }
