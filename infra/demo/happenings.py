"""What happens to a planned session: registrations in time order, drop-outs, marks, corrections, paper answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from infra.demo.plan import (
    AbsenceReason,
    Answer,
    Cancelling,
    Correcting,
    Mark,
    PlannedSession,
    Policy,
    Reason,
    Registering,
)
from infra.demo.workdays import Occasion, at

FIRST_REGISTRATION_DAYS = 40
LAST_REGISTRATION_DAYS = 10
QUARTER = 15
UNEXCUSED: tuple[AbsenceReason | None, ...] = (None, "work", "other")
# Public yearly report 2025: 87 % were helped in high or fairly high degree; 4.6 of 5 feel safe using what they learned.
HELPED_PERCENT = 87
CONFIDENCE_PATTERN = (5, 5, 5, 4, 5, 4, 5, 5, 4, 4)
ANSWERED_PERCENT = 82


@dataclass(frozen=True)
class Extra:
    """Somebody who registers beyond the planned participants; `comes` is False for people who never do."""

    staff: str
    comes: bool


def register_planned(rng: random.Random, session: PlannedSession, groups: Sequence[Sequence[str]]) -> None:
    """Every group that will come registers while there are seats, whatever its policy."""
    clock = _Clock(session)
    for group in groups:
        policy = _policy(rng, len(group))
        session.registrations.append(
            Registering(
                at=clock.next(),
                staff=tuple(group),
                policy=policy,
                at_least=max(1, len(group) - 1) if policy == "at_least" else None,
                support_needs=tuple(group[:1]) if rng.random() < 0.06 else (),
            )
        )


def register_extras(rng: random.Random, session: PlannedSession, extras: Sequence[Extra], seats_left: int) -> None:
    """Singles take the last seats; whoever comes after them waits, alone or in groups; one asks not to wait."""
    clock = _Clock(session, after=len(session.registrations))
    seated, late_comers = extras[:seats_left], list(extras[seats_left:])
    for extra in seated:
        session.registrations.append(Registering(clock.next(), (extra.staff,)))
    while late_comers:
        policy: Policy = rng.choice(("all", "all", "any", "at_least"))
        size = rng.choice((1, 1, 2, 3))
        group = tuple(extra.staff for extra in late_comers[:size])
        del late_comers[:size]
        least = max(1, len(group) - 1) if policy == "at_least" else None
        session.registrations.append(Registering(clock.next(), group, policy, least, waitlist=rng.random() < 0.93))
    _cancellations(rng, session, [extra.staff for extra in seated], [extra.staff for extra in extras[seats_left:]])
    gone = {cancelling.staff for cancelling in session.cancellations}
    session.beside = [extra.staff for extra in seated if extra.staff not in gone]


def _cancellations(rng: random.Random, session: PlannedSession, seated: list[str], waiting: list[str]) -> None:
    first = session.first_day
    drawn: list[tuple[datetime, str, Reason]] = []
    for staff in seated:
        chance = rng.random()
        if chance < 0.3:
            drawn.append((_moment(rng, first - timedelta(days=8)), staff, rng.choice(("work", "other"))))
        elif chance < 0.5:
            reason: Reason = rng.choice(("work", "changed-job"))
            drawn.append((_moment(rng, first - timedelta(days=rng.randint(2, 5))), staff, reason))
        elif chance < 0.62:
            drawn.append((_moment(rng, first - timedelta(days=1)), staff, "illness"))
    if waiting and rng.random() < 0.1:
        drawn.append((_moment(rng, first - timedelta(days=9)), rng.choice(waiting), "other"))
    session.cancellations += [Cancelling(moment, staff, reason) for moment, staff, reason in sorted(drawn)]


def _moment(rng: random.Random, day: date) -> datetime:
    return at(day, rng.randint(8, 16), rng.randrange(60))


def evening_before(session: PlannedSession) -> datetime:
    """After all that was cancelled, and before nobody is promoted any more."""
    return at(session.first_day - timedelta(days=1), 17)


def days_before(session: PlannedSession, days: int) -> datetime:
    """The morning that many days before a session begins."""
    return at(session.first_day - timedelta(days=days), 8)


def mark_planned(rng: random.Random, session: PlannedSession, staff: Sequence[str]) -> None:
    """Those who are planned to come do: nine in ten from start to end."""
    for key in staff:
        session.marks[key] = _partial(rng, session) if rng.random() < 0.1 else _present(session)


def mark_extras(rng: random.Random, session: PlannedSession, extras: Sequence[Extra]) -> None:
    """Of the others that got a seat most come; some are ill, some stay away."""
    for extra in extras:
        chance = rng.random()
        if extra.comes and chance < 0.6:
            session.marks[extra.staff] = _present(session)
        elif chance < 0.75:
            session.marks[extra.staff] = tuple(Mark(False, reason="illness") for _ in session.occasions)
        else:
            reason: AbsenceReason | None = rng.choice(UNEXCUSED)
            session.marks[extra.staff] = tuple(Mark(False, reason=reason) for _ in session.occasions)


def _present(session: PlannedSession) -> tuple[Mark, ...]:
    return tuple(Mark(True) for _ in session.occasions)


def _partial(rng: random.Random, session: PlannedSession) -> tuple[Mark, ...]:
    """Part of the first occasion; of a second one nothing, or all."""
    first = session.occasions[0]
    marks = [_part_of(rng, first)]
    for _ in session.occasions[1:]:
        marks.append(Mark(False, reason="work") if rng.random() < 0.5 else Mark(True))
    return tuple(marks)


def _part_of(rng: random.Random, occasion: Occasion) -> Mark:
    missed = QUARTER * rng.randint(1, 4)
    if occasion.break_minutes:
        return Mark(True, minutes=occasion.minutes - missed)
    if rng.random() < 0.5:
        return Mark(True, arrived_at=occasion.starts_at + timedelta(minutes=missed))
    return Mark(True, left_at=occasion.ends_at - timedelta(minutes=missed))


def contest(session: PlannedSession, staff: str) -> None:
    """The second trainer's phone says that this person left after half an hour."""
    session.contested[staff] = Mark(True, minutes=30)


def correct(rng: random.Random, session: PlannedSession, staff: str) -> None:
    """After attestation somebody remembers that this person left early."""
    occasion = session.occasions[0]
    missed = QUARTER * rng.randint(1, 3)
    session.corrections.append(
        Correcting(staff, 0, occasion.minutes - missed, "Gick tidigare enligt enhetschefen", "left-early")
    )


@dataclass
class Surveys:
    """Paper answers whose shares follow the public report: spread by quota, not by chance."""

    _rng: random.Random
    _asked: int = 0
    _answers: Iterator[Answer] = field(init=False)

    def __post_init__(self) -> None:
        self._answers = self._endless()

    def answers(self, present: int) -> list[Answer]:
        """The survey answers of a session with that many people present."""
        before = self._asked * ANSWERED_PERCENT // 100
        self._asked += present
        count = self._asked * ANSWERED_PERCENT // 100 - before
        return [next(self._answers) for _ in range(count)]

    def _endless(self) -> Iterator[Answer]:
        number = 0
        while True:
            helped = (number + 1) * HELPED_PERCENT // 100 > number * HELPED_PERCENT // 100
            yield Answer(
                helped=self._rng.choice(("high", "high", "fairly_high") if helped else ("low", "low", "not_at_all")),
                confidence=CONFIDENCE_PATTERN[number % len(CONFIDENCE_PATTERN)],
                language_support=_support(number),
            )
            number += 1


def _support(number: int) -> str:
    """One in eight needs language support; all of them get it, one in six of them partly."""
    if number % 8:
        return "not_needed"
    return "partly" if number % 48 == 40 else "fully"


class _Clock:
    """Rising times between the opening of registration and its end."""

    def __init__(self, session: PlannedSession, after: int = 0) -> None:
        opened = at(session.first_day - timedelta(days=FIRST_REGISTRATION_DAYS), 8)
        self._start = max(opened, session.planned_at + timedelta(hours=1))
        end = at(session.first_day - timedelta(days=LAST_REGISTRATION_DAYS), 16)
        # At most sixty calls register on one session.
        self._step = (end - self._start) / 60
        self._count = after

    def next(self) -> datetime:
        self._count += 1
        moment = self._start + self._step * self._count
        return moment.replace(microsecond=0)


def _policy(rng: random.Random, size: int) -> Policy:
    if size == 1:
        return "all"
    return rng.choice(("all", "any", "at_least"))
