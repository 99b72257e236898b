"""Counting, in the current state, who of a title has attended a course."""

from datetime import date
from typing import Any, Final

from services.reporting.figures.asking import Question, Statement, ask
from services.reporting.figures.basis import MERGED
from services.reporting.shares import share
from shared.database.unit_of_work import Unit

_STATEMENT: Final = Statement(
    [
        MERGED,
        """
        course AS MATERIALIZED (
            SELECT data ->> 'code' AS course FROM {at}.catalogue
             WHERE natural_key LIKE 'course/%' AND data IS NOT NULL
               AND ({course} IS NULL OR data ->> 'code' = {course})
        ),
        model AS MATERIALIZED (
            SELECT data ->> 'title' AS title, CAST(data ->> 'step' AS integer) AS step,
                   data -> 'required_courses' AS required
              FROM {at}.catalogue WHERE natural_key LIKE 'title/%' AND data IS NOT NULL
        ),
        employed AS MATERIALIZED (
            SELECT title, participant_id AS person
              FROM {at}.persons JOIN {at}.employments USING (event_id)
             WHERE participant_id NOT IN (SELECT ended FROM merged)
               AND {today} BETWEEN valid_from AND coalesce(valid_to, 'infinity')
               AND ({municipality} IS NULL OR municipality = {municipality})
        ),
        attended AS MATERIALIZED (
            SELECT DISTINCT session.course, coalesce(remains, participant_id) AS person
              FROM {at}.rolls AS roll
              JOIN {at}.roll_lines AS line ON line.event_id = roll.event_id AND line.minutes > 0
              JOIN {at}.sessions AS session ON session.session_id = roll.session_id
              LEFT JOIN merged ON ended = participant_id
             WHERE roll.attested AND NOT session.cancelled AND ({course} IS NULL OR session.course = {course})
        ),
        staff AS MATERIALIZED (SELECT title, count(*) AS employments FROM employed GROUP BY title),
        trained AS MATERIALIZED (
            SELECT title, course, count(*) AS trained FROM employed JOIN attended USING (person) GROUP BY title, course
        )""",
    ],
    """
    SELECT title, course, coalesce(required @> to_jsonb(course), false) AS required,
           coalesce(employments, 0) AS employments, coalesce(trained, 0) AS trained
      FROM model FULL JOIN staff USING (title) CROSS JOIN course LEFT JOIN trained USING (title, course)
     ORDER BY model.title IS NULL, step NULLS LAST, title, course
    """,
)


async def coverage(
    unit: Unit, at: str, today: date, *, course: str | None, municipality: str | None
) -> list[dict[str, Any]]:
    """Each title, in the model's steps, with each course: employments in force today, and how many of them are of
    somebody with attested minutes on the course.
    """
    question = Question(municipality=municipality, course=course)
    rows = await ask(unit, at, _STATEMENT, question, today=today)
    return [row | {"share": share(row["trained"], row["employments"])} for row in rows]
