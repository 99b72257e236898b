"""Personal links: who gets one by mail, and for how long it leads anywhere."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from services.attendance.retention import forget_old
from shared.contracts.people_v2 import ContactOfEmployment
from shared.security.links import digest_of
from shared.security.roles import Role
from tests.integration.attendance.post import DAY, NOW, Post, token_in
from tests.support.school import ALWAYS, got
from tests.support.story import employment_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_link_goes_with_the_first_registration_ahead_and_again_when_it_has_expired(post: Post) -> None:
    person, address = await post.person()
    soon, later = await post.session(NOW + 7 * DAY), await post.session(NOW + 120 * DAY)
    await post.tell(post.school.confirmed(soon, person))
    [mail] = await post.first_links(1, address)
    assert mail["subject"] == "Din sida för kurserna"
    assert "/min/" in mail["html"]
    await post.tell(post.school.confirmed(await post.session(NOW + 8 * DAY), person))
    await post.first_links(1, address)
    post.clock.at = NOW + 91 * DAY
    await post.tell(post.school.confirmed(later, person))
    await post.first_links(2, address)


async def test_a_link_waits_for_the_address_which_may_arrive_after_the_registration(post: Post) -> None:
    session, person = await post.session(NOW + 7 * DAY), uuid4()
    await post.tell(post.school.confirmed(session, person))
    address = f"{person.hex[:12]}@example.se"
    known = ContactOfEmployment(employment_id=employment_of(person), email=address)
    await post.tell(post.school.contacts(person, known))
    await post.first_links(1, address)


async def test_nobody_is_told_of_what_is_entered_afterwards(post: Post) -> None:
    person, address = await post.person()
    session = await post.session(NOW + 7 * DAY)
    await post.tell(post.school.confirmed(session, person), at=NOW - DAY)
    other, others = await post.person()
    await post.tell(post.school.confirmed(session, other))
    await post.first_links(1, others)
    assert await post.box.mails(address) == []


async def test_without_an_address_of_its_own_a_persons_link_goes_to_the_manager_who_learns_whom_it_is_for(
    post: Post,
) -> None:
    manager = f"chef-{uuid4().hex[:8]}@example.se"
    person, _ = await post.person(manager_email=manager)
    hidden, _ = await post.person(manager_email=manager, protected=True)
    await post.link(person, manager)
    await post.link(hidden, manager)
    first, second = await post.box.until(2, manager)
    assert "Gäller: Maja Ek" in first["text"]
    assert "Maja" not in second["text"]
    assert "skyddade personuppgifter" in second["text"]


async def test_who_cannot_be_written_to_is_told_of_when_a_link_is_sent(post: Post) -> None:
    person, _ = await post.person(given_name="Maja")
    refused = await post.school.post("/links", {"participant_id": str(person)}, 409)
    assert refused["type"].endswith("/no-address")
    unknown = await post.school.post("/links", {"participant_id": str(uuid4())}, 422)
    assert unknown["errors"][0]["pointer"] == "/participant_id"


@pytest.mark.parametrize("days", [-1, 91])
async def test_a_link_ends_within_90_days(post: Post, days: int) -> None:
    person, _ = await post.person()
    body = {"participant_id": str(person), "expires_at": (NOW + days * DAY).isoformat()}
    assert (await post.school.post("/links", body, 422))["errors"][0]["pointer"] == "/expires_at"


async def test_the_answer_says_when_the_link_ends_and_never_where_it_leads(post: Post) -> None:
    person, address = await post.person()
    ends = NOW + 5 * DAY
    made = await post.school.post("/links", {"participant_id": str(person), "expires_at": ends.isoformat()}, 202)
    [mail] = await post.box.until(1, address)
    token = token_in(mail)
    assert datetime.fromisoformat(made["expires_at"]) == ends
    assert token not in str(made)
    assert made == await got(post.school.coordinator, f"/attendance/v1/links/{made['id']}")
    [listed] = (await got(post.school.coordinator, f"/attendance/v1/links?participant_id={person}"))["items"]
    assert listed == made
    [row] = await post.origin.rows("attendance", "SELECT * FROM links WHERE id = $1", UUID(made["id"]))
    assert row["digest"] == digest_of(token)
    for table in ("links", "mails", "jobs", "idempotency_keys", "outbox"):
        held = await post.origin.rows("attendance", f"SELECT t::text AS row FROM {table} AS t")
        assert not any(token in one["row"] for one in held), table


@pytest.mark.parametrize("role", [Role.MUNICIPALITY, Role.TRAINER, Role.FUNDER])
async def test_only_the_office_sends_and_revokes_links(post: Post, role: Role) -> None:
    client = post.origin.client(role, municipality="1884", trainer_id=uuid4(), **ALWAYS)
    assert (await client.post("/attendance/v1/links", json={"participant_id": str(uuid4())})).status_code == 403
    assert (await client.post(f"/attendance/v1/links/{uuid4()}/revoke")).status_code == 403


async def test_revoking_twice_is_harmless(post: Post) -> None:
    person, address = await post.person()
    link_id, _ = await post.link(person, address)
    first = await post.school.post(f"/links/{link_id}/revoke", None)
    post.clock.at = NOW + DAY
    assert await post.school.post(f"/links/{link_id}/revoke", None) == first
    assert first["state"] == "revoked"
    await post.school.post(f"/links/{uuid4()}/revoke", None, 404)


async def test_a_link_is_forgotten_a_month_after_its_end_with_the_codes_that_went_by_it(post: Post) -> None:
    maja = await post.participant()
    await maja.code()
    held = "SELECT id FROM links WHERE participant_id = $1"
    await forget_old(post.origin.services["attendance"].units)
    assert len(await post.origin.rows("attendance", held, maja.id)) == 1
    post.clock.at += 130 * DAY
    await forget_old(post.origin.services["attendance"].units)
    assert await post.origin.rows("attendance", held, maja.id) == []
    left = "SELECT id FROM signing_codes WHERE link_id = $1"
    assert await post.origin.rows("attendance", left, UUID(maja.link_id)) == []
