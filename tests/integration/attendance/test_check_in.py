"""Checking in by the code on the trainer's screen: bound to the occasion, once a person, and the trainer overrules."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import insert

from services.attendance.check_in import http
from services.attendance.check_in.check_in import check_in
from services.attendance.links.tables import Link
from shared.security.links import digest_of, new_token
from shared.security.roles import Role
from tests.support.answers import answered
from tests.support.browsers import FROM_OUR_PAGES, browser, fields_of
from tests.support.clock import FixedClock
from tests.support.school import ALWAYS, School, got, mark
from tests.support.services import api
from tests.support.stack import Stack
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

NINE = datetime(2026, 9, 7, 7, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class Room:
    """A session under way, the screen in front and the participants' own phones."""

    school: School
    clock: FixedClock
    session: Session
    people: list[UUID]

    @property
    def path(self) -> str:
        return f"/attendance/v1/sessions/{self.session.id}"

    @property
    def trainer(self) -> httpx2.AsyncClient:
        return self.school.origin.client(Role.TRAINER, trainer_id=self.session.trainers[0], **ALWAYS)

    async def says(self, person: UUID, status: str, **more: Any) -> list[str]:
        """The trainer marks somebody on a phone that saw none of what others did."""
        sent, at = mark(self.session, person, status, **more), self.clock.at.isoformat()
        return await self.school.outcomes(self.session, sent, client=self.trainer, device_time=at)

    async def screen(self, status: int = 200, **asked: str) -> dict[str, Any]:
        return answered(await self.trainer.get(f"{self.path}/check-in-code", params=asked), status)

    async def link(self, person: UUID) -> str:
        token = new_token()
        row = {"id": uuid4(), "participant_id": person, "digest": digest_of(token), "made_at": NINE, "made_by": "test"}
        async with self.school.origin.services["attendance"].units.system() as unit:
            await unit.execute(insert(Link), {**row, "expires_at": NINE + 30 * DAY})
        return token

    async def scan(self, token: str, code: str, status: int = 200, key: str = "") -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"code": code, "token": token}
        return answered(
            await self.school.origin.client().post("/attendance/v1/check-in", json=body, headers=headers), status
        )

    async def marks(self, person: UUID) -> list[dict[str, Any]]:
        roll = await self.school.roll(self.session)
        return next(each["marks"] for each in roll["people"] if each["participant_id"] == str(person))


@pytest_asyncio.fixture(loop_scope="module")
async def room(stack: Stack, database: str) -> AsyncIterator[Room]:
    clock = FixedClock(NINE)
    async with api(stack, "attendance", database=database, clock=clock) as origin:
        school = School(origin)
        session, people = await school.with_people(2, starts=(NINE, NINE + DAY))
        yield Room(school, clock, session, people)


async def test_one_code_serves_all_and_each_is_marked_present_by_it_once(room: Room) -> None:
    shown = await room.screen()
    for person in room.people:
        done = await room.scan(await room.link(person), shown["code"])
        assert done["occasion_id"] == str(room.session.occasions[0].occasion_id)
        [one] = await room.marks(person)
        assert (one["source"], one["status"], one["minutes"]) == ("qr", "present", 165)
    again = await room.scan(await room.link(room.people[0]), shown["code"], 409)
    assert again["type"].endswith("/already-checked-in")
    recorded = await room.school.published(room.session, "attendance-recorded")
    assert [event["source"] for event in recorded] == ["qr", "qr"]


async def test_the_code_is_that_of_the_standard_so_that_a_device_goes_on_without_network(room: Room) -> None:
    shown = await room.screen()
    room.clock.at += 5 * MINUTE
    counter = int(room.clock.at.timestamp()) // shown["period_seconds"]
    digest = hmac.digest(base64.b32decode(shown["seed"]), counter.to_bytes(8), hashlib.sha256)
    offset = digest[-1] & 15
    own = str(int.from_bytes(digest[offset : offset + 4]) % 2**31 % 10**8).zfill(8)
    assert own == (await room.screen())["code"]
    await room.scan(await room.link(room.people[0]), own)


async def test_a_code_is_refused_from_its_end_which_is_at_most_two_periods_away(room: Room) -> None:
    shown, token = await room.screen(), await room.link(room.people[0])
    until = datetime.fromisoformat(shown["valid_until"])
    assert until - room.clock.at <= timedelta(seconds=2 * shown["period_seconds"])
    room.clock.at = until
    assert (await room.scan(token, shown["code"], 422))["errors"][0]["pointer"] == "/code"
    room.clock.at = until - timedelta(seconds=1)
    await room.scan(token, shown["code"])


async def test_a_code_is_good_for_its_own_occasion_and_session_only(room: Room) -> None:
    tomorrow = await room.screen(occasion_id=str(room.session.occasions[1].occasion_id))
    elsewhere, _ = await room.school.with_people(1, starts=(NINE,))
    other = Room(room.school, room.clock, elsewhere, room.people)
    for code in (tomorrow["code"], (await other.screen())["code"]):
        await room.scan(await room.link(room.people[0]), code, 422)
    assert await room.marks(room.people[0]) == []


async def test_the_trainers_mark_goes_before_a_code_without_conflict_whichever_came_first(room: Room) -> None:
    code, (first, second) = (await room.screen())["code"], room.people
    await room.scan(await room.link(first), code)
    assert await room.says(first, "absent") == ["accepted"]
    assert await room.says(second, "present", minutes=60) == ["accepted"]
    await room.scan(await room.link(second), code)
    assert [(one["status"], one["source"]) for one in await room.marks(first)] == [("absent", "trainer")]
    assert [(one["minutes"], one["source"]) for one in await room.marks(second)] == [(60, "trainer")]
    assert (await room.school.roll(room.session))["conflicts"] == []


async def test_ten_wrong_codes_close_the_link_for_a_while_also_to_the_right_one(room: Room) -> None:
    token = await room.link(room.people[0])
    for number in range(10):
        await room.scan(token, f"{number:08}", 422)
    code = (await room.screen())["code"]
    assert (await room.scan(token, code, 429))["type"].endswith("/too-many-codes")
    await room.scan(await room.link(room.people[1]), code)
    room.clock.at += 61 * MINUTE
    await room.scan(token, (await room.screen())["code"])


async def test_a_retry_with_its_key_gets_the_same_answer_though_the_code_has_ended(room: Room) -> None:
    code, token, key = (await room.screen())["code"], await room.link(room.people[0]), str(uuid4())
    first = await room.scan(token, code, key=key)
    room.clock.at += 10 * MINUTE
    assert await room.scan(token, code, key=key) == first


async def test_a_code_that_was_taken_is_never_counted_as_a_wrong_one(room: Room) -> None:
    """Whoever did not see the answer scans again, also when the code has ended; another person's is still wrong."""
    code, (anna, bo) = (await room.screen())["code"], room.people
    token, key = await room.link(anna), str(uuid4())
    first = await room.scan(token, code, key=key)
    room.clock.at += 10 * MINUTE
    for _ in range(11):
        assert (await room.scan(token, code, 409))["type"].endswith("/already-checked-in")
    assert await room.scan(token, code, key=key) == first
    assert (await room.scan(await room.link(bo), code, 422))["errors"][0]["code"] == "wrong-code"


async def test_who_was_found_to_be_somebody_else_while_the_code_was_tried_counts_as_that_person(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, person = uuid4(), uuid4()
    await room.school.tell(room.school.confirmed(room.session, ended))
    token, code = await room.link(ended), (await room.screen())["code"]

    async def found_first(*given: Any) -> Any:
        await room.school.tell(room.school.merged(ended, person))
        return await check_in(*given)

    monkeypatch.setattr(http, "check_in", found_first)
    await room.scan(token, code)
    assert [one["status"] for one in await room.marks(person)] == ["present"]
    monkeypatch.undo()
    assert (await room.scan(token, code, 409))["type"].endswith("/already-checked-in")


async def test_who_is_not_on_the_list_is_told_to_see_the_trainer(room: Room) -> None:
    refused = await room.scan(await room.link(uuid4()), (await room.screen())["code"], 422)
    assert "trainer" in refused["errors"][0]["message"] or "utbildningsledaren" in refused["errors"][0]["message"]
    await room.scan(new_token(), "12345678", 404)


async def test_without_an_occasion_of_now_there_is_no_code_unless_one_is_named(room: Room) -> None:
    room.clock.at = NINE - timedelta(hours=2)
    assert (await room.screen(409))["type"].endswith("/no-occasion-now")
    named = await room.screen(occasion_id=str(room.session.occasions[1].occasion_id))
    assert named["occasion_id"] == str(room.session.occasions[1].occasion_id)
    await room.screen(422, occasion_id=str(uuid4()))


async def test_only_the_sessions_own_trainer_shows_codes(room: Room) -> None:
    stranger = room.school.origin.client(Role.TRAINER, trainer_id=uuid4(), **ALWAYS)
    await got(stranger, f"{room.path}/check-in-code", 404)
    await got(room.school.coordinator, f"{room.path}/check-in-code", 403)


async def test_the_screen_shows_the_code_as_picture_and_text_and_a_phone_checks_in_by_its_page(room: Room) -> None:
    trainer = browser(room.school.origin, Role.TRAINER, trainer_id=room.session.trainers[0])
    screen = await trainer.get(f"/narvaro/listor/{room.session.id}/kod")
    code = (await room.screen())["code"]
    assert f"/incheckning/{code}" in screen.text.replace("<wbr>", "")
    assert "<svg" in screen.text
    assert "style=" not in screen.text
    phone = room.school.origin.client()
    phone.headers.update(FROM_OUR_PAGES)
    address = f"/incheckning/{code}"
    assert fields_of((await phone.get(address)).text)["code"] == code
    refused = await phone.post(address, data={"code": code})
    assert refused.status_code == 422
    assert "Öppna länken" in refused.text
    link = f"https://kurser.example.se/min/{await room.link(room.people[0])}"
    done = await phone.post(address, data={"code": code, "link": link})
    assert done.status_code == 303, done.text
    assert [one["source"] for one in await room.marks(room.people[0])] == ["qr"]
    # The phone knows the link from now on.
    again = await phone.post(address, data={"code": code})
    assert again.status_code == 409
    assert "Du har redan checkat in" in again.text
