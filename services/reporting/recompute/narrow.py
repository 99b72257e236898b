"""What a report takes of everything: the rows of its days, and sums of what lies outside them.

A figure of the period rests on the sessions that have an occasion in it. Two things look further: a person's age is
that on the first attended day in the project, and the co-financing counts all hours since the project began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from services.reporting.days import Period
from services.reporting.forecast.rules import recent_days
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of
from services.reporting.recompute.merging import became_of
from services.reporting.recompute.minutes import claimable, total
from services.reporting.recompute.model import Elsewhere, Facts, FirstDay


def days_taken(period: Period) -> Period:
    """Whole months at the beginning: what lies before them can be rounded by itself."""
    return Period(period.first.replace(day=1), period.last)


def narrowed(facts: Facts, period: Period, today: date = date.max) -> Facts:
    """The facts that a report of this period takes; those of a report that took them already stay as they are. Where
    today lies in the period, the forecast looks ahead from it.
    """
    if facts.taken is not None:
        return facts
    taken = days_taken(period)
    ids = {
        session.session_id
        for session in facts.sessions
        if any(occasion.day in taken for occasion in (*session.occasions, *session.former))
    }
    near = replace(
        facts,
        taken=taken,
        sessions=tuple(one for one in facts.sessions if one.session_id in ids),
        registrations=tuple(one for one in facts.registrations if one.session_id in ids),
        rolls=tuple(one for one in facts.rolls if one.session_id in ids),
        marks=tuple(one for one in facts.marks if one.session_id in ids),
        signatures=tuple(one for one in facts.signatures if one.session_id in ids),
        head_counts=tuple(one for one in facts.head_counts if one.session_id in ids),
        invitations=tuple(one for one in facts.invitations if one.session_id in ids),
        answers=tuple(one for one in facts.answers if one.session_id in ids),
    )
    people = people_of(near)
    return replace(
        near,
        persons=tuple(one for one in facts.persons if one.participant_id in people),
        first_days=tuple(_first_days(facts, near, taken)),
        elsewhere=tuple(_elsewhere(ledger_of(facts), taken, min(taken.last, today))),
    )


def people_of(facts: Facts) -> set[str]:
    """Whoever these facts name, and whom they became."""
    named = {line.participant_id for roll in facts.rolls for line in roll.lines}
    for collection in (facts.registrations, facts.marks, facts.signatures):
        named |= {one.participant_id for one in collection}
    became = became_of(facts.merges)
    return named | {became[one] for one in named if one in became}


def _first_days(facts: Facts, near: Facts, taken: Period) -> Iterable[FirstDay]:
    """Under each id that somebody of these days has had."""
    became = became_of(facts.merges)
    there = {
        became.get(line.participant_id, line.participant_id)
        for roll in near.rolls
        for line in roll.lines
        if line.minutes > 0
    }
    rolls = {roll.session_id: roll.event_id for roll in facts.rolls}
    first: dict[str, tuple[date, str]] = {}
    for row in Ledger(replace(facts, merges=())).attested:
        who, found = row.participant_id, (row.day, rolls[row.session.session_id])
        if row.day < taken.first and became.get(who, who) in there:
            first[who] = min(first.get(who, found), found)
    return (FirstDay(who, day, event_id) for who, (day, event_id) in sorted(first.items()))


def _elsewhere(ledger: Ledger, taken: Period, ahead_from: date) -> Iterable[Elsewhere]:
    before = [row for row in ledger.attested if row.day < taken.first]
    scheduled = [row for row in ledger.seated if row.day not in taken]
    until = Period(date.min, taken.first - timedelta(days=1))
    sums: dict[tuple[str, str], Counter[str]] = {}
    for (month, code), rows in sorted(_by_month(before).items()):
        recent = [row for row in rows if row.day in recent_days(ahead_from)]
        sums[month, code] = Counter(
            attested=total(rows),
            recent=total(recent),
            claimable=claimable(ledger, rows, until, Selection())[1] or 0,
        )
    for (month, code), rows in _by_month(scheduled).items():
        sums.setdefault((month, code), Counter())["scheduled"] = total(rows)
    names = ("attested", "recent", "claimable", "scheduled")
    return (Elsewhere(*key, *(one[name] for name in names)) for key, one in sorted(sums.items()))


def _by_month(rows: Iterable[Attended]) -> dict[tuple[str, str], list[Attended]]:
    groups: dict[tuple[str, str], list[Attended]] = {}
    for row in rows:
        groups.setdefault((f"{row.day:%Y-%m}", row.municipality), []).append(row)
    return groups
