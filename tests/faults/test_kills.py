"""SIGKILL at the worst places: after a restart every accepted write has exactly one effect everywhere."""

import asyncio

import pytest

from shared.messaging.failpoints import Failpoint
from tests.faults.chain import Chain, new_key
from tests.support.eventually import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.kill, pytest.mark.timeout(240)]

ROUNDS = {
    "commit without send, effect without commit, commit without offset": {
        "booking": Failpoint.AFTER_COMMIT_BEFORE_WAKE,
        "attendance": Failpoint.AFTER_EFFECT_BEFORE_COMMIT,
        "reporting": Failpoint.AFTER_COMMIT_BEFORE_OFFSET,
    },
    "send without mark, commit without offset, effect without commit": {
        "booking": Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK,
        "attendance": Failpoint.AFTER_COMMIT_BEFORE_OFFSET,
        "reporting": Failpoint.AFTER_EFFECT_BEFORE_COMMIT,
    },
}


@pytest.mark.parametrize("places", ROUNDS.values(), ids=ROUNDS.keys())
async def test_a_registration_survives_the_death_of_every_service(chain: Chain, places: dict[str, Failpoint]) -> None:
    session, undisturbed, staff = await chain.session(), await chain.session(), await chain.world.staff()
    await chain.register(undisturbed, staff, new_key())
    await chain.settled()
    key = new_key()

    await chain.armed(places)
    answer = await chain.register(session, staff, key)
    await chain.died_and_started(places)
    again = await chain.register(session, staff, key)

    assert again is not None
    assert (again.status_code, again.json()["results"][0]["outcome"]) == (201, "confirmed"), again.text
    if answer is not None:
        assert answer.content == again.content, "the same request has the same answer"
    await chain.settled()
    await chain.registered_once(session, staff)
    assert (await chain.roll(session))["roll_version"] == (await chain.roll(undisturbed))["roll_version"]
    await chain.invariants()


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
