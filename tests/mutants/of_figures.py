"""What seats, marks, facts and reports promise."""

from tests.mutants.mutant import Mutant

SEATS = "Never an oversold seat"
MARKS = "Marks arrive in any order"
REBUILT = "Facts can be made anew from the topics"
FROZEN = "A frozen report can be recomputed"

SESSION_LOCK = "services/booking/sessions/lock.py"
SEAT_RULE = "services/booking/sessions/seats.py"
REBUILD = "services/reporting/facts/rebuild.py"
VERIFY = "services/reporting/reports/verify.py"

RACE = "tests/integration/booking/test_oversell_race.py"
SEAT_TESTS = "tests/property/test_seats.py"
MARK_TESTS = "tests/property/test_marks.py"
REBUILDS = "tests/integration/reporting/test_rebuild.py"
FREEZES = "tests/property/test_freeze.py"

SWAPS_IF_THE_SAME = """
                if not found or accept:
                    await self._swap(units, refill, version)
            if not found or accept:
"""
SWAPS = """
                await self._swap(units, refill, version)
            if True:
"""
DROPS_LEFTOVERS = """
        for leftover in there - keep:
            await schemas.drop(units.engine, leftover)
"""
CATCHES_UP = """
            await refill.until(await positions_of(units, CONSUMER))
"""
ORDERED_MARKS = """
    if mark.device_id == other.device_id and mark.kind == other.kind == Kind.MARK:
        return _device_order(mark) > _device_order(other)
    return mark.base_version >= other.version
"""

MUTANTS = (
    Mutant(
        SEATS,
        "no lock of the session",
        SESSION_LOCK,
        "SELECT * FROM sessions WHERE id = $1 FOR NO KEY UPDATE",
        "SELECT * FROM sessions WHERE id = $1",
        (f"{RACE}::test_two_clients_never_get_the_same_last_seat",),
    ),
    Mutant(
        SEATS,
        "no lock of the person",
        SESSION_LOCK,
        "CAST(pg_advisory_xact_lock($3, hashtext(CAST(participant_id AS text))) AS text)",
        "CAST(CAST($3 AS integer) AS text)",
        (f"{RACE}::test_one_person_never_gets_two_places_at_the_same_time",),
    ),
    Mutant(
        SEATS,
        "no lock of the session where seats are freed",
        SESSION_LOCK,
        "LOCK = READ.with_for_update(key_share=True)",
        "LOCK = READ",
        (f"{RACE}::test_two_cancellations_at_once_promote_two_persons_once_each",),
    ),
    Mutant(
        SEATS,
        "seats are counted as the municipality sees them",
        "shared/database/unit_of_work.py",
        "before, self._scope = self._scope, SYSTEM",
        "before = self._scope",
        (f"{RACE}::test_two_clients_never_get_the_same_last_seat",),
    ),
    Mutant(
        SEATS,
        "a municipality may take more than is free",
        SEAT_RULE,
        "return max(0, self.capacity - sum(self.shares.values()) - from_pool)",
        "return max(0, self.capacity - sum(self.shares.values()))",
        (f"{SEAT_TESTS}::test_no_prefix_of_acts_gives_more_seats_than_exist",),
    ),
    Mutant(
        SEATS,
        "the common pool takes what is guaranteed to others",
        SEAT_RULE,
        "return min(self.free, own + pool)",
        "return self.free",
        (f"{SEAT_TESTS}::test_a_municipality_always_gets_what_is_left_of_its_own_unreleased_share",),
    ),
    Mutant(
        MARKS,
        "the mark that came last counts",
        "services/attendance/marks/rules.py",
        ORDERED_MARKS,
        "\n    return mark.version > other.version\n",
        (f"{MARK_TESTS}::test_the_order_of_arrival_and_repetition_change_nothing",),
    ),
    Mutant(
        MARKS,
        "of marks that agree the one that came first is shown",
        "services/attendance/marks/rules.py",
        "key=lambda mark: (mark.absence_reason is None, mark.marked_at, mark.mark_id), default=None)",
        "key=lambda mark: mark.version, default=None)",
        (f"{MARK_TESTS}::test_the_order_of_arrival_and_repetition_change_nothing",),
    ),
    Mutant(
        REBUILT,
        "the new facts count without being compared",
        REBUILD,
        SWAPS_IF_THE_SAME,
        SWAPS,
        (f"{REBUILDS}::test_figures_that_differ_are_named_and_swapped_only_when_accepted",),
    ),
    Mutant(
        REBUILT,
        "what an earlier run left stays",
        REBUILD,
        DROPS_LEFTOVERS,
        "\n",
        (
            f"{REBUILDS}::test_a_kill_anywhere_and_a_second_run[after-swap-before-drop]",
            f"{REBUILDS}::test_an_unfinished_version_can_be_thrown_away_or_begun_again",
        ),
    ),
    Mutant(
        REBUILT,
        "the swap does not wait for those who use the facts",
        REBUILD,
        "            await alone(unit)\n",
        "",
        (f"{REBUILDS}::test_a_swap_waits_for_those_who_use_the_facts",),
    ),
    Mutant(
        REBUILT,
        "what came during the swap is not caught up with",
        REBUILD,
        CATCHES_UP,
        "\n",
        (f"{REBUILDS}::test_what_comes_last_before_the_swap_is_in_both",),
    ),
    Mutant(
        REBUILT,
        "two rebuilds may run at once",
        REBUILD,
        "        if not await connection.scalar(_ONLY_ONE):\n",
        "        if connection.closed:\n",
        (f"{REBUILDS}::test_one_rebuild_at_a_time",),
    ),
    Mutant(
        REBUILT,
        "what a person discarded is applied",
        REBUILD,
        "        await schemas.keep_discarded(units.engine, version)\n",
        "",
        (f"{REBUILDS}::test_what_was_discarded_is_not_applied_although_it_could_be",),
    ),
    Mutant(
        FROZEN,
        "its rows stand in the order in which they were read",
        "services/reporting/reports/rows.py",
        "    return tuple(sorted(rows))\n",
        "    return tuple(rows)\n",
        (f"{FREEZES}::test_the_order_in_which_facts_are_read_shows_nowhere",),
    ),
    Mutant(
        FROZEN,
        "a row is lost on the way into it",
        "services/reporting/reports/rows.py",
        "        by_kind.setdefault(row.kind, []).append(row.value())\n",
        "        by_kind.setdefault(row.kind, [row.value()])\n",
        (f"{FREEZES}::test_rows_are_the_facts_and_nothing_is_lost",),
    ),
    Mutant(
        FROZEN,
        "verify does not look at the rows' hash",
        VERIFY,
        'if hash_of(rows) != document["rows"]["hash"]:',
        "if not rows:",
        (f"{FREEZES}::test_no_row_can_be_taken_or_changed_unseen",),
    ),
    Mutant(
        FROZEN,
        "verify does not look at the content's hash",
        VERIFY,
        'if sha256(canonical(unsealed)) != document["hash"]:',
        "if not unsealed:",
        (f"{FREEZES}::test_no_figure_can_be_changed_unseen",),
    ),
    Mutant(
        FROZEN,
        "verify believes the report's figures",
        VERIFY,
        "        computed = content_from(stated.order, rows, as_of)\n",
        "        computed = stated if as_of is None or as_of else content_from(stated.order, rows, as_of)\n",
        (f"{FREEZES}::test_no_figure_can_be_changed_unseen",),
    ),
)
