"""A change needs the tag of what was read; pages of a list join without gap or repetition."""

import asyncio
from typing import Any

import pytest

from tests.support.notes import HALLSBERG, Notes


class TestEdits:
    async def test_with_the_tag_that_was_read(self, notes: Notes) -> None:
        created = await notes.post()
        answer = await notes.edit(created.json()["id"], created.headers["etag"])
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')

    async def test_a_stale_tag_is_412_and_names_the_present_one(self, notes: Notes) -> None:
        created = await notes.post()
        await notes.edit(created.json()["id"], '"1"')
        answer = await notes.edit(created.json()["id"], '"1"')
        assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')

    async def test_no_tag_is_428(self, notes: Notes) -> None:
        created = await notes.post()
        assert (await notes.edit(created.json()["id"], None)).status_code == 428

    async def test_of_two_at_once_one_wins(self, notes: Notes) -> None:
        created = await notes.post()
        edits = await asyncio.gather(*(notes.edit(created.json()["id"], '"1"') for _ in range(2)))
        assert sorted(answer.status_code for answer in edits) == [200, 412]

    async def test_the_row_of_another_municipality_does_not_exist(self, notes: Notes) -> None:
        created = await notes.post()
        assert (await notes.edit(created.json()["id"], '"1"', HALLSBERG)).status_code == 404


class TestLists:
    async def pages(self, notes: Notes, limit: int) -> list[list[str]]:
        pages: list[list[str]] = []
        cursor: str | None = None
        while True:
            params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            answer = (await notes.client.get("/v1/notes", params=params, headers=notes.as_municipality())).json()
            pages.append([item["text"] for item in answer["items"]])
            cursor = answer["next"]
            if cursor is None:
                return pages

    async def test_pages_join_without_gap_or_repetition(self, notes: Notes) -> None:
        for number in range(7):
            await notes.post(f"note {number}")
        assert [len(page) for page in await self.pages(notes, 3)] == [3, 3, 1]
        texts = [text for page in await self.pages(notes, 3) for text in page]
        assert texts == [f"note {number}" for number in range(7)]

    async def test_a_full_last_page_says_that_it_is_the_last(self, notes: Notes) -> None:
        for number in range(6):
            await notes.post(f"note {number}")
        assert [len(page) for page in await self.pages(notes, 3)] == [3, 3]

    async def test_an_empty_list(self, notes: Notes) -> None:
        assert await self.pages(notes, 3) == [[]]

    @pytest.mark.parametrize(("query", "status"), [("limit=0", 422), ("limit=501", 422), ("cursor=%3F", 400)])
    async def test_bad_pages_are_refused(self, notes: Notes, query: str, status: int) -> None:
        answer = await notes.client.get(f"/v1/notes?{query}", headers=notes.as_municipality())
        assert answer.status_code == status


class TestWhatIsTaken:
    """Nothing is guessed and nothing passed over (shared.web.intake)."""

    @pytest.mark.parametrize(
        ("body", "pointer", "code"),
        [
            ({"text": "a", "Text": "b"}, "/Text", "extra_forbidden"),
            ({"text": 1}, "/text", "string_type"),
            ({}, "/text", "missing"),
            ([], "", "model_type"),
        ],
    )
    async def test_a_body_with_a_wrong_field_is_refused_by_its_name(
        self, notes: Notes, body: Any, pointer: str, code: str
    ) -> None:
        answer = await notes.client.post("/v1/notes", json=body, headers=notes.as_municipality())
        assert answer.status_code == 422
        assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]

    @pytest.mark.parametrize("content", [b"{", b"\xff", b'{"text": "\\ud800"}', b"[" * 5000, b'{"text": NaN}x'])
    async def test_what_is_no_json_is_400(self, notes: Notes, content: bytes) -> None:
        headers = notes.as_municipality() | {"content-type": "application/json"}
        assert (await notes.client.post("/v1/notes", content=content, headers=headers)).status_code == 400

    async def test_a_parameter_that_there_is_none_of_is_named(self, notes: Notes) -> None:
        answer = await notes.client.get("/v1/notes?Limit=1", headers=notes.as_municipality())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/Limit")
