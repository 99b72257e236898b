"""What comes after the seal: late marks, people, and sessions that booking moves or calls off."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.attendance.cells.held import HELD
from shared.contracts import booking_v1 as booking
from shared.security.roles import Role
from tests.integration.attendance.test_conflicts import open_conflicts
from tests.support.answers import answered
from tests.support.browsers import browser
from tests.support.school import HOURS, NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

Change = Callable[[Session], tuple[booking.Occasion, ...]]


def an_hour_only(session: Session) -> tuple[booking.Occasion, ...]:
    [occasion] = session.occasions
    return (occasion.model_copy(update={"ends_at": NINE + HOURS, "break_minutes": 0}),)


def last_november(session: Session) -> tuple[booking.Occasion, ...]:
    [occasion] = session.occasions
    later = -timedelta(days=120)
    return (occasion.model_copy(update={"starts_at": NINE + later, "ends_at": NINE + later + 3 * HOURS}),)


def another_occasion(session: Session) -> tuple[booking.Occasion, ...]:
    [occasion] = session.occasions
    return (occasion.model_copy(update={"occasion_id": uuid4()}),)


async def sealed(school: School, *said: str) -> tuple[Session, list[UUID], list[dict[str, Any]]]:
    """An attested session whose people were marked so."""
    session, people = await school.with_people(len(said))
    marks = [mark(session, person, status) for person, status in zip(people, said, strict=True) if status]
    await school.post_marks(session, *marks)
    await school.attest(session)
    return session, people, marks


async def names(school: School, session: Session) -> list[str]:
    return [event["name"] for event in await school.published(session)]


async def test_minutes_that_a_sealed_roll_yielded_are_asked_about_when_the_other_roll_gives_them_up(
    school: School,
) -> None:
    there, here = await school.session(), await school.session(NINE + HOURS)
    anna, walk_in = uuid4(), str(uuid4())
    await school.tell(school.confirmed(there, anna))
    await school.post_marks(there, mark(there, anna))
    trainer = school.trainer(here.trainers[0])
    answered(await trainer.post(f"/attendance/v1/sessions/{here.id}/walk-ins", json={"walk_in_id": walk_in}), 201)
    came = mark(here, anna)
    await school.post_marks(here, came | {"participant_id": None, "walk_in_id": walk_in})
    await school.tell(school.confirmed(here, anna, via="walk-in", walk_in_id=walk_in))
    await school.attest(here)
    await school.post_marks(there, mark(there, anna, minute=3))
    assert await open_conflicts(school, here) == [], "nothing was given up"
    await school.post_marks(there, mark(there, anna, "absent", minute=5))
    assert (await school.roll(here))["state"] == "attested"
    [conflict] = await open_conflicts(school, here)
    assert (conflict["kind"], [one["mark_id"] for one in conflict["marks"]]) == ("after-seal", [came["mark_id"]])
    office = browser(school.origin, Role.COORDINATOR)
    page = await office.get(f"/narvaro/konflikter/{conflict['id']}")
    assert "lämnade ett annat kurstillfälle ifrån sig tiden" in page.text
    await school.post(f"/conflicts/{conflict['id']}/resolve", {"choose": came["mark_id"], "reason": "Hon var här"})
    roll = await school.roll(here)
    assert (roll["state"], roll["people"][0]["marks"][0]["minutes"]) == ("reopened", 165)


class TestBookingMovesWhatIsSealed:
    @pytest.mark.parametrize(
        ("change", "minutes"), [(an_hour_only, 60), (last_november, 165), (another_occasion, None)]
    )
    async def test_the_roll_is_reopened_and_clipped_anew(
        self, school: School, change: Change, minutes: int | None
    ) -> None:
        session, [anna], _ = await sealed(school, "present")
        await school.tell(school.rescheduled(session, *change(session)))
        roll = await school.roll(session)
        assert (roll["state"], roll["sealed_hash"]) == ("reopened", None)
        assert [shown["minutes"] for shown in roll["people"][0]["marks"]] == ([] if minutes is None else [minutes])
        [reopened] = await school.published(session, "roll-reopened")
        assert reopened["reason_code"] == "schedule-changed"

        await school.attest(session)
        first, second = await school.published(session, "roll-attested")
        assert [line["minutes"] for line in first["minutes"]] == [165]
        [line] = second["minutes"]
        assert (line["participant_id"], line["minutes"]) == (str(anna), minutes or 0)
        assert line["occasion_id"] == str(session.occasions[0].occasion_id)
        assert line["minutes"] <= line["scheduled_minutes"]
        verified = await school.post(f"/sessions/{session.id}/seals/verify", None)
        assert [seal["minutes"] for seal in verified["seals"]] == [165, minutes or 0]
        assert verified["hash_matches"], "the first seal stays in history"

    async def test_calling_it_off_leaves_no_minutes_and_frees_the_time(self, school: School) -> None:
        session, [anna], _ = await sealed(school, "present")
        await school.tell(school.called_off(session))
        assert (await school.roll(session))["state"] == "reopened"
        [reopened] = await school.published(session, "roll-reopened")
        assert reopened["reason_code"] == "schedule-changed"
        [cell] = await school.origin.rows("attendance", "select * from cells where session_id = $1", session.id)
        assert (cell["minutes"], cell["scheduled_minutes"]) == (0, 0)
        assert (await school.published(session))[-1]["minutes"] == 0
        other = await school.session()
        await school.tell(school.confirmed(other, anna))
        assert await school.outcomes(other, mark(other, anna)) == ["accepted"]

    async def test_another_room_breaks_no_seal(self, school: School) -> None:
        session, _, _ = await sealed(school, "present")
        await school.tell(school.rescheduled(session, *session.occasions))
        assert (await school.roll(session))["state"] == "attested"


class TestLateMarks:
    async def test_that_say_the_same_are_accepted_and_change_nothing(self, school: School) -> None:
        session, [anna, bo, cia], _ = await sealed(school, "present", "absent", "")
        before = await names(school, session)
        same = [mark(session, anna), mark(session, bo, "absent"), mark(session, cia, "absent", absence_reason="work")]
        assert await school.outcomes(session, *same, device="tablet") == ["accepted"] * 3
        assert await school.outcomes(session, *same, device="tablet") == ["duplicate"] * 3
        assert await names(school, session) == before
        assert (await school.roll(session))["state"] == "attested"
        assert await open_conflicts(school, session) == []

    @pytest.mark.parametrize(
        ("was", "late"),
        [
            ("present", {"status": "absent"}),
            ("present", {"status": "present", "minutes": 60}),
            ("", {"status": "present"}),
            ("absent", {"status": "absent", "absence_reason": "illness"}),
        ],
    )
    async def test_that_say_something_else_wait_for_a_person(
        self, school: School, was: str, late: dict[str, Any]
    ) -> None:
        session, [anna], marks = await sealed(school, was)
        told = mark(session, anna, **late)
        assert await school.outcomes(session, told, device="tablet") == ["conflict"]
        [conflict] = await open_conflicts(school, session)
        assert conflict["kind"] == "after-seal"
        expected = {told["mark_id"], *(made["mark_id"] for made in marks)}
        assert {kept["mark_id"] for kept in conflict["marks"]} == expected
        roll = await school.roll(session)
        assert roll["state"] == "attested"
        assert roll["sealed_hash"] == roll["content_hash"], "the late mark counts nothing while it waits"

    async def test_choosing_the_late_one_is_a_correction(self, school: School) -> None:
        session, [anna], [there] = await sealed(school, "present")
        late = mark(session, anna, "absent")
        await school.post_marks(session, late, device="tablet")
        [conflict] = await open_conflicts(school, session)
        assert {kept["mark_id"]: kept["minutes"] for kept in conflict["marks"]} == {
            there["mark_id"]: 165,
            late["mark_id"]: 0,
        }
        body = {"choose": late["mark_id"], "reason": "Hade gått hem"}
        decided = await school.post(f"/conflicts/{conflict['id']}/resolve", body)
        assert (decided["state"], decided["resolution"]["reason"]) == ("resolved", "Hade gått hem")
        roll = await school.roll(session)
        assert (roll["state"], roll["people"][0]["marks"][0]["minutes"]) == ("reopened", 0)
        [correction] = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/corrections"))["items"]
        assert (correction["minutes"], correction["replaces"]) == (0, there["mark_id"])
        assert (await names(school, session))[-2:] == ["roll-reopened", "attendance-corrected"]
        await school.attest(session)
        assert [line["minutes"] for line in (await school.published(session))[-1]["minutes"]] == [0]

    @pytest.mark.parametrize("by", ["mark", "minutes"])
    async def test_choosing_what_was_sealed_leaves_the_seal(self, school: School, by: str) -> None:
        session, [anna], [there] = await sealed(school, "present")
        await school.post_marks(session, mark(session, anna, "absent"), device="tablet")
        [conflict] = await open_conflicts(school, session)
        body = {"choose": there["mark_id"] if by == "mark" else 165, "reason": "Fel person"}
        assert (await school.post(f"/conflicts/{conflict['id']}/resolve", body))["state"] == "resolved"
        assert (await school.roll(session))["state"] == "attested"
        assert await school.published(session, "roll-reopened") == []

    async def test_illness_that_is_told_late_excuses(self, school: School) -> None:
        session, [anna], _ = await sealed(school, "absent")
        ill = mark(session, anna, "absent", absence_reason="illness")
        await school.post_marks(session, ill, device="tablet")
        [conflict] = await open_conflicts(school, session)
        await school.post(f"/conflicts/{conflict['id']}/resolve", {"choose": ill["mark_id"], "reason": "Intyg"})
        await school.attest(session)
        [line] = (await school.published(session))[-1]["minutes"]
        assert (line["minutes"], line["excused"]) == (0, True)

    async def test_a_plain_correction_ends_them_too(self, school: School) -> None:
        session, [anna], [there] = await sealed(school, "present")
        await school.post_marks(session, mark(session, anna, "absent"), device="tablet")
        body = {"participant_id": str(anna), "occasion_id": there["occasion_id"], "minutes": 90, "reason": "Gick"}
        await school.post(f"/sessions/{session.id}/corrections", body, 201)
        assert await open_conflicts(school, session) == []
        await school.attest(session)

    async def test_undecided_they_keep_a_reopened_roll_from_being_attested(self, school: School) -> None:
        session, [anna, bo], [_, other] = await sealed(school, "present", "present")
        await school.post_marks(session, mark(session, anna, "absent"), device="tablet")
        body = {"participant_id": str(bo), "occasion_id": other["occasion_id"], "minutes": 90, "reason": "Gick"}
        await school.post(f"/sessions/{session.id}/corrections", body, 201)
        refused = await school.attest(session, 409)
        assert refused["type"].endswith("/unresolved-conflicts")
        [conflict] = await open_conflicts(school, session)
        await school.post(f"/conflicts/{conflict['id']}/resolve", {"choose": 0, "reason": "Var inte där"})
        await school.attest(session)
        assert sorted(line["minutes"] for line in (await school.published(session))[-1]["minutes"]) == [0, 90]


class TestWhoComesAfterTheSeal:
    async def test_is_listed_and_no_no_show_and_gets_hours_by_correction(self, school: School) -> None:
        session, [anna], [there] = await sealed(school, "present")
        late = uuid4()
        await school.tell(school.confirmed(session, late))
        roll = await school.roll(session)
        assert {person["participant_id"] for person in roll["people"]} == {str(anna), str(late)}
        assert roll["sealed_hash"] == roll["content_hash"]
        body = {"participant_id": str(late), "occasion_id": there["occasion_id"], "minutes": 60, "reason": "Glömd"}
        await school.post(f"/sessions/{session.id}/corrections", body, 201)
        await school.attest(session)
        lines = {line["participant_id"]: line["minutes"] for line in (await school.published(session))[-1]["minutes"]}
        assert lines == {str(anna): 165, str(late): 60}

    async def test_a_mark_that_was_left_out_of_the_seal_reopens_the_roll(self, school: School) -> None:
        session, [anna] = await school.with_people(1)
        late = uuid4()
        await school.post_marks(session, mark(session, anna), mark(session, late))
        await school.attest(session, leave_held=True, reason="Okänd på listan")
        assert [line["minutes"] for line in (await school.published(session))[-1]["minutes"]] == [165]
        await school.tell(school.confirmed(session, late))
        assert (await school.roll(session))["state"] == "reopened"
        [reopened] = await school.published(session, "roll-reopened")
        assert reopened["reason_code"] == "late-arrival"
        await school.attest(session)
        assert [line["minutes"] for line in (await school.published(session))[-1]["minutes"]] == [165, 165]

    @pytest.mark.parametrize("mark_first", [True, False])
    async def test_a_mark_made_after_the_seal_is_decided_by_a_person(self, school: School, mark_first: bool) -> None:
        """Whichever came first, the mark or the registration."""
        session, _, _ = await sealed(school, "present")
        late = uuid4()
        told, registered = mark(session, late), school.confirmed(session, late)
        if mark_first:
            assert await school.outcomes(session, told) == [HELD]
            await school.tell(registered)
        else:
            await school.tell(registered)
            assert await school.outcomes(session, told) == ["conflict"]
        [conflict] = await open_conflicts(school, session)
        assert (conflict["kind"], conflict["participant_id"]) == ("after-seal", str(late))
        assert (await school.roll(session))["state"] == "attested"
