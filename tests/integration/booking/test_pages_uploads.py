"""Uploading a file in four pages: nothing is written before the last button, and a wrong file comes back with why."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape

import httpx2

from services.booking.retention import forget_old
from shared.security.roles import Role
from shared.uploads.queries import KEPT
from tests.support.answers import ok
from tests.support.booking_world import DAY, NORA, OREBRO, World, enter_register, personal_number
from tests.support.browsers import browser, fields_of
from tests.support.clock import FixedClock
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.uploads import checked, columns, finished, sent

HEAD = "Persnr;Tilltalsnamn;Efternamn;Enhet;Befattning;Personalkategori;Skonummer\n"
CHOSEN = ["personal_number", "given_name", "family_name", "workplace", "title", "category", ""]
FILE = "/boka/personal/fil"


@asynccontextmanager
async def nora(stack: Stack) -> AsyncIterator[tuple[Origin, httpx2.AsyncClient]]:
    async with running(stack, ["booking"]) as origin:
        await enter_register(origin)
        yield origin, browser(origin, Role.MUNICIPALITY, municipality=NORA)


def line(person: int, name: str = "Maja", category: str = "Baspersonal") -> str:
    return f"{personal_number(person)};{name};Ek;Hagby;Undersköterska;{category};38\n"


async def people(origin: Origin) -> int:
    (row,) = await origin.rows("booking", "SELECT count(*) AS n FROM staff")
    return int(row["n"])


async def test_a_good_file_is_written_by_the_last_button_only(stack: Stack) -> None:
    async with nora(stack) as (origin, client):
        upload = await sent(client, HEAD + line(1) + line(2, "Ali"), FILE)
        second = await client.get(f"{upload}/kolumner")
        assert list(columns(second).values()) == CHOSEN
        assert re.findall(r"<label[^>]*>\s*(.*?)\s*</label>", second.text) == HEAD.strip().split(";")
        assert personal_number(1) not in second.text
        upload, page = await checked(client, HEAD + line(1) + line(2, "Ali"), FILE)
        assert "Spara 2 rader" in page
        assert await people(origin) == 0
        taken = await client.post(f"{upload}/kontroll", data={"_key": fields_of(page)["_key"]})
        assert taken.headers["location"] == f"{upload}/klart"
        assert "2 rader sparades." in await finished(client, f"{upload}/klart")
        assert await people(origin) == 2
        (left,) = await origin.rows("booking", f"SELECT content FROM uploads WHERE id = '{upload.rpartition('/')[2]}'")
        assert left["content"] is None


async def test_a_wrong_row_is_told_by_the_files_own_words_and_nothing_is_written(stack: Stack) -> None:
    async with nora(stack) as (origin, client):
        upload, page = await checked(client, HEAD + line(1) + line(2, "Ali", "Chef"), FILE)
        row = re.search(r"<th[^>]*>Rad 3</th>(.*?)</tr>", page, re.S)
        assert row is not None
        assert re.findall(r"<td[^>]*>(.*?)</td>", row[1])[:2] == ["Personalkategori", "Chef"]
        refused = await client.post(f"{upload}/kontroll", data={})
        assert refused.status_code == 409
        marked = (await client.get(f"{upload}/fel")).content.decode("utf-8-sig").splitlines()
        assert marked[0] == f"{HEAD.strip()};fel"
        assert marked[1] == f"{line(1).strip()};"
        assert marked[2].startswith(f"{line(2, 'Ali', 'Chef').strip()};Personalkategori: ")
        assert await people(origin) == 0


async def test_a_municipality_is_asked_once_what_its_columns_are(stack: Stack) -> None:
    async with nora(stack) as (origin, client):
        text = HEAD.replace("Enhet", "Kst") + line(1)
        upload = await sent(client, text, FILE)
        form = columns(await client.get(f"{upload}/kolumner"))
        assert form["columns.3"] == ""
        missing = await client.post(f"{upload}/kolumner", data=form)
        assert missing.status_code == 422
        assert "välj vilken kolumn som är Arbetsställe" in missing.text
        twice = await client.post(f"{upload}/kolumner", data={**form, "columns.3": "workplace", "columns.6": "title"})
        assert "en annan kolumn är redan Titel" in unescape(twice.text)
        assert (await client.post(f"{upload}/kolumner", data={**form, "columns.3": "workplace"})).status_code == 303
        again = await client.get(f"{await sent(client, text, FILE)}/kolumner")
        assert columns(again)["columns.3"] == "workplace"
        other = browser(origin, Role.MUNICIPALITY, municipality=OREBRO)
        assert columns(await other.get(f"{await sent(other, text, FILE)}/kolumner"))["columns.3"] == ""


async def test_a_file_is_seen_by_who_sent_it_for_some_hours(stack: Stack) -> None:
    async with nora(stack) as (origin, client):
        upload = await sent(client, HEAD + line(1), FILE)
        colleague = browser(origin, Role.MUNICIPALITY, municipality=NORA, subject="colleague")
        assert (await colleague.get(f"{upload}/kolumner")).status_code == 404
        (row,) = await origin.rows("booking", "SELECT content, peek FROM uploads")
        assert b"Maja" not in bytes(row["content"]) + bytes(row["peek"])
        await origin.rows("booking", f"UPDATE uploads SET kept_at = kept_at - interval '{KEPT}' RETURNING id")
        assert (await client.get(f"{upload}/kolumner")).status_code == 404
        await forget_old(origin.services["booking"].units)
        assert await origin.rows("booking", "SELECT id FROM uploads") == []


async def test_many_rows_are_checked_by_a_page_that_looks_after_itself(stack: Stack) -> None:
    async with nora(stack) as (_, client):
        upload = await sent(client, HEAD + "".join(line(person) for person in range(1, 2001)), FILE)
        await client.post(f"{upload}/kolumner", data=columns(await client.get(f"{upload}/kolumner")))
        waiting = (await client.get(f"{upload}/kontroll")).text
        assert "of 2" in waiting or "av 2" in waiting
        assert '<noscript><meta http-equiv="refresh"' in waiting
        assert 'hx-trigger="every 1s"' in waiting
        assert "Spara 2\u00a0000 rader" in await finished(client, f"{upload}/kontroll")


async def test_all_that_is_wrong_with_a_row_is_told_at_once_in_plain_words(stack: Stack) -> None:
    async with nora(stack) as (_, client):
        head = HEAD.replace("Skonummer", "Mejladress")
        _, page = await checked(client, head + "123;Maja;Ek;Hagby;Undersköterska;Chef;maja@\n", FILE)
        told = re.findall(r"<td[^>]*>(.*?)</td>", page)
        assert told[::3] == ["Mejladress", "Personalkategori", "Persnr"]
        assert told[2] == "Skriv en e-postadress, som namn@kommun.se."


async def test_what_is_no_table_is_refused_on_the_first_page(stack: Stack) -> None:
    async with nora(stack) as (_, client):
        nothing = await client.post(FILE, files={"file": ("", b"", "application/octet-stream")})
        assert (nothing.status_code, "Fil: Välj en fil." in nothing.text) == (422, True)
        answer = await client.post(FILE, files={"file": ("p.pdf", b"%PDF-1.7\x00")})
        assert answer.status_code == 415
        assert "<title>Fel: Personal från en fil" in answer.text
        assert (await client.get(f"{FILE}/mall.xlsx")).content.startswith(b"PK")


async def test_registrations_go_the_same_way(stack: Stack) -> None:
    async with running(stack, ["booking"]) as origin:
        now = datetime.now(UTC)
        world = await World.made(origin, FixedClock(now))
        person = await world.staff(municipality=NORA, personal_number=personal_number(7))
        session = await world.session(5, starts=now + 40 * DAY)
        client = browser(origin, Role.MUNICIPALITY, municipality=NORA)
        upload = await sent(client, f"Pnr,Tillfälle\n{personal_number(7)},{session}\n", "/boka/anmalningar/fil")
        await client.post(f"{upload}/kolumner", data=columns(await client.get(f"{upload}/kolumner")))
        assert "Anmäl 1 person" in await finished(client, f"{upload}/kontroll")
        await client.post(f"{upload}/kontroll", data={})
        assert "1 rad sparades." in await finished(client, f"{upload}/klart")
        (registered,) = ok(await client.get(f"/booking/v1/registrations?session={session}"))["items"]
        assert (registered["staff"], registered["status"]) == (person, "confirmed")
