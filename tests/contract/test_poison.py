"""Every reason for which a record cannot be applied has a form of poison here, and every form becomes a dead letter."""

import ast
import inspect
from dataclasses import replace

import pytest

from shared.contracts import envelope
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from shared.messaging import dead_letters
from shared.messaging.delivery import Consumer, Delivery, Record
from shared.messaging.pipeline import Pipeline
from shared.security.cipher import Cipher
from tests.contract.test_pipeline import Notes
from tests.support.poison import FORMS, Form, good
from tests.support.services import PEOPLE_KEYS


def reasons_of_the_envelope() -> set[str]:
    """The first argument of every BadRecord in the source."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(envelope))) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "BadRecord"]
    return {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}


def test_no_reason_is_without_a_form() -> None:
    assert {form.reason for form in FORMS} == reasons_of_the_envelope()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
async def test_every_form_becomes_a_dead_letter_between_two_good_ones(units: Units, form: Form) -> None:
    units = replace(units, cipher=Cipher.from_setting(PEOPLE_KEYS))  # the golden events' key
    for topic in form.topics:
        notes = Notes(units)
        name = f"notes on {topic.name}"
        deliver = Pipeline(Consumer(name, (topic,), notes.handle), units).build()
        records = [
            Record(topic.name, 0, offset, key, value, tuple(headers))
            for offset, (key, value, headers) in enumerate((good(topic), form.on(topic), good(topic)))
        ]

        await deliver(Delivery(records))

        assert notes.batches == [2], "a record that cannot be decoded does not cost the batch"
        [letter] = [row for row in await notes.dead_letters() if row["consumer"] == name]
        assert (letter["reason"], letter["state"], letter["offset"]) == (form.reason, "dead", 1)
        assert letter["detail"]
        assert dead_letters.record_of(letter) == records[1], "every byte as it came"


async def test_a_name_that_the_database_cannot_hold_is_kept_with_a_sign_in_its_place(units: Units) -> None:
    """A zero byte: without this the batch would fail for good, and its partition with it."""
    notes = Notes(units)
    await notes.take(Record(BOOKING.name, 0, 0, b"k", b"{}", (("x\x00note", b"v"),)))
    [letter] = await notes.dead_letters()
    assert dead_letters.record_of(letter).headers == (("x\ufffdnote", b"v"),)


async def test_a_handler_may_meet_what_the_envelope_lets_pass(units: Units) -> None:
    """A sequence that no column holds: the database refuses it, which no retry mends."""
    notes = Notes(units)
    key, value, headers = good(BOOKING)
    headers = [header for header in headers if header[0] != "ce_sequence"]
    await notes.take(Record(BOOKING.name, 0, 0, key, value, (*headers, ("ce_sequence", b"1" * 30))))
    [letter] = await notes.dead_letters()
    assert (letter["reason"], await notes.effects()) == ("DBAPIError", [])
