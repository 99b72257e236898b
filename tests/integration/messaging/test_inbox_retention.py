"""An event that was applied long ago is forgotten, but never while a second copy of it may wait to be read."""

from uuid import uuid4

from shared.messaging.pipeline import TryAgain
from tests.support.eventually import eventually
from tests.support.notes import Notes

OLD = "UPDATE inbox SET applied_at = applied_at - interval '91 days'"
COUNT = "SELECT count(*) AS known FROM inbox"


async def test_the_inbox_forgets_only_when_nothing_waits_to_be_read(at_work: Notes) -> None:
    await at_work.write(uuid4(), 1)
    await at_work.caught_up()
    await at_work.rows(OLD)
    at_work.broken, at_work.error = {2}, TryAgain("the rule comes later")
    await at_work.write(uuid4(), 2)
    await eventually(at_work.position, until=lambda position: position["lag"] == 1, what="a record that waits")
    await at_work.service.forget_old(at_work.service.units)
    assert await known(at_work) == 1

    at_work.broken.clear()
    await at_work.caught_up()
    await at_work.service.forget_old(at_work.service.units)
    assert await known(at_work) == 1, "the one that was applied now"
    assert await at_work.rows("SELECT 1 FROM inbox WHERE applied_at < now() - interval '90 days'") == []


async def known(notes: Notes) -> int:
    [row] = await notes.rows(COUNT)
    return int(row["known"])
