"""What the relay promises: order per key, nothing skipped, one sender at a time, work that does not grow."""

from tests.mutants.mutant import Mutant

IN_ORDER = "Events of one key are sent in order"
ASLEEP = "A relay that sleeps through its lease"
BACKLOG = "However much waits to be sent"

RELAY, LEASE, OUTBOX = "shared/messaging/relay.py", "shared/messaging/lease.py", "shared/messaging/outbox.py"

WRITERS = "tests/contract/test_outbox.py"
RELAYS = "tests/integration/messaging/test_relay.py"
SENDING, SPOILED = f"{RELAYS}::TestSending", f"{RELAYS}::TestARowThatCannotBeSent"
MARKS = "tests/integration/messaging/test_relay_failures.py::TestMark"
TAKEOVER = "tests/faults/test_takeover.py"

HELD_BACK = """
            if key in held_back:
                continue
"""
REFUSED = """
                held_back.add(key)
                await self._refuse(row, error)
"""
NOT_BEHIND_AN_ERROR = """
       AND (topic, key) NOT IN (SELECT topic, key FROM outbox
                                 WHERE published_at IS NULL AND error IS NOT NULL ORDER BY topic, key)
"""
BY_A_CURSOR = """
       AND id > (SELECT coalesce(max(id), 0) FROM outbox WHERE published_at IS NOT NULL)
       AND (topic, key) NOT IN (SELECT topic, key FROM outbox
                                 WHERE published_at IS NULL AND error IS NOT NULL ORDER BY topic, key)
"""
COUNTER = """
        INSERT INTO event_counters AS counters (topic, key, last)
        SELECT topic, key, count(*) FROM event GROUP BY topic, key ORDER BY topic, key
        ON CONFLICT (topic, key) DO UPDATE SET last = counters.last + excluded.last
        RETURNING topic, key, last
"""
COUNTED_WITHOUT_A_LOCK = """
        SELECT topic, key, count(*) + coalesce(
            (SELECT max(sent.sequence) FROM outbox AS sent
              WHERE sent.topic = event.topic AND sent.key = event.key), 0) AS last
          FROM event GROUP BY topic, key
"""
IN_THEIR_PARTITION = "partition_of(key, await self._partitions_of(topic))"
FREE_OR_OWN = """
     WHERE lease.expires_at < clock_timestamp() OR lease.holder = excluded.holder
"""

MUTANTS = (
    Mutant(
        IN_ORDER,
        "sequences are counted without a lock of the key",
        OUTBOX,
        COUNTER,
        COUNTED_WITHOUT_A_LOCK,
        (
            f"{WRITERS}::test_concurrent_writers_of_the_same_keys_neither_skip_nor_repeat_nor_deadlock",
            f"{WRITERS}::test_the_second_writer_of_a_key_waits_for_the_first_to_commit",
        ),
    ),
    Mutant(
        IN_ORDER,
        "counters are locked in whatever order the events came",
        OUTBOX,
        "SELECT topic, key, count(*) FROM event GROUP BY topic, key ORDER BY topic, key\n",
        "SELECT topic, key, count(*) FROM event GROUP BY topic, key ORDER BY min(position)\n",
        (f"{WRITERS}::test_whoever_waits_for_a_key_holds_none_that_comes_after_it",),
    ),
    Mutant(
        IN_ORDER,
        "events of one transaction are written in no order",
        OUTBOX,
        "row_number() OVER (PARTITION BY topic, key ORDER BY position) AS nth",
        "row_number() OVER (PARTITION BY topic, key ORDER BY event_id DESC) AS nth",
        (f"{WRITERS}::test_several_events_of_one_key_keep_their_order",),
    ),
    Mutant(
        IN_ORDER,
        "the relay takes what waits in another order than it came",
        RELAY,
        "ORDER BY id LIMIT :wave",
        "ORDER BY id DESC LIMIT :wave",
        (f"{SENDING}::test_waves_are_bounded_and_keep_the_order_of_every_key",),
    ),
    Mutant(
        IN_ORDER,
        "a key's events go to any partition",
        "shared/messaging/sending.py",
        IN_THEIR_PARTITION,
        "partition_of(str(len(self._batches)).encode(), await self._partitions_of(topic))",
        (f"{SENDING}::test_a_key_has_the_partition_that_every_client_gives_it",),
    ),
    Mutant(
        IN_ORDER,
        "the relay goes on behind the last id that it sent",
        RELAY,
        NOT_BEHIND_AN_ERROR,
        BY_A_CURSOR,
        (f"{SENDING}::test_one_that_commits_late_is_not_skipped",),
    ),
    Mutant(
        IN_ORDER,
        "what stands behind a refused event of its key in a wave is sent",
        RELAY,
        HELD_BACK,
        "\n",
        (f"{SPOILED}::test_holds_back_its_key_only_and_says_why",),
    ),
    Mutant(
        IN_ORDER,
        "what stands behind a refused event fills the next waves",
        RELAY,
        NOT_BEHIND_AN_ERROR,
        "\n",
        (f"{SPOILED}::test_a_long_queue_behind_it_does_not_fill_the_waves",),
    ),
    Mutant(
        IN_ORDER,
        "one event that cannot be sent stops the relay",
        RELAY,
        REFUSED,
        "\n                raise\n",
        (f"{SPOILED}::test_holds_back_its_key_only_and_says_why",),
    ),
    Mutant(
        ASLEEP,
        "a late mark is not fenced by the lease",
        RELAY,
        "       AND lease.name = :name AND lease.holder = :holder AND lease.epoch = :epoch\n",
        "",
        (f"{TAKEOVER}::TestRelayThatSleepsLongerThanItsLease::test_between_acknowledgement_and_mark",),
    ),
    Mutant(
        ASLEEP,
        "the mark goes by the instance's name, not by the epoch of its lease",
        RELAY,
        "lease.holder = :holder AND lease.epoch = :epoch",
        "lease.holder = :holder",
        (f"{MARKS}::test_of_a_process_that_was_replaced_under_its_own_name_changes_nothing",),
    ),
    Mutant(
        IN_ORDER,
        "every relay gets the lease, whoever has it",
        LEASE,
        FREE_OR_OWN,
        "\n",
        (
            f"{RELAYS}::TestLease::test_only_one_instance_has_it",
            f"{RELAYS}::TestTwoRelays::test_running_side_by_side_they_keep_the_order_and_send_once",
        ),
    ),
    Mutant(
        ASLEEP,
        "a lease never expires",
        LEASE,
        "lease.expires_at < clock_timestamp() OR ",
        "",
        (f"{TAKEOVER}::TestThreeRelays::test_whoever_sends_is_killed_again_and_again",),
    ),
    Mutant(
        BACKLOG,
        "the planner may sort all that waits",
        RELAY,
        "            await connection.execute(WITHOUT_SORTING)\n",
        "",
        ("tests/integration/messaging/test_relay_backlog.py",),
    ),
    Mutant(
        BACKLOG,
        "no index of what waits",
        "shared/database/mechanisms.py",
        '    "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL",\n',
        "",
        ("tests/integration/messaging/test_relay_backlog.py",),
    ),
)
