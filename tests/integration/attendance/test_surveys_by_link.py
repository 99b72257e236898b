"""Surveys by link: who is asked and when, a link answers once, and answers go out together."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from shared.contracts.people_v2 import PersonChangedV2
from shared.contracts.topics import SURVEYS
from tests.integration.attendance.post import DAY, NOW, Post, token_in, tokens_in
from tests.support.answers import ok, refused
from tests.support.kafka_log import everything_on
from tests.support.mailbox import Mail
from tests.support.school import mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = {"helped": "high", "confidence": 4, "language_support": "not_needed"}
PAGE = "/enkat/"
NIGHT = timedelta(hours=20)
Json = dict[str, Any]


async def invited(post: Post, number: int) -> tuple[Session, list[str], list[str]]:
    """A session with so many people who were mailed: their addresses and the tokens of their links."""
    known = [await post.person() for _ in range(number)]
    session = await post.held(*(person for person, _ in known))
    await post.pass_time(NOW)
    addresses = [address for _, address in known]
    return session, addresses, [token_in((await post.box.until(1, one))[0], PAGE) for one in addresses]


async def answer(post: Post, token: str, **more: Any) -> httpx2.Response:
    body = {"answers": {**ANSWERS, **more}, "language": "sv_easy"}
    return await post.anybody.post(f"/attendance/v1/surveys/answers/{token}", json=body)


async def published(post: Post, session: Session, name: str) -> list[Json]:
    """What went out about the session."""
    origin = post.origin
    await origin.settled()
    found = await everything_on(origin.stack.bootstrap_servers, origin.prefix + SURVEYS.name)
    of_session = [one for one in found if one.key == str(session.id).encode()]
    return [json.loads(one.value or b"") for one in of_session if name in one.header("ce_type")]


async def test_who_was_there_is_asked_once_the_roll_is_attested_and_the_link_says_about_what(post: Post) -> None:
    session, [address], [token] = await invited(post, 1)
    [mail] = await post.box.mails(address)
    assert mail["subject"] == "Vad tyckte du om kursen? Hjärt-lungräddning"
    assert "söndag 1 mars 2026" in mail["text"]
    assert "Maja" not in mail["text"]
    shown = ok(await post.anybody.get(f"/attendance/v1/surveys/answers/{token}"))
    assert [question["key"] for question in shown["questions"]] == list(ANSWERS)
    assert (shown["course_title"], shown["answered"]) == ("Hjärt-lungräddning", False)
    assert datetime.fromisoformat(shown["closes_at"]) == NOW + 14 * DAY
    assert [event["invited"] for event in await published(post, session, "survey-sent")] == [1]
    await post.pass_time(NOW + DAY)
    await post.box.until(1, address)


async def test_a_link_answers_once(post: Post) -> None:
    session, _, [token] = await invited(post, 1)
    assert ok(await answer(post, token), 201)["answered"]
    refused(await answer(post, token, helped="low"), 409, "already-answered")
    assert ok(await post.anybody.get(f"/attendance/v1/surveys/answers/{token}"))["answered"]
    await post.pass_time(NOW + 15 * DAY)
    assert [event["answers"] for event in await published(post, session, "survey-answered")] == [ANSWERS]


async def test_of_two_at_once_one_counts(post: Post) -> None:
    session, _, [token] = await invited(post, 1)
    both = await asyncio.gather(*(answer(post, token) for _ in range(4)))
    assert sorted(one.status_code for one in both) == [201, 409, 409, 409]
    await post.pass_time(NOW + 15 * DAY)
    assert len(await published(post, session, "survey-answered")) == 1


async def test_the_same_call_again_gets_the_same_answer_and_its_row_says_neither_link_nor_time(post: Post) -> None:
    _, _, [token] = await invited(post, 1)
    path, headers = f"/attendance/v1/surveys/answers/{token}", {"Idempotency-Key": str(uuid4())}
    first = await post.anybody.post(path, json={"answers": ANSWERS}, headers=headers)
    again = await post.anybody.post(path, json={"answers": ANSWERS}, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    rows = await post.origin.rows("attendance", "SELECT *, t::text AS row FROM idempotency_keys AS t")
    kept = [row for row in rows if row["created_at"] == datetime(2026, 3, 2, 23, tzinfo=UTC)]
    assert len(kept) == 1, "the end of the day, whenever it was"
    assert not any(text in row["row"] for row in rows for text in (token, headers["Idempotency-Key"]))


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({}, "/answers", "empty-answer"),
        ({"helped": None}, "/answers", "empty-answer"),
        ({"helped": "very"}, "/answers/helped", "unknown-answer"),
        ({"confidence": 6}, "/answers/confidence", "unknown-answer"),
        ({"name": "high"}, "/answers/name", "unknown-question"),
    ],
)
async def test_what_the_questions_do_not_have_is_refused_and_the_link_can_still_answer(
    post: Post, answers: Json, pointer: str, code: str
) -> None:
    _, _, [token] = await invited(post, 1)
    path = f"/attendance/v1/surveys/answers/{token}"
    [error] = refused(await post.anybody.post(path, json={"answers": answers}), 422, "validation")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    ok(await answer(post, token), 201)


async def test_answers_wait_until_three_of_the_session_are_there(post: Post) -> None:
    session, _, tokens = await invited(post, 6)
    for token in tokens[:2]:
        ok(await answer(post, token), 201)
    await post.pass_time(NOW + NIGHT)
    assert await published(post, session, "survey-answered") == []
    ok(await answer(post, tokens[2], helped="low"), 201)
    await post.pass_time(NOW + DAY + NIGHT)
    assert len(await published(post, session, "survey-answered")) == 3
    ok(await answer(post, tokens[3]), 201)
    await post.pass_time(NOW + 2 * DAY + NIGHT)
    assert len(await published(post, session, "survey-answered")) == 3, "a fourth alone would be known by its day"
    await post.pass_time(NOW + 14 * DAY)
    assert len(await published(post, session, "survey-answered")) == 4


async def test_nobody_answers_when_it_is_closed(post: Post) -> None:
    session, _, [token] = await invited(post, 1)
    post.clock.at = NOW + 14 * DAY
    refused(await answer(post, token), 410, "survey-closed")
    assert (await post.anybody.get(f"/attendance/v1/surveys/answers/{token}")).status_code == 410
    assert (await answer(post, "nobodysLink")).status_code == 404
    assert await published(post, session, "survey-answered") == []


async def test_one_reminder_goes_to_who_has_not_answered(post: Post) -> None:
    _, [done, open_], [token, still] = await invited(post, 2)
    ok(await answer(post, token), 201)
    for day in (7, 8, 13, 20):
        await post.pass_time(NOW + day * DAY)
    _, reminder = await post.box.until(2, open_)
    assert reminder["subject"].startswith("Påminnelse: ")
    assert token_in(reminder, PAGE) == still
    await post.box.until(1, done)


async def test_nobody_is_asked_of_what_is_attested_long_after(post: Post) -> None:
    (late, lates), (soon, soons) = await post.person(), await post.person()
    starts = NOW - 20 * DAY
    await post.held(soon, starts=starts, attested=starts + 14 * DAY)
    await post.held(late, starts=starts, attested=starts + 15 * DAY)
    await post.pass_time(NOW)
    await post.box.until(1, soons)
    assert await post.box.mails(lates) == []
    await post.pass_time(NOW + 80 * DAY)
    assert await post.box.mails(lates) == []


async def test_what_ends_at_midnight_is_of_the_day_before(post: Post) -> None:
    (soon, soons), (late, lates) = await post.person(), await post.person()
    starts = datetime(2026, 2, 10, 20, tzinfo=UTC)
    await post.held(soon, starts=starts, attested=starts + 14 * DAY)
    await post.held(late, starts=starts, attested=starts + 15 * DAY)
    await post.pass_time(NOW)
    [mail] = await post.box.until(1, soons)
    assert "tisdag 10 februari 2026" in mail["text"]
    assert await post.box.mails(lates) == []


async def test_who_came_onto_the_roll_by_a_correction_is_asked_and_the_others_are_not_asked_again(post: Post) -> None:
    (there, theirs), (added, others) = await post.person(), await post.person()
    session = await post.held(there)
    await post.pass_time(NOW)
    post.clock.at = NOW + DAY
    await post.tell(post.school.confirmed(session, added))
    occasion = str(session.occasions[0].occasion_id)
    correction = {"participant_id": str(added), "occasion_id": occasion, "minutes": 60, "reason": "Kom sent"}
    await post.school.post(f"/sessions/{session.id}/corrections", correction, 201)
    await post.school.attest(session)
    await post.pass_time(NOW + DAY)
    await post.box.until(1, others)
    await post.box.until(1, theirs)
    assert [event["invited"] for event in await published(post, session, "survey-sent")] == [1, 1]


async def test_without_an_address_the_manager_hands_the_link_on_and_who_has_neither_is_not_counted(post: Post) -> None:
    manager = f"chef-{uuid4().hex[:8]}@example.se"
    person, _ = await post.person(given_name="Maja", family_name="Ek", manager_email=manager)
    nobody, _ = await post.person(given_name="Ingen")
    session = await post.held(person, nobody)
    await post.pass_time(NOW)
    [mail] = await post.box.until(1, manager)
    assert "Gäller: Maja Ek" in mail["text"]
    assert [event["invited"] for event in await published(post, session, "survey-sent")] == [1]


async def test_each_manager_is_asked_once_about_each_session_after_three_months_five_sessions_a_mail(
    post: Post,
) -> None:
    manager, other = (f"chef-{uuid4().hex[:8]}@example.se" for _ in range(2))
    mine = [(await post.person(manager_email=manager))[0] for _ in range(2)]
    others = (await post.person(manager_email=other.upper()))[0]
    sessions = [await post.held(*mine, starts=NOW - DAY - hours * timedelta(hours=4)) for hours in range(6)]
    shared = await post.held(others, mine[0], starts=NOW - 3 * DAY)

    async def asked(now: datetime) -> tuple[list[int], list[int]]:
        """How many links each of the two managers got in each mail."""
        await post.pass_time(now)
        await post.sent()
        first, second = [await post.box.mails(address) for address in (manager, other)]
        return links(first), links(second)

    def links(mails: list[Mail]) -> list[int]:
        own = [mail for mail in mails if mail["subject"].startswith("Har kurserna hjälpt dina medarbetare? / ")]
        for mail in own:  # nobody knows what a manager reads
            assert all(said in mail["text"] for said in ("Svara på tre korta frågor", "Answer three short questions"))
        return sorted(len(set(tokens_in(mail, PAGE))) for mail in own)

    await post.pass_time(NOW)
    assert await asked(datetime(2026, 5, 26, 9, tzinfo=UTC)) == ([], [])
    both = ([2, 5], [1])
    assert await asked(datetime(2026, 6, 2, 9, tzinfo=UTC)) == both
    assert await asked(datetime(2026, 6, 3, 9, tzinfo=UTC)) == both, "nobody again"
    for session, number in ((sessions[0], 1), (shared, 2)):
        counted = [one for one in await published(post, session, "survey-sent") if one["audience"] == "manager"]
        assert [one["invited"] for one in counted] == [number]


async def test_paper_answers_and_answers_by_link_are_counted_together(post: Post) -> None:
    """Whoever got a mail may answer on paper; more answers than people were asked are refused."""
    session, _, tokens = await invited(post, 3)
    path = f"/sessions/{session.id}/survey-answers"
    await post.school.post(path, {"survey": "participant", "answers": [ANSWERS]}, 201)
    ok(await answer(post, tokens[0]), 201)
    await post.school.post(path, {"survey": "participant", "answers": [ANSWERS] * 2}, 422)
    await post.school.post(path, {"survey": "participant", "invited": 1, "answers": [ANSWERS] * 2}, 201)


async def test_who_was_absent_is_not_asked(post: Post) -> None:
    person, address = await post.person()
    session = await post.session(NOW - DAY)
    await post.tell(post.school.confirmed(session, person))
    absent = mark(session, person, "absent")
    await post.school.post_marks(session, absent, device_time=NOW.isoformat())
    await post.school.attest(session)
    await post.pass_time(NOW)
    assert await post.box.mails(address) == []


async def test_an_erased_person_is_not_reminded(post: Post) -> None:
    person, address = await post.person()
    await post.held(person)
    await post.pass_time(NOW)
    [mail] = await post.box.until(1, address)
    await post.tell(post.school.bury(PersonChangedV2, f"person/{person}"))
    await post.pass_time(NOW + 8 * DAY)
    assert await post.box.mails(address) == [mail]
