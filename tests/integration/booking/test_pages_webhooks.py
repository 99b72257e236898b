"""A municipality tells its own systems, by pages: the secret is shown once, what was sent is seen and sent again."""

import re

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import NORA, World
from tests.support.browsers import browser, fields_of, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/webhooks"
URL = "https://93.184.215.14/kursnav"


async def test_it_is_added_with_a_secret_that_is_shown_once_changed_and_removed(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    made = await sent(municipality, f"{LIST}/ny", url=URL, events="registration-confirmed")
    [secret] = re.findall(r"whsec_[\w+/=]+", made.text)
    assert made.status_code == 200
    listed = (await municipality.get(LIST)).text
    [address] = set(re.findall(rf"{LIST}/[\w-]{{36}}", listed))
    assert "Någon får en plats" in (await municipality.get(address)).text
    other = await sent(municipality, f"{address}/hemlighet")
    assert re.findall(r"whsec_[\w+/=]+", other.text) not in ([], [secret])
    assert "whsec_" not in (await municipality.get(address)).text
    stranger = browser(world.origin, Role.MUNICIPALITY, municipality=NORA)
    assert (await stranger.get(address)).status_code == 404
    assert (await sent(municipality, f"{address}/ta-bort")).headers["location"] == LIST
    assert (await municipality.get(address)).status_code == 404


async def test_an_address_that_is_no_good_stands_at_its_field_with_what_was_chosen(
    municipality: httpx2.AsyncClient,
) -> None:
    refused = await sent(municipality, f"{LIST}/ny", url="https://127.0.0.1/x", events="session-cancelled")
    assert refused.status_code == 422
    assert 'href="#url"' in refused.text
    assert "Adressen är privat." in refused.text
    assert fields_of(refused.text)["events"] == "session-cancelled"


async def test_only_a_municipality_has_webhooks(world: World) -> None:
    office = browser(world.origin, Role.COORDINATOR)
    assert [(await office.get(address)).status_code for address in (LIST, f"{LIST}/ny")] == [403, 403]
