"""Marks by whom the roll was taken from, and on behalf of a trainer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.contracts import booking_v1 as booking
from shared.security.roles import Role
from tests.support.school import NINE, School, got, mark

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestReplacedTrainer:
    async def test_delivers_what_was_marked_before(self, school: School) -> None:
        before, after = uuid4(), uuid4()
        session, [anna, bo] = await school.with_people(2, trainers=[before])
        await school.tell(school.replaced(session, after, when=NINE + timedelta(minutes=30)))
        marks = [mark(session, anna, minute=10), mark(session, bo, minute=40)]
        answer = await school.post_marks(session, *marks, client=school.trainer(before))
        assert [result["outcome"] for result in answer["results"]] == ["accepted", "rejected"]
        assert answer["results"][1]["problem"]["type"].endswith("/trainer-replaced")
        path = f"/attendance/v1/sessions/{session.id}/roll"
        assert (await school.trainer(before).get(path)).status_code == 404
        assert (await school.trainer(after).get(path)).status_code == 200

    async def test_who_comes_back_is_a_trainer_as_before(self, school: School) -> None:
        trainer = uuid4()
        session, [anna] = await school.with_people(1, trainers=[trainer])
        await school.tell(school.replaced(session, uuid4()), school.replaced(session, trainer))
        assert await school.outcomes(session, mark(session, anna), client=school.trainer(trainer)) == ["accepted"]

    async def test_a_full_state_without_the_trainer_is_a_replacement_too(self, school: School) -> None:
        before = uuid4()
        session, [anna] = await school.with_people(1, trainers=[before])
        later = NINE + timedelta(hours=1)
        await school.tell(school.changed(session, booking.SessionRescheduled, when=later, trainers=[uuid4()]))
        assert await school.outcomes(session, mark(session, anna), client=school.trainer(before)) == ["accepted"]

    async def test_a_stranger_stays_one(self, school: School) -> None:
        session, [anna] = await school.with_people(1)
        body = {"device_id": "a", "device_time": NINE.isoformat(), "marks": [mark(session, anna)]}
        path = f"/attendance/v1/sessions/{session.id}/marks"
        assert (await school.trainer(uuid4()).post(path, json=body)).status_code == 404


class TestOnBehalfOfATrainer:
    async def test_the_coordinator_imports_a_phones_file(self, school: School) -> None:
        session, [anna] = await school.with_people(1)
        trainer = str(session.trainers[0])
        assert await school.outcomes(session, mark(session, anna), on_behalf_of=trainer) == ["accepted"]
        [kept] = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/marks"))["items"]
        assert (kept["source"], kept["on_behalf_of"]) == ("trainer", trainer)
        assert kept["recorded_by"] == Role.COORDINATOR
        [event] = await school.published(session)
        assert event["source"] == "trainer"

    async def test_nobody_acts_for_a_stranger(self, school: School) -> None:
        trainer = uuid4()
        session, [anna] = await school.with_people(1, trainers=[trainer])
        body = {"device_id": "a", "device_time": NINE.isoformat(), "marks": [mark(session, anna)]}
        path = f"/attendance/v1/sessions/{session.id}/marks"
        for client in (school.coordinator, school.trainer(trainer)):
            answer = await client.post(path, json={**body, "on_behalf_of": str(uuid4())})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "/on_behalf_of"
