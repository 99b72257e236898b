"""What the outside may send wrong, through HTTP: a clear problem that says what to do, and nothing half done."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from infra.demo import payloads
from infra.demo.api import ApiError
from infra.demo.cast import Cast
from infra.demo.catalogue import municipalities
from infra.demo.people import Population
from shared.clock import SystemClock
from tests.support import tokens
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Project:
    """One course, one session of one seat, and three people of two municipalities."""

    session: UUID
    course: UUID
    staff: dict[str, UUID]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def project(cast: Cast) -> Project:
    office = cast.coordinator
    await office.set_project(payloads.project())
    for member in municipalities():
        await office.set_municipality(payloads.municipality(member))
    course = await office.add_course(
        {"code": "HYG", "title": "Basal hygien", "duration_minutes": 120, "categories": ["base"], "requires": []}
    )
    session = await office.schedule(one_seat())
    staff = {name: await employed(cast, name, code) for name, code in PEOPLE.items()}
    return Project(session.id, course, staff)


PEOPLE = {"anna": "1884", "bea": "1884", "cia": "1861"}


def one_seat() -> dict[str, Any]:
    """A session in two months, whenever that is."""
    starts = SystemClock().now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=60)
    return {
        "course": "HYG",
        "host_municipality": "1884",
        "venue": "Sal 1",
        "capacity": 1,
        "occasions": [
            {
                "starts_at": starts.isoformat(),
                "ends_at": (starts + timedelta(hours=2)).isoformat(),
                "break_minutes": 0,
            }
        ],
        "trainers": [],
        "cancellation_deadline": (starts - timedelta(days=7)).isoformat(),
        "support": [],
    }


async def employed(cast: Cast, name: str, code: str) -> UUID:
    person = Population(random.Random(name)).person("woman")
    body = {
        "personal_number": person.number,
        "given_name": name,
        "family_name": "Test",
        "email": f"{name}@kommun.example",
        "workplace": "Hemtjänsten",
        "title": "assistant_nurse",
        "category": "base",
        "municipality": code,
    }
    return (await cast.municipality(code).add_staff(body)).id


async def call(
    client: httpx2.AsyncClient, method: str, path: str, token: str, *, body: Any = None, **headers: str
) -> httpx2.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}", **given})


def assert_problem(answer: httpx2.Response, status: int, name: str | None = None) -> Mapping[str, Any]:
    """An RFC 9457 answer that says in words what is wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["type"].startswith("https://kursnav.se/problems/")
    assert problem["status"] == status
    assert problem["title"]
    assert len(problem["detail"]) > 15
    assert "Traceback" not in answer.text
    if name is not None:
        assert problem["type"].endswith(f"/{name}")
    return problem


EVERYWHERE = pytest.mark.parametrize("service", ["booking", "attendance", "reporting"])


@EVERYWHERE
async def test_without_a_token_nobody_gets_in(client: httpx2.AsyncClient, service: str) -> None:
    assert_problem(await client.get(f"/{service}/v1/position"), 401)


@EVERYWHERE
async def test_an_expired_token_is_refused(client: httpx2.AsyncClient, service: str) -> None:
    expired = tokens.token("coordinator", iat=int(time.time()) - 7200, exp=int(time.time()) - 3600)
    assert_problem(await call(client, "GET", f"/{service}/v1/position", expired), 401)


@EVERYWHERE
async def test_a_token_signed_by_somebody_else_is_refused(client: httpx2.AsyncClient, service: str) -> None:
    foreign = tokens.token("coordinator", signed_by=ECKey.generate_key("P-256"))
    assert_problem(await call(client, "GET", f"/{service}/v1/position", foreign), 401)


@EVERYWHERE
@pytest.mark.parametrize("claim", [{"iss": "https://elsewhere.example"}, {"aud": "another-product"}])
async def test_a_token_for_another_place_is_refused(
    client: httpx2.AsyncClient, service: str, claim: dict[str, Any]
) -> None:
    foreign = tokens.token("coordinator", **claim)
    assert_problem(await call(client, "GET", f"/{service}/v1/position", foreign), 401)


async def test_the_answer_is_in_the_callers_language(client: httpx2.AsyncClient) -> None:
    swedish = (await client.get("/booking/v1/position", headers={"Accept-Language": "sv"})).json()
    english = (await client.get("/booking/v1/position", headers={"Accept-Language": "en"})).json()
    assert swedish["type"] == english["type"]
    assert swedish["detail"] != english["detail"]


async def test_a_reused_key_with_the_same_body_gives_the_same_answer_and_another_body_422(
    project: Project, client: httpx2.AsyncClient
) -> None:
    office, key = tokens.token("coordinator"), str(uuid4())
    body = {"code": "FALL", "title": "Fallprevention", "duration_minutes": 120, "categories": ["base"], "requires": []}
    first = await call(client, "POST", "/booking/v1/courses", office, body=body, Idempotency_Key=key)
    again = await call(client, "POST", "/booking/v1/courses", office, body=body, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = {**body, "title": "Något annat"}
    answer = await call(client, "POST", "/booking/v1/courses", office, body=other, Idempotency_Key=key)
    assert_problem(answer, 422, "idempotency-key-reused")


async def test_a_stale_if_match_is_refused_and_a_missing_one_is_asked_for(
    project: Project, client: httpx2.AsyncClient
) -> None:
    office, path = tokens.token("coordinator"), f"/booking/v1/courses/{project.course}"
    etag = (await call(client, "GET", path, office)).headers["ETag"]
    assert_problem(await call(client, "PATCH", path, office, body={"title": "Hygien 1"}), 428)
    first = await call(client, "PATCH", path, office, body={"title": "Hygien 2"}, If_Match=etag)
    assert first.status_code == 200
    assert_problem(await call(client, "PATCH", path, office, body={"title": "Hygien 3"}, If_Match=etag), 412)
    assert (await call(client, "GET", path, office)).json()["title"] == "Hygien 2"


async def test_a_full_session_says_so_and_the_waiting_list_takes_the_rest(project: Project, cast: Cast) -> None:
    nora = cast.municipality("1884")
    first = await nora.register(project.session, [project.staff["anna"]])
    assert [result.outcome for result in first.results] == ["confirmed"]
    with pytest.raises(ApiError) as refused:
        await nora.register(project.session, [project.staff["bea"]], waitlist=False)
    assert (refused.value.status, refused.value.name) == (409, "session-full")
    waiting = await nora.register(project.session, [project.staff["bea"]])
    assert [(result.outcome, result.position) for result in waiting.results] == [("waitlisted", 1)]
    seats = (await nora.session(project.session)).seats
    assert seats is not None
    assert (seats.confirmed, seats.free, seats.waitlisted) == (1, 0, 1)


async def test_the_rows_of_another_municipality_do_not_exist_for_it(project: Project, cast: Cast) -> None:
    """404 for rows of others: not even their existence is told."""
    hallsberg = cast.municipality("1861")
    with pytest.raises(ApiError) as hidden:
        await hallsberg.api.get(f"/booking/v1/staff/{project.staff['anna']}")
    assert hidden.value.status == 404
    own = [item["id"] async for item in hallsberg.api.listing("/booking/v1/staff")]
    assert own == [str(project.staff["cia"])]


async def test_a_municipality_cannot_register_anothers_staff(project: Project, cast: Cast) -> None:
    with pytest.raises(ApiError) as refused:
        await cast.municipality("1861").register(project.session, [project.staff["anna"]])
    assert refused.value.status in (404, 422)


async def test_a_municipality_cannot_employ_for_another(project: Project, client: httpx2.AsyncClient) -> None:
    body = {"municipality": "1884", "personal_number": "198112189876", "given_name": "D", "family_name": "T"}
    body |= {"email": "d@k.example", "workplace": "X", "title": "nurse", "category": "licensed"}
    hallsberg = tokens.token("municipality", municipality="1861")
    assert_problem(await call(client, "POST", "/booking/v1/staff", hallsberg, body=body), 403)


async def test_roles_are_denied_what_is_not_theirs(project: Project, client: httpx2.AsyncClient) -> None:
    funder, trainer = tokens.token("funder"), tokens.token("trainer", trainer_id=uuid4())
    assert_problem(await call(client, "GET", "/booking/v1/staff", funder), 403)
    assert_problem(await call(client, "GET", "/reporting/v1/cofinancing", trainer), 403)
    assert_problem(await call(client, "GET", "/attendance/v1/sessions", funder), 403)


async def test_only_the_coordinator_enters_what_already_happened(project: Project, client: httpx2.AsyncClient) -> None:
    nora = tokens.token("municipality", municipality="1884")
    body = {"staff": [str(project.staff["bea"])], "policy": "all", "waitlist": True}
    path = f"/booking/v1/sessions/{project.session}/registrations"
    answer = await call(client, "POST", path, nora, body=body, Kursnav_Occurred_At="2026-01-01T09:00:00+01:00")
    assert_problem(answer, 403)


@pytest.mark.parametrize("moment", ["yesterday", "2025-03-01T09:00:00"])
async def test_a_time_without_offset_is_no_time(project: Project, client: httpx2.AsyncClient, moment: str) -> None:
    office = tokens.token("coordinator")
    answer = await call(client, "POST", "/booking/v1/sessions", office, body=one_seat(), Kursnav_Occurred_At=moment)
    assert_problem(answer, 400)


async def test_nothing_happens_in_the_future(project: Project, client: httpx2.AsyncClient) -> None:
    office, year = tokens.token("coordinator"), SystemClock().now().year + 1
    moment = f"{year}-06-01T09:00:00+00:00"
    answer = await call(client, "POST", "/booking/v1/sessions", office, body=one_seat(), Kursnav_Occurred_At=moment)
    assert_problem(answer, 422)


async def test_a_wrong_field_is_named_by_its_pointer(project: Project, client: httpx2.AsyncClient) -> None:
    office = tokens.token("coordinator")
    answer = await call(client, "POST", "/booking/v1/sessions", office, body={**one_seat(), "capacity": -1})
    problem = assert_problem(answer, 422)
    assert [error["pointer"] for error in problem["errors"]] == ["/capacity"]


FARTHEST = ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize("day", FARTHEST)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/booking/v1/sessions", "from"),
        ("/booking/v1/sessions", "to"),
        ("/booking/v1/audit", "to"),
        ("/attendance/v1/sessions", "from"),
        ("/attendance/v1/sessions", "to"),
        ("/reporting/v1/figures?from=2025-01-01&to=2025-01-02", "to"),
        ("/reporting/v1/cofinancing", "as_of"),
        ("/reporting/v1/cofinancing", "known_at"),
    ],
)
async def test_a_day_at_the_end_of_the_calendar_is_refused_by_name(
    project: Project, client: httpx2.AsyncClient, path: str, field: str, day: str
) -> None:
    """Its beginning, or its end, in another time zone is no time at all."""
    url = httpx2.URL(path).copy_set_param(field, day)
    if (field, day) == ("known_at", "0001-01-01"):
        url = url.copy_set_param(field, "0001-01-01T00:00:00+14:00")
    problem = assert_problem(await call(client, "GET", str(url), tokens.token("coordinator")), 422, "validation")
    before = ["/query/from"] if "from=" in path and day == FARTHEST[0] else []  # then it lies after `to` besides
    assert [error["pointer"] for error in problem["errors"]] == [*before, f"/query/{field}"]


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("field", ["registration_opens_at", "shares_release_at", "cancellation_deadline"])
async def test_a_time_at_the_end_of_the_calendar_is_refused_by_name(
    project: Project, client: httpx2.AsyncClient, field: str, year: str
) -> None:
    body = {**one_seat(), field: f"{year}-12-31T23:59:59Z"}
    answer = await call(client, "POST", "/booking/v1/sessions", tokens.token("coordinator"), body=body)
    assert [error["pointer"] for error in assert_problem(answer, 422)["errors"]] == [f"/{field}"]


async def test_an_occasion_of_eight_thousand_years_is_refused(project: Project, client: httpx2.AsyncClient) -> None:
    body = one_seat()
    body["occasions"][0]["ends_at"] = "9999-12-31T23:59:59Z"
    answer = await call(client, "POST", "/booking/v1/sessions", tokens.token("coordinator"), body=body)
    assert [error["pointer"] for error in assert_problem(answer, 422)["errors"]] == ["/occasions/0/ends_at"]


@EVERYWHERE
async def test_a_zero_byte_is_refused_by_the_name_of_its_field(client: httpx2.AsyncClient, service: str) -> None:
    """PostgreSQL keeps none in a text."""
    operator, path = tokens.token("operator"), f"/{service}/v1/dead-letters"
    asked = assert_problem(await call(client, "GET", f"{path}?consumer=a%00b", operator), 422)
    said = await call(client, "POST", f"{path}/{uuid4()}/discard", operator, body={"reason": "a\x00b"})
    found = [problem["errors"][0]["pointer"] for problem in (asked, assert_problem(said, 422))]
    assert found == ["/query/consumer", "/reason"]


def is_known(answer: httpx2.Response) -> bool:
    return answer.status_code != 404


async def test_half_a_character_is_no_json_and_is_refused(project: Project, client: httpx2.AsyncClient) -> None:
    """A field called by half a surrogate pair has no name that a refusal could give: the body cannot be read."""
    headers = {"Authorization": f"Bearer {tokens.token('coordinator')}", "Content-Type": "application/json"}
    path = f"/attendance/v1/sessions/{project.session}/survey-answers"
    body = b'{"survey": "participant", "answers": [{"\\ud800": "high"}]}'
    await eventually(lambda: call(client, "GET", path, tokens.token("coordinator")), until=is_known, what="the roll")
    answer = await client.post(path, content=body, headers=headers)
    assert assert_problem(answer, 400)["type"].endswith("/malformed")


async def test_what_is_no_json_is_refused(project: Project, client: httpx2.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {tokens.token('coordinator')}", "Content-Type": "application/json"}
    answer = await client.post("/booking/v1/courses", content=b'{"code": ', headers=headers)
    assert_problem(answer, 400)
    as_text = await client.post(
        "/booking/v1/courses", content=b"code=X", headers={**headers, "Content-Type": "text/plain"}
    )
    assert_problem(as_text, 415)


async def test_a_bad_row_of_a_file_is_named_and_nothing_is_half_imported(project: Project, cast: Cast) -> None:
    header = "personal_number,given_name,family_name,email,workplace,title,category,municipality\n"
    good = "199001019802,Eva,Test,e@k.example,Hemtjänsten,nurse,licensed,1884\n"
    bad = "199001019803,Fia,Test,f@k.example,Hemtjänsten,nurse,licensed,1884\n"
    imported = await cast.municipality("1884").import_staff((header + good + bad).encode(), dry_run=True)
    assert [row.outcome for row in sorted(imported.rows, key=lambda row: row.row)] == ["create", "error"]
    own = [item async for item in cast.municipality("1884").api.listing("/booking/v1/staff")]
    assert len(own) == 2


async def test_an_unknown_path_and_an_unknown_row_are_problems_too(client: httpx2.AsyncClient) -> None:
    office = tokens.token("coordinator")
    assert_problem(await call(client, "GET", "/booking/v1/nowhere", office), 404)
    assert_problem(await call(client, "GET", f"/booking/v1/sessions/{uuid4()}", office), 404)


async def test_after_all_of_this_nothing_is_left_under_way(project: Project, cast: Cast) -> None:
    await cast.settle(within=30)
