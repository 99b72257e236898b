"""What a request promises: its transaction, its answer, its key, its caller's rows."""

from tests.mutants.mutant import Mutant

TOGETHER = "A change and its events commit together"
ANSWERED = "No client has a 2xx for what was not committed"
SAME_ANSWER = "send it again with the same `Idempotency-Key`"
OWN_ROWS = "Never a row of another municipality"
VAULT = "A personal number stands in the vault and nowhere else"

UNIT_OF_WORK = "shared/database/unit_of_work.py"
TRANSACTION = "shared/database/transaction.py"
ROUTING = "shared/web/routing.py"
IDEMPOTENCY = "shared/web/idempotency.py"
SCOPE = "shared/database/scope.py"

OUTBOX_TESTS = "tests/contract/test_outbox.py"
COMMIT = "tests/contract/test_unit_of_work.py::TestCommit"
KEYS = "tests/contract/test_unit_of_work.py::TestIdempotency"
SCOPES = "tests/contract/test_scope_of_requests.py::TestScope"
MIGRATED = "tests/integration/test_migrations.py"
STAFF = "tests/integration/booking/test_staff.py"

COMMITS_TOGETHER = """
            events = await unit.flush()
            if events:  # not whatever the service looks at by itself: that would come there first
                reach(Failpoint.BEFORE_COMMIT)
            await running.commit()
"""
COMMITS_APART = """
            await running.commit()
            if outbox.written or len(outbox):
                reach(Failpoint.BEFORE_COMMIT)
            running.scope = None
            events = await unit.flush()
            await running.commit()
"""
ENTERED = """
                    async with state.units.open(caller=caller, cause=_cause(request, traceparent)) as unit:
"""
ENDS_LATER = """
                    from contextlib import AsyncExitStack
                    from starlette.background import BackgroundTask

                    async with AsyncExitStack() as ends:
                        opened = state.units.open(caller=caller, cause=_cause(request, traceparent))
                        unit = await ends.enter_async_context(opened)
"""
ANSWERED_INSIDE = """\
                        unit.enter(scope_of(caller, role), role)
                        request.state.unit, request.state.call = unit, call
                        _present.set(unit)
                        if call is not None:
                            await idempotency.begin(unit, call)
                        await _date(request, unit)
                        response: Response = await inner(request)
                        if response.status_code >= 400:
                            raise Rollback
                        if call is not None:
                            await idempotency.store(unit, call, response)
"""
BEHIND_THE_ANSWER = """\
                        response.background = BackgroundTask(ends.pop_all().aclose)
"""
SAVED = """
        await save(unit, before, {person.participant_id: now}, [change])
"""
TOLD = """
        from services.booking.staff.events import participant_changed

        told = replace(employment, periods=(replace(employment.latest, title=entry.number.digits),))
        unit.emit(participant_changed(now.with_employment(told)))
"""

MUTANTS = (
    Mutant(
        TOGETHER,
        "events commit in a transaction of their own, behind the change",
        UNIT_OF_WORK,
        COMMITS_TOGETHER,
        COMMITS_APART,
        (f"{OUTBOX_TESTS}::test_an_event_that_cannot_be_written_takes_its_change_with_it",),
    ),
    Mutant(
        TOGETHER,
        "a unit of work that fails commits all the same",
        TRANSACTION,
        'await self._send(self._driver.execute, "ROLLBACK")',
        'await self._send(self._driver.execute, "COMMIT")',
        (f"{OUTBOX_TESTS}::test_an_error_leaves_neither",),
    ),
    Mutant(
        ANSWERED,
        "the answer leaves, then comes the commit",
        ROUTING,
        ENTERED + ANSWERED_INSIDE,
        ENDS_LATER + ANSWERED_INSIDE + BEHIND_THE_ANSWER,
        (f"{COMMIT}::test_it_comes_before_the_first_byte_of_the_answer",),
    ),
    Mutant(
        ANSWERED,
        "a COMMIT that PostgreSQL answered with a rollback counts as one",
        TRANSACTION,
        'if answer != "COMMIT":',
        "if not answer:",
        ("tests/contract/test_transaction.py::test_an_error_that_a_use_case_swallows_is_no_commit",),
    ),
    Mutant(
        ANSWERED,
        "an unknown outcome is told as not saved",
        TRANSACTION,
        'raise OutcomeUnknown("COMMIT", None, error.orig, connection_invalidated=True) from error',
        "raise",
        (f"{COMMIT}::test_an_unknown_outcome_is_told_as_one",),
    ),
    Mutant(
        ANSWERED,
        "what is refused by an answer is committed",
        ROUTING,
        "if response.status_code >= 400:",
        "if response.status_code >= 600:",
        (f"{COMMIT}::test_a_refusal_that_is_an_answer_leaves_nothing_either",),
    ),
    Mutant(
        SAME_ANSWER,
        "the answer is not kept under its key",
        IDEMPOTENCY,
        "    await unit.fetch(STORE, *call.identity, *kept)",
        "    del kept",
        (
            f"{KEYS}::test_the_same_request_has_one_effect_and_one_answer",
            f"{KEYS}::test_another_body_is_422",
        ),
    ),
    Mutant(
        SAME_ANSWER,
        "no lock of the key: two tries run at once",
        IDEMPOTENCY,
        'TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free"',
        "TRY_LOCK = \"SELECT $1 <> '' AS free\"",
        (f"{KEYS}::test_twenty_at_once_have_one_effect",),
    ),
    Mutant(
        OWN_ROWS,
        "a request gets the scope of the whole project",
        ROUTING,
        "unit.enter(scope_of(caller, role), role)",
        'unit.enter(type(scope_of(caller, role))("project"), role)',
        (f"{SCOPES}::test_a_municipality_sees_its_own_rows",),
    ),
    Mutant(
        OWN_ROWS,
        "policies do not hold for the owner",
        SCOPE,
        '        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n',
        "",
        (f"{SCOPES}::test_unset_sees_nothing_and_neither_does_what_a_pooled_connection_leaves",),
    ),
    Mutant(
        OWN_ROWS,
        "a scope that is unset sees everything",
        SCOPE,
        "\"current_setting('kursnav.scope', true) IN ('system', 'project')\"",
        "\"coalesce(current_setting('kursnav.scope', true), '') IN ('', 'system', 'project')\"",
        (f"{SCOPES}::test_unset_sees_nothing_and_neither_does_what_a_pooled_connection_leaves",),
    ),
    Mutant(
        OWN_ROWS,
        "policies guard what is read and not what is written",
        SCOPE,
        "WITH CHECK ({condition})",
        "WITH CHECK (true)",
        (f"{SCOPES}::test_nobody_writes_rows_of_others",),
    ),
    Mutant(
        OWN_ROWS,
        "what was lifted to the system's scope stays lifted",
        UNIT_OF_WORK,
        "            self._scope = before\n",
        "            del before\n",
        (f"{SCOPES}::test_as_system_lifts_the_scope_and_gives_it_back",),
    ),
    Mutant(
        OWN_ROWS,
        "no policy on staff",
        "services/booking/migrations/versions/0001_catalogue_and_staff.py",
        '    *policy("staff", own_municipality()),\n',
        "",
        ("tests/e2e/test_bad_input.py::test_the_rows_of_another_municipality_do_not_exist_for_it",),
    ),
    Mutant(
        OWN_ROWS,
        "no policy on the decisions about a queue",
        "services/booking/migrations/versions/0002_sessions.py",
        '    *policy("queue_decisions", '
        '"EXISTS (SELECT 1 FROM registrations r WHERE r.entry_id = queue_decisions.entry_id)"),\n',
        "",
        (f"{MIGRATED}::test_every_table_is_under_row_level_security_or_known_to_be_open[booking]",),
    ),
    Mutant(
        VAULT,
        "an event has a place for it",
        "shared/contracts/participants_v1.py",
        "    erased: bool | None = None\n",
        "    erased: bool | None = None\n    personal_number: str | None = None\n",
        ("tests/architecture/test_contracts.py::test_no_event_has_a_place_for_a_personal_number",),
    ),
    Mutant(
        VAULT,
        "it stands beside the person, for whoever asks",
        "services/booking/staff/vault.py",
        "[number.hint for number in by_index.values()]",
        "[number.digits for number in by_index.values()]",
        (f"{STAFF}::test_a_personal_number_is_in_the_vault_and_nowhere_else",),
    ),
    Mutant(
        VAULT,
        "an event carries it under another name",
        "services/booking/staff/add_staff.py",
        SAVED,
        SAVED + TOLD,
        (f"{STAFF}::test_a_personal_number_is_in_the_vault_and_nowhere_else",),
    ),
    Mutant(
        VAULT,
        "it is logged when it is entered",
        "services/booking/staff/vault.py",
        "        ids = [unit.ids.uuid7() for _ in by_index]\n",
        "        ids = [unit.ids.uuid7() for _ in by_index]\n"
        "        print(*(number.digits for number in by_index.values()))\n",
        (f"{STAFF}::test_a_personal_number_is_in_the_vault_and_nowhere_else",),
    ),
    Mutant(
        VAULT,
        "the vault is not encrypted",
        "shared/security/cipher.py",
        "self._keys[self.active].encrypt(nonce, plain, associated)",
        "plain",
        (f"{STAFF}::test_a_personal_number_is_in_the_vault_and_nowhere_else",),
    ),
    Mutant(
        VAULT,
        "logs are not searched for it",
        "shared/observability/logging.py",
        "    structlog.processors.format_exc_info,\n    redact,\n",
        "    structlog.processors.format_exc_info,\n",
        ("tests/unit/shared/observability/test_logging.py::test_a_personal_number_never_leaves",),
    ),
)
