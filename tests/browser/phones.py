"""A trainer's phone on its page, in Chromium: what it shows, what it holds, and what the server has of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from playwright.async_api import BrowserContext, Page, expect

from infra.local.code_flow import remember
from shared.security.roles import Role
from tests.browser.site import Site
from tests.support.answers import ok
from tests.support.booking_world import OREBRO, occasion
from tests.support.eventually import eventually

PAGE = "/narvaro/telefon"
NAMES = ("Asta", "Bo", "Cilla", "Didrik")
KEPT = """(stores) => Promise.all(stores.map(([name, store]) => new Promise((done) => {
  const opening = indexedDB.open(name)
  opening.onsuccess = () => {
    if (!opening.result.objectStoreNames.contains(store)) { opening.result.close(); return done([]) }
    const asking = opening.result.transaction(store).objectStore(store).getAll()
    asking.onsuccess = () => { opening.result.close(); done(asking.result) }
  }
})))"""


@dataclass
class Phone:
    """A phone on the page, signed in as the trainer of a session that is under way."""

    site: Site
    session: str
    trainer: str
    page: Page

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def open(self) -> None:
        await self.page.goto(self.site.address(f"{PAGE}#{self.session}"))
        await expect(self.page.locator("[data-part=people] > li")).to_have_count(len(NAMES))
        await self.page.evaluate("navigator.serviceWorker.ready")

    async def sign_in(self) -> None:
        remember(self.site.folder, "utbildare", trainer_id=self.trainer)
        await self.page.goto(self.site.address(f"/logga-in?till={PAGE}"))
        await self.page.click('[data-user="utbildare"]')
        await self.page.wait_for_url(f"**{PAGE}")

    def row(self, name: str) -> Any:
        return self.page.locator("[data-part=people] > li").filter(has_text=name)

    async def tap(self, *names: str, choice: str = "present") -> None:
        for name in names:
            await self.row(name).locator(f"[data-part={choice}]").click()
            await expect(self.row(name).locator(f"[data-part={choice}]")).to_have_attribute("aria-pressed", "true")

    async def send(self) -> None:
        await self.page.evaluate("dispatchEvent(new Event('online'))")

    async def shows(self, *, kept: int, waiting: int, refused: int = 0) -> None:
        for part, text in (
            ("kept", f"telefonen {kept}"),
            ("waiting", f"Väntar {waiting}"),
            ("refused", f"Nekat {refused}"),
        ):
            await expect(self.page.locator(f"#status [data-part={part}]")).to_contain_text(text)

    async def stored(self) -> dict[str, Any]:
        """What the phone's own databases hold."""
        stores = [["kursnav-notes", "notes"], ["kursnav-names", "days"], ["kursnav-names", "arrivals"]]
        notes, days, arrivals = await self.page.evaluate(KEPT, stores)
        return {"notes": notes, "days": days, "arrivals": arrivals}

    async def roll(self) -> dict[str, Any]:
        answer = await self.site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{self.session}/roll")
        return dict(ok(answer))

    async def marked(self) -> dict[str, str]:
        """What the server knows: first name and status."""
        people = (await self.roll())["people"]
        return {person["name"].split()[0]: mark["status"] for person in people for mark in person["marks"]}

    async def marks(self) -> list[dict[str, Any]]:
        answer = await self.site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{self.session}/marks")
        return list(ok(answer)["items"])


async def taught(site: Site, *, begins: timedelta = timedelta(minutes=2)) -> tuple[str, str]:
    """A session of today with four people, an hour long, and its trainer; attendance knows both."""
    person = {"name": "Uno", "email": "uno@example.se", "home_municipality": OREBRO, "qualifications": []}
    trainer = str((await site.world.post("/booking/v1/trainers", person))["id"])
    starts = datetime.now(UTC) + begins
    booked_at = starts - timedelta(days=1) if begins < timedelta() else None  # what is over was booked before
    fields: dict[str, Any] = {"trainers": [trainer], "occasions": [occasion(starts, hours=1, break_minutes=0)]}
    deadline = starts.isoformat()
    session = await site.world.session(10, starts=starts, cancellation_deadline=deadline, at=booked_at, **fields)
    staff = [await site.world.staff(OREBRO, given_name=name, family_name="Telefonsson") for name in NAMES]
    ok(await site.world.register(session, *staff, at=booked_at), 201)
    path = f"/attendance/v1/sessions/{session}/roll"

    async def arrived() -> int:
        answer = await site.client(Role.COORDINATOR).get(path)
        return sum(bool(one["name"]) for one in answer.json()["people"]) if answer.is_success else 0

    await eventually(arrived, until=lambda count: count == len(NAMES), what="the roll has its people")
    return session, trainer


async def teach(site: Site) -> None:
    """A trainer's session of today, two phones that contradict each other on it, and somebody unregistered."""
    session, trainer = await taught(site)
    roll = ok(await site.client(Role.COORDINATOR).get(f"/attendance/v1/sessions/{session}/roll"))
    [occasion], person = roll["occasions"], roll["people"][0]["participant_id"]
    site.ids |= {"taught": session, "trainer": trainer, "occasion": occasion["occasion_id"], "pupil": person}
    site.ids |= {"came": str(uuid4()), "conflict": await contradiction(site, session, trainer)}


async def contradiction(site: Site, session: str, trainer: str) -> str:
    """A conflict about the first person of a roll."""
    client, path = site.client(Role.TRAINER, trainer_id=trainer), f"/attendance/v1/sessions/{session}"
    roll = ok(await client.get(f"{path}/roll"))
    now = datetime.now(UTC).isoformat()
    mark = {
        "participant_id": roll["people"][0]["participant_id"],
        "occasion_id": roll["occasions"][0]["occasion_id"],
        "marked_at": now,
        "base_version": roll["roll_version"],
    }
    for status in ("present", "absent"):
        said = {**mark, "mark_id": str(uuid4()), "status": status}
        ok(await client.post(f"{path}/marks", json={"device_id": status, "device_time": now, "marks": [said]}))
    [conflict] = ok(await client.get(f"{path}/roll"))["conflicts"]
    return str(conflict["id"])
