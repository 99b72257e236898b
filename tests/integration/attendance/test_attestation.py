"""Sealing, correcting and verifying."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.attendance.attestation.bodies import SealedContentShown
from shared.security.roles import Role
from tests.support.school import HOURS, NINE, School, got, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_attesting_seals_every_line_of_the_roll(school: School) -> None:
    session, [anna, bo, cia] = await school.with_people(3)
    await school.post_marks(session, mark(session, anna), mark(session, bo, "absent", absence_reason="illness"))
    roll = await school.roll(session)
    seal = await school.attest(session, roll_version=roll["roll_version"], content_hash=roll["content_hash"])
    assert seal["sealed_hash"] == roll["content_hash"]
    [event] = await school.published(session, "roll-attested")
    lines = {line["participant_id"]: (line["minutes"], line["excused"]) for line in event["minutes"]}
    assert lines == {str(anna): (165, False), str(bo): (0, True), str(cia): (0, False)}
    assert event["sealed_hash"] == seal["sealed_hash"]
    assert (await school.roll(session))["state"] == "attested"


async def test_attesting_twice_answers_the_same_seal(school: School) -> None:
    session, _ = await school.with_people(1)
    first = await school.attest(session)
    assert await school.attest(session) == first
    assert len(await school.published(session, "roll-attested")) == 1


async def test_a_roll_that_changed_since_it_was_seen_is_not_attested(school: School) -> None:
    session, [anna, _] = await school.with_people(2)
    seen = await school.roll(session)
    await school.post_marks(session, mark(session, anna))
    refused = await school.attest(session, 409, roll_version=seen["roll_version"])
    assert refused["type"].endswith("/roll-changed")
    refused = await school.attest(session, 409, roll_version=refused["roll_version"], content_hash=seen["content_hash"])
    assert refused["type"].endswith("/roll-changed")


async def test_the_same_content_passes_although_the_version_rose(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.post_marks(session, mark(session, anna), device="phone")
    seen = await school.roll(session)
    await school.post_marks(session, mark(session, anna), device="tablet")
    assert (await school.roll(session))["roll_version"] > seen["roll_version"]
    await school.attest(session, roll_version=seen["roll_version"])


async def test_there_and_back_again_passes_by_its_hash(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.post_marks(session, mark(session, anna))
    seen = await school.roll(session)
    await school.post_marks(session, mark(session, anna, "absent", minute=1))
    await school.post_marks(session, mark(session, anna, minute=2))
    await school.attest(session, 409, roll_version=seen["roll_version"])
    await school.attest(session, roll_version=seen["roll_version"], content_hash=seen["content_hash"])


async def test_a_correction_breaks_the_seal_until_the_roll_is_attested_again(school: School) -> None:
    session, [anna] = await school.with_people(1)
    first = mark(session, anna)
    await school.post_marks(session, first)
    await school.attest(session)
    body = {
        "participant_id": str(anna),
        "occasion_id": first["occasion_id"],
        "minutes": 120,
        "reason": "Gick hem tidigare",
        "reason_code": "left-early",
    }
    path = f"/sessions/{session.id}/corrections"
    correction = await school.post(path, body, 201)
    assert (correction["minutes"], correction["replaces"], correction["state"]) == (120, first["mark_id"], "reopened")
    assert await got(school.coordinator, f"/attendance/v1{path}/{correction['id']}") == correction
    assert (await school.post(path, body, 409))["type"].endswith("/nothing-to-correct")
    assert (await school.roll(session))["state"] == "reopened"
    await school.attest(session)
    told = await school.published(session)
    assert [event["name"] for event in told] == [
        "attendance-recorded",
        "roll-attested",
        "roll-reopened",
        "attendance-corrected",
        "roll-attested",
    ]
    assert told[3]["replaces"] == first["mark_id"]
    assert [line["minutes"] for line in told[4]["minutes"]] == [120]
    seals = await got(school.origin.client(Role.FUNDER), f"/attendance/v1/sessions/{session.id}/seals")
    assert [seal["minutes"] for seal in seals["items"]] == [165, 120]
    verified = await school.post(f"/sessions/{session.id}/seals/verify", None)
    assert verified["hash_matches"]
    assert verified["roll_matches"]
    assert await school.post(f"/sessions/{session.id}/verify", None) == verified, (
        "the contract's … can be read both ways"
    )


async def test_corrections_that_cannot_be(school: School) -> None:
    session, [anna] = await school.with_people(1)
    occasion = str(session.occasions[0].occasion_id)
    path = f"/sessions/{session.id}/corrections"
    body = {"participant_id": str(anna), "occasion_id": occasion, "minutes": 60, "reason": "Glömd"}
    assert (await school.post(path, body, 409))["type"].endswith("/roll-not-attested")
    await school.attest(session)
    for change, pointer in (
        ({"minutes": 166}, "/minutes"),
        ({"minutes": -1}, "/minutes"),
        ({"occasion_id": str(uuid4())}, "/occasion_id"),
        ({"participant_id": str(uuid4())}, "/participant_id"),
        ({"reason": ""}, "/reason"),
    ):
        refused = await school.post(path, {**body, **change}, 422)
        assert [error["pointer"] for error in refused["errors"]] == [pointer]


async def test_what_booking_changes_after_the_seal_loses_no_attested_hour(school: School) -> None:
    session, [anna, bo] = await school.with_people(2)
    await school.post_marks(session, mark(session, anna))
    await school.attest(session)
    late = uuid4()
    await school.tell(school.cancelled(session, anna), school.cancelled(session, bo), school.confirmed(session, late))
    roll = await school.roll(session)
    assert roll["state"] == "attested"
    assert roll["sealed_hash"] != roll["content_hash"]
    assert {person["participant_id"] for person in roll["people"]} == {str(anna), str(late)}
    assert (await school.post(f"/sessions/{session.id}/seals/verify", None))["roll_matches"] is False
    await school.attest(session)
    [_, event] = await school.published(session, "roll-attested")
    assert {(line["participant_id"], line["minutes"]) for line in event["minutes"]} == {(str(anna), 165)}, (
        "who was registered after the seal is no no-show"
    )


async def test_a_session_with_dates_left_is_not_attested(school: School) -> None:
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    anna, later = uuid4(), await school.session(tomorrow)
    assert (await school.attest(later, 409))["type"].endswith("/session-not-over")
    await school.tell(school.confirmed(later, anna))
    answer = await school.post_marks(later, mark(later, anna))
    assert answer["results"][0]["problem"]["type"].endswith("/occasion-not-begun")
    assert await school.outcomes(later, mark(later, anna, "absent", absence_reason="illness")) == ["accepted"]


async def test_a_cancelled_session_has_nothing_to_attest(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.tell(school.cancelled(session, anna))
    await school.tell(school.called_off(session))
    assert (await school.attest(session, 409))["type"].endswith("/session-cancelled")
    answer = await school.post_marks(session, mark(session, anna))
    assert answer["results"][0]["problem"]["type"].endswith("/session-cancelled")


async def test_a_rescheduled_occasion_clips_what_was_marked(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.post_marks(session, mark(session, anna))
    [occasion] = session.occasions
    shorter = occasion.model_copy(update={"ends_at": NINE + HOURS, "break_minutes": 0})
    await school.tell(school.rescheduled(session, shorter))
    assert (await school.roll(session))["people"][0]["marks"][0]["minutes"] == 60
    assert [event["minutes"] for event in await school.published(session)] == [165, 60]


async def test_a_coordinator_attests_for_a_trainer_of_the_session_and_says_why(school: School) -> None:
    session, _ = await school.with_people(1)
    path, version = f"/sessions/{session.id}/attest", (await school.roll(session))["roll_version"]
    trainer = str(session.trainers[0])
    for said, pointers in (
        ({}, ["/on_behalf_of", "/reason"]),
        ({"on_behalf_of": trainer}, ["/reason"]),
        ({"on_behalf_of": str(uuid4()), "reason": "Sjuk"}, ["/on_behalf_of"]),
        ({"on_behalf_of": "Anna Andersson", "reason": "Sjuk"}, ["/on_behalf_of"]),
    ):
        refused = await school.post(path, {"roll_version": version, **said}, 422)
        assert [error["pointer"] for error in refused["errors"]] == pointers
    assert await school.published(session, "roll-attested") == []
    await school.attest(session, reason="Sjuk")
    [event] = await school.published(session, "roll-attested")
    assert event["on_behalf_of"] == trainer


async def test_a_trainer_attests_for_nobody_else(school: School) -> None:
    trainer = uuid4()
    session, _ = await school.with_people(1, trainers=[trainer])
    client, path = school.trainer(trainer), f"/attendance/v1/sessions/{session.id}/attest"
    version = (await school.roll(session))["roll_version"]
    stranger = await client.post(path, json={"roll_version": version, "on_behalf_of": str(uuid4()), "reason": "Bytt"})
    assert stranger.status_code == 422
    assert (await client.post(path, json={"roll_version": version, "on_behalf_of": str(trainer)})).status_code == 200


async def test_why_somebody_else_attested_stays_in_the_project(school: School) -> None:
    session, _ = await school.with_people(1)
    await school.attest(session, reason="Anna är sjukskriven")
    path = f"/attendance/v1/sessions/{session.id}/seals"
    for client, reason in ((school.coordinator, "Anna är sjukskriven"), (school.origin.client(Role.FUNDER), None)):
        [seal] = (await got(client, path))["items"]
        assert seal["reason"] == reason
        assert (await got(client, f"{path}/{seal['roll_version']}"))["reason"] == reason
        verified = (await client.post(f"{path}/verify")).json()
        assert verified["seals"][0]["reason"] == reason


async def test_the_hash_of_the_sealed_bytes_is_the_seal(school: School) -> None:
    session, [anna] = await school.with_people(1)
    await school.post_marks(session, mark(session, anna))
    seal = await school.attest(session)
    path = f"/attendance/v1/sessions/{session.id}/seals/{seal['roll_version']}/content"
    answer = await school.origin.client(Role.FUNDER).get(path)
    assert hashlib.sha256(answer.content).hexdigest() == seal["sealed_hash"]
    assert SealedContentShown.model_validate(answer.json()).lines[0].participant_id == anna
    assert (await school.coordinator.get(path.replace(f"/{seal['roll_version']}/", "/999/"))).status_code == 404


async def test_marks_that_wait_are_left_out_of_the_seal_only_on_purpose_and_with_a_reason(school: School) -> None:
    session, _ = await school.with_people(1)
    await school.post_marks(session, mark(session, uuid4()))
    assert (await school.attest(session, 409))["type"].endswith("/held-marks")
    trainer = school.trainer(session.trainers[0])
    body = {"roll_version": (await school.roll(session))["roll_version"], "leave_held": True}
    path = f"/attendance/v1/sessions/{session.id}/attest"
    assert (await trainer.post(path, json=body)).status_code == 422
    assert (await trainer.post(path, json={**body, "reason": "Okänd på listan"})).status_code == 200


async def test_a_session_is_attested_when_its_last_occasion_has_ended(school: School) -> None:
    session = await school.session(datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2))
    assert (await school.attest(session, 409))["type"].endswith("/session-not-over")


async def test_who_is_ill_is_excused_while_the_project_says_so(school: School) -> None:
    await school.tell(school.project(("illness_neutral", False, "2025-06-01")))
    excused = []
    for start in (NINE, NINE + timedelta(days=120)):
        session, [anna] = await school.with_people(1, starts=[start])
        await school.post_marks(session, mark(session, anna, "absent", absence_reason="illness"))
        await school.attest(session)
        [event] = await school.published(session, "roll-attested")
        excused.append(event["minutes"][0]["excused"])
    assert excused == [True, False]
