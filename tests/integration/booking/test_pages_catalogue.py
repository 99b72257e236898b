"""The project office plans by weeks and places, and keeps the catalogue, by pages."""

from datetime import date

import httpx2
import pytest

from services.booking.catalogue.project_settings import KEYS
from shared.security.roles import Role
from tests.support.booking_world import DAY, HALLEFORS, NORA, NOW, OREBRO, World
from tests.support.browsers import browser, fields_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFICE_ONLY = ("/boka/planering", "/boka/kommuner", "/boka/installningar", "/boka/kurser/ny")


async def test_the_board_shows_weeks_by_places_and_says_in_words_what_may_go_wrong(
    world: World, office: httpx2.AsyncClient
) -> None:
    session = await world.session(4, starts=NOW + 8 * DAY, host_municipality=HALLEFORS, min_participants=3)
    page = (await office.get("/boka/planering")).text
    assert f"/boka/kurstillfallen/{session}" in page
    assert "Hällefors" in page
    assert "Ingen utbildningsledare" in page
    assert "För få anmälda" in page
    elsewhere = (await office.get("/boka/planering?from=2026-09-01&weeks=4")).text
    assert session not in elsewhere
    home = (await office.get("/")).text
    assert f"/boka/kurstillfallen/{session}" in home
    assert "/boka/planering?only=too_few" in home
    assert session in (await office.get("/boka/planering?only=too_few")).text
    assert session not in (await office.get("/boka/planering?only=waiting")).text


async def test_what_is_the_offices_is_no_municipalitys(world: World) -> None:
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    assert [(await municipality.get(address)).status_code for address in OFFICE_ONLY] == [403] * len(OFFICE_ONLY)
    assert "Lägg till en kurs" not in (await municipality.get("/boka/kurser")).text


async def test_the_differentiation_model_is_read_by_all_and_edited_by_the_office_title_by_title(
    world: World, office: httpx2.AsyncClient
) -> None:
    new = {"title": "care_assistant", "title_sv": "Vårdbiträde", "category": "other", "step": "1", "place": "1"}
    form = {**fields_of((await office.get("/boka/titlar/ny")).text), **new, "required_courses": ["TR1"]}
    assert (await office.post("/boka/titlar/ny", data=form)).headers["location"] == "/boka/titlar"
    municipality = browser(world.origin, Role.MUNICIPALITY, municipality=OREBRO)
    read = (await municipality.get("/boka/titlar")).text
    assert all(text in read for text in ("Vårdbiträde", "Kurs TR1"))
    assert "/andra" not in read
    address = "/boka/titlar/care_assistant/andra"
    assert (await municipality.get(address)).status_code == 403
    edited = {**fields_of((await office.get(address)).text), "title_sv": "Vårdbiträde, steg 1", "category": "base"}
    assert (await office.post(address, data=edited)).status_code == 303
    stale = await office.post(address, data={**edited, "_key": "", "title_sv": "Något annat"})
    assert (stale.status_code, fields_of(stale.text)["title_sv"]) == (412, "Något annat")
    items = (await world.get("/booking/v1/titles"))["items"]
    assert [(one["title"], one["title_sv"]) for one in items] == [("care_assistant", "Vårdbiträde, steg 1")]
    twice = {
        **fields_of((await office.get("/boka/titlar/ny")).text),
        **new,
        "title": "other",
        "title_sv": "care_assistant",
    }
    refused = await office.post("/boka/titlar/ny", data=twice)
    assert refused.status_code == 422
    assert 'href="#title_sv"' in refused.text or 'href="#title"' in refused.text, "the form's own field"
    leaving = "/boka/titlar/care_assistant/ta-bort"
    await office.post(leaving, data=fields_of((await office.get(leaving)).text))
    assert (await world.get("/booking/v1/titles"))["items"] == []


async def test_a_course_is_added_changed_and_refused_with_its_fields(world: World, office: httpx2.AsyncClient) -> None:
    new = {"code": "HLR", "title": "Hjärt-lungräddning", "duration_minutes": "180", "categories": ["base", "other"]}
    assert (await office.post("/boka/kurser/ny", data=new)).status_code == 303
    taken = await office.post("/boka/kurser/ny", data=new)
    assert (taken.status_code, fields_of(taken.text)["title"]) == (409, "Hjärt-lungräddning")
    course = (await world.get("/booking/v1/courses", code="HLR"))["items"][0]
    address = f"/boka/kurser/{course['id']}"
    form = {**fields_of((await office.get(address)).text), "categories": "base", "requires": ["", "TR1"]}
    assert (await office.post(address, data=form)).status_code == 303
    after = (await world.get("/booking/v1/courses", code="HLR"))["items"][0]
    assert (after["categories"], after["requires"], after["duration_minutes"]) == (["base"], ["TR1"], 180)


async def test_a_package_keeps_the_order_of_its_courses(world: World, office: httpx2.AsyncClient) -> None:
    new = {"code": "GRUND", "title": "Grunden", "courses.0": "TR2", "courses.1": "", "courses.2": "TR1"}
    answer = await office.post("/boka/paket/nytt", data=new)
    assert answer.status_code == 303, answer.text
    [package] = (await world.get("/booking/v1/packages"))["items"]
    assert package["courses"] == ["TR2", "TR1"]
    page = (await office.get("/boka/paket")).text
    assert page.index("Kurs TR2") < page.index("Kurs TR1")


async def test_what_a_municipality_promises_is_entered_in_hours_from_a_day_on(
    world: World, office: httpx2.AsyncClient
) -> None:
    address = f"/boka/kommuner/{NORA}"
    form = fields_of((await office.get(address)).text)
    promised = {"commitment_computed": "false", "commitment_hours": "1250,5", "valid_from": "2026-01-01"}
    refused = await office.post(address, data={**form, **promised, "commitment_hours": "många"})
    assert refused.status_code == 422
    answer = await office.post(address, data={**form, **promised})
    assert answer.status_code == 303, answer.text
    shown = await world.get(f"/booking/v1/municipalities/{NORA}")
    assert (shown["commitment_minutes"], shown["valid_from"]) == (75_030, "2026-01-01")
    assert len(shown["commitments"]) == 2
    assert fields_of((await office.get(address)).text)["commitment_hours"] == "1250,5", "as it was written"


async def test_a_setting_holds_from_its_day_and_a_bad_one_is_refused_at_its_field(
    world: World, office: httpx2.AsyncClient
) -> None:
    address = "/boka/installningar/reminder_hours"
    form = fields_of((await office.get(address)).text)
    assert form["value"] == "168, 24"
    refused = await office.post(address, data={**form, "value": "snart", "valid_from": "2026-04-01"})
    assert (refused.status_code, fields_of(refused.text)["value"]) == (422, "snart")
    answer = await office.post(address, data={**form, "value": "72, 24", "valid_from": "2026-04-01"})
    assert answer.status_code == 303, answer.text
    settings = (await world.get("/booking/v1/project"))["settings"]
    assert {"key": "reminder_hours", "value": [72, 24], "valid_from": "2026-04-01"} in settings
    page = (await office.get("/boka/installningar")).text
    assert "168, 24" in page


async def test_evidence_of_a_project_that_goes_on_is_not_let_go_by_a_slip_of_the_hand(
    world: World, office: httpx2.AsyncClient
) -> None:
    address, last = (
        "/boka/installningar/retention.evidence_until",
        (await world.get("/booking/v1/project"))["period"]["to"],
    )
    form = {**fields_of((await office.get(address)).text), "valid_from": "2026-04-01"}
    early = f"{date.fromisoformat(last) - DAY:%Y-%m-%d}"
    refused = await office.post(address, data={**form, "value": early})
    assert (refused.status_code, fields_of(refused.text)["value"]) == (422, early)
    assert f"Projektet pågår till {last}" in refused.text
    answer = await office.post(address, data={**form, "value": last})
    assert answer.status_code == 303, answer.text


async def test_the_project_is_changed_without_its_settings(world: World, office: httpx2.AsyncClient) -> None:
    before = await world.get("/booking/v1/project")
    form = fields_of((await office.get("/boka/installningar")).text)
    answer = await office.post("/boka/installningar", data={**form, "name": "Nya navet"})
    assert answer.status_code == 303, answer.text
    assert await world.get("/booking/v1/project") == {**before, "name": "Nya navet"}
    form = fields_of((await office.get("/boka/installningar")).text)
    answer = await office.post("/boka/installningar", data={**form, "grant": "1 000 000,50"})
    assert answer.status_code == 303, answer.text
    assert fields_of((await office.get("/boka/installningar")).text)["grant"] == "1000000,50"
    assert (await world.get("/booking/v1/project"))["grant"] == "1000000.50"


@pytest.mark.parametrize("hours", ["42000,83", "42000,17", "42000,02"])
async def test_hours_stand_for_the_minutes_nearest_to_them(
    hours: str, world: World, office: httpx2.AsyncClient
) -> None:
    minutes = {"42000,83": 2_520_050, "42000,17": 2_520_010, "42000,02": 2_520_001}[hours]
    for page, call, more in [
        ("/boka/installningar", "/booking/v1/project", {}),
        (f"/boka/kommuner/{NORA}", f"/booking/v1/municipalities/{NORA}", {"commitment_computed": "false"}),
    ]:
        form = {**fields_of((await office.get(page)).text), **more, "commitment_hours": hours}
        assert (await office.post(page, data=form)).status_code == 303
        again = fields_of((await office.get(page)).text)
        assert again["commitment_hours"] == hours
        assert (await office.post(page, data={**again, **more})).status_code == 303, "opened and saved, nothing changed"
        assert (await world.get(call))["commitment_minutes"] == minutes, page


async def test_every_setting_has_its_page(office: httpx2.AsyncClient) -> None:
    for key in KEYS:
        assert (await office.get(f"/boka/installningar/{key}")).status_code == 200, key
    assert (await office.get("/boka/installningar/nothing")).status_code == 404
