"""The project office schedules, changes, moves and cancels sessions by pages."""

import re
from datetime import datetime
from typing import Any

import httpx2
import pytest

from shared.clock import STOCKHOLM
from shared.security.roles import Role
from tests.support.booking_world import DAY, HALLEFORS, HOUR, NORA, NOW, OREBRO, World, session_body
from tests.support.browsers import browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "/boka/kurstillfallen"


def typed(at: datetime) -> str:
    """A time as a field of a form has it."""
    return at.astimezone(STOCKHOLM).strftime("%Y-%m-%dT%H:%M")


def dated(starts: datetime, row: int = 0, **fields: str) -> dict[str, str]:
    """A row of a form that is an occasion of seven hours."""
    times = {"starts_at": typed(starts), "ends_at": typed(starts + 8 * HOUR), "break_minutes": "60", **fields}
    return {f"occasions.{row}.{name}": value for name, value in times.items()}


def new_session(starts: datetime, **fields: Any) -> dict[str, Any]:
    body = {"course": "TR1", "host_municipality": OREBRO, "venue": "Konserthuset", "capacity": "10"}
    return {**body, **dated(starts), "cancellation_deadline": typed(starts - 7 * DAY), **fields}


async def filled(office: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    answer = await office.get(address)
    assert answer.status_code == 200, answer.text
    return dict(fields_of(answer.text))


async def test_a_session_with_two_occasions_shares_and_support_is_scheduled_by_a_form(
    world: World, office: httpx2.AsyncClient
) -> None:
    form = await filled(office, f"{LIST}/nytt")
    shares = {f"seat_shares.{NORA}": "2", f"seat_shares.{OREBRO}": "3"}
    sent = {**form, **new_session(NOW + 80 * DAY), **dated(NOW + 81 * DAY, 1), **shares, "support": "sign_interpreter"}
    answer = await office.post(f"{LIST}/nytt", data=sent)
    assert answer.status_code == 303, answer.text
    session = await world.get(answer.headers["location"].replace("/boka/kurstillfallen", "/booking/v1/sessions"))
    assert len(session["occasions"]) == 2
    assert session["seat_shares"] == {NORA: 2, OREBRO: 3}
    assert session["support"] == ["sign_interpreter"]
    page = (await office.get(answer.headers["location"])).text
    assert "Ingen utbildningsledare" in page
    assert "Nora: 2" in page


async def test_a_form_takes_shares_support_and_an_occasion_away(world: World, office: httpx2.AsyncClient) -> None:
    two = session_body(10, NOW + 82 * DAY, seat_shares={NORA: 2}, support=["sign_interpreter"])
    two["occasions"] = [*two["occasions"], *session_body(10, NOW + 83 * DAY)["occasions"]]
    session = await world.post("/booking/v1/sessions", two)
    form = await filled(office, f"{LIST}/{session['id']}/andra")
    assert form[f"seat_shares.{NORA}"] == "2"
    form |= {f"seat_shares.{NORA}": "", "_without": "occasions.1", "host_municipality": OREBRO}
    del form["support"]
    answer = await office.post(f"{LIST}/{session['id']}/andra", data={**form, "support": ""})
    assert answer.status_code == 303, answer.text
    after = await world.get(f"/booking/v1/sessions/{session['id']}")
    assert (after["seat_shares"], after["support"]) == ({}, [])
    assert [one["occasion_id"] for one in after["occasions"]] == [session["occasions"][0]["occasion_id"]]


async def test_a_plan_that_contradicts_itself_is_shown_again_with_what_is_wrong(office: httpx2.AsyncClient) -> None:
    form = await filled(office, f"{LIST}/nytt")
    sent = {**form, **new_session(NOW + 84 * DAY, min_participants="12", venue="Stora salen")}
    answer = await office.post(f"{LIST}/nytt", data=sent)
    assert answer.status_code == 422
    assert "Minsta antal deltagare: Fler än antalet platser." in answer.text
    assert fields_of(answer.text)["venue"] == "Stora salen"


async def test_a_session_without_dates_is_told_so_above_them_and_only_where_something_stands_more_are_open(
    office: httpx2.AsyncClient,
) -> None:
    form = await filled(office, f"{LIST}/nytt")
    nothing = await office.post(f"{LIST}/nytt", data=form)
    assert nothing.text.count("När: Fyll i fältet.") == 2, "in the summary, and above the dates"
    assert 'href="#occasions"' in nothing.text
    more = re.compile(r'<details class="govuk-details"( open)?>\s*<summary[^>]*><span[^>]*>Fler datumtillfällen<')
    assert more.findall(nothing.text) == [""]
    third = await office.post(f"{LIST}/nytt", data={**form, **dated(NOW + 30 * DAY, 2)})
    assert more.findall(third.text) == [" open"]


async def test_cancelling_says_before_how_many_it_hits_and_tells_why(world: World, office: httpx2.AsyncClient) -> None:
    session = await world.session(2, starts=NOW + 85 * DAY)
    people = [await world.staff(NORA), await world.staff(HALLEFORS), await world.staff(HALLEFORS)]
    assert await world.outcomes(session, *people, policy="any") == ["confirmed", "confirmed", "waitlisted"]
    page = (await office.get(f"{LIST}/{session}/stall-in")).text
    assert "2 personer får avbokning." in page
    assert "1 person, som inte längre står i kö" in page
    refused = await office.post(f"{LIST}/{session}/stall-in", data={**fields_of(page), "note": "Vattenläcka"})
    assert (refused.status_code, "Vattenläcka" in refused.text) == (422, True)
    assert (await world.get(f"/booking/v1/sessions/{session}"))["state"] == "scheduled"
    done = await office.post(f"{LIST}/{session}/stall-in", data={**fields_of(page), "cause": "venue"})
    assert done.status_code == 303
    assert (await world.get(f"/booking/v1/sessions/{session}"))["cancellation"]["cause"] == "venue"


async def test_moving_names_who_is_elsewhere_and_takes_them_off_only_when_told(
    world: World, office: httpx2.AsyncClient
) -> None:
    session = await world.session(5, starts=NOW + 86 * DAY)
    other = await world.session(5, starts=NOW + 87 * DAY)
    busy, free = await world.staff(NORA, given_name="Uppe", family_name="Tagen"), await world.staff(NORA)
    await world.outcomes(session, busy, free)
    await world.outcomes(other, busy)
    address = f"{LIST}/{session}/flytta"
    form = {**await filled(office, address), **dated(NOW + 87 * DAY)}
    refused = await office.post(address, data=form)
    assert refused.status_code == 409
    assert "Uppe Tagen" in refused.text
    assert f"{LIST}/{other}" in refused.text
    assert await world.statuses(session, busy, free) == ["confirmed", "confirmed"]
    again = {**fields_of(refused.text), "force": "true"}
    assert (await office.post(address, data=again)).status_code == 303
    assert await world.statuses(session, busy, free) == ["cancelled", "confirmed"]


async def test_the_office_gives_a_place_in_the_queue_with_a_reason_that_is_kept(
    world: World, office: httpx2.AsyncClient
) -> None:
    session = await world.session(1, starts=NOW + 88 * DAY)
    people = [await world.staff(NORA, given_name=name) for name in ("Etta", "Tvåa", "Trea")]
    assert await world.outcomes(session, *people, policy="any") == ["confirmed", "waitlisted", "waitlisted"]
    last = (await world.queue(session))["entries"][-1]["entry"]
    address = f"{LIST}/{session}/reservlista/{last}"
    form = {**await filled(office, address), "position": "1"}
    assert (await office.post(address, data=form)).status_code == 422, "a reason is asked for"
    done = await office.post(address, data={**form, "reason": "Skyddsombud"})
    assert done.status_code == 303, done.text
    page = (await office.get(f"{LIST}/{session}/reservlista")).text
    assert page.index("Trea") < page.index("Tvåa")
    assert "Skyddsombud" in page


async def test_a_municipality_sees_its_own_in_the_queue_and_may_not_change_a_session(world: World) -> None:
    session = await world.session(1, starts=NOW + 89 * DAY)
    own, others = await world.staff(OREBRO, given_name="Vår"), await world.staff(NORA, given_name="Deras")
    await world.outcomes(session, await world.staff(NORA), own, others, policy="any")
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    page = (await municipality.get(f"{LIST}/{session}/reservlista")).text
    assert "Vår" in page
    assert "Deras" not in page
    for part in ("/andra", "/flytta", "/stall-in"):
        assert (await municipality.get(f"{LIST}/{session}{part}")).status_code == 403
    assert "Ställ in" not in (await municipality.get(f"{LIST}/{session}")).text


async def test_a_session_is_copied_or_begun_from_a_plan(world: World, office: httpx2.AsyncClient) -> None:
    session = await world.session(7, starts=NOW + 90 * DAY, venue="Aulan")
    copied = await filled(office, f"{LIST}/nytt?copy={session}")
    assert (copied["venue"], copied["capacity"], copied["occasions.0.starts_at"]) == ("Aulan", "7", "")
    planned = await filled(office, f"{LIST}/nytt?course=TR1&municipality={NORA}&date=2026-09-15&capacity=12")
    assert (planned["capacity"], planned["occasions.0.starts_at"]) == ("12", "2026-09-15T09:00")
