"""What the figures count, as common table expressions over the current state: each reads those before it.

Tables are reached by `= ANY (ARRAY(…))` and joined by hashes, never by loops (see `asking`): what a common table
expression holds the planner cannot estimate, and a loop over what it took for one row lasts for hours.

Sessions that the period touches, with all their occasions; registrations as they turned out; and `credited`: minutes of
a person on an occasion, of each kind, credited to the employer on that day (product.md, Reporting 2). Lines on a
cancelled session, or on one that has not arrived, count nowhere.
"""

from typing import Final

NOBODY: Final = "CAST('00000000-0000-0000-0000-000000000000' AS uuid)"
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
             SELECT CAST(floor(trunc(extract(epoch FROM one.ends_at - one.starts_at)) / 60) AS integer)
         ) AS lasts (length)
          LEFT JOIN setting ON setting.key = 'breaks' AND one.day >= setting.valid_from AND one.day < setting.until
         WHERE NOT cancelled AND one.session_id = ANY (ARRAY(SELECT session_id FROM session))
    )"""
"""`occasion` has the former ones too: minutes sealed on an occasion that was taken away keep their day."""

REPLACED: Final = """
    replaced AS MATERIALIZED (
        SELECT session_id, participant_id, occasion_id
          FROM (SELECT *, row_number() OVER (PARTITION BY session_id, coalesce(remains, participant_id), occasion_id
                                             ORDER BY sequence DESC, event_id DESC) AS age
                  FROM {at}.marks LEFT JOIN merged ON ended = participant_id
                 WHERE session_id = ANY (ARRAY(SELECT session_id FROM touched))
                   AND participant_id = ANY (ARRAY(SELECT ended FROM merged UNION SELECT remains FROM merged))
               ) AS under_any_id
         WHERE age > 1
    )"""
"""Marks of a merged person on an occasion that was marked again under another of the ids: the newest counts."""

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
           AND (session_id, participant_id, occasion_id) NOT IN (SELECT * FROM replaced)
    )"""

REGISTRATIONS: Final = """
    step AS MATERIALIZED (
        SELECT taken.session_id, registration_id, coalesce(remains, participant_id) AS person, employment_id, sequence,
               late, status = 'confirmed' AS confirmed,
               status = 'cancelled' AND was = 'confirmed'
                   OR status = 'moved-out' AND coalesce(lag(status) OVER history = 'confirmed', false)
                   AS gave_its_seat_up,
               at > starts_at AS afterwards,
               max(sequence * 2 + CAST(via = 'walk-in' AS integer))
                   FILTER (WHERE status = 'confirmed') OVER history % 2 = 1 AS walked_in,
               coalesce(max(sequence * 2 + CAST(status = 'confirmed' AS integer))
                        FILTER (WHERE at <= starts_at) OVER history % 2 = 1, false) AS at_start,
               CASE WHEN lead(sequence) OVER history IS NULL THEN 0
                    WHEN lead(sequence, 2) OVER history IS NULL THEN 1 END AS followed_by
          FROM {at}.registration_steps AS taken JOIN session USING (session_id)
          LEFT JOIN merged ON ended = participant_id
         WHERE taken.session_id = ANY (ARRAY(SELECT session_id FROM session))
        WINDOW history AS (PARTITION BY taken.session_id, registration_id ORDER BY sequence, taken.event_id)
    ),
    undone AS MATERIALIZED (
        SELECT session_id, registration_id, person, employment_id FROM step
         WHERE followed_by = 0 AND gave_its_seat_up AND (late OR afterwards) AND (session_id, person) IN (
                   SELECT session_id, person FROM mark
                   UNION ALL SELECT session_id, person FROM line WHERE minutes > 0)
    ),
    registration AS MATERIALIZED (
        SELECT step.* FROM step LEFT JOIN undone USING (session_id, registration_id)
         WHERE followed_by = 0 AND undone.registration_id IS NULL
        UNION ALL
        SELECT session_id, registration_id, undone.person, undone.employment_id, sequence, late, confirmed,
               gave_its_seat_up, afterwards, walked_in, at_start, followed_by
          FROM step JOIN undone USING (session_id, registration_id)
         WHERE followed_by = 1 AND (session_id, undone.person) NOT IN (
                   SELECT session_id, person FROM step WHERE followed_by = 0 AND confirmed)
    ),
    booked AS MATERIALIZED (
        SELECT participant_id AS person, event_id FROM {at}.persons
         WHERE participant_id = ANY (ARRAY(SELECT DISTINCT person FROM registration))
    ),
    several AS MATERIALIZED (
        SELECT person FROM booked JOIN {at}.employments AS one USING (event_id)
         WHERE number = 2 AND one.event_id = ANY (ARRAY(SELECT event_id FROM booked))
    ),
    standing AS MATERIALIZED (
        SELECT DISTINCT ON (session_id, person) session_id, person, employment_id
          FROM registration JOIN several USING (person)
         ORDER BY session_id, person, confirmed DESC, sequence DESC, registration_id
    )"""
"""`step`: with what the registration had come to by then, and how many steps follow (null: more than one).
`registration`: as it turned out. A cancellation that was late, or came after the start, of somebody who was there is
none: the step before it counts, and nothing where the person came on another registration. `standing`: the
registration that a person's minutes belong to, the confirmed one, else the latest; only of people with several
employments, between which it chooses.
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

_LINES: Final = {
    "attested": "SELECT 'attested' AS kind, session_id, person, occasion_id, minutes FROM line WHERE minutes > 0",
    "attended": "SELECT 'attended' AS kind, session_id, person, occasion_id, minutes FROM mark",
    "signed": "SELECT 'signed' AS kind, session_id, person, occasion_id, minutes FROM signed",
}
_SCHEDULED: Final = """
        SELECT 'scheduled' AS kind, session_id, person, occasion_id, CAST(NULL AS uuid), day, minutes, employment_id
          FROM registration JOIN occasion USING (session_id) WHERE at_start AND current"""
_SEATS: Final = """
        SELECT 'seat', session_id, person, NULL, registration_id, last_day, 0, employment_id
          FROM registration JOIN of_period USING (session_id) WHERE NOT cancelled"""

_CREDIT: Final = f"""
    known AS MATERIALIZED (
        SELECT participant_id AS person, event_id, gender, birth_year, age_group FROM {{at}}.persons
         WHERE participant_id = ANY (ARRAY(SELECT DISTINCT person FROM placed))
           AND participant_id NOT IN (SELECT ended FROM merged)
    ),
    employment AS MATERIALIZED (
        SELECT person, employment_id, municipality, title, category, kind, valid_from,
               coalesce(valid_to, 'infinity') AS valid_to, number, count(*) OVER (PARTITION BY person) = 1 AS is_only
          FROM known JOIN {{at}}.employments AS one USING (event_id)
         WHERE one.event_id = ANY (ARRAY(SELECT event_id FROM known))
    ),
    credit AS MATERIALIZED (
        SELECT DISTINCT ON (person, named, day) person, named, day, municipality, title, category
          FROM (SELECT DISTINCT person, employment_id AS named, day FROM placed) AS asked
          JOIN employment AS one USING (person)
         WHERE NOT is_only AND day >= valid_from AND day <= valid_to
         ORDER BY person, named, day, (one.employment_id = named) IS NOT TRUE, kind <> 'employed', valid_from DESC,
               one.employment_id, number
    ),
    credited AS MATERIALIZED (
        SELECT placed.*, coalesce(single.municipality, picked.municipality, '{UNMATCHED}') AS municipality,
               coalesce(single.title, picked.title, '{UNMATCHED}') AS title,
               coalesce(single.category, picked.category, '{UNMATCHED}') AS category
          FROM placed
          LEFT JOIN employment AS single ON is_only AND single.person = placed.person
               AND day >= valid_from AND day <= valid_to
          LEFT JOIN credit AS picked ON picked.person = placed.person AND picked.day = placed.day
               AND coalesce(picked.named, {NOBODY}) = coalesce(placed.employment_id, {NOBODY})
    ),
    chosen AS NOT MATERIALIZED (
        SELECT * FROM credited
         WHERE day BETWEEN {{first}} AND {{last}} AND ({{municipality}} IS NULL OR municipality = {{municipality}})
    ),
    attested AS MATERIALIZED (SELECT * FROM chosen WHERE kind = 'attested'),
    held AS MATERIALIZED (SELECT DISTINCT session_id FROM credited WHERE kind = 'attested')"""
"""The employer is the registration's if in force that day, else the one in force: employed before placement, then the
newest. Nearly everybody has one employment only, which needs no choosing.
"""


def _lines(*kinds: str) -> str:
    return " UNION ALL ".join(sql for kind, sql in _LINES.items() if kind in kinds)


def _placed(*kinds: str) -> str:
    """Rows of these kinds: `attested` (sealed), `attended` (marked), `signed`, `scheduled` (seats confirmed at the
    start × their occasions) and `seat` (a registration, on its session's last day).

    `employment_id` is that of the registration.
    """
    others = [sql for kind, sql in (("scheduled", _SCHEDULED), ("seat", _SEATS)) if kind in kinds]
    return f"""
    placed AS MATERIALIZED (
        SELECT kind, session_id, person, occasion_id, CAST(NULL AS uuid) AS registration_id, day, kept.minutes,
               employment_id
          FROM ({_lines(*kinds)}) AS kept JOIN occasion USING (session_id, occasion_id)
          LEFT JOIN standing USING (session_id, person) {"".join(f" UNION ALL {sql}" for sql in others)}
    )"""


UNCREDITED: Final = f"""
        SELECT kind, session_id, person, occasion_id, day, kept.minutes
          FROM ({_lines("attended", "signed")}) AS kept JOIN occasion USING (session_id, occasion_id)
         WHERE day BETWEEN {{first}} AND {{last}}
        UNION ALL
        SELECT kind, session_id, person, occasion_id, day, minutes
          FROM ({_SCHEDULED}) AS seats WHERE day BETWEEN {{first}} AND {{last}}
"""
"""Minutes of the period, whoever employs the person."""


def basis(*kinds: str) -> list[str]:
    """The expressions behind rows of these kinds."""
    return [MERGED, SETTINGS, SESSIONS, REPLACED, MARKS, REGISTRATIONS, SIGNED, _placed(*kinds), _CREDIT]


def counts(key: str, of: str) -> str:
    """An object: how many rows have each value of an expression."""
    return (
        f"(SELECT coalesce(jsonb_object_agg(key, n), '{{}}') FROM (SELECT {key} AS key, count(*) AS n FROM {of} "
        "GROUP BY 1) AS counted)"
    )
