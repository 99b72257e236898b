"""Tables of rolls. Row-level security: a trainer sees own sessions (`rolls.trainers`), and through them the rest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable
from shared.database.types import jsonb, timestamp


class Roll(AttendanceTable, table=True):
    """A session with the state of its roll.

    `roll_version` rises with every recorded mark, correction and change of who is on the roll; `content_version` is
    the version in which the content (people, minutes, excuses, occasions) last changed. `former_trainers`: who was
    replaced, and when. `sequence`: of the last session event.
    """

    __tablename__ = "rolls"

    session_id: UUID = Field(primary_key=True)
    course: str = Field(sa_type=Text)
    course_title: str = Field(sa_type=Text)
    host_municipality: str = Field(sa_type=Text)
    venue: str = Field(sa_type=Text)
    cancelled: bool
    trainers: list[str] = Field(sa_type=ARRAY(Text))
    former_trainers: dict[str, str] = jsonb()
    starts_at: datetime = timestamp(index=True)
    ends_at: datetime = timestamp()
    sequence: int = Field(sa_type=BigInteger)
    state: str = Field(sa_type=Text)
    roll_version: int
    content_version: int
    sealed_hash: str | None = Field(default=None, sa_type=Text)


class RollEntry(AttendanceTable, table=True):
    """A registration on a session, as its last event left it. `employment_id` is None in rows from before.

    A person may have had several on one session; the view `roll_people` has the one that holds, under the id that the
    person has now.

    `registration`: confirmed, waitlisted, withdrawn (left the waiting list), cancelled, moved or substituted.
    `after_seal`: confirmed when the roll had been attested, so that nobody expected them: no no-show.
    """

    __tablename__ = "roll_entries"

    registration_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    participant_id: UUID = Field(index=True)
    municipality: str = Field(sa_type=Text)
    employment_id: UUID | None = None
    registration: str = Field(sa_type=Text)
    after_seal: bool = False
    sequence: int = Field(sa_type=BigInteger)


class WalkInLink(AttendanceTable, table=True):
    """Who a walk-in turned out to be. It outlives the registration that said so: marks of the walk-in stay theirs."""

    __tablename__ = "walk_in_links"

    walk_in_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    participant_id: UUID
