"""Erasing a person: what goes at once, what stays for the figures, what goes when the evidence may."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.consumers import CONSUMERS
from services.booking.participants.follow_erasures import CONSUMER, end_evidence
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from shared.contracts.participants_v1 import ParticipantChanged
from shared.contracts.people_v1 import SupportNoted
from shared.contracts.people_v2 import PersonChangedV2
from shared.contracts.registry import EventData
from shared.contracts.signatures_v1 import ErasureApplied
from shared.messaging.delivery import Event
from shared.security.personal_numbers import check_digit
from shared.security.roles import ANY, Role
from tests.support.answers import Json, answered, ok, problem
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, client, personal_number
from tests.support.events import delivered

pytestmark = pytest.mark.asyncio(loop_scope="module")

serials = iter(range(20_000, 29_000))


class Erased:
    """A person with an employment, to be erased."""

    def __init__(self, world: World, number: str, shown: Json) -> None:
        self.world, self.number, self.shown = world, number, shown
        self.staff, self.participant = str(shown["id"]), str(shown["participant_id"])

    @classmethod
    async def person(cls, world: World, **fields: Any) -> "Erased":
        number = personal_number(next(serials))
        staff = await world.staff(NORA, number=number, manager_email="chef@example.se", phone="070-1740605", **fields)
        return cls(world, number, await world.get(f"/booking/v1/staff/{staff}"))

    async def erase(self, *, status: int = 202) -> Json:
        path = f"/booking/v1/participants/{self.participant}/erase"
        return dict(ok(await self.world.coordinator.post(path, json={"reason": "Begäran"}), status))

    async def events(self, topic: str, key: str = "") -> list[EventData | None]:
        key = key or self.participant
        return [data for found, data in await self.world.origin.published(topic) if found == key]

    async def rows(self, statement: str) -> list[Any]:
        return list(await self.world.origin.rows("booking", statement, UUID(self.participant)))

    async def state(self, erasure: Json) -> Json:
        return await self.world.get(f"/booking/v1/erasures/{erasure['id']}")


async def attested(world: World, session: str, participant: str, minutes: int) -> None:
    shown = await world.get(f"/booking/v1/sessions/{session}")
    line = AttestedMinutes(
        participant_id=UUID(participant),
        occasion_id=UUID(shown["occasions"][0]["occasion_id"]),
        minutes=minutes,
        scheduled_minutes=420,
        excused=False,
    )
    roll = RollAttested(roll_version=1, sealed_hash="a" * 64, attested_by="t", minutes=(line,))
    await taken(world, CONSUMERS[0], delivered(RollAttested, roll, key=session, sequence=1))


async def taken(world: World, consumer: Any, *events: Event) -> None:
    async with world.origin.services["booking"].units.system() as unit:
        await consumer.handler(unit, events)


async def test_contact_data_goes_at_once_and_the_staff_row_with_it(world: World) -> None:
    erased = await Erased.person(world)
    shown = await erased.erase()
    assert set(shown) == {"id"}, "no setting, so no day"
    assert problem(await world.coordinator.get(f"/booking/v1/staff/{erased.staff}")) == (404, "not-found")
    nora = world.municipality(NORA)
    listed = answered(await nora.get("/booking/v1/staff", params={"participant_id": erased.participant}))
    assert listed["items"] == []
    found = answered(await nora.post("/booking/v1/staff/search", json={"personal_number": erased.number}))
    assert found["items"] == []
    [row] = await erased.rows("SELECT * FROM staff WHERE participant_id = $1")
    assert {row[name] for name in ("given_name", "family_name", "workplace")} == {""}
    assert {row[name] for name in ("email", "phone", "manager_email")} == {None}
    assert (await erased.events("kursnav.people.v1", f"person/{erased.participant}"))[-1] is None


async def test_what_the_figures_need_is_published_once_more_without_birth_year_and_employer(world: World) -> None:
    erased = await Erased.person(world)
    await erased.erase()
    event = (await erased.events("kursnav.participants.v1"))[-1]
    assert isinstance(event, ParticipantChanged)
    assert (event.erased, event.birth_year, event.gender) == (True, None, erased.shown["gender"])
    assert event.age_group == "30_54"  # of somebody born in the eighties, erased in 2026
    [employment] = event.employments
    assert (employment.municipality, employment.title, employment.employer_org_number) == (
        NORA,
        erased.shown["title"],
        None,
    )
    [row] = await erased.rows("SELECT * FROM participants WHERE participant_id = $1")
    assert (row["birth_year"], row["personal_number_hint"], row["erased"]) == (None, None, True)


async def test_the_age_group_is_that_of_the_first_attended_occasion(world: World) -> None:
    number = f"19960515239{check_digit('960515239')}"  # 29 in 2025, 30 in 2026
    staff = await world.staff(NORA, number=number)
    erased = Erased(world, number, await world.get(f"/booking/v1/staff/{staff}"))
    start = NOW - 200 * DAY
    session = await world.session(starts=start, at=start - 30 * DAY)
    await world.register(session, staff, at=start - 20 * DAY)
    await attested(world, session, erased.participant, 420)
    await erased.erase()
    event = (await erased.events("kursnav.participants.v1"))[-1]
    assert isinstance(event, ParticipantChanged)
    assert event.age_group == "18_29"


async def test_later_registrations_are_cancelled_and_earlier_ones_stay_without_their_texts(world: World) -> None:
    erased, waiting = await Erased.person(world), await world.staff(OREBRO)
    later = await world.session(1, starts=NOW + 13 * HOUR)  # the same day, and seats are still given
    needs = {erased.staff: ["sign_interpreter"]}
    await world.outcomes(later, erased.staff, support_needs=needs, override={"reason": "Ska bli undersköterska"})
    await world.outcomes(later, waiting)
    earlier = await world.session(starts=NOW - 3 * HOUR, at=NOW - 20 * DAY)
    await world.register(earlier, erased.staff, at=NOW - 10 * DAY)
    cancelled = await world.session(starts=NOW + 20 * DAY)
    await world.outcomes(cancelled, erased.staff)
    told = {"reason": "illness", "note": "Influensa"}
    registration = await world.registration(cancelled, erased.staff)
    await world.post(f"/booking/v1/registrations/{registration['id']}/cancel", told)
    await erased.erase()
    assert await world.statuses(later, erased.staff, waiting) == ["cancelled", "confirmed"]
    assert await world.statuses(earlier, erased.staff) == ["confirmed"]
    ended = (await world.registration(later, erased.staff))["cancelled"]
    assert (ended["by"], ended["late"], ended["neutral"]) == ("system", False, True)
    rows = await erased.rows("SELECT * FROM registrations WHERE participant_id = $1")
    assert {row["note"] for row in rows} == {row["reason"] for row in rows} == {None}
    assert {row["override_reason"] for row in rows} == {None}
    noted = await world.registration(later, erased.staff)
    support = await erased.events("kursnav.people.v1", f"support/{noted['id']}")
    assert [isinstance(data, SupportNoted) for data in support] == [True, False]


async def test_again_it_is_the_same_erasure(world: World) -> None:
    erased = await Erased.person(world)
    first = await erased.erase()
    published_before = len(await erased.events("kursnav.participants.v1"))
    assert await erased.erase(status=200) == first
    assert len(await erased.events("kursnav.participants.v1")) == published_before


async def test_it_is_pending_until_attendance_has_answered_this_erasure(world: World) -> None:
    erased = await Erased.person(world)
    erasure = await erased.erase()
    first = await erased.state(erasure)
    assert first == {
        "id": erasure["id"],
        "participant_id": erased.participant,
        "booking": "done",
        "attendance": "pending",
        "evidence": "kept",
        "evidence_until": None,
    }
    [row] = await erased.rows("SELECT * FROM erasures WHERE participant_id = $1")
    for cause, expected in (uuid4(), "pending"), (row["tombstone_id"], "done"):
        data = ErasureApplied(participant_id=UUID(erased.participant))
        answer = delivered(ErasureApplied, data, key=erased.participant, sequence=1)
        envelope = answer.envelope._replace(causation_id=str(cause))
        await taken(world, CONSUMER, replace(answer, envelope=envelope))
        assert (await erased.state(erasure))["attendance"] == expected


async def test_who_is_entered_again_is_the_same_participant_and_back(world: World) -> None:
    erased = await Erased.person(world)
    await erased.erase()
    again = await world.get(f"/booking/v1/staff/{await world.staff(NORA, number=erased.number)}")
    assert (again["participant_id"], again["id"] != erased.staff) == (erased.participant, True)
    for name in ("birth_year", "personal_number_hint"):
        assert again[name] == erased.shown[name]
    event = (await erased.events("kursnav.participants.v1"))[-1]
    assert isinstance(event, ParticipantChanged)
    assert (event.erased, event.birth_year, len(event.employments)) == (None, erased.shown["birth_year"], 2)
    contact = (await erased.events("kursnav.people.v1", f"person/{erased.participant}"))[-1]
    assert isinstance(contact, PersonChangedV2)
    assert [each.employment_id for each in contact.contacts] == [UUID(again["employment_id"])]
    session = await world.session()
    assert problem(await world.register(session, erased.staff)) == (404, "not-found")
    assert await world.outcomes(session, again["id"]) == ["confirmed"]
    assert (await erased.erase())["id"], "a new erasure, of the new employment"


async def test_an_erased_person_stays_protected_when_back(world: World) -> None:
    erased = await Erased.person(world, protected_identity=True)
    await erased.erase()
    again = await world.get(f"/booking/v1/staff/{await world.staff(NORA, number=erased.number)}")
    assert again["protected_identity"] is True


async def test_the_number_goes_when_the_retention_of_evidence_ends(world: World) -> None:
    kept, erased, back = [await Erased.person(world) for _ in range(3)]
    erasure = await erased.erase()
    await back.erase()
    await world.staff(NORA, number=back.number)
    await until(world, "2026-06-30")
    assert (await erased.state(erasure))["evidence_until"] == "2026-06-30"
    for at, number_kept in (NOW, True), (NOW + 119 * DAY, True), (NOW + 121 * DAY, False):
        world.clock.at = at
        await end_evidence(world.origin.services["booking"].units)
        numbers = [len(await each.rows("SELECT 1 FROM vault WHERE participant_id = $1")) for each in (kept, back)]
        assert numbers == [1, 1]
        assert len(await erased.rows("SELECT 1 FROM vault WHERE participant_id = $1")) == int(number_kept)
    assert (await erased.events("kursnav.participants.v1"))[-1] is None
    assert (await erased.state(erasure))["evidence"] == "deleted"
    newcomer = await world.get(f"/booking/v1/staff/{await world.staff(NORA, number=erased.number)}")
    assert newcomer["participant_id"] != erased.participant


async def until(world: World, day: str) -> None:
    seen = await world.coordinator.get("/booking/v1/project")
    setting = {"key": "retention.evidence_until", "value": day, "valid_from": "2025-01-01"}
    body = {**seen.json(), "settings": [setting]}
    answered(await world.coordinator.put("/booking/v1/project", json=body, headers={"If-Match": seen.headers["ETag"]}))


async def test_an_erased_person_is_neither_merged_nor_given_a_number(world: World) -> None:
    erased, other = await Erased.person(world), await Erased.person(world)
    await erased.erase()
    path = f"/booking/v1/participants/{erased.participant}"
    for act, body in ("merge", {"into": other.participant}), ("personal-number", {"personal_number": other.number}):
        answer = await world.coordinator.post(f"{path}/{act}", json={"reason": "x", **body})
        assert problem(answer) == (409, "participant-erased")


async def test_every_employment_has_it_in_its_audit_with_the_reason(world: World) -> None:
    erased = await Erased.person(world)
    await erased.erase()
    for target in (f"participant/{erased.participant}", f"staff/{erased.staff}"):
        entry = (await world.get("/booking/v1/audit", target=target))["items"][0]
        assert (entry["action"], entry["after"]) == ("participant-erased", {"reason": "Begäran"})


@pytest.mark.parametrize("role", [role for role in ANY if role is not Role.COORDINATOR])
async def test_only_the_coordinator_erases(world: World, role: Role) -> None:
    other = client(world.origin, role, municipality=NORA)
    path = f"/booking/v1/participants/{UUID(int=1)}/erase"
    assert (await other.post(path, json={"reason": "x"})).status_code == 403
    assert problem(await world.coordinator.post(path, json={"reason": "x"})) == (404, "not-found")
