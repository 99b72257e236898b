"""CloudEvents 1.0 in binary mode: attributes as `ce_*` headers, the data as JSON value."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isinf
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from shared.clock import day_start, local_day
from shared.contracts.registry import EventData, by_type, key_of
from shared.contracts.topics import Topic
from shared.contracts.types import on_the_calendar, utc_text
from shared.security.cipher import Box, Cipher, CipherError

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
MOST_DETAIL = 500  # characters
# Before a number is a bracket, comma, colon or space: most ids have within them what looks like one. No choice and no
# anchor in front, which would make it six times as slow.
LARGE_NUMBER = re.compile(rb"[\[:,\s]-?[0-9.]+[eE][+]?[0-9]{3}")

RawHeaders = Sequence[tuple[str, bytes | None]]


class Envelope(NamedTuple):
    """The attributes of one event: `time` is when it happened, `recorded_at` when it was recorded (both aware UTC).

    `sequence` rises by one with each event of a key.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    recorded_at: datetime
    sequence: int
    dataschema: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


class BadRecord(Exception):
    """A record that can never be applied as it is. `reason` is a stable code, `detail` says what is wrong and never
    quotes the value, which may hold a name."""

    def __init__(self, reason: str, detail: str) -> None:
        detail = detail if len(detail) <= MOST_DETAIL else f"{detail[:MOST_DETAIL]} …"  # a header may be a megabyte
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def encode_headers(
    contract: type[EventData],
    *,
    event_id: UUID,
    source: str,
    subject: str,
    time: datetime,
    recorded_at: datetime,
    sequence: int,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    traceparent: str | None = None,
) -> dict[str, str]:
    """The headers of one event.

    Types that are not `traced` get neither correlation, causation nor trace context, and only the day as times.
    """
    if not contract.traced:
        time, recorded_at = day_start(local_day(time)), day_start(local_day(recorded_at))
    headers = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": str(event_id),
        "ce_source": source,
        "ce_type": contract.ce_type,
        "ce_subject": subject,
        "ce_time": utc_text(time),
        "ce_recordedtime": utc_text(recorded_at),
        "ce_sequence": str(sequence),
        "ce_dataschema": contract.dataschema,
        "content-type": CONTENT_TYPE,
    }
    traces = {"ce_correlationid": correlation_id, "ce_causationid": causation_id, "traceparent": traceparent}
    if contract.traced:
        headers.update({name: value for name, value in traces.items() if value is not None})
    return headers


def encode_value(data: EventData, *, key: str, cipher: Cipher | None = None) -> bytes:
    """The value of one event: JSON without absent fields, in a box bound to `key` when the topic is encrypted.

    Raises ValueError when an encrypted type is encoded without a cipher.
    """
    plain = data.model_dump_json(exclude_none=True).encode()
    if not data.topic.encrypted:
        return plain
    if cipher is None:
        raise ValueError(f"{data.ce_type} is encrypted: this service needs KURSNAV_PEOPLE_KEYS")
    return cipher.encrypt(plain, key.encode()).to_json()


def decode(
    topic: Topic, key: bytes | None, value: bytes | None, headers: RawHeaders, cipher: Cipher | None = None
) -> tuple[Envelope, EventData | None]:
    """Read one record; the data is None for a tombstone. Raises BadRecord for everything that no retry can mend."""
    envelope = decode_headers(headers)
    contract = by_type(envelope.type)
    if contract is None:
        raise BadRecord("unknown-type", f"this version knows no {envelope.type}; update this service, then replay")
    if contract.topic is not topic:
        raise BadRecord("wrong-topic", f"{envelope.type} belongs on {contract.topic.name}, not on {topic.name}")
    if key is None:
        raise BadRecord("missing-key", f"{envelope.type} came without a key")
    if not _is_text(key):
        raise BadRecord("key-not-utf8", f"the key of {envelope.type} is not UTF-8")
    if value is None:
        if not topic.compacted:
            raise BadRecord("tombstone", f"{topic.name} keeps every event; a record without value has no meaning there")
        return envelope, None
    data = _data(contract, key, value, cipher)
    if contract.key_format is not None and key_of(data) != key.decode():
        # Its partition and its place in the order are another thing's: consumers go by the key.
        raise BadRecord("wrong-key", f"the key of {envelope.type} is not {contract.key_format} of its data")
    return envelope, data


def decode_headers(headers: RawHeaders) -> Envelope:
    """Read the attributes. Raises BadRecord when one is missing or malformed, or any header is not UTF-8."""
    texts = _texts(headers)
    if texts.get("ce_specversion") != SPEC_VERSION:
        raise BadRecord("not-cloudevents", f"ce_specversion is {texts.get('ce_specversion')!r}, not {SPEC_VERSION!r}")
    if texts.get("content-type", CONTENT_TYPE) != CONTENT_TYPE:
        raise BadRecord("wrong-content-type", f"content-type is {texts['content-type']!r}, not {CONTENT_TYPE!r}")
    try:
        return Envelope(
            id=UUID(texts["ce_id"]),
            source=texts["ce_source"],
            type=texts["ce_type"],
            subject=texts["ce_subject"],
            time=_time(texts, "ce_time"),
            recorded_at=_time(texts, "ce_recordedtime"),
            sequence=_sequence(texts["ce_sequence"]),
            dataschema=texts.get("ce_dataschema"),
            correlation_id=texts.get("ce_correlationid"),
            causation_id=texts.get("ce_causationid"),
            traceparent=texts.get("traceparent"),
        )
    except KeyError as error:
        raise BadRecord("missing-header", f"header {error.args[0]} is missing") from error
    except ValueError as error:
        raise BadRecord("malformed-header", str(error)) from error


def event_id_of(headers: RawHeaders) -> UUID | None:
    """The event's id as far as it can be read, for the dead letter of a record that could not be decoded.

    Of several the last, which is the event's where it can be decoded.
    """
    raw = {name: raw for name, raw in headers if raw is not None}.get("ce_id")
    try:
        return None if raw is None else UUID(raw.decode())
    except ValueError:
        return None


def type_said_by(headers: RawHeaders) -> str | None:
    """The type that the headers name, None when they name none. Of several the last, as for `decode_headers`."""
    for name, raw in reversed(headers):
        if name == "ce_type" and raw is not None:
            return raw.decode(errors="replace")
    return None


def _texts(headers: RawHeaders) -> dict[str, str]:
    try:
        return {name: raw.decode() for name, raw in headers if raw is not None}
    except UnicodeError as error:
        spoiled = next(name for name, raw in headers if raw is not None and not _is_text(raw))
        raise BadRecord("header-not-utf8", f"header {spoiled!r} is not UTF-8") from error


def _data(contract: type[EventData], key: bytes, value: bytes, cipher: Cipher | None) -> EventData:
    plain = _opened(contract, key, value, cipher) if contract.topic.encrypted else value
    if _endless(plain):
        raise BadRecord("endless-number", f"the value of {contract.ce_type} has a number that no reader can hold")
    try:
        return contract.model_validate_json(plain, strict=True)
    except ValidationError as error:
        raise _bad_data(contract, error) from None


def _endless(value: bytes) -> bool:
    """Whether a number is beyond every float, in whatever field: PostgreSQL would write all its digits out, and who
    reads them back fails.
    """
    if LARGE_NUMBER.search(b" " + value) is None:  # then nothing is read twice
        return False
    numbers: list[float] = []
    try:
        json.loads(value, parse_float=lambda text: numbers.append(float(text)))
    except (ValueError, RecursionError):
        return False  # no JSON, or nested without end: that is said elsewhere
    return any(map(isinf, numbers))


def _opened(contract: type[EventData], key: bytes, value: bytes, cipher: Cipher | None) -> bytes:
    if cipher is None:
        raise BadRecord(
            "cannot-decrypt", f"{contract.ce_type} is encrypted and this service has no KURSNAV_PEOPLE_KEYS"
        )
    try:
        return cipher.decrypt(Box.from_json(value), key)
    except CipherError as error:
        raise BadRecord("cannot-decrypt", str(error)) from error


def _bad_data(contract: type[EventData], error: ValidationError) -> BadRecord:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return BadRecord("broken-json", f"the value of {contract.ce_type} is not JSON")
    # Types of problems, not messages: a message may quote the value.
    faults = [f"{'.'.join(map(str, problem['loc'])) or 'value'} ({problem['type']})" for problem in problems[:5]]
    return BadRecord("wrong-schema", f"the value is not a {contract.ce_type}: {', '.join(faults)}")


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _time(texts: Mapping[str, str], name: str) -> datetime:
    text = texts[name]
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no offset")
        return on_the_calendar(at)
    except ValueError as error:
        raise ValueError(f"{name} {text!r}: {error}") from error


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"ce_sequence {text!r} is not a decimal number")
    return int(text)
