"""Pages of rolls: marked by a form, attested, corrected and told as a story, by the same use cases as the API."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.browsers import browser, fields_of
from tests.support.school import School, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)
YESTERDAY = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - DAY


def office(school: School) -> httpx2.AsyncClient:
    return browser(school.origin, Role.COORDINATOR)


def trainer(school: School, session: Session) -> httpx2.AsyncClient:
    return browser(school.origin, Role.TRAINER, trainer_id=session.trainers[0])


def page_of(session: Session, part: str = "") -> str:
    return f"/narvaro/listor/{session.id}{part}"


async def sent(client: httpx2.AsyncClient, address: str, status: int = 303, /, **fields: str) -> httpx2.Response:
    """The form of a page, with these fields filled in."""
    page = await client.get(address)
    assert page.status_code == 200, page.text
    answer = await client.post(address, data={**fields_of(page.text), **fields})
    assert answer.status_code == status, answer.text
    return answer


async def minutes_of(school: School, session: Session) -> dict[str, list[tuple[int, str]]]:
    roll = await school.roll(session)
    return {one["participant_id"]: [(m["minutes"], m["source"]) for m in one["marks"]] for one in roll["people"]}


async def test_a_roll_is_entered_by_form_and_only_what_was_changed_becomes_a_mark(school: School) -> None:
    session, (first, second, third) = await school.with_people(3, starts=(YESTERDAY,))
    client = office(school)
    filled = {f"said.{first}": "present", f"minutes.{second}": "60", f"said.{third}": "illness", "head_count": "17"}
    await sent(client, page_of(session, "/markera"), **filled)
    entered = {
        str(first): [(165, "coordinator")],
        str(second): [(60, "coordinator")],
        str(third): [(0, "coordinator")],
    }
    assert await minutes_of(school, session) == entered
    roll = await school.roll(session)
    assert roll["occasions"][0]["head_count"] == 17
    again = {f"said.{first}": "present", f"said.{second}": "partial", f"said.{third}": "absent"}
    await sent(client, page_of(session, "/markera"), **again)
    rows = await school.origin.rows("attendance", "SELECT participant_id FROM marks WHERE session_id = $1", session.id)
    assert sorted(str(row["participant_id"]) for row in rows) == sorted(map(str, (first, second, third, third)))


async def test_everybody_without_a_mark_can_be_entered_at_once(school: School) -> None:
    session, people = await school.with_people(3, starts=(YESTERDAY,))
    empty = {f"said.{person}": "" for person in people}
    await sent(trainer(school, session), page_of(session, "/markera"), **empty, rest_present="true")
    assert set(map(tuple, (await minutes_of(school, session)).values())) == {((165, "trainer"),)}


async def test_a_part_without_minutes_is_refused_with_what_was_written(school: School) -> None:
    session, (person,) = await school.with_people(1, starts=(YESTERDAY,))
    answer = await sent(office(school), page_of(session, "/markera"), 422, **{f"said.{person}": "partial"})
    assert "Ange hur många minuter" in answer.text
    assert '<option value="partial" selected' in answer.text
    assert (await minutes_of(school, session))[str(person)] == []


async def test_what_a_form_says_of_a_mark_that_it_has_not_seen_is_a_conflict_that_is_decided_on_a_page(
    school: School,
) -> None:
    session, (person,) = await school.with_people(1, starts=(YESTERDAY,))
    client = office(school)
    opened = fields_of((await client.get(page_of(session, "/markera"))).text)
    await school.post_marks(session, mark(session, person, "absent"))
    await client.post(page_of(session, "/markera"), data={**opened, f"said.{person}": "present"})
    [found] = (await school.roll(session))["conflicts"]
    inbox = await client.get("/narvaro/konflikter")
    assert found["id"] in inbox.text
    fragment = await client.get("/narvaro/konflikter", headers={"HX-Request": "true"})
    assert "<h1" not in fragment.text
    address = f"/narvaro/konflikter/{found['id']}"
    assert "page/coordinator" in (await client.get(address)).text
    refused = await sent(client, address, 422, choose="minutes", reason="Talade med utbildningsledaren")
    assert "Talade med utbildningsledaren" in refused.text
    await sent(client, address, choose="minutes", minutes="90", reason="Talade med utbildningsledaren")
    assert await minutes_of(school, session) == {str(person): [(90, "coordinator")]}


async def test_attesting_says_what_it_means_and_the_office_says_for_whom(school: School) -> None:
    session, (first, second) = await school.with_people(2, starts=(YESTERDAY,))
    await school.post_marks(session, mark(session, first), mark(session, second, "absent"))
    client = office(school)
    page = (await client.get(page_of(session, "/attestera"))).text
    assert "1 person får 2,8\N{NO-BREAK SPACE}timmar" in page
    assert "1 person blir utebliven." in page
    await sent(client, page_of(session, "/attestera"), 422)
    said = {"on_behalf_of": str(session.trainers[0]), "reason": "Listan kom på papper"}
    await sent(client, page_of(session, "/attestera"), **said)
    assert (await school.roll(session))["state"] == "attested"


async def test_a_sealed_roll_is_corrected_with_its_reason_and_its_history_tells_all(school: School) -> None:
    session, (person,) = await school.with_people(1, starts=(YESTERDAY,))
    await school.tell(school.named(person, "Anna", "Andersson"), school.taught_by(session, "Tove Trygg"))
    phone = str(uuid4())
    await school.post_marks(session, mark(session, person), device=phone)
    client = trainer(school, session)
    await sent(client, page_of(session, "/attestera"))
    occasion = session.occasions[0].occasion_id
    address = page_of(session, f"/ratta?participant_id={person}&occasion_id={occasion}")
    await sent(client, address, minutes="100", reason_code="left-early", reason="Gick efter fikat")
    story = (await client.get(page_of(session, "/historik"))).text
    for told in ("Anna Andersson", "Gick efter fikat", "SHA-256", "1 försegling räknades om", f"telefonen {phone[:4]}"):
        assert told in story
    assert phone not in story
    assert story.index("SHA-256") < story.index("Gick efter fikat")
    # Who did it: the office's mark, the trainer's seal and correction; never a login.
    for who, times in ("Samordnaren", 1), ("Tove Trygg", 2):
        assert story.count(f">{who}</td>") == times


async def test_the_code_to_check_in_by_is_offered_while_it_is_good(school: School) -> None:
    now = datetime.now(UTC)
    for starts, offered in (now + timedelta(minutes=50), True), (now - timedelta(hours=4), False), (now + DAY, False):
        session, _ = await school.with_people(1, starts=(starts,))
        page = (await trainer(school, session).get(page_of(session))).text
        assert (f'href="{page_of(session, "/kod")}"' in page) is offered, starts
        answer = await trainer(school, session).get(page_of(session, "/kod"))
        assert answer.is_success is offered, starts


async def test_a_refused_mark_stands_at_its_person_with_the_reason(school: School) -> None:
    session, (person,) = await school.with_people(1, starts=(YESTERDAY,))
    await school.post_marks(session, mark(session, person, base_version=99))
    page = (await office(school).get(page_of(session))).text
    assert "Nekad markering" in page
    assert "base_version är högre" in page


async def test_the_paper_list_has_everybody_with_a_place_to_sign(school: School) -> None:
    session, (person, gone) = await school.with_people(2, starts=(YESTERDAY,))
    await school.tell(school.named(person, "Anna", "Andersson"), school.named(gone, "Bo", "Borta"))
    await school.tell(school.cancelled(session, gone))
    paper = (await trainer(school, session).get(page_of(session, "/skriv-ut"))).text
    assert "Anna Andersson" in paper
    assert "Bo Borta" not in paper
    assert "Underskrift" in paper


@pytest.mark.parametrize("part", ["", "/markera", "/attestera", "/historik", "/skriv-ut", "/kod"])
async def test_another_trainers_roll_is_not_there(school: School, part: str) -> None:
    session, _ = await school.with_people(1, starts=(YESTERDAY,))
    stranger = browser(school.origin, Role.TRAINER, trainer_id=uuid4())
    assert (await stranger.get(page_of(session, part))).status_code == 404
    assert str(session.id) not in (await stranger.get("/narvaro/listor")).text


async def test_the_list_is_filtered_by_state(school: School) -> None:
    session, (person,) = await school.with_people(1, starts=(YESTERDAY,))
    client = trainer(school, session)
    for state, there in (("to-attest", True), ("attested", False), ("", True)):
        page = await client.get(f"/narvaro/listor?state={state}&from=&to=")
        assert (str(session.id) in page.text) is there
    assert isinstance(person, UUID)


async def test_who_came_unregistered_is_marked_by_form_and_counts_when_it_is_known_who_it_was(school: School) -> None:
    session, _ = await school.with_people(1, starts=(YESTERDAY,))
    client, walk_in, person = trainer(school, session), uuid4(), uuid4()
    page = await client.get(page_of(session))
    assert f"/boka/kurstillfallen/{session.id}/oanmald" in page.text
    await sent(client, page_of(session, f"/oanmald/{walk_in}?municipality=1884"), minutes="90")
    page = await client.get(page_of(session))
    assert "Kom utan att vara anmäld" in page.text
    assert "90 minuter" in page.text
    assert "/boka/oanmalda" not in page.text  # who it was, the office says
    await sent(client, page_of(session, f"/oanmald/{walk_in}"), minutes="")  # the whole time after all
    await school.tell(school.confirmed(session, person, via="walk-in", walk_in_id=walk_in))
    assert (await minutes_of(school, session))[str(person)] == [(165, "trainer")]
    assert "Kom utan att vara anmäld" not in (await client.get(page_of(session))).text


async def test_nobody_is_marked_on_a_roll_of_somebody_else(school: School) -> None:
    session, _ = await school.with_people(1, starts=(YESTERDAY,))
    stranger = browser(school.origin, Role.TRAINER, trainer_id=uuid4())
    assert (await stranger.get(page_of(session, f"/oanmald/{uuid4()}"))).status_code == 404


async def test_who_teaches_together_reads_the_others_name(school: School) -> None:
    """Each trainer sees the own contact data only: a colleague was shown as an id."""
    session = await school.session(YESTERDAY, trainers=[uuid4(), uuid4()])
    await school.tell(school.taught_by(session, "Åsa Östberg"))
    colleague = browser(school.origin, Role.TRAINER, trainer_id=session.trainers[1])
    for part in ("", "/skriv-ut"):
        page = (await colleague.get(page_of(session, part))).text
        assert "Åsa Östberg" in page
        assert str(session.trainers[0]) not in page
