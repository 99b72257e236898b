"""Batches taken apart as bytes: what aiokafka reads is read alike, what is damaged is not read at all."""

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError, UnsupportedCodecError, for_code
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.lenient import CHECKED, batch_of, records_at

Record = tuple[int, bytes | None, bytes | None, Any]
PLACE = TopicPartition("topic", 3)
ATTRIBUTES, LAST_DELTA, COUNT = 21, 23, 57  # where they stand in the head of a batch
CRC = 17
RECORDS = 61

contents = st.none() | st.binary(max_size=200)
headers = st.lists(st.tuples(st.text(st.characters(codec="utf-8"), max_size=20), contents), max_size=4)
records = st.tuples(st.integers(0, 2**41), contents, contents, headers)


def built(*these: Record, offsets: Sequence[int] = (), codec: int = 0) -> bytes:
    """A batch as aiokafka writes it; the first offset is 0."""
    builder = DefaultRecordBatchBuilder(
        2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=2**20
    )
    for offset, (at, key, value, named) in zip(offsets or range(len(these)), these, strict=True):
        assert builder.append(offset, timestamp=at, key=key, value=value, headers=named)
    return bytes(builder.build())


def rewritten(batch: bytes, at: int, layout: str, value: int, *, checksum: bool = True) -> bytes:
    """With another value in its head (or anywhere), and with a checksum that is right again."""
    changed = bytearray(batch)
    struct.pack_into(layout, changed, at, value)
    if checksum:
        struct.pack_into(">I", changed, CRC, calc_crc32c(bytes(changed[CHECKED:])))
    return bytes(changed)


def plain(found: Any) -> tuple[Any, ...]:
    return found.offset, found.timestamp, found.timestamp_type, found.key, found.value, list(found.headers)


@given(st.lists(records, min_size=1, max_size=8), st.integers(0, 4))
def test_what_aiokafka_reads_is_read_alike(these: list[Any], codec: int) -> None:
    raw = built(*these, codec=codec)
    assert [plain(one) for one in batch_of(raw).records(PLACE)] == [plain(one) for one in DefaultRecordBatch(raw)]


@given(st.lists(records, min_size=1, max_size=3), st.data())
def test_no_damage_behind_the_checksum_is_read(these: list[Any], data: st.DataObject) -> None:
    raw = built(*these)
    at = data.draw(st.integers(CHECKED, len(raw) - 1))
    damaged = rewritten(raw, at, "B", raw[at] ^ data.draw(st.integers(1, 255)), checksum=False)
    with pytest.raises(CorruptRecordException, match="checksum"):
        batch_of(damaged)


@given(st.lists(records, min_size=1, max_size=3), st.data())
def test_half_a_batch_is_none(these: list[Any], data: st.DataObject) -> None:
    raw = built(*these)
    with pytest.raises(CorruptRecordException):
        batch_of(raw[: data.draw(st.integers(0, len(raw) - 1))])


@given(st.binary(max_size=300))
def test_bytes_that_are_no_records_are_corrupt_whatever_their_checksum(noise: bytes) -> None:
    head = bytearray(built((0, b"k", b"v", []))[:RECORDS])
    struct.pack_into(">i", head, 8, RECORDS - 12 + len(noise))
    raw = rewritten(bytes(head) + noise, COUNT, ">i", 3)
    try:
        found = [plain(one) for one in batch_of(raw).records(PLACE)]
    except CorruptRecordException:
        return
    assert found == [plain(one) for one in DefaultRecordBatch(raw)], "noise that happens to be records"


def test_a_name_that_is_no_utf8_keeps_its_bytes() -> None:
    raw = bytearray(built((5, b"k", b"v", [("a", b"1"), ("name", None), ("c", b"")])))
    raw[raw.index(b"name")] = 0xFF
    [found] = batch_of(rewritten(bytes(raw), 0, ">q", 40)).records(PLACE)
    assert (found.topic, found.partition, found.offset) == ("topic", 3, 40)
    assert (found.serialized_key_size, found.serialized_value_size) == (1, 1)
    assert found.headers == (("a", b"1"), ("\udcffame", None), ("c", b""))


def test_the_time_of_the_log_counts_where_the_topic_says_so() -> None:
    raw = rewritten(built((5, b"k", b"v", []), (9, b"k", b"v", [])), ATTRIBUTES, ">h", 0x08)
    assert [(one.timestamp, one.timestamp_type) for one in batch_of(raw).records(PLACE)] == [(9, 1), (9, 1)]


def test_the_broker_s_own_records_are_none() -> None:
    raw = rewritten(built((5, b"\0\0\0\1", b"v", [])), ATTRIBUTES, ">h", 0x20)
    assert list(batch_of(raw).records(PLACE)) == []


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(UnsupportedCodecError):
        list(batch_of(rewritten(built((5, b"k", b"v", [])), ATTRIBUTES, ">h", 5)).records(PLACE))


@pytest.mark.parametrize(("count", "message"), [(1, "more than"), (3, "too early")])
def test_another_number_of_records_is_corrupt(count: int, message: str) -> None:
    raw = rewritten(built((5, b"k", b"v", []), (5, b"k", b"v", [])), COUNT, ">i", count)
    with pytest.raises(CorruptRecordException, match=message):
        list(batch_of(raw).records(PLACE))


class Leader:
    """Answers like the leader of a partition that holds these batches."""

    def __init__(self, *batches: bytes, code: int = 0, leader: int | None = 1) -> None:
        self.batches, self.code, self.leader = batches, code, leader
        self.cluster = self
        self.topics: list[Any] = []

    def leader_for_partition(self, place: TopicPartition) -> int | None:
        return self.leader

    async def send(self, node: int, request: Any) -> Any:
        [(topic, [(partition, offset, _)])] = request.topics
        found = next((raw for raw in self.batches if batch_of(raw).next_offset > offset), b"")
        self.topics = [(topic, [(partition, self.code, 0, 0, [], found)])]
        return self


ONE: Record = (0, b"k", b"v", [])
COMPACTED = rewritten(built(ONE, ONE, offsets=(0, 3)), LAST_DELTA, ">i", 9)
BEHIND = rewritten(built(ONE, ONE), 0, ">q", 10)


@pytest.mark.parametrize(
    ("offset", "most", "offsets"),
    [(0, 9, [0, 3]), (0, 1, [0]), (1, 9, [3]), (3, 9, [3]), (4, 9, [10, 11]), (11, 9, [11]), (12, 9, [])],
)
async def test_offsets_that_compaction_took_are_passed(offset: int, most: int, offsets: list[int]) -> None:
    found = await records_at(Leader(COMPACTED, BEHIND), PLACE, offset, most=most)
    assert [one.offset for one in found] == offsets


@pytest.mark.parametrize("leader", [None, -1])
async def test_without_a_leader_nothing_is_asked(leader: int | None) -> None:
    with pytest.raises(KafkaError, match="topic"):
        await records_at(Leader(BEHIND, leader=leader), PLACE, 0, most=9)


async def test_the_broker_s_refusal_is_raised() -> None:
    with pytest.raises(for_code(1)):
        await records_at(Leader(BEHIND, code=1), PLACE, 0, most=9)


async def test_a_head_that_leads_back_is_no_endless_way() -> None:
    class Same(Leader):
        async def send(self, node: int, request: Any) -> Any:
            self.topics = [("topic", [(3, 0, 0, 0, [], COMPACTED)])]
            return self

    with pytest.raises(CorruptRecordException, match="ends before"):
        await records_at(Same(), PLACE, 50, most=9)
