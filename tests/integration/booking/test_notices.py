"""Who gets which mail, and what calendars hold because of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from services.booking.retention import forget_old
from shared.security.roles import Role
from tests.support.answers import answered, problem
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, occasion
from tests.support.browsers import browser
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.mailbox import Diary, Mailed, mailbox
from tests.support.services import running
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

STARTS = NOW + 30 * DAY
_numbers = count(1)
Json = dict[str, Any]


@dataclass
class Notices(Mailed):
    """A project whose booking service sends its mail here."""

    world: World

    async def person(self, **fields: Any) -> tuple[str, str]:
        """The staff id and the address of a new person."""
        address = f"person{next(_numbers)}@example.se"
        return await self.world.staff(**{"email": address, **fields}), address

    async def notices(self, session: str, **query: Any) -> list[Json]:
        found: list[Json] = (await self.world.get("/booking/v1/notices", session=session, **query))["items"]
        return found

    async def sweep(self, now: datetime) -> None:
        await self.pass_time(now)
        await self.sent()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_post(stack: Stack) -> AsyncIterator[Notices]:
    clock = FixedClock(NOW)
    async with mailbox() as box, running(stack, ["booking"], clock=clock, settings=box.variables) as origin:
        world = await World.made(origin, clock, office_email="kontor@example.se")
        yield Notices("booking", origin, box, clock, world)


@pytest_asyncio.fixture(loop_scope="module")
async def post(shared_post: Notices) -> Notices:
    shared_post.clock.at = NOW
    return shared_post


async def test_an_invitation_says_course_time_and_place_and_nothing_of_the_person(post: Notices) -> None:
    staff, address = await post.person(given_name="Annalisa", family_name="Bergkvist")
    session = await post.world.session(starts=STARTS)
    await post.world.register(session, staff)
    [mail] = await post.box.until(1, address)
    assert mail["subject"] == "Kallelse: Kurs TR1 1 apr. 2026"
    for text in (mail["text"], mail["html"]):
        assert "Kurs TR1" in text
        assert "onsdag 1 april 2026 kl. 11–19" in text
        assert "Konserthuset, Örebro" in text
        assert "Annalisa" not in text
        assert "1980" not in text
    assert mail["calendar_method"] == "REQUEST"
    assert "Invitation" not in mail["text"]


async def test_an_invitation_lets_bookings_pass_that_crowd(post: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, passed = asyncio.Semaphore(0), asyncio.Event()

    async def let_pass() -> None:
        waits.release()
        await passed.wait()

    (staff, address), session = await post.person(), await post.world.session(starts=STARTS)
    await post.sent()
    monkeypatch.setattr(post.origin.services["booking"].consuming, "let_pass", let_pass)
    await post.world.register(session, staff)
    await asyncio.gather(waits.acquire(), waits.acquire())  # notices, and webhooks, which can wait too
    assert await post.notices(session) == []
    passed.set()
    await post.box.until(1, address)


async def test_a_page_finds_mails_by_whom_and_what_they_are_about(post: Notices) -> None:
    manager = browser(post.origin, Role.MUNICIPALITY, municipality=OREBRO)
    about = {"given_name": "Sökia", "family_name": "Hittebarn"}
    (staff, address), (_, other) = await post.person(**about), await post.person()
    session = await post.world.session(starts=STARTS)
    await post.world.register(session, staff)
    await post.sent()
    for asked in ({"q": "hitte"}, {"q": "sökia h"}, {"q": address[:9]}, {"session": session}, {"staff": staff}):
        shown = (await manager.get("/boka/utskick", params=asked)).text.replace("<wbr>", "")
        assert address in shown, asked
        assert other not in shown
    assert address not in (await manager.get("/boka/utskick", params={"q": "ingen alls"})).text


async def test_who_reads_another_language_gets_english_below_the_swedish(post: Notices) -> None:
    staff, address = await post.person(language="ar")
    session = await post.world.session(starts=STARTS)
    await post.world.register(session, staff)
    [mail] = await post.box.until(1, address)
    assert mail["subject"] == "Kallelse: Kurs TR1 1 apr. 2026 / Invitation: Kurs TR1 1 Apr 2026"
    assert mail["text"].index("Anmälan till") < mail["text"].index("The registration for")


async def test_a_calendar_program_ends_with_the_right_diary(post: Notices) -> None:
    """Invitation of two days, one of them moved, then a third day instead of one, a substitute, and a cancellation."""
    world = post.world
    (anna, annas), (bo, bos) = await post.person(), await post.person()
    days = [occasion(STARTS, hours=3), occasion(STARTS + DAY, hours=3)]
    session = await world.session(starts=STARTS, occasions=days)
    await world.register(session, anna)
    diary = Diary().take(await post.box.until(2, annas))
    assert diary.times == ["2026-04-01 11:00", "2026-04-02 11:00"]

    known = (await world.get(f"/booking/v1/sessions/{session}"))["occasions"]
    first = {**occasion(STARTS + HOUR, hours=3), "occasion_id": known[0]["occasion_id"]}
    await world.post(f"/booking/v1/sessions/{session}/reschedule", {"occasions": [first, occasion(STARTS + 7 * DAY)]})
    diary.take((await post.box.until(5, annas))[2:])
    assert diary.times == ["2026-04-01 12:00", "2026-04-08 11:00"]

    await world.substituted(session, anna, bo)
    diary.take((await post.box.until(7, annas))[5:])
    his = Diary().take(await post.box.until(2, bos))
    assert (diary.times, his.times) == ([], ["2026-04-01 12:00", "2026-04-08 11:00"])

    await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
    cancelled = (await post.box.until(4, bos))[2:]
    assert his.take(cancelled).times == []
    assert "lokalen går inte att använda" in cancelled[0]["text"]
    await post.sent()
    assert len(await post.box.mails(annas)) == 7


async def test_a_move_takes_the_old_day_out_and_puts_the_new_one_in(post: Notices) -> None:
    staff, address = await post.person()
    here, there = await post.world.session(starts=STARTS), await post.world.session(starts=STARTS + 3 * DAY)
    await post.world.register(here, staff)
    await post.box.until(1, address)
    await post.world.moved(here, staff, there)
    assert Diary().take(await post.box.until(3, address)).times == ["2026-04-04 11:00"]


async def test_another_deadline_or_trainer_is_no_news(post: Notices) -> None:
    staff, address = await post.person()
    session = await post.world.session(starts=STARTS)
    await post.world.register(session, staff)
    await post.box.until(1, address)
    answered(await post.world.patch(session, cancellation_deadline=(STARTS - DAY).isoformat()))
    await post.sent()
    await post.box.until(1, address)


async def test_the_queue_is_told_nothing_until_a_seat_comes_free(post: Notices) -> None:
    (first, _), (second, waits) = await post.person(), await post.person()
    session = await post.world.session(1, starts=STARTS)
    await post.world.outcomes(session, first)
    assert await post.world.outcomes(session, second) == ["waitlisted"]
    await post.sent()
    await post.box.until(0, waits)
    await post.world.cancel(session, first)
    [mail] = await post.box.until(1, waits)
    assert mail["subject"].startswith("Plats från reservlistan")


async def test_without_an_address_the_manager_is_told_about_whom_it_is_and_a_protected_name_stays_hidden(
    post: Notices,
) -> None:
    plain = await post.world.staff(given_name="Karin", family_name="Ek", email=None, manager_email="chef1@example.se")
    hidden = await post.world.staff(
        given_name="Sara", family_name="Dold", email=None, manager_email="chef2@example.se", protected_identity=True
    )
    nobody = await post.world.staff(email=None)
    session = await post.world.session(starts=STARTS)
    await post.world.outcomes(session, plain, hidden, nobody)
    [open_mail], [masked] = await post.box.until(1, "chef1@example.se"), await post.box.until(1, "chef2@example.se")
    assert "Gäller: Karin Ek" in open_mail["text"]
    assert "Gäller: en medarbetare med skyddade personuppgifter" in masked["text"]
    assert "Sara" not in str(masked)
    assert "Dold" not in str(masked)
    await post.sent()
    [unreached] = await post.notices(session, staff=nobody)
    assert (unreached["state"], unreached["reason"], unreached["to"]) == ("refused", "no-address", None)


async def test_managers_are_told_of_a_substitution_and_once_of_a_cancelled_session(post: Notices) -> None:
    chef = "chef3@example.se"
    anna, _ = await post.person(given_name="Anna", family_name="Ask", manager_email=chef)
    bo, _ = await post.person(given_name="Bo", family_name="Björk", manager_email=chef)
    session = await post.world.session(starts=STARTS)
    await post.world.outcomes(session, anna)
    await post.world.substituted(session, anna, bo)
    [mail] = await post.box.until(1, chef)
    assert "Ersätts: Anna Ask\r\nGår i stället: Bo Björk" in mail["text"]
    cilla, _ = await post.person(given_name="Cilla", family_name="Ceder", manager_email=chef)
    await post.world.outcomes(session, cilla)
    await post.world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "trainer-absent"})
    [_, cancelled] = await post.box.until(2, chef)
    assert "Bo Björk" in cancelled["text"]
    assert "Cilla Ceder" in cancelled["text"]
    assert "Anna Ask" not in cancelled["text"]


async def test_who_is_erased_while_a_mail_about_several_waits_is_left_out_of_it(post: Notices) -> None:
    chef, other_chef = "chef31@example.se", "chef32@example.se"
    anna, _ = await post.person(given_name="Anna", family_name="Glömsk", manager_email=chef)
    bo, _ = await post.person(given_name="Bo", family_name="Kvar", manager_email=chef)
    alone, _ = await post.person(given_name="Ensam", family_name="Glömd", manager_email=other_chef)
    session = await post.world.session(starts=STARTS)
    await post.world.outcomes(session, anna, bo, alone)

    async def tried() -> bool:
        waits = "SELECT count(*) AS waiting FROM mails WHERE recipient = ANY($1) AND reason IS NOT NULL"
        return bool((await post.origin.rows("booking", waits, [chef, other_chef]))[0]["waiting"] == 2)

    async with post.box.away():
        await post.world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
        await eventually(tried, what="the server was found away")
        for staff in (anna, alone):
            person = (await post.world.get(f"/booking/v1/staff/{staff}"))["participant_id"]
            await post.world.post(f"/booking/v1/participants/{person}/erase", {"reason": "begärt"})
    await post.sweep(NOW + HOUR)
    [mail] = await post.box.until(1, chef)
    for text in (mail["text"], mail["html"]):
        assert "Bo Kvar" in text
        assert "Glömsk" not in text
        assert anna not in text
    assert await post.box.mails(other_chef) == [], "nobody is left of whom it could tell"


async def test_the_manager_gets_sessions_to_book_instead_of_a_cancelled_one(post: Notices) -> None:
    """Each with the page on which one click books it; what the person cannot attend, is full or begins soon is none."""
    chef, course = "chef4@example.se", f"NY{next(_numbers)}"
    await post.world.course(course, ["base", "other"])
    staff, _ = await post.person(given_name="Doris", family_name="Dal", manager_email=chef)
    lost = await post.world.session(starts=STARTS, course=course)
    free = await post.world.session(starts=STARTS + 14 * DAY, course=course, venue="Nya salen")
    full = await post.world.session(1, starts=STARTS + 15 * DAY, course=course)
    busy = await post.world.session(starts=STARTS + 16 * DAY, course=course)
    soon = await post.world.session(starts=NOW + 6 * HOUR, course=course)
    await post.world.outcomes(full, await post.world.staff())
    await post.world.outcomes(await post.world.session(starts=STARTS + 16 * DAY), staff)
    await post.world.outcomes(lost, staff)
    await post.world.post(f"/booking/v1/sessions/{lost}/cancel", {"cause": "trainer-absent"})
    [mail] = await post.box.until(1, chef)
    assert "Doris Dal: onsdag 15 april 2026 kl. 11–19, Nya salen, Örebro. Boka: " in mail["text"]
    assert f"/boka/kurstillfallen/{free}/anmal/kontrollera?staff={staff}" in mail["text"]
    assert f'/boka/kurstillfallen/{free}/anmal/kontrollera?staff={staff}"' in mail["html"]
    assert [one for one in (full, busy, soon) if one in mail["text"]] == [], "soon: read too late, it cannot be booked"


async def test_a_session_moved_onto_another_one_brings_proposals_and_a_cancellation(post: Notices) -> None:
    chef = "chef5@example.se"
    staff, address = await post.person(manager_email=chef)
    moved = await post.world.session(starts=STARTS, venue="Flyttsalen")
    await post.world.outcomes(moved, staff)
    await post.world.outcomes(await post.world.session(starts=STARTS + 20 * DAY), staff)
    body = {"occasions": [occasion(STARTS + 20 * DAY)], "force": True}
    await post.world.post(f"/booking/v1/sessions/{moved}/reschedule", body)
    [mail] = await post.box.until(1, chef)
    assert mail["subject"].startswith("Förslag på nytt tillfälle")
    assert "Boka: " in mail["text"]
    assert Diary().take(await post.box.until(3, address)).times == ["2026-04-21 11:00"]


async def test_what_is_entered_afterwards_is_told_to_nobody(post: Notices) -> None:
    (past, pasts), (present, presents) = await post.person(), await post.person()
    session = await post.world.session(1, starts=STARTS)
    await post.world.register(session, past, at=NOW - DAY)
    await post.world.register(session, present, at=NOW - DAY)
    await post.world.cancel(session, past, at=NOW - HOUR)  # and so the next in the queue is promoted, an hour ago
    await post.sent()
    assert await post.world.statuses(session, present) == ["confirmed"]
    await post.box.until(0, pasts)
    await post.box.until(0, presents)


async def test_a_promotion_by_a_share_that_was_released_before_anybody_looked_is_told(post: Notices) -> None:
    (first, _), (second, waits) = await post.person(), await post.person()
    released = NOW + HOUR
    session = await post.world.session(2, starts=STARTS, seat_shares={NORA: 1}, shares_release_at=released.isoformat())
    await post.world.outcomes(session, first)
    assert await post.world.outcomes(session, second) == ["waitlisted"]
    await post.sweep(released + 2 * HOUR)
    [mail] = await post.box.until(1, waits)
    assert mail["subject"].startswith("Plats från reservlistan")


async def test_reminders_come_a_week_and_a_day_before_and_once(post: Notices) -> None:
    staff, address = await post.person()
    session = await post.world.session(starts=STARTS)
    await post.world.register(session, staff)
    await post.box.until(1, address)
    await post.sweep(STARTS - 169 * HOUR)
    await post.box.until(1, address)
    for _ in range(2):
        await post.sweep(STARTS - 168 * HOUR)
    await post.box.until(2, address)
    for _ in range(2):
        await post.sweep(STARTS - 20 * HOUR)
    reminder = (await post.box.until(3, address))[-1]
    assert reminder["subject"].startswith("Påminnelse")
    assert "calendar" not in reminder


async def test_the_office_is_told_once_when_too_few_have_registered_by_the_deadline(post: Notices) -> None:
    session = await post.world.session(starts=STARTS, min_participants=2, venue="Lilla salen")
    before = len(await post.box.mails("kontor@"))
    for _ in range(2):
        await post.sweep(STARTS - 7 * DAY + HOUR)
    mails = (await post.box.mails("kontor@"))[before:]
    assert [mail["subject"] for mail in mails if "Lilla salen" in mail["text"]] == [
        "För få anmälda: Kurs TR1 1 apr. 2026"
    ]
    assert [notice["to_role"] for notice in await post.notices(session)] == ["office"]


async def test_time_passes_only_to_a_time(post: Notices) -> None:
    for body in (b"", b"[]", b'{"now": 5}', b'{"now": "2026-03-02T09:00:00"}', b'{"now": "soon"}'):
        assert problem(await post.origin.client().post("/dev/sweep", content=body)) == (422, "validation")


async def test_a_municipality_is_reminded_of_the_names_that_it_owes(post: Notices) -> None:
    municipality = {"name": "Nora", "org_number": "212000-2007", "employees": 100, "contact_email": "nora@example.se"}
    seen = await post.world.coordinator.get(f"/booking/v1/municipalities/{NORA}")
    headers = {"If-Match": seen.headers["ETag"]}
    answered(await post.world.coordinator.put(f"/booking/v1/municipalities/{NORA}", json=municipality, headers=headers))
    session = await post.world.session(starts=STARTS)
    due = STARTS - 10 * DAY
    body = {"seats": 3, "name_by": due.isoformat(), "municipality": NORA}
    await post.world.post(f"/booking/v1/sessions/{session}/reservations", body)
    for _ in range(2):
        await post.sweep(due - 71 * HOUR)
    [mail] = await post.box.until(1, "nora@example.se")
    assert "3 reserverade platser saknar namn" in mail["text"]


async def test_a_municipality_reads_what_went_to_its_own_people(post: Notices) -> None:
    (ours, address), theirs = await post.person(), await post.world.staff(NORA)
    session = await post.world.session(starts=STARTS)
    await post.world.outcomes(session, ours, theirs)
    await post.sent()
    orebro = post.world.municipality(OREBRO)
    listed = answered(await orebro.get("/booking/v1/notices", params={"session": session}))["items"]
    assert [(notice["to"], notice["kind"], notice["state"], notice["staff"]) for notice in listed] == [
        (address, "invitation", "sent", ours)
    ]
    one = await orebro.get(f"/booking/v1/notices/{listed[0]['id']}")
    assert (answered(one), one.headers["ETag"]) == (listed[0], '"2"')
    assert len(await post.notices(session)) == 2
    foreign = await post.world.municipality(NORA).get(f"/booking/v1/notices/{listed[0]['id']}")
    assert problem(foreign) == (404, "not-found")


async def test_what_went_to_whom_is_forgotten_after_the_projects_days_once_it_is_over(post: Notices) -> None:
    """Not before the meeting: the row says that the reminder went."""
    staff, _ = await post.person()
    session = await post.world.session(starts=STARTS)
    await post.world.outcomes(session, staff)
    await post.sent()
    seen = await post.world.coordinator.get("/booking/v1/project")
    setting = {"key": "retention.mail_days", "value": 1, "valid_from": "2025-01-01"}
    body = {**seen.json(), "settings": [*seen.json()["settings"], setting]}
    headers = {"If-Match": seen.headers["ETag"]}
    answered(await post.world.coordinator.put("/booking/v1/project", json=body, headers=headers))
    units = post.origin.services["booking"].units
    await forget_old(units)
    assert len(await post.notices(session)) == 1
    aged = "UPDATE mails SET useful_until = $2, queued_at = $2 WHERE session_id = $1"
    await post.origin.rows("booking", aged, session, NOW - 2 * DAY)
    await forget_old(units)
    assert await post.notices(session) == []
