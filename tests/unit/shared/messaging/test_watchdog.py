"""Records that wait on a partition held here, and a position that does not move, are a stall; nothing else is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from shared.messaging.watchdog import PATIENCE, TURNS, Activity, Place, Standing, Watchdog
from tests.support.clock import FixedClock

SECONDS = 60
LOOK = 10
FIRST, SECOND = ("kursnav.booking.v1", 0), ("kursnav.booking.v1", 1)


class Process:
    """One process with the consumers `rolls` and `people`; `applied` and `ends` are those of the whole service."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2025, 6, 1, tzinfo=UTC))
        self.watchdog = Watchdog(self.clock, seconds=SECONDS)
        self.activities = {"rolls": Activity(), "people": Activity()}
        self.ends = {name: {FIRST: 100, SECOND: 100} for name in self.activities}
        self.applied = {name: {FIRST: 100, SECOND: 100} for name in self.activities}

    @property
    def rolls(self) -> Activity:
        return self.activities["rolls"]

    def hold(self, *places: Place, consumer: str = "rolls") -> None:
        self.activities[consumer].revoked()
        self.activities[consumer].assigned(frozenset(places))

    def behind(self, place: Place, *, consumer: str = "rolls", records: int = 5) -> None:
        self.ends[consumer][place] = self.applied[consumer][place] + records

    def standings(self) -> Mapping[str, Mapping[Place, Standing]]:
        return {
            name: {place: Standing(self.ends[name][place] - at, at) for place, at in applied.items()}
            for name, applied in self.applied.items()
        }

    def look(self) -> None:
        self.watchdog.seen(self.standings(), self.activities)

    def lasts(self, seconds: float, *moving: tuple[str, Place], batches: int = 0) -> None:
        """So much time with a look every 10 s; `moving` are applied a record (and get one) before each look."""
        for _ in range(round(seconds / LOOK)):
            self.clock.advance(timedelta(seconds=LOOK))
            for name, place in moving:
                self.applied[name][place] += 1
                self.ends[name][place] += 1
            for _ in range(batches):
                self.rolls.begin()
                self.rolls.end(failed=False)
            self.look()

    @property
    def stalled_on(self) -> tuple[str, ...]:
        return self.watchdog.stalled_on


@pytest.fixture
def process() -> Process:
    """It holds both partitions for both consumers, and everything is applied."""
    process = Process()
    for name in process.activities:
        process.hold(FIRST, SECOND, consumer=name)
    process.look()
    return process


class TestStall:
    def test_records_wait_and_nothing_moves(self, process: Process) -> None:
        process.behind(FIRST)
        process.lasts(SECONDS)
        assert not process.watchdog.stalled, "it was seen behind for 50 s"
        process.lasts(LOOK)
        assert process.watchdog.stalled
        assert process.stalled_on == ("rolls",)

    def test_the_progress_of_another_partition_hides_nothing(self, process: Process) -> None:
        process.behind(FIRST)
        process.behind(SECOND)
        process.lasts(SECONDS + LOOK, ("rolls", SECOND), batches=2 * TURNS)
        assert process.stalled_on == ("rolls",)

    def test_the_progress_of_another_consumer_hides_nothing(self, process: Process) -> None:
        process.behind(FIRST)
        process.behind(FIRST, consumer="people")
        process.lasts(SECONDS + LOOK, ("people", FIRST))
        assert process.stalled_on == ("rolls",)

    def test_the_progress_of_another_process_hides_nothing(self, process: Process) -> None:
        """The other one holds the second partition, and is faster than what comes."""
        process.hold(FIRST)
        process.behind(FIRST)
        process.behind(SECOND, records=1000)
        process.lasts(SECONDS + LOOK, ("rolls", SECOND))
        assert process.stalled_on == ("rolls",)

    def test_a_batch_that_hangs(self, process: Process) -> None:
        process.behind(FIRST)
        process.rolls.begin()
        process.lasts(PATIENCE * SECONDS)
        assert not process.watchdog.stalled
        process.lasts(LOOK)
        assert process.stalled_on == ("rolls",)

    def test_a_group_that_cannot_agree_while_nobody_moves(self, process: Process) -> None:
        process.behind(FIRST)
        process.rolls.revoked()
        process.lasts(PATIENCE * SECONDS)
        assert not process.watchdog.stalled
        process.lasts(LOOK)
        assert process.stalled_on == ("rolls",)

    def test_it_is_over_with_the_first_progress(self, process: Process) -> None:
        process.behind(FIRST)
        process.lasts(SECONDS + LOOK)
        process.lasts(LOOK, ("rolls", FIRST))
        assert not process.watchdog.stalled


class TestNoStall:
    def test_before_the_first_look(self) -> None:
        process = Process()
        process.clock.advance(timedelta(hours=1))
        assert not process.watchdog.stalled

    def test_growing_lag_with_progress_is_load(self, process: Process) -> None:
        for step in range(50):
            process.behind(FIRST, records=100 + 50 * step)
            process.lasts(LOOK, ("rolls", FIRST))
            assert not process.watchdog.stalled

    def test_nothing_to_do(self, process: Process) -> None:
        process.lasts(20 * SECONDS)
        assert not process.watchdog.stalled

    def test_a_record_after_a_long_silence_has_its_own_time(self, process: Process) -> None:
        process.lasts(20 * SECONDS)
        process.behind(FIRST)
        process.lasts(SECONDS - LOOK)
        assert not process.watchdog.stalled

    def test_a_process_without_a_partition_has_nothing_to_watch(self, process: Process) -> None:
        """Another process holds them all, and that one stalls: starting this one again would not help."""
        process.hold()
        process.behind(FIRST)
        process.lasts(10 * PATIENCE * SECONDS)
        assert not process.watchdog.stalled

    def test_a_partition_of_another_process(self, process: Process) -> None:
        process.hold(FIRST)
        process.behind(SECOND)
        process.lasts(10 * PATIENCE * SECONDS)
        assert not process.watchdog.stalled

    def test_a_group_that_agrees_anew(self, process: Process) -> None:
        process.behind(FIRST)
        process.lasts(SECONDS - LOOK)
        process.rolls.revoked()
        process.lasts(2 * SECONDS)
        assert not process.watchdog.stalled

    def test_a_partition_just_received(self, process: Process) -> None:
        """Also when it was held before, and was behind then."""
        process.behind(FIRST)
        process.lasts(SECONDS - LOOK)
        process.hold(FIRST, SECOND)
        process.lasts(SECONDS - LOOK)
        assert not process.watchdog.stalled

    def test_a_partition_just_received_beside_a_busy_one(self, process: Process) -> None:
        process.behind(FIRST)
        process.behind(SECOND)
        process.lasts(SECONDS - LOOK, ("rolls", SECOND), batches=2 * TURNS)
        process.hold(FIRST, SECOND)
        process.lasts(SECONDS - LOOK, ("rolls", SECOND), batches=2 * TURNS)
        assert not process.watchdog.stalled

    def test_a_group_that_agrees_anew_while_others_work(self, process: Process) -> None:
        process.behind(FIRST)
        process.rolls.revoked()
        process.lasts(2 * PATIENCE * SECONDS, ("rolls", SECOND))
        assert not process.watchdog.stalled

    def test_a_long_batch(self, process: Process) -> None:
        process.behind(FIRST)
        process.rolls.begin()
        process.lasts((PATIENCE - 1) * SECONDS)
        assert not process.watchdog.stalled

    def test_a_long_batch_taken_record_by_record(self, process: Process) -> None:
        process.behind(FIRST)
        process.behind(SECOND)
        process.rolls.begin()
        process.lasts(2 * PATIENCE * SECONDS, ("rolls", FIRST))
        assert not process.watchdog.stalled

    def test_slow_batches_of_other_partitions(self, process: Process) -> None:
        """A slow database: what was fetched of the other partition comes first."""
        process.behind(FIRST)
        process.behind(SECOND)
        process.lasts(2 * SECONDS, ("rolls", SECOND), batches=1)
        assert not process.watchdog.stalled

    def test_a_record_that_nobody_can_read(self, process: Process) -> None:
        process.behind(FIRST)
        process.rolls.unreadable = frozenset({FIRST})
        process.lasts(10 * SECONDS)
        assert not process.watchdog.stalled
        process.behind(SECOND)
        process.lasts(SECONDS + LOOK)
        assert process.watchdog.stalled, "it excuses its own partition only"

    def test_a_database_that_refuses(self, process: Process) -> None:
        """Its disk is full, say: the batch fails and is fetched again. A new start would not mend that."""
        process.behind(FIRST)
        for _ in range(3 * TURNS):  # far more than the turns of two partitions
            process.rolls.begin()
            process.lasts(SECONDS)
            process.rolls.end(failed=True)
            process.lasts(LOOK)
            assert not process.watchdog.stalled

    def test_what_cannot_be_seen(self, process: Process) -> None:
        """Broker or database away: no look succeeds, and starting again would not bring them back."""
        process.behind(FIRST)
        process.look()
        process.clock.advance(timedelta(hours=1))
        assert not process.watchdog.stalled

    @pytest.mark.parametrize("away", [timedelta(minutes=10), -timedelta(minutes=10)], ids=["away", "clock set back"])
    def test_the_time_without_a_look_counts_for_nothing(self, process: Process, away: timedelta) -> None:
        process.behind(FIRST)
        process.lasts(SECONDS - LOOK)
        process.clock.advance(away)
        process.look()
        process.lasts(SECONDS - LOOK)
        assert not process.watchdog.stalled
