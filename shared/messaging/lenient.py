"""Reading what aiokafka cannot: a record with a header whose name is no UTF-8.

A broker takes such a record, and other clients read it; aiokafka raises, and would stand before it for good. So its
batch is fetched once more as bytes and taken apart here, by the layout that Kafka publishes (message format 2). A name
that is no UTF-8 keeps its bytes as surrogate escapes, so that a dead letter can hold the record as it came.

Nothing else is forgiven. A batch that is damaged is no poison: it may be read again, from a replica or a backup.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from struct import Struct
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.errors import CorruptRecordException, LeaderNotAvailableError, UnsupportedCodecError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.util import calc_crc32c

FORMAT: Final = 2  # the only one that has headers, and the only one that Kafka 4 keeps
HEADER: Final = Struct(">qiibIhiqqqhii")
LENGTH_ENDS: Final = Struct(">qi").size  # what the length counts begins here
CHECKED: Final = Struct(">qiibI").size  # what the checksum covers begins here
CODEC, LOG_APPEND_TIME, CONTROL = 0x07, 0x08, 0x20  # in the attributes of a batch
DECOMPRESS: Final[Mapping[int, Callable[[bytes], bytes]]] = {
    0: bytes,
    1: gzip_decode,
    2: snappy_decode,
    3: lz4_decode,
    4: zstd_decode,
}
READ_UNCOMMITTED: Final = 0  # as our consumers read: nothing here uses transactions
ONE_BATCH: Final = 1  # byte: a broker gives the first batch whole, however little is asked for


async def records_at(client: Any, place: TopicPartition, offset: int, *, most: int) -> list[Any]:
    """The record at `offset`, or the first one behind it, and what follows in its batch, `most` in all; nothing at the
    end of the partition.

    Raises CorruptRecordException when the batch is damaged, any other error when it cannot be fetched or taken apart.
    """
    while raw := await raw_batch(client, place, offset):
        batch = batch_of(raw)
        if records := list(islice(batch.records(place, offset), most)):
            return records
        if batch.next_offset <= offset:
            raise CorruptRecordException(f"the batch at {offset} says that it ends before {batch.next_offset}")
        offset = batch.next_offset  # of this one nothing is left: control records, or compacted away
    return []


async def raw_batch(client: Any, place: TopicPartition, offset: int) -> bytes:
    """The batch that holds `offset`, or the next one, as the partition's leader gives it; empty at the end."""
    leader = client.cluster.leader_for_partition(place)
    if leader in (None, -1):
        raise LeaderNotAvailableError(place)
    wanted = [(place.topic, [(place.partition, offset, ONE_BATCH)])]
    answer = await client.send(leader, FetchRequest(0, 0, ONE_BATCH, READ_UNCOMMITTED, wanted))
    [(_, [(_, code, *_, raw)])] = answer.topics
    if code:
        raise for_code(code)(place)
    return bytes(raw or b"")


@dataclass(frozen=True)
class Batch:
    """One batch as it stands on the broker, its checksum proven. Times in milliseconds."""

    base_offset: int
    attributes: int
    last_offset_delta: int
    first_timestamp: int
    max_timestamp: int
    count: int
    packed: bytes

    @property
    def next_offset(self) -> int:
        """The first offset behind it, also when its last records are compacted away."""
        return self.base_offset + self.last_offset_delta + 1

    def records(self, place: TopicPartition, first: int = 0) -> Iterator[Any]:
        """Its records from the offset `first` on; those that the broker writes for itself are none."""
        if self.attributes & CONTROL:
            return
        codec = self.attributes & CODEC
        if codec not in DECOMPRESS:
            raise UnsupportedCodecError(f"codec {codec}")
        packed = _Bytes(DECOMPRESS[codec](self.packed))
        for _ in range(self.count):
            raw = _Bytes(packed.sized() or b"")
            raw.take(1)  # attributes, of which none is in use
            timestamp, offset = self.first_timestamp + raw.number(), self.base_offset + raw.number()
            if offset >= first:
                yield self._record(place, offset, timestamp, raw)
        packed.must_be_read()

    def _record(self, place: TopicPartition, offset: int, timestamp: int, raw: "_Bytes") -> Any:
        key, value = raw.sized(), raw.sized()
        headers = tuple((_name(raw.sized()), raw.sized()) for _ in range(raw.count()))
        raw.must_be_read()
        appended = bool(self.attributes & LOG_APPEND_TIME)
        sizes = (-1 if part is None else len(part) for part in (key, value))
        return ConsumerRecord(
            place.topic,
            place.partition,
            offset,
            self.max_timestamp if appended else timestamp,
            int(appended),
            key,
            value,
            None,
            *sizes,
            headers,
        )


def batch_of(raw: bytes) -> Batch:
    """The first batch of what was fetched. Raises CorruptRecordException when it is not as it was written."""
    if len(raw) < HEADER.size:
        raise CorruptRecordException("less than the head of a batch")
    base, length, _, layout, checksum, attributes, last, first_at, max_at, _, _, _, count = HEADER.unpack_from(raw)
    end = LENGTH_ENDS + length
    if layout != FORMAT or not HEADER.size <= end <= len(raw):
        raise CorruptRecordException("no whole batch of format 2")
    if calc_crc32c(raw[CHECKED:end]) != checksum:
        raise CorruptRecordException("the checksum is wrong")
    return Batch(base, attributes, last, first_at, max_at, count, raw[HEADER.size : end])


def _name(raw: bytes | None) -> str:
    if raw is None:
        raise CorruptRecordException("a header without a name")
    return raw.decode(errors="surrogateescape")


class _Bytes:
    """Bytes that are read from front to back. Raises CorruptRecordException when they end too early or too late."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def take(self, size: int) -> bytes:
        taken = self._raw[self._at : self._at + size]
        if len(taken) != size:
            raise CorruptRecordException("a record ends too early")
        self._at += size
        return taken

    def number(self) -> int:
        """A whole number of at most 64 bits: seven in each byte, the lowest first, the sign in the lowest of all."""
        folded = 0
        for shift in range(0, 70, 7):
            [byte] = self.take(1)
            folded |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (folded >> 1) ^ -(folded & 1)
        raise CorruptRecordException("a number of more than 64 bits")

    def count(self) -> int:
        number = self.number()
        if number < 0:
            raise CorruptRecordException("fewer than no headers")
        return number

    def sized(self) -> bytes | None:
        """Bytes behind their length; None where the length is negative."""
        size = self.number()
        return None if size < 0 else self.take(size)

    def must_be_read(self) -> None:
        if self._at != len(self._raw):
            raise CorruptRecordException("there is more than its records")
