"""Reading the answers of each session, and how many were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, text

from services.reporting.survey_results.rules import Answered
from shared.database.unit_of_work import Unit

_SESSIONS: Final = """
    SELECT s.session_id, s.course, s.host_municipality, max(o.day) AS day
      FROM {at}.sessions AS s JOIN {at}.occasions AS o USING (session_id, event_id)
     WHERE NOT s.cancelled GROUP BY s.session_id, s.course, s.host_municipality
"""
_ASKED: Final = """
    SELECT one.*, coalesce(course.data ->> 'title', one.course) AS title,
           coalesce(asked.invited, 0) AS invited, coalesce(given.answered, 0) AS answered
      FROM ({sessions}) AS one
      LEFT JOIN (SELECT session_id, sum(invited) AS invited FROM {at}.invitations WHERE audience = :audience
                  GROUP BY session_id) AS asked USING (session_id)
      LEFT JOIN (SELECT session_id, count(*) AS answered FROM {at}.answers WHERE audience = :audience
                  GROUP BY session_id) AS given USING (session_id)
      LEFT JOIN {at}.catalogue AS course ON course.natural_key = 'course/' || one.course
     WHERE asked.invited > 0 OR given.answered > 0
     ORDER BY day DESC, session_id
"""
_ANSWERS: Final = """
    SELECT session_id, course, day, question, jsonb_object_agg(value, n) AS values
      FROM (SELECT session_id, question, value #>> '{}' AS value, count(*) AS n
              FROM {at}.answers CROSS JOIN jsonb_each(answers) AS e (question, value)
             WHERE audience = :audience GROUP BY 1, 2, 3) AS counted
      JOIN ({sessions}) AS one USING (session_id)
     GROUP BY session_id, course, day, question
"""


@dataclass(frozen=True)
class Asked:
    """A session about which somebody was asked."""

    session_id: UUID
    course: str
    host_municipality: str
    day: date
    title: str
    invited: int
    answered: int


async def sessions_asked(unit: Unit, at: str, audience: str) -> Sequence[Asked]:
    """The last ones first."""
    async with unit.as_system():
        rows = await unit.all(_at(at, _ASKED), {"audience": audience})
    return [Asked(**row) for row in rows]


async def answers_given(unit: Unit, at: str, audience: str) -> Sequence[Answered]:
    """How often each value was given to each question about each session."""
    async with unit.as_system():
        rows = await unit.all(_at(at, _ANSWERS), {"audience": audience})
    return [Answered(**row) for row in rows]


def _at(at: str, statement: str) -> TextClause:
    """The statement over the tables of a schema."""
    return text(statement.replace("{sessions}", _SESSIONS).replace("{at}", at))
