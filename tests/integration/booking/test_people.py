"""What belongs to the person and what to an employment: no municipality overwrites another's."""

from typing import Any

import httpx2

from shared.contracts.people_v2 import PersonChangedV2
from shared.security.roles import Role
from tests.integration.booking.test_import import as_csv, send
from tests.support.answers import if_match, ok, refused
from tests.support.booking_world import MAJA, enter_register
from tests.support.services import Origin

PEOPLE = "kursnav.people.v1"
AT_OREBRO = {
    **MAJA,
    "municipality": "1880",
    "given_name": "Maj-Britt",
    "family_name": "Ek Lund",
    "email": "majbritt@orebro.example",
    "phone": None,
    "manager_email": "chef@orebro.example",
    "workplace": "Tybble",
    "language": "ar",
}


class Employers:
    """Maja is employed by Nora and by Örebro; each speaks for itself."""

    def __init__(self, origin: Origin, coordinator: httpx2.AsyncClient) -> None:
        self.origin = origin
        self.coordinator = coordinator
        self.nora = origin.client(Role.MUNICIPALITY, municipality="1884")
        self.orebro = origin.client(Role.MUNICIPALITY, municipality="1880")

    @classmethod
    async def of_maja(cls, origin: Origin) -> "tuple[Employers, dict[str, Any], dict[str, Any]]":
        both = cls(origin, await enter_register(origin))
        at_nora = ok(await both.nora.post("/booking/v1/staff", json=MAJA), 201)
        at_orebro = ok(await both.orebro.post("/booking/v1/staff", json=AT_OREBRO), 201)
        return both, at_nora, at_orebro

    async def patch(self, client: httpx2.AsyncClient, staff: dict[str, Any], **fields: Any) -> httpx2.Response:
        path = f"/booking/v1/staff/{staff['id']}"
        seen = await self.coordinator.get(path)
        return await client.patch(path, json=fields, headers=if_match(seen))

    async def shown(self, staff: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = ok(await self.coordinator.get(f"/booking/v1/staff/{staff['id']}"))
        return answer

    async def audit(self, staff: dict[str, Any]) -> list[tuple[str, Any, Any]]:
        entries = ok(await self.coordinator.get(f"/booking/v1/audit?target=staff/{staff['id']}"))["items"]
        return [(entry["action"], entry["before"], entry["after"]) for entry in entries]


async def test_each_employer_keeps_its_own_name_and_contact(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    assert await both.shown(at_nora) == at_nora
    for name in ("given_name", "family_name", "email", "phone", "manager_email", "workplace", "language"):
        assert at_orebro[name] == AT_OREBRO[name]
    event = (await booking.published(PEOPLE))[-1][1]
    assert isinstance(event, PersonChangedV2)
    assert [(each.given_name, each.email, each.manager_email) for each in event.contacts] == [
        ("Maja", "maja.ek@nora.example", "chef@nora.example"),
        ("Maj-Britt", "majbritt@orebro.example", "chef@orebro.example"),
    ]
    assert event.language == "ar"


async def test_a_change_of_contact_reaches_no_other_employment(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    ok(await both.patch(both.orebro, at_orebro, given_name="Britt", email=None))
    assert await both.shown(at_nora) == at_nora
    event = (await booking.published(PEOPLE))[-1][1]
    assert isinstance(event, PersonChangedV2)
    assert [(each.given_name, each.email) for each in event.contacts] == [
        ("Maja", "maja.ek@nora.example"),
        ("Britt", None),
    ]


async def test_many_care_staff_have_no_address_of_their_own(booking: Origin) -> None:
    office = await enter_register(booking)
    body = {name: value for name, value in MAJA.items() if name != "email"}
    staff = ok(await office.post("/booking/v1/staff", json=body), 201)
    assert staff["email"] is None


async def test_gender_comes_from_the_number_and_only_the_coordinator_changes_it(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    assert at_nora["gender"] == "man"
    problem = refused(await both.patch(both.nora, at_nora, gender="woman"), 403, "coordinator-only")
    assert [error["pointer"] for error in problem["errors"]] == ["/gender"]
    ok(await both.patch(both.nora, at_nora, gender="man"))  # says what is so already
    ok(await both.patch(both.coordinator, at_nora, gender="non_binary"))
    assert [(await both.shown(staff))["gender"] for staff in (at_nora, at_orebro)] == ["non_binary"] * 2
    assert (await both.audit(at_orebro))[0] == ("person-changed", {"gender": "man"}, {"gender": "non_binary"})


async def test_another_municipality_cannot_bring_its_own_gender_with_a_new_employment(booking: Origin) -> None:
    office = await enter_register(booking)
    first = ok(await office.post("/booking/v1/staff", json=MAJA), 201)
    orebro = booking.client(Role.MUNICIPALITY, municipality="1880")
    refused(await orebro.post("/booking/v1/staff", json={**AT_OREBRO, "gender": "woman"}), 403, "coordinator-only")
    assert ok(await office.get(f"/booking/v1/staff/{first['id']}"))["gender"] == "man"
    assert [staff["id"] for staff in ok(await office.get("/booking/v1/staff"))["items"]] == [first["id"]]


async def test_any_employer_protects_an_identity_for_all_and_only_the_coordinator_lifts_it(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    ok(await both.patch(both.orebro, at_orebro, protected_identity=True))
    assert [(await both.shown(staff))["protected_identity"] for staff in (at_nora, at_orebro)] == [True, True]
    event = (await booking.published(PEOPLE))[-1][1]
    assert isinstance(event, PersonChangedV2)
    assert (event.protected, {each.given_name for each in event.contacts}) == (True, {None})
    for client, staff in ((both.nora, at_nora), (both.orebro, at_orebro)):
        problem = refused(await both.patch(client, staff, protected_identity=False), 403, "coordinator-only")
        assert [error["pointer"] for error in problem["errors"]] == ["/protected_identity"]
    ok(await both.patch(both.coordinator, at_nora, protected_identity=False))
    assert [(await both.shown(staff))["protected_identity"] for staff in (at_nora, at_orebro)] == [False, False]
    assert [entry[0] for entry in await both.audit(at_orebro)] == [
        "person-changed",
        "staff-changed",
        "staff-added",
    ]


async def test_an_edit_from_before_the_person_changed_is_stale_for_every_employer(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    path = f"/booking/v1/staff/{at_nora['id']}"
    seen = await both.nora.get(path)
    ok(await both.patch(both.orebro, at_orebro, protected_identity=True))
    refused(await both.nora.patch(path, json={"workplace": "X"}, headers=if_match(seen)), 412, "stale-if-match")


async def test_a_file_of_one_municipality_changes_nobody_elses_person(booking: Origin) -> None:
    both, at_nora, at_orebro = await Employers.of_maja(booking)
    ok(await both.patch(both.orebro, at_orebro, protected_identity=True))
    content = as_csv([{**MAJA, "gender": "woman", "protected_identity": "nej"}])
    [row] = ok(await send(both.nora, content, dry_run=False))["rows"]
    assert (row["outcome"], [(error["pointer"], error["code"]) for error in row["errors"]]) == (
        "error",
        [("/gender", "coordinator-only"), ("/protected_identity", "coordinator-only")],
    )
    shown = await both.shown(at_nora)
    assert (shown["gender"], shown["protected_identity"]) == ("man", True)
