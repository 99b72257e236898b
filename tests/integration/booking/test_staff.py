"""Staff and trainers over HTTP: who is one person, what holds when, who sees what, and where a number never appears."""

import asyncio
import re
from typing import Any

import httpx2
import pytest

from services.booking.staff.bodies import StaffPatch
from shared.contracts.catalogue_v1 import TrainerChanged
from shared.contracts.participants_v1 import ParticipantChanged
from shared.contracts.people_v1 import TrainerContactChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from shared.contracts.topics import ALL
from shared.security.roles import Role
from tests.support.answers import if_match, ok, refused
from tests.support.booking_world import MAJA, enter_register, personal_number
from tests.support.services import Origin

DIGITS = "9876"
ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FORMS = ("8112189876", "811218-9876")
WRITTEN = (*FORMS, *(form.encode().hex() for form in FORMS))  # the second: as a column of bytes is shown
PARTICIPANTS, PEOPLE, CATALOGUE = "kursnav.participants.v1", "kursnav.people.v1", "kursnav.catalogue.v1"


async def nora(origin: Origin) -> httpx2.AsyncClient:
    """Nora's local coordinator, in a register with Nora and Örebro."""
    await enter_register(origin)
    return origin.client(Role.MUNICIPALITY, municipality="1884")


def shows_digits(text: str) -> bool:
    """Whether the end of Maja's number stands there; in an id it may by chance."""
    return DIGITS in ID.sub("", text)


async def test_staff_is_answered_as_get_shows_it_with_what_follows_from_the_number(booking: Origin) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json=MAJA)
    staff = ok(added, 201)
    shown = await office.get(f"/booking/v1/staff/{staff['id']}")
    assert (ok(shown), shown.headers["ETag"]) == (staff, added.headers["ETag"])
    assert staff | {"id": 0, "participant_id": 0, "employment_id": 0, "history": []} == {
        **{name: value for name, value in MAJA.items() if name != "personal_number"},
        "id": 0,
        "participant_id": 0,
        "employment_id": 0,
        "personal_number_hint": "19811218-****",
        "language": "sv",
        "employer_org_number": "212000-2007",
        "title": "assistant_nurse",
        "kind": "employed",
        "gender": "man",
        "birth_year": 1981,
        "protected_identity": False,
        "valid_from": "2025-01-01",
        "valid_to": None,
        "history": [],
    }


async def test_a_person_of_two_municipalities_is_one_participant(booking: Origin) -> None:
    first = ok(await (await nora(booking)).post("/booking/v1/staff", json=MAJA), 201)
    orebro = booking.client(Role.MUNICIPALITY, municipality="1880")
    body = {**MAJA, "personal_number": "8112189876", "municipality": "1880", "title": "Kock", "category": "other"}
    second = ok(await orebro.post("/booking/v1/staff", json=body), 201)
    assert second["participant_id"] == first["participant_id"]
    assert len({first["id"], second["id"], first["employment_id"], second["employment_id"]}) == 4
    (key, event) = (await booking.published(PARTICIPANTS))[-1]
    assert isinstance(event, ParticipantChanged)
    assert key == first["participant_id"]
    assert [(each.municipality, each.title) for each in event.employments] == [
        ("1884", "assistant_nurse"),
        ("1880", "Kock"),
    ]


async def test_a_municipality_sees_and_changes_its_own_staff_only(booking: Origin) -> None:
    office = await nora(booking)
    staff = ok(await office.post("/booking/v1/staff", json=MAJA), 201)
    path = f"/booking/v1/staff/{staff['id']}"
    orebro = booking.client(Role.MUNICIPALITY, municipality="1880")
    refused(await orebro.get(path), 404, "not-found")
    refused(await orebro.patch(path, json={"workplace": "X"}, headers={"If-Match": "*"}), 404, "not-found")
    refused(await orebro.delete(path, headers={"If-Match": "*"}), 404, "not-found")
    refused(await orebro.post("/booking/v1/staff", json=MAJA), 403, "forbidden")
    assert ok(await orebro.get("/booking/v1/staff"))["items"] == []
    assert ok(await office.get("/booking/v1/staff"))["items"] == [staff]
    everybody = booking.client(Role.COORDINATOR)
    assert ok(await everybody.get("/booking/v1/staff?municipality=1884"))["items"] == [staff]
    assert ok(await everybody.get("/booking/v1/staff?municipality=1880"))["items"] == []
    for role in (Role.TRAINER, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR):
        client = booking.client(role, trainer_id=staff["id"])
        refused(await client.get("/booking/v1/staff"), 403, "forbidden")


async def test_an_employment_in_force_is_not_entered_twice(booking: Origin) -> None:
    office = await nora(booking)
    first = ok(await office.post("/booking/v1/staff", json=MAJA), 201)
    problem = refused(await office.post("/booking/v1/staff", json=MAJA), 409, "already-employed")
    assert problem["staff"] == first["id"]


async def test_who_left_can_come_back_as_another_employment_of_the_same_person(booking: Origin) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json={**MAJA, "valid_from": "2025-01-01"})
    first = ok(added, 201)
    path = f"/booking/v1/staff/{first['id']}"
    refused(await office.delete(path), 428, "if-match-required")
    answer = ok(await office.delete(path, headers=if_match(added)))
    ended = ok(await office.get(path))
    assert answer == ended | {"cancelled_registrations": []}
    assert ended["valid_to"] is not None
    again = ok(await office.post("/booking/v1/staff", json=MAJA), 201)
    assert again["participant_id"] == first["participant_id"]
    assert again["employment_id"] != first["employment_id"]
    assert again["valid_from"] > ended["valid_to"]


async def test_a_new_title_holds_from_its_day_under_the_same_employment(booking: Origin) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json={**MAJA, "title": "Vårdbiträde", "category": "other"})
    path = f"/booking/v1/staff/{ok(added, 201)['id']}"
    patch = {"title": "assistant_nurse", "category": "base", "valid_from": "2025-07-01"}
    changed = await office.patch(path, json=patch, headers=if_match(added))
    shown = ok(changed)
    assert (shown["title"], shown["employment_id"]) == ("assistant_nurse", added.json()["employment_id"])
    assert [(each["title"], each["valid_from"], each["valid_to"]) for each in shown["history"]] == [
        ("care_assistant", "2025-01-01", "2025-06-30"),
        ("assistant_nurse", "2025-07-01", None),
    ]
    event = (await booking.published(PARTICIPANTS))[-1][1]
    assert isinstance(event, ParticipantChanged)
    assert [each.category for each in event.employments] == ["other", "base"]
    refused(await office.patch(path, json={"workplace": "X"}, headers=if_match(added)), 412, "stale-if-match")


async def test_a_change_without_a_day_applies_from_the_local_day_of_the_act(booking: Origin) -> None:
    await nora(booking)
    office = booking.client(Role.COORDINATOR)
    added = await office.post("/booking/v1/staff", json=MAJA)
    path = f"/booking/v1/staff/{ok(added, 201)['id']}"
    at = {"Kursnav-Occurred-At": "2025-05-04T23:30:00Z"}  # already the fifth in Sweden
    shown = ok(await office.patch(path, json={"kind": "placement"}, headers=if_match(added) | at))
    assert [(each["kind"], each["valid_from"]) for each in shown["history"]] == [
        ("employed", "2025-01-01"),
        ("placement", "2025-05-05"),
    ]


async def test_an_answer_can_be_edited_and_sent_back(booking: Origin) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json={**MAJA, "valid_from": "2024-03-01"})
    staff = ok(added, 201)
    path = f"/booking/v1/staff/{staff['id']}"
    sent = {name: value for name, value in staff.items() if name in StaffPatch.model_fields}
    edited = {"email": "ny@nora.example", "phone": None}
    assert ok(await office.patch(path, json=sent | edited, headers=if_match(added))) == staff | edited | {
        "cancelled_registrations": []
    }


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"personal_number": "198112189876"}, "/personal_number"),
        ({"municipality": "1880"}, "/municipality"),
        ({"given_name": None}, "/given_name"),
        ({"category": "nurse"}, "/category"),
        ({"employer_org_number": "8112189877"}, "/employer_org_number"),
        ({"valid_to": "2024-12-31"}, "/valid_to"),
    ],
)
async def test_a_wrong_field_of_an_edit_is_pointed_at(booking: Origin, patch: dict[str, Any], pointer: str) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json=MAJA)
    path = f"/booking/v1/staff/{ok(added, 201)['id']}"
    problem = refused(await office.patch(path, json=patch, headers=if_match(added)), 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"personal_number": "198112189877"}, "/personal_number"),
        ({"personal_number": "19811318-9876"}, "/personal_number"),
        ({"email": "maja"}, "/email"),
        ({"municipality": "9999"}, "/municipality"),
        ({"municipality": None}, "/municipality"),
        ({"employer_org_number": "212000-2008"}, "/employer_org_number"),
        ({"valid_from": "2025-03-02", "valid_to": "2025-03-01"}, "/valid_to"),
        ({"workplace": " "}, "/workplace"),
    ],
)
async def test_a_wrong_field_is_pointed_at_and_never_repeated(
    booking: Origin, change: dict[str, Any], pointer: str
) -> None:
    office = await enter_register(booking)
    answer = await office.post("/booking/v1/staff", json={**MAJA, **change})
    problem = refused(answer, 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert DIGITS[:3] not in answer.text


async def test_a_personal_number_is_in_the_vault_and_nowhere_else(
    booking: Origin, capfd: pytest.CaptureFixture[str]
) -> None:
    office = await nora(booking)
    answer = await office.post("/booking/v1/staff", json=MAJA)
    staff = ok(answer, 201)
    refused(await office.post("/booking/v1/staff", json=MAJA), 409, "already-employed")
    assert not shows_digits(answer.text)
    tables = await booking.rows(
        "booking", "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    for table in tables:
        rows = await booking.rows("booking", f'SELECT t::text AS row FROM "{table["tablename"]}" AS t')
        held = [row for row in rows if any(written in row["row"] for written in WRITTEN)]
        assert not held, table
    events = [data for topic in ALL for _, data in await booking.published(topic.name) if data is not None]
    assert any(isinstance(data, PersonChangedV2) for data in events), "also what is encrypted is read"
    assert not [data for data in events if any(written in data.model_dump_json() for written in WRITTEN)]
    (sealed,) = await booking.rows("booking", "SELECT * FROM vault")
    assert str(sealed["participant_id"]) == staff["participant_id"]
    assert b"8112189876" not in sealed["box"]
    printed = capfd.readouterr()
    assert not shows_digits(printed.out + printed.err)


async def test_the_vault_is_closed_to_every_scope_but_the_systems(booking: Origin) -> None:
    ok(await (await nora(booking)).post("/booking/v1/staff", json=MAJA), 201)
    units = booking.services["booking"].units
    async with units.open() as unit:
        for statement in ("vault", "staff", "participants", "employment_periods", "trainers", "audit", "jobs"):
            assert await unit.scalar(f"SELECT count(*) FROM {statement}") == 0
    async with units.system() as unit:
        assert await unit.scalar("SELECT count(*) FROM vault") == 1


async def test_with_protected_identity_neither_name_nor_phone_is_published(booking: Origin) -> None:
    office = await nora(booking)
    added = await office.post("/booking/v1/staff", json=MAJA)
    staff = ok(added, 201)
    contact = {
        "employment_id": staff["employment_id"],
        "email": "maja.ek@nora.example",
        "manager_email": "chef@nora.example",
    }
    named = ContactOfEmployment(**contact, given_name="Maja", family_name="Ek", phone="070-174 06 05")
    key = f"person/{staff['participant_id']}"
    expected = PersonChangedV2(language="sv", protected=False, contacts=(named,))
    assert (await booking.published(PEOPLE))[-1] == (key, expected)
    path = f"/booking/v1/staff/{staff['id']}"
    ok(await office.patch(path, json={"protected_identity": True}, headers=if_match(added)))
    masked = PersonChangedV2(language="sv", protected=True, contacts=(ContactOfEmployment(**contact),))
    assert (await booking.published(PEOPLE))[-1] == (key, masked)
    assert len(await booking.published(PARTICIPANTS)) == 1  # nothing that reporting knows has changed


async def test_a_staff_list_goes_on_where_it_ended(booking: Origin) -> None:
    office = await nora(booking)
    added = [
        ok(await office.post("/booking/v1/staff", json={**MAJA, "personal_number": personal_number(person)}), 201)
        for person in range(3)
    ]
    first = ok(await office.get("/booking/v1/staff?limit=2"))
    last = ok(await office.get("/booking/v1/staff", params={"limit": 2, "cursor": first["next"]}))
    assert [first["items"], last["items"], last["next"]] == [added[:2], added[2:], None]


async def test_a_title_entered_before_it_was_known_becomes_its_code(booking: Origin) -> None:
    office = await enter_register(booking)
    staff = ok(await office.post("/booking/v1/staff", json={**MAJA, "title": "Stödpedagog", "category": "other"}), 201)
    assert staff["title"] == "Stödpedagog"
    shown = await office.get("/booking/v1/titles")
    titles = [
        *shown.json()["items"],
        {"title": "support_educator", "title_sv": "Stödpedagog", "category": "other", "step": 4},
    ]
    ok(await office.put("/booking/v1/titles", json=titles, headers=if_match(shown)))
    assert ok(await office.get(f"/booking/v1/staff/{staff['id']}"))["title"] == "support_educator"
    event = (await booking.published(PARTICIPANTS))[-1][1]
    assert isinstance(event, ParticipantChanged)
    assert [each.title for each in event.employments] == ["support_educator"]


async def test_one_number_entered_at_once_by_several_is_one_person(booking: Origin) -> None:
    office = await enter_register(booking)
    bodies = [MAJA, {**MAJA, "municipality": "1880"}, MAJA, {**MAJA, "municipality": "1880"}]
    answers = await asyncio.gather(*(office.post("/booking/v1/staff", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert len({answer.json()["participant_id"] for answer in answers if answer.status_code == 201}) == 1
    event = (await booking.published(PARTICIPANTS))[-1][1]
    assert isinstance(event, ParticipantChanged)
    assert len(event.employments) == 2


async def test_the_same_key_answers_the_same_staff(booking: Origin) -> None:
    office = await nora(booking)
    key = {"Idempotency-Key": "maja"}
    first = await office.post("/booking/v1/staff", json=MAJA, headers=key)
    again = await office.post("/booking/v1/staff", json=MAJA, headers=key)
    assert (ok(again, 201), again.headers["ETag"]) == (ok(first, 201), first.headers["ETag"])
    other = await office.post("/booking/v1/staff", json={**MAJA, "workplace": "X"}, headers=key)
    refused(other, 422, "idempotency-key-reused")


TRAINER = {
    "name": "Siv Larsson",
    "email": "siv@orebro.example",
    "home_municipality": "1880",
    "qualifications": [{"code": "KlinSim1", "obtained_on": "2025-02-01"}],
    "active_from": "2025-03-01",
    "active_to": None,
}


async def test_a_trainer_is_published_without_name_and_with_contact_apart(booking: Origin) -> None:
    office = await enter_register(booking)
    added = await office.post("/booking/v1/trainers", json=TRAINER)
    trainer = ok(added, 201)
    assert trainer == {**TRAINER, "id": trainer["id"]}
    path = f"/booking/v1/trainers/{trainer['id']}"
    assert ok(await office.get(path)) == trainer
    changed = await office.patch(path, json={"active_to": "2025-12-01"}, headers=if_match(added))
    assert ok(changed)["active_to"] == "2025-12-01"
    (key, event) = (await booking.published(CATALOGUE))[-1]
    assert isinstance(event, TrainerChanged)
    assert (key, str(event.active_to)) == (f"trainer/{trainer['id']}", "2025-12-01")
    contact = (await booking.published(PEOPLE))[-1]
    assert contact == (key, TrainerContactChanged(name="Siv Larsson", email="siv@orebro.example"))
    refused(await office.patch(path, json={"active_to": "2025-01-01"}, headers=if_match(changed)), 422, "validation")
    refused(await office.post("/booking/v1/trainers", json={**TRAINER, "home_municipality": "1863"}), 422, "validation")
    assert ok(await office.get("/booking/v1/trainers"))["items"] == [changed.json()]
    (entry, *_) = ok(await office.get("/booking/v1/audit"))["items"]
    assert (entry["action"], entry["after"]) == ("trainer-changed", {"active_to": "2025-12-01"})
