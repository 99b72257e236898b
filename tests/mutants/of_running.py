"""What an installation promises while its parts are killed, put to sleep, taken away or stuck."""

from tests.mutants.mutant import Mutant
from tests.mutants.of_requests import COMMITS_APART, COMMITS_TOGETHER, UNIT_OF_WORK

KILLED = "A process killed at any point loses nothing"
WHATEVER = "Whatever breaks, two parts at once"
AWAY = "While Kafka is away"
VANISHED = "A process that sleeps in a transaction"
STUCK = "A process that holds a partition and does not move it"
OLDER = "says when one is older than what it has sent"

PIPELINE, RELAY = "shared/messaging/pipeline.py", "shared/messaging/relay.py"
WATCHDOG, SERVICE = "shared/messaging/watchdog.py", "shared/service.py"
ENGINE = "shared/database/engine.py"

KILLS = "tests/faults/test_kills.py::test_all_that_come_there_die_and_nothing_is_lost_or_doubled"
OF_CONSUMER = "tests/faults/test_mechanisms_killed.py::TestConsumer::test_every_event_has_one_effect"
OF_RELAY = "tests/faults/test_mechanisms_killed.py::TestRelay"
STALLS = "tests/unit/shared/messaging/test_watchdog.py::TestStall"
RELAY_FAILURES = "tests/integration/messaging/test_relay_failures.py"
HANGS = "tests/integration/infra/test_stalled.py::test_a_consumer_that_hangs_makes_its_process_start_again"
VANISHES = "tests/contract/test_vanished_clients.py"
DOCTOR = "tests/integration/infra/test_doctor.py"
BROKER_AWAY = "tests/integration/infra/test_broker_away.py"

EFFECT = """
            async with self.units.system() as unit:
                await following(replace(delivery, _unit=unit))
                await inbox.advance(unit, self.consumer.name, delivery.records)
                reach(Failpoint.AFTER_EFFECT_BEFORE_COMMIT)
"""
POSITION_FIRST = """
            async with self.units.system() as ahead:
                await inbox.advance(ahead, self.consumer.name, delivery.records)
            async with self.units.system() as unit:
                await following(replace(delivery, _unit=unit))
                reach(Failpoint.AFTER_EFFECT_BEFORE_COMMIT)
"""
WAVE = """
        sent = await self._send(producer, rows)
        reach(Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK)
        await self._mark(sent)
"""
MARKED_FIRST = """
        await self._mark([row["id"] for row in rows])
        sent = await self._send(producer, rows)
        reach(Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK)
"""
ASKS_THEN_OPENS = """
    lag = (await state.service.progress()).lag
    async with state.units.system() as unit:
        unsent = await unit.one(UNSENT)
"""
OPENS_THEN_ASKS = """
    async with state.units.system() as unit:
        unsent = await unit.one(UNSENT)
        lag = (await state.service.progress()).lag
"""
BEGINS_ANEW = """
                await self._pause(PAUSE_SECONDS)
        await self._release()
"""
GIVES_UP = """
                break
        await self._release()
"""
BEFORE_IT_IS_OPENED = """
            caller: Caller = await state.tokens.caller_of(request)
"""

MUTANTS = (
    Mutant(
        KILLED,
        "the position commits before the effect",
        PIPELINE,
        EFFECT,
        POSITION_FIRST,
        (f"{KILLS}[after-effect-before-commit]", f"{OF_CONSUMER}[after-effect-before-commit]"),
    ),
    Mutant(
        KILLED,
        "no inbox for what comes again after a kill",
        PIPELINE,
        "events = await inbox.new_events(delivery.unit, self.consumer.name, events)",
        "events = list(events)",
        (f"{OF_CONSUMER}[after-commit-before-offset]",),
    ),
    Mutant(
        KILLED,
        "events are marked before they are sent",
        RELAY,
        WAVE,
        MARKED_FIRST,
        (f"{OF_RELAY}::test_nothing_is_lost_and_first_occurrences_are_in_order[after-send-before-acknowledgement]",),
    ),
    Mutant(
        KILLED,
        "events are marked before the broker has acknowledged them",
        RELAY,
        "        await every(acknowledgements)\n",
        "        del acknowledgements\n",
        (f"{RELAY_FAILURES}::TestMark::test_waits_for_the_acknowledgement",),
    ),
    Mutant(
        KILLED,
        "what the broker may have is sent as something new",
        "shared/messaging/sending.py",
        "enable_idempotence=True",
        "enable_idempotence=False",
        (f"{RELAY_FAILURES}::test_an_answer_of_the_broker_that_is_lost_costs_no_second_record",),
    ),
    Mutant(
        KILLED,
        "events commit in a transaction of their own, behind the change",
        UNIT_OF_WORK,
        COMMITS_TOGETHER,
        COMMITS_APART,
        (f"{KILLS}[before-commit]",),
    ),
    Mutant(
        WHATEVER,
        "the answer is not kept under its key",
        "shared/web/idempotency.py",
        "    await unit.fetch(STORE, *call.identity, *kept)",
        "    del kept",
        ("tests/faults/test_chaos.py",),
    ),
    Mutant(
        AWAY,
        "the relay ends with its first broken connection",
        RELAY,
        BEGINS_ANEW,
        GIVES_UP,
        (f"{RELAY_FAILURES}::test_after_a_failure_it_goes_on_with_a_new_producer",),
    ),
    Mutant(
        AWAY,
        "every request asks the broker first",
        "shared/web/routing.py",
        BEFORE_IT_IS_OPENED,
        BEFORE_IT_IS_OPENED + "            await state.service.progress()\n",
        (
            f"{BROKER_AWAY}::test_the_position_is_busy_and_a_booking_is_taken",
            "tests/faults/test_outages.py::test_while_kafka_is_frozen_bookings_go_on",
        ),
    ),
    Mutant(
        AWAY,
        "whoever asks the broker holds a connection meanwhile",
        "shared/web/operations.py",
        ASKS_THEN_OPENS,
        OPENS_THEN_ASKS,
        (f"{BROKER_AWAY}::test_whoever_asks_a_silent_broker_holds_up_no_booking",),
    ),
    Mutant(
        VANISHED,
        "silence within a transaction may last for ever",
        ENGINE,
        '        "idle_in_transaction_session_timeout": f"{abandoned_seconds * 1000:.0f}ms",\n',
        "",
        (f"{VANISHES}::test_the_lock_of_a_sleeper_is_free_again_and_it_fails_when_it_wakes",),
    ),
    Mutant(
        VANISHED,
        "nobody asks whether the other machine is still there",
        ENGINE,
        '    event.listen(engine.sync_engine, "connect", _watches_the_way)\n',
        "",
        (f"{VANISHES}::test_both_ends_notice_that_the_other_machine_is_gone",),
    ),
    Mutant(
        STUCK,
        "nothing is ever a stall",
        WATCHDOG,
        "        return bool(self.stalled_on)\n",
        "        return False\n",
        (f"{STALLS}::test_records_wait_and_nothing_moves",),
    ),
    Mutant(
        STUCK,
        "nobody looks",
        SERVICE,
        "        self.watchdog.seen(progress.standings, self.consuming.activities)\n",
        "",
        (HANGS,),
    ),
    Mutant(
        STUCK,
        "a process that is not ready goes on",
        "infra/serve.py",
        "return await super().on_tick(counter) or (stall is not None and stall.ends())",
        "return await super().on_tick(counter)",
        (HANGS,),
    ),
    Mutant(
        STUCK,
        "progress is that of all partitions together",
        WATCHDOG,
        "(name, place), place in activity.held - activity.unreadable, standing, era, activity",
        "(name, place), place in activity.held - activity.unreadable, "
        "Standing(standing.lag, sum(one.applied for one in standings.values())), era, activity",
        (f"{STALLS}::test_the_progress_of_another_partition_hides_nothing",),
    ),
    Mutant(
        STUCK,
        "a batch under way is never a stall",
        WATCHDOG,
        "if activity.busy and min(map(self._for, (batch, *silent))) >= self._longer:",
        "if activity.busy and not silent:",
        (f"{STALLS}::test_a_batch_that_hangs",),
    ),
    Mutant(
        OLDER,
        "nobody compares what was sent with what was applied",
        "infra/doctor/restored.py",
        "behind = sorted(place for place, last in applied.items() if last > counted.get(place, 0))",
        "behind = sorted(place for place in applied if place not in applied)",
        (f"{DOCTOR}::test_a_database_that_is_older_than_what_it_has_sent_is_an_error",),
    ),
)
