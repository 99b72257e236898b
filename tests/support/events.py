"""Events for the messaging suites: small ones of the real contract, and records that hold them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.contracts.booking_v1 import ShareReleased
from shared.contracts.envelope import Envelope, encode_headers, encode_value
from shared.contracts.registry import EventData, by_type
from shared.contracts.topics import BOOKING
from shared.messaging.delivery import Event, Record
from shared.security.cipher import Cipher
from tests.support.kafka_log import Message

AT = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
Headers = tuple[tuple[str, bytes], ...]


def released(session: UUID, seats: int) -> ShareReleased:
    """An event whose `seats` tells events of one session apart."""
    return ShareReleased(session_id=session, municipality="1884", seats=seats)


def delivered(
    contract: type[EventData],
    data: EventData | None,
    *,
    key: str,
    sequence: int,
    at: datetime = AT,
    recorded_at: datetime | None = None,
    event_id: UUID | None = None,
) -> Event:
    """An event as a handler gets it; `data` is None for a tombstone."""
    topic = contract.topic
    envelope = Envelope(
        event_id or uuid4(),
        "/kursnav/test",
        contract.ce_type,
        topic.subject_of(key),
        at,
        recorded_at or at,
        sequence,
    )
    return Event(envelope, key, data, Record(topic.name, 0, sequence, key.encode(), b"", ()))


def stamped(event: Event, **times: Any) -> Event:
    """The same at other times: `time` when it happened, `recorded_at`."""
    return replace(event, envelope=event.envelope._replace(**times))


def message_of(event: Event, cipher: Cipher) -> Message:
    """Key, value and headers of the event as its producer writes them."""
    contract = by_type(event.envelope.type)
    assert contract is not None, event.envelope.type
    headers = encode_headers(
        contract,
        event_id=event.id,
        source=event.envelope.source,
        subject=event.envelope.subject,
        time=event.time,
        recorded_at=event.recorded_at,
        sequence=event.sequence,
    )
    value = None if event.data is None else encode_value(event.data, key=event.key, cipher=cipher)
    return event.key.encode(), value, [(name, text.encode()) for name, text in headers.items()]


def headers_of(session: UUID, *, event_id: UUID | None = None, sequence: int = 1) -> Headers:
    texts = encode_headers(
        ShareReleased,
        event_id=event_id or uuid4(),
        source="/kursnav/booking",
        subject=BOOKING.subject_of(str(session)),
        time=AT,
        recorded_at=AT,
        sequence=sequence,
        correlation_id="request-1",
    )
    return tuple((name, text.encode()) for name, text in texts.items())


def record(
    session: UUID,
    sequence: int = 1,
    *,
    offset: int | None = None,
    event_id: UUID | None = None,
    value: bytes | None = None,
    without_value: bool = False,
    headers: Headers | None = None,
    replaced: Sequence[tuple[str, bytes]] = (),
) -> Record:
    """A record as it comes from the topic; `seats` is its sequence. `replaced` overrides single headers."""
    chosen = dict(headers if headers is not None else headers_of(session, event_id=event_id, sequence=sequence))
    chosen.update(replaced)
    good = encode_value(released(session, sequence), key=str(session))
    return Record(
        topic=BOOKING.name,
        partition=0,
        offset=sequence if offset is None else offset,
        key=str(session).encode(),
        value=None if without_value else value if value is not None else good,
        headers=tuple(chosen.items()),
    )
