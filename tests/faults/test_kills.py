"""SIGKILL at the worst places: after a restart every accepted write has exactly one effect everywhere.

Every failpoint in every service that comes to it. Those that a service cannot come to:

- reporting publishes nothing, so no change with its events is about to commit there, nothing is sent, acknowledged or
  marked, and no relay is woken; its facts are their own inbox, so there is no other insert;
- booking and attendance have no second version of their tables beside the first, so nothing is compared, swapped or
  dropped: `kursnav rebuild reporting` does that, and `tests/integration/reporting/test_rebuild.py` kills it there.

Mail is sent by the mechanisms alone, which `test_mechanisms_killed.py` kills.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx2
import pytest

from infra.settings import SERVICES
from shared.contracts.topics import ATTENDANCE, BOOKING
from tests.faults.chain import Chain, new_key
from tests.support.eventually import eventually
from tests.support.failpoints import Failpoint
from tests.support.poison import FORMS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.kill]

PUBLISHING = ("booking", "attendance")
PLACES = {
    Failpoint.BEFORE_COMMIT: PUBLISHING,
    Failpoint.AFTER_COMMIT_BEFORE_WAKE: PUBLISHING,
    Failpoint.AFTER_SEND_BEFORE_ACKNOWLEDGEMENT: PUBLISHING,
    Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK: PUBLISHING,
    Failpoint.AFTER_INBOX: PUBLISHING,
    Failpoint.AFTER_EFFECT_BEFORE_COMMIT: SERVICES,
    Failpoint.AFTER_COMMIT_BEFORE_OFFSET: SERVICES,
    Failpoint.DURING_DEAD_LETTER: SERVICES,
    Failpoint.DURING_LEASE_RENEWAL: SERVICES,
}
OF_REBUILDS = {Failpoint.BEFORE_COMPARE, Failpoint.DURING_SWAP, Failpoint.AFTER_SWAP_BEFORE_DROP}
OF_MAIL = {Failpoint.BEFORE_MAIL, Failpoint.AFTER_MAIL_BEFORE_COMMIT}
ATTESTED = "SELECT attested FROM roll_states WHERE session_id = $1::text::uuid"
SEALED = "SELECT data FROM facts_v1.facts WHERE key = $1 AND type LIKE '%roll-attested%'"


async def test_no_failpoint_is_left_out() -> None:
    assert set(PLACES) | OF_REBUILDS | OF_MAIL == set(Failpoint)


@pytest.mark.parametrize(("place", "services"), PLACES.items(), ids=PLACES)
async def test_all_that_come_there_die_and_nothing_is_lost_or_doubled(
    chain: Chain, place: Failpoint, services: Sequence[str]
) -> None:
    """A person is registered on a session, which goes through all three; the roll of another is attested, which comes
    back to booking.
    """
    session, other = await chain.session(), await chain.session()
    staff, key = await chain.world.staff(), new_key()
    await chain.settled()  # a session and its first registration would else be one change of the roll or two
    await chain.register(other, staff, new_key())
    await chain.settled()
    version = (await chain.roll(other))["roll_version"]

    async def poisoned() -> None:
        for topic in (BOOKING, ATTENDANCE) if place is Failpoint.DURING_DEAD_LETTER else ():
            await chain.poisoned(topic, FORMS[0].on(topic))

    await chain.armed(dict.fromkeys(services, place))
    registered, attested, *_ = await asyncio.gather(
        insisted(lambda: chain.register(session, staff, key)),
        insisted(lambda: chain.attest(other, version)),
        poisoned(),
        chain.died_and_started(services),
    )
    again = await insisted(lambda: chain.register(session, staff, key))

    assert registered.json()["results"][0]["outcome"] == "confirmed"
    assert again.content == registered.content, "the same request has the same answer"
    await chain.settled()
    await chain.registered_once(session, staff)
    assert (await chain.roll(session))["roll_version"] == version, "each event was applied once"
    assert (await chain.roll(other))["sealed_hash"] == attested.json()["sealed_hash"]
    assert await chain.origin.rows("booking", ATTESTED, other) == [{"attested": True}]
    assert len(await chain.origin.rows("reporting", SEALED, other)) == 1
    await chain.invariants()


async def insisted(send: Callable[[], Awaitable[httpx2.Response | None]]) -> httpx2.Response:
    """The first answer that is a success: whoever gets none asks again."""
    answer = await eventually(
        send, within=60, until=lambda answer: answer is not None and answer.is_success, what="success"
    )
    assert answer is not None
    return answer


@pytest.mark.parametrize("services", [("booking",), ("attendance", "reporting")], ids="+".join)
async def test_a_kill_in_the_middle_of_many(chain: Chain, services: tuple[str, ...]) -> None:
    """No failpoint: wherever it happens to be. What was answered is there; what was not is there once all the same
    when it is sent again.
    """
    session = await chain.session()
    staff = await chain.world.several(15)
    keys = {person: new_key() for person in staff}
    answers = [asyncio.create_task(chain.register(session, person, keys[person])) for person in staff]
    await eventually(lambda: any(answer.done() for answer in answers), what="the first answer")
    for service in services:
        chain.process(service).kill()
    first = await asyncio.gather(*answers)
    await asyncio.gather(*(chain.process(service).start() for service in services))

    for person, before in zip(staff, first, strict=True):
        again = await chain.register(session, person, keys[person])
        assert again is not None
        assert again.status_code == 201, again.text
        if before is not None and before.status_code == 201:
            assert again.content == before.content
    await chain.settled()
    await chain.registered_once(session, *staff)
    await chain.invariants()
