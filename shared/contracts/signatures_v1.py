"""Hours that participants signed. Key: participant id."""

from typing import Literal
from uuid import UUID

from shared.contracts.registry import FACT_ONLY, EventData, Part, event
from shared.contracts.topics import SIGNATURES
from shared.contracts.types import Minutes, Month

SigningMethod = Literal["code", "paper"]


class SignedItem(Part):
    session_id: UUID
    occasion_id: UUID
    minutes: Minutes


@event(
    "signatures.hours-signed.v1",
    topic=SIGNATURES,
    key="{participant_id}",
    about="signature/{key}/{month}",
    projection="signature",
)
class HoursSigned(EventData):
    """A participant certified the month's minutes as the document with `document_hash` showed them."""

    participant_id: UUID
    month: Month
    items: tuple[SignedItem, ...]
    document_hash: str
    method: SigningMethod


@event("signatures.signature-voided.v1", topic=SIGNATURES, about="signature/{key}/{month}", projection="signature")
class SignatureVoided(EventData):
    """A signed item changed, so the month must be signed again."""

    month: Month
    cause: str


@event(
    "signatures.erasure-applied.v1",
    topic=SIGNATURES,
    key="{participant_id}",
    about="erasure-applied/{event_id}",
    projection=FACT_ONLY,
)
class ErasureApplied(EventData):
    """Attendance has deleted what it knew of an erased person."""

    participant_id: UUID
