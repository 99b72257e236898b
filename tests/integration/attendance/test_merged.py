"""Two participants are found to be one person: one line on every roll, whichever event comes first."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any
from uuid import uuid4, uuid5

import pytest

from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from tests.support.school import School, got, mark
from tests.support.story import Session, employment_of, registration

pytestmark = pytest.mark.asyncio(loop_scope="module")


def lines(roll: dict[str, Any]) -> list[tuple[str, str, list[int]]]:
    """Who stands on a roll, how, and with which minutes."""
    return [
        (person["participant_id"], person["registration"], [shown["minutes"] for shown in person["marks"]])
        for person in roll["people"]
    ]


async def test_a_marked_person_stands_under_the_id_that_remains(school: School) -> None:
    session, [ended] = await school.with_people(1)
    into = uuid4()
    await school.post_marks(session, mark(session, ended))
    before = await school.roll(session)
    await school.tell(school.merged(ended, into))
    after = await school.roll(session)
    assert lines(after) == [(str(into), "confirmed", [165])]
    assert after["roll_version"] > before["roll_version"]
    [stored] = await school.origin.rows(
        "attendance", "select participant_id from marks where session_id = $1", session.id
    )
    assert stored["participant_id"] == ended, "what was marked stays as it came"


async def test_whichever_of_a_chain_comes_first_the_last_one_remains(school: School) -> None:
    for order in permutations(range(3)):
        session, [one] = await school.with_people(1)
        two, three, four = uuid4(), uuid4(), uuid4()
        merges = [school.merged(one, two), school.merged(two, three), school.merged(three, four)]
        for number in order:
            await school.tell(merges[number])
        assert lines(await school.roll(session)) == [(str(four), "confirmed", [])], order


async def test_a_cancellation_under_the_id_that_remains_takes_the_ended_one_off_the_roll(school: School) -> None:
    """Booking cancelled after the merge, and its event comes before it."""
    session, [ended] = await school.with_people(1)
    into = uuid4()
    of_ended = registration(session, ended)["registration_id"]
    await school.tell(school.cancelled(session, into, registration_id=of_ended))
    await school.tell(school.merged(ended, into))
    roll = await school.roll(session)
    assert lines(roll) == []
    counts = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}"))["counts"]
    assert (counts["people"], counts["unmarked"]) == (0, 0)


async def test_a_phones_mark_under_the_ended_id_is_the_persons(school: School) -> None:
    session, [ended] = await school.with_people(1)
    into = uuid4()
    await school.tell(school.merged(ended, into))
    sent = mark(session, ended)
    assert await school.outcomes(session, sent) == ["accepted"]
    assert await school.outcomes(session, sent, {**sent, "participant_id": str(into)}) == ["duplicate", "duplicate"]
    assert await school.outcomes(session, {**sent, "participant_id": str(uuid4())}) == ["rejected"]
    assert lines(await school.roll(session)) == [(str(into), "confirmed", [165])]


async def test_a_mark_sent_again_after_the_merge_is_the_one_known(school: School) -> None:
    session, [ended] = await school.with_people(1)
    sent = mark(session, ended)
    await school.post_marks(session, sent)
    await school.tell(school.merged(ended, uuid4()))
    assert await school.outcomes(session, sent) == ["duplicate"]


@pytest.mark.parametrize("marked_under_the_ended_id", [True, False])
async def test_a_held_mark_is_released_by_the_merge(school: School, marked_under_the_ended_id: bool) -> None:
    session, [registered] = await school.with_people(1)
    other = uuid4()
    ended, into = (other, registered) if marked_under_the_ended_id else (registered, other)
    assert await school.outcomes(session, mark(session, other)) == ["held"]
    await school.tell(school.merged(ended, into))
    assert lines(await school.roll(session)) == [(str(into), "confirmed", [165])]


async def test_a_walk_in_who_ended_is_the_person_too(school: School) -> None:
    session, walk_in, ended, into = await school.session(), uuid4(), uuid4(), uuid4()
    await school.tell(school.confirmed(session, ended, walk_in_id=walk_in))
    await school.tell(school.merged(ended, into))
    sent = {**mark(session, ended), "walk_in_id": str(walk_in)}
    del sent["participant_id"]
    assert await school.outcomes(session, sent) == ["accepted"]
    assert lines(await school.roll(session)) == [(str(into), "confirmed", [165])]


async def test_marks_under_both_ids_that_differ_are_a_contradiction(school: School) -> None:
    session, [ended, into] = await school.with_people(2)
    await school.tell(school.cancelled(session, ended))  # may have come all the same: the marks count
    await school.post_marks(session, mark(session, ended), device="tablet")
    await school.post_marks(session, mark(session, into, "absent"), device="phone")
    await school.tell(school.merged(ended, into))
    roll = await school.roll(session)
    assert lines(roll) == [(str(into), "confirmed", [])]
    [conflict] = roll["conflicts"]
    assert conflict["participant_id"] == str(into)
    await school.post(f"/conflicts/{conflict['id']}/resolve", {"choose": 60, "reason": "Kom sent"})
    assert lines(await school.roll(session)) == [(str(into), "confirmed", [60])]


async def test_conflicts_of_both_ids_end_with_one_decision(school: School) -> None:
    session, [ended, into] = await school.with_people(2)
    for person in (ended, into):
        await school.post_marks(session, mark(session, person), device="tablet")
        await school.post_marks(session, mark(session, person, "absent"), device="phone")
    await school.tell(school.merged(ended, into))
    first = (await school.roll(session))["conflicts"][0]
    await school.post(f"/conflicts/{first['id']}/resolve", {"choose": 60, "reason": "Frågade henne"})
    roll = await school.roll(session)
    assert roll["conflicts"] == []
    assert lines(roll) == [(str(into), "confirmed", [60])]


@pytest.mark.parametrize("merge_first", [True, False])
async def test_the_minutes_of_one_person_never_overlap_in_two_sessions(school: School, merge_first: bool) -> None:
    one, [ended] = await school.with_people(1)
    other, [into] = await school.with_people(1)
    merge = school.merged(ended, into)
    await school.post_marks(one, mark(one, ended))
    if merge_first:
        await school.tell(merge)
    await school.post_marks(other, mark(other, into))
    if not merge_first:
        await school.tell(merge)
    rolls = [await school.roll(one), await school.roll(other)]
    assert sorted(minutes for roll in rolls for _, _, minutes in lines(roll)) == [[], [165]]
    assert [conflict["participant_id"] for roll in rolls for conflict in roll["conflicts"]] == [str(into)]


async def test_a_sealed_roll_stays_byte_for_byte(school: School) -> None:
    session, [ended, other] = await school.with_people(2)
    into = uuid4()
    await school.post_marks(session, mark(session, ended), mark(session, other))
    seal = await school.attest(session)
    before = await school.roll(session)
    await school.tell(school.merged(ended, into))
    after = await school.roll(session)
    assert {line[0] for line in lines(after)} == {str(into), str(other)}
    unchanged = ("state", "sealed_hash", "content_hash", "roll_version")
    assert [after[name] for name in unchanged] == [before[name] for name in unchanged]
    assert await school.attest(session) == seal, "nothing is to be attested again"


@pytest.mark.parametrize("sent_under_the_ended_id", [True, False])
async def test_after_the_seal_a_mark_under_either_id_is_late_and_a_correction_counts(
    school: School, sent_under_the_ended_id: bool
) -> None:
    session, [ended] = await school.with_people(1)
    into = uuid4()
    await school.post_marks(session, mark(session, ended))
    await school.attest(session)
    await school.tell(school.merged(ended, into))
    person = ended if sent_under_the_ended_id else into
    assert await school.outcomes(session, mark(session, person, minute=5, minutes=30)) == ["conflict"]
    correction = {
        "participant_id": str(person),
        "occasion_id": str(session.occasions[0].occasion_id),
        "minutes": 90,
        "reason": "Gick tidigare",
    }
    await school.post(f"/sessions/{session.id}/corrections", correction, 201)
    roll = await school.roll(session)
    assert (lines(roll), roll["conflicts"]) == ([(str(into), "confirmed", [90])], [])
    await school.attest(session)
    [first, second] = await school.published(session, "roll-attested")
    told = [(line["participant_id"], line["minutes"]) for event in (first, second) for line in event["minutes"]]
    assert told == [(str(ended), 165), (str(ended), 90)], "one line, under the id of the seal before"


async def test_the_ended_ones_tombstone_does_not_take_the_name(school: School) -> None:
    session, [ended] = await school.with_people(1)
    into = uuid4()
    await school.tell(school.named(ended, "Anna", "Gammal"))
    contact = ContactOfEmployment(employment_id=employment_of(ended), given_name="Anna", family_name="Ny")
    await school.tell(
        school.contacts(into, contact),
        school.bury(PersonChangedV2, f"person/{ended}"),
        school.merged(ended, into),
    )
    for client in (school.coordinator, school.trainer(session.trainers[0])):
        [person] = (await school.roll(session, client))["people"]
        assert (person["participant_id"], person["name"]) == (str(into), "Anna Ny")


async def test_in_any_order_of_registration_marks_and_merge_the_roll_is_the_same(school: School) -> None:
    """Confirmed and marked under the ended id, registered again and marked under the one that remains."""
    rolls = [await _told(school, order) for order in permutations(range(5))]
    assert {repr(roll) for roll in rolls} == {repr(rolls[0])}
    assert rolls[0][0] == [("into", "confirmed", [30])]


async def _told(school: School, order: Sequence[int]) -> Any:
    session = await school.session()
    ended, into = uuid5(session.id, "ended"), uuid5(session.id, "into")
    first, cancelled = school.confirmed(session, ended), school.cancelled(session, ended)
    again = school.confirmed(session, into)
    merge = school.merged(ended, into)
    early, late = mark(session, ended, minute=1), mark(session, into, minute=2, minutes=30)
    steps = [(first, cancelled), (again,), (merge,), early, late]
    for number in order:
        await _step(school, session, steps[number])
    roll = await school.roll(session)
    names = {str(ended): "ended", str(into): "into"}
    return [(names[who], how, minutes) for who, how, minutes in lines(roll)], roll["conflicts"]


async def _step(school: School, session: Session, step: Any) -> None:
    if isinstance(step, tuple):
        await school.tell(*step)
    else:
        await school.post_marks(session, step)


@pytest.mark.parametrize("walked_in", ["here", "there"])
async def test_who_walked_in_under_an_id_that_ended_gives_shared_minutes_way_too(
    school: School, walked_in: str
) -> None:
    """Nobody knew the walk-in, who was entered anew, and is found to be somebody with a seat elsewhere."""
    [there, here], ended, into = [await school.session() for _ in range(2)], uuid4(), uuid4()
    came, seated = (here, there) if walked_in == "here" else (there, here)
    await school.tell(school.confirmed(seated, into), school.confirmed(came, ended, via="walk-in", walk_in_id=uuid4()))
    await school.post_marks(there, mark(there, into if seated is there else ended))
    await school.post_marks(here, mark(here, into if seated is here else ended))
    await school.tell(school.merged(ended, into))
    rolls = [await school.roll(session) for session in (there, here)]
    assert [roll["conflicts"] for roll in rolls] == [[], []]
    assert sum(person["minutes"] for roll in rolls for one in roll["people"] for person in one["marks"]) == 165
