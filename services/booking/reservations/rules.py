"""What a reservation is at a moment, and when its deadline can stand."""

from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """`filled`: every seat has its name; `lapsed`: the deadline passed; `deleted`: given back."""

    OPEN = "open"
    LAPSED = "lapsed"
    FILLED = "filled"
    DELETED = "deleted"


def state_at(stored: str, name_by: datetime, entered_at: datetime, at: datetime) -> State:
    """The state that a reader sees: a lapse counts from its moment on, whether or not it was noted.

    One that was entered after its own deadline is open until somebody acts at a later time.
    """
    lapsed = stored == State.OPEN and entered_at < name_by <= at
    return State.LAPSED if lapsed else State(stored)


def deadline_fault(name_by: datetime, at: datetime, starts_at: datetime) -> str | None:
    """The code of what is wrong with a deadline for names."""
    if name_by <= at:
        return "in-the-past"
    return "after-start" if name_by > starts_at else None
