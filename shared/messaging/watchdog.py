"""The progress watchdog of one process: aiokafka can stall silently. A partition that this process holds, with records
waiting and a position that does not move, makes the service not ready, and `kursnav serve` ends the process so that it
is started again.

Each process watches what it holds, consumer by consumer and partition by partition, so that nobody's progress hides
anybody's stall. What a new start would not mend is no stall: a broker or a database that is away, and a database that
refuses (the batch fails, and is fetched again), and a damaged record.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.clock import Clock

Place = tuple[str, int]  # topic without the installation's prefix, partition

PATIENCE = 5  # times as long for a batch under way and for a group that cannot agree: with 60 s the 300 s of Kafka
TURNS = 10  # batches per partition held: longer than the others' records that were fetched ahead take their turn
BLIND_SECONDS = 15.0  # without a look for so long (database or broker away, machine asleep) everything starts over


class Standing(NamedTuple):
    """One partition for one consumer: records not applied yet, and the next offset to apply."""

    lag: int
    applied: int


@dataclass
class Activity:
    """What one consumer does in this process, noted by its batches and by the callbacks of its group."""

    held: frozenset[Place] | None = None  # None until the group has agreed, and during a rebalance
    agreements: int = 0
    turns: int = 0  # batches begun and batches ended
    failures: int = 0  # batches that are fetched again
    busy: bool = False
    unreadable: frozenset[Place] = frozenset()  # they stand before a damaged record

    def revoked(self) -> None:
        """A rebalance begins: the group agrees again on who holds what."""
        self.held = None

    def assigned(self, places: frozenset[Place]) -> None:
        """The group has agreed: these partitions are this process's, perhaps none."""
        self.held = places
        self.agreements += 1

    def begin(self) -> None:
        """A batch is under way."""
        self.busy = True
        self.turns += 1

    def end(self, *, failed: bool) -> None:
        """It is applied or, after a transient error, will be fetched again."""
        self.busy = False
        self.turns += 1
        self.failures += failed


@dataclass
class _Still:
    """Since when something has been the same, and the consumer's turns by then."""

    value: Hashable
    since: float
    turns: int


@dataclass
class Watchdog:
    """Watches the consumers of one service in this process; `seconds` without movement while records wait is a
    stall.
    """

    clock: Clock
    seconds: float
    stalled_on: tuple[str, ...] = ()
    _still: dict[Hashable, _Still] = field(default_factory=dict)
    _seen_at: float = 0.0

    @property
    def stalled(self) -> bool:
        """True when the last look found a consumer that starting again could help."""
        return bool(self.stalled_on)

    def seen(self, standings: Mapping[str, Mapping[Place, Standing]], activities: Mapping[str, Activity]) -> None:
        """Notes where every consumer stands on all its partitions, and what it does in this process."""
        now = self.clock.now().timestamp()
        if not 0 <= now - self._seen_at <= BLIND_SECONDS:
            self._still.clear()
        self._seen_at = now
        self.stalled_on = tuple(
            name for name, places in standings.items() if self._stalls(name, places, activities[name])
        )

    def _stalls(self, name: str, standings: Mapping[Place, Standing], activity: Activity) -> bool:
        # Forgotten each time the group agrees, so that a partition starts over with whoever gets it.
        era = (activity.agreements, activity.held is None)
        batch = self._same((name, "batch"), (era, activity.turns), activity)
        if activity.held is None:
            moves = (era, sum(standing.applied for standing in standings.values()))
            joining = self._same((name, "group"), moves, activity)
            return any(standing.lag for standing in standings.values()) and self._for(joining) >= self._longer
        silent = [
            still
            for place, standing in standings.items()
            if (
                still := self._waits(
                    (name, place), place in activity.held - activity.unreadable, standing, era, activity
                )
            )
            is not None
        ]
        if not silent:
            return False
        if activity.busy and min(map(self._for, (batch, *silent))) >= self._longer:
            return True  # the batch hangs
        return any(self._for(still) >= self.seconds and self._overdue(still, batch, activity) for still in silent)

    def _waits(self, key: Hashable, held: bool, standing: Standing, era: Hashable, activity: Activity) -> _Still | None:
        """Since when a partition that this process holds has records waiting and does not move; None when it has
        none.
        """
        if not (held and standing.lag):
            self._still.pop(key, None)
            return None
        return self._same(key, (era, activity.failures, standing.applied), activity)

    def _overdue(self, still: _Still, batch: _Still, activity: Activity) -> bool:
        """True when its turn should have come: nothing is under way, or the others have had theirs again and again."""
        if not activity.busy and self._for(batch) >= self.seconds:
            return True
        return activity.turns - still.turns >= 2 * TURNS * len(activity.held or ())

    def _same(self, key: Hashable, value: Hashable, activity: Activity) -> _Still:
        known = self._still.get(key)
        if known is None or known.value != value:
            known = self._still[key] = _Still(value, self._seen_at, activity.turns)
        return known

    def _for(self, still: _Still) -> float:
        return self._seen_at - still.since

    @property
    def _longer(self) -> float:
        return PATIENCE * self.seconds
