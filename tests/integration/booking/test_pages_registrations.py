"""A municipality's daily work with its registrations, in the browser: somebody else, another session, cancelled."""

import re
from html import unescape

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, OREBRO, World
from tests.support.browsers import browser, fields_of, page, sent

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST, SESSIONS = "/boka/anmalningar", "/boka/kurstillfallen"


async def of(world: World, session: str, staff: str) -> str:
    """The address of a person's registration on a session."""
    return f"{LIST}/{(await world.registration(session, staff))['id']}"


async def test_a_session_shows_a_municipality_its_own_people_and_what_can_be_done_with_each(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session()
    ours = await world.staff(given_name="Åsa", family_name="Örebroare")
    theirs = await world.staff(NORA, given_name="Nils", family_name="Noraborg")
    await world.outcomes(session, ours, theirs)
    shown = await page(municipality, f"{SESSIONS}/{session}")
    address = await of(world, session, ours)
    assert all(f"{address}/{verb}" in shown for verb in ("ersatt", "flytta", "avboka"))
    assert "Nils Noraborg" not in shown
    assert (await municipality.get(await of(world, session, theirs))).status_code == 404


async def test_somebody_else_goes_instead_after_two_clicks(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session(1, starts=NOW + HOUR, cancellation_deadline=(NOW - DAY).isoformat())
    ill, near = await world.staff(workplace="Hagen"), await world.staff(workplace="Hagen", given_name="Nära")
    await world.staff(workplace="Annat", given_name="Långt", family_name="Aborta")
    await world.outcomes(session, ill)
    address = f"{await of(world, session, ill)}/ersatt"
    choosing = await page(municipality, address)
    assert choosing.index("Nära Efternamn") < choosing.index("Långt Aborta"), "the same workplace first"
    check = f"{address}/kontrollera?staff={near}"
    assert check in choosing
    done = await sent(municipality, check)
    assert done.headers["location"] == f"{SESSIONS}/{session}"
    assert "Bytet är klart" in await page(municipality, done.headers["location"])
    assert await world.statuses(session, ill, near) == ["substituted", "confirmed"]


async def test_who_may_not_take_the_place_is_shown_with_why_and_cannot(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session(course="PALS")
    nurse = await world.staff(category="licensed")
    base = await world.staff(given_name="Bas", family_name="Personal")
    await world.outcomes(session, nurse)
    address = f"{await of(world, session, nurse)}/ersatt"
    assert "hör inte till målgruppen för Kurs PALS" in await page(municipality, address)
    check = await page(municipality, f"{address}/kontrollera?staff={base}")
    assert "hör inte till målgruppen" in check
    assert 'name="staff"' not in check, "there is nothing to press"


async def test_only_people_of_the_same_municipality_are_offered_to_the_office(
    world: World, office: httpx2.AsyncClient
) -> None:
    session, going = await world.session(), await world.staff()
    await world.staff(HALLEFORS, given_name="Hilma", family_name="Hällefors")
    await world.outcomes(session, going)
    assert "Hilma Hällefors" not in await page(office, f"{await of(world, session, going)}/ersatt?q=h")


async def test_moving_offers_sessions_with_places_and_says_what_is_left_behind(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    first = await world.session(cancellation_deadline=(NOW - DAY).isoformat())
    full = await world.session(1, starts=NOW + 45 * DAY)
    free = await world.session(starts=NOW + 50 * DAY, venue="Flyttlokalen")
    going, other = await world.several(2)
    await world.outcomes(first, going)
    await world.outcomes(full, other)
    address = f"{await of(world, first, going)}/flytta"
    offered = await page(municipality, address)
    assert f"session={free}" in offered
    assert f"session={full}" not in offered
    check = f"{address}/kontrollera?session={free}"
    assert "räknas som outnyttjad" in await page(municipality, check), "the deadline has passed"
    done = await sent(municipality, check)
    assert done.headers["location"] == await of(world, free, going)
    assert "Flytten är klar" in await page(municipality, done.headers["location"])
    assert await world.statuses(first, going) == ["cancelled"]


async def test_moving_to_what_overlaps_another_session_of_the_person_is_no_surprise(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    first, taken = await world.session(), await world.session(starts=NOW + 60 * DAY)
    same_time = await world.session(starts=NOW + 60 * DAY + HOUR)
    going = await world.staff()
    await world.outcomes(first, going)
    await world.outcomes(taken, going)
    shown = await page(municipality, f"{await of(world, first, going)}/flytta/kontrollera?session={same_time}")
    assert "vid samma tid" in shown


async def test_cancelling_says_before_whether_it_is_late(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session()
    too_late_for = await world.session(starts=NOW + DAY, cancellation_deadline=(NOW - DAY).isoformat())
    early, late = await world.several(2)
    await world.outcomes(session, early)
    await world.outcomes(too_late_for, late)
    in_time = f"{await of(world, session, early)}/avboka"
    assert "Du avbokar i tid" in await page(municipality, in_time)
    done = await sent(municipality, in_time, reason="illness")
    assert "Avbokad i tid." in await page(municipality, done.headers["location"])
    too_late = f"{await of(world, too_late_for, late)}/avboka"
    shown = await page(municipality, too_late)
    assert "räknas som outnyttjad" in shown
    assert "Sjukdom" in shown
    without_reason = await sent(municipality, too_late, note="Kom inte loss")
    assert without_reason.status_code == 422
    assert "Kom inte loss" in without_reason.text
    assert (await sent(municipality, too_late, reason="work")).status_code == 303
    assert (await world.registration(too_late_for, late))["cancelled"]["late"] is True


async def test_who_waits_reads_why(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session(1)
    first, waits = await world.several(2)
    await world.outcomes(session, first, waits, policy="any")
    shown = await page(municipality, await of(world, session, waits))
    assert "Varför inte jag?" in shown
    assert "Plats 1 på reservlistan" in shown
    assert "Alla platser är tagna." in shown


async def test_who_still_waits_when_the_session_is_over_got_no_place(world: World) -> None:
    session = await world.session(1)
    first, waits = await world.several(2)
    await world.outcomes(session, first, waits, policy="any")
    address, begun = await of(world, session, waits), world.clock.at
    try:
        world.clock.at += 60 * DAY
        shown = await page(browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO), address)
    finally:
        world.clock.at = begun
    assert "Fick ingen plats" in shown


async def test_a_whole_workplace_registers_at_once_with_a_minimum(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session(2)
    people = [await world.staff(workplace="Ekbacken & Co") for _ in range(3)]
    choosing = await page(municipality, f"{SESSIONS}/{session}/anmal?workplace=Ekbacken+%26+Co")
    assert "Anmäl hela Ekbacken &amp; Co, 3 personer" in choosing
    check = f"{SESSIONS}/{session}/anmal/kontrollera?workplace=Ekbacken+%26+Co"
    form = {"staff": people, "policy": "at_least", "waitlist": "true"}
    refused = await municipality.post(check, data={**form, "at_least": "4"})
    assert refused.status_code == 422
    assert "Minst så många: Ange ett tal från 1 till 3" in refused.text
    needs = {f"support_needs.{people[0]}": "language_support"}
    assert (await municipality.post(check, data={**form, **needs, "at_least": "2"})).status_code == 303
    assert sorted(await world.statuses(session, *people)) == ["confirmed", "confirmed", "waitlisted"]
    assert (await world.registration(session, people[0]))["support_needs"] == ["language_support"]


async def test_what_keeps_all_of_them_out_is_said_once_with_the_words_of_the_page(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session(1)
    inside, *people = await world.several(4)
    assert await world.outcomes(session, inside) == ["confirmed"]
    check = f"{SESSIONS}/{session}/anmal/kontrollera?" + "&".join(f"staff={one}" for one in people)
    form = {**fields_of(await page(municipality, check)), "staff": people, "policy": "any", "waitlist": "false"}
    refused = await municipality.post(check, data=form)
    assert refused.status_code == 409
    assert refused.text.count("Välj att vänta på reservlistan, eller ett annat tillfälle.") == 1
    [first] = re.findall(r'href="#(staff[^"]*)"', refused.text)
    assert f'id="{first}"' in refused.text, "the summary leads to the person"


async def test_who_goes_on_with_nobody_is_told_so_and_who_is_chosen_stays_so_while_looking_for_others(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    session = await world.session()
    chosen, other = [await world.staff(given_name=name, workplace=name) for name in ("Utvald", "Annan")]
    choosing = f"{SESSIONS}/{session}/anmal?workplace=Annan"
    form = {"_key": fields_of(await page(municipality, choosing))["_key"]}
    refused = await municipality.post(choosing, data=form)
    assert refused.status_code == 422
    assert 'href="#staff"' in refused.text
    assert "Välj en eller flera: Välj minst en person." in unescape(refused.text)
    assert "Annan Efternamn" in refused.text
    assert "Utvald Efternamn" not in refused.text, "what was looked for is kept"
    shown = await page(municipality, f"{choosing}&staff={chosen}")
    ticked = re.findall(r'name="staff" type="checkbox" value="([^"]+)"( checked)?', shown)
    assert ticked == [(chosen, " checked"), (other, "")]
    both = await municipality.post(choosing, data={"staff": [chosen, other]})
    assert both.headers["location"].endswith(f"/anmal/kontrollera?staff={chosen}&staff={other}")


async def test_who_may_not_go_is_offered_other_sessions_not_a_button(
    world: World, municipality: httpx2.AsyncClient
) -> None:
    """As by the second click on the link of a mail."""
    session, going = await world.session(), await world.staff()
    await world.outcomes(session, going)
    shown = await page(municipality, f"{SESSIONS}/{session}/anmal/kontrollera?staff={going}")
    assert "Personen är redan anmäld till kurstillfället." in shown
    assert "Se andra kurstillfällen med platser" in shown
    assert "Anmäl 1 person" not in shown


async def test_the_office_makes_an_exception_with_a_reason(world: World, office: httpx2.AsyncClient) -> None:
    session = await world.session(course="PALS")
    base = await world.staff(given_name="Undan", family_name="Tagen")
    check = f"{SESSIONS}/{session}/anmal/kontrollera?staff={base}"
    assert check in await page(office, f"{SESSIONS}/{session}/anmal?q=tagen")
    reason = {"override.reason": "Vikarierar som sjuksköterska", "waitlist": "true"}
    assert (await sent(office, check, **reason)).status_code == 303
    registered = await world.registration(session, base)
    assert (registered["status"], registered["override_reason"]) == ("confirmed", "Vikarierar som sjuksköterska")


async def test_the_list_is_filtered_and_exported(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session()
    seated = await world.staff(given_name="Sara", family_name="Listad", workplace="Listhemmet")
    theirs = await world.staff(NORA, given_name="Sune", family_name="Listad")
    await world.outcomes(session, seated, theirs)
    shown = await page(municipality, f"{LIST}?q=listad&status=confirmed&workplace=Listhemmet")
    assert "Sara Listad" in shown
    assert "1 anmälan" in shown
    assert "Sune" not in await page(municipality, f"{LIST}?q=listad&period=all")
    exported = await page(municipality, f"{LIST}.csv?q=listad")
    assert "Sara Listad;Listhemmet" in exported
    assert "Inga anmälningar" in await page(municipality, f"{LIST}?q=listad&period=past")


async def test_the_office_enters_afterwards_what_a_municipality_decided_before_the_session(
    world: World, office: httpx2.AsyncClient, municipality: httpx2.AsyncClient
) -> None:
    """On a session that is over: who had a place, who went instead, and who cancelled in time."""
    session = await world.session(starts=NOW - 10 * DAY, at=NOW - 60 * DAY)
    replaced, instead, cancelled = await world.several(3)
    decided = {"_occurred_at": f"{NOW - 30 * DAY:%Y-%m-%dT%H:%M}"}
    assert f"{SESSIONS}/{session}/anmal" in await page(office, f"{SESSIONS}/{session}")
    check = f"{SESSIONS}/{session}/anmal/kontrollera?staff={replaced}&staff={cancelled}"
    form = {**fields_of(await page(office, check)), "staff": [replaced, cancelled], **decided}
    assert (await office.post(check, data=form)).headers["location"].partition("?")[0].endswith("/klart")
    address = await of(world, session, replaced)
    assert f"{address}/ersatt" in await page(office, address)
    await sent(office, f"{address}/ersatt/kontrollera?staff={instead}", **decided)
    done = await sent(office, f"{await of(world, session, cancelled)}/avboka", reason="work", **decided)
    assert "Avbokad i tid." in await page(office, done.headers["location"])
    assert await world.statuses(session, replaced, instead, cancelled) == ["substituted", "confirmed", "cancelled"]
    assert "/anmal" not in (await page(municipality, f"{SESSIONS}/{session}")).replace("/anmalningar", "")


async def test_only_the_office_is_asked_when_it_happened(
    world: World, office: httpx2.AsyncClient, municipality: httpx2.AsyncClient
) -> None:
    session, going, other = await world.session(), await world.staff(), await world.staff()
    await world.outcomes(session, going)
    one, reserved = await of(world, session, going), f"{SESSIONS}/{session}/reservera"
    other_session = await world.session(starts=NOW + 40 * DAY)
    held = await world.post(
        f"/booking/v1/sessions/{session}/reservations",
        {"seats": 1, "name_by": (NOW + 5 * DAY).isoformat(), "municipality": OREBRO},
    )
    for address in (
        f"{SESSIONS}/{session}/anmal/kontrollera?staff={other}",
        f"{one}/avboka",
        f"{one}/ersatt/kontrollera?staff={other}",
        f"{one}/flytta/kontrollera?session={other_session}",
        reserved,
        f"/boka/reservationer/{held['id']}",
        f"/boka/reservationer/{held['id']}/lamna-tillbaka",
        f"/boka/personal/{other}/avsluta",
    ):
        assert 'name="_occurred_at"' in await page(office, address), address
        assert 'name="_occurred_at"' not in await page(municipality, address), address


LISTS = "personal", "utskick", "outnyttjade-platser", "logg", "planering", "utbildningsledare"


@pytest.mark.parametrize("address", [LIST, SESSIONS, *(f"/boka/{name}" for name in LISTS)])
async def test_filters_that_are_left_empty_ask_for_nothing(office: httpx2.AsyncClient, address: str) -> None:
    form = (await page(office, address)).partition('role="search"')[2].partition("</form>")[0]
    names = re.findall(r'name="(\w+)"', form)
    assert names
    assert "Fel:" not in await page(office, f"{address}?{'&'.join(f'{name}=' for name in names)}")


async def test_who_waits_with_others_stands_in_a_group(world: World, municipality: httpx2.AsyncClient) -> None:
    session = await world.session(1)
    first, second, third = await world.several(3)
    await world.outcomes(session, first, second, policy="all")
    await world.outcomes(session, third, policy="any")
    for address in (f"{SESSIONS}/{session}", f"{LIST}?status=waitlisted"):
        assert "på reservlistan, i grupp" in await page(municipality, address)
    assert "i grupp" not in await page(municipality, await of(world, session, third))


async def test_registering_begins_with_the_workplace_of_those_registered_last(world: World) -> None:
    manager = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO, subject="chefen")
    first, next_time = await world.session(), await world.session(starts=NOW + 70 * DAY)
    own = await world.staff(workplace="Eken & Linden", given_name="Egen")
    await world.staff(workplace="Annat", given_name="Långt", family_name="Aborta")
    assert "Långt Aborta" in await page(manager, f"{SESSIONS}/{next_time}/anmal"), "nobody is registered yet"
    await world.register(first, own, by=manager)
    there = await manager.get(f"{SESSIONS}/{next_time}/anmal")
    assert there.headers["location"].endswith("/anmal?workplace=Eken+%26+Linden")
    chosen = await page(manager, there.headers["location"])
    assert "Egen Efternamn" in chosen
    assert "Långt Aborta" not in chosen
    assert "Långt Aborta" in await page(manager, f"{SESSIONS}/{next_time}/anmal?workplace=&q=L")
