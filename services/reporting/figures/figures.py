"""The figures of a period: one statement with every measure, each labelled, none mixed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.reporting.facts.versions import CONSUMER
from services.reporting.figures import minutes as of_minutes
from services.reporting.figures import seats as of_seats
from services.reporting.figures.asking import Question, Statement, ask
from services.reporting.figures.basis import basis
from services.reporting.figures.minutes import measures
from services.reporting.figures.people import SQL as PEOPLE
from services.reporting.figures.people import participations, unique_participants
from services.reporting.figures.project import spelled
from services.reporting.figures.released import release
from services.reporting.figures.seats import seats, sessions
from services.reporting.figures.surveys import SQL as SURVEYS
from services.reporting.figures.surveys import surveys, untold
from services.reporting.figures.trainers import SQL as TRAINERS
from services.reporting.figures.trainers import trainers
from shared.database.unit_of_work import Unit

_HEAD_COUNTS: Final = """
    head_count AS (
        SELECT session_id, occasion_id, day, one.count
          FROM session JOIN {at}.head_counts AS one USING (session_id) JOIN occasion USING (session_id, occasion_id)
         WHERE NOT cancelled AND day BETWEEN {first} AND {last}
           AND one.session_id = ANY (ARRAY(SELECT session_id FROM session))
    ),
    head_counts AS (SELECT to_jsonb(coalesce(sum(count), 0)) AS found FROM head_count)"""
_POSITIONS: Final = f"""
    cut_off AS (
        SELECT coalesce(jsonb_object_agg(topic, offsets), '{{}}') AS found
          FROM (SELECT topic, jsonb_object_agg(partition, next_offset) AS offsets
                  FROM consumer_positions WHERE consumer = '{CONSUMER}' GROUP BY topic) AS positions
    )"""
_DATA_AS_OF: Final = "data_as_of AS (SELECT max(recorded_at) AS found FROM {at}.newest)"
_MEASURES: Final = (
    "unique_participants",
    "participations",
    "sessions",
    "seats",
    "minutes",
    "surveys",
    "trainers",
    "head_counts",
    "cut_off",
    "data_as_of",
)


def _measured(seats: str, minutes: str, *kinds: str) -> tuple[str, ...]:
    return (*basis(*kinds), PEOPLE, seats, minutes, SURVEYS, TRAINERS, _HEAD_COUNTS, _POSITIONS, _DATA_AS_OF)


MEASURED_OF_ALL: Final = _measured(of_seats.OF_ALL, of_minutes.OF_ALL, "attested")
MEASURED_OF_ONE: Final = _measured(
    of_seats.OF_ONE, of_minutes.OF_ONE, "attested", "attended", "signed", "scheduled", "seat"
)
"""The expressions that figures are counted from: of the whole project, and of one municipality."""

_ANSWER: Final = "SELECT " + ", ".join(f"(SELECT found FROM {name}) AS {name}" for name in _MEASURES)
_OF_ALL: Final = Statement(MEASURED_OF_ALL, _ANSWER)
_OF_ONE: Final = Statement(MEASURED_OF_ONE, _ANSWER)

Found = Mapping[str, Any]


async def figures(unit: Unit, at: str, question: Question) -> dict[str, Any]:
    """What GET /v1/figures answers, to the digit.

    `municipality` is a code: what is credited to that employer, and the sessions that it hosts; surveys and head counts
    are None, for they have no employer. `course` is a code: only that course's sessions. Trainers stay the project's.
    """
    return _shown(await _found(unit, at, question), question)


async def released_figures(unit: Unit, at: str, question: Question) -> dict[str, Any]:
    """The same for an evaluator, of whole months."""
    found = await _found(unit, at, question)
    persons = {name: one.persons for name, one in measures(found["minutes"]).items()}
    exact = _shown(found, question, mean_decimals=1)
    return release(exact, persons=persons, attended=found["seats"]["attended"])


async def _found(unit: Unit, at: str, question: Question) -> Found:
    statement = _OF_ALL if question.municipality is None else _OF_ONE
    [found] = await ask(unit, at, statement, await spelled(unit, at, question))
    return found


def _shown(found: Found, question: Question, *, mean_decimals: int = 4) -> dict[str, Any]:
    projects = question.municipality is None
    answers = surveys(found["surveys"], mean_decimals) if projects else None
    return {
        "period": {"from": question.first.isoformat(), "to": question.last.isoformat()},
        "cut_off": cut_off(found["cut_off"]),
        "data_as_of": timestamp(found["data_as_of"]),
        "suppressed": sorted(untold(answers)),
        "unique_participants": unique_participants(found["unique_participants"]),
        "participations": participations(found["participations"]),
        "sessions": sessions(found["sessions"]),
        "seats": seats(found["seats"], projects=projects),
        "minutes": {name: one.minutes for name, one in measures(found["minutes"]).items()},
        "surveys": answers,
        "trainers": trainers(found["trainers"]),
        "approximate": {"head_counts": found["head_counts"] if projects else None},
    }


def cut_off(found: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """For each topic and partition the offset that is read next, in their order."""
    return {topic: dict(sorted(offsets.items(), key=_by_number)) for topic, offsets in sorted(found.items())}


async def cut_off_now(unit: Unit) -> dict[str, dict[str, int]]:
    """What has been read so far."""
    async with unit.as_system():
        return cut_off(await unit.scalar(f"WITH {_POSITIONS} SELECT found FROM cut_off"))


def _by_number(offset: tuple[str, int]) -> int:
    return int(offset[0])


def timestamp(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
