"""Rounds of `make chaos`: faults that nobody chose by hand."""

import pytest

from tests.faults.chaos import HEADINGS, Kind, chaos, summary

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(1200)]

ROUNDS, SEED = 10, 40


async def test_every_invariant_holds_after_every_round() -> None:
    print(HEADINGS)
    async with chaos(SEED) as installation:
        for _ in range(ROUNDS):
            done = await installation.round()
            print(done.line())
            assert done.clean, done.line()
            assert done.tally.acknowledged > 0
    print(summary(installation.done))
    assert {fault.kind for one in installation.done for fault in one.faults} == set(Kind), "each kind came"
