"""The services as `kursnav serve` has them: behind one origin, each under its prefix, alone or with its consumers."""

import pytest

from infra.settings import SERVICES
from shared.security.roles import Role
from tests.support.eventually import eventually
from tests.support.services import api, running
from tests.support.stack import Stack
from tests.support.tokens import token


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_alone_stands_under_its_prefix(stack: Stack, service: str) -> None:
    async with api(stack, service) as origin:
        answer = await origin.client().get(f"/{service}/health/live")
    assert answer.status_code == 200


@pytest.mark.parametrize("service", SERVICES)
async def test_a_token_of_another_issuer_is_refused(stack: Stack, service: str) -> None:
    async with api(stack, service) as origin:
        foreign = {"Authorization": f"Bearer {token(Role.OPERATOR, iss='https://elsewhere.test')}"}
        answer = await origin.client().get(f"/{service}/v1/dead-letters", headers=foreign)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_all_services_start_together_and_have_nothing_left_to_do(stack: Stack) -> None:
    async with running(stack) as origin:
        await origin.settled()
        for service in SERVICES:
            ready = await origin.client().get(f"/{service}/health/ready")
            assert ready.status_code == 200, ready.text


@pytest.mark.kill
async def test_a_service_in_a_process_of_its_own_can_be_killed_and_started_again(stack: Stack) -> None:
    async with running(stack, ["booking"], processes=["booking"]) as origin:
        booking = origin.processes["booking"]
        await booking.start()
        assert (await origin.client().get("/booking/health/live")).status_code == 200
        booking.kill()
        await booking.start()
        await eventually(lambda: origin.position("booking"), until=lambda position: not any(position.values()))
