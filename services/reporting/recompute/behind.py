"""The rows behind a figure of a report, from the report's own rows: what `drill` finds in the current state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from services.reporting.days import Period
from services.reporting.recompute.indicators import INDICATORS, newcomers
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of, participation, within
from services.reporting.recompute.minutes import claimed_rows, rows_of_kinds
from services.reporting.recompute.model import UNMATCHED, Elsewhere, Facts, Session
from services.reporting.recompute.people import age_group_of, gender_of
from services.reporting.recompute.rounding import Rounding
from services.reporting.recompute.seats import fates, held_of, registrations_of, sessions_of
from services.reporting.recompute.surveys import GRADES, SUPPORT

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure of a period; `keys` stand for the stars of its name: a code, a title, a grade."""

    ledger: Ledger
    period: Period
    selection: Selection
    keys: tuple[str, ...]

    @property
    def attested(self) -> list[Attended]:
        return within(self.ledger.attested, self.period, self.selection)


def behind(facts: Facts, period: Period, municipality: str | None, name: str, keys: tuple[str, ...]) -> list[Row]:
    """The rows of a figure by its name in `BEHIND`, each with what its kind has."""
    asked = Asked(ledger_of(facts), period, Selection(municipality), keys)
    return [{name: value for name, value in row.items() if value is not None} for row in BEHIND[name](asked)]


def _persons(asked: Asked, of: Callable[[Asked, str], bool]) -> Iterator[Row]:
    for who in sorted({row.participant_id for row in asked.attested}):
        if of(asked, who):
            yield _person(asked.ledger, who)


def _person(ledger: Ledger, who: str) -> Row:
    return {"participant_id": who, "gender": gender_of(ledger, who), "age_group": age_group_of(ledger, who)}


def _of_gender(asked: Asked, who: str) -> bool:
    return gender_of(asked.ledger, who) == asked.keys[0]


def _of_age(asked: Asked, who: str) -> bool:
    return age_group_of(asked.ledger, who) == asked.keys[0]


def _employed_by(asked: Asked, who: str) -> bool:
    return any(row.participant_id == who and row.municipality == asked.keys[0] for row in asked.attested)


def _participations(asked: Asked, value: str = "") -> Iterator[Row]:
    """`value`: what has to be the key."""
    employers: dict[tuple[str, str], set[str]] = {}
    for row in asked.attested:
        employers.setdefault(participation(row), set()).add(row.municipality)
    for key, codes in employers.items():
        first = asked.ledger.first_of_session[key]
        told = {
            **_of_session(first.session),
            "participant_id": key[0],
            "category": first.employment.category if first.employment else UNMATCHED,
            "title": first.employment.title if first.employment else UNMATCHED,
        }
        if not value or asked.keys[0] in (codes if value == "municipality" else {told[value]}):
            yield told


def _of_session(session: Session) -> Row:
    return {"day": session.last_day, "session_id": session.session_id, "course": session.course}


def _sessions(asked: Asked, of: Callable[[Asked, Session], bool]) -> Iterator[Row]:
    host = asked.selection.municipality
    for session in sessions_of(asked.ledger, asked.period, asked.selection):
        if host in (None, session.host_municipality) and of(asked, session):
            cause = {"cause": session.cause or "other"} if session.cancelled else {}
            yield {**_of_session(session), "host_municipality": session.host_municipality, **cause}


def _courses(asked: Asked) -> Iterator[Row]:
    courses = {row["course"] for row in _sessions(asked, lambda _, session: not session.cancelled)}
    yield from ({"course": course} for course in sorted(courses))


def _offered(asked: Asked) -> Iterator[Row]:
    for session in held_of(asked.ledger, asked.period, asked.selection):
        yield {
            **_of_session(session),
            "host_municipality": session.host_municipality,
            "capacity": session.capacity,
        }


def _seats(asked: Asked, fate: str) -> Iterator[Row]:
    for session in sessions_of(asked.ledger, asked.period, asked.selection):
        for registration in registrations_of(asked.ledger, session, asked.selection):
            if not session.cancelled and fate in fates(asked.ledger, session, registration):
                who = {"registration_id": registration.registration_id, "participant_id": registration.participant_id}
                yield {**_of_session(session), **who}


def _minutes(asked: Asked, kind: str) -> Iterator[Row]:
    for row in rows_of_kinds(asked.ledger, asked.period, asked.selection)[kind]:
        credited = {"municipality": row.municipality} if kind in ("attested", "unmatched_minutes") else {}
        yield {**_of_occasion(row), **credited, "minutes": row.minutes}


def _of_occasion(row: Attended) -> Row:
    place = {"session_id": row.session.session_id, "occasion_id": row.occasion.occasion_id}
    return {"day": row.day, **place, "participant_id": row.participant_id}


def _rounded(ledger: Ledger, attested: Iterable[Attended], *, lost: bool = False) -> Iterator[Row]:
    """What is rounded together is one row: an occasion, or a person's month with one employer."""
    rounding = Rounding(ledger.facts.project)
    for rows, before, after in rounding.groups(claimed_rows(ledger, attested)):
        first = min(rows, key=lambda row: row.day)
        place = {"session_id": None, "occasion_id": None} if rounding.is_monthly(first.day) else {}
        minutes = before - after if lost else after
        yield {**_of_occasion(first), **place, "municipality": first.municipality, "minutes": minutes}


def _invited(asked: Asked, audience: str) -> Iterator[Row]:
    for session_id, session in _by_id(asked).items():
        asked_there = ((one.session_id, one.audience, one.invited) for one in asked.ledger.facts.invitations)
        yield from _numbered(_of_session(session), sum(n for *of, n in asked_there if of == [session_id, audience]))


def _answered(asked: Asked, audience: str) -> Iterator[Row]:
    for session_id, session in _by_id(asked).items():
        answers = [one for one in asked.ledger.facts.answers if one.session_id == session_id]
        yield from _numbered(_of_session(session), sum(one.audience == audience for one in answers))


def _by_id(asked: Asked) -> dict[str, Session]:
    return {one.session_id: one for one in sessions_of(asked.ledger, asked.period, asked.selection)}


def _numbered(row: Row, count: int) -> Iterator[Row]:
    yield from ({**row, "number": number} for number in range(1, count + 1))


def _answers(asked: Asked, audience: str, question: str, values: tuple[str, ...] | None = None) -> Iterator[Row]:
    """Answers to a question, without anybody and without the session. Of the managers' the keys say which."""
    sessions = _by_id(asked)
    question, wanted = (question, values) if question else (asked.keys[0], asked.keys[1:] or None)
    answers = (one for one in asked.ledger.facts.answers if one.audience == audience and one.session_id in sessions)
    given = sorted(str(one.answers[question]) for one in answers if one.answers.get(question) is not None)
    told = [value for value in given if wanted is None or value in wanted]
    for number, value in enumerate(told, start=1):
        yield {"question": question, "answer": value, "number": number}


def _trainers(asked: Asked, of: str = "") -> Iterator[Row]:
    last = asked.period.last
    for one in asked.ledger.facts.trainers:
        codes = {code.code for code in one.qualifications if code.obtained_on <= last}
        if not of:
            yield from ({"trainer_id": one.trainer_id, "code": code} for code in codes & {*asked.keys})
        elif codes and of == "active_from" and one.active_from is not None and one.active_from > last:
            yield {"trainer_id": one.trainer_id, of: one.active_from}
        elif codes and of == "active_to" and one.active_to is not None and one.active_to <= last:
            yield {"trainer_id": one.trainer_id, of: one.active_to}


def _head_counts(asked: Asked) -> Iterator[Row]:
    for one in asked.ledger.facts.head_counts:
        occasion = asked.ledger.occasion(one.session_id, one.occasion_id)
        session = asked.ledger.sessions.get(one.session_id)
        if session is not None and occasion is not None and not session.cancelled and occasion.day in asked.period:
            row = {"day": occasion.day, "session_id": one.session_id, "occasion_id": one.occasion_id}
            yield from _numbered(row, one.count)


def _promised(asked: Asked, kind: str) -> Iterator[Row]:
    """Of the whole time until the last day; months that are no longer this report's as their sums."""
    ledger = asked.ledger
    codes = asked.keys or ((UNMATCHED,) if kind == "unmatched" else None)

    def counts(one: Attended | Elsewhere) -> bool:
        return codes is None or one.municipality in codes

    here = [row for row in ledger.attested if ledger.facts.takes(row.day) and row.day <= asked.period.last]
    here = [row for row in here if counts(row)]
    if kind == "claimable":
        yield from _rounded(ledger, here)
    else:
        yield from ({**_of_occasion(row), "municipality": row.municipality, "minutes": row.minutes} for row in here)
    for one in ledger.facts.elsewhere:
        minutes = one.claimable if kind == "claimable" else one.attested
        if minutes and ledger.facts.is_before(one) and counts(one):
            yield {"month": one.month, "municipality": one.municipality, "minutes": minutes}


def _newcomers(asked: Asked, indicator: str) -> Iterator[Row]:
    """Persons of a gender, or in `total`."""
    for who in newcomers(asked.ledger, asked.period, indicator):
        row = _person(asked.ledger, who)
        if asked.keys[0] in ("total", row["gender"]):
            yield {"day": asked.ledger.first_days[who], **row}


_PARTICIPANT: Final = "surveys.participant"
BEHIND: Final[Mapping[str, Callable[[Asked], Iterable[Row]]]] = {
    "unique_participants.total": partial(_persons, of=lambda asked, who: True),
    "unique_participants.by_gender.*": partial(_persons, of=_of_gender),
    "unique_participants.by_age.*": partial(_persons, of=_of_age),
    "unique_participants.by_municipality.*": partial(_persons, of=_employed_by),
    "participations.total": _participations,
    **{f"participations.by_{name}.*": partial(_participations, value=name) for name in ("category", "title", "course")},
    "participations.by_municipality.*": partial(_participations, value="municipality"),
    "sessions.held": partial(_sessions, of=lambda asked, one: one.session_id in asked.ledger.held),
    "sessions.cancelled": partial(_sessions, of=lambda asked, one: one.cancelled),
    "sessions.cancelled_by_cause.*": partial(
        _sessions, of=lambda asked, one: one.cancelled and (one.cause or "other") == asked.keys[0]
    ),
    "sessions.courses_offered": _courses,
    "seats.offered": _offered,
    **{
        f"seats.{fate}": partial(_seats, fate=fate)
        for fate in ("confirmed", "cancelled_in_time", "cancelled_late", "no_show", "walk_in")
    },
    **{
        f"minutes.{kind}": partial(_minutes, kind=kind)
        for kind in ("scheduled", "attended", "attested", "unmatched_minutes", "signed")
    },
    "minutes.claimable": lambda asked: _rounded(asked.ledger, asked.attested),
    "minutes.lost_to_rounding": lambda asked: _rounded(asked.ledger, asked.attested, lost=True),
    **{f"surveys.{audience}.invited": partial(_invited, audience=audience) for audience in ("participant", "manager")},
    **{
        f"surveys.{audience}.answered": partial(_answered, audience=audience) for audience in ("participant", "manager")
    },
    **{
        f"{_PARTICIPANT}.{question}.{name}": partial(_answers, audience="participant", question=question, values=values)
        for question, name, values in (
            *(("helped", grade, (grade,)) for grade in ("high", "fairly_high")),
            ("helped", "n", GRADES),
            ("confidence", "n", None),
            *(("language_support", name, (name,)) for name in SUPPORT),
            ("language_support", "needed", SUPPORT),
        )
    },
    "surveys.manager.questions.*.values.*": partial(_answers, audience="manager", question=""),
    "surveys.manager.questions.*.n": partial(_answers, audience="manager", question=""),
    "trainers.qualified.*": _trainers,
    "trainers.starting_later": partial(_trainers, of="active_from"),
    "trainers.left": partial(_trainers, of="active_to"),
    "approximate.head_counts": _head_counts,
    **{
        f"cofinancing.project.{kind}_minutes": partial(_promised, kind=kind)
        for kind in ("attested", "claimable", "unmatched")
    },
    **{
        f"cofinancing.municipalities.*.{kind}_minutes": partial(_promised, kind=kind)
        for kind in ("attested", "claimable")
    },
    **{f"{name}.*": partial(_newcomers, indicator=name) for name in INDICATORS},
}
