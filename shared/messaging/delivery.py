"""What the pipeline passes along: records as they came from Kafka, and the events they hold."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from shared.contracts.envelope import Envelope
from shared.contracts.registry import EventData
from shared.contracts.topics import Topic
from shared.database.unit_of_work import Unit
from shared.messaging.outbox import Cause
from shared.turns import in_turns


class Record(NamedTuple):
    """One Kafka record, undecoded. `topic` is the name without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One decoded event; `data` is None for a tombstone."""

    envelope: Envelope
    key: str
    data: EventData | None
    record: Record

    @property
    def id(self) -> UUID:
        return self.envelope.id

    @property
    def type(self) -> str:
        return self.envelope.type

    @property
    def time(self) -> datetime:
        return self.envelope.time

    @property
    def recorded_at(self) -> datetime:
        return self.envelope.recorded_at

    @property
    def sequence(self) -> int:
        return self.envelope.sequence

    @property
    def traceparent(self) -> str | None:
        return self.envelope.traceparent

    @property
    def topic(self) -> str:
        return self.record.topic

    @property
    def partition(self) -> int:
        return self.record.partition

    @property
    def offset(self) -> int:
        return self.record.offset

    @property
    def cause(self) -> Cause:
        """The cause of whatever a handler publishes because of this event."""
        return Cause(self.envelope.correlation_id, str(self.id), self.traceparent)


def event_of(envelope: Envelope, data: EventData | None, record: Record) -> Event:
    """The event of a decoded record."""
    return Event(envelope, (record.key or b"").decode(), data, record)


Handler = Callable[[Unit, Sequence[Event]], Awaitable[None]]
Wants = Callable[[Unit], Awaitable[Collection[str]]]


def only(*contracts: type[EventData]) -> Wants:
    """Wants events of these types."""
    types = frozenset(contract.ce_type for contract in contracts)

    async def wanted(unit: Unit) -> Collection[str]:
        return types

    return wanted


@dataclass(frozen=True)
class Consumer:
    """One consumer of a service: its name (also its group and its inbox), its topics, and what it does with events.

    `deduplicates`: the handler's own rows are its inbox (reporting's facts), so none is kept for it. `ordered`: the
    events of a key must be applied in their order, so those behind a dead letter are parked. `patient`: its effects can
    wait for seconds, so it lets requests that crowd pass. `wants`: the types (`ce_type`) of which the handler wants
    events; those of others are not read as they come, whatever is in them. None: all.
    """

    name: str
    topics: tuple[Topic, ...]
    handler: Handler
    deduplicates: bool = False
    ordered: bool = False
    patient: bool = False
    wants: Wants | None = None

    def topic_named(self, name: str) -> Topic:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> Mapping[str, Topic]:
        return {topic.name: topic for topic in self.topics}  # asked for every record


@dataclass(frozen=True)
class Delivery:
    """A batch on its way through the pipeline; `unit` and `events` are there once a transaction is open."""

    records: Sequence[Record]
    events: Sequence[Event] = ()
    _unit: Unit | None = field(default=None)

    @property
    def unit(self) -> Unit:
        if self._unit is None:
            raise RuntimeError("this stage of the pipeline needs a transaction outside of it")
        return self._unit


Stage = Callable[[Delivery], Awaitable[None]]
EventHandler = Callable[[Unit, Event], Awaitable[None]]


def each(handlers: "dict[type[EventData], EventHandler]", *, tombstone: EventHandler | None = None) -> Handler:
    """A handler that takes events one by one, by the type of their data; types that it does not name pass by."""

    async def handle(unit: Unit, events: Sequence[Event]) -> None:
        async for event in in_turns(events):
            chosen = tombstone if event.data is None else handlers.get(type(event.data))
            if chosen is not None:
                unit.cause = event.cause
                await chosen(unit, event)

    return handle
