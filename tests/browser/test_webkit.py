"""The trainer's phone in the engine of iPhones: what is tapped without network is kept, and sent when it is back."""

import pytest

from infra.local.code_flow import remember
from shared.security.roles import Role
from tests.browser.phones import PAGE, taught
from tests.browser.site import Site
from tests.browser.webkit import MISSING, Line, WebKit, is_missing, webkit
from tests.support.answers import ok
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.skipif(is_missing(), reason=MISSING)
async def test_taps_without_network_outlive_a_reload_and_are_sent_when_it_comes_back(site: Site) -> None:
    session, trainer = await taught(site)
    remember(site.folder, "utbildare", trainer_id=trainer)
    line = Line(int(site.base_url.rsplit(":", 1)[1]))
    async with webkit() as phone:
        async with line:
            await phone.open(site.address("/logga-in"))
            await phone.click('//*[@data-user="utbildare"]')
            await eventually(lambda: phone.run("return location.pathname"), until=lambda path: path == "/narvaro")
            await phone.open(line.address(f"{PAGE}#{session}"))
            await phone.shows("[data-part=people]", "Asta", "Didrik")
            await eventually(lambda: phone.run("return Boolean(navigator.serviceWorker.controller)"), what="the worker")
        await tap(phone, "Asta", "present")
        await tap(phone, "Bo", "absent")
        await phone.shows("#status", "telefonen 2", "Väntar 2")
        await phone.reload()
        await phone.shows("#status", "telefonen 2", "Väntar 2")
        async with line:
            await phone.run("dispatchEvent(new Event('online'))")
            await phone.shows("#status", "telefonen 2", "Väntar 0", "Nekat 0")
    roll = ok(await site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{session}/roll"))
    marked = {person["name"].split()[0]: one["status"] for person in roll["people"] for one in person["marks"]}
    assert marked == {"Asta": "present", "Bo": "absent"}


async def tap(phone: WebKit, name: str, choice: str) -> None:
    row = f'//*[@data-part="people"]/li[contains(., "{name}")]'
    await phone.click(f'{row}//*[@data-part="{choice}"]')
    pressed = f"return document.evaluate('{row}//*[@data-part=\"{choice}\"]', document).iterateNext().ariaPressed"
    await eventually(lambda: phone.run(pressed), until=lambda said: said == "true", what=f"{name} is {choice}")
