"""Pipelines that make trouble on purpose; the integration tests of services run on `Disturbed`."""

from dataclasses import dataclass, field, replace

from shared.messaging.delivery import Delivery, Stage
from shared.messaging.pipeline import Pipeline, TryAgain


class Doubled(Pipeline):
    """Delivers every record twice inside a batch and the batch twice."""

    def build(self) -> Stage:
        following = super().build()

        async def stage(delivery: Delivery) -> None:
            doubled = [record for record in delivery.records for _ in range(2)]
            await following(replace(delivery, records=doubled))
            await following(delivery)

        return stage


class OnPurpose(TryAgain):
    """What no pause mends."""


@dataclass
class FailedFirst(Pipeline):
    """Lets each record fail once after its effect, so that rollback and retry are always exercised."""

    _failed_once: set[tuple[str, int, int]] = field(default_factory=set)

    def retry(self, following: Stage) -> Stage:
        """Without the pause, which hundreds of tests would wait for."""

        async def again_at_once(delivery: Delivery) -> None:
            try:
                await following(delivery)
            except OnPurpose:
                await following(delivery)

        return super().retry(again_at_once)

    async def handle(self, delivery: Delivery) -> None:
        await super().handle(delivery)
        places = {(record.topic, record.partition, record.offset) for record in delivery.records}
        if places - self._failed_once:
            self._failed_once |= places
            raise OnPurpose("this attempt fails on purpose")


class Disturbed(Doubled, FailedFirst):
    """Both."""
