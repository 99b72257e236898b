"""What a fact is about: of all facts with the same natural key, the one with the highest sequence counts.

A registration is one thing through all its events; a mark is one person on one occasion, however often it was
corrected; each survey answer is a thing of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

_Data = Mapping[str, Any]

_BY_TYPE: Final[Mapping[str, Callable[[str, _Data], str]]] = {
    "session-scheduled": lambda key, data: f"session/{key}",
    "session-rescheduled": lambda key, data: f"session/{key}",
    "session-capacity-changed": lambda key, data: f"session/{key}",
    "session-cancelled": lambda key, data: f"session/{key}",
    "registration-confirmed": lambda key, data: f"registration/{key}/{data['registration_id']}",
    "registration-waitlisted": lambda key, data: f"registration/{key}/{data['registration_id']}",
    "registration-cancelled": lambda key, data: f"registration/{key}/{data['registration_id']}",
    "registration-moved-out": lambda key, data: f"registration/{key}/{data['registration_id']}",
    "registration-substituted": lambda key, data: f"registration/{key}/{data['registration_id']}",
    "attendance-recorded": lambda key, data: f"mark/{key}/{data['participant_id']}/{data['occasion_id']}",
    "attendance-corrected": lambda key, data: f"mark/{key}/{data['participant_id']}/{data['occasion_id']}",
    "head-count-recorded": lambda key, data: f"head-count/{key}/{data['occasion_id']}",
    "roll-attested": lambda key, data: f"roll/{key}",
    "roll-reopened": lambda key, data: f"roll/{key}",
    "hours-signed": lambda key, data: f"signature/{key}/{data['month']}",
    "signature-voided": lambda key, data: f"signature/{key}/{data['month']}",
    "participant-changed": lambda key, data: f"participant/{key}",
    "participants-merged": lambda key, data: f"merge/{key}",
    "course-changed": lambda key, data: key,
    "package-changed": lambda key, data: key,
    "title-changed": lambda key, data: key,
    "municipality-changed": lambda key, data: key,
    "trainer-changed": lambda key, data: key,
    "project-changed": lambda key, data: key,
}


@cache  # asked for every event of a batch
def happening(ce_type: str) -> str:
    """What happened: `registration-confirmed` of `se.kursnav.booking.registration-confirmed.v1`."""
    return ce_type.split(".")[-2]


def natural_key(ce_type: str, key: str, event_id: UUID | str, data: _Data | None) -> str:
    """The natural key of an event, by its own id where it stands for itself. A tombstone is about its message key."""
    name = happening(ce_type)
    keyed = _BY_TYPE.get(name)
    return keyed(key, data or {}) if keyed else f"{name}/{event_id}"
