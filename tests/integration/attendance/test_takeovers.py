"""What substitutions and moves make of a roll: who was replaced or moved leaves it, and the other one comes."""

from uuid import UUID, uuid4

import pytest

from tests.support.school import School, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def on_roll(school: School, session: Session) -> list[str]:
    return sorted(person["participant_id"] for person in (await school.roll(session))["people"])


async def replace(school: School, session: Session, person: UUID, by: UUID) -> None:
    await school.tell(
        school.substituted(session, person, uuid4()),
        school.confirmed(session, by, via="substitution", replaces=uuid4()),
    )


async def test_a_substitute_stands_on_the_roll_instead_of_the_one_replaced(school: School) -> None:
    session, [ada, bo] = await school.with_people(2)
    cia = uuid4()
    await replace(school, session, ada, cia)
    assert await on_roll(school, session) == sorted([str(bo), str(cia)])
    await school.post_marks(session, mark(session, cia), mark(session, bo, "absent"))
    await school.attest(session)
    [sealed] = await school.published(session, "roll-attested")
    assert {line["participant_id"]: line["minutes"] for line in sealed["minutes"]} == {str(bo): 0, str(cia): 165}


async def test_marks_made_before_the_substitution_arrives_are_held_until_then(school: School) -> None:
    session, [ada] = await school.with_people(1)
    cia = uuid4()
    assert await school.outcomes(session, mark(session, cia)) == ["held"]
    await school.attest(session, 409)
    await replace(school, session, ada, cia)
    assert [event["participant_id"] for event in await school.published(session, "attendance-recorded")] == [str(cia)]
    await school.attest(session)


async def test_who_was_replaced_and_came_all_the_same_keeps_the_hours(school: School) -> None:
    session, [ada] = await school.with_people(1)
    await replace(school, session, ada, uuid4())
    assert await school.outcomes(session, mark(session, ada)) == ["accepted"]
    assert str(ada) in await on_roll(school, session)


async def test_who_moves_stands_on_the_other_roll(school: School) -> None:
    left, [ada] = await school.with_people(1)
    target = await school.session()
    moved = school.confirmed(target, ada, via="move", from_session=left.id)
    await school.tell(moved, school.moved_out(left, ada, target))
    assert (await on_roll(school, left), await on_roll(school, target)) == ([], [str(ada)])


@pytest.mark.parametrize("batches", [[3], [1, 2], [2, 1], [1, 1, 1]])
async def test_who_had_no_seat_when_moved_or_replaced_is_unknown_to_the_roll(
    school: School, batches: list[int]
) -> None:
    session, _ = await school.with_people(1)
    other, moves, replaced, seated = await school.session(), uuid4(), uuid4(), uuid4()
    stories = [
        [school.waitlisted(session, moves), school.waitlisted(session, moves), school.moved_out(session, moves, other)],
        [school.waitlisted(session, replaced), school.substituted(session, replaced, uuid4())],
        [
            school.waitlisted(session, seated),
            school.confirmed(session, seated, via="promotion"),
            school.moved_out(session, seated, other),
        ],
    ]
    for story in stories:
        rest = list(story)
        for size in batches:
            await school.tell(*rest[:size])
            rest = rest[size:]
    marks = [mark(session, person) for person in (moves, replaced, seated)]
    assert await school.outcomes(session, *marks) == ["held", "held", "accepted"]
