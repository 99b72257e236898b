"""Tables of the waiting list. Row-level security: whoever may see a registration may see the entry that it waits in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import timestamp


class WaitingEntry(BookingTable, table=True):
    """One place in a session's queue; its members are the registrations that wait with this `entry_id`.

    `place` orders the queue. At least `minimum` members must get seats at once; `whole`: all of them. The entry of a
    person alone has the id of the registration.
    """

    __tablename__ = "waiting_entries"
    __table_args__ = (Index("ix_waiting_entries_queue", "session_id", "place"),)

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id")
    minimum: int
    whole: bool
    place: int
    since: datetime = timestamp()


class QueueDecision(BookingTable, table=True):
    """Why an entry got a seat, was passed over or was moved. `at` is the business time; rows are never changed.

    `needed` and `available` are the seats of that moment; `note` the reason that a coordinator gave for a move.
    """

    __tablename__ = "queue_decisions"
    __table_args__ = (
        CheckConstraint("decision IN ('promoted', 'skipped', 'moved')", name="queue_decisions_decision_check"),
        Index("ix_queue_decisions_session", "session_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(always=True),))
    session_id: UUID = Field(foreign_key="sessions.id")
    entry_id: UUID
    at: datetime = timestamp()
    decision: str = Field(sa_type=Text)
    why: str = Field(sa_type=Text)
    needed: int
    available: int
    note: str | None = Field(default=None, sa_type=Text)
