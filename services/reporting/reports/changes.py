"""What changed between two reports of the same period, why, and which months must be sent again (product.md,
Reporting 5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import dropwhile
from typing import Any, Final

from services.reporting.recompute import model
from services.reporting.recompute.figures import figures
from services.reporting.recompute.ledger import Selection, ledger_of, within
from services.reporting.recompute.merging import became_of
from services.reporting.recompute.narrow import days_taken, narrowed, people_of
from services.reporting.reports.content import Content, flat
from services.reporting.reports.periods import Period, months_between
from services.reporting.reports.rows import InputRow, facts_of, rows_of
from shared.clock import local_day

_OF_THE_ANSWER: Final = ("period", "cut_off", "data_as_of", "suppressed")

SOURCES: Final[Mapping[str, frozenset[str]]] = {
    "unique_participants": frozenset({"rolls", "sessions", "persons", "registrations", "first_days"}),
    "participations": frozenset({"rolls", "sessions", "persons", "registrations"}),
    "sessions": frozenset({"rolls", "sessions"}),
    "seats": frozenset({"rolls", "marks", "sessions", "persons", "registrations", "project"}),
    "minutes": frozenset({"rolls", "sessions", "persons", "registrations", "project"}),
    "minutes.attended": frozenset({"marks", "sessions", "persons", "registrations"}),
    "minutes.scheduled": frozenset({"rolls", "marks", "sessions", "persons", "registrations", "project"}),
    "minutes.signed": frozenset({"signatures", "sessions", "persons", "registrations"}),
    "minutes.claimable": frozenset({"rolls", "signatures", "sessions", "persons", "registrations", "project"}),
    "minutes.lost_to_rounding": frozenset({"rolls", "signatures", "sessions", "persons", "registrations", "project"}),
    "surveys": frozenset({"answers", "invitations", "sessions"}),
    "trainers": frozenset({"trainers"}),
    "approximate": frozenset({"head_counts", "sessions"}),
    "cofinancing": frozenset(
        {"rolls", "signatures", "sessions", "persons", "registrations", "municipalities", "project"}
    ),
}
"""Which facts a figure depends on, by its path or the first part of it."""


@dataclass(frozen=True)
class Version:
    """A frozen report with its stored rows."""

    content: Content
    rows: tuple[InputRow, ...]

    def facts(self) -> model.Facts:
        """What a report of its period takes, also where it is of a time when reports took everything."""
        order = self.content.order
        return narrowed(facts_of(self.rows, order.cut_off, None), self.content.period.days, order.day)


@dataclass(frozen=True)
class Change:
    """One figure that differs. `cause` are the ids of the events that it comes from, of the newer report where both
    have one.
    """

    figure: str
    old: int | float | None
    new: int | float | None
    cause: list[str]


@dataclass(frozen=True)
class Comparison:
    """What differs, the months to send again, and what rows do not say: whoever has the events does.

    `gone` are causes that are facts of the older report only: what took such a fact away (a roll was reopened, a
    signature voided) is an event that leaves no row. `elsewhere` says that sums of other months differ.
    """

    changes: list[Change]
    resend: list[str]
    gone: frozenset[str]
    elsewhere: bool

    def explained(self, taken_by: Mapping[str, str], elsewhere: Sequence[str] = ()) -> list[Change]:
        """The changes with the event that took each lost fact away as its cause, and what happened elsewhere."""
        return [
            replace(
                one,
                cause=[
                    *(taken_by.get(cause, cause) for cause in one.cause),
                    *(elsewhere if one.figure.startswith("cofinancing.") else ()),
                ],
            )
            for one in self.changes
        ]


def compare(old: Version, new: Version) -> Comparison:
    """Compares two frozen reports of the same period, the older one first."""
    facts = old.facts(), new.facts()
    causes = _Causes(*facts, new.content.period)
    before, after = _stated(old), _stated(new)
    different = [path for path in (after | before) if before.get(path) != after.get(path)]
    changes = [Change(path, before.get(path), after.get(path), causes.of(path)) for path in different]
    elsewhere = _sums(facts[0].elsewhere) != _sums(facts[1].elsewhere)
    return Comparison(changes, _to_resend(*facts, new.content, changed=bool(changes)), causes.gone, elsewhere)


def _to_resend(old: model.Facts, new: model.Facts, content: Content, *, changed: bool) -> list[str]:
    """The months of the period from the earliest corrected one on. One before the period corrects them all, if any of
    the report's figures changed. Hours that went from one person to another are a correction that no sum shows.
    """
    period, municipality = content.period, content.order.municipality
    became = became_of(new.merges)

    def corrected(month: Period) -> bool:
        return _figures(old, month, municipality) != _figures(new, month, municipality) or (
            _hours(old, month, municipality, became) != _hours(new, month, municipality, became)
        )

    cut = months_between(days_taken(period.days).first, period.first - timedelta(days=1))
    if changed and (_before(old, new) != _before(new, old) or any(map(corrected, cut))):
        return [month.written for month in period.months()]
    return [month.written for month in dropwhile(lambda month: not corrected(month), period.months())]


def _before(facts: model.Facts, other: model.Facts) -> tuple[set[model.Elsewhere], set[tuple[str, date]]]:
    """What the figures take of the months before: sums, and first days of whom both versions know."""
    people = people_of(other)
    sums = _sums(one for one in facts.elsewhere if facts.is_before(one))
    return sums, {(one.participant_id, one.day) for one in facts.first_days if one.participant_id in people}


def _sums(elsewhere: Iterable[model.Elsewhere]) -> set[model.Elsewhere]:
    """Without what is recent, which the day of the order decides while a period is under way."""
    return {replace(one, recent=0) for one in elsewhere}


def _stated(version: Version) -> dict[str, Any]:
    return {path: value for path, value in flat(version.content).items() if not path.startswith("months.")}


def _figures(facts: model.Facts, month: Period, municipality: str | None) -> dict[str, Any]:
    answer = figures(facts, month.days, municipality)
    return {name: value for name, value in answer.items() if name not in _OF_THE_ANSWER}


def _hours(
    facts: model.Facts, month: Period, municipality: str | None, became: Mapping[str, str]
) -> set[tuple[str, str, int]]:
    """Who attended which occasion of the month for how long; a merge alone corrects nothing."""
    rows = within(ledger_of(facts).attested, month.days, Selection(municipality))
    return {(became.get(row.participant_id, row.participant_id), row.occasion.occasion_id, row.minutes) for row in rows}


class _Causes:
    """The facts that differ between two versions, and the figures that each can have changed."""

    def __init__(self, old: model.Facts, new: model.Facts, period: Period) -> None:
        before, after = frozenset(rows_of(old)), frozenset(rows_of(new))
        self.period = period
        self.days = _days_of_sessions((*before, *after))
        # Who comes into a report, or leaves it, does so by another fact than that about the person.
        self._people = people_of(old) & people_of(new)
        changed = list(self._values(after - before))
        still = {_natural_key(value["kind"], value) for value in changed}
        lost = [one for one in self._values(before - after) if _natural_key(one["kind"], one) not in still]
        self.changed = changed + lost
        self.gone = frozenset(str(value["cause"]) for value in lost)

    def _values(self, rows: Iterable[InputRow]) -> Iterable[dict[str, Any]]:
        for row in sorted(rows):
            value = row.value()
            is_known = row.kind not in ("persons", "first_days") or value["participant_id"] in self._people
            if row.event_id is not None and is_known:
                yield value | {"kind": row.kind, "cause": row.event_id}

    def of(self, path: str) -> list[str]:
        group = path.split(".")[0]
        kinds = SOURCES.get(path) or SOURCES[group]
        kinds |= {"merges"} if "persons" in kinds else set()  # who is one person with whom counts wherever people do
        first = date.min if group == "cofinancing" else self.period.first
        causes = (value["cause"] for value in self.changed if value["kind"] in kinds and self._concerns(value, first))
        return list(dict.fromkeys(causes))

    def _concerns(self, value: Mapping[str, Any], first: date) -> bool:
        """Whether the fact can touch the period: its session has an occasion in it. Facts without a session always
        can.
        """
        days = self.days.get(value.get("session_id", ""), ())
        return "session_id" not in value or any(first <= day <= self.period.last for day in days)


def _days_of_sessions(rows: Iterable[InputRow]) -> dict[str, set[date]]:
    days: dict[str, set[date]] = {}
    for row in rows:
        if row.kind == "sessions":
            session = row.value()
            starts = (datetime.fromisoformat(one["starts_at"]) for one in [*session["former"], *session["occasions"]])
            days.setdefault(session["session_id"], set()).update(local_day(start) for start in starts)
    return days


_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "project": (),
    "courses": ("code",),
    "municipalities": ("code",),
    "trainers": ("trainer_id",),
    "persons": ("participant_id",),
    "first_days": ("participant_id",),
    "merges": ("participant_id",),
    "sessions": ("session_id",),
    "registrations": ("registration_id",),
    "rolls": ("session_id",),
    "marks": ("session_id", "participant_id", "occasion_id"),
    "signatures": ("participant_id", "session_id", "occasion_id"),
    "head_counts": ("session_id", "occasion_id"),
}


def _natural_key(kind: str, value: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a fact is about, so that a new state of it is told from its disappearance."""
    return (kind, *(value[name] for name in _KEYS.get(kind, ("event_id",))))
