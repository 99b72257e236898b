"""Poison in every form on a real broker, all of it at once: what stands around it is applied."""

from collections import Counter
from dataclasses import replace

import pytest

from shared.contracts.topics import ATTENDANCE, BOOKING, PEOPLE
from shared.database.unit_of_work import Units
from shared.messaging.pipeline import Pipeline
from shared.security.cipher import Cipher
from tests.integration.messaging.test_consuming import Reader
from tests.support.disturbed import Disturbed
from tests.support.poison import FORMS, good
from tests.support.services import PEOPLE_KEYS
from tests.support.stack import Stack

TOPICS = (BOOKING, ATTENDANCE, PEOPLE)


@pytest.mark.parametrize("pipeline", [Pipeline, Disturbed], ids=["plain", "disturbed"])
async def test_each_becomes_its_dead_letter_and_no_good_event_does(
    stack: Stack, prefix: str, units: Units, pipeline: type[Pipeline]
) -> None:
    reader = Reader(stack, prefix, replace(units, cipher=Cipher.from_setting(PEOPLE_KEYS)))
    expected: Counter[tuple[str, str]] = Counter()
    for topic in TOPICS:
        forms = [form for form in FORMS if topic in form.topics]
        expected.update((topic.name, form.reason) for form in forms)
        await reader.write(good(topic), *(form.on(topic) for form in forms), good(topic), topic=topic)

    async with reader.running(pipeline, topics=TOPICS) as consuming:
        await reader.caught_up(consuming)

    letters = await reader.rows("SELECT topic, reason FROM dead_letters WHERE state = 'dead'")
    assert Counter((letter["topic"], letter["reason"]) for letter in letters) == expected
    assert len(await reader.effects()) == 2 * len(TOPICS)
