"""Every page of every role is accessible, in both languages, on a phone and on a desk."""

import pytest

from shared.web.pages.operations import ADDRESSES
from tests.browser.checks import LANGUAGES, each_page
from tests.browser.conftest import Opened
from tests.browser.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "/boka/kurstillfallen/{session}"
REGISTRATION, WAITING = "/boka/anmalningar/{registration}", "/boka/anmalningar/{waiting}"
BOOKING = (
    *("/", "/boka/kurstillfallen", "/boka/kurstillfallen?period=all&course=TR1&sort=-start", SESSION),
    *("/boka/kurstillfallen?course=PALS", f"{SESSION}/anmal", f"{SESSION}/anmal/kontrollera?staff={{staff}}"),
    *("/boka/anmalningar", "/boka/anmalningar?q=ingen", REGISTRATION, f"{REGISTRATION}/ersatt", WAITING),
    *(f"{REGISTRATION}/ersatt/kontrollera?staff={{other}}", f"{REGISTRATION}/flytta", f"{REGISTRATION}/avboka"),
    f"{REGISTRATION}/flytta/kontrollera?session={{later}}",
    *(f"{SESSION}/reservera", "/boka/reservationer/{reservation}", "/boka/reservationer/{reservation}/lamna-tillbaka"),
    *("/boka/oanmalda", "/boka/oanmalda/{walk_in}", "/boka/oanmalda/{walk_in}/kontrollera?staff={other}"),
    *("/uppfoljning/atagande", "/boka/outnyttjade-platser", "/boka/sparrtider", "/boka/sparrtider/{blackout}/ta-bort"),
    *(f"{SESSION}/anmal/klart?staff={{staff}}", "/boka/personal", "/boka/personal?q=ingen", "/boka/personal/{staff}"),
    *("/boka/personal/fil", "/boka/anmalningar/fil", "/boka/personal/ny", "/boka/personal/sok"),
    *("/boka/personal/{staff}/avsluta", "/boka/behov/2026H2", "/boka/titlar"),
)
HOOK = "/boka/webhooks/{webhook}"
WEBHOOKS = ("/boka/webhooks", "/boka/webhooks/ny", HOOK, f"{HOOK}/hemlighet", f"{HOOK}/ta-bort")
OPERATION = ADDRESSES["booking"]
LETTER = f"{OPERATION}/{{letter}}"
OFFICE = (
    *("/boka/titlar/ny", "/boka/titlar/care_assistant/andra", "/boka/titlar/care_assistant/ta-bort"),
    *("/boka/kurstillfallen/nytt", f"{SESSION}/andra", f"{SESSION}/flytta", f"{SESSION}/stall-in"),
    *(
        f"{SESSION}/reservlista",
        "/boka/planering",
        "/boka/kurser",
        "/boka/kurser/ny",
        "/boka/paket/nytt",
        "/boka/kommuner",
    ),
    *("/boka/kommuner/1880", "/boka/installningar", "/boka/installningar/rounding", "/boka/installningar/breaks"),
    *(
        "/boka/utbildningsledare",
        "/boka/utbildningsledare/ny",
        "/boka/behov/2026H2/plan",
        "/boka/logg?target=session/{session}",
        "/boka/utskick",
        "/narvaro/telefon-fil",
    ),
)
PLACEMENTS = (
    *("/narvaro/placeringar", "/narvaro/placeringar/ny?q=a", "/narvaro/placeringar/{placement}"),
    "/narvaro/placeringar/{placement}/{week}",
)
SURVEYS = ("/narvaro/enkater", "/narvaro/enkater/{session}", "/uppfoljning/enkater")
OFFICES = (  # what it enters beside the facts, and the funder reads
    *("/uppfoljning/ekonomi", "/uppfoljning/ekonomi?year=2030", "/uppfoljning/indikatorer", "/uppfoljning/mal"),
    *("/uppfoljning/kompetens/2025", "/uppfoljning/kompetens/2024"),
)
SCHEDULE = "/uppfoljning/scheman/{schedule}"
BESIDE = (
    *(
        *OFFICES,
        "/uppfoljning/ekonomi/fil",
        "/uppfoljning/scenarier?stays=1884&stays2=1880&fixed_costs=1000",
        "/uppfoljning/scenarier",
    ),
    *("/uppfoljning/mal/andra", "/uppfoljning/kompetens/2025/fil", "/uppfoljning/tackning", "/uppfoljning/aktiviteter"),
    "/uppfoljning/kompetens/2025/ruta?organisation=Nora&occupation=Sjuksköterska",
    *("/uppfoljning/scheman", "/uppfoljning/scheman/nytt", SCHEDULE, f"{SCHEDULE}/avsluta", "/uppfoljning/logg"),
    *(
        "/uppfoljning/aktiviteter/ny",
        "/uppfoljning/aktiviteter/{activity}",
        "/uppfoljning/aktiviteter/{activity}/ta-bort",
    ),
)
SIGNING = ("/narvaro/underskrifter", "/narvaro/underskrifter/{month}/{participant}", "/narvaro/lankar/{participant}")
CERTIFICATES = ("/narvaro/intyg?month={month}", "/narvaro/intyg?q=ingen")
YEAR = "from=2025-01-01&to=2025-12-31"
FIGURES = (f"/uppfoljning/siffror?{YEAR}", "/uppfoljning/samfinansiering", "/uppfoljning/rapporter")
FILE = ("/uppfoljning/kontrollera-fil", f"/uppfoljning/kontrollera-fil?sha256={'0' * 64}")
ROWS = f"/uppfoljning/underlag?figure=sessions.held&{YEAR}"
REPORT = "/uppfoljning/rapporter/{report}"
OWN_ROWS = (f"{REPORT}/siffror", f"{REPORT}/underlag?figure=minutes.attested")
READ = (REPORT, f"{REPORT}/kontroll", f"{REPORT}/andringar", ROWS, *OWN_ROWS)
ORDER = (
    *("/uppfoljning/rapporter/ny", "/uppfoljning/rapporter/ny/period?kind=progress", f"{REPORT}/ny-version"),
    *("/uppfoljning/rapporter/ny/kontrollera?kind=progress&period=2025&language=sv", "/uppfoljning/omatchade"),
    *("/uppfoljning/rapporter/ny/statistikfil?period=2025", "/boka/namngivna-kopior"),
)
FOLLOW_UP = ("/uppfoljning", *FIGURES, *FILE)
OWN = ("/min/{link}", "/min/{link}/{month}", "/min/{link}/{month}/kod", "/min/ingenting", "/intyg/inget")
ROLL = "/narvaro/listor/{session}"
ATTENDANCE = (
    *("/narvaro", "/narvaro/listor", ROLL, f"{ROLL}/markera", f"{ROLL}/attestera", f"{ROLL}/historik"),
    *(f"{ROLL}/skriv-ut", "/narvaro/konflikter", "/narvaro/konflikter/{conflict}", "/incheckning"),
    "/narvaro/listor/{taught}/ratta?participant_id={pupil}&occasion_id={occasion}",
)
TAUGHT = "/narvaro/listor/{taught}"
TRAINER = (
    *("/narvaro", "/narvaro/listor", TAUGHT, f"{TAUGHT}/markera", f"{TAUGHT}/attestera", f"{TAUGHT}/historik"),
    *(f"{TAUGHT}/skriv-ut", f"{TAUGHT}/kod", f"{TAUGHT}/oanmald/{{came}}", "/boka/kurstillfallen/{taught}/oanmald"),
    f"{TAUGHT}/ratta?participant_id={{pupil}}&occasion_id={{occasion}}",
    *("/narvaro/konflikter", "/narvaro/konflikter/{conflict}", "/narvaro/telefon"),
)
PAGES = {
    "": (
        *(
            "/",
            "/logga-in",
            "/logga-ut",
            "/kurser",
            "/tillganglighet",
            "/integritet",
            "/ingenstans",
            "/narvaro/telefon",
        ),
        *("/enkat/{survey}", "/enkat/{survey}?latt=nej", "/enkat/{answered_survey}", "/enkat/ingenting"),
        *OWN,
    ),
    "kommun": (*BOOKING, *WEBHOOKS, *PLACEMENTS, *CERTIFICATES, *FIGURES, *FILE, "/uppfoljning/tackning", "/logga-ut"),
    "samordnare": (
        *(*BOOKING, *OFFICE, *ATTENDANCE, *SURVEYS, *PLACEMENTS, *SIGNING, *CERTIFICATES, *BESIDE),
        *(*FOLLOW_UP, *READ, *ORDER),
    ),
    "utbildare": TRAINER,
    "finansiar": (
        *("/", "/boka/kurstillfallen", SESSION, "/boka/personal"),  # the last one is not for a funder
        *(*FOLLOW_UP, *READ, *OFFICES),
    ),
    "utvarderare": ("/", *FOLLOW_UP),
    "driftare": (
        "/",
        *ADDRESSES.values(),
        f"{OPERATION}?decided=true",
        LETTER,
        f"{LETTER}/kor-om",
        f"{LETTER}/skriv-av",
    ),
}
"""What each user of the development stack opens. Every new page stands here."""


OFFICE_OF = {"kommun": "samordnare"}
"""Whose pages are the coordinator's too: in English only what the coordinator does not have."""
AT_ONCE = 25


def parts() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Each role's pages in a language, some at once, so that a test ends within its time on a slow machine too."""
    found = {}
    for language in LANGUAGES:
        for user, addresses in PAGES.items():
            looked_at = PAGES[OFFICE_OF[user]] if user in OFFICE_OF and language != LANGUAGES[0] else ()
            left = tuple(one for one in addresses if one not in looked_at)
            for first in range(0, len(left), AT_ONCE):
                name = f"{user or 'nobody'}-{first // AT_ONCE + 1}-{language}"
                found[name] = (user, left[first : first + AT_ONCE], language)
    return found


PARTS = parts()


@pytest.mark.parametrize("part", PARTS)
async def test_every_page_is_sound(site: Site, visit: Opened, part: str) -> None:
    user, addresses, language = PARTS[part]
    await each_page(await visit(user), site, addresses, language)
