"""A round of `make chaos`: faults that nobody chose by hand."""

import pytest

from tests.faults.chaos import chaos

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(240)]

ROUNDS, SEED = 1, 40


async def test_every_invariant_holds_after_every_round() -> None:
    async with chaos(SEED) as installation:
        for number in range(1, ROUNDS + 1):
            done = await installation.round(number)
            print(done.line())
            assert done.clean, done.line()
            assert done.tally.acknowledged > 0
