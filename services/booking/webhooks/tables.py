"""Tables of webhooks. Row-level security: a municipality sees its own, and nobody sees a secret but the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from services.booking.tables import BookingTable
from shared.database.types import jsonb, timestamp


class Webhook(BookingTable, table=True):
    """Where to send which events. `sealed` is the secret, `sealed_before` the one that `rotated_at` ended."""

    __tablename__ = "webhooks"
    __table_args__ = (CheckConstraint("state IN ('active', 'disabled')", name="webhooks_state_check"),)

    id: UUID = Field(primary_key=True)
    municipality: str = Field(sa_type=Text, foreign_key="municipalities.code", index=True)
    url: str = Field(sa_type=Text)
    events: list[str] = Field(sa_type=ARRAY(Text))
    sealed: bytes = Field(sa_type=LargeBinary)
    sealed_before: bytes | None = Field(default=None, sa_type=LargeBinary)
    rotated_at: datetime | None = timestamp(default=None, nullable=True)
    state: str = Field(sa_type=Text)
    created_at: datetime = timestamp()
    disabled_at: datetime | None = timestamp(default=None, nullable=True)
    revision: int


class Delivery(BookingTable, table=True):
    """One event for one webhook; its id is the `webhook-id`, also when it is sent again.

    `turn` rises with every attempt that is queued: of two jobs only the newer one sends. `attempts` is
    `[{at, status, error}]`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="webhook_deliveries_state_check"),
        UniqueConstraint("webhook_id", "event_id", name="webhook_deliveries_webhook_id_event_id_key"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    webhook_id: UUID = Field(foreign_key="webhooks.id", ondelete="CASCADE")
    municipality: str = Field(sa_type=Text)
    event_id: UUID
    type: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    turn: int
    attempts: list[dict[str, Any]] = jsonb()
    next_attempt_at: datetime | None = timestamp(default=None, nullable=True)
    created_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None, nullable=True)
