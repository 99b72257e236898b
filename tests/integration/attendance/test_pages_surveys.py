"""The page that a survey's link leads to, sent once and thanked for; and answers on paper, typed in by the office."""

import json
from typing import Any

import httpx2
import pytest

from shared.contracts.topics import SURVEYS
from shared.security.roles import Role
from tests.integration.attendance.post import DAY, NOW, Post, token_in
from tests.support.browsers import FROM_OUR_PAGES, browser, fields_of
from tests.support.kafka_log import everything_on
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]
FORM = {"answers.helped": "fairly_high", "answers.confidence": "4", "answers.language_support": ""}


async def opened(post: Post) -> tuple[httpx2.AsyncClient, str]:
    """A phone, and the address that somebody was mailed."""
    person, address = await post.person()
    await post.held(person)
    await post.pass_time(NOW)
    [mail] = await post.box.until(1, address)
    phone = post.anybody
    phone.headers.update(FROM_OUR_PAGES)
    return phone, f"/enkat/{token_in(mail, '/enkat/')}"


async def test_participants_are_asked_in_easy_swedish_and_may_choose_another(post: Post) -> None:
    phone, address = await opened(post)
    easy = await phone.get(address)
    assert "Har kursen hjälpt dig i ditt arbete?" in easy.text
    assert "Hjärt-lungräddning" in easy.text
    assert "no-store" in easy.headers["cache-control"]
    assert "I vilken grad har kursen hjälpt dig" in (await phone.get(f"{address}?latt=nej")).text
    english = await phone.get(f"{address}?sprak=en")
    assert '<html lang="en"' in english.text
    assert "To what degree has the course helped you" in english.text


async def test_an_answer_is_sent_once_and_a_second_click_is_thanked_too(post: Post) -> None:
    phone, address = await opened(post)
    key = fields_of((await phone.get(address)).text)["_key"]
    for values in ({**FORM, "_key": key}, {**FORM, "_key": key}, {**FORM, "answers.helped": "low"}):
        sent = await phone.post(address, data=values)
        assert (sent.status_code, sent.headers["location"]) == (303, address)
    assert "<title>Tack – " in (await phone.get(address)).text
    rows = await post.origin.rows("attendance", "SELECT sum(answered) AS n FROM survey_rounds")
    before = rows[0]["n"]
    await phone.post(address, data=FORM)
    assert (await post.origin.rows("attendance", "SELECT sum(answered) AS n FROM survey_rounds"))[0]["n"] == before


async def test_nothing_chosen_is_said_on_the_page_and_a_wrong_value_keeps_the_rest(post: Post) -> None:
    phone, address = await opened(post)
    empty = await phone.post(address, data=dict.fromkeys(FORM, ""))
    assert empty.status_code == 422
    assert "<title>Fel: " in empty.text
    assert "Svara på minst en fråga" in empty.text
    wrong = await phone.post(f"{address}?latt=nej", data={**FORM, "answers.confidence": "9"})
    assert wrong.status_code == 422
    assert 'value="fairly_high" checked' in wrong.text
    assert "I vilken grad" in wrong.text, "in the words that were chosen"


async def test_who_comes_too_late_or_by_a_wrong_address_is_told_so(post: Post) -> None:
    phone, address = await opened(post)
    post.clock.at = NOW + 15 * DAY
    late = await phone.get(address)
    assert (late.status_code, "Enkäten är stängd" in late.text) == (410, True)
    assert (await phone.get("/enkat/ingenting")).status_code == 404


async def test_what_nobody_can_have_answered_costs_nothing_to_refuse(post: Post) -> None:
    """No link is needed to send a form here: digits by the megabyte were searched for personal numbers."""
    phone, address = await opened(post)
    refused = await phone.post(address, data={**FORM, "answers.helped": "1 " * 600_000})
    assert (refused.status_code, "1 MB" in refused.text) == (413, True)
    assert (await phone.post(address, data={**FORM, "answers.helped": "1 " * 100_000})).status_code == 422
    path = f"/attendance/v1/surveys/answers/{address.rpartition('/')[2]}"
    assert (await phone.post(path, json={"answers": {"helped": "1 " * 600_000}})).status_code == 422


async def test_a_sign_in_of_the_same_browser_is_not_looked_at(post: Post) -> None:
    """A manager who is signed in answers as nobody: the page shows no name."""
    phone, address = await opened(post)
    phone.headers["Authorization"] = "Bearer rubbish"
    assert (await phone.get(address)).status_code == 200


async def test_the_office_types_paper_answers_a_line_a_form_and_checks_them_before_they_are_sent(post: Post) -> None:
    session = await post.held(*[(await post.person())[0] for _ in range(2)])
    office, here = browser(post.origin, Role.COORDINATOR), f"/narvaro/enkater/{session.id}"
    assert "Hjärt-lungräddning" in (await office.get("/narvaro/enkater")).text
    assert "Svar på papper" in (await office.get(here)).text
    lines = {"survey": "participant", "invited": "3", "answers": "141\r\n2 5 2\r\n\r\n-4-\r\n"}
    checked = await office.post(f"{here}/kontrollera", data=lines)
    assert checked.status_code == 200
    assert "Spara 3 svar" in checked.text
    assert await published(post, session) == []
    saved = await office.post(here, data=lines)
    assert (saved.status_code, saved.headers["location"]) == (303, here)
    assert sorted(one["answers"].get("confidence") for one in await published(post, session)) == [4, 4, 5]
    assert "3 av 3" in (await office.get(here)).text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "Fyll i fältet"),
        ("141\n14\n161\n1412", "Rad 2, 3, 4: skriv 3 tecken"),
        ("---", "Rad 1: skriv 3 tecken"),
        ("141\n141\n141", "så 2 svar till kan tas emot"),
    ],
)
async def test_what_no_paper_can_say_is_shown_at_the_lines_which_are_kept(post: Post, lines: str, said: str) -> None:
    session = await post.held((await post.person())[0])
    office, here = browser(post.origin, Role.COORDINATOR), f"/narvaro/enkater/{session.id}"
    sent = {"survey": "participant", "invited": "2", "answers": lines}
    for address in (f"{here}/kontrollera", here):
        refused = await office.post(address, data=sent)
        assert refused.status_code == 422
        assert said in refused.text
        assert lines.split("\n")[0] in refused.text
    assert await published(post, session) == []


async def test_only_the_office_sees_them(post: Post) -> None:
    session = await post.held((await post.person())[0])
    trainer = browser(post.origin, Role.TRAINER, trainer_id=session.trainers[0])
    assert (await trainer.get(f"/narvaro/enkater/{session.id}")).status_code == 403


async def published(post: Post, session: Session) -> list[Json]:
    """The answers about a session that went out."""
    origin = post.origin
    await origin.settled()
    found = await everything_on(origin.stack.bootstrap_servers, origin.prefix + SURVEYS.name)
    of_session = [one for one in found if one.key == str(session.id).encode()]
    return [json.loads(one.value or b"") for one in of_session if "answered" in one.header("ce_type")]
