"""A change and its events commit in one transaction, and `ce_sequence` of a key rises in commit order."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.booking_v1 import TrainerAssigned
from shared.contracts.people_v1 import PersonChanged
from shared.contracts.registry import by_type
from shared.contracts.surveys_v1 import SurveyAnswered
from shared.database.unit_of_work import Unit, Units
from shared.ids import SystemIds
from shared.messaging.outbox import MAX_VALUE_BYTES, Cause
from shared.security.roles import Scope
from shared.web.problems import Problem
from tests.support.events import released
from tests.support.eventually import eventually
from tests.support.golden import FILES, read

NOTE = "INSERT INTO notes (id, municipality, text) VALUES (:id, '1884', :text)"


async def rows(units: Units, statement: str = "SELECT * FROM outbox ORDER BY id") -> list[dict[str, Any]]:
    async with units.system() as unit:
        return [dict(row) for row in await unit.all(statement)]


async def write(unit: Unit, note: str) -> None:
    await unit.execute(NOTE, {"id": uuid4(), "text": note})


async def change(units: Units, note: str = "changed", *, then: Exception | None = None) -> None:
    """One change with one event."""
    async with units.system() as unit:
        await write(unit, note)
        unit.emit(released(uuid4(), 1))
        if then:
            raise then


async def test_change_and_event_are_there_together(units: Units) -> None:
    session = uuid4()
    async with units.system() as unit:
        await write(unit, "changed")
        event_id = unit.emit(released(session, 1))

    [row] = await rows(units)
    assert (row["event_id"], row["key"], row["sequence"]) == (event_id, str(session), 1)
    assert await rows(units, "SELECT 1 FROM notes")


async def test_an_error_leaves_neither(units: Units) -> None:
    with pytest.raises(RuntimeError):
        await change(units, then=RuntimeError())
    assert await rows(units) == []
    assert await rows(units, "SELECT 1 FROM notes") == []


async def test_a_failing_commit_leaves_neither(units: Units) -> None:
    with pytest.raises(DBAPIError, match="on purpose"):
        await change(units, "fail at commit")
    assert await rows(units) == []
    assert await rows(units, "SELECT 1 FROM notes") == []
    assert await rows(units, "SELECT 1 FROM event_counters") == []


class SameId(SystemIds):
    """Gives every event one id: the outbox takes it once."""

    def uuid7(self) -> UUID:
        return UUID(int=7)


async def test_an_event_that_cannot_be_written_takes_its_change_with_it(units: Units) -> None:
    units.ids = SameId()
    await change(units, "first")
    with pytest.raises(DBAPIError, match="outbox_event_id_key"):
        await change(units, "second")
    assert len(await rows(units)) == 1
    assert [row["text"] for row in await rows(units, "SELECT text FROM notes")] == ["first"]


def note(text: str) -> dict[str, Any]:
    return {"id": uuid4(), "municipality": "1884", "text": text, "revision": 1}


async def test_rows_that_are_stored_with_the_events_are_there_together(units: Units) -> None:
    wakes: list[bool] = []
    units.wake_relay = lambda: wakes.append(True)
    async with units.system() as unit:
        unit.emit(released(uuid4(), 1))
        applied = {"consumer": "c", "event_id": uuid4(), "applied_at": unit.recorded_at}
        await unit.store({"notes": [note("it's"), note('"å"\n')], "inbox": [applied]})

    assert [row["sequence"] for row in await rows(units)] == [1]
    assert sorted(row["text"] for row in await rows(units, "SELECT text FROM notes")) == ['"å"\n', "it's"]
    assert await rows(units, "SELECT 1 FROM inbox")
    assert wakes == [True]


async def test_a_row_that_may_not_be_stored_leaves_no_event(units: Units) -> None:
    async def store() -> None:
        async with units.open(scope=Scope("municipality", "1861")) as unit:
            unit.emit(released(uuid4(), 1))
            await unit.store({"notes": [note("of another municipality")]})

    with pytest.raises(DBAPIError, match="row-level security"):
        await store()
    assert await rows(units) == []


async def test_after_the_last_write_there_are_no_more_events(units: Units) -> None:
    async with units.system() as unit:
        await unit.store({"notes": [note("last")]})
        with pytest.raises(RuntimeError, match="out of order"):
            unit.emit(released(uuid4(), 1))


async def test_several_events_of_one_key_keep_their_order(units: Units) -> None:
    session, other = uuid4(), uuid4()
    async with units.system() as unit:
        for seats in (1, 2, 3):
            unit.emit(released(session, seats))
            unit.emit(released(other, seats))
    for key in (session, other):
        mine = [row for row in await rows(units) if row["key"] == str(key)]
        assert [(row["sequence"], b'"seats":%d}' % row["sequence"] in row["value"]) for row in mine] == [
            (1, True),
            (2, True),
            (3, True),
        ]


async def test_concurrent_writers_of_the_same_keys_neither_skip_nor_repeat_nor_deadlock(units: Units) -> None:
    keys = [uuid4() for _ in range(3)]

    async def writer(turn: int) -> None:
        for _ in range(5):
            async with units.system() as unit:
                for key in keys if turn % 2 else reversed(keys):
                    unit.emit(released(key, turn))
                    unit.emit(released(key, turn))

    await asyncio.gather(*(writer(turn) for turn in range(8)))

    written = await rows(units)
    for key in keys:
        mine = [row["sequence"] for row in written if row["key"] == str(key)]
        assert mine == list(range(1, 8 * 5 * 2 + 1)), "by outbox id, sequences of one key rise one by one"


async def test_the_second_writer_of_a_key_waits_for_the_first_to_commit(units: Units) -> None:
    """Otherwise the relay could see sequence 2 before sequence 1 exists."""
    session = uuid4()
    second_may_end = asyncio.Event()

    async def second() -> None:
        async with units.system() as unit:
            unit.emit(released(session, 2))
        second_may_end.set()

    async with units.system() as first:
        first.emit(released(session, 1))
        await first.flush()
        task = asyncio.create_task(second())
        await _until_somebody_waits(units)
        assert not second_may_end.is_set()
    await task

    assert [row["sequence"] for row in await rows(units)] == [1, 2]


async def test_whoever_waits_for_a_key_holds_none_that_comes_after_it(units: Units) -> None:
    """Whatever order its events came in: else two that wait for each other would end one of them."""
    low, high = sorted((uuid4(), uuid4()), key=str)

    async def both() -> None:
        async with units.system() as unit:
            unit.emit(released(high, 1))
            unit.emit(released(low, 2))

    async with units.system() as first:
        first.emit(released(low, 1))
        await first.flush()
        waiting = asyncio.create_task(both())
        await _until_somebody_waits(units)
        async with units.system() as third:
            third.emit(released(high, 1))
    await waiting

    assert [row["sequence"] for row in await rows(units) if row["key"] == str(high)] == [1, 2]


async def _until_somebody_waits(units: Units) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )

    async def waiting() -> bool:
        async with units.engine.connect() as connection:
            return bool(await connection.scalar(waits))

    await eventually(waiting, what="a transaction that waits for the key's counter")


async def test_headers_say_what_began_it(units: Units) -> None:
    async with units.system(Cause("request-1", "event-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")) as unit:
        unit.emit(released(uuid4(), 1))
    [row] = await rows(units)
    assert row["headers"]["ce_correlationid"] == "request-1"
    assert row["headers"]["ce_causationid"] == "event-1"
    assert row["headers"]["traceparent"].startswith("00-aaa")
    assert row["headers"]["ce_source"] == "/kursnav/booking"


async def test_an_anonymous_answer_tells_neither_moment_nor_request(units: Units) -> None:
    answer = SurveyAnswered(survey="participant", audience="participant", version=1, answers={"helped": "high"})
    async with units.system(Cause("request-1", None, "00-" + "a" * 32 + "-" + "b" * 16 + "-01")) as unit:
        unit.emit(answer, key=str(uuid4()))
    [row] = await rows(units)
    assert row["event_id"].version == 4
    assert {"ce_correlationid", "traceparent"}.isdisjoint(row["headers"])
    assert row["headers"]["ce_time"].endswith(":00:00Z")


async def test_other_events_are_named_by_time(units: Units) -> None:
    async with units.system() as unit:
        ids = [unit.emit(released(uuid4(), 1)) for _ in range(3)]
    assert all(event_id.version == 7 for event_id in ids)
    assert all(first.int >> 80 <= second.int >> 80 for first, second in pairwise(ids))


async def test_a_person_is_written_encrypted(units: Units) -> None:
    async with units.system() as unit:
        unit.emit(PersonChanged(family_name="Öberg", language="sv", protected=False), key="person/1")
    [row] = await rows(units)
    assert "Öberg".encode() not in row["value"]
    assert row["value"].startswith(b'{"kid":"test"')


async def test_a_tombstone_is_an_event_without_value(units: Units) -> None:
    async with units.system() as unit:
        unit.emit_tombstone(PersonChanged, key="person/1")
    [row] = await rows(units)
    assert (row["value"], row["sequence"], row["headers"]["ce_type"]) == (None, 1, PersonChanged.ce_type)


async def test_an_event_too_large_to_send_is_refused_when_it_is_written(units: Units) -> None:
    """Later it would hold back its key for ever."""
    large = PersonChanged(family_name="x" * MAX_VALUE_BYTES, language="sv", protected=False)
    with pytest.raises(Problem, match="413"):
        async with units.system() as unit:
            unit.emit(large, key="person/1")
    assert await rows(units) == []


async def test_a_key_must_be_given_where_the_data_names_none(units: Units) -> None:
    with pytest.raises(ValueError, match="does not name its key"):
        async with units.system() as unit:
            unit.emit(TrainerAssigned(trainer_id=UUID(int=1)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_an_event_stands_under_the_topic_and_key_that_its_contract_says(units: Units, path: Path) -> None:
    """The golden files say them; where the data names the key, nobody gives it."""
    golden = read(path)
    contract = by_type(golden["headers"]["ce_type"])
    assert contract is not None
    data = contract.model_validate_json(json.dumps(golden.get("decrypted", golden["value"])), strict=True)
    async with units.system() as unit:
        unit.emit(data, key=None if contract.key_format else golden["key"])
    [row] = await rows(units)
    assert (row["topic"], row["key"]) == (golden["topic"], golden["key"])
