"""Participants that were found to be one person: every figure reads the id that ended as the one it became.

Facts keep the ids that they came with, so a report's rows show what was recorded, and the merge as a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from services.reporting.recompute.model import Facts, Merge, SignedMinutes


class _Personal(Protocol):
    @property
    def participant_id(self) -> str: ...


P = TypeVar("P", bound=_Personal)


def of_one_person_each(facts: Facts) -> Facts:
    """The facts as if everybody had had one id from the beginning."""
    if not facts.merges:
        return facts
    became = became_of(facts.merges)
    return replace(
        facts,
        # The one that remains carries the employments of both.
        persons=tuple(person for person in facts.persons if person.participant_id not in became),
        registrations=_renamed(facts.registrations, became),
        rolls=tuple(replace(roll, lines=_renamed(roll.lines, became)) for roll in facts.rolls),
        marks=_renamed(facts.marks, became),
        signatures=_signed_once(facts.signatures, became),
        first_days=_renamed(facts.first_days, became),
    )


def became_of(merges: Iterable[Merge]) -> dict[str, str]:
    """Each id that ended, and the one that remains at the end of its chain."""
    into = {merge.participant_id: merge.into for merge in merges}
    return {ended: _end_of(into, ended) for ended in into}


def _end_of(into: Mapping[str, str], ended: str) -> str:
    seen = {ended}
    while (following := into.get(ended)) is not None and following not in seen:
        seen.add(following)
        ended = following
    return ended


def _renamed(values: Iterable[P], became: Mapping[str, str]) -> tuple[P, ...]:
    return tuple(
        replace(one, participant_id=became[one.participant_id]) if one.participant_id in became else one  # type: ignore[type-var]  # all are dataclasses
        for one in values
    )


def _signed_once(lines: Iterable[SignedMinutes], became: Mapping[str, str]) -> tuple[SignedMinutes, ...]:
    """A month may be signed under either id, or under both: of one occasion, what was signed under the one that
    remains.
    """
    ordered = sorted(lines, key=lambda line: line.participant_id not in became)
    signed = {(line.participant_id, line.session_id, line.occasion_id): line for line in _renamed(ordered, became)}
    return tuple(signed.values())
