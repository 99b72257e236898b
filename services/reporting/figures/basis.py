"""What the figures count, as common table expressions over the current state: each reads those before it.

Tables are reached by `= ANY (ARRAY(…))` and joined by hashes, never by loops (see `asking`): what a common table
expression holds the planner cannot estimate, and a loop over what it took for one row lasts for hours.

Sessions that the period touches, with all their occasions; registrations as they turned out; and `credited`: minutes of
a person on an occasion, of each kind, credited to the employer on that day (product.md, Reporting 2). Lines on a
cancelled session, or on one that has not arrived, count nowhere.
"""

from typing import Final

UNMATCHED: Final = "unmatched"
"""Key of a distribution for what no employment in force can be found for; only present when it is not empty."""

MERGED: Final = """
    chain (ended, remains, path) AS (
        SELECT participant_id, became, ARRAY[participant_id, became] FROM {at}.merges WHERE became IS NOT NULL
        UNION ALL
        SELECT ended, became, path || became FROM chain JOIN {at}.merges AS next ON next.participant_id = remains
         WHERE became <> ALL(path)
    ),
    merged AS MATERIALIZED (
        SELECT DISTINCT ON (ended) ended, remains FROM chain ORDER BY ended, cardinality(path) DESC
    )"""
"""Participants that were found to be one person: the id that ended is read as the one at the end of its chain."""

SETTINGS: Final = """
    setting AS MATERIALIZED (
        SELECT key, value, valid_from, lead(valid_from, 1, 'infinity') OVER (PARTITION BY key ORDER BY valid_from, nr)
                   AS until
          FROM (SELECT one ->> 'key' AS key, coalesce(one -> 'value', 'null') AS value, nr,
                       CAST(one ->> 'valid_from' AS date) AS valid_from
                  FROM {at}.catalogue CROSS JOIN jsonb_array_elements(data -> 'settings') WITH ORDINALITY AS s (one, nr)
                 WHERE natural_key = 'project/project') AS stated
    )"""
"""The project's dated settings, each from `valid_from` to the day before `until`."""

SESSIONS: Final = """
    touched AS MATERIALIZED (SELECT DISTINCT session_id FROM {at}.occasions WHERE day BETWEEN {first} AND {last}),
    session AS MATERIALIZED (
        SELECT one.session_id, one.event_id, one.course, one.host_municipality, one.capacity, one.cancelled,
               min(occasion.starts_at) AS starts_at, max(occasion.day) AS last_day,
               roll.event_id AS sealed_by
          FROM {at}.sessions AS one
          JOIN {at}.occasions AS occasion ON occasion.session_id = one.session_id AND occasion.event_id = one.event_id
          LEFT JOIN {at}.rolls AS roll ON roll.session_id = one.session_id AND roll.attested
               AND roll.session_id = ANY (ARRAY(SELECT session_id FROM touched))
         WHERE one.session_id = ANY (ARRAY(SELECT session_id FROM touched))
           AND occasion.session_id = ANY (ARRAY(SELECT session_id FROM touched))
           AND ({course} IS NULL OR one.course = {course})
         GROUP BY one.session_id, roll.session_id
    ),
    of_period AS (SELECT * FROM session WHERE last_day BETWEEN {first} AND {last}),
    occasion AS MATERIALIZED (
        SELECT one.session_id, one.occasion_id, one.starts_at, one.day, one.event_id = session.event_id AS current,
               CASE WHEN setting.value = '"counted"' THEN length ELSE greatest(0, length - one.break_minutes) END
                   AS minutes
          FROM session JOIN {at}.occasions AS one USING (session_id)
         CROSS JOIN LATERAL (
             SELECT CAST(floor(trunc(extract(epoch FROM one.ends_at - one.starts_at)) / 60) AS bigint)
         ) AS lasts (length)
          LEFT JOIN setting ON setting.key = 'breaks' AND one.day >= setting.valid_from AND one.day < setting.until
         WHERE one.session_id = ANY (ARRAY(SELECT session_id FROM session))
    )"""
"""`occasion` has the former ones too: minutes sealed on an occasion that was taken away keep their day."""

MARKS: Final = """
    line AS MATERIALIZED (
        SELECT session.session_id, coalesce(remains, participant_id) AS person, occasion_id, minutes, excused
          FROM session JOIN {at}.roll_lines AS sealed ON sealed.event_id = session.sealed_by
          LEFT JOIN merged ON ended = participant_id
         WHERE sealed.event_id = ANY (ARRAY(SELECT sealed_by FROM session))
    ),
    mark AS MATERIALIZED (
        SELECT session_id, coalesce(remains, participant_id) AS person, occasion_id, minutes
          FROM {at}.marks JOIN session USING (session_id) LEFT JOIN merged ON ended = participant_id
         WHERE minutes > 0 AND session_id = ANY (ARRAY(SELECT session_id FROM session))
    )"""

REGISTRATIONS: Final = """
    step AS MATERIALIZED (
        SELECT taken.*, coalesce(remains, participant_id) AS person, starts_at,
               row_number() OVER history AS nr, count(*) OVER (PARTITION BY session_id, registration_id) AS steps,
               CASE status WHEN 'cancelled' THEN was = 'confirmed'
                    WHEN 'moved-out' THEN coalesce(lag(status) OVER history = 'confirmed', false) ELSE false END
                   AS gave_its_seat_up
          FROM {at}.registration_steps AS taken JOIN session USING (session_id)
          LEFT JOIN merged ON ended = participant_id
         WHERE taken.session_id = ANY (ARRAY(SELECT session_id FROM session))
        WINDOW history AS (PARTITION BY session_id, registration_id ORDER BY sequence, taken.event_id)
    ),
    turned_out AS (
        SELECT session_id, registration_id, person, employment_id, steps,
               gave_its_seat_up AND late AND (session_id, person) IN (
                   SELECT session_id, person FROM mark
                   UNION ALL SELECT session_id, person FROM line WHERE minutes > 0
               ) AS was_there,
               (session_id, person) IN (
                   SELECT session_id, person FROM step WHERE nr = steps AND status = 'confirmed'
               ) AS seated
          FROM step WHERE nr = steps
    ),
    registration AS MATERIALIZED (
        SELECT of.session_id, of.registration_id, of.person, of.employment_id,
               bool_or(nr = counted AND status = 'confirmed') AS confirmed,
               bool_or(nr = counted AND gave_its_seat_up) AS gave_its_seat_up,
               bool_or(nr = counted AND late) AS late,
               max(sequence) AS sequence,
               (array_agg(via ORDER BY nr DESC) FILTER (WHERE status = 'confirmed'))[1] AS via,
               coalesce((array_agg(status ORDER BY nr DESC) FILTER (WHERE at <= starts_at))[1] = 'confirmed', false)
                   AS at_start
          FROM (SELECT *, steps - CAST(was_there AS integer) AS counted FROM turned_out) AS of
          JOIN step USING (session_id, registration_id)
         WHERE nr <= counted AND NOT (was_there AND seated)
         GROUP BY of.session_id, of.registration_id, of.person, of.employment_id
    ),
    standing AS MATERIALIZED (
        SELECT DISTINCT ON (session_id, person) session_id, person, employment_id FROM registration
         ORDER BY session_id, person, confirmed DESC, sequence DESC, registration_id
    )"""
"""`registration`: as it turned out. A late cancellation of somebody who then was there is none (http-api.md,
Attendance); where the person came on another registration, the cancelled one counts as nothing. `standing`: the
registration that a person's minutes belong to, the confirmed one, else the latest.
"""

SIGNED: Final = """
    signed AS MATERIALIZED (
        SELECT DISTINCT ON (session_id, person, occasion_id)
               line.session_id, coalesce(remains, line.participant_id) AS person, occasion_id, minutes
          FROM {at}.signed_lines AS line JOIN session USING (session_id)
          JOIN {at}.signatures AS month ON month.participant_id = line.participant_id AND month.month = line.month
               AND month.event_id = line.event_id AND month.signed
          LEFT JOIN merged ON ended = line.participant_id
         WHERE line.session_id = ANY (ARRAY(SELECT session_id FROM session))
           AND month.participant_id = ANY (ARRAY(
                   SELECT participant_id FROM {at}.signed_lines
                    WHERE session_id = ANY (ARRAY(SELECT session_id FROM session))))
         ORDER BY session_id, person, occasion_id, remains IS NULL DESC, line.month DESC, minutes DESC
    )"""
"""Of an occasion signed more than once what was signed under the id that remains, then for the latest month."""

_KINDS: Final = {
    "attested": "SELECT session_id, person, occasion_id, minutes FROM line WHERE minutes > 0",
    "attended": "SELECT session_id, person, occasion_id, minutes FROM mark",
    "signed": "SELECT session_id, person, occasion_id, minutes FROM signed",
}
_SCHEDULED: Final = """
        SELECT 'scheduled', session_id, person, occasion_id, CAST(NULL AS uuid), starts_at, day, minutes, employment_id
          FROM registration JOIN occasion USING (session_id) WHERE at_start AND current"""
_SEATS: Final = """
        SELECT 'seat', session_id, person, NULL, registration_id, NULL, last_day, 0, employment_id
          FROM registration JOIN of_period USING (session_id)"""


_CREDIT: Final = f"""
    known AS MATERIALIZED (
        SELECT participant_id AS person, event_id, gender, birth_year, age_group FROM {{at}}.persons
         WHERE participant_id = ANY (ARRAY(SELECT DISTINCT person FROM placed))
           AND participant_id NOT IN (SELECT ended FROM merged)
    ),
    credit AS MATERIALIZED (
        SELECT DISTINCT ON (person, named, day) person, named, day, one.municipality, one.title, one.category
          FROM (SELECT DISTINCT person, named, day FROM placed) AS asked
          JOIN known USING (person)
          JOIN {{at}}.employments AS one ON one.event_id = known.event_id
         WHERE day >= one.valid_from AND day <= coalesce(one.valid_to, 'infinity')
           AND one.event_id = ANY (ARRAY(SELECT event_id FROM known))
         ORDER BY person, named, day, one.employment_id <> named, one.kind <> 'employed', one.valid_from DESC,
               one.employment_id, one.number
    ),
    credited AS MATERIALIZED (
        SELECT placed.*, coalesce(municipality, '{UNMATCHED}') AS municipality,
               coalesce(title, '{UNMATCHED}') AS title, coalesce(category, '{UNMATCHED}') AS category
          FROM placed LEFT JOIN credit USING (person, named, day)
    ),
    chosen AS (
        SELECT * FROM credited
         WHERE day BETWEEN {{first}} AND {{last}} AND ({{municipality}} IS NULL OR municipality = {{municipality}})
    ),
    attested AS MATERIALIZED (SELECT * FROM chosen WHERE kind = 'attested'),
    held AS MATERIALIZED (SELECT DISTINCT session_id FROM credited WHERE kind = 'attested')"""
"""The employer is the registration's if in force that day, else the one in force: employed before placement, then the
newest.
"""


def _placed(*kinds: str) -> str:
    """Rows of these kinds: `attested` (sealed), `attended` (marked), `signed`, `scheduled` (seats confirmed at the
    start × their occasions) and `seat` (a registration, on its session's last day).

    `named` is the employment of the registration.
    """
    kept = [
        f"""
        SELECT '{kind}' AS kind, session_id, person, occasion_id, CAST(NULL AS uuid) AS registration_id, starts_at, day,
               kept.minutes, employment_id
          FROM ({_KINDS[kind]}) AS kept JOIN occasion USING (session_id, occasion_id)
          LEFT JOIN standing USING (session_id, person)"""
        for kind in kinds
        if kind in _KINDS
    ]
    others = [sql for kind, sql in (("scheduled", _SCHEDULED), ("seat", _SEATS)) if kind in kinds]
    return f"""
    placed AS MATERIALIZED (
        SELECT kept.*, coalesce(employment_id, '00000000-0000-0000-0000-000000000000') AS named, course
          FROM ({" UNION ALL ".join(kept + others)}) AS kept JOIN session USING (session_id) WHERE NOT cancelled
    )"""


def basis(*kinds: str) -> list[str]:
    """The expressions behind rows of these kinds."""
    return [MERGED, SETTINGS, SESSIONS, MARKS, REGISTRATIONS, SIGNED, _placed(*kinds), _CREDIT]


def counts(key: str, of: str) -> str:
    """An object: how many rows have each value of an expression."""
    return (
        f"(SELECT coalesce(jsonb_object_agg(key, n), '{{}}') FROM (SELECT {key} AS key, count(*) AS n FROM {of} "
        "GROUP BY 1) AS counted)"
    )
