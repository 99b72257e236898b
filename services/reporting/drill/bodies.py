"""What the call for the rows behind a figure returns."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel


class DrillRowShown(BaseModel):
    """A row behind a figure, with what its kind has: a person, a participation, a session, a seat, minutes, an answer
    (without anybody), a trainer. `number` tells alike ones apart; `month` is a month whose rows a report keeps as their
    sum only.
    """

    day: date | None = None
    month: str | None = None
    session_id: UUID | None = None
    occasion_id: UUID | None = None
    course: str | None = None
    participant_id: UUID | None = None
    registration_id: UUID | None = None
    municipality: str | None = None
    host_municipality: str | None = None
    gender: str | None = None
    age_group: str | None = None
    category: str | None = None
    title: str | None = None
    cause: str | None = None
    capacity: int | None = None
    minutes: int | None = None
    question: str | None = None
    answer: str | None = None
    trainer_id: UUID | None = None
    code: str | None = None
    active_from: date | None = None
    active_to: date | None = None
    number: int | None = None


class DrillShown(BaseModel):
    """A figure as the figures have it, and a page of its rows. Of persons one a row, of minutes their sum, of seats
    offered the sum of capacities, else as many rows as the figure says.
    """

    figure: str
    value: int
    items: list[DrillRowShown]
    next: str | None = None
