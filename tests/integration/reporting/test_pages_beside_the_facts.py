"""The pages of what the project office enters beside the facts: shown to whom, the act done, the error kept."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from services.reporting.figures.paths import numbers
from shared.security.roles import Role
from tests.integration.booking.test_import import as_csv
from tests.integration.reporting.publishing import reporting_of
from tests.integration.reporting.test_beside_the_facts import TABLE_2025, a_year
from tests.support.browsers import browser, fields_of
from tests.support.services import Origin
from tests.support.stack import Stack
from tests.support.uploads import checked, taken_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "/uppfoljning"
OWN = ("_key", "_etag", "organisation", "occupation")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    async with reporting_of(stack, a_year().told) as started:
        yield started


@pytest.fixture
def office(origin: Origin) -> httpx2.AsyncClient:
    return browser(origin, Role.COORDINATOR)


@pytest.fixture
def funder(origin: Origin) -> httpx2.AsyncClient:
    return browser(origin, Role.FUNDER)


async def shown(by: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    """The text of a page, spaces as one."""
    answer = await by.get(PAGE + path)
    assert answer.status_code == status, answer.text
    return words(answer.text)


def words(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\u00a0", " ").split())


async def posted(by: httpx2.AsyncClient, path: str, fields: dict[str, str] | None = None, status: int = 303) -> str:
    """A form filled in on its page and sent."""
    page = await by.get(PAGE + path)
    own = {name: value for name, value in fields_of(page.text).items() if name.startswith("_")}
    answer = await by.post(PAGE + path, data=own | (fields or {}))
    assert answer.status_code == status, answer.text
    return answer.text


async def test_a_table_of_the_economy_is_checked_saved_and_read_by_the_funder(
    origin: Origin, office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    assert "Inget är redovisat" in await shown(office, "/ekonomi?year=2025")
    wrong = as_csv([{"Datum": "i går", "Slag": "Utgift", "Kategori": "Bilar", "Belopp": "1"}]).decode("utf-8-sig")
    upload, found = await checked(office, wrong, f"{PAGE}/ekonomi/fil")
    assert "1 rad är fel" in found
    assert "Slag</td>" in found, "the column as the file calls it"
    assert "Skriv intäkt, kostnad eller förs över." in found
    assert (await office.post(f"{upload}/kontroll", data={})).status_code == 409
    assert "fel" in (await office.get(f"{upload}/fel")).text
    _, found = await checked(office, TABLE_2025.decode(), f"{PAGE}/ekonomi/fil")
    assert "Spara 8 rader" in found
    assert "Inget är redovisat" in await shown(office, "/ekonomi?year=2025"), "before the last button"
    assert "8 rader sparades" in await taken_in(office, TABLE_2025.decode(), f"{PAGE}/ekonomi/fil")
    page = await shown(funder, "/ekonomi")
    for text in (
        "Ekonomi 2025",
        "Beviljat för hela projektet 23 731 055 kr",
        "Intäkter 4 279 856 kr",
        "1 kr Oredovisat",
    ):
        assert text in page
    assert "1 jan. 2025 – 31 okt. 2025 Saknas november 2025, december 2025" in page
    assert "Projektpersonal 3 327 214 kr 78,9 %" in page
    assert "Läs in en tabell" not in page
    assert "Läs in en tabell" in await shown(office, "/ekonomi")
    swedish = as_csv([{"Datum": "2024-03-31", "Slag": "Kostnad", "Kategori": "Bilar", "Belopp": "1 250,50"}])
    assert "1 rad sparades" in await taken_in(office, swedish.decode("utf-8-sig"), f"{PAGE}/ekonomi/fil")
    assert "Bilar 1 250,50 kr" in await shown(funder, "/ekonomi?year=2024")
    await shown(funder, "/ekonomi/fil", 403)
    await shown(browser(origin, Role.MUNICIPALITY, municipality="1884"), "/ekonomi", 403)


async def test_scenarios_stand_side_by_side_in_their_address(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    assert "Ange kostnaderna" in await shown(office, "/scenarier")
    costs = "fixed_costs=1000,50&cost_per_session=100&sessions=1"
    asked = "stays=1884&stays=1885&stays2=1885&sessions2=&stays3=1884&sessions3=0"
    page = await shown(office, f"/scenarier?{asked}&{costs}")
    assert "3 scenarier bredvid" in page
    assert "Lindesberg 100 550,25 kr 550,25 kr 1 100,50 kr +550,25 kr Lämnar" in page
    assert "Nora 100 550,25 kr 550,25 kr Lämnar 1 000,50 kr +450,25 kr" in page
    assert "1 100,50 kr 2 av 2 är kvar 1 100,50 kr 1 av 2 är kvar 1 000,50 kr 1 av 2 är kvar" in page
    assert "1 scenario bredvid" in await shown(office, f"/scenarier?stays=1885&{costs}"), "as addresses were before"
    await shown(funder, "/scenarier", 403)


async def test_indicators_are_chosen_by_period(funder: httpx2.AsyncClient) -> None:
    assert "3 personer började" in await shown(funder, "/indikatorer")
    page = await shown(funder, "/indikatorer?period=2025Q4")
    assert "kvartal 4 2025" in page
    assert "2025Q4" not in page
    assert "1 person började" in page
    assert "18–29 år EECO07 0 1 0 0 1" in page


async def test_goals_are_edited_as_a_whole_and_keep_what_was_written(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    assert "Inget mål är inlagt än" in await shown(office, "/mal")
    goal = {"goals.0.goal": "Stärkt kompetens", "goals.0.level": "individ"}
    counted = {
        "goals.0.indicators.0.name": "Deltagare",
        "goals.0.indicators.0.figure": "unique_participants.total",
    }
    refused = await posted(office, "/mal/andra", goal | counted, 422)
    assert "Målvärde: Fyll i fältet." in words(refused)
    assert 'value="Deltagare"' in refused
    await posted(office, "/mal/andra", goal | counted | {"goals.0.indicators.0.target": "12"})
    page = await shown(funder, "/mal")
    assert "Deltagare 12 3 Unika personer 25 %" in page
    assert "Ändra målen" not in page
    form = (await office.get(f"{PAGE}/mal/andra")).text
    known = {path for path, _ in await figures_by_path(office)}
    assert known <= set(re.findall(r'<option value="([^"]*)"', form)), "every figure that the API takes"
    assert "Deltaganden: Nora" in form
    await posted(office, "/mal/andra", {"goals.0.goal": "", "goals.0.level": "", "goals.0.indicators.0.name": ""})
    assert "Inget mål är inlagt än" in await shown(funder, "/mal")


async def figures_by_path(office: httpx2.AsyncClient) -> list[tuple[str, float | None]]:
    return list(numbers((await office.get("/reporting/v1/figures?from=2025-01-01&to=2027-06-30")).json()))


async def test_the_matrix_of_a_year_is_entered_by_cell_and_by_file(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    assert (await office.get(f"{PAGE}/kompetens")).headers["location"].startswith(f"{PAGE}/kompetens/20")
    await posted(
        office, "/kompetens/2025", {"organisation": "Nora", "occupation": "Sjuksköterska", "level": "shortage"}
    )
    cells = "Kommun;Yrkesgrupp;Läge\nLaxå;Sjuksköterska;Sårbart\n"
    _, check = await checked(office, cells, f"{PAGE}/kompetens/2025/fil")
    assert "Spara 1 rad" in check
    assert "1 rad sparades" in await taken_in(office, cells, f"{PAGE}/kompetens/2025/fil")
    assert "Det finns inget att spara" in (await checked(office, cells, f"{PAGE}/kompetens/2025/fil"))[1]
    wrong = await checked(office, cells.replace("Sårbart", "Dåligt"), f"{PAGE}/kompetens/2025/fil")
    assert "Skriv överskott, hållbart, sårbart eller brist." in wrong[1]
    assert (await office.get(f"{PAGE}/kompetens/1066/fil")).status_code == 404
    page = await shown(funder, "/kompetens/2025")
    assert "Laxå Sårbart –" in page
    assert "Nora Brist 3" in page, "with the participations of the municipality that the organisation is"
    assert "Fyll i eller ändra en ruta" not in page
    cell = "/kompetens/2025/ruta?organisation=Laxå&occupation=Sjuksköterska"
    assert 'value="vulnerable" checked' in (await office.get(PAGE + cell)).text
    own = fields_of((await office.get(PAGE + cell)).text)
    taken = await office.post(f"{PAGE}/kompetens/2025/ruta/ta-bort", data={name: own[name] for name in OWN})
    assert taken.status_code == 303, taken.text
    page = await shown(funder, "/kompetens/2025")
    assert "Laxå" not in page
    assert "Nora Brist 3" in page
    await shown(office, cell, 404)
    await shown(funder, cell, 403)
    assert (await office.get(f"{PAGE}/kompetens")).headers["location"] == f"{PAGE}/kompetens/2025"


async def test_a_municipality_sees_the_training_of_its_own_staff(origin: Origin, office: httpx2.AsyncClient) -> None:
    own = await shown(browser(origin, Role.MUNICIPALITY, municipality="1884"), "/tackning")
    assert "Undersköterska TR1 Ja 2 2 100 %" in own
    assert "Undersköterska TR1 Ja 3 3 100 %" in await shown(office, "/tackning")
    assert "Undersköterska TR1 Ja 1 1 100 %" in await shown(office, "/tackning?municipality=1885&course=TR1")
    assert "Sjuksköterska" not in await shown(office, "/tackning?shown=all"), "of whom nobody has attended one"
    await shown(browser(origin, Role.MUNICIPALITY, municipality="1884"), "/tackning?municipality=1885", 403)


async def test_activities_are_added_changed_and_taken_away(
    office: httpx2.AsyncClient, funder: httpx2.AsyncClient
) -> None:
    breakfast = {"date": "2025-05-20", "theme": "Språk", "audience": "chefer", "count": "40", "approximate": "true"}
    rated = breakfast | {"rating": "", "rating.mean": "4,4", "rating.n": "3"}
    refused = await posted(office, "/aktiviteter/ny", rated, 422)
    assert "Färre än 5 svar redovisas inte" in words(refused)
    assert 'value="4,4"' in refused
    await posted(office, "/aktiviteter/ny", rated | {"rating.n": "31"})
    page = await office.get(f"{PAGE}/aktiviteter")
    assert "20 maj 2025 Språk chefer cirka 40 4,4 (31 svar)" in words(page.text)
    [one] = set(re.findall(r"/uppfoljning/aktiviteter/([0-9a-f-]{36})", page.text))
    await posted(office, f"/aktiviteter/{one}", breakfast | {"count": "42", "approximate": "false", "rating": ""})
    assert "Språk chefer 42 –" in await shown(office, "/aktiviteter")
    await posted(office, f"/aktiviteter/{one}/ta-bort")
    assert "Ingen aktivitet är inlagd än" in await shown(office, "/aktiviteter")
    await shown(funder, "/aktiviteter", 403)


async def test_the_log_tells_in_words_who_stated_what(office: httpx2.AsyncClient, funder: httpx2.AsyncClient) -> None:
    walk = {"date": "2025-09-02", "theme": "Gåtur", "audience": "alla", "count": "9", "approximate": "true"}
    await posted(office, "/aktiviteter/ny", walk)
    await posted(office, "/kompetens/2024", {"organisation": "Nora", "occupation": "Skötare", "level": "shortage"})
    page = await shown(office, "/logg?kind=activity&action=activity-added")
    assert "coordinator of the test Aktiviteten Gåtur lades till. " in page
    assert "Ungefär: Ja" in page
    cells = await shown(office, "/logg?target=competence/2024")
    assert "Kompetensen 2024 ändrades." in cells
    assert "Nivå: Brist; Yrke: Skötare; Organisation: Nora" in cells, "as the database orders them"
    goals = await shown(office, "/logg?kind=goals")
    assert ("Siffra som visar det: Unika personer" in goals, "unique_participants" in goals) == (True, False)
    assert "Inget i loggen passar" in await shown(office, "/logg?actor=ingen")
    assert "The activity Gåtur was added" in await shown(office, "/logg?kind=activity&sprak=en")
    await shown(funder, "/logg", 403)
