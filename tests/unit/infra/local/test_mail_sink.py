"""The mail sink keeps what is sent, and shows it."""

import smtplib
from asyncio import to_thread
from email.message import EmailMessage
from pathlib import Path

import httpx2
from starlette.applications import Starlette

from infra.local import mail_sink
from infra.local.process import free_port


def send(port: int) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "kursnav@example.se",
        "chef@example.se",
        "Kallelse: förflyttning",
    )
    message.set_content("Välkommen")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="kallelse.ics")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.send_message(message)


async def test_a_sent_mail_is_listed_and_shown_with_its_parts(tmp_path: Path) -> None:
    port = free_port()
    server = await mail_sink.start(tmp_path, port)
    await to_thread(send, port)
    server.close()
    transport = httpx2.ASGITransport(Starlette(routes=mail_sink.routes(tmp_path)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
        [listed] = (await client.get("/dev/mail", params={"to": "chef@"})).json()["items"]
        others = (await client.get("/dev/mail", params={"to": "nobody@"})).json()["items"]
        shown = (await client.get(f"/dev/mail/{listed['id']}")).json()
    assert listed["subject"] == "Kallelse: förflyttning"
    assert others == []
    assert shown == listed
    assert (shown["text"].strip(), shown["calendar"].strip()) == ("Välkommen", "BEGIN:VCALENDAR")
    assert [path.suffix for path in tmp_path.iterdir()] == [".eml"]


async def test_an_id_that_is_a_path_finds_nothing(tmp_path: Path) -> None:
    transport = httpx2.ASGITransport(Starlette(routes=mail_sink.routes(tmp_path)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://kursnav.test") as client:
        assert (await client.get("/dev/mail/..%2Fsecrets")).status_code == 404
