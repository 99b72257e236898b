"""The live figures that the benchmark follows, with a few listeners."""

from infra.bench.live import listeners
from shared.security.roles import Role
from tests.support import databases, tokens
from tests.support.services import running
from tests.support.stack import Stack


async def test_each_listener_is_told_each_fact(stack: Stack) -> None:
    async with running(stack, ["booking", "reporting"], processes=["reporting"]) as origin:
        service = origin.processes["reporting"]
        await service.start()
        url = databases.superuser_url(stack.admin_url, origin.databases["booking"])
        token = tokens.token(Role.FUNDER)
        heard = await listeners(service.port, url, token, lambda: 0.0, lambda: 0.0, many=5, facts=2)
    assert (heard.listeners, len(heard.seconds)) == (5, 2 * 5)
    assert min(heard.seconds) > 0
