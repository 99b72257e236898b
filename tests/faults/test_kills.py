"""SIGKILL at the worst places: after a restart every accepted write has exactly one effect everywhere."""

import asyncio
from uuid import uuid4

import pytest

from shared.contracts.topics import BOOKING
from shared.messaging.failpoints import Failpoint
from tests.faults.chain import POISON, Chain, new_key
from tests.support.events import headers_of
from tests.support.eventually import eventually
from tests.support.kafka_log import put

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.kill, pytest.mark.timeout(180)]

PLACES = [
    ("booking", Failpoint.AFTER_COMMIT_BEFORE_WAKE),
    ("booking", Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK),
    ("attendance", Failpoint.AFTER_EFFECT_BEFORE_COMMIT),
    ("attendance", Failpoint.AFTER_COMMIT_BEFORE_OFFSET),
    ("reporting", Failpoint.AFTER_COMMIT_BEFORE_OFFSET),
]


@pytest.mark.parametrize(("service", "place"), PLACES, ids=[f"{service} {place}" for service, place in PLACES])
async def test_a_registration_survives_a_kill(chain: Chain, service: str, place: Failpoint) -> None:
    session, undisturbed, staff = await chain.session(), await chain.session(), await chain.world.staff()
    await chain.register(undisturbed, staff, new_key())
    await chain.settled()
    key = new_key()

    await chain.armed(service, place)
    answer = await chain.register(session, staff, key)
    await chain.process(service).killed_itself()
    await chain.process(service).start()
    again = await chain.register(session, staff, key)

    assert again is not None
    assert (again.status_code, again.json()["results"][0]["outcome"]) == (201, "confirmed"), again.text
    if answer is not None:
        assert answer.content == again.content, "the same request has the same answer"
    await chain.settled()
    await chain.registered_once(session, staff)
    assert (await chain.roll(session))["roll_version"] == (await chain.roll(undisturbed))["roll_version"]
    await chain.invariants()


async def test_a_kill_while_a_dead_letter_is_written(chain: Chain) -> None:
    session, staff = await chain.session(), await chain.world.staff()
    await chain.register(session, staff, new_key())
    await chain.settled()
    await chain.armed("attendance", Failpoint.DURING_DEAD_LETTER)
    chain.poison += 1
    topic = chain.origin.prefix + BOOKING.name
    poison = [(new_key().encode(), POISON, headers_of(uuid4()))]
    await put(chain.origin.stack.bootstrap_servers, topic, poison)
    await chain.process("attendance").killed_itself()
    await chain.process("attendance").start()
    await chain.settled()

    for service in ("attendance", "reporting"):
        letters = await chain.origin.rows(service, "SELECT value, state FROM dead_letters")
        assert [(bytes(row["value"]), row["state"]) for row in letters] == [(POISON, "dead")] * chain.poison
    await chain.registered_once(session, staff)
    await chain.invariants()


@pytest.mark.parametrize("service", ["booking", "attendance", "reporting"])
async def test_a_kill_in_the_middle_of_many(chain: Chain, service: str) -> None:
    """No failpoint: wherever it happens to be. What was answered is there; what was not is there once or not at all."""
    session = await chain.session()
    staff = await chain.world.several(20)
    keys = {person: new_key() for person in staff}
    answers = [asyncio.create_task(chain.register(session, person, keys[person])) for person in staff]
    await eventually(lambda: any(answer.done() for answer in answers), what="the first answer")
    chain.process(service).kill()
    first = await asyncio.gather(*answers)
    await chain.process(service).start()

    for person, before in zip(staff, first, strict=True):
        again = await chain.register(session, person, keys[person])
        assert again is not None
        assert again.status_code == 201, again.text
        if before is not None and before.status_code == 201:
            assert again.content == before.content
    await chain.settled()
    await chain.registered_once(session, *staff)
    await chain.invariants()
