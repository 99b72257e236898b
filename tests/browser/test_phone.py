"""The trainer's phone under everything that happens to phones: n taps, n outcomes (in Chromium)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Route, expect

from shared.security.roles import Role
from tests.browser.checks import sound
from tests.browser.phones import NAMES, PAGE, Phone, taught
from tests.browser.site import Site
from tests.support.answers import ok
from tests.support.booking_world import OREBRO
from tests.support.chromium import chromium
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

SYNC = "**/attendance/v1/sync"


Made = Callable[..., Awaitable[Phone]]


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, site: Site) -> AsyncIterator[Made]:
    """`phone = await made()`; `await made(of=phone)`: another phone of the same trainer."""
    contexts: list[BrowserContext] = []

    async def made(of: Phone | None = None, *, before: str = "", context: BrowserContext | None = None) -> Phone:
        if context is None:
            context = await browser.new_context(locale="sv-SE", viewport={"width": 360, "height": 740})
        contexts.append(context)
        if before:
            await context.add_init_script(before)
        session, trainer = (of.session, of.trainer) if of else await taught(site)
        one = Phone(site, session, trainer, await context.new_page())
        await one.sign_in()
        await one.open()
        return one

    yield made
    for context in contexts:
        await context.close()


# --- what happens to phones ------------------------------------------------------------------------------------------


async def test_taps_without_network_outlive_a_reload_and_are_sent_when_it_comes_back(phone: Made) -> None:
    one = await phone()
    await one.context.set_offline(True)
    await one.tap("Asta", "Bo")
    await one.tap("Cilla", choice="absent")
    await one.shows(kept=3, waiting=3)
    await one.page.reload()
    await one.shows(kept=3, waiting=3)
    await expect(one.row("Asta")).to_contain_text("Väntar på att skickas")
    assert await one.marked() == {}
    await one.context.set_offline(False)
    await one.shows(kept=3, waiting=0)
    assert await one.marked() == {"Asta": "present", "Bo": "present", "Cilla": "absent"}
    await expect(one.page.locator("#status")).to_contain_text("Senast kontakt")


async def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(phone: Made) -> None:
    """The server has it, and dies before its answer arrives."""
    one = await phone()

    async def answer_is_lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await one.page.route(SYNC, answer_is_lost)
    await one.tap("Asta", "Bo")
    await one.send()
    await eventually(one.marked, until=lambda found: len(found) == 2, what="the server has both")
    await one.shows(kept=2, waiting=2)
    await one.page.unroute(SYNC)
    await one.send()
    await one.shows(kept=2, waiting=0)
    assert len(await one.marks()) == 2


@pytest.mark.parametrize("status", [502, 200], ids=["gateway", "hotel"])
async def test_what_a_gateway_says_is_no_answer(phone: Made, status: int) -> None:
    one = await phone()
    await one.page.route(
        SYNC, lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>Wifi</h1>")
    )
    await one.tap("Asta")
    await one.send()
    await one.shows(kept=1, waiting=1)
    await one.page.unroute(SYNC)
    await one.send()
    await one.shows(kept=1, waiting=0)


async def test_a_browser_that_was_closed_has_everything_when_it_is_opened(
    browser: Browser, phone: Made, tmp_path: Path
) -> None:
    def opened() -> Awaitable[BrowserContext]:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=chromium(), args=["--no-sandbox"], locale="sv-SE"
        )

    one = await phone(context=await opened())
    await one.context.set_offline(True)
    await one.tap("Asta", "Didrik")
    await one.shows(kept=2, waiting=2)
    await one.context.close()
    again = await phone(of=one, context=await opened())
    await again.shows(kept=2, waiting=0)
    assert await again.marked() == {"Asta": "present", "Didrik": "present"}


async def test_a_store_that_is_closed_under_the_page_is_opened_again(phone: Made) -> None:
    one = await phone(before=OPENED)
    await one.page.evaluate("window.connections.forEach((connection) => connection.close())")
    await one.tap("Asta")
    await one.page.evaluate("window.connections.forEach((connection) => connection.close())")
    await one.tap("Bo")
    await one.send()
    await one.shows(kept=2, waiting=0)
    assert await one.marked() == {"Asta": "present", "Bo": "present"}


OPENED = """
window.connections = []
const open = IDBFactory.prototype.open
IDBFactory.prototype.open = function (...asked) {
  const opening = open.apply(this, asked)
  opening.addEventListener('success', () => window.connections.push(opening.result))
  return opening
}
"""


async def test_what_the_phone_cannot_save_is_said_in_red_and_not_shown_as_marked(phone: Made) -> None:
    one = await phone()
    await one.page.evaluate(FULL)
    button = one.row("Asta").locator("[data-part=present]")
    await button.click()
    await expect(one.page.locator("#warn-broken")).to_be_visible()
    await expect(button).to_have_attribute("aria-pressed", "false")
    await one.page.evaluate("() => { IDBObjectStore.prototype.put = window.put }")
    await one.tap("Asta")
    await expect(one.page.locator("#warn-broken")).to_be_hidden()


FULL = """() => {
  window.put = IDBObjectStore.prototype.put
  IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }
}"""


async def test_a_clock_that_is_wrong_by_hours_marks_at_the_right_time(phone: Made) -> None:
    one = await phone()
    real = datetime.now(UTC)
    await one.page.clock.install(time=real + timedelta(hours=3))
    await one.page.reload()
    await one.tap("Asta")
    await one.send()
    await one.shows(kept=1, waiting=0)
    [mark] = await one.marks()
    assert abs(datetime.fromisoformat(mark["marked_at"]) - real) < timedelta(seconds=60)
    assert datetime.fromisoformat(mark["device_marked_at"]) - real > timedelta(hours=2)


async def test_a_sign_in_that_has_expired_keeps_the_queue(phone: Made) -> None:
    one = await phone()
    await one.context.clear_cookies()
    await one.tap("Asta")
    await one.send()
    await expect(one.page.locator("#warn-sign-in")).to_be_visible()
    await one.shows(kept=1, waiting=1)
    await one.sign_in()
    await one.open()
    await one.shows(kept=1, waiting=0)
    assert await one.marked() == {"Asta": "present"}


async def test_two_tabs_send_each_note_once(phone: Made) -> None:
    one = await phone()
    other = Phone(one.site, one.session, one.trainer, await one.context.new_page())
    await other.open()
    sent: list[str] = []
    for each in (one, other):
        each.page.on("request", lambda request: sent.extend(marks_in(request.post_data)))
    await one.tap("Asta", "Bo")
    await other.tap("Cilla", "Didrik")
    await asyncio.gather(one.send(), other.send())
    for each in (one, other):
        await each.shows(kept=4, waiting=0)
    assert sorted(sent) == sorted(mark["mark_id"] for mark in await one.marks()), "once each"
    assert len(sent) == len(NAMES)


def marks_in(body: str | None) -> list[str]:
    sessions = json.loads(body).get("sessions", []) if body else []
    return [mark["mark_id"] for session in sessions for mark in session["marks"]]


async def test_two_phones_that_contradict_each_other_show_it_at_the_person(phone: Made) -> None:
    one = await phone()
    other = await phone(of=one)
    for each in (one, other):
        await each.context.set_offline(True)
    await one.tap("Asta", "Bo")
    await other.tap("Asta", choice="absent")
    await other.tap("Bo")
    for each, kept in ((one, 2), (other, 2)):
        await each.context.set_offline(False)
        await each.send()
        await each.shows(kept=kept, waiting=0)
    assert len(await one.marks()) == 4
    assert await one.marked() == {"Bo": "present"}
    await one.send()
    for each in (one, other):
        await expect(each.row("Asta")).to_contain_text("Två märkningar säger olika")


# --- what can be done on it ------------------------------------------------------------------------------------------


async def test_a_refused_note_is_said_at_the_person_and_holds_up_no_other(phone: Made) -> None:
    one = await phone()
    row = one.row("Asta")
    await row.locator("[data-part=partial]").click()
    await row.locator("[name=minutes]").fill("-5")
    await row.locator("[data-part=partly] button").click()
    await one.tap("Bo")
    await one.send()
    await one.shows(kept=2, waiting=0, refused=1)
    await expect(row).to_contain_text("nekades")
    await row.locator("[data-part=remove]").click()
    await one.shows(kept=1, waiting=0)
    assert await one.marked() == {"Bo": "present"}


async def test_a_tap_is_taken_back_and_a_reason_given(phone: Made) -> None:
    one = await phone()
    await one.context.set_offline(True)
    await one.tap("Asta")
    await one.row("Asta").locator("[data-part=undo]").click()
    await one.shows(kept=0, waiting=0)
    await one.tap("Bo", choice="absent")
    await one.row("Bo").locator("[data-reason=illness]").click()
    await expect(one.row("Bo")).to_contain_text("sjuk")
    await one.context.set_offline(False)
    await one.send()
    await one.shows(kept=2, waiting=0)
    [person] = [one for one in (await one.roll())["people"] if one["marks"]]
    assert person["marks"][0]["absence_reason"] == "illness"


async def test_who_came_unannounced_is_with_booking_and_the_name_leaves_the_phone(phone: Made) -> None:
    one = await phone()
    await one.context.set_offline(True)
    await one.page.click("text=Lägg till någon som kom oanmäld")
    await one.page.fill("#walk-in-name", "Kim Källare")
    await one.page.select_option("#walk-in-municipality", OREBRO)
    await one.page.locator("[data-part=walk-in] button").click()
    await one.tap("Kim Källare")
    await one.shows(kept=2, waiting=2)
    assert [each["name"] for each in (await one.stored())["arrivals"]] == ["Kim Källare"]
    await one.context.set_offline(False)
    await one.send()
    await one.shows(kept=2, waiting=0)
    stored = await one.stored()
    assert (stored["arrivals"], "Källare" in json.dumps(stored["notes"])) == ([], False)
    [came] = (await one.site.world.get("/booking/v1/walk-ins", session=one.session))["items"]
    assert (came["name"], came["state"]) == ("Kim Källare", "to-identify")
    [shown] = (await one.roll())["walk_ins"]
    assert (shown["walk_in_id"], [mark["status"] for mark in shown["marks"]]) == (came["walk_in_id"], ["present"])


async def test_signing_out_takes_the_names_and_leaves_what_waits(phone: Made) -> None:
    one = await phone()
    await one.page.route(SYNC, lambda route: route.abort())
    await one.tap("Asta")
    await one.shows(kept=1, waiting=1)
    await one.page.click("#sign-out button")
    await one.page.wait_for_url(one.site.address("/"))
    stored = await one.stored()
    assert (len(stored["notes"]), stored["days"]) == (1, [])
    assert "Telefonsson" not in json.dumps(stored)


async def test_the_code_is_made_without_network_and_is_the_servers(phone: Made) -> None:
    one = await phone()
    await one.context.set_offline(True)
    await one.page.goto(one.site.address(f"{PAGE}#{one.session}/kod"))
    shown = one.page.locator("#view-kod [data-part=code]")
    client = one.site.client(Role.TRAINER, trainer_id=one.trainer)
    occasion_id = (await one.roll())["occasions"][0]["occasion_id"]
    path = f"/attendance/v1/sessions/{one.session}/check-in-code?occasion_id={occasion_id}"

    async def agrees() -> bool:
        code: str = ok(await client.get(path))["code"]
        return (await shown.inner_text()).replace(" ", "") == code

    await eventually(agrees, what="the same code")
    await expect(one.page.locator("#view-kod [data-part=address]")).to_contain_text("/incheckning/")
    await sound(one.page)


async def test_attesting_says_what_it_means_and_why_not_yet(phone: Made) -> None:
    one = await phone()
    await one.tap("Asta")
    await one.page.click("text=Attestera listan")
    numbers = one.page.locator("#view-attestera dd")
    await expect(numbers).to_have_text(["1", "0", "3"])
    await one.page.click("#view-attestera button")
    await expect(one.page.locator("[data-part=why]")).to_contain_text("Kurstillfället är inte slut")
    await sound(one.page)


async def test_heads_are_counted(phone: Made) -> None:
    one = await phone()
    await one.page.click("text=Räkna antal")
    await one.page.fill("#heads-count", "14")
    await one.page.click("text=Spara antalet")
    await expect(one.page.locator("[data-part=heads-state]")).to_contain_text("14 räknade")
    await one.send()
    await one.shows(kept=1, waiting=0)
    assert (await one.roll())["occasions"][0]["head_count"] == 14


async def test_reset_keeps_what_waits(phone: Made) -> None:
    one = await phone()
    await one.page.route(SYNC, lambda route: route.abort())
    await one.tap("Asta")
    await one.page.click("text=Alla kurstillfällen")
    await one.page.click("summary:has-text('Telefonen')")
    async with one.page.expect_event("load"):  # it loads itself anew, which would undo what is opened before that
        await one.page.click("#reset")
    await one.page.unroute(SYNC)
    await one.open()
    await one.send()
    await one.shows(kept=1, waiting=0)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_the_roll_is_sound_at_320_px_and_every_target_is_44_px(phone: Made, language: str) -> None:
    one = await phone()
    await one.page.set_viewport_size({"width": 320, "height": 740})
    await one.page.goto(one.site.address(f"{PAGE}?sprak={language}#{one.session}"))
    await one.tap("Asta", choice="absent")
    await one.row("Bo").locator("[data-part=partial]").click()
    await one.page.evaluate("scrollTo(0, 0)")  # the bar on top lies over what is scrolled beneath it
    await sound(one.page, language)
    small = await one.page.evaluate(SMALL)
    assert small == []


SMALL = """() => [...document.querySelectorAll('main button, main input, main select, main summary + form input')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.trim() || one.name, one.getBoundingClientRect().height])
  .filter(([, height]) => height < 44)"""


async def test_another_trainer_on_the_same_phone_sees_no_names_and_sends_nothing_of_the_first(
    phone: Made, site: Site
) -> None:
    one = await phone()
    await one.page.route(SYNC, lambda route: route.abort())
    await one.tap("Asta")
    _, trainer = await taught(site)
    other = Phone(site, one.session, trainer, one.page)
    await one.context.set_offline(False)
    await other.sign_in()
    await expect(one.page.locator("[data-part=others]")).to_contain_text("annan utbildningsledare")
    await one.page.unroute(SYNC)  # not before: the phone tries again by itself
    await other.send()
    await other.shows(kept=1, waiting=1)
    assert await one.marked() == {}
    stored = await other.stored()
    assert all(roll["session_id"] != one.session for day in stored["days"] for roll in day["rolls"])
    assert stored["notes"][0]["trainer_id"] == one.trainer
