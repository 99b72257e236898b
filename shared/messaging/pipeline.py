"""From a batch of records to one committed transaction: functions of one behaviour each, composed in one visible line.

    log_context(one_by_one_on_error(retry(transaction(undecodable(park(dedupe(trace(handle))))))))

Reading from outside in: every line logged names the consumer; a batch that fails for good is taken record by record,
and the guilty one becomes a dead letter; what is transient is retried; effect, inbox, positions and events
commit together; for ordered consumers later events of a key wait behind its dead letter.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import structlog

from shared.contracts.envelope import BadRecord, decode, type_said_by
from shared.contracts.registry import types_of
from shared.database.errors import is_transient
from shared.database.unit_of_work import Units
from shared.messaging import dead_letters, inbox, parking
from shared.messaging.delivery import Consumer, Delivery, Event, Record, Stage, event_of
from shared.observability import metrics, tracing
from shared.turns import in_turns

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 30.0
ATTEMPTS_BEFORE_NACK = 8  # then the batch is rewound and fetched again: a rebalance may have moved it meanwhile


class TryAgain(Exception):
    """Raised by a handler for what a retry will mend."""


@dataclass
class Pipeline:
    """How one consumer turns records into effects."""

    consumer: Consumer
    units: Units

    def build(self) -> Stage:
        """All stages, composed in one visible line."""
        applied = self.undecodable(self.park(self.dedupe(self.trace(self.handle))))
        return self.log_context(self.one_by_one_on_error(self.retry(self.transaction(applied))))

    # --- outside the transaction -------------------------------------------------------------------------------------

    def log_context(self, following: Stage) -> Stage:
        """Binds the consumer to every log line of the batch and unbinds it after (contextvars would leak into the
        next).
        """

        async def stage(delivery: Delivery) -> None:
            with (
                structlog.contextvars.bound_contextvars(consumer=self.consumer.name, records=len(delivery.records)),
                metrics.BATCH_SECONDS.labels(self.units.service, self.consumer.name).time(),
            ):
                await following(delivery)
            metrics.EVENTS.labels(self.units.service, self.consumer.name).inc(len(delivery.records))

        return stage

    def retry(self, following: Stage) -> Stage:
        """Retries what is transient, with growing pauses and jitter; then lets the batch be fetched again."""

        async def stage(delivery: Delivery) -> None:
            for attempt in range(1, ATTEMPTS_BEFORE_NACK + 1):
                try:
                    return await following(delivery)
                except Exception as error:
                    if not is_retryable(error) or attempt == ATTEMPTS_BEFORE_NACK:
                        raise
                    log.warning("batch_retried", attempt=attempt, error=type(error).__name__)
                    await asyncio.sleep(backoff_seconds(attempt))

        return stage

    def one_by_one_on_error(self, following: Stage) -> Stage:
        """Applies the batch in one transaction; when that fails for good, each record in its own.

        The record that fails alone becomes a dead letter; those after it go on.
        """

        async def stage(delivery: Delivery) -> None:
            try:
                await following(delivery)
            except Exception as error:
                if is_retryable(error):
                    raise
                if len(delivery.records) == 1:
                    await self.bury(delivery.records[0], error)
                    return
                for record in delivery.records:
                    await stage(Delivery([record]))

        return stage

    async def bury(self, record: Record, error: Exception) -> None:
        """Keeps the record that cannot be applied, in a transaction of its own: the effect's is rolled back."""
        log.error("dead_letter", **_place(record), error=type(error).__name__, exc_info=error)
        async with self.units.system() as unit:
            await dead_letters.bury(
                unit, self.consumer.name, record, type(error).__name__, dead_letters.one_line(error)
            )
            await inbox.advance(unit, self.consumer.name, [record])

    def transaction(self, following: Stage) -> Stage:
        """Opens the unit of work: effect, inbox, positions, dead letters and published events commit together."""

        async def stage(delivery: Delivery) -> None:
            async with self.units.system() as unit:
                await following(replace(delivery, _unit=unit))
                await inbox.advance(unit, self.consumer.name, delivery.records)

        return stage

    # --- inside the transaction --------------------------------------------------------------------------------------

    def undecodable(self, following: Stage) -> Stage:
        """Decodes; what no retry can mend becomes a dead letter at once."""

        async def stage(delivery: Delivery) -> None:
            events: list[Event] = []
            async for record in in_turns(await self.wanted(delivery)):
                try:
                    events.append(self.decoded(record))
                except BadRecord as bad:
                    log.error("dead_letter", **_place(record), reason=bad.reason)
                    await dead_letters.bury(delivery.unit, self.consumer.name, record, bad.reason, bad.detail)
            if events:
                await following(replace(delivery, events=events))

        return stage

    async def wanted(self, delivery: Delivery) -> Sequence[Record]:
        """The records of which the consumer wants the type, and those that do not say a type of their topic: what is
        wrong with them is said by decoding.
        """
        if self.consumer.wants is None:
            return delivery.records
        wanted = await self.consumer.wants(delivery.unit)
        passed = {topic.name: types_of(topic) - {*wanted} for topic in self.consumer.topics}
        return [one for one in delivery.records if type_said_by(one.headers) not in passed[one.topic]]

    def decoded(self, record: Record) -> Event:
        topic = self.consumer.topic_named(record.topic)
        envelope, data = decode(topic, record.key, record.value, record.headers, self.units.cipher)
        return event_of(envelope, data, record)

    def park(self, following: Stage) -> Stage:
        """Ordered consumers only: an event whose key has an open dead letter before it waits behind that one."""

        async def stage(delivery: Delivery) -> None:
            events = delivery.events
            if self.consumer.ordered:
                events = await parking.park(delivery.unit, self.consumer.name, events)
            if events:
                await following(replace(delivery, events=events))

        return stage

    def dedupe(self, following: Stage) -> Stage:
        """Passes on what this consumer has neither applied nor put aside: a discarded event stays discarded."""

        async def stage(delivery: Delivery) -> None:
            events = await dead_letters.without_buried(delivery.unit, self.consumer.name, delivery.events)
            if not self.consumer.deduplicates:
                events = await inbox.new_events(delivery.unit, self.consumer.name, events)
            if events:
                await following(replace(delivery, events=events))

        return stage

    def trace(self, following: Stage) -> Stage:
        """Continues the trace of each event: what the handler publishes because of it belongs to the same trace."""

        async def stage(delivery: Delivery) -> None:
            if not tracing.enabled(self.units.service):
                return await following(delivery)
            with ExitStack() as spans:
                events = [self.spanned(event, spans) for event in delivery.events]
                await following(replace(delivery, events=events))

        return stage

    def spanned(self, event: Event, spans: ExitStack) -> Event:
        """The event with a span of its own, which ends with the batch; anonymous answers get none."""
        if not event.traceparent:
            return event
        name = f"apply {self.consumer.name}"
        span = tracing.span(self.units.service, name, kind="CONSUMER", parent=event.traceparent)
        return replace(event, envelope=event.envelope._replace(traceparent=spans.enter_context(span)))

    async def handle(self, delivery: Delivery) -> None:
        """The consumer's own work."""
        await self.consumer.handler(delivery.unit, delivery.events)


def _place(record: Record) -> dict[str, Any]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def is_retryable(error: Exception) -> bool:
    """True for what may succeed later without anybody changing anything."""
    return isinstance(error, TryAgain) or is_transient(error)


def backoff_seconds(attempt: int) -> float:
    """Seconds to wait after the n-th attempt: doubling, with jitter, at most 30."""
    longest: float = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempt)
    return longest * (0.5 + secrets.randbelow(501) / 1000)
