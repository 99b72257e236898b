"""What an operator sees: readiness, position, metrics."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from shared.security.roles import Role
from tests.support.events import released
from tests.support.eventually import eventually
from tests.support.mechanisms import SERVICE
from tests.support.notes import Notes, serving
from tests.support.stack import Stack


class TestReadiness:
    async def test_ready_when_database_and_consumers_are(self, at_work: Notes) -> None:
        async def status() -> int:
            return (await at_work.client.get("/health/ready")).status_code

        await eventually(status, until=lambda code: code == 200, what="ready")
        assert (await at_work.client.get("/health/live")).status_code == 200

    async def test_an_old_database_is_named_with_the_command(self, stack: Stack, database: str, prefix: str) -> None:
        async with serving(stack, database, prefix=prefix, messaging=True, revision="0000") as service:
            answer = await service.client.get("/health/ready")
            assert answer.status_code == 503
            assert any("kursnav migrate" in what for what in answer.json()["missing"])
            assert (await service.client.get("/health/live")).status_code == 200, "alive all the same"


class TestPosition:
    async def test_everything_is_zero_when_everything_has_arrived(self, at_work: Notes) -> None:
        await at_work.write(uuid4(), 1, 2, 3)
        await eventually(at_work.effects, until=lambda effects: len(effects) == 3)
        expected = {"outbox_unsent": 0, "lag": 0, "held": 0, "parked": 0, "dead_letters": 0}
        await eventually(at_work.position, until=lambda position: position == expected, what="settled")

    async def test_what_is_committed_here_is_sent_and_comes_back(self, at_work: Notes) -> None:
        async with at_work.service.units.system() as unit:
            unit.emit(released(uuid4(), 1))
        await eventually(at_work.effects, until=lambda effects: effects == [1])

    async def test_many_may_ask_at_once(self, at_work: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
        """However slow the machine: nobody is told to come again, which is right, but not what this is about."""
        monkeypatch.setattr(at_work.service.engine.pool, "_timeout", 60.0)
        asked = (at_work.ask("/v1/position", Role.COORDINATOR) for _ in range(100))  # more than there are connections
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}

    async def test_a_silent_database_is_busy(self, at_work: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
        """It takes the connection and says nothing: what asyncpg raises then."""

        async def silence(*_: object, **__: object) -> None:
            raise TimeoutError

        await at_work.caught_up()
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg, "connect", silence)
            await at_work.service.engine.dispose()
            answer = await at_work.ask("/v1/position")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")

    async def test_any_role_may_ask(self, at_work: Notes) -> None:
        for role in (Role.COORDINATOR, Role.MUNICIPALITY, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR):
            assert (await at_work.ask("/v1/position", role)).status_code == 200
        assert (await at_work.client.get("/v1/position")).status_code == 401


async def test_metrics_tell_outbox_lag_and_dead_letters(at_work: Notes) -> None:
    at_work.broken = {1}
    await at_work.write(uuid4(), 1)
    await at_work.caught_up()

    async def text() -> str:
        return (await at_work.client.get("/metrics")).text

    dead = f'kursnav_dead_letters{{service="{SERVICE}",state="dead"}} 1.0'
    shown = await eventually(text, until=lambda text: dead in text, what="the dead letter in the metrics")
    for name in ("kursnav_outbox_age_seconds", "kursnav_consumer_lag", "kursnav_http_request_seconds_count"):
        assert f"{name}{{" in shown
    assert str(uuid4())[:8] not in shown
