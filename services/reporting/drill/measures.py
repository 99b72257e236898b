"""What stands behind each figure: where its rows are among the expressions that the figures are counted from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.reporting.figures.minutes import IS_PART
from services.reporting.figures.surveys import FEWEST_ANSWERS, GRADES, OF_PERIOD, SUPPORT
from services.reporting.indicators.queries import INDICATORS, NEWCOMERS


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a figure. `{0}` and `{1}` stand for the parts of its path that differ: a code, a grade."""

    columns: str
    of: str
    value: str = "count(*)"
    untold: str = "false"
    """When the figure is null, since too few have answered, or a month is rounded as a whole."""
    projects: bool = False
    """Of the whole project only: null under a municipality filter."""
    takes_course: bool = True
    from_the_beginning: bool = False
    """Of the co-financing: whatever the first day is."""
    more: tuple[str, ...] = ()
    """Expressions beside those of the figures."""


PERSON: Final = "person AS participant_id"
_PERSONS: Final = f"{PERSON}, gender, age_group"
_PARTICIPATIONS: Final = f"last_day AS day, session_id, course, {PERSON}, category, title"
_TAKING_PART: Final = "first_of_session JOIN session USING (session_id)"
_SESSIONS: Final = "last_day AS day, session_id, course, host_municipality"
_SEATS: Final = f"last_day AS day, session_id, course, registration_id, {PERSON}"
_MINUTES: Final = f"day, session_id, occasion_id, {PERSON}"
_CLAIMED: Final = f"{_MINUTES}, municipality"
_SUM: Final = "coalesce(sum(minutes), 0)"
_OFFERED: Final = "of_period JOIN held USING (session_id)"


def _participations(condition: str) -> Rows:
    return Rows(_PARTICIPATIONS, f"{_TAKING_PART} WHERE {condition}")


def _seats(condition: str) -> Rows:
    return Rows(_SEATS, f"seat JOIN of_period USING (session_id) WHERE {condition}")


def _told(kind: str) -> Rows:
    return Rows(f"{_MINUTES}, minutes", f"told WHERE kind = '{kind}'", _SUM)


def _attested(condition: str) -> Rows:
    return Rows(f"{_CLAIMED}, minutes", f"attested WHERE {condition}", _SUM)


def _claimed(minutes: str) -> Rows:
    return Rows(f"{_CLAIMED}, {minutes} AS minutes", "claimed", _SUM, untold=IS_PART)


def _promised(kind: str, rows: Rows) -> Iterator[tuple[str, Rows]]:
    """The same of the co-financing, up to the last day, and of one municipality there."""
    of_all = replace(rows, projects=True, takes_course=False, from_the_beginning=True)
    yield f"cofinancing.project.{kind}_minutes", of_all
    if kind != "unmatched":
        of_one = rows.of.partition(" WHERE ")[0] + " WHERE municipality = {0}"
        yield f"cofinancing.municipalities.*.{kind}_minutes", replace(of_all, of=of_one)


def _newcomers(condition: str) -> Rows:
    of = f"newcomer WHERE ({condition}) AND ({{0}} = 'total' OR gender = {{0}})"
    return Rows(f"day, {_PERSONS}", of, projects=True, takes_course=False, more=(NEWCOMERS,))


def _answers(audience: str, question: str, condition: str, of_question: str = "true") -> Rows:
    """Answers to a question, without anybody and without the session: a session may have one."""
    given = f"given WHERE audience = '{audience}' AND question = {question} AND {of_question}"
    few = f"(SELECT count(*) FROM {given}) BETWEEN 1 AND {FEWEST_ANSWERS - 1}"
    columns = "question, value AS answer, row_number() OVER (ORDER BY value) AS number"
    return Rows(columns, f"{given} AND {condition}", untold=few, projects=True)


def _of_people(audience: str) -> Iterator[tuple[str, Rows]]:
    asked = "day, session_id, course, number"
    yield (
        f"surveys.{audience}.invited",
        Rows(
            asked,
            f"(SELECT last_day AS day, session_id, course, row_number() OVER (PARTITION BY session_id) AS number "
            f"FROM {{at}}.invitations JOIN of_period USING (session_id) CROSS JOIN generate_series(1, invited) "
            f"WHERE audience = '{audience}' AND {OF_PERIOD}) AS one",
            projects=True,
        ),
    )
    yield (
        f"surveys.{audience}.answered",
        Rows(
            asked,
            f"(SELECT last_day AS day, session_id, course, row_number() OVER (PARTITION BY session_id) AS number "
            f"FROM answered JOIN of_period USING (session_id) WHERE audience = '{audience}') AS one",
            projects=True,
        ),
    )


def _of_participants() -> Iterator[tuple[str, Rows]]:
    grades, support = (f"value IN {names}" for names in (GRADES, SUPPORT))
    question = "surveys.participant"
    for name in ("high", "fairly_high"):
        yield f"{question}.helped.{name}", _answers("participant", "'helped'", f"value = '{name}'", grades)
    yield f"{question}.helped.n", _answers("participant", "'helped'", "true", grades)
    yield f"{question}.confidence.n", _answers("participant", "'confidence'", "true", "grade IS NOT NULL")
    known = f"value IN {('not_needed', *SUPPORT)}"
    for name in SUPPORT:
        yield (
            f"{question}.language_support.{name}",
            _answers("participant", "'language_support'", f"value = '{name}'", known),
        )
    yield f"{question}.language_support.needed", _answers("participant", "'language_support'", support, known)


MEASURES: Final[Mapping[str, Rows]] = {
    "unique_participants.total": Rows(_PERSONS, "described"),
    "unique_participants.by_gender.*": Rows(_PERSONS, "described WHERE gender = {0}"),
    "unique_participants.by_age.*": Rows(_PERSONS, "described WHERE age_group = {0}"),
    "unique_participants.by_municipality.*": Rows(
        _PERSONS, "employed JOIN described USING (person) WHERE municipality = {0}"
    ),
    "participations.total": _participations("true"),
    "participations.by_category.*": _participations("category = {0}"),
    "participations.by_title.*": _participations("title = {0}"),
    "participations.by_course.*": _participations("course = {0}"),
    "participations.by_municipality.*": Rows(
        _PARTICIPATIONS,
        "taking_part JOIN first_of_session USING (session_id, person) JOIN session USING (session_id) "
        "WHERE municipality = {0}",
    ),
    "sessions.held": Rows(_SESSIONS, "hosted JOIN held USING (session_id)"),
    "sessions.cancelled": Rows(f"{_SESSIONS}, cause", "hosted WHERE cancelled"),
    "sessions.cancelled_by_cause.*": Rows(f"{_SESSIONS}, cause", "hosted WHERE cancelled AND cause = {0}"),
    "sessions.courses_offered": Rows("DISTINCT course", "hosted WHERE NOT cancelled AND course IS NOT NULL"),
    "seats.offered": Rows(f"{_SESSIONS}, capacity", _OFFERED, "coalesce(sum(capacity), 0)", projects=True),
    "seats.confirmed": _seats("is_held AND at_start"),
    "seats.cancelled_in_time": _seats("gave_its_seat_up AND NOT late AND NOT afterwards"),
    "seats.cancelled_late": _seats("gave_its_seat_up AND late"),
    "seats.no_show": _seats("is_sealed AND confirmed AND missing"),
    "seats.walk_in": _seats("confirmed AND walked_in"),
    **{f"minutes.{kind}": _told(kind) for kind in ("scheduled", "attended", "signed")},
    "minutes.attested": _attested("true"),
    "minutes.unmatched_minutes": _attested("municipality = 'unmatched'"),
    "minutes.claimable": _claimed("minutes"),
    "minutes.lost_to_rounding": _claimed("before - minutes"),
    **dict(_of_people("participant")),
    **dict(_of_people("manager")),
    **dict(_of_participants()),
    "surveys.manager.questions.*.values.*": _answers("manager", "{0}", "value = {1}"),
    "surveys.manager.questions.*.n": _answers("manager", "{0}", "true"),
    "trainers.qualified.*": Rows(
        "trainer_id, code",
        "(SELECT split_part(natural_key, '/', 2) AS trainer_id, code FROM qualification) AS one WHERE code = {0}",
    ),
    **{
        f"trainers.{name}": Rows(
            f"split_part(natural_key, '/', 2) AS trainer_id, data ->> '{column}' AS {column}",
            "{at}.catalogue WHERE natural_key IN (SELECT natural_key FROM qualification) "
            f"AND CAST(data ->> '{column}' AS date) {when} {{last}}",
        )
        for name, column, when in (("starting_later", "active_from", ">"), ("left", "active_to", "<="))
    },
    "approximate.head_counts": Rows(
        "day, session_id, occasion_id, number",
        "head_count CROSS JOIN generate_series(1, count) AS number",
        projects=True,
    ),
    **dict(_promised("attested", _attested("true"))),
    **dict(_promised("claimable", _claimed("minutes"))),
    **dict(_promised("unmatched", _attested("municipality = 'unmatched'"))),
    **{f"{name}.*": _newcomers(condition) for name, condition in INDICATORS.items()},
}
"""By the path of the figure; `*` is a code, a title, a grade."""

SHARES: Final = re.compile(r"seats\.fill_rate|surveys\..+\.(share|mean)|cofinancing\..+\.(attainment|forecast\..+)")
_PATTERNS: Final = {
    name: re.compile(re.escape(name).replace(r"\*", "(.+)")) for name in sorted(MEASURES, key=lambda one: "*" in one)
}


def found(figure: str) -> tuple[str, tuple[str, ...]] | None:
    """The name of a figure's rows, and what stands for its stars; None when there is no such figure."""
    for name, pattern in _PATTERNS.items():
        match = pattern.fullmatch(figure)
        if match:
            return name, match.groups()
    return None


def leads_to_rows(figure: str) -> bool:
    """Whether a path is a figure that has rows of its own."""
    return not SHARES.fullmatch(figure) and found(figure) is not None
