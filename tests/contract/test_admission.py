"""A route says how it is entered; a form comes in where a route declares one, and is read like any other body."""

from typing import Any

import httpx2

from tests.support.notes import Notes

INVITED = {"Invitation": "yes", "Accept-Language": "en"}


async def fill(notes: Notes, headers: dict[str, str] = INVITED, **fields: str) -> httpx2.Response:
    return await notes.client.post("/v1/forms", data=fields, headers=headers)


def faults(answer: httpx2.Response) -> list[tuple[str, str]]:
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return [(error["pointer"], error["code"]) for error in errors]


async def test_a_route_is_entered_as_it_says_and_not_otherwise(notes: Notes) -> None:
    assert (await fill(notes, text="a")).json()["by"] == "guest"
    assert (await fill(notes, notes.as_municipality(), text="a")).status_code == 401
    assert (await notes.client.get("/v1/notes", headers=INVITED)).status_code == 401


async def test_a_form_is_taken_where_a_route_declares_one(notes: Notes) -> None:
    answer = await fill(notes, text="hej")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"7"')
    refused = await notes.client.post("/v1/notes", data={"text": "hej"}, headers=notes.as_municipality())
    assert refused.status_code == 415


async def test_a_form_may_also_come_in_parts(notes: Notes) -> None:
    answer = await notes.client.post("/v1/forms", files={"text": (None, "hej")}, headers=INVITED)
    assert answer.json()["text"] == "hej"


async def test_the_texts_of_a_form_are_composed(notes: Notes) -> None:
    assert (await fill(notes, text="A\u030angstro\u0308m")).json()["text"] == "\u00c5ngstr\u00f6m"


async def test_a_form_holds_no_personal_number(notes: Notes) -> None:
    assert faults(await fill(notes, text="19900101-0017 said so")) == [("/text", "personal-number")]


async def test_a_field_that_a_form_does_not_have_is_named(notes: Notes) -> None:
    assert faults(await fill(notes, text="a", colour="red")) == [("/colour", "extra_forbidden")]


async def test_the_same_key_gives_the_same_answer_and_tag(notes: Notes) -> None:
    first, again = [await fill(notes, INVITED | {"Idempotency-Key": "k"}, text="hej") for _ in range(2)]
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert again.headers["idempotent-replayed"] == "true"
