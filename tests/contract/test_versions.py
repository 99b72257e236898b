"""A new major version before its reader: kept as a dead letter, applied by the version that knows it."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from shared.contracts import registry
from shared.contracts.booking_v1 import ShareReleased
from shared.contracts.registry import EventData, event
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit, Units
from shared.messaging.delivery import Consumer, Delivery, Event, each
from shared.messaging.pipeline import Pipeline
from shared.messaging.replay import Replay, StillFails
from tests.support.events import record

NEXT_MAJOR = "se.kursnav.booking.share-released.v2"
NOTE = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('shares', :id, :key, :sequence, :note)"


@pytest.fixture
def next_major() -> Iterator[type[EventData]]:
    """The contract that the later version of this service knows besides the old one."""

    @event("booking.share-released.v2", topic=BOOKING, key="{session}")
    class ShareReleasedV2(EventData):
        session: UUID
        released: dict[str, int]

    yield ShareReleasedV2
    registry._by_type.pop(NEXT_MAJOR, None)


def reader(*known: type[EventData]) -> Consumer:
    async def note(unit: Unit, happened: Event) -> None:
        row = {"id": happened.id, "key": happened.key, "sequence": happened.sequence}
        await unit.execute(NOTE, {**row, "note": type(happened.data).__name__})

    return Consumer("shares", (BOOKING,), each(dict.fromkeys(known, note)), ordered=True)


async def test_an_unknown_major_is_replayed_by_a_later_version(units: Units, next_major: type[EventData]) -> None:
    session = uuid4()
    newer = record(
        session,
        2,
        value=f'{{"session": "{session}", "released": {{"1884": 2}}}}'.encode(),
        replaced=[("ce_type", NEXT_MAJOR.encode())],
    )
    later = registry._by_type.pop(NEXT_MAJOR)  # this version does not know it yet
    today = reader(ShareReleased)

    await Pipeline(today, units).build()(Delivery([record(session, 1), newer, record(session, 3)]))
    async with units.system() as unit:
        letters = [dict(row) for row in await unit.all('SELECT * FROM dead_letters ORDER BY "offset"')]
    assert [(row["reason"], row["state"]) for row in letters] == [("unknown-type", "dead"), ("parked", "parked")]
    with pytest.raises(StillFails, match="unknown-type"):
        await Replay(units, today, "operator-1", "too early").run(letters[0])

    registry._by_type[NEXT_MAJOR] = later
    updated = reader(ShareReleased, later)
    assert await Replay(units, updated, "operator-1", "updated").run(letters[0]) == 2

    async with units.system() as unit:
        effects = [(row["sequence"], row["note"]) for row in await unit.all("SELECT * FROM effects ORDER BY id")]
        states = {row["state"] for row in await unit.all("SELECT state FROM dead_letters")}
    assert effects == [(1, "ShareReleased"), (2, "ShareReleasedV2"), (3, "ShareReleased")]
    assert states == {"replayed"}
