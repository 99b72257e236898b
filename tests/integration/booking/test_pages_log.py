"""The log as a coordinator reads it: sentences, names and links, and no codes."""

import re
from html import unescape

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.answers import ok
from tests.support.booking_world import DAY, HALLEFORS, NOW, OREBRO, TITLES, World
from tests.support.browsers import browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOG = "/boka/logg"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def shown(page: httpx2.Response) -> str:
    """What the page says to whoever reads it, without tags; fails where it says an id."""
    assert page.status_code == 200
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())
    assert not ID.search(text), ID.findall(text)
    return text


async def test_the_log_says_who_did_what_in_words_with_links_and_finds_it_again(world: World) -> None:
    office = browser(world.origin, Role.COORDINATOR)
    session, other = await world.session(venue="Aulan"), await world.session(starts=NOW + 40 * DAY)
    anna = await world.staff(given_name="Annika", family_name="Loggberg")
    ok(await world.register(session, anna, by=world.municipality(OREBRO)), 201)
    registration = (await world.registration(session, anna))["id"]
    await world.moved(session, anna, other)
    ok(await world.patch(session, venue="Biblioteket", seat_shares={HALLEFORS: 1}))

    hers = await office.get(f"{LOG}?q=annika+logg")
    text = shown(hers)
    for sentence in ("Annika Loggberg anmäldes till ", "Annika Loggberg flyttades från ", "Annika Loggberg lades in"):
        assert sentence in text
    assert f'href="/boka/anmalningar/{registration}"' in hers.text
    assert "Flyttad till: Annika Loggberg, " in text
    assert "Loggberg" not in shown(await office.get(f"{LOG}?q=ingen+heter+sa"))

    about = shown(await office.get(f"{LOG}?target=session/{session}"))
    assert "Lokal: Aulan → Biblioteket" in about
    assert "Garanterade platser: inget → Hällefors: 1" in about
    assert "Annika Loggberg anmäldes till " in about, "a session's history tells of its registrations"

    moved = shown(await office.get(f"{LOG}?target=staff/{anna}&action=registration-moved&kind=registration"))
    assert " 1 rad " in moved
    english = shown(await office.get(f"{LOG}?target=staff/{anna}&sprak=en"))
    assert "Annika Loggberg was moved away from " in english


async def test_the_log_names_who_acted_and_is_filtered_by_the_name(world: World) -> None:
    office = browser(world.origin, Role.COORDINATOR)
    anna = await world.staff(given_name="Annika", family_name="Aktberg")
    [entry, *_] = ok(await world.coordinator.get(f"/booking/v1/audit?target=staff/{anna}"))["items"]
    assert entry["actor_name"]
    begin = entry["actor_name"].split()[-1][:4].lower()
    found = shown(await office.get(f"{LOG}?q=annika+akt&actor={begin}"))
    assert f"{entry['actor_name']} Annika Aktberg lades in bland personalen" in found
    assert "Inget i loggen passar" in shown(await office.get(f"{LOG}?q=annika+akt&actor=nobodyiscalledso"))


async def test_who_was_erased_has_no_name_in_the_log(world: World) -> None:
    office = browser(world.origin, Role.COORDINATOR)
    anna = await world.staff(given_name="Annika", family_name="Glömdberg")
    person = (await world.get(f"/booking/v1/staff/{anna}"))["participant_id"]
    ok(await world.coordinator.post(f"/booking/v1/participants/{person}/erase", json={"reason": "begärt"}), 202)
    text = shown(await office.get(f"{LOG}?target=staff/{anna}"))
    assert "en person vars namn inte finns kvar raderades" in text.lower()
    assert "Glömdberg" not in text


async def test_the_log_calls_titles_terms_and_days_by_their_names(world: World) -> None:
    office = browser(world.origin, Role.COORDINATOR)
    anna = await world.staff(given_name="Annika", family_name="Titelberg")
    ok(await world.coordinator.put("/booking/v1/titles", json=TITLES), 201)
    wishes = {"wishes": [{"course": "TR1", "seats": 2}]}
    ok(await world.municipality(OREBRO).put("/booking/v1/demand/2027H1", json=wishes), 201)
    hers = shown(await office.get(f"{LOG}?target=staff/{anna}"))
    assert ("Titel: Undersköterska" in hers, "assistant_nurse" in hers) == (True, False)
    assert "Title: Assistant nurse" in shown(await office.get(f"{LOG}?target=staff/{anna}&sprak=en"))
    stated = shown(await office.get(f"{LOG}?action=demand-stated&from=2020-01-31&sprak=en"))
    assert ("Örebro, spring 2027" in stated, "2027H1" in stated) == (True, False)
    assert "From 31 Jan 2020" in stated
