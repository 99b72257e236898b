"""Signing a month by link and code, or on paper: what was seen is signed, what changes is asked for again."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.attendance.signatures.rules import Item, Month
from shared.clock import day_start, local_day
from shared.contracts.people_v2 import PersonChangedV2
from shared.contracts.signatures_v1 import ErasureApplied, HoursSigned, SignatureVoided
from shared.security.roles import Role
from tests.integration.attendance.post import DAY, NOW, Participant, Post, token_in
from tests.support.answers import answered, ok, problem, refused
from tests.support.school import ALWAYS, got, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEMANDED = ("signature_required", True, "2025-01-01")


@pytest_asyncio.fixture(loop_scope="module")
async def maja(post: Post) -> Participant:
    return await post.participant()


async def test_a_participant_sees_own_sessions_and_the_hours_of_each_month(post: Post, maja: Participant) -> None:
    shown = answered(await post.anybody.get(maja.page))
    [session] = shown["sessions"]
    assert session["course_title"] == "Hjärt-lungräddning"
    assert [(one["minutes"], session["attested"]) for one in session["occasions"]] == [(165, True)]
    [month] = shown["months"]
    assert (month["month"], month["minutes"], month["state"]) == ("2026-03", 165, "unsigned")
    assert shown["name"] == "Maja Ek"


async def test_only_attested_minutes_are_there_to_sign(post: Post, maja: Participant) -> None:
    later = await post.session(post.clock.at + DAY)
    await post.apply(post.school.confirmed(later, maja.id))
    shown = answered(await post.anybody.get(maja.page))
    assert [one["attested"] for one in shown["sessions"]] == [False, True]
    assert shown["sessions"][0]["occasions"][0]["minutes"] is None
    assert [month["minutes"] for month in shown["months"]] == [165]


async def test_what_is_signed_by_code_is_published_with_the_hash_of_what_was_seen(maja: Participant) -> None:
    seen = await maja.month()
    signed = ok(await maja.sign(await maja.code()))
    assert (signed["state"], signed["document_hash"]) == ("signed", seen["document_hash"])
    assert await maja.month() == signed
    [data] = await maja.published()
    assert isinstance(data, HoursSigned)
    assert (data.month, data.method, data.document_hash) == ("2026-03", "code", seen["document_hash"])
    assert [item.minutes for item in data.items] == [165]
    # Whoever has the event can check the hash.
    at = dict.fromkeys(("starts_at", "ends_at", "attested_at"), NOW)
    of_the_roll: dict[str, Any] = {"day": local_day(NOW), "course_title": "", **at}
    items = tuple(Item(**item.model_dump(), **of_the_roll) for item in data.items)
    assert sha256(Month(maja.id, data.month, items).document).hexdigest() == data.document_hash


async def test_a_code_is_good_once(post: Post, maja: Participant) -> None:
    code = await maja.code()
    ok(await maja.sign(code))
    await post.attended(maja.id)
    assert (await maja.month())["state"] == "unsigned"
    assert refused(await maja.sign(code), 422, "validation")["errors"][0]["code"] == "no-code"


async def test_a_code_is_good_for_ten_minutes_and_until_the_next_one(post: Post, maja: Participant) -> None:
    first = await maja.code()
    second = await maja.code()
    if first != second:
        assert refused(await maja.sign(first), 422, "validation")["errors"][0]["code"] == "wrong-code"
    post.clock.at += timedelta(minutes=10)
    assert refused(await maja.sign(second), 422, "validation")["errors"][0]["code"] == "no-code"


async def test_five_wrong_tries_burn_a_code_though_they_come_at_once(maja: Participant) -> None:
    code = await maja.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    answers = await asyncio.gather(*(maja.sign(wrong) for _ in range(8)))
    assert sorted(problem(answer) for answer in answers) == [(422, "validation")] * 4 + [(429, "code-burned")] * 4
    assert problem(await maja.sign(code)) == (429, "code-burned")
    assert ok(await maja.sign(await maja.code()))["state"] == "signed"


async def test_a_code_signs_once_though_it_comes_twice_at_once(maja: Participant) -> None:
    code = await maja.code()
    answers = await asyncio.gather(maja.sign(code), maja.sign(code))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert len(await maja.published()) == 1


async def test_five_codes_an_hour_go_by_mail(post: Post, maja: Participant) -> None:
    for _ in range(5):
        await maja.code()
    answer = await post.anybody.post(f"{maja.page}/code")
    assert problem(answer) == (429, "too-many-codes")
    assert 0 < int(answer.headers["retry-after"]) <= 3601
    post.clock.at += timedelta(hours=1)
    await maja.code()


async def test_the_limits_of_one_link_are_no_limits_of_another(post: Post, maja: Participant) -> None:
    for _ in range(5):
        await maja.code()
    _, other = await post.link(maja.id, maja.address)
    answered(await post.anybody.post(f"/attendance/v1/my/{other}/code"))


async def test_what_changed_since_it_was_seen_is_not_signed_and_costs_no_code(post: Post, maja: Participant) -> None:
    seen, code = await maja.month(), await maja.code()
    await post.attended(maja.id)
    changed = refused(await maja.sign(code, document_hash=seen["document_hash"]), 409, "document-changed")
    assert changed["document_hash"] == (await maja.month())["document_hash"]
    assert await maja.published() == []


async def test_nothing_attested_is_nothing_to_sign(post: Post, maja: Participant) -> None:
    empty = Month(maja.id, "2026-02").document_hash
    answer = await maja.sign("123456", month="2026-02", document_hash=empty)
    assert problem(answer) == (409, "nothing-to-sign")


async def test_a_signed_month_needs_no_further_signature(maja: Participant) -> None:
    ok(await maja.sign(await maja.code()))
    assert problem(await maja.sign("123456")) == (409, "already-signed")


async def test_after_the_window_only_paper_signs(post: Post, maja: Participant) -> None:
    ends = (await maja.month())["signing_ends_at"]
    post.clock.at += 60 * DAY
    assert problem(await maja.sign(await maja.code())) == (409, "signing-window-over")
    assert datetime.fromisoformat(ends) == post.clock.at
    paper = await on_paper(maja)
    assert paper["method"] == "paper"
    assert (await maja.month())["state"] == "signed"


async def test_the_window_is_as_long_as_the_project_says_and_open_to_its_last_moment(post: Post) -> None:
    post.clock.at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    await post.apply(post.school.project(("signing_window_days", 10, "2026-09-01")))
    for before, status in (timedelta(seconds=1), 200), (timedelta(0), 409):
        who = await post.participant()
        ends = datetime.fromisoformat((await who.month())["signing_ends_at"])
        assert ends == post.clock.at + 10 * DAY
        post.clock.at = ends - before
        answer = await who.sign(await who.code())
        assert answer.status_code == status, answer.text


async def on_paper(who: Participant, status: int = 201, **other: Any) -> dict[str, Any]:
    month = await who.month()
    body = {
        "participant_id": str(who.id),
        "month": month["month"],
        "method": "paper",
        "document_ref": "Pärm 3, flik 12",
        "document_hash": month["document_hash"],
        **other,
    }
    return await who.post.school.post("/signatures", body, status)


async def test_a_paper_is_entered_with_where_it_is_kept_and_what_was_signed(post: Post, maja: Participant) -> None:
    assert (await on_paper(maja, 409, document_hash="0" * 64))["type"].endswith("document-changed")
    entered = await on_paper(maja)
    assert (entered["document_ref"], entered["minutes"]) == ("Pärm 3, flik 12", 165)
    assert entered == await got(post.school.coordinator, f"/attendance/v1/signatures/{entered['id']}")
    [data] = await maja.published()
    assert isinstance(data, HoursSigned)
    assert data.method == "paper"
    assert (await on_paper(maja, 409))["type"].endswith("already-signed")


async def correct(who: Participant, minutes: int) -> None:
    body = {
        "participant_id": str(who.id),
        "occasion_id": str(who.session.occasions[0].occasion_id),
        "minutes": minutes,
        "reason": "Gick tidigare",
        "reason_code": "left-early",
    }
    await who.post.school.post(f"/sessions/{who.session.id}/corrections", body, 201)


async def test_a_correction_voids_what_was_signed_and_the_month_is_signed_again(post: Post, maja: Participant) -> None:
    ok(await maja.sign(await maja.code()))
    await correct(maja, 100)
    assert (await maja.month())["state"] == "voided"
    assert [type(data) for data in await maja.published()] == [HoursSigned, SignatureVoided]
    await post.school.attest(maja.session)
    month = await maja.month()
    assert (month["state"], month["minutes"]) == ("voided", 100)
    assert ok(await maja.sign(await maja.code()))["state"] == "signed"
    assert [type(data) for data in await maja.published()] == [HoursSigned, SignatureVoided, HoursSigned]


async def test_what_others_signed_stands_when_somebody_is_corrected(post: Post) -> None:
    maja, olle = await post.participant(), await post.participant()
    session = await post.attended(maja.id, olle.id)
    for one in (maja, olle):
        ok(await one.sign(await one.code()))
    await correct(Participant(post, maja.id, maja.address, session, maja.link_id, maja.token), 30)
    await post.school.attest(session)
    assert [(await one.month())["state"] for one in (maja, olle)] == ["voided", "signed"]
    roll = await post.school.roll(session)
    assert {person["participant_id"]: person["signed"] for person in roll["people"]} == {
        str(maja.id): False,
        str(olle.id): True,
    }


async def test_a_session_cancelled_after_all_voids_what_was_signed_of_it(post: Post, maja: Participant) -> None:
    ok(await maja.sign(await maja.code()))
    await post.apply(post.school.called_off(maja.session))
    _, data = await maja.published()
    assert isinstance(data, SignatureVoided)
    assert data.cause == "schedule-changed"


async def test_another_session_of_the_month_leaves_the_signature_but_asks_for_the_rest(
    post: Post, maja: Participant
) -> None:
    ok(await maja.sign(await maja.code()))
    await post.attended(maja.id, minutes=60)
    month = await maja.month()
    assert (month["state"], month["minutes"]) == ("unsigned", 225)
    ok(await maja.sign(await maja.code()))
    assert [type(data) for data in await maja.published()] == [HoursSigned, HoursSigned]


async def test_the_office_sees_who_has_signed_a_month(post: Post, maja: Participant) -> None:
    async def listed(**asked: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in {"month": "2026-03", **asked}.items())
        items: list[dict[str, Any]] = (await got(post.school.coordinator, f"/attendance/v1/months?{query}"))["items"]
        return items

    [own] = await listed(participant_id=str(maja.id))
    month = await maja.month()
    assert (own["minutes"], own["document_hash"], own["state"]) == (165, month["document_hash"], "unsigned")
    assert own["name"] == "Maja Ek"
    await on_paper(maja)
    assert str(maja.id) in {one["participant_id"] for one in await listed(state="signed")}
    assert str(maja.id) not in {one["participant_id"] for one in await listed(state="unsigned")}
    assert await listed(participant_id=str(maja.id), month="2026-04") == []


async def test_a_link_shows_its_own_person_and_nobody_else(post: Post) -> None:
    maja, olle = await post.participant(), await post.participant(minutes=30)
    shown = answered(await post.anybody.get(olle.page))
    assert str(maja.session.id) not in str(shown)
    assert [month["minutes"] for month in shown["months"]] == [30]
    code = await maja.code()
    answer = await olle.sign(code)
    assert problem(answer) == (422, "validation")
    theirs = await maja.month()
    stolen = await olle.sign(await olle.code(), document_hash=theirs["document_hash"])
    assert problem(stolen) == (409, "document-changed")


async def test_a_dead_link_leads_nowhere(post: Post, maja: Participant) -> None:
    for method, path in (("GET", maja.page), ("POST", f"{maja.page}/code")):
        unknown = path.replace(maja.token, "a" * 32)
        assert problem(await post.anybody.request(method, unknown)) == (404, "not-found")
    post.clock.at += 91 * DAY
    assert problem(await post.anybody.get(maja.page)) == (410, "link-expired")
    _, fresh = await post.link(maja.id, maja.address)
    [listed] = (await got(post.school.coordinator, f"/attendance/v1/links?participant_id={maja.id}&limit=500"))[
        "items"
    ][-1:]
    await post.school.post(f"/links/{listed['id']}/revoke", None)
    assert problem(await post.anybody.get(f"/attendance/v1/my/{fresh}")) == (404, "not-found")


async def test_the_link_of_somebody_erased_leads_nowhere(post: Post, maja: Participant) -> None:
    await post.tell(post.school.bury(PersonChangedV2, f"person/{maja.id}"))
    assert problem(await post.anybody.get(maja.page)) == (404, "not-found")
    rows = await post.origin.rows("attendance", "SELECT recipient FROM mails WHERE person_id = $1", maja.id)
    assert {row["recipient"] for row in rows} == {None}
    assert await maja.published() == [ErasureApplied(participant_id=maja.id)]


@pytest.mark.parametrize("role", [Role.MUNICIPALITY, Role.TRAINER, Role.FUNDER, Role.EVALUATOR])
async def test_months_and_papers_are_the_offices(post: Post, role: Role) -> None:
    client = post.origin.client(role, municipality="1884", trainer_id=uuid4(), **ALWAYS)
    assert (await client.get("/attendance/v1/months?month=2026-03")).status_code == 403
    body = {"participant_id": str(uuid4()), "month": "2026-03", "method": "paper", "document_ref": "a"}
    answer = await client.post("/attendance/v1/signatures", json={**body, "document_hash": "0" * 64})
    assert answer.status_code == 403


# --- mails that ask for signatures -----------------------------------------------------------------------------------


async def asked(post: Post, address: str) -> list[str]:
    """After another mail, which left later."""
    person, other = await post.person()
    await post.link(person, other)
    return [mail["subject"] for mail in await post.box.mails(address) if mail["subject"].startswith("Skriv under")]


@pytest_asyncio.fixture(loop_scope="module")
async def demanding(post: Post) -> Post:
    await post.apply(post.school.project(DEMANDED))
    return post


async def test_people_are_asked_to_sign_on_the_first_with_a_link_that_leads_to_their_page(demanding: Post) -> None:
    post = demanding
    person, address = await post.person()
    await post.attended(person)
    await post.attended(person)
    assert await asked(post, address) == []
    await post.pass_time(day_start(local_day(NOW).replace(month=4, day=1)))
    assert await asked(post, address) == ["Skriv under timmarna för mars 2026"]
    [mail] = await post.mails_about(address, "Skriv under timmarna för mars 2026")
    assert "5,5 timmar" in mail["text"].replace("\xa0", " ")
    shown = answered(await post.anybody.get(f"/attendance/v1/my/{token_in(mail)}"))
    assert [month["minutes"] for month in shown["months"]] == [330]


async def test_people_are_asked_at_attesting_when_the_month_is_over_and_again_after_a_correction(
    demanding: Post,
) -> None:
    post = demanding
    person, address = await post.person()
    session = await post.session(NOW + 29 * DAY)
    await post.apply(post.school.confirmed(session, person))
    maja = Participant(post, person, address, session, "", "")
    post.clock.at = NOW + 31 * DAY
    at = post.clock.at.isoformat()
    await post.school.outcomes(session, mark(session, person), device_time=at)
    await post.school.attest(session)
    await post.mails_about(address, "Skriv under timmarna för mars 2026", 1)
    _, maja.token = await post.link(person, address)
    ok(await maja.sign(await maja.code()))
    await correct(maja, 60)
    await post.school.attest(session)
    await post.mails_about(address, "Skriv under igen: timmarna för mars 2026 har rättats", 1)


async def test_nobody_is_asked_for_what_was_attested_long_after(demanding: Post) -> None:
    post = demanding
    person, address = await post.person()
    session = await post.session(NOW + DAY)
    await post.apply(post.school.confirmed(session, person))
    post.clock.at = session.occasions[0].ends_at + 15 * DAY
    await post.school.outcomes(session, mark(session, person), device_time=post.clock.at.isoformat())
    await post.school.attest(session)
    await post.pass_time(NOW + 40 * DAY)
    assert await asked(post, address) == []


async def test_people_are_asked_by_the_setting_of_the_last_day_also_of_what_ends_at_midnight(demanding: Post) -> None:
    post = demanding
    stricter = ("invite_within_days", 0, "2026-03-01")
    await post.apply(post.school.project(DEMANDED, stricter))
    person, address = await post.person()
    await post.attended(person, starts=datetime(2026, 2, 28, 20, tzinfo=UTC))
    await post.mails_about(address, "Skriv under timmarna för februari 2026", 1)


async def test_nobody_is_asked_where_signatures_are_not_demanded(post: Post) -> None:
    await post.apply(post.school.project())
    person, address = await post.person()
    await post.attended(person)
    await post.pass_time(NOW + 40 * DAY)
    assert await asked(post, address) == []
