"""How many sessions, of how many seats, would close a municipality's gap. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Typical:
    """What the project's sessions have been like: minutes that a participation counts, seats that a session has."""

    minutes: int
    seats: int


@dataclass(frozen=True, slots=True)
class Closing:
    """People who would have to take part once more each, and the sessions that they fill."""

    people: int
    sessions: int
    seats: int


def typical(figures: Mapping[str, Any]) -> Typical | None:
    """From the figures of what has been held; None while nothing has."""
    participations, held = figures["participations"]["total"], figures["sessions"]["held"]
    attested, offered = figures["minutes"]["attested"], figures["seats"]["offered"]
    if not participations or not held or not attested or not offered:
        return None
    return Typical(max(1, round(attested / participations)), max(1, round(offered / held)))


def closing(gap_minutes: int | None, of: Typical | None) -> Closing | None:
    """Rounded up: a part of a person closes nothing. None without a gap, or without anything to go by."""
    if not gap_minutes or of is None:
        return None
    people = -(-gap_minutes // of.minutes)
    return Closing(people, -(-people // of.seats), of.seats)
