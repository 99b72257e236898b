"""A mail's bytes, read back as a mail program reads them, beside those that the standard library would write."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from typing import Any

import pytest

from shared.mail.message import Calendar, Mail, Sender, written
from shared.mail.sending import UNUSABLE

AT = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
SENDER = Sender("Kursnämnden i Örebro <kursnav@example.se>")
CALENDAR = Calendar("REQUEST", "BEGIN:VCALENDAR\r\nSUMMARY:Förflyttning\r\nEND:VCALENDAR\r\n".encode())
TEXT = "Kallelse: Grundkurs\n\n.\nPlats: Åsa  \n=41 är inte A\n" + "långt ord " * 30 + "\n"
HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "MIME-Version")


def mail(**fields: Any) -> Mail:
    html = f"<p>{TEXT}</p>\n"
    usual = Mail("k/1", "test", "a.b+c@example.se", "participant", "sv", "Kallelse", TEXT, html, AT, CALENDAR)
    return replace(usual, **fields)


def of_the_library(one: Mail) -> EmailMessage:
    """The same mail, composed by `email.message`."""
    message = EmailMessage(policy=policy.SMTPUTF8)
    local, _, domain = (one.to or "").rpartition("@")
    message["From"] = Address("Kursnämnden i Örebro", addr_spec="kursnav@example.se")
    message["To"] = Address(username=local, domain=domain)
    message["Subject"], message["Date"] = one.subject, AT
    message["Message-ID"], message["Auto-Submitted"] = f"<{one.id}@example.se>", "auto-generated"
    message.set_content(one.text, cte="quoted-printable")
    message.add_alternative(one.html, subtype="html", cte="quoted-printable")
    if one.calendar is not None:
        content, method = one.calendar.content.decode(), {"method": one.calendar.method}
        message.add_alternative(content, subtype="calendar", cte="base64", params=method)
    message["Content-Language"] = one.language  # of the whole: set before, the library would give it to the first part
    return message


def read(content: bytes) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    message = message_from_bytes(content, policy=policy.default)
    parts = [_part(part) for part in message.iter_parts()]
    return {name: str(message[name]) for name in HEADERS} | {"type": message.get_content_type()}, parts


def _part(part: MIMEPart) -> tuple[Any, ...]:
    parameters = dict(part["Content-Type"].params)
    return part.get_content_type(), parameters, part["Content-Transfer-Encoding"], part.get_payload(decode=True)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"calendar": None},
        {"subject": "Påminnelse: förflyttningskunskap för nya medarbetare i hemtjänsten, del två av fyra, i Örebro"},
        {"subject": "An English subject that is so long that it has to be folded before it comes to its very end"},
        {"to": "åsa@örebro.example"},
        {"to": '"a b"@example.se'},
        {"text": "\r\n\r\nett\rtvå\u2028tre\x0bfyra\n", "html": "<p>utan radslut</p>"},
    ],
)
def test_it_is_what_the_library_would_have_written(changed: dict[str, Any]) -> None:
    one = mail(**changed)
    assert read(written(one, SENDER, AT)) == read(bytes(of_the_library(one)))


def test_lines_are_no_longer_than_smtp_takes_and_end_as_it_wants_them() -> None:
    content = written(mail(subject="Kallelse till en kurs med ett långt namn " * 3), SENDER, AT)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 100
    assert content.isascii()


def test_the_same_mail_has_the_same_bytes() -> None:
    assert written(mail(), SENDER, AT) == written(mail(), SENDER, AT)


@pytest.mark.parametrize("field", ["subject", "to"])
def test_no_text_begins_a_header_of_its_own(field: str) -> None:
    with pytest.raises(UNUSABLE):
        written(mail(**{field: "a@example.se\r\nBcc: b@example.se"}), SENDER, AT)
