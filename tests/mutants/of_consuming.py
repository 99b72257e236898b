"""What a consumer promises: each event once, nothing lost, nothing blocked, whatever stands on the topics."""

from tests.mutants.mutant import Mutant

ONCE = "A consumer applies an event once"
DEAD_LETTER = "What cannot be applied becomes a dead letter"
UNREADABLE = "So does a record that the client library cannot read"
GONE = "What a topic lost before it was applied"
PARKED = "For consumers declared ordered"
VERSIONS = "Events of an older or newer minor version"
RESTORED = "A database restored from a backup catches up"
BACK_PRESSURE = "A slow database slows consumption"

PIPELINE, INBOX = "shared/messaging/pipeline.py", "shared/messaging/inbox.py"
PARKING, REPLAY = "shared/messaging/parking.py", "shared/messaging/replay.py"
FETCHING, CONSUMING = "shared/messaging/fetching.py", "shared/messaging/consuming.py"

APPLIED = "tests/contract/test_pipeline.py"
QUEUES = "tests/contract/test_parking.py"
ON_TOPICS = "tests/integration/messaging/test_fetching.py"
REMOVED = "tests/integration/messaging/test_removed_records.py"
NEWER_OR_OLDER = (
    "tests/integration/messaging/test_versions.py::test_older_and_newer_minor_versions_are_consumed_by_every_service"
)
NEXT_MAJOR = "tests/contract/test_versions.py::test_an_unknown_major_is_replayed_by_a_later_version"

NEW_EVENTS = """
                events = await inbox.new_events(delivery.unit, self.consumer.name, events)
"""
IN_ITS_OWN_TRANSACTION = """
                async with self.units.system() as apart:
                    events = await inbox.new_events(apart, self.consumer.name, events)
"""
BURIED_AT_ONCE = """
                    await dead_letters.bury(delivery.unit, self.consumer.name, record, bad.reason, bad.detail)
"""
DECIDED_AT_ONCE = """
                    state = "discarded" if bad.reason == "unknown-type" else "dead"
                    await dead_letters.bury(
                        delivery.unit, self.consumer.name, record, bad.reason, bad.detail, state=state
                    )
"""
FOR_GOOD = """
                if passes_by_itself(error):
                    raise
                if len(delivery.records) == 1:
"""
FORGOTTEN = """
                if passes_by_itself(error):
                    raise
                if len(delivery.records) == 1:
                    return
                if not delivery.records:
"""
AGAIN = """
                    if not passes_by_itself(error) or attempt == ATTEMPTS_BEFORE_NACK:
                        raise
"""
SECOND_LOOK = """
    # Once more: a replay may have emptied the queue while this transaction waited for the lock.
    waiting = await _behind(unit, consumer, events)
"""
UNKNOWN = """
    if contract is None:
        raise BadRecord("unknown-type", f"this version knows no {envelope.type}; update this service, then replay")
"""

MUTANTS = (
    Mutant(
        ONCE,
        "no inbox",
        PIPELINE,
        NEW_EVENTS,
        "\n",
        (f"{APPLIED}::TestOnce::test_twice_in_one_batch", f"{APPLIED}::TestOnce::test_in_two_batches"),
    ),
    Mutant(
        ONCE,
        "the inbox commits before the effect",
        PIPELINE,
        NEW_EVENTS,
        IN_ITS_OWN_TRANSACTION,
        (f"{APPLIED}::TestStagesForTests::test_fail_first_attempt_changes_nothing_and_tries_twice",),
    ),
    Mutant(
        ONCE,
        "the same event twice in a batch is two",
        INBOX,
        "            wanted.discard(event.id)\n",
        "",
        (f"{APPLIED}::TestOnce::test_twice_in_one_batch",),
    ),
    Mutant(
        ONCE,
        "two consumers share one inbox",
        INBOX,
        '{"consumer": consumer, "ids": sorted({event.id for event in events})}',
        '{"consumer": "all", "ids": sorted({event.id for event in events})}',
        (f"{APPLIED}::TestOnce::test_another_consumer_has_its_own_inbox",),
    ),
    Mutant(
        ONCE,
        "a fact that is there already is an error",
        "services/reporting/facts/record.py",
        "    ON CONFLICT (event_id) DO NOTHING\n",
        "",
        ("tests/integration/reporting/test_facts.py::test_every_event_is_one_fact_however_often_it_arrives",),
    ),
    Mutant(
        DEAD_LETTER,
        "what cannot be decoded is skipped",
        PIPELINE,
        BURIED_AT_ONCE,
        "\n",
        (
            f"{APPLIED}::TestPoison::test_becomes_a_dead_letter_and_holds_back_nothing",
            "tests/contract/test_poison.py::test_every_form_becomes_a_dead_letter_between_two_good_ones",
        ),
    ),
    Mutant(
        DEAD_LETTER,
        "what a handler cannot apply is skipped",
        PIPELINE,
        FOR_GOOD,
        FORGOTTEN,
        (f"{APPLIED}::TestFailureForGood::test_the_guilty_one_becomes_a_dead_letter",),
    ),
    Mutant(
        DEAD_LETTER,
        "one that fails for good fails its whole batch",
        PIPELINE,
        "                if passes_by_itself(error):\n                    raise\n",
        "                raise\n",
        (f"{APPLIED}::TestFailureForGood::test_the_batch_is_rolled_back_and_applied_one_by_one",),
    ),
    Mutant(
        DEAD_LETTER,
        "what would pass by itself is a dead letter at once",
        PIPELINE,
        AGAIN,
        "\n                    raise RuntimeError from error\n",
        (f"{APPLIED}::TestWhatPassesByItself::test_is_tried_again_until_it_passes",),
    ),
    Mutant(
        DEAD_LETTER,
        "its headers are not kept",
        "shared/messaging/dead_letters.py",
        '"headers": [_kept(name, value or b"") for name, value in record.headers],',
        '"headers": [],',
        (f"{APPLIED}::TestPoison::test_bytes_and_headers_are_kept_as_they_came",),
    ),
    Mutant(
        UNREADABLE,
        "what the client library cannot read is not read from its bytes",
        FETCHING,
        "                one = await self._from_its_batch(place)\n",
        "                one = []\n",
        (f"{ON_TOPICS}::TestANameThatIsNoUtf8::test_it_is_a_dead_letter_with_every_byte",),
    ),
    Mutant(
        UNREADABLE,
        "what was taken of the other partitions is not taken again",
        FETCHING,
        "            self._back(place)\n",
        "",
        (f"{ON_TOPICS}::TestPosition::test_what_was_taken_before_it_comes_all_the_same",),
    ),
    Mutant(
        UNREADABLE,
        "a damaged record stops every partition",
        FETCHING,
        "            self._try_again_at[place] = time.monotonic() + PAUSE_SECONDS\n            return []\n",
        "            raise\n",
        (f"{ON_TOPICS}::TestDamaged::test_it_stops_its_partition_alone_until_it_arrives_whole",),
    ),
    Mutant(
        UNREADABLE,
        "a partition that stands still is not told",
        FETCHING,
        "frozenset(place for place in self._try_again_at if place in self._suspected)",
        "frozenset()",
        (f"{ON_TOPICS}::TestDamaged::test_it_stops_its_partition_alone_until_it_arrives_whole",),
    ),
    Mutant(
        UNREADABLE,
        "a wrong checksum is forgiven",
        "shared/messaging/lenient.py",
        "if calc_crc32c(raw[CHECKED:end]) != checksum:",
        "if end < CHECKED:",
        ("tests/unit/shared/messaging/test_lenient.py::test_no_damage_behind_the_checksum_is_read",),
    ),
    Mutant(
        GONE,
        "what a topic holds no more is waited for",
        CONSUMING,
        "first = await self._offsets(AIOKafkaConsumer.beginning_offsets, short)",
        "first: dict[Place, int] = {}",
        (f"{REMOVED}::test_a_new_database_does_not_wait_for_them",),
    ),
    Mutant(
        GONE,
        "it is passed over in silence",
        FETCHING,
        "                await self._explain(place, self._handed_out[place])\n",
        "                continue\n",
        (f"{REMOVED}::test_that_they_were_never_applied_is_an_error_in_the_log",),
    ),
    Mutant(
        PARKED,
        "nothing is parked",
        PIPELINE,
        "events = await parking.park(delivery.unit, self.consumer.name, events)",
        "events = list(events)",
        (f"{QUEUES}::TestParking", f"{QUEUES}::TestReplay::test_the_whole_queue_is_applied_in_order"),
    ),
    Mutant(
        PARKED,
        "events join the queue of their key without its lock",
        PARKING,
        "        await lock(unit, consumer, topic, key)\n",
        "        del topic, key\n",
        (f"{QUEUES}::TestReplay::test_an_event_that_arrives_during_a_replay_comes_after_it",),
    ),
    Mutant(
        PARKED,
        "whoever waited for the lock does not look again",
        PARKING,
        SECOND_LOOK,
        "\n",
        (f"{QUEUES}::TestReplay::test_an_event_that_arrives_during_a_replay_comes_after_it",),
    ),
    Mutant(
        PARKED,
        "a replay does not take the lock of its queue",
        REPLAY,
        "                await parking.lock_of(unit, letter)\n",
        "",
        (f"{QUEUES}::TestReplay::test_what_joins_the_queue_meanwhile_is_replayed_too",),
    ),
    Mutant(
        PARKED,
        "a replay goes by the place on the topic",
        REPLAY,
        'ORDER BY coalesce(sequence, max(sequence) OVER (ORDER BY "offset"), 0), "offset" LIMIT :page',
        'ORDER BY "offset" LIMIT :page',
        (f"{QUEUES}::TestReplay::test_a_predecessor_that_was_sent_again_goes_first",),
    ),
    Mutant(
        PARKED,
        "a replay applies the named one alone",
        REPLAY,
        'if not self.consumer.ordered or letter["key"] is None:',
        "if letter:",
        (f"{QUEUES}::TestReplay::test_the_whole_queue_is_applied_in_order",),
    ),
    Mutant(
        PARKED,
        "what was discarded is applied when it comes again",
        PIPELINE,
        "await dead_letters.without_buried(delivery.unit, self.consumer.name, delivery.events)",
        "delivery.events",
        (f"{QUEUES}::TestReplay::test_a_discarded_event_frees_its_key_and_stays_discarded",),
    ),
    Mutant(
        VERSIONS,
        "a field that came later is refused",
        "shared/contracts/registry.py",
        'extra="ignore"',
        'extra="forbid"',
        (NEWER_OR_OLDER,),
    ),
    Mutant(
        VERSIONS,
        "a field that an older version leaves out is demanded",
        "shared/contracts/participants_v1.py",
        "    birth_year: Number | None = None\n",
        "    birth_year: Number | None\n",
        (NEWER_OR_OLDER,),
    ),
    Mutant(
        VERSIONS,
        "only the minor version of today is read",
        "shared/contracts/envelope.py",
        UNKNOWN,
        UNKNOWN
        + "    if envelope.dataschema != contract.dataschema:\n"
        + '        raise BadRecord("unknown-minor", "another minor version")\n',
        (NEWER_OR_OLDER,),
    ),
    Mutant(
        VERSIONS,
        "an unknown major passes by",
        PIPELINE,
        BURIED_AT_ONCE,
        '\n                    if bad.reason == "unknown-type":\n                        continue\n'
        + BURIED_AT_ONCE.removeprefix("\n"),
        (NEXT_MAJOR,),
    ),
    Mutant(
        VERSIONS,
        "an unknown major is decided about at once: nobody can replay it",
        PIPELINE,
        BURIED_AT_ONCE,
        DECIDED_AT_ONCE,
        (NEXT_MAJOR,),
    ),
    Mutant(
        RESTORED,
        "a consumer begins at the group's offset",
        "shared/messaging/assignment.py",
        "            self.subscriber.consumer.seek(place, applied.get((place.topic, place.partition), 0))",
        "            applied.get((place.topic, place.partition))",
        ("tests/integration/messaging/test_consuming.py::test_a_restored_database_is_caught_up_from_its_own_position",),
    ),
    Mutant(
        BACK_PRESSURE,
        "the next batch does not wait for the one under way",
        CONSUMING,
        "                await deliver(Delivery(records))\n",
        "                self._under_way = asyncio.ensure_future(deliver(Delivery(records)))  # type: ignore\n",
        ("tests/integration/messaging/test_back_pressure.py",),
    ),
    Mutant(
        BACK_PRESSURE,
        "whatever there is, is fetched ahead",
        CONSUMING,
        "FETCHED_BYTES = 2**20",
        "FETCHED_BYTES = 2**30",
        ("tests/integration/messaging/test_back_pressure.py",),
    ),
)
