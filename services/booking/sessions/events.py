"""What sessions publish: every `session-*` carries the full state."""

from typing import Any
from uuid import UUID

from services.booking.allocation.rules import State
from services.booking.sessions.bodies import SessionShown
from services.booking.sessions.rules import Cause
from shared.contracts.booking_v1 import (
    Occasion,
    SessionCancelled,
    SessionCapacityChanged,
    SessionRescheduled,
    SessionScheduled,
    TrainerAssigned,
    TrainerReplaced,
)
from shared.database.unit_of_work import Unit

PUBLISHED = ("host_municipality", "venue", "occasions", "trainers", "support", "cancellation_deadline")
"""The fields of a session, beside its capacity, whose change the other services must know."""


def scheduled(session: SessionShown) -> SessionScheduled:
    return SessionScheduled(**_state(session))


def cancelled(session: SessionShown, cause: Cause) -> SessionCancelled:
    return SessionCancelled(**_state(session), cause=cause.value)


def _state(session: SessionShown) -> dict[str, Any]:
    """`completed` is derived from the clock of whoever reads: the log says what was decided."""
    return {
        "session_id": session.id,
        "course": session.course,
        "course_title": session.course_title,
        "duration_minutes": session.duration_minutes,
        "host_municipality": session.host_municipality,
        "venue": session.venue,
        "capacity": session.capacity,
        "occasions": tuple(Occasion(**occasion.model_dump()) for occasion in session.occasions),
        "trainers": tuple(session.trainers),
        "support": tuple(session.support),
        "cancellation_deadline": session.cancellation_deadline,
        "state": "cancelled" if session.state is State.CANCELLED else "scheduled",
    }


def publish_changes(unit: Unit, before: SessionShown, after: SessionShown) -> None:
    """One event for a changed capacity, one for whatever else changed, and the trainers who came or were replaced."""
    if before.capacity != after.capacity:
        unit.emit(SessionCapacityChanged(**_state(after)))
    if any(getattr(before, name) != getattr(after, name) for name in PUBLISHED):
        unit.emit(SessionRescheduled(**_state(after)))
    publish_trainers(unit, after.id, before.trainers, after.trainers)


def publish_trainers(unit: Unit, session_id: UUID, before: list[UUID], after: list[UUID]) -> None:
    """Who left is paired with who came, in their order; further ones are assigned."""
    left = [trainer for trainer in before if trainer not in after]
    came = [trainer for trainer in after if trainer not in before]
    for old, new in zip(left, came, strict=False):
        unit.emit(TrainerReplaced(from_=old, to=new), key=str(session_id))
    for new in came[len(left) :]:
        unit.emit(TrainerAssigned(trainer_id=new), key=str(session_id))
