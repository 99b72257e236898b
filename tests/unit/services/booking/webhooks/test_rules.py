"""When a delivery is tried again, what an answer means, and which events there are."""

from datetime import timedelta
from typing import get_args

import pytest

from services.booking.webhooks.bodies import EventName
from services.booking.webhooks.rules import PAUSES, Fate, fate
from shared.contracts import registry
from shared.contracts.topics import BOOKING


def test_attempts_go_on_for_three_days() -> None:
    assert PAUSES[:3] == (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))
    assert timedelta(hours=71) < sum(PAUSES, timedelta()) <= timedelta(days=3)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, Fate.DELIVERED) for status in (200, 202, 204)),
        *((status, Fate.AGAIN) for status in (None, 100, 301, 302, 307, 400, 404, 429, 500)),
        (410, Fate.UNWANTED),
    ],
)
def test_what_an_answer_means(status: int | None, expected: Fate) -> None:
    assert fate(status, 0) is expected


def test_after_the_last_attempt_it_has_failed() -> None:
    assert fate(500, len(PAUSES) - 1) is Fate.AGAIN
    assert fate(500, len(PAUSES)) is Fate.FAILED


def test_all_types_of_bookings_topic_can_be_had() -> None:
    types = {contract.ce_type.split(".")[3] for contract in registry.all_contracts() if contract.topic is BOOKING}
    assert set(get_args(EventName)) == types
