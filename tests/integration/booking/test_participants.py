"""One human is one participant, for ever: another number, and two participants that are found to be one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.consumers import CONSUMERS
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from shared.contracts.participants_v1 import ParticipantChanged, ParticipantsMerged
from shared.contracts.people_v2 import PersonChangedV2
from shared.contracts.registry import EventData
from shared.security.personal_numbers import check_digit
from shared.security.roles import Role
from tests.support.answers import Json, ok, refused
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, personal_number
from tests.support.events import delivered

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER = NOW + 40 * DAY
serials = iter(range(5000, 9000))


def real_number() -> str:
    return personal_number(next(serials))


def coordination_number() -> str:
    """Of somebody born in 1980: the day plus 60."""
    number = personal_number(next(serials))
    nine = number[2:6] + str(int(number[6:8]) + 60) + number[8:11]
    return f"19{nine}{check_digit(nine)}"


class Entered:
    """A staff row with the number it was entered under."""

    def __init__(self, world: World, number: str, shown: Json) -> None:
        self.world, self.number, self.shown = world, number, shown

    @classmethod
    async def at(cls, world: World, municipality: str, number: str, **fields: Any) -> "Entered":
        staff_id = await world.staff(municipality, number=number, **fields)
        return cls(world, number, await world.get(f"/booking/v1/staff/{staff_id}"))

    @property
    def id(self) -> str:
        return str(self.shown["id"])

    @property
    def participant(self) -> str:
        return str(self.shown["participant_id"])

    async def now(self) -> Json:
        return await self.world.get(f"/booking/v1/staff/{self.id}")

    async def post(self, act: str, **body: Any) -> Any:
        path = f"/booking/v1/participants/{self.participant}/{act}"
        return await self.world.coordinator.post(path, json={"reason": "Samma människa", **body})

    async def merge(self, into: "Entered") -> Any:
        return await self.post("merge", into=into.participant)


async def two(world: World) -> tuple[Entered, Entered]:
    """One human, entered by Nora under a coordination number and by Örebro under the real one."""
    return await Entered.at(world, NORA, coordination_number()), await Entered.at(world, OREBRO, real_number())


async def events(world: World, topic: str, key: str) -> list[EventData | None]:
    return [data for found, data in await world.origin.published(topic) if found == key]


async def audit(world: World, target: str) -> list[Json]:
    items: list[Json] = (await world.get("/booking/v1/audit", target=target))["items"]
    return items


class TestAnotherNumber:
    """POST …/personal-number."""

    async def test_the_participant_stays_and_birth_year_and_gender_follow_the_number(self, world: World) -> None:
        person = await Entered.at(world, NORA, coordination_number())
        number = "198112189876"
        shown = ok(await person.post("personal-number", personal_number=number))
        now = await person.now()
        assert shown == {
            "id": person.participant,
            "participant_id": person.participant,
            "personal_number_hint": "19811218-****",
            "gender": "man",
            "birth_year": 1981,
            "protected_identity": False,
            "staff": [person.id],
        }
        assert (now["participant_id"], now["birth_year"], now["gender"]) == (person.participant, 1981, "man")
        event = (await events(world, "kursnav.participants.v1", person.participant))[-1]
        assert isinstance(event, ParticipantChanged)
        assert (event.birth_year, event.gender) == (1981, "man")

    async def test_both_numbers_find_the_same_participant(self, world: World) -> None:
        person, number = await Entered.at(world, NORA, coordination_number()), real_number()
        ok(await person.post("personal-number", personal_number=number))
        for known in (person.number, number):
            again = await Entered.at(world, OREBRO, known, valid_from="2025-01-01", valid_to="2025-01-31")
            assert again.participant == person.participant
            seen = await world.coordinator.get(f"/booking/v1/staff/{again.id}")
            await world.coordinator.patch(
                f"/booking/v1/staff/{again.id}",
                json={"valid_from": "2024-01-01", "valid_to": "2024-01-02"},
                headers={"If-Match": seen.headers["ETag"]},
            )

    async def test_every_employment_has_it_in_its_audit_with_the_reason_and_without_the_number(
        self, world: World
    ) -> None:
        at_nora, number = await Entered.at(world, NORA, coordination_number()), real_number()
        at_orebro = await Entered.at(world, OREBRO, at_nora.number)
        ok(await at_nora.post("personal-number", personal_number=number))
        (entry, *_) = await audit(world, f"participant/{at_nora.participant}")
        assert (entry["action"], entry["after"]["reason"]) == ("personal-number-changed", "Samma människa")
        assert number[-4:] not in str(entry["after"]["personal_number_hint"])
        for staff in (at_nora, at_orebro):
            (entry, *_) = await audit(world, f"staff/{staff.id}")
            assert entry["action"] == "person-changed"
            assert entry["after"]["personal_number_hint"] == f"{number[:8]}-****"

    async def test_a_gender_that_the_coordinator_set_stays(self, world: World) -> None:
        person = await Entered.at(world, NORA, coordination_number(), gender="non_binary")
        shown = ok(await person.post("personal-number", personal_number=real_number()))
        assert shown["gender"] == "non_binary"

    async def test_a_number_that_somebody_else_has_is_refused_naming_the_other(self, world: World) -> None:
        person, other = await two(world)
        answer = refused(
            await person.post("personal-number", personal_number=other.number), 409, "personal-number-taken"
        )
        assert answer["participant_id"] == other.participant
        assert (await person.now())["personal_number_hint"] == person.shown["personal_number_hint"]
        ok(await person.post("personal-number", personal_number=real_number()))

    async def test_who_has_a_personal_number_gets_no_coordination_number(self, world: World) -> None:
        person = await Entered.at(world, NORA, real_number())
        refused(await person.post("personal-number", personal_number=coordination_number()), 422, "validation")

    async def test_a_municipality_may_not(self, world: World) -> None:
        person = await Entered.at(world, NORA, coordination_number())
        nora = world.municipality(NORA)
        for act, body in (("personal-number", {"personal_number": real_number()}), ("merge", {"into": str(uuid4())})):
            path = f"/booking/v1/participants/{person.participant}/{act}"
            refused(await nora.post(path, json={"reason": "x", **body}), 403, "forbidden")
        nobody = f"/booking/v1/participants/{uuid4()}/personal-number"
        body = {"personal_number": real_number(), "reason": "x"}
        refused(await world.coordinator.post(nobody, json=body), 404, "not-found")


class TestMerging:
    """POST …/merge."""

    async def test_the_one_that_remains_has_the_employments_and_registrations_of_both(self, world: World) -> None:
        ended, into = await two(world)
        session = await world.session()
        await world.outcomes(session, ended.id)
        shown = ok(await ended.merge(into))
        assert (shown["participant_id"], shown["staff"]) == (into.participant, sorted([ended.id, into.id]))
        assert (await ended.now())["participant_id"] == into.participant
        assert (await world.registration(session, ended.id))["participant_id"] == into.participant
        [refused_twice] = ok(await world.register(session, into.id), 201)["results"]
        assert refused_twice["problem"]["type"].endswith("already-registered")

    async def test_it_is_published_once_under_the_key_that_ends_with_the_histories_of_both(self, world: World) -> None:
        ended, into = await two(world)
        ok(await ended.merge(into))
        told = await events(world, "kursnav.participants.v1", ended.participant)
        ids = {"participant_id": UUID(ended.participant), "into": UUID(into.participant)}
        assert told[-1] == ParticipantsMerged(**ids)
        remains = (await events(world, "kursnav.participants.v1", into.participant))[-1]
        assert isinstance(remains, ParticipantChanged)
        assert {str(each.employment_id) for each in remains.employments} == {
            ended.shown["employment_id"],
            into.shown["employment_id"],
        }
        assert (await events(world, "kursnav.people.v1", f"person/{ended.participant}"))[-1] is None
        contacts = (await events(world, "kursnav.people.v1", f"person/{into.participant}"))[-1]
        assert isinstance(contacts, PersonChangedV2)
        assert len(contacts.contacts) == 2

    async def test_it_is_in_the_audit_of_both(self, world: World) -> None:
        ended, into = await two(world)
        ok(await ended.merge(into))
        for target in (f"participant/{ended.participant}", f"participant/{into.participant}", f"staff/{ended.id}"):
            (entry, *_) = await audit(world, target)
            assert entry["action"] == "participants-merged"
            assert (entry["before"], entry["after"]) == (
                {"participant_id": ended.participant},
                {"participant_id": into.participant, "reason": "Samma människa"},
            )

    async def test_both_numbers_find_the_one_that_remains_and_the_personal_number_holds(self, world: World) -> None:
        by_coordination, by_number = await two(world)
        shown = ok(await by_number.merge(by_coordination))
        assert shown["personal_number_hint"] == by_number.shown["personal_number_hint"]
        for number in (by_coordination.number, by_number.number):
            found = await world.post("/booking/v1/staff/search", {"personal_number": number})
            assert [item["id"] for item in found["items"]] == sorted([by_coordination.id, by_number.id])

    async def test_a_protected_identity_of_either_protects_the_one_that_remains(self, world: World) -> None:
        ended, into = await two(world)
        protected = await Entered.at(world, NORA, real_number(), protected_identity=True)
        ok(await ended.merge(protected))
        assert (await ended.now())["protected_identity"]
        assert ok(await protected.merge(into))["protected_identity"]
        assert (await into.now())["protected_identity"]

    async def test_merges_in_a_chain_end_at_the_last(self, world: World) -> None:
        first, second = await two(world)
        third = await Entered.at(world, NORA, real_number())
        ok(await first.merge(second))
        assert len(ok(await second.merge(third))["staff"]) == 3
        problem = refused(await first.merge(third), 409, "participant-merged")
        assert problem["participant_id"] == third.participant
        problem = refused(await third.merge(second), 409, "participant-merged")
        assert problem["participant_id"] == third.participant
        refused(await third.merge(third), 422, "validation")

    async def test_registrations_of_both_on_one_session_are_named(self, world: World) -> None:
        ended, into = await two(world)
        session = await world.session()
        await world.outcomes(session, ended.id, into.id)
        problem = refused(await ended.merge(into), 409, "participants-collide")
        assert problem["sessions"] == [session]
        ids = [(await world.registration(session, staff.id))["id"] for staff in (ended, into)]
        assert problem["registrations"] == sorted(ids)
        await world.cancel(session, ended.id)
        ok(await ended.merge(into))

    async def test_a_cancelled_session_on_which_both_stand_is_no_obstacle(self, world: World) -> None:
        ended, into = await two(world)
        session = await world.session()
        await world.outcomes(session, ended.id, into.id)
        await world.post(f"/booking/v1/sessions/{session}/cancel", {"cause": "venue"})
        ok(await ended.merge(into))
        rows = await world.origin.rows(
            "booking", "SELECT participant_id, status FROM registrations WHERE session_id = $1", UUID(session)
        )
        assert [(str(row["participant_id"]), row["status"]) for row in rows] == [(into.participant, "confirmed")] * 2

    async def test_registrations_of_both_at_one_time_are_named(self, world: World) -> None:
        ended, into = await two(world)
        one, other = await world.session(starts=LATER), await world.session(starts=LATER + HOUR)
        await world.outcomes(one, ended.id)
        await world.outcomes(other, into.id)
        problem = refused(await ended.merge(into), 409, "participants-collide")
        assert problem["sessions"] == sorted([one, other])
        assert [error["code"] for error in problem["errors"]] == ["same-time"]

    async def test_registrations_one_after_the_other_are_no_obstacle(self, world: World) -> None:
        ended, into = await two(world)
        one, other = await world.session(starts=LATER), await world.session(starts=LATER + 8 * HOUR)
        await world.outcomes(one, ended.id)
        await world.outcomes(other, into.id)
        ok(await ended.merge(into))

    async def test_minutes_of_both_on_one_session_are_named_though_the_registrations_were_cancelled(
        self, world: World
    ) -> None:
        ended, into = await two(world)
        session = await world.session(starts=NOW + timedelta(days=3))
        await world.outcomes(session, ended.id, into.id)
        for staff in (ended, into):
            await world.cancel(session, staff.id)
        await attested(world, session, 1, (ended.participant, 60), (into.participant, 30))
        problem = refused(await ended.merge(into), 409, "participants-collide")
        assert (problem["sessions"], problem["registrations"]) == ([session], [])

    async def test_a_roll_attested_under_the_id_that_ended_fulfils_a_prerequisite(self, world: World) -> None:
        ended, into = await two(world)
        session = await world.session(starts=NOW + DAY)
        follow_up = await world.session(course="TR2", starts=NOW + 20 * DAY)
        await world.outcomes(session, ended.id)
        ok(await ended.merge(into))
        await attested(world, session, 1, (ended.participant, 420))
        assert await world.outcomes(follow_up, into.id) == ["confirmed"]


class TestRaces:
    """Merging while others book and enter the same two."""

    async def test_no_registration_stays_under_the_id_that_ended(self, world: World) -> None:
        for _ in range(5):
            ended, into = await two(world)
            sessions = [await world.session(starts=LATER + n * DAY) for n in range(4)]
            answers = await asyncio.gather(
                *(world.register(session, ended.id) for session in sessions[:2]),
                ended.merge(into),
                *(world.register(session, ended.id) for session in sessions[2:]),
            )
            assert {answer.status_code for answer in answers} <= {200, 201, 409}, [each.text for each in answers]
            rows = await world.origin.rows(
                "booking", "SELECT DISTINCT participant_id FROM registrations WHERE staff_id = $1", ended.id
            )
            assert {str(row["participant_id"]) for row in rows} <= {into.participant}

    async def test_who_is_entered_again_meanwhile_is_of_the_one_that_remains(self, world: World) -> None:
        for _ in range(5):
            ended, into = await two(world)
            body = {"personal_number": ended.number, "municipality": "1863", "given_name": "A", "family_name": "B"}
            body |= {"workplace": "C", "title": "D", "category": "base"}
            merged, entered = await asyncio.gather(
                ended.merge(into), world.coordinator.post("/booking/v1/staff", json=body)
            )
            assert (merged.status_code, entered.status_code) == (200, 201), (merged.text, entered.text)
            [again] = (await world.get("/booking/v1/staff", q="A B"))["items"][-1:]
            assert again["participant_id"] == into.participant


async def attested(world: World, session: str, sequence: int, *lines: tuple[str, int]) -> None:
    """Attendance tells booking of a sealed roll of one occasion."""
    occasion_id = uuid4()
    minutes = tuple(
        AttestedMinutes(
            participant_id=UUID(person), occasion_id=occasion_id, minutes=n, scheduled_minutes=420, excused=False
        )
        for person, n in lines
    )
    data = RollAttested(roll_version=1, sealed_hash="00", attested_by="trainer", minutes=minutes)
    event = delivered(RollAttested, data, key=session, sequence=sequence, at=NOW)
    [consumer] = [each for each in CONSUMERS if "attendance" in each.name]
    async with world.origin.services["booking"].units.system() as unit:
        await consumer.handler(unit, [event])


@pytest.mark.parametrize("role", [Role.TRAINER, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR])
async def test_only_the_coordinator_says_who_is_one_human(world: World, role: Role) -> None:
    client = world.origin.client(role, trainer_id=str(uuid4()), iat=0, exp=int((NOW + 3650 * DAY).timestamp()))
    answer = await client.post(f"/booking/v1/participants/{uuid4()}/merge", json={"into": str(uuid4()), "reason": "x"})
    refused(answer, 403, "forbidden")
