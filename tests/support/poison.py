"""Records that no consumer can apply, in every form that there is: one per reason that the envelope knows, and more.

`tests/contract/test_poison.py` proves that no reason is without a form.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from shared.contracts.attendance_v1 import HeadCountRecorded
from shared.contracts.booking_v1 import SeatsReleased
from shared.contracts.people_v1 import PersonChanged
from shared.contracts.registry import EventData
from shared.contracts.topics import ATTENDANCE, BOOKING, PEOPLE, Topic
from tests.support.golden import FILES, record_of

Headers = list[tuple[str, bytes]]
Message = tuple[bytes | None, bytes | None, Headers]
GOOD: Mapping[Topic, type[EventData]] = {BOOKING: SeatsReleased, ATTENDANCE: HeadCountRecorded, PEOPLE: PersonChanged}
"""On each of these topics, an event that would be applied if nothing were wrong with it."""
UNENCRYPTED = (BOOKING, ATTENDANCE)


@dataclass(frozen=True)
class Form:
    """One way to be poison: what is done to a good record, and the reason that its dead letter names."""

    name: str
    reason: str
    spoil: Callable[[Message], Message]
    topics: tuple[Topic, ...] = UNENCRYPTED

    def on(self, topic: Topic) -> Message:
        """A record of this form, with an id and a key of its own as far as the form has them."""
        return self.spoil(good(topic))


def good(topic: Topic) -> Message:
    """An event that a consumer of the topic applies, new each time."""
    [path] = [path for path in FILES if path.name.startswith(f"{GOOD[topic].ce_type}.")]
    key, value, headers = record_of(path, ce_id=str(uuid4()))
    if topic.encrypted:  # the box is bound to its key
        return key, value, headers
    session, data = str(uuid4()), json.loads(value or b"{}")
    if "session_id" in data:  # attendance names the session by the key alone
        data["session_id"] = session
    return session.encode(), json.dumps(data).encode(), headers


def _with(**headers: bytes) -> Callable[[Message], Message]:
    def spoil(message: Message) -> Message:
        key, value, before = message
        return key, value, list({**dict(before), **headers}.items())

    return spoil


def _without(*names: str) -> Callable[[Message], Message]:
    def spoil(message: Message) -> Message:
        key, value, headers = message
        return key, value, [header for header in headers if header[0] not in names]

    return spoil


def _value(value: bytes | None) -> Callable[[Message], Message]:
    return lambda message: (message[0], value, message[2])


def _further(value: bytes) -> Callable[[Message], Message]:
    """A field that no version here knows."""
    return lambda message: (message[0], (message[1] or b"{}")[:-1] + b', "further": [' + value + b"]}", message[2])


def _key(key: bytes | None) -> Callable[[Message], Message]:
    return lambda message: (key, message[1], message[2])


def _bare(message: Message) -> Message:
    return message[0], message[1], []


FORMS: Sequence[Form] = (
    Form("no headers", "not-cloudevents", _bare),
    Form("another version of CloudEvents", "not-cloudevents", _with(ce_specversion=b"0.3")),
    Form("another content type", "wrong-content-type", _with(**{"content-type": b"application/avro"})),
    Form("no source", "missing-header", _without("ce_source")),
    Form("no id", "missing-header", _without("ce_id")),
    Form("id that is none", "malformed-header", _with(ce_id=b"17")),
    Form("time that is none", "malformed-header", _with(ce_time=b"yesterday")),
    Form("sequence of 5,000 digits", "malformed-header", _with(ce_sequence=b"9" * 5000)),
    Form("header that is not UTF-8", "header-not-utf8", _with(**{"x-note": b"\xff\xfe"})),
    Form("unknown type", "unknown-type", _with(ce_type=b"se.kursnav.booking.lunch-served.v1")),
    Form("unknown type with a zero byte", "unknown-type", _with(ce_type=b"se.kursnav.\x00.v1")),
    Form("type of another topic", "wrong-topic", _with(ce_type=PersonChanged.ce_type.encode())),
    Form("no key", "missing-key", _key(None)),
    Form("key that is not UTF-8", "key-not-utf8", _key(b"\xff")),
    Form("key with zero bytes, no text", "key-not-utf8", _key(b"\x00\xff\x00")),
    Form("key with a zero byte", "wrong-key", _key(b"a\x00b"), (BOOKING,)),
    Form("key of another session", "wrong-key", _key(b"00000000-0000-4000-8000-000000000000"), (BOOKING,)),
    Form("tombstone where nothing is deleted", "tombstone", _value(None)),
    Form("empty value", "broken-json", _value(b"")),
    Form("broken JSON", "broken-json", _value(b'{"session_id": ')),
    Form("JSON a hundred thousand deep", "broken-json", _value(b"[" * 100_000)),
    Form("JSON a thousand deep in a field of a newer version", "broken-json", _further(b"[" * 1000 + b"]" * 1000)),
    Form("endless number in a field of a newer version", "endless-number", _further(b"1e5000")),
    Form("bytes that are no text", "broken-json", _value(b"\x00\xff{")),
    Form("JSON that is no object", "wrong-schema", _value(b"[]")),
    Form("fields of another type", "wrong-schema", _value(b'{"seats": "many"}')),
    Form("box a hundred thousand deep", "cannot-decrypt", _value(b"[" * 100_000), (PEOPLE,)),
    Form("plain value where it must be encrypted", "cannot-decrypt", _value(b'{"language": "sv"}'), (PEOPLE,)),
    Form("box under another key", "cannot-decrypt", _key(b"person/nobody"), (PEOPLE,)),
)
