"""All three services with relay and consumers on the real broker and database; the demo's actors as their users."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from infra.demo.cast import Cast
from infra.local import mail_sink
from tests.support import services, tokens
from tests.support.documented import HOOKS
from tests.support.mailbox import mailbox
from tests.support.services import Origin
from tests.support.stack import Stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    """Every message is delivered twice and every first attempt of a handler fails (`tests.support.disturbed`).

    What is mailed can be read, as in the development stack.
    """
    async with mailbox() as box:
        mails = mail_sink.routes(box.folder)
        async with services.running(stack, extra=mails, settings=box.variables) as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(origin: Origin) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        transport=origin.transport, base_url=origin.base_url, timeout=60, event_hooks=HOOKS
    ) as open_client:
        yield open_client


@pytest.fixture(scope="module")
def cast(client: httpx2.AsyncClient) -> Cast:
    """Actors with tokens of the tests' issuer."""
    return Cast(
        client,
        lambda role, municipality, trainer: tokens.token(role, municipality=municipality, trainer_id=trainer),
    )
